/*
 * What is done to a message that is there: reactions, edits, deletion for
 * everyone, forwarding.
 */

import { define } from './define.mjs';
import { createWid, MsgKey } from './ids.mjs';
import { CONTENT, save } from './messages.mjs';
import { addAndSendMsgToChat, transmitAct } from './sending.mjs';
import { Cmd, currentLogin } from './session.mjs';

const EDIT_WINDOW = 20 * 60;                                  /* seconds */
const CAPTIONED = ['image', 'video', 'document'];
const NOT_FORWARDED = ['caption', 'quotedKey', 'latestEditMsgKey'];


async function newKey(chat) {
    const lid = createWid(currentLogin().lid);

    return new MsgKey({
        fromMe: true,
        remote: chat,
        id: await MsgKey.newId(),
        participant: chat.isGroup() ? lid : undefined,
    });
}


/* resolves when the server has taken it, else rejects */
async function sendReactionToMsg(msg, text) {
    const chat = msg.id.remote;
    const result = await transmitAct({
        kind: 'reaction',
        id: String(await newKey(chat)),
        chat: String(chat),
        target: String(msg.id),
        body: text,
    });

    if (result.messageSendResult !== 'OK') {
        throw new Error('Reaction send error');
    }
}


/* ==== edits ==== */

function isRecentOwn(msg) {
    return msg.id.fromMe && msg.t > Date.now() / 1000 - EDIT_WINDOW;
}


const capability = {
    canEditText: (msg) => isRecentOwn(msg) && msg.type === 'chat',
    canEditCaption: (msg) => isRecentOwn(msg) && CAPTIONED.includes(msg.type),
    canSenderRevokeMsg: (msg) => msg.id.fromMe && msg.type !== 'revoked',
    canAdminRevokeMsg: (msg) => msg.id.remote.isGroup(),
};


/* a failure is not thrown: the message is marked */
async function addAndSendMessageEdit(msg, data) {
    const member = msg.type === 'chat' ? 'body' : 'caption';

    msg[member] = data[member];
    msg.latestEditMsgKey = data.id;

    const result = await transmitAct({
        kind: 'edit',
        id: String(data.id),
        chat: String(data.to),
        target: String(data.protocolMessageKey),
        body: data[member],
    });

    msg.isSendFailure = result.messageSendResult !== 'OK';
    save(msg);
}


/* ==== deletion for everyone ==== */

async function sendRevoke(msg) {
    const chat = msg.id.remote;
    const result = await transmitAct({
        kind: 'revoke',
        id: String(await newKey(chat)),
        chat: String(chat),
        target: String(msg.id),
    });

    if (result.messageSendResult === 'OK') {
        for (const name of CONTENT) {
            msg[name] = undefined;
        }

        msg.type = 'revoked';
        save(msg);
    }

    return result;
}


/* as the user interface of the real application does it */
function onRevoke(chat, record) {
    for (const msg of record.list) {
        sendRevoke(msg);
    }
}


/* ==== forwarding ==== */

/* the messages with media that failed; other failures go unsaid */
async function forwardMessages({ chat, msgs, includeCaption }) {
    const failed = [];

    for (const msg of msgs) {
        try {
            await forward(chat, msg, includeCaption);
        } catch (e) {
            if (msg.upload) {
                failed.push(msg);
            }
        }
    }

    return failed;
}


async function forward(chat, msg, includeCaption) {
    const data = {
        id: await newKey(chat.id),
        from: createWid(currentLogin().wid),
        to: chat.id,
        self: 'out',
        type: msg.type,
        t: Math.floor(Date.now() / 1000),
        ack: 0,
        isNewMsg: true,
        isForwarded: true,
        forwardedFromWeb: true,
    };

    for (const name of CONTENT) {
        if (msg[name] !== undefined && !NOT_FORWARDED.includes(name)) {
            data[name] = msg[name];
        }
    }

    if (includeCaption && msg.caption !== undefined) {
        data.caption = msg.caption;
    }

    await Promise.all(await addAndSendMsgToChat(chat, data));
}


export function defineActs() {
    Cmd.on('send_revoke_msgs', onRevoke);

    define('WAWebSendReactionMsgAction', { sendReactionToMsg });
    define('WAWebMsgActionCapability', capability);
    define('WAWebSendMessageEditAction', { addAndSendMessageEdit });
    define('WAWebChatForwardMessage', { forwardMessages });
}
