/*
 * Messages as models, in collections that keep the latest of them.
 */

import { define } from './define.mjs';
import { createWid, MsgKey } from './ids.mjs';
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


/* what a message holds, beside its ids; also on disk */
export const CONTENT = [
    'body', 'caption', 'mimetype', 'filename', 'size', 'filehash', 'upload',
    'lat', 'lng', 'loc', 'clientUrl', 'vcardFormattedName', 'vcardList',
    'pollName', 'pollOptions', 'pollSelectableOptionsCount', 'isForwarded',
    'quotedKey', 'isSendFailure',
];


export class Msg extends Model {
    updateAck(ack) {
        this.ack = ack;
    }

    get senderObj() {
        return { id: this.author || this.from, isMe: this.id.fromMe };
    }

    /* what a message that quotes this one carries of it */
    msgContextInfo() {
        return {
            quotedStanzaID: this.id.id,
            quotedParticipant: this.from,
            quotedMsg: { type: this.type, body: this.body },
            quotedKey: String(this.id),
        };
    }
}

observe(Msg, 'msg', ['ack', 'type', 'body', 'caption']);

class Messages extends Collection {
    constructor() {
        super(Msg, MAX_IN_MEMORY);
    }

    /* by this everything that comes from the server reaches the page */
    async processMultipleMessages(chatId, found, meta, origin) {
        return this.add(found, { ...meta, chatId, origin });
    }
}

export const messages = new Messages();


/* a collection for one chat's messages */
export function createMessages() {
    return new Messages();
}


/* the record of a message in IndexedDB */
export function toRecord(msg) {
    const record = {
        id: String(msg.id),
        from: String(msg.from),
        to: String(msg.to),
        type: msg.type,
        t: msg.t,
        ack: msg.ack,
    };

    for (const name of CONTENT) {
        if (msg[name] !== undefined) {
            record[name] = msg[name];
        }
    }

    return record;
}


export function fromRecord(record) {
    return new Msg({
        ...record,
        id: MsgKey.fromString(record.id),
        from: createWid(record.from),
        to: createWid(record.to),
        self: record.id.startsWith('true') ? 'out' : 'in',
    });
}


export function save(msg) {
    store.writeMessage(toRecord(msg));
}


/* finds a message that memory no longer holds; now it does again */
function getSearchContext({ msgKey }) {
    const collection = createMessages();

    collection.loadAroundPromise = store.findMessage(String(msgKey))
        .then((record) => {
            if (record) {
                collection.add(messages.add(fromRecord(record)));
            }
        });

    return { collection };
}


export function defineMessages() {
    define('WAWebMsgModel', { Msg });
    define('WAWebMsgCollection', {
        MsgCollection: messages,
    });
    define('WAWebAck', { ACK, ACK_STRING });
    define('WAWebMsgType', { MSG_TYPE: { CHAT: 'chat' } });
    define('WAWebChatMessageSearch', { getSearchContext });
    define('WAWebMsgReply', { canReplyMsg: (msg) => msg.type !== 'revoked' });
    define('WAWebQuotedMsgModelUtils', {
        getQuotedMsgObj: (msg) => msg.quotedMsgObj || null,
    });
}
