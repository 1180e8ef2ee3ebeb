/*
 * Chats and contacts: WAWebChatModel, WAWebFindChat and WAWebFindChatAction,
 * read in 2.3000.1044822804. A migrated account has its chats under lids; a
 * chat that is older may go by the number and have the lid beside it.
 */

import { define } from './define.mjs';
import { createWid } from './ids.mjs';
import {
    getPhoneNumber, queryWidExists, shouldHaveAccountLid, toUserLid,
    toUserLidOrThrow,
} from './lids.mjs';
import { link } from './link.mjs';
import { Collection, Model, observe } from './model.mjs';
import { createMessages } from './messages.mjs';
import { InOrderPromiseQueue } from './queue.mjs';
import { isMigrated } from './session.mjs';
import * as store from './store.mjs';

export const presences = new Collection(Model);


class Chat extends Model {
    constructor(attributes) {
        super({ unreadCount: 0, ...attributes });
        this.msgs = createMessages();
        this.msgs.on('add', (msg) => {
            this.#learnToken(msg);
            msg.on('change:ack', () => this.#learnToken(msg));
        });
        this.addQueue = new InOrderPromiseQueue();
        this.sendQueue = new InOrderPromiseQueue();
        this.promises = {};
        [this.presence] = presences.add({
            id: this.id,
            isOnline: false,
            subscribe: async () => {
                link.send({ type: 'subscribe', chat: String(this.id) });
            },
        });
    }

    get contact() {
        return contacts.get(this.accountLid || this.id)
               || addContact(String(this.accountLid || this.id));
    }

    isTrusted() {
        return true;
    }

    /* the other side gives one when it has written, or got something */
    #learnToken({ id, ack, type }) {
        const isNotice = type === 'e2e_notification';

        if (!this.tcToken && !isNotice && (!id.fromMe || ack > 0)) {
            this.tcToken = true;
            saveChat(this);
        }
    }

    getTcToken() {
        return this.tcToken ? {} : undefined;
    }
}

observe(Chat, 'chat', [
    'unreadCount', 'active', 't', 'isReadOnly', 'lastReceivedKey',
]);

class Contact extends Model {
    get phoneNumber() {
        return this.id.isLid() ? getPhoneNumber(this.id) : this.id;
    }
}

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
export const contacts = new ContactCollectionImpl();


/* makes the chat with this id; options are those of the "add" event */
function createChat(wid, accountLid, options) {
    const [chat] = chats.add({
        id: wid,
        accountLid: shouldHaveAccountLid(wid)
            ? accountLid || toUserLid(wid) : undefined,
    }, options);

    saveChat(chat);

    return chat;
}


function saveChat({ id, accountLid, tcToken }) {
    store.writeChat({
        id: String(id),
        accountLid: String(accountLid || ''),
        tcToken: Boolean(tcToken),
    });
}


/* the chat in which messages of this sender or group are */
export function openChat(wid, options) {
    return selectChat(wid) || createChat(wid, undefined, options);
}


/* an older chat may have this lid as its second name */
export function selectChat(wid) {
    return chats.get(wid) || chats.getModelsArray().find(
        ({ accountLid }) => accountLid && accountLid.equals(wid));
}


export function addContact(wid, name) {
    const [contact] = contacts.add({
        id: createWid(wid), name, pushname: name, isWAContact: true,
    });

    if (name && contact.pushname !== name) {
        contact.set({ name, pushname: name });
    }

    if (name) {
        store.writeContact({ id: String(wid), name });
    }

    return contact;
}


async function findOrCreateLatestChat(wid) {
    let id = wid;

    if (wid.isRegularUser()) {
        if (isMigrated()) {
            if (!toUserLid(wid)) {
                /* the server may know; it tells of the canonical number */
                await queryWidExists(wid, 'query');
            }

            id = toUserLidOrThrow(wid);
        } else if (wid.isLid() && !chats.get(wid)) {
            id = getPhoneNumber(wid);

            if (!id) {
                throw new Error('findOrCreateLatestChat: could not find phone '
                                + 'number for lid while enforcing '
                                + 'pre-migration rules');
            }
        }
    }

    const known = selectChat(id);

    return known
        ? { chat: known, created: false }
        : { chat: createChat(id), created: true };
}


async function findExistingChat(wid) {
    return chats.get(wid) || (await findOrCreateLatestChat(wid)).chat;
}


/* chats that are older than the account's move to lids */
function onLinked({ oldChats }) {
    for (const { pn, lid } of oldChats) {
        if (!chats.get(createWid(pn))) {
            createChat(createWid(pn), createWid(lid));
        }
    }
}


export async function defineChats() {
    for (const { id, accountLid, tcToken } of await store.readChats()) {
        chats.add({
            id: createWid(id),
            tcToken,
            accountLid: accountLid ? createWid(accountLid) : undefined,
        });
    }

    for (const { id, name } of await store.readContacts()) {
        addContact(id, name);
    }

    link.on('frame:linked', onLinked);

    define('WAWebChatModel', { Chat });
    define('WAWebContactModel', { default: Contact });
    define('WAWebChatCollection', {
        ChatCollection: chats,
        ChatCollectionImpl,
    });
    define('WAWebContactCollection', {
        ContactCollection: contacts,
        ContactCollectionImpl,
    });
    define('WAWebPresenceCollection', { PresenceCollection: presences });
    define('WAWebFindChatAction', {
        findExistingChat: (wid, origin, more) => findExistingChat(
            wid, origin, more),
        findOrCreateLatestChat: (wid, origin, more) => findOrCreateLatestChat(
            wid, origin, more),
    });
}
