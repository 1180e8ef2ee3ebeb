/*
 * Messages as models, in collections that keep the latest of them, and as
 * records on disk: WAWebMsgModel, WAWebMsgCollection, WAWebAck, WAWebMsgType,
 * WAWebQuotedMsgModelUtils and WAWebDBMsgUtils, read in 2.3000.1044822804.
 */

import { define } from './define.mjs';
import { createWid, currentMe, MsgKey, Wid } from './ids.mjs';
import { getAlternateMsgKey } from './lids.mjs';
import { Collection, Model, observe } from './model.mjs';
import * as store from './store.mjs';

export const ACK = {
    INACTIVE: -6, CONTENT_UNUPLOADABLE: -5, CONTENT_TOO_BIG: -4,
    CONTENT_GONE: -3, EXPIRED: -2, FAILED: -1, CLOCK: 0, SENT: 1, RECEIVED: 2,
    READ: 3, PLAYED: 4, PEER: 5,
};
const ACK_STRING = {
    SENDER: 'sender', DELIVERY: 'delivery', READ: 'read', PLAYED: 'played',
    INACTIVE: 'inactive', READ_SELF: 'read-self', PLAYED_SELF: 'played-self',
};

/* older ones are in IndexedDB only */
const MAX_IN_MEMORY = 2000;

export const MSG_TYPE = Object.fromEntries([
    'audio', 'broadcast_notification', 'buttons_response', 'call_log', 'chat',
    'ciphertext', 'document', 'e2e_notification', 'gp2', 'groups_v4_invite',
    'hsm', 'image', 'interactive', 'interactive_response', 'list',
    'list_response', 'location', 'multi_vcard', 'notification',
    'notification_template', 'order', 'payment', 'poll_creation',
    'poll_update', 'product', 'protocol', 'ptt', 'ptv', 'reaction', 'revoked',
    'sticker', 'template_button_reply', 'unknown', 'vcard', 'video',
].map((type) => [type.toUpperCase(), type]));

const SYSTEM_MESSAGE_TYPES = [
    'broadcast_notification', 'call_log', 'debug', 'e2e_notification', 'gp2',
    'newsletter_notification', 'notification', 'notification_template',
    'protocol', 'pinned_message', 'poll_add_option_decrypted',
];
const MMS_TYPES = [
    'image', 'video', 'audio', 'ptt', 'ptv', 'document', 'sticker',
];


/* what a message holds, beside its ids */
export const CONTENT = [
    'body', 'caption', 'mimetype', 'filename', 'size', 'filehash', 'upload',
    'directPath', 'encFilehash', 'mediaKey', 'mediaKeyTimestamp', 'duration',
    'width', 'height', 'isGif', 'isAnimated', 'isCaptionByUser', 'pageCount',
    'lat', 'lng', 'loc', 'clientUrl', 'isLive', 'accuracy', 'speed',
    'degrees', 'comment', 'sequence', 'vcardFormattedName', 'vcardList',
    'pollName', 'pollOptions', 'pollSelectableOptionsCount', 'isForwarded',
    'quotedKey', 'isSendFailure', 'mentionedJidList',
];

/* what else of a message is told when it changes, and is stored */
const MORE = [
    'kind', 'subtype', 'author', 'notifyName', 'viewMode', 'invis',
    'isViewOnce', 'ephemeralDuration', 'ephemeralSettingTimestamp',
    'forwardingScore', 'quotedMsg', 'quotedStanzaID', 'quotedParticipant',
    'quotedRemoteJid', 'latestEditMsgKey', 'latestEditSenderTimestampMs',
    'protocolMessageKey', 'revokeSender', 'revokeTimestamp', 'templateParams',
    'recipients', 'selectedButtonId', 'selectedId', 'selectedIndex',
    'listResponse', 'interactivePayload', 'callOutcome', 'finalCallOutcome',
    'isVideoCall', 'callDuration', 'callCreator', 'callParticipants',
    'hasReaction', 'errorCode', 'expiredTimestamp', 'isMdHistoryMsg', 'star',
    'broadcast', 'futureproofType',
];

/* not stored: read in WAWebMsgModel, its "session" properties, and two more */
const SESSION = ['isNewMsg', 'recvFresh', 'mediaData', 'fromQuotedMsg',
    'quotedMsgKey', 'search', 'isOffline'];


export class Msg extends Model {
    constructor(attributes) {
        super({ hasReaction: false, ...attributes });
        this.mediaObject = this.mediaObject || undefined;

        if (hasMedia(this) && !this.mediaData) {
            mediaRegistry.register(this);
        }
    }

    /* only up, but for a failure */
    updateAck(ack) {
        if (this.ack === undefined || ack > this.ack || ack === ACK.FAILED) {
            this.ack = ack;
        }
    }

