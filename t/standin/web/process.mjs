/*
 * How messages get into the page's collections, whether they come from the
 * server or from the disk: WAWebProcessMultipleMsgsAction,
 * WAWebGetMsgUpdatesActionsUtils, WAWebUpdateMessageUIAction,
 * WAWebUpdateEditedMessagesAction, WAWebRevokeMsgAction, WAWebRevoke and
 * WAWebCreateChat, read in 2.3000.1044822804.
 */

import { define } from './define.mjs';
import { chats, openChat, selectChat } from './chats.mjs';
import { currentMe, MsgKey } from './ids.mjs';
import { isSamePerson } from './lids.mjs';
import { Collection, Model } from './model.mjs';
import {
    CONTENT, createMessages, findModel, isUnreadType, messages, Msg,
    processing, save, toRecord,
} from './messages.mjs';
import * as store from './store.mjs';

/* a revoked message loses these as well as its content */
const REVOKED = ['quotedMsg', 'quotedStanzaID', 'quotedRemoteJid',
    'quotedParticipant', 'forwardingScore'];
const REVOKES = ['sender_revoke', 'admin_revoke'];

/* protocol messages that are messages, all the same */
const SHOWN_PROTOCOL = ['ephemeral_setting', 'share_phone_number'];


/* ==== where messages are ==== */

class Status extends Model {
    constructor(attributes) {
        super(attributes);
        this.msgs = createMessages();
    }
}

class StatusCollectionImpl extends Collection {
    constructor() {
        super(Status);
    }

    async find(id) {
        return this.get(id) || this.add({ id })[0];
    }
}

/* what people show all their contacts is in no chat */
const statuses = new StatusCollectionImpl();

class Newsletter extends Status {}

const newsletters = new Collection(Newsletter);


/* the chat, status or channel of this id; made if there is none */
async function targetOf(chatId, msg, { isHistory }) {
    if (chatId.isStatus()) {
        return statuses.find(msg.author);
    }

    return chatId.isNewsletter()
        ? newsletters.get(chatId) || newsletters.add({ id: chatId })[0]
        : openChat(chatId, { isHistory });
}


/* ==== what is there already ==== */

/* the records that are not, and what changes those that are */
function getMsgUpdates(found, meta) {
    const added = [];
    const updates = [];

    for (const record of found) {
        const known = messages.get(record.id);

        if (record.type === 'protocol'
            && !SHOWN_PROTOCOL.includes(record.subtype))
        {
            takeProtocol(record);
        } else if (known && known.type !== 'revoked') {
            updates.push(updateOf(known, record, meta));
        } else if (!known && meta.update !== true) {
            added.push(meta.add === 'search'
                ? withSearch(record) : record);
        }
    }

    return { added, updates };
}


function withSearch(record) {
    record.search = true;

    return record;
}


/* a message that is there keeps the higher ack, and its place */
function updateOf(known, record, meta) {
    const values = { ...record };

    for (const name of Object.keys(values)) {
        if (values[name] === undefined) {
            delete values[name];
        }
    }

    if (values.ack < known.ack) {
        delete values.ack;
    }

    if (meta.isHistory === true) {
        values.isNewMsg = false;
    }

    for (const name of ['t', 'id', 'from', 'to']) {
        delete values[name];
    }

    return known.applyUpdate(values);
}


/* a deletion for everyone; only a message in memory changes */
function takeProtocol(record) {
    const msg = REVOKES.includes(record.subtype)
        && findModel(record.protocolMessageKey);

    if (!msg || (record.subtype === 'sender_revoke'
                 && !isSender(msg, record)))
    {
        return;
    }

    revoke(msg, {
        msgKey: record.id,
        subtype: record.subtype,
        sender: senderOf(record),
        revokeTimestamp: record.t,
    });
}


export function senderOf({ author, from }) {
    return author || from;
}


function isSender(msg, record) {
    return msg.id.fromMe === record.id.fromMe && (msg.id.fromMe
        || isSamePerson(senderOf(msg), senderOf(record)));
}


/* ==== into the collections ==== */

/*
 * Resolves with the models when all have been added; chatMsgs: a collection,
 * or what gives it, in the place of the chat's own
 */
async function processMultipleMessages(chatId, found, meta, origin, chatMsgs)
{
    const { added, updates } = getMsgUpdates(found, meta);

    await Promise.all(updates);

    const models = added.length > 0
        ? messages.add(added.map((data) => new Msg(data))) : [];

    if (chatId && models.length > 0) {
        const chat = await targetOf(chatId, models[0], meta);
        const shown = typeof chatMsgs === 'function' ? chatMsgs() : chatMsgs;

        (shown || chat.msgs).add(models);
        models.forEach((msg) => noteInChat(chat, msg, meta));
    }

    return found.map(({ id }) => messages.get(id)).filter(Boolean);
}


function noteInChat(chat, msg, meta) {
    const last = messages.get(chat.lastReceivedKey);

    if (['after', 'last'].includes(meta.add) && !(last && last.t > msg.t)) {
        chat.lastReceivedKey = msg.id;
    }

    if (!meta.isHistory && msg.isNewMsg && !msg.id.fromMe
        && isUnreadType(msg) && chat.unreadCount !== undefined)
    {
        chat.unreadCount++;
    }
}


