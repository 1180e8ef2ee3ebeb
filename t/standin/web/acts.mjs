/*
 * What is done to a message that is there: WAWebSendReactionMsgAction,
 * WAWebSendMessageEditAction, WAWebChatSendMessages, WAWebRevokeMsgAction,
 * WAWebRevoke and WAWebChatForwardMessage, read in 2.3000.1044822804. A
 * revoked message goes by the id of the revoke from then on.
 */

import { takeReaction } from './addons.mjs';
import { define } from './define.mjs';
import { Cmd } from './bus.mjs';
import { openChat } from './chats.mjs';
import { currentMe, MsgKey } from './ids.mjs';
import { CONTENT, hasMedia, Msg, save } from './messages.mjs';
import { revoke } from './process.mjs';
import { isMigrated } from './session.mjs';
import { sendAddon, sendMsgChatAction, sendMsgRecord } from './sending.mjs';

const EDIT_WINDOW = 20 * 60;                                  /* seconds */
const CAPTIONED = ['image', 'video', 'document'];
const NOT_FORWARDED = [
    'caption', 'quotedKey', 'latestEditMsgKey', 'isSendFailure',
];


/* who the account is in a chat, which goes by numbers or by lids */
function meIn(wid) {
    const { pn, lid } = currentMe();
    const { groupMetadata } = openChat(wid);

    return wid.isLid() || (groupMetadata && groupMetadata.isLidAddressingMode)
           || (wid.isGroup() && isMigrated()) ? lid : pn;
}


async function newKey(wid) {
    return new MsgKey({
        fromMe: true,
        remote: wid,
        id: await MsgKey.newId(),
        participant: wid.isGroup() ? meIn(wid) : undefined,
    });
}


/* resolves when the server has taken it, else rejects */
async function sendReactionToMsg(msg, text) {
    const chat = msg.id.remote;
    const id = String(await newKey(chat));
    const result = await sendAddon({
        kind: 'reaction',
        id,
        chat: String(chat),
        target: String(msg.id),
        body: text,
    }, chat);

    if (result.messageSendResult !== 'OK') {
        throw new Error('Reaction send error');
    }

    await takeReaction({
        id, target: String(msg.id), emoji: text, time: Date.now(),
        author: String(meIn(chat)), isOwn: true,
    });
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


/* a failure is not thrown: the message is marked; a blocked chat rejects */
async function addAndSendMessageEdit(msg, data) {
    const member = msg.type === 'chat' ? 'body' : 'caption';

    msg[member] = data[member];
    msg.latestEditMsgKey = data.id;

    const result = await sendAddon({
        kind: 'edit',
        id: String(data.id),
        chat: String(data.to),
        target: String(data.protocolMessageKey),
        body: data[member],
        sentAt: data.latestEditSenderTimestampMs,
    }, msg.id.remote);

    msg.isSendFailure = result.messageSendResult !== 'OK';
    save(msg);
}


/* ==== deletion for everyone ==== */

async function sendRevoke(msg) {
    const chat = msg.id.remote;
    const key = await newKey(chat);
    const record = new Msg({
        id: key,
        from: meIn(chat),
        to: chat,
        type: 'protocol',
        subtype: msg.id.fromMe ? 'sender_revoke' : 'admin_revoke',
        protocolMessageKey: msg.id,
        t: Math.floor(Date.now() / 1000),
        ack: 0,
    });
    const result = await sendMsgRecord(record, {
        type: 'send',
        kind: 'revoke',
        id: String(key),
        chat: String(chat),
        target: String(msg.id),
    });

    if (result.messageSendResult === 'OK') {
        revoke(msg, {
            msgKey: key,
            subtype: record.subtype,
            sender: record.from,
            revokeTimestamp: record.t,
        });
    }

    return { messageSendResult: result.messageSendResult };
}


/* as the user interface of the real application does it */
function onRevoke(chat, record) {
    for (const msg of record.list) {
        sendRevoke(msg).catch(() => {});
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
            if (hasMedia(msg)) {
                failed.push(msg);
            }
        }
    }

    return failed;
}


async function forward(chat, msg, includeCaption) {
    const data = {
        id: await newKey(chat.id),
        from: meIn(chat.id),
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

    await Promise.all(sendMsgChatAction.addAndSendMsgToChat(chat, data));
}


export function defineActs() {
    Cmd.on('send_revoke_msgs', onRevoke);

    define('WAWebSendReactionMsgAction', { sendReactionToMsg });
    define('WAWebRevokeMsgAction', {
        sendRevoke: ({ data }, type, clearMedia) => sendRevoke(
            data, type, clearMedia),
    });
    define('WAWebMsgActionCapability', capability);
    define('WAWebSendMessageEditAction', { addAndSendMessageEdit });
    define('WAWebChatForwardMessage', { forwardMessages });
}
