/*
 * Sending: WAWebSendMsgChatAction, WAWebSendMsgRecordAction,
 * WAWebSendMsgJob, read in 2.3000.1044822804. Messages of a chat leave in
 * their order, after the offline messages are in; what has no answer is sent
 * again when the connection comes back (comms.mjs), but not after a reload.
 */

import { define, options } from './define.mjs';
import { BackendEventBus, Cmd } from './bus.mjs';
import { blocklist } from './blocklist.mjs';
import { contacts, chats, openChat } from './chats.mjs';
import { comms, defineComms } from './comms.mjs';
import {
    ACK, fromRecord, messages, Msg, save, toRecord,
} from './messages.mjs';
import { unreadChatAction } from './presence.mjs';
import * as store from './store.mjs';

const SendMsgResult = Object.fromEntries([
    'OK', 'ERROR_NETWORK', 'ERROR_EXPIRED', 'ERROR_CANCELLED', 'ERROR_UPLOAD',
    'ERROR_UNKNOWN', 'ERROR_RATE_LIMIT',
].map((name) => [name, name]));

/* the server's code for "too many new chats this month" */
const NEW_CHATS_CAPPED = 475;

/* a number that grows with every message, also over reloads */
let lastOrder = Date.now();


/* the server refuses; WAWebHandleMsgError's */
class MessageSentAckError extends Error {
    constructor(code) {
        super('message sent ack error');
        this.name = 'MessageSentAckError';
        this.ackErrorCode = code;
    }
}


class ContactBlockedError extends Error {
    constructor(message, contact) {
        super(message);
        this.name = 'ContactBlocked';
        this.contact = contact;
    }
}


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


/* a file that came is forwarded by its place on the server */
function mediaOf({ caption, filename, upload, directPath }) {
    return {
        media: {
            caption, filename, upload: upload || directPath.split('/').pop(),
        },
    };
}


/* ==== to the server ==== */

async function offlineDeliveryEnd() {
    while (!BackendEventBus.isOfflineDeliveryEnd) {
        await new Promise((resolve) => {
            BackendEventBus.once('offline_delivery_end', resolve);
        });
    }
}


/*
 * Resolves with the time when the server has taken the frame; rejects with
 * its refusal. record: what a later page needs to send it again.
 */
async function transmit(frame, record) {
    if (options.resend) {
        store.addToOutbox({ ...record, order: ++lastOrder, frame });
    }

    await offlineDeliveryEnd();

    return exchange(frame);
}


async function exchange(frame) {
    try {
        const { t, result, error } = await comms.sendAndReturnAck(frame);

        if (error !== undefined) {
            throw new MessageSentAckError(error);
        }

        return result ? { result } : { t, count: 1 };

    } finally {
        store.removeFromOutbox(frame.id);
    }
}


/* ==== a message's way ==== */

/* of a failure the message itself keeps less than the result says */
async function sendMessage(msg, frame) {
    try {
        const { result, t, count } = await transmit(frame, toRecord(msg));

        if (result) {
            throw Object.assign(new Error(result), { result });
        }

        return { t, count };

    } catch (e) {
        msg.isSendFailure = true;

        if (e instanceof MessageSentAckError) {
            msg.ack = ACK.FAILED;

            if (e.ackErrorCode === NEW_CHATS_CAPPED) {
                Cmd.newChatMessageCappingStateChange();
            }
        }

        save(msg);
        throw e;
    }
}


/*
 * Whatever is sent to a chat marks it as read; nothing is sent to whom the
 * account blocks, but what takes something back.
 */
function beforeSending(to, takesBack) {
    const chat = chats.get(to) || openChat(to);

    if (!to.isGroup() && !takesBack && blocklist.get(to)) {
        throw new ContactBlockedError('Contact is blocked',
                                      contacts.get(to));
    }

    unreadChatAction.sendSeen({ chat, threadId: undefined });
}


/*
 * WAWebSendMsgRecordAction: resolves with what became of the message.
 * act: the frame of what is done to another message.
 */
export async function sendMsgRecord(msg, act) {
    beforeSending(msg.id.remote, Boolean(act && act.kind === 'revoke'));
    messages.trigger('new_msg_sent');

    try {
        const { t, count } = await sendMessage(msg, act || frameOf(msg));

        msg.updateAck(ACK.SENT);
        save(msg);

        return { messageSendResult: SendMsgResult.OK, t, count };

    } catch (e) {
        return e instanceof MessageSentAckError
            ? {
                messageSendResult: SendMsgResult.ERROR_UNKNOWN,
                ackErrorCode: e.ackErrorCode,
            }
            : { messageSendResult: e.result || SendMsgResult.ERROR_UNKNOWN };
    }
}


/* all others call it through the module */
const sendMsgRecordAction = {
    sendMsgRecord: (msg) => sendMsgRecord(msg),
};


/* what is no message of its own: a reaction, also an empty one, or an edit */
export async function sendAddon(act, to) {
    beforeSending(to, act.body === '');

    try {
        const { result } = await transmit({ type: 'send', ...act },
                                          { id: act.id });

        return { messageSendResult: result || SendMsgResult.OK };
    } catch (e) {
        return {
            messageSendResult: SendMsgResult.ERROR_UNKNOWN,
            ackErrorCode: e.ackErrorCode,
        };
    }
}


/*
 * Two promises: the message in its chat, and what became of it. `prepare`,
 * if given, makes the message ready; later ones of the chat wait for it.
 */
function addAndSendMsgToChat(chat, data, prepare) {
    const made = Promise.resolve(data).then((attributes) => {
        const [msg] = messages.add(new Msg(attributes));

        save(msg);
        return msg;
    });
    const added = chat.addQueue.enqueue(made).then(
        (msg) => chat.msgs.add(msg)[0]);
    const ready = prepare
        ? added.then(prepare).then(() => added) : added;

    return [
        added, chat.sendQueue.enqueue(ready).then(
            (msg) => sendMsgRecordAction.sendMsgRecord(msg)),
    ];
}

export const sendMsgChatAction = { addAndSendMsgToChat };


/*
 * Own messages without an ack stay without one, until a person sends them
 * again. With the option "resend" the page does that by itself.
 */
async function loadOutbox() {
    for (const { frame, order, ...record } of await store.readOutbox()) {
        const msg = record.type ? new Msg(fromRecord(record)) : null;

        lastOrder = Math.max(lastOrder, order);

        if (msg) {
            messages.add(msg);
            openChat(msg.id.remote).msgs.add(msg);
        }

        if (options.resend) {
            resendLater(frame, msg);
        } else {
            store.removeFromOutbox(frame.id);
        }
    }
}


async function resendLater(frame, msg) {
    let ack = ACK.SENT;

    await offlineDeliveryEnd();

    try {
        await exchange(frame);
    } catch (e) {
        ack = ACK.FAILED;
    }

    if (msg) {
        msg.updateAck(ack);
    }
}


export async function defineSending() {
    defineComms();
    await loadOutbox();

    define('WAWebSendMsgResultAction', { SendMsgResult });
    define('WAWebSendMsgChatAction', sendMsgChatAction);
    define('WAWebSendMsgRecordAction', sendMsgRecordAction);
    define('WAWebContactBlockedErrorAction', { default: ContactBlockedError });
    define('WAWebGetEphemeralFieldsMsgActionsUtils', {
        getEphemeralFields: (chat) => (chat.ephemeral || {}),
    });
    define('WATimeUtils', {
        unixTime: () => Math.floor(Date.now() / 1000),
        unixTimeMs: () => Date.now(),
    });
}
