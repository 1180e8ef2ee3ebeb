/*
 * What the server tells of others, and of the account's own phone. All is
 * taken in the order in which it came; a message is on disk before anybody
 * hears of it, and the server hears that it was received last of all.
 * WAWebHandleMsgProcess, WAWebMessagePostprocessRenderable,
 * WAWebHandleSingleMsg, WAWebDBProcessEditProtocolMsgs and
 * WAWebHistoryMsgHandlerAction, read in 2.3000.1044822804.
 */

import { define } from './define.mjs';
import { hydrateVotes, takeReaction, takeVote } from './addons.mjs';
import { BackendEventBus } from './bus.mjs';
import { takeCall } from './calls.mjs';
import { addContact, chats, openChat } from './chats.mjs';
import { createWid, MsgKey } from './ids.mjs';
import { remember } from './lids.mjs';
import { link } from './link.mjs';
import {
    findData, findModel, fromRecord, messages, Msg, save, toRecord,
} from './messages.mjs';
import { parseMessage } from './parse.mjs';
import {
    editedMessages, keyAfterRevoke, singleMsg, updateMessageUI,
} from './process.mjs';
import { takeReceipt } from './receipts.mjs';
import * as store from './store.mjs';

/* put into a chat by WhatsApp itself, by another way than what people write */
const SYSTEM_ORIGINS = {
    gp2: 'handleGroupNotification',
    notification: 'handleGroupNotificationV2',
    notification_template: 'bizStateChangeNotification',
    e2e_notification: 'createChat',
    broadcast_notification: 'createChat',
};

const EDITABLE = ['chat', 'image', 'video', 'document'];

/* what of a chat is in memory when the page starts */
const RESTORED = 1;


/* ==== messages ==== */

function learnSender({ senderPn, senderLid, recipientPn, recipientLid, author,
                       chat, name, isOwn, isTwin })
{
    /* the twin of a message is one because its lid was not yet known */
    if (!isTwin) {
        remember(senderPn, senderLid);
        remember(recipientPn, recipientLid);
    }

    if (!isOwn && name) {
        addContact(author || chat, name);
    }
}


/* a message that is on disk already is no news, but for what was unreadable */
async function takeMessage(frame, isNew, msg) {
    learnSender(frame);

    const chatId = createWid(frame.chat);

    if (frame.resolves) {
        msg.rowId = (await findData(msg.id) || {}).rowId;
        store.writeMessage(toRecord(msg));
    } else if (!isNew) {
        return;
    }

    if (Object.hasOwn(SYSTEM_ORIGINS, frame.kind)) {
        await singleMsg.handleSingleMsg({
            chatId,
            newMsg: msg,
            handleSingleMsgOrigin: SYSTEM_ORIGINS[frame.kind],
        });
    } else {
        await (chatId.isUser() && openChat(chatId).announced);
        await updateMessageUI.updateUI({
            chatId, msg, isOffline: Boolean(frame.isOffline),
        });
    }
}


/* ==== edits and deletions ==== */

/* an edit is one of the author's, and newer than what was edited before */
async function takeEdit(frame) {
    const key = MsgKey.fromString(frame.target);
    const model = findModel(key);
    const data = model || await findData(key);

    if (!data || !EDITABLE.includes(data.type) || data.isForwarded
        || data.latestEditSenderTimestampMs > frame.time
        || data.id.fromMe !== Boolean(frame.isOwn))
    {
        return;
    }

    const latestEditMsgKey = MsgKey.fromString(frame.id);
    const editedMsgData = {
        latestEditMsgKey,
        latestEditSenderTimestampMs: frame.time,
        [data.type === 'chat' ? 'body' : 'caption']: frame.body,
    };
    const parentMsg = model || new Msg(data);
    const record = toRecord(parentMsg);

    store.writeMessage(toRecord(new Msg(
        { ...fromRecord(record), ...editedMsgData })));
    await editedMessages.updateEditedMessagesAction([{
        editedMsgData,
        parentMsg,
        protocolMsg: {
            id: latestEditMsgKey,
            type: 'protocol',
            subtype: 'message_edit',
            protocolMessageKey: parentMsg.id,
            ...senderOf(frame),
        },
        isLatest: true,
    }]);
}


