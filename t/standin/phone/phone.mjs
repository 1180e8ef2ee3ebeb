/*
 * The phone for people: what the account has sent, and a line to answer as
 * any of the numbers. Everything from outside is shown as text, never markup.
 */

import { drawActions, makeVotes } from './actions.mjs';
import { showCompose } from './compose.mjs';
import { drawContent, element, summarize } from './content.mjs';
import { showEvents } from './events.mjs';
import { showModes } from './modes.mjs';
import { attempt, post, request } from './request.mjs';

const POLL = 700;
const TICKS = { '-6': '✕', '-3': '✕', 1: '✓', 2: '✓✓', 3: '✓✓', 4: '✓✓' };

const view = Object.fromEntries(
    ['account', 'chats', 'code', 'link', 'messages', 'pair', 'scan', 'title',
     'unlink']
        .map((id) => [id, document.getElementById(id)]));

let revision = '';
let chats = [];
let current = null;
let picked = false;

/* the message that was clicked, and the account's number */
let selected = null;
let own = null;

/* by message id: what was drawn of it, so that a player plays on */
let drawn = new Map();


function formatNumber(number) {
    return number.replace(/^1(\d{3})(\d{3})(\d{4})$/, '+1 $1 $2 $3')
        .replace(/^(?=\d)/, '+');
}


/* ==== chats ==== */

function drawChats() {
    view.chats.replaceChildren(...chats.map((chat) => {
        const button = element('button', chat.name);
        const last = chat.messages[chat.messages.length - 1];

        button.type = 'button';
        button.setAttribute('aria-current', String(chat.wid === current));
        button.append(element('small', describe(chat, last)));
        button.addEventListener('click', () => {
            current = chat.wid;
            picked = true;
            draw();
            markRead(chat);
        });

        return button;
    }));
}


function describe(chat, last) {
    if (chat.typing) {
        return 'the account is typing…';
    }

    if (last) {
        return summarize(last);
    }

    return chat.number ? formatNumber(chat.number) : '';
}


/* whoever looks at a chat has read it */
function markRead(chat) {
    const unread = chat.messages.some((message) => message.ack < 3);

    if (chat.number && unread && !document.hidden) {
        post('read', { from: chat.number });
    }
}


/* ==== messages ==== */

function drawMessages(chat) {
    const byId = new Map(
        chat.messages.map((message) => [message.id, message]));
    const list = view.messages;
    const atEnd = list.scrollTop + list.clientHeight
                  >= list.scrollHeight - 40;

    view.title.textContent = chat.number
        ? `${chat.name}, ${formatNumber(chat.number)}` : chat.name;
    showCompose(chat, membersOf(chat), own);
    showMessages(list, chat.messages, byId);

    if (atEnd) {
        list.scrollTop = list.scrollHeight;
    }
}


/* what has not changed stays as it is */
function showMessages(list, messages, byId) {
    const before = drawn;

    drawn = new Map();

    for (const message of messages) {
        const quoted = message.quoted && byId.get(message.quoted);
        const quote = quoted ? summarize(quoted) : 'a message';
        const text = JSON.stringify(
            [message, quote, message.id === selected]);
        const old = before.get(message.id);
        const node = old && old.text === text
            ? old.node : drawMessage(message, quote);

        drawn.set(message.id, { text, node });
    }

    list.replaceChildren(...[...drawn.values()].map(({ node }) => node));
}


function drawMessage(message, quote) {
    const sent = message.ack !== undefined;
    const item = element('li', '', `${sent ? 'out ' : ''}${message.type}`);

    if (message.group) {
        item.append(element('span', nameOf(message.from), 'kind'));
    }

    if (message.forwarded) {
        item.append(element('span', '↪ Forwarded', 'kind'));
    }

    if (message.quoted) {
        item.append(element('blockquote', quote));
    }

    item.append(...drawContent(message, nameOf), noteOf(message, sent));
    item.addEventListener('click', () => {
        selected = selected === message.id ? null : message.id;
        draw();
    });

    if (message.poll) {
        makeVotes(item, message);
    }

    if (message.id === selected) {
        item.append(drawActions(message, own));
    }

    if (message.reactions.length > 0) {
        item.append(element('span', message.reactions.map(
            ({ emoji }) => emoji).join(' '), 'reactions'));
    }

    return item;
}


function noteOf(message, sent) {
    const note = element('small', '', 'note');

    if (message.edits.length > 0 && !message.revoked) {
        note.append('Edited ');
    }

    note.append(new Date(message.time).toLocaleTimeString());

    if (message.frames > 1) {
        note.append(` arrived ${message.frames} times`);
    }

    if (sent) {
        note.append(' ', element('span', TICKS[message.ack],
                                 message.ack >= 3 ? 'read' : ''));
    }

    return note;
}


function nameOf(number) {
    const chat = chats.find((entry) => (
        [entry.number, entry.lid].includes(number)));

    return chat ? chat.name : number;
}


/* who can write in a chat, beside the account */
function membersOf({ name, number, members }) {
    return members || [{ name, number }];
}


/* the chat with the latest message is the one that people want to see */
function chooseChat() {
    const lastTime = (chat) => Math.max(
        0, ...chat.messages.map((message) => message.time));

    return chats.reduce((a, b) => (lastTime(b) > lastTime(a) ? b : a)).wid;
}


function draw() {
    drawChats();
    drawMessages(chats.find((chat) => chat.wid === current));
}


/* ==== the account ==== */

function drawState(state) {
    const qr = state.pages.some((page) => page.qr);

    view.account.textContent = `${state.name}, ${formatNumber(state.number)}`;
    view.link.textContent = state.linked ? 'linked' : linkText(state, qr);
    view.scan.hidden = !qr;
    view.pair.hidden = !state.pages.some((page) => page.pairing);
    view.unlink.hidden = !state.linked;
    own = state.number;
    showModes(state.play);
}


function linkText(state, qr) {
    if (qr) {
        return 'a page shows a QR code';
    }

    return state.pages.length > 0 ? 'not linked' : 'no page is open';
}


/* ==== running ==== */

async function poll() {
    drawState(await request('GET', 'api/state'));
    await showEvents();

    const found = await request('GET', `api/chats?revision=${revision}`);

    if (!found.chats) {
        return;
    }

    revision = found.revision;
    chats = found.chats;

    /* until somebody has picked a chat, the latest one is shown */
    if (!picked) {
        current = chooseChat();
    }

    draw();
    markRead(chats.find((chat) => chat.wid === current));
}


async function run() {
    await attempt(poll());
    setTimeout(run, POLL);
}


view.scan.addEventListener('click', () => {
    post('scan', {});
});
view.pair.addEventListener('submit', (event) => {
    const code = view.code.value;

    event.preventDefault();
    view.code.value = '';
    post('pair', { code });
});
view.unlink.addEventListener('click', () => {
    post('logout', {});
});

run();