/*
 * A message of somebody, or of the account on another device, comes: the live
 * way, also for what was missed
 */
async function updateUI({ chatId, msg, messageOverwriteOption }) {
    const known = messages.get(msg.id);
    const meta = {
        add: 'after',
        update: Boolean(messageOverwriteOption),
        isHistory: false,
    };

    if (known && known.type === 'ciphertext' && msg.type !== 'ciphertext') {
        meta.update = true;
    } else if (known && known.fromQuotedMsg) {
        messages.remove(known);
    } else if (known) {
        return;
    }

    await messages.processMultipleMessages(chatId, [{
        ...msg, recvFresh: true, isNewMsg: true, expiredTimestamp: null,
    }], meta, 'updateMessageUIAction', null, true);
}

export const updateMessageUI = { updateUI };


/* what WhatsApp itself puts into a chat comes by this, and is stored first */
export const singleMsg = {
    async handleSingleMsg({ chatId, newMsg, handleSingleMsgOrigin }) {
        await store.storeMessage(toRecord(newMsg));
        await messages.processMultipleMessages(chatId, [{
            ...newMsg, recvFresh: true, isNewMsg: true,
        }], { add: 'after', update: false, isHistory: false },
                                               handleSingleMsgOrigin, null);
    },
};


/* ==== edits ==== */

/* only what is in memory changes; edits: {editedMsgData, parentMsg, …} */
async function updateEditedMessagesAction(edits) {
    for (const { editedMsgData, parentMsg } of edits) {
        const msg = messages.get(parentMsg.id);

        if (msg) {
            msg.set(editedMsgData);
        }
    }

    messages.processEditedMessages(
        edits.map(({ parentMsg }) => messages.get(parentMsg.id)));
}

export const editedMessages = {
    updateEditedMessagesAction: (edits) => updateEditedMessagesAction(edits),
};


/* ==== deletion for everyone ==== */

export function keyAfterRevoke(originalKey, revokeKey) {
    return new MsgKey({
        fromMe: originalKey.fromMe,
        id: revokeKey.id,
        remote: originalKey.remote,
        participant: originalKey.participant,
    });
}


/* the message takes the id of the revoke, and keeps its own beside it */
export function revoke(msg, { msgKey, subtype, sender, revokeTimestamp }) {
    const oldKey = msg.id;
    const newKey = keyAfterRevoke(oldKey, msgKey);
    const chat = selectChat(oldKey.remote);

    msg.trigger('revoked');

    for (const collection of [chat && chat.msgs, messages].filter(Boolean)) {
        collection.replaceId(oldKey, newKey);
    }

    msg.set({
        id: newKey,
        type: 'revoked',
        subtype: subtype === 'admin_revoke' ? 'admin' : 'sender',
        revokeSender: sender,
        revokeTimestamp,
        protocolMessageKey: oldKey,
        mediaData: undefined,
        ...Object.fromEntries([...CONTENT, ...REVOKED].map(
            (name) => [name, undefined])),
    });
    msg.trigger('change:msgKey', { newKey, oldKey });

    if (chat && oldKey.equals(chat.lastReceivedKey)) {
        chat.lastReceivedKey = newKey;
    }

    store.forgetMessage(String(oldKey));
    save(msg);
}


/* ==== new chats ==== */

/*
 * The first thing in a chat is that its messages are encrypted; chats of the
 * history have had that
 */
function onChat(chat, collection, { isHistory }) {
    if (!chat.id.isUser() || isHistory) {
        return;
    }

    const t = Math.floor(Date.now() / 1000);

    chat.announced = singleMsg.handleSingleMsg({
        chatId: chat.id,
        newMsg: {
            rowId: store.oldRow(t),
            id: new MsgKey({
                fromMe: false, remote: chat.id,
                id: MsgKey.newId_DEPRECATED(),
            }),
            from: chat.id,
            to: currentMe().pn,
            t,
            type: 'e2e_notification',
            kind: 'e2eNotification',
            subtype: 'encrypt',
            viewMode: 'VISIBLE',
            templateParams: [],
        },
        handleSingleMsgOrigin: 'createChat',
    });
}


export function defineProcess() {
    processing.process = processMultipleMessages;
    chats.on('add', onChat);

    define('WAWebProcessMultipleMsgsAction', {
        _processMultipleMessages: (chatId, found, meta, origin, chatMsgs) => (
            processMultipleMessages(chatId, found, meta, origin, chatMsgs)),
    });
    define('WAWebUpdateMessageUIAction', {
        updateUI: (message) => updateUI(message),
    });
    define('WAWebUpdateEditedMessagesAction', editedMessages);
    define('WAWebHandleSingleMsgWorkerCompatible', singleMsg);
    define('WAWebStatusCollection', { StatusCollection: statuses });
    define('WAWebNewsletterCollection', { default: newsletters });
}


