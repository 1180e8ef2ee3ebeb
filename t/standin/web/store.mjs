/*
 * What outlives a page: the login, the chats, whose lid is whose, what people
 * call themselves, the last messages with what was done to them, files, and the outbox, all in
 * IndexedDB. What the page itself makes is gathered and written a little
 * later; a message that is acknowledged before then never enters the outbox,
 * which is what makes a send cheap. What comes from the server is written
 * before anybody hears of it.
 */

const DATABASE = 'model-storage';
const VERSION = 3;

/* by store its options, and its indexes' paths */
const STORES = {
    session: { keyPath: 'name' },
    chat: { keyPath: 'id' },
    message: {
        keyPath: 'id',
        indexes: { place: ['chat', 'rowId'], row: 'rowId' },
    },
    outbox: { keyPath: 'id' },
    mapping: { keyPath: 'lid' },
    contact: { keyPath: 'id' },
    reaction: {
        keyPath: ['parentMsgKey', 'senderUserJid'],
        indexes: { parent: 'parentMsgKey' },
    },
    vote: {
        keyPath: ['parentMsgKey', 'sender'],
        indexes: { parent: 'parentMsgKey' },
    },
    media: { keyPath: 'filehash', indexes: { time: 'time' } },
};
const OUTBOX_AFTER = 100;
const HISTORY_AFTER = 500;

/* the oldest messages go when there are more */
const MAX_MESSAGES = 100000;
const PRUNE_EVERY = 5000;

let database = null;
let lastRow = 0;
let lastOld = 0;
let written = 0;
let outboxTimer = null;
let historyTimer = null;

/* what waits to be written, by id; null deletes */
const pending = {
    chat: new Map(),
    mapping: new Map(),
    contact: new Map(),
    message: new Map(),
    outbox: new Map(),
};

/* ids in the outbox on disk */
const outboxOnDisk = new Set();


function done(request) {
    return new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
    });
}


function committed(transaction) {
    return new Promise((resolve, reject) => {
        transaction.oncomplete = () => resolve();
        transaction.onerror = () => reject(transaction.error);
        transaction.onabort = () => reject(transaction.error);
    });
}


function readable(name) {
    return database.transaction(name).objectStore(name);
}


function writable(names) {
    return database.transaction(names, 'readwrite',
                                { durability: 'relaxed' });
}


/* opens the database; everything else needs this first */
export async function open() {
    const request = indexedDB.open(DATABASE, VERSION);

    request.onupgradeneeded = () => {
        const { result } = request;

        for (const [name, { keyPath, indexes }] of Object.entries(STORES)) {
            if (result.objectStoreNames.contains(name)) {
                result.deleteObjectStore(name);
            }

            const store = result.createObjectStore(name, { keyPath });

            for (const [index, path] of Object.entries(indexes || {})) {
                store.createIndex(index, path);
            }
        }
    };

    database = await done(request);

    const cursor = await done(
        readable('message').index('row').openKeyCursor(null, 'prev'));

    lastRow = cursor ? cursor.key : 0;
    addEventListener('pagehide', flushAll);
}


/* ==== the login ==== */

export async function readSession() {
    const record = await done(readable('session').get('login'));

    return record || null;
}


/* strict: a login must survive the browser's death */
export function writeSession(login) {
    const transaction = database.transaction('session', 'readwrite',
                                             { durability: 'strict' });

    transaction.objectStore('session').put({ ...login, name: 'login' });

    return committed(transaction);
}


/* a logout forgets everything */
export function clear() {
    const names = Object.keys(STORES);
    const transaction = database.transaction(names, 'readwrite',
                                             { durability: 'strict' });

    for (const name of names) {
        transaction.objectStore(name).clear();
    }

    for (const map of Object.values(pending)) {
        map.clear();
    }

    outboxOnDisk.clear();

    return committed(transaction);
}


/* ==== chats, mappings and names ==== */

export function readChats() {
    return done(readable('chat').getAll());
}


export function writeChat(chat) {
    pending.chat.set(chat.id, chat);
    planHistory();
}


export function readMappings() {
    return done(readable('mapping').getAll());
}


export function writeMapping(mapping) {
    pending.mapping.set(mapping.lid, mapping);
    planHistory();
}


/* what people call themselves: {id, name} */
export function readContacts() {
    return done(readable('contact').getAll());
}


export function writeContact(contact) {
    pending.contact.set(contact.id, contact);
    planHistory();
}


/* ==== messages ==== */

/*
 * Where a message stands among those of its chat. Live ones follow on what
 * is there; old ones (their t in seconds) come before it.
 */
export function nextRow() {
    lastRow = Math.max(lastRow + 1, Date.now() * 1000);

    return lastRow;
}


export function oldRow(t) {
    return t * 1000000 + (++lastOld % 1000000);
}


/* a stored message by its id, or null */
export async function findMessage(id) {
    if (pending.message.has(id)) {
        return pending.message.get(id);
    }

    return await done(readable('message').get(id)) || null;
}


/*
 * At most `count` messages of a chat, in their order: those next before or
 * after the one with that rowId; without one, the last of all
 */
export async function readPlace(chat, { before, after, count }) {
    await flushHistory();

    const index = readable('message').index('place');
    const range = IDBKeyRange.bound(
        [chat, after === undefined ? -Infinity : after],
        [chat, before === undefined ? Infinity : before], true, true);

    if (after !== undefined || !Number.isFinite(count)) {
        return done(index.getAll(
            range, Number.isFinite(count) ? count : undefined));
    }

    const found = [];
    const request = index.openCursor(range, 'prev');

    for (let cursor = await done(request); cursor && found.length < count;
        cursor = await done(request))
    {
        found.unshift(cursor.value);
        cursor.continue();
    }

    return found;
}


