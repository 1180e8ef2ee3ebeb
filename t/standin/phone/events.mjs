/*
 * What the demo's receiver got by webhook, newest first, beside the phone.
 */

import { element } from './content.mjs';
import { request } from './request.mjs';

const MAX_SHOWN = 200;

const view = Object.fromEntries(
    ['events', 'received', 'show', 'watch']
        .map((id) => [id, document.getElementById(id)]));

let last = 0;

/* which one was opened because it is the newest, not by a click */
let newest = null;


/* a stand-in without a receiver has no command to watch events */
const hasReceiver = view.watch.textContent !== '';


/* what has come since the last call */
export async function showEvents() {
    if (!hasReceiver) {
        return;
    }

    const found = await request('GET', `hook/events?after=${last}`);

    /* the stand-in was started again */
    if (found.count < last) {
        last = 0;
    }

    view.show.textContent = `Events ${found.count}`;

    for (const event of found.events) {
        last = event.n;
        prepend(drawEvent(event));
    }

    while (view.received.childElementCount > MAX_SHOWN) {
        view.received.lastElementChild.remove();
    }
}


function prepend(node) {
    if (newest) {
        newest.open = false;
    }

    node.open = true;
    newest = node;
    view.received.prepend(node);
}


function drawEvent({ body, signed, time }) {
    const node = element('details', '', 'event');
    const summary = element('summary', '');
    const { title, text } = read(body);

    summary.append(
        element('b', title),
        element('small', new Date(time).toLocaleTimeString()),
        element('small', signed ? 'signature verified' : 'wrong signature',
                signed ? 'signed' : 'forged'));
    summary.addEventListener('click', () => {
        newest = newest === node ? null : newest;
    });
    node.append(summary, element('pre', text));

    return node;
}


/* anybody may post anything to a receiver */
function read(body) {
    try {
        const event = JSON.parse(body);

        return {
            title: describe(event), text: JSON.stringify(event, null, 2),
        };
    } catch (e) {
        return { title: 'not an event', text: body };
    }
}


/* such as "text from Alice", in the words of the event */
function describe({ entry: [{ changes: [{ value }] }] }) {
    const {
        messages: [message] = [], message_echoes: [echo] = [],
        statuses: [status] = [], calls: [call] = [], errors: [error] = [],
        contacts: [contact] = [],
    } = value;
    const from = contact ? ` from ${contact.profile.name}` : '';

    if (message) {
        return `${message.type}${from}`;
    }

    if (echo) {
        return `${echo.type}, written on the phone`;
    }

    if (status) {
        return `status: ${status.status}`;
    }

    return call ? `call${from}: ${call.event}`
        : `error ${error ? error.code : ''}`;
}


view.show.hidden = !hasReceiver;
view.events.hidden = !hasReceiver || matchMedia('(max-width: 70rem)').matches;
view.show.addEventListener('click', () => {
    view.events.hidden = !view.events.hidden;
});
