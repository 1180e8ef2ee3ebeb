/*
 * What is written on the phone: a text, an edit, or any other kind of message
 * at a click, as one of the people of the chat or by the account's own phone.
 */

import { element } from './content.mjs';
import { post, request, attempt, upload } from './request.mjs';

const OWN = 'own';

const view = Object.fromEntries(
    ['answer', 'as', 'attach', 'drop', 'file', 'note', 'noted', 'text']
        .map((id) => [id, document.getElementById(id)]));

/* the chat that is shown, the people of it, and the account's number */
let chat = null;
let people = [];
let own = null;

/* what the text is about: {quoted} or {edited}, a message */
let about = {};


/* ==== who writes ==== */

export function showCompose(shown, members, number) {
    const changed = !chat || chat.wid !== shown.wid
        || people.length !== members.length;

    chat = shown;
    people = members;
    own = number;
    view.answer.hidden = members.length === 0;

    if (!changed) {
        return;
    }

    view.as.replaceChildren(
        ...people.map(({ name, number: id }) => new Option(name, id)),
        new Option('the account’s phone', OWN));
    forget();
    view.text.placeholder = `Write in “${chat.name}”`;
}


/* the number of who is chosen */
export function writer() {
    return view.as.value === OWN ? own : view.as.value;
}


/* from and where of a message */
function place() {
    const group = chat.wid.endsWith('@g.us') ? chat.wid : undefined;

    return view.as.value === OWN
        ? { from: own, group, to: group ? undefined
            : chat.number || chat.wid }
        : { from: view.as.value, group };
}


/* ==== what it is about ==== */

export function quote(message, summary) {
    about = { quoted: message };
    show(`Answering: ${summary}`);
}


export function edit(message, from) {
    about = { edited: message, from };
    view.text.value = message.body || message.caption || '';
    show('Changing a message');
}


function show(text) {
    view.noted.textContent = text;
    view.note.hidden = false;
    view.text.focus();
}


function forget() {
    about = {};
    view.note.hidden = true;
}


/* ==== what is sent ==== */

function send(message) {
    const { quoted } = about;

    forget();
    return post('messages', {
        ...place(), quoted: quoted && quoted.id, ...message,
    });
}


function takeText(otherwise) {
    const text = view.text.value.trim() || otherwise;

    view.text.value = '';
    return text;
}


function sendText() {
    const body = view.text.value;
    const { edited, from } = about;

    view.text.value = '';

    if (edited) {
        forget();
        post('edit', { from, target: edited.id, body });
    } else {
        send({ type: 'text', body });
    }
}


const KINDS = ['image', 'video', 'audio'];

async function sendFile(file) {
    const kind = file.type.split('/')[0];
    const type = file.type === 'image/webp' ? 'sticker'
        : KINDS.includes(kind) ? kind : 'document';

    await send({
        type,
        media: await upload(file),
        mime_type: file.type || undefined,
        filename: type === 'document' ? file.name : undefined,
        caption: takeText(),
        voice: type === 'audio' && /ogg/.test(file.type),
    });
}


/* a second of silence would need a codec: a file that is one by its name */
const SILENCE = () => new Blob(['OggS'], { type: 'audio/ogg; codecs=opus' });

/* at a click; the text, if there is one, is in it */
const ATTACHMENTS = {
    'Photo or file…': () => view.file.click(),
    'Voice message': async () => send({
        type: 'audio', voice: true, seconds: 1, media: await upload(
            SILENCE()),
    }),
    'View-once photo': async () => send({
        type: 'image', view_once: true, caption: takeText(),
        media: await upload(await drawPhoto()),
    }),
    Photo: async () => send({
        type: 'image', caption: takeText(),
        media: await upload(await drawPhoto()),
    }),
    'Expired document': async () => send({
        type: 'document', filename: 'gone.txt', expired: true,
        media: await upload(new Blob([String(Date.now())],
                                     { type: 'text/plain' })),
    }),
    Location: () => send({
        type: 'location', location: {
            latitude: 52.5163, longitude: 13.3777,
            name: takeText('Brandenburg Gate'), address: 'Berlin',
        },
    }),
    'Live location': () => send({
        type: 'location', location: {
            latitude: 52.5163, longitude: 13.3777, live: true,
            caption: takeText(''),
        },
    }),
    Contact: () => send({
        type: 'contacts', contacts: [
            { name: takeText('Heidi'), phone: '+1 555 000 0009' }],
    }),
    Poll: () => send({
        type: 'poll', poll: {
            name: takeText('Tea or coffee?'), options: ['Tea', 'Coffee'],
            selectable_count: 1,
        },
    }),
    'Button answer': () => send({
        type: 'buttons_response', reply: {
            id: 'yes', title: takeText('Yes') },
    }),
    'List answer': () => send({
        type: 'list_response', reply: {
            id: 'row-1', title: takeText('First'), description: 'of the list',
        },
    }),
    'Forwarded text': () => send({
        type: 'text', forwarded: true, body: takeText('Passed on') }),
    'Often forwarded text': () => send({
        type: 'text', forwarded: 7, body: takeText('Passed on') }),
    'Undecrypted at first': () => send({
        type: 'text', ciphertext: 2000, body: takeText('Came late') }),
    'Under number and lid': () => send({
        type: 'text', twin: true, body: takeText('Twice') }),
    'System message': () => send({
        type: 'system', system: {
            type: 'notification_template', subtype: 'blue_msg_self_premise',
        },
    }),
    'Of an unknown type': () => send({ type: 'unknown' }),
    'Status for all': () => send({
        type: 'text', status: true, body: takeText('Good morning') }),
    'A hundred messages': () => post('fault', {
        kind: 'flood', count: 100, from: writer() }),
    'Voice call': () => ring(false),
    'Video call': () => ring(true),
};


async function ring(video) {
    const { from, group } = place();
    const { id } = await request('POST', 'api/call', { from, group, video });

    /* nobody takes the call */
    setTimeout(() => post('call', { from, group, id }), 5000);
}


/* a picture that is different each time */
function drawPhoto() {
    const canvas = Object.assign(document.createElement('canvas'),
                                 { width: 320, height: 200 });
    const context = canvas.getContext('2d');

    context.fillStyle = `hsl(${Math.random() * 360} 60% 60%)`;
    context.fillRect(0, 0, 320, 200);
    context.fillStyle = '#fff';
    context.font = '24px sans-serif';
    context.fillText(new Date().toLocaleTimeString(), 110, 108);

    return new Promise((resolve) => {
        canvas.toBlob(resolve, 'image/jpeg');
    });
}


function makeMenu() {
    view.attach.lastElementChild.replaceChildren(
        ...Object.entries(ATTACHMENTS).map(([name, run]) => {
            const button = element('button', name);

            button.type = 'button';
            button.addEventListener('click', () => {
                view.attach.open = false;
                attempt(Promise.resolve().then(run));
            });

            return button;
        }));
}


makeMenu();
view.answer.addEventListener('submit', (event) => {
    event.preventDefault();
    sendText();
});
view.drop.addEventListener('click', forget);
view.file.addEventListener('change', () => {
    for (const file of view.file.files) {
        attempt(sendFile(file));
    }

    view.file.value = '';
});