/* what is not in memory changes on disk only */
async function takeRevoke(frame) {
    const target = MsgKey.fromString(frame.target);
    const data = findModel(target) ? null : await findData(target);
    const id = MsgKey.fromString(frame.id);
    const t = Math.floor(frame.time / 1000);

    if (data) {
        store.forgetMessage(String(data.id));
        save(new Msg({
            id: keyAfterRevoke(data.id, id),
            from: data.from,
            to: data.to,
            author: data.author,
            t: data.t,
            ack: data.ack,
            type: 'revoked',
            subtype: frame.subtype === 'admin_revoke' ? 'admin' : 'sender',
            protocolMessageKey: data.id,
            revokeSender: createWid(frame.author || frame.chat),
            revokeTimestamp: t,
            rowId: data.rowId,
        }));
    }

    await updateMessageUI.updateUI({
        chatId: createWid(frame.chat),
        msg: {
            id,
            type: 'protocol',
            kind: 'protocolRevoke',
            subtype: frame.subtype,
            protocolMessageKey: target,
            t,
            ...senderOf(frame),
        },
    });
}


function senderOf({ author, chat, isOwn }) {
    return {
        from: createWid(chat),
        to: createWid(chat),
        author: author ? createWid(author) : undefined,
        isOwn,
    };
}


/* ==== history ==== */

/*
 * Old messages, beside whatever else happens: into memory and onto the disk
 * at once, by chat
 */
async function takeHistory(frame) {
    const byChat = new Map();

    for (const one of frame.messages) {
        learnSender(one);
        byChat.set(one.chat, [...byChat.get(one.chat) || [], {
            ...parseMessage(one), isMdHistoryMsg: true,
        }]);
    }

    await Promise.all([...byChat].flatMap(([chat, found]) => [
        ...found.map((msg) => store.storeMessage(toRecord(msg))),
        messages.processMultipleMessages(
            createWid(chat), found, { add: 'last', isHistory: true },
            'historyMsgHandlerAction', null),
    ]));
}


/* the last messages of each chat, as they were when the page was left */
async function restoreChatsAndMessages() {
    for (const { id } of chats.getModelsArray()) {
        const found = (await store.readPlace(String(id),
                                             { count: RESTORED }))
            .map(fromRecord);

        if (found.length > 0) {
            await messages.processMultipleMessages(id, found.map(
                (msg) => Object.assign(msg, { invis: true })), {
                pendingMsgsDone: false,
                resume: false,
                add: 'last',
                isHistory: true,
            }, 'processPreviewMessageInChat');
            await hydrateVotes(found);
        }
    }
}


/* ==== in their order ==== */

const HANDLERS = {
    receipt: takeReceipt,
    reaction: takeReaction,
    vote: takeVote,
    edit: takeEdit,
    revoke: takeRevoke,
    call: takeCall,
    history: takeHistory,
};

let last = Promise.resolve();


function inOrder(run) {
    last = last.then(run).catch((e) => {
        console.error('stand-in: a frame was not taken', e);
    });

    return last;
}


/* what is written to disk while the one before is still being shown */
function takeLater(frame) {
    if (frame.type !== 'message') {
        inOrder(() => HANDLERS[frame.type](frame));
    } else {
        const msg = parseMessage(frame);
        const stored = frame.resolves
            ? Promise.resolve(false) : store.storeMessage(toRecord(msg));

        inOrder(async () => takeMessage(frame, await stored, msg));
    }

    inOrder(async () => {
        await store.flushHistory();
        link.send({ type: 'received', n: frame.n });
    });
}


export async function defineInbound() {
    await restoreChatsAndMessages();

    for (const type of ['message', ...Object.keys(HANDLERS)]) {
        link.on(`frame:${type}`, takeLater);
    }

    /* the end of what was missed comes when all of it is there */
    link.on('frame:offline_end',
            () => inOrder(() => BackendEventBus.triggerOfflineDeliveryEnd()));

    define('WAWebRestoreChatsAndMessages', {
        restoreChatsAndMessages: () => restoreChatsAndMessages(),
    });
}
