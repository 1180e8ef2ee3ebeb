/*
 * Chats, contacts, and who exists.
 */

import { define } from './define.mjs';
import { createWid } from './ids.mjs';
import { link } from './link.mjs';
import { Collection, Model, observe } from './model.mjs';
import { createMessages } from './messages.mjs';
import * as store from './store.mjs';

const MAX_DIRECTORY = 10000;


class Chat extends Model {
    constructor(attributes) {
        super({ unreadCount: 0, ...attributes });
        this.msgs = createMessages();
        this.presence = { subscribe: async () => {} };
    }
}

observe(Chat, 'chat', ['unreadCount', 'active', 't']);

class Contact extends Model {}

observe(Contact, 'contact', ['name', 'pushname', 'isBusiness']);

class ChatCollectionImpl extends Collection {
    constructor() {
        super(Chat);
    }
}

class ContactCollectionImpl extends Collection {
    constructor() {
        super(Contact);
    }
}

export const chats = new ChatCollectionImpl();
const contacts = new ContactCollectionImpl();


/* the chat with this id, made if there is none */
export function openChat(wid) {
    const known = chats.get(wid);

    if (known) {
        return known;
    }

    const [chat] = chats.add({ id: createWid(String(wid)) });

    store.writeChat({ id: String(wid) });

    return chat;
}


export function addContact(wid, name) {
    contacts.add({ id: createWid(wid), name, pushname: name });
}


/* ==== asking the server who exists ==== */

/* lids by number and numbers by lid, as far as the server has told them */
const lids = new Map();
const numbers = new Map();

const queries = new Map();
let lastQuery = 0;


function remember(wid, lid) {
    if (lids.size >= MAX_DIRECTORY) {
        lids.clear();
        numbers.clear();
    }

    lids.set(wid, lid);
    numbers.set(lid, wid);
}


function query(wid) {
    const n = ++lastQuery;

    return new Promise((resolve, reject) => {
        if (!link.send({ type: 'query', n, wid: String(wid) })) {
            reject(new Error('not connected'));
            return;
        }

        queries.set(n, { resolve, reject });
    });
}


function onExists(frame) {
    const waiting = queries.get(frame.n);

    queries.delete(frame.n);

    if (frame.wid) {
        remember(frame.wid, frame.lid);
    }

    waiting.resolve(frame.wid
        ? { wid: createWid(frame.wid), lid: createWid(frame.lid), biz: false }
        : null);
}


function onClosed() {
    for (const waiting of queries.values()) {
        waiting.reject(new Error('disconnected'));
    }

    queries.clear();
}


const lidPnCache = {
    getCurrentLid(wid) {
        const lid = lids.get(String(wid));

        return lid && createWid(lid);
    },

    getPhoneNumber(lid) {
        const wid = numbers.get(String(lid));

        return wid && createWid(wid);
    },
};


/* ==== reading and writing ==== */

async function sendSeen({ chat }) {
    chat.unreadCount = 0;
    link.send({ type: 'seen', chat: String(chat.id) });
}


async function markUnread(chat) {
    chat.unreadCount = -1;
}


function presence(state) {
    return async (chat) => {
        link.send({ type: 'presence', chat: String(chat.id), state });
    };
}


async function onLinked(frame) {
    remember(frame.wid, frame.lid);
    addContact(frame.wid, frame.name);
}


export async function defineChats() {
    for (const chat of await store.readChats()) {
        chats.add({ id: createWid(chat.id) });
    }

    link.on('frame:exists', onExists);
    link.on('frame:linked', onLinked);
    link.on('closed', onClosed);

    define('WAWebChatModel', { Chat });
    define('WAWebContactModel', { Contact });
    define('WAWebChatCollection', {
        ChatCollection: chats,
        ChatCollectionImpl,
    });
    define('WAWebContactCollection', {
        ContactCollection: contacts,
        ContactCollectionImpl,
    });

    define('WAWebFindChatAction', {
        findOrCreateLatestChat: async (wid) => {
            const created = !chats.get(wid);

            return { chat: openChat(wid), created };
        },
    });
    define('WAWebApiContact', {
        lidPnCache,
        getCurrentLid: lidPnCache.getCurrentLid,
        getPhoneNumber: lidPnCache.getPhoneNumber,
    });
    define('WAWebQueryExistsJob', {
        queryWidExists: query,
        queryPhoneExists: (number) => query(`${number}@c.us`),
    });
    define('WAWebUpdateUnreadChatAction', { sendSeen, markUnread });
    define('WAWebPresenceChatAction', {
        markComposing: presence('composing'),
        markPaused: presence('paused'),
        markRecording: presence('recording'),
    });
}
