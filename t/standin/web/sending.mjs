/*
 * Sending, acks and receipts, and what others write. A message without an
 * ack stays in the outbox and is sent again under the same id whenever the
 * connection, or the page, comes back.
 */

import { define } from './define.mjs';
import { createWid, MsgKey } from './ids.mjs';
import { link } from './link.mjs';
import { addContact, openChat } from './chats.mjs';
import {
    ACK, fromRecord, messages, Msg, save, toRecord,
} from './messages.mjs';
import { currentLogin, Socket } from './session.mjs';
import * as store from './store.mjs';

const SendMsgResult = {
    OK: 'OK',
    ERROR_NETWORK: 'ERROR_NETWORK',
    ERROR_EXPIRED: 'ERROR_EXPIRED',
    ERROR_CANCELLED: 'ERROR_CANCELLED',
    ERROR_UPLOAD: 'ERROR_UPLOAD',
    ERROR_UNKNOWN: 'ERROR_UNKNOWN',
};

/* by message id: {msg, frame, resolve}, in the order of sending */
const unacked = new Map();

/* a number that grows with every message, also over reloads */
let lastOrder = Date.now();


function frameOf(msg) {
    return {
        type: 'send',
        id: String(msg.id),
        chat: String(msg.id.remote),
        kind: msg.type,
        body: msg.body,
        quoted: msg.quotedKey,
        forwarded: msg.isForwarded,
        mentions: msg.mentionedJidList && msg.mentionedJidList.map(String),
        ...(Object.hasOwn(CONTENTS, msg.type)
            ? CONTENTS[msg.type](msg) : undefined),
    };
}


/* what a server, which in truth sees none of this, is told of a type */
const CONTENTS = {
    image: mediaOf,
    video: mediaOf,
    audio: mediaOf,
    ptt: mediaOf,
    document: mediaOf,
    sticker: mediaOf,
    location: ({ lat, lng, loc, clientUrl }) => ({
        location: { lat, lng, loc, url: clientUrl },
    }),
    vcard: ({ body, vcardFormattedName }) => ({
        cards: [{ displayName: vcardFormattedName, vcard: body }],
    }),
    multi_vcard: ({ vcardList }) => ({ cards: vcardList }),
    poll_creation: (msg) => ({
        poll: {
            name: msg.pollName,
            options: msg.pollOptions.map(({ name }) => name),
            selectable: msg.pollSelectableOptionsCount,
        },
    }),
};


function mediaOf({ caption, filename, upload }) {
    return { media: { caption, filename, upload } };
}


function transmit(msg) {
    return transmitFrame(frameOf(msg), toRecord(msg), msg);
}


/* something that is no message of its own; resolves as a send does */
export function transmitAct(act) {
    return transmitFrame({ type: 'send', ...act }, { id: act.id }, null);
}


/* resolves when the server has answered */
function transmitFrame(frame, record, msg) {
    store.addToOutbox({ ...record, order: ++lastOrder, frame });

    return new Promise((resolve) => {
        unacked.set(frame.id, { msg, frame, resolve });

        if (canTransmit()) {
            link.send(frame);
        }
    });
}


/* not before the server has accepted the login, nor in a paused tab */
function canTransmit() {
    return Socket.state === 'CONNECTED' && Socket.stream === 'CONNECTED';
}


/*
 * wa-js waits for both: the message in the chat, and the server's answer.
 * `prepare`, if given, makes the message ready; false: it could not.
 */
export async function addAndSendMsgToChat(chat, data, prepare) {
    const msg = new Msg(data);

    messages.add(msg);
    chat.msgs.add(msg);
    save(msg);

    return [
        Promise.resolve(msg),
        prepare ? prepareAndTransmit(msg, prepare) : transmit(msg),
    ];
}


async function prepareAndTransmit(msg, prepare) {
    if (await prepare(msg)) {
        return transmit(msg);
    }

    msg.ack = ACK.FAILED;
    save(msg);

    return { messageSendResult: SendMsgResult.ERROR_UPLOAD };
}


function onAck(frame) {
    const entry = unacked.get(frame.id);

    /* the ack of a message that was sent twice */
    if (!entry) {
        return;
    }

    const { msg, resolve } = entry;
    const failed = frame.error !== undefined;

    unacked.delete(frame.id);
    store.removeFromOutbox(frame.id);

    if (msg) {
        msg.ack = failed ? ACK.FAILED : ACK.SENT;
        save(msg);
    }

    resolve({
        messageSendResult: failed
            ? SendMsgResult.ERROR_UNKNOWN : SendMsgResult.OK,
        t: frame.t,
    });
}


function resend() {
    if (!canTransmit()) {
        return;
    }

    for (const { frame } of unacked.values()) {
        link.send(frame);
    }
}


async function loadOutbox() {
    for (const { frame, order, ...record } of await store.readOutbox()) {
        const msg = record.type ? fromRecord(record) : null;

        lastOrder = Math.max(lastOrder, order);

        if (msg) {
            messages.add(msg);
            openChat(frame.chat).msgs.add(msg);
        }

        unacked.set(frame.id, { msg, frame, resolve() {} });
    }
}


/* ==== from others ==== */

const directReceipt = {
    async handleChatSimpleReceipt({ from, externalIds, ack }) {
        for (const id of externalIds) {
            const msg = messages.get(
                new MsgKey({ fromMe: true, remote: from, id }));

            if (msg && msg.ack < ack) {
                msg.ack = ack;
                save(msg);
            }
        }
    },
};


function onReceipt(frame) {
    const key = MsgKey.fromString(frame.id);

    directReceipt.handleChatSimpleReceipt({
        from: key.remote,
        externalIds: [key.id],
        ack: frame.ack,
        ackString: frame.ack >= ACK.READ ? 'read' : 'delivery',
        ts: Math.floor(Date.now() / 1000),
    });
}


function onMessage(frame) {
    const from = createWid(frame.from);
    const chat = openChat(from);
    const msg = new Msg({
        id: MsgKey.fromString(frame.id),
        from,
        author: frame.author && createWid(frame.author),
        to: createWid(currentLogin().wid),
        self: 'in',
        type: 'chat',
        body: frame.body,
        t: frame.t,
        ack: ACK.RECEIVED,
        isNewMsg: true,
        notifyName: frame.name,
    });

    /* already here: the server had not yet heard that it was received */
    if (!messages.get(msg.id)) {
        addContact(frame.author || frame.from, frame.name);
        chat.unreadCount++;
        chat.msgs.add(msg);
        messages.add(msg);
        save(msg);
    }

    link.send({ type: 'received', id: frame.id });
}


export async function defineSending() {
    await loadOutbox();

    link.on('frame:ack', onAck);
    link.on('frame:receipt', onReceipt);
    link.on('frame:message', onMessage);
    Socket.on('change:stream change:state', resend);

    define('WAWebSendMsgResultAction', { SendMsgResult });
    define('WAWebSendMsgChatAction', { addAndSendMsgToChat });
    define('WAWebGetEphemeralFieldsMsgActionsUtils', {
        getEphemeralFields: () => ({}),
    });
    define('WATimeUtils', {
        unixTime: () => Math.floor(Date.now() / 1000),
    });
    define('WAWebHandleDirectChatReceipt', directReceipt);
}