    get senderObj() {
        return { id: this.author || this.from, isMe: this.id.fromMe };
    }

    getCollection() {
        return messages;
    }

    /* what came undecrypted becomes something else */
    async applyUpdate(values) {
        if (values.type && values.type !== this.type && hasMedia(values)) {
            mediaRegistry.register(this, values);
        }

        this.set(values);
    }

    downloadMedia(options) {
        return mediaRegistry.download(this, options);
    }

    /* what a message that quotes this one carries of it */
    msgContextInfo() {
        return {
            quotedStanzaID: this.id.id,
            quotedParticipant: this.author || this.from,
            quotedMsg: { type: this.type, body: this.body },
            quotedKey: String(this.id),
        };
    }
}

const ATTRIBUTES = ['id', 'rowId', 'from', 'to', 'type', 't', 'ack',
    ...CONTENT, ...MORE, ...SESSION];

observe(Msg, 'msg', ATTRIBUTES);


export function hasMedia({ type }) {
    return MMS_TYPES.includes(type);
}


/* system messages are not told as unread */
export function isUnreadType({ type }) {
    return !SYSTEM_MESSAGE_TYPES.includes(type) && type !== 'revoked';
}


/* downloads.mjs puts its own here, which needs this module's models */
export const mediaRegistry = {
    register() {},

    async download() {},
};


class Messages extends Collection {
    #pendingAdd = new Map();
    #parentByEdit = new Map();

    constructor() {
        super(Msg, MAX_IN_MEMORY);
    }

    /*
     * By this everything that comes from the server, or from the disk,
     * reaches the page; in the order of the calls for each chat
     */
    processMultipleMessages(chatId, found, meta, origin, chatMsgs,
                            preserveOrder)
    {
        const run = () => processing.process(chatId, found, meta, origin,
                                             chatMsgs);
        const before = chatId && this.#pendingAdd.get(String(chatId));
        const added = before && preserveOrder !== false
            ? before.then(run, run) : run();

        if (chatId) {
            this.#pendingAdd.set(String(chatId), added);
            added.catch(() => {}).then(() => {
                if (this.#pendingAdd.get(String(chatId)) === added) {
                    this.#pendingAdd.delete(String(chatId));
                }
            });
        }

        return added;
    }

    /* from the disk into memory */
    async getMessagesById(ids) {
        const found = await getMsgsByMsgKey(ids);

        return {
            messages: await this.processMultipleMessages(
                undefined, found, { add: 'search' },
                'msgCollectionGetMessagesById'),
            eof: true,
            canceled: false,
        };
    }

    async hydrateOrGetMessages(ids) {
        await this.getMessagesById(ids.filter((id) => !this.get(id)));

        return ids.map((id) => this.assertGet(id));
    }

    processEditedMessages(list) {
        for (const msg of list) {
            if (msg && msg.latestEditMsgKey) {
                this.#parentByEdit.set(String(msg.latestEditMsgKey), msg.id);
            }
        }
    }

    getByEditMsgKey(key) {
        const parent = this.#parentByEdit.get(String(key));

        return parent && this.get(parent);
    }
}

/* process.mjs puts its own here: models and processing need each other */
export const processing = {
    process: async () => [],
};

export const messages = new Messages();


/* a collection for one chat's messages */
export function createMessages() {
    return new Collection(Msg, MAX_IN_MEMORY);
}


/* ==== on disk ==== */

/* ids are stored as texts, with what they are */
function pack(value) {
    if (value instanceof Wid) {
        return { $wid: String(value) };
    }

    if (value instanceof MsgKey) {
        return { $key: String(value) };
    }

    if (Array.isArray(value)) {
        return value.map(pack);
    }

    return isPlain(value) ? mapValues(value, pack) : value;
}


function unpack(value) {
    if (Array.isArray(value)) {
        return value.map(unpack);
    }

    if (!isPlain(value)) {
        return value;
    }

    if (value.$wid) {
        return createWid(value.$wid);
    }

    return value.$key ? MsgKey.fromString(value.$key)
        : mapValues(value, unpack);
}


function isPlain(value) {
    return typeof value === 'object' && value !== null
           && Object.getPrototypeOf(value) === Object.prototype;
}


function mapValues(object, change) {
    return Object.fromEntries(Object.entries(object).map(
        ([name, value]) => [name, change(value)]));
}


/* the record of a message, a model or its data, in IndexedDB */
export function toRecord(msg) {
    const record = {
        id: String(msg.id),
        chat: String(msg.id.remote),
        rowId: rowOf(msg),
    };

    for (const name of ATTRIBUTES) {
        if (name !== 'id' && !SESSION.includes(name)
            && msg[name] !== undefined)
        {
            record[name] = pack(msg[name]);
        }
    }

    return record;
}