/* whatever matches, in the order of arrival; for searches */
export async function readMatching(matches) {
    await flushHistory();

    return (await done(readable('message').index('row').getAll()))
        .filter(matches);
}


/* nobody goes by this id any longer */
export function forgetMessage(id) {
    pending.message.set(id, null);
    planHistory();
}


/* a little later */
export function writeMessage(record) {
    pending.message.set(record.id, record);
    planHistory();
}


/* what waits for the transaction under way: {record, resolve} */
let gathered = [];
let isStoring = false;


/* resolves when the message is on disk: with true if it was not before */
export function storeMessage(record) {
    return new Promise((resolve) => {
        gathered.push({ record, resolve });

        if (!isStoring) {
            storeGathered();
        }
    });
}


async function storeGathered() {
    isStoring = true;

    while (gathered.length > 0) {
        const batch = gathered.splice(0);
        const transaction = writable(['message', 'chat']);
        const store = transaction.objectStore('message');

        storeChats(transaction.objectStore('chat'),
                   batch.map(({ record }) => record.chat));

        for (const entry of batch) {
            const { id } = entry.record;
            const request = store.getKey(id);

            request.onsuccess = () => {
                entry.isNew = request.result === undefined
                    && !pending.message.has(id);

                if (entry.isNew) {
                    store.put(entry.record);
                }
            };
        }

        await committed(transaction);
        batch.forEach(({ resolve, isNew }) => resolve(isNew));
        prune(batch.length);
    }

    isStoring = false;
}


/* a message on disk has its chat there */
function storeChats(store, ids) {
    for (const id of new Set(ids)) {
        const request = store.getKey(id);

        request.onsuccess = () => {
            if (request.result === undefined) {
                store.put(pending.chat.get(id)
                          || { id, accountLid: '', tcToken: false });
            }
        };
    }
}


/* the oldest go, now and then */
async function prune(count) {
    const before = Math.floor(written / PRUNE_EVERY);

    written += count;

    if (Math.floor(written / PRUNE_EVERY) === before) {
        return;
    }

    let more = await done(readable('message').count()) - MAX_MESSAGES;

    if (more <= 0) {
        return;
    }

    const request = writable('message').objectStore('message')
        .index('row').openCursor();

    for (let cursor = await done(request); cursor && more > 0;
        cursor = await done(request))
    {
        cursor.delete();
        more--;
        cursor.continue();
    }
}


/* ==== reactions, votes and files ==== */

/* all of one message */
export function readAddons(name, parentMsgKey) {
    return done(readable(name).index('parent').getAll(parentMsgKey));
}


export function storeAddon(name, record) {
    const transaction = writable(name);

    transaction.objectStore(name).put(record);

    return committed(transaction);
}


/* a file's record by its digest; undefined if it is not here */
export function readMedia(filehash) {
    return done(readable('media').get(filehash));
}


export function countMedia() {
    return done(readable('media').count());
}


export function storeMedia(filehash, buffer) {
    const transaction = writable('media');

    transaction.objectStore('media').put(
        { filehash, buffer, time: Date.now() });

    return committed(transaction);
}


/* one file, or without its digest all of them */
export function dropMedia(filehash) {
    const transaction = writable('media');
    const store = transaction.objectStore('media');

    if (filehash === undefined) {
        store.clear();
    } else {
        store.delete(filehash);
    }

    return committed(transaction);
}


/* ==== the outbox ==== */

/* what has no ack yet, in the order in which it was written */
export async function readOutbox() {
    const records = await done(readable('outbox').getAll());

    for (const record of records) {
        outboxOnDisk.add(record.id);
    }

    return records.sort((a, b) => a.order - b.order);
}


export function addToOutbox(record) {
    pending.outbox.set(record.id, record);
    planOutbox();
}


export function removeFromOutbox(id) {
    if (outboxOnDisk.has(id)) {
        pending.outbox.set(id, null);
        planOutbox();
    } else {
        pending.outbox.delete(id);
    }
}


/* ==== writing ==== */

function planOutbox() {
    if (outboxTimer === null) {
        outboxTimer = setTimeout(flushOutbox, OUTBOX_AFTER);
    }
}


function planHistory() {
    if (historyTimer === null) {
        historyTimer = setTimeout(flushHistory, HISTORY_AFTER);
    }
}


function flushOutbox() {
    clearTimeout(outboxTimer);
    outboxTimer = null;

    if (pending.outbox.size === 0) {
        return;
    }

    const outbox = writable('outbox').objectStore('outbox');

    for (const [id, record] of pending.outbox) {
        if (record) {
            outbox.put(record);
            outboxOnDisk.add(id);
        } else {
            outbox.delete(id);
            outboxOnDisk.delete(id);
        }
    }

    pending.outbox.clear();
}


/* resolves when nothing waits to be written */
export async function flushHistory() {
    clearTimeout(historyTimer);
    historyTimer = null;

    const names = ['chat', 'mapping', 'contact', 'message'].filter(
        (name) => pending[name].size > 0);

    if (names.length === 0) {
        return;
    }

    const transaction = writable(names);

    for (const name of names) {
        const store = transaction.objectStore(name);

        for (const [key, record] of pending[name]) {
            if (record) {
                store.put(record);
            } else {
                store.delete(key);
            }
        }

        pending[name].clear();
    }

    await committed(transaction);
}


function flushAll() {
    flushOutbox();
    flushHistory();
}
