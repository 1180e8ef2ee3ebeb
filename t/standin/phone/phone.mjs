/*
 * The phone for people: what the account has sent, and a line to answer as
 * any of the numbers. Everything from outside is shown as text, never markup.
 */

import { drawContent, element, summarize } from './content.mjs';

const POLL = 700;
const TICKS = { 1: '✓', 2: '✓✓', 3: '✓✓' };

const view = Object.fromEntries(
    ['account', 'answer', 'chats', 'code', 'link', 'messages', 'pair', 'scan',
     'text', 'title', 'trouble', 'unlink']
        .map((id) => [id, document.getElementById(id)]));

let revision = '';
let chats = [];
let current = null;
let picked = false;

/* by message id: what was drawn of it, so that a player plays on */
let drawn = new Map();


async function request(method, path, body) {
    const response = await fetch(path, {
        method,
        body: body && JSON.stringify(body),
    });
    const value = await response.json();

    if (!response.ok) {
        throw new Error(value.error);
    }

    return value;
}


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
        attempt(request('POST', 'api/read', { from: chat.number }));
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
    view.text.placeholder = `Answer as ${chat.name}`;
    view.answer.hidden = !chat.number;
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
        const text = JSON.stringify([message, quote]);
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
                                 message.ack === 3 ? 'read' : ''));
    }

    return note;
}


function nameOf(number) {
    const chat = chats.find((entry) => (
        [entry.number, entry.lid].includes(number)));

    return chat ? chat.name : number;
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
}


function linkText(state, qr) {
    if (qr) {
        return 'a page shows a QR code';
    }

    return state.pages.length > 0 ? 'not linked' : 'no page is open';
}


/* ==== running ==== */

async function attempt(promise) {
    try {
        await promise;
        view.trouble.textContent = '';
    } catch (e) {
        view.trouble.textContent = e.message;
    }
}


async function poll() {
    drawState(await request('GET', 'api/state'));

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


view.answer.addEventListener('submit', (event) => {
    const chat = chats.find((entry) => entry.wid === current);
    const body = view.text.value;

    event.preventDefault();
    view.text.value = '';
    attempt(request('POST', 'api/messages',
                    { from: chat.number, type: 'text', body }));
});
view.scan.addEventListener('click', () => {
    attempt(request('POST', 'api/scan', {}));
});
view.pair.addEventListener('submit', (event) => {
    const code = view.code.value;

    event.preventDefault();
    view.code.value = '';
    attempt(request('POST', 'api/pair', { code }));
});
view.unlink.addEventListener('click', () => {
    attempt(request('POST', 'api/logout', {}));
});

run();