/* where a message stands; it keeps this place from its first record on */
function rowOf(msg) {
    if (msg.rowId === undefined) {
        msg.rowId = msg.isMdHistoryMsg
            ? store.oldRow(msg.t) : store.nextRow();
    }

    return msg.rowId;
}


/* the data of a message, as WAWebDBMessageSerialization.messageFromDbRow */
export function fromRecord({ id, chat, ...record }) {
    return { id: MsgKey.fromString(id), ...mapValues(record, unpack) };
}


export function save(msg) {
    store.writeMessage(toRecord(msg));
}


export async function getMsgsByMsgKey(keys) {
    const found = await Promise.all(
        keys.map((key) => store.findMessage(String(key))));

    return found.filter(Boolean).map(fromRecord);
}


/* the data of a message that is in memory or on disk, by either of its keys */
export async function findData(key) {
    const other = getAlternateMsgKey(key);

    for (const one of [key, other].filter(Boolean)) {
        const record = await store.findMessage(String(one));

        if (record) {
            return fromRecord(record);
        }
    }

    return null;
}


/* the model, if it is in memory, by either of its keys */
export function findModel(key) {
    const other = getAlternateMsgKey(key);

    return messages.get(key) || (other && messages.get(other));
}


/* finds a message that memory no longer holds; now it does again */
function getSearchContext({ msgKey }) {
    const collection = createMessages();

    collection.loadAroundPromise = store.findMessage(String(msgKey))
        .then((record) => {
            if (record) {
                collection.add(messages.add(new Msg(fromRecord(record))));
            }
        });

    return { collection };
}


/* ==== quotes ==== */

function quotedKeyOf(msg) {
    const { id, quotedStanzaID, quotedParticipant, quotedRemoteJid } = msg;

    if (!quotedStanzaID || !quotedParticipant) {
        return null;
    }

    const remote = quotedRemoteJid || id.remote;
    const { pn, lid } = currentMe();
    const fromMe = [pn, lid].some((own) => own
        && own.equals(quotedParticipant));

    return new MsgKey({
        fromMe,
        remote,
        id: quotedStanzaID,
        participant: remote.isUser() ? undefined : quotedParticipant,
    });
}


/*
 * The message that is quoted. If it is not in memory, one is made of what the
 * quote carries, and stands among the others from then on.
 */
function getQuotedMsgObj(msg) {
    msg.quotedMsgKey = msg.quotedMsgKey || quotedKeyOf(msg);

    if (!msg.quotedMsgKey || !msg.quotedMsg) {
        return null;
    }

    const known = findModel(msg.quotedMsgKey);

    if (known) {
        return known;
    }

    const key = msg.quotedMsgKey;
    const { pn, lid } = currentMe();
    const me = key.remote.isLid() ? lid : pn;

    return messages.add(new Msg({
        id: key,
        from: key.fromMe ? me : key.remote,
        to: key.fromMe ? key.remote : me,
        author: msg.quotedParticipant,
        ...msg.quotedMsg,
        fromQuotedMsg: true,
    }))[0];
}


/* WAWebMsgReply.replyChecks and WAWebMsgModelUtils.msgMayFail */
function replyChecks(msg) {
    return msg.type !== 'revoked' && !isExpired(msg)
           && !(msg.id.fromMe && msg.ack < ACK.SENT);
}


function isExpired({ expiredTimestamp }) {
    return Number(expiredTimestamp) > 0
           && expiredTimestamp <= Date.now() / 1000;
}


export function defineMessages() {
    define('WAWebMsgModel', { Msg });
    define('WAWebMsgCollection', {
        MsgCollection: messages,
    });
    define('WAWebAck', { ACK, ACK_STRING });
    define('WAWebMsgType', { MSG_TYPE, SYSTEM_MESSAGE_TYPES });
    define('WAWebDBMsgUtils', {
        getMsgByMsgKey: async (key, options) => (
            await getMsgsByMsgKey([key], options))[0],
        getMsgsByMsgKey: (keys, options) => getMsgsByMsgKey(keys, options),
    });
    define('WAWebChatMessageSearch', { getSearchContext });
    define('WAWebMsgReply', {
        canReplyMsg: (msg) => replyChecks(msg),
        replyChecks,
    });
    define('WAWebKeepInChatMsgUtils', {
        isExpiredAndNotKept: (msg) => isExpired(msg),
    });
    define('WAWebQuotedMsgModelUtils', {
        getQuotedMsgObj: (msg) => getQuotedMsgObj(msg),
    });
}
