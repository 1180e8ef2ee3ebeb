/*
 * What outlives a page: the login, the chats, whose lid is whose, the last
 * messages, and the outbox, all in IndexedDB. Writes are gathered and made a
 * little later; a message that is acknowledged before then never enters the
 * outbox, which is what makes a send cheap.
 */

const DATABASE = 'model-storage';
const STORES = {
    session: { keyPath: 'name' },
    chat: { keyPath: 'id' },
    message: { autoIncrement: true },
    outbox: { keyPath: 'id' },
    mapping: { keyPath: 'lid' },
};
const OUTBOX_AFTER = 100;
const HISTORY_AFTER = 500;

/* messages are stored in batches, since a write costs more than its size */
const BATCH_SIZE = 200;
const MAX_BATCHES = 500;
const PRUNE_EVERY = 50;

let database = null;
let lastBatch = 0;
let outboxTimer = null;
let historyTimer = null;

/* what waits to be written, by id; in the outbox, null deletes */
const pending = {
    chat: new Map(),
    mapping: new Map(),
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


/* opens the database; everything else needs this first */
export async function open() {
    const request = indexedDB.open(DATABASE, 1);

    request.onupgradeneeded = () => {
        for (const [name, options] of Object.entries(STORES)) {
            request.result.createObjectStore(name, options);
        }
    };

    database = await done(request);

    const cursor = await done(
        database.transaction('message').objectStore('message')
            .openKeyCursor(null, 'prev'));

    lastBatch = cursor ? cursor.key : 0;
    addEventListener('pagehide', flushAll);
}


/* ==== the login ==== */

export async function readSession() {
    const record = await done(
        database.transaction('session').objectStore('session').get('login'));

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


/* ==== chats, messages and the outbox ==== */

export function readChats() {
    return done(database.transaction('chat').objectStore('chat').getAll());
}


export function writeChat(chat) {
    pending.chat.set(chat.id, chat);
    planHistory();
}


export function readMappings() {
    return done(
        database.transaction('mapping').objectStore('mapping').getAll());
}


export function writeMapping(mapping) {
    pending.mapping.set(mapping.lid, mapping);
    planHistory();
}


/* a stored message by its id, or null; the latest batches come first */
export async function findMessage(id) {
    if (pending.message.has(id)) {
        return unlessGone(pending.message.get(id));
    }

    const request = database.transaction('message').objectStore('message')
        .openCursor(null, 'prev');

    for (let cursor = await done(request); cursor;
        cursor = await done(request))
    {
        const record = cursor.value.find((entry) => entry.id === id);

        if (record) {
            return unlessGone(record);
        }

        cursor.continue();
    }

    return null;
}


function unlessGone(record) {
    return record.gone ? null : record;
}


/* nobody goes by this id any longer */
export function forgetMessage(id) {
    writeMessage({ id, gone: true });
}


export function writeMessage(record) {
    pending.message.set(record.id, record);

    if (pending.message.size >= BATCH_SIZE) {
        flushHistory();
    } else {
        planHistory();
    }
}


/* what has no ack yet, in the order in which it was written */
export async function readOutbox() {
    const records = await done(
        database.transaction('outbox').objectStore('outbox').getAll());

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


function writable(names) {
    return database.transaction(names, 'readwrite',
                                { durability: 'relaxed' });
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


function flushHistory() {
    clearTimeout(historyTimer);
    historyTimer = null;

    if (pending.chat.size + pending.mapping.size + pending.message.size
        === 0)
    {
        return;
    }

    const transaction = writable(['chat', 'mapping', 'message']);
    const batches = transaction.objectStore('message');

    for (const record of pending.chat.values()) {
        transaction.objectStore('chat').put(record);
    }

    for (const record of pending.mapping.values()) {
        transaction.objectStore('mapping').put(record);
    }

    if (pending.message.size > 0) {
        batches.add([...pending.message.values()]);
        lastBatch++;

        if (lastBatch % PRUNE_EVERY === 0) {
            batches.delete(IDBKeyRange.upperBound(lastBatch - MAX_BATCHES));
        }
    }

    pending.chat.clear();
    pending.mapping.clear();
    pending.message.clear();
}


function flushAll() {
    flushOutbox();
    flushHistory();
}
