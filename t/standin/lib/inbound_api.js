'use strict';

/*
 * The calls of the phone's API by which people write to the account, do
 * something to messages, read them, and call.
 */

const { ApiError } = require('./api_error.js');
const { contentOf } = require('./contents.js');
const { ACKS } = require('./inbound.js');
const { showReceived } = require('./show.js');

const LID = /^\d{5,20}@lid$/;
const NEWSLETTER = /^\d{5,20}@newsletter$/;
const MAX_HISTORY = 50000;
const MAX_WAIT = 3600000;                                          /* ms */
const PLAYS = ['page', 'worker', 'action'];


function need(condition, message) {
    if (!condition) {
        throw new ApiError(400, message);
    }
}


/* a number, or the lid of somebody whose number nobody knows */
function personOf({ directory }, id, name) {
    const text = String(id);
    const person = directory.people.get(text)
        || (LID.test(text) ? directory.find(text)
            || directory.stranger(text, name || null) : undefined);

    need(person, 'from is not a number that exists, nor a lid');
    return person;
}


function messageOf({ messages }, id) {
    const message = messages.find(String(id));

    if (!message) {
        throw new ApiError(404, 'target is no message');
    }

    return message;
}


/* ==== messages ==== */

function receive(account, body) {
    const { groups, inbound, directory } = account;
    const from = personOf(account, body.from, body.name);
    const isOwn = from === directory.own;
    const to = body.to === undefined ? undefined
        : personOf(account, body.to);

    need(body.group === undefined
         || (groups.isMember(body.group, directory.own)
             && (!from.number || groups.mayWrite(body.group, from))),
         'group is none that both are in');
    need(!isOwn || to || body.group !== undefined || body.status === true,
         'the account\'s own phone writes to somebody: to, or group');
    need(body.newsletter === undefined || NEWSLETTER.test(body.newsletter),
         'newsletter must be an id');
    need(body.ciphertext === undefined || body.ciphertext === 'never'
         || isWait(body.ciphertext), 'ciphertext must be ms, or "never"');
    need(body.quoted === undefined || /^(true|false)_\S+_\w+/.test(
        body.quoted), 'quoted must be the id of a message');

    const message = inbound.receive(
        from, contentOf(body, account.files), {
            to,
            group: body.group,
            status: body.status === true,
            newsletter: body.newsletter,
            quoted: body.quoted,
            quote_missing: body.quote_missing === true,
            forwarded: body.forwarded,
            ephemeral: Number.isInteger(body.ephemeral)
                ? body.ephemeral : undefined,
            ciphertext: body.ciphertext,
            twin: body.twin,
            time: Number.isInteger(body.time) ? body.time : undefined,
        });

    return showReceived(message);
}


function isWait(value) {
    return Number.isInteger(value) && value >= 0 && value <= MAX_WAIT;
}


/* ==== what is done to them ==== */

function react(account, body) {
    need(typeof body.emoji === 'string', 'emoji must be a text');

    return account.inbound.react(personOf(account, body.from),
                                 messageOf(account, body.target), body.emoji);
}


function edit(account, body) {
    need(typeof body.body === 'string' && body.body !== '',
         'body must be a text');

    return account.inbound.edit(personOf(account, body.from),
                                messageOf(account, body.target), body.body);
}


function revoke(account, body) {
    return account.inbound.revoke(personOf(account, body.from),
                                  messageOf(account, body.target));
}


/* options by their names, or their indexes */
function vote(account, body) {
    const message = messageOf(account, body.target);

    need(message.poll, 'target is no poll');
    need(Array.isArray(body.options), 'options must be a list');

    const options = body.options.map((option) => (
        typeof option === 'number' ? option
            : message.poll.options.indexOf(option)));

    need(options.every((n) => n in message.poll.options),
         'options are not the poll\'s');

    return account.inbound.vote(personOf(account, body.from), message,
                                options);
}


/* ==== receipts ==== */

/* of one message, or of all that the account wrote to this person */
function receipt(account, body) {
    const from = personOf(account, body.from);

    need(Object.hasOwn(ACKS, body.status),
         `status must be one of ${Object.keys(ACKS).join(', ')}`);
    need(body.how === undefined || PLAYS.includes(body.how),
         `how must be one of ${PLAYS.join(', ')}`);

    const targets = body.target !== undefined
        ? [messageOf(account, body.target)]
        : [from.wid, from.lid].flatMap(
            (chat) => account.messages.unread(chat));

    for (const message of targets) {
        account.inbound.receipt(from, message, body.status, body.how);
    }

    return { success: true, messages: targets.length };
}


function read(account, body) {
    account.inbound.read(personOf(account, body.from));
    return { success: true };
}


/* ==== the rest ==== */

function call(account, body) {
    return account.inbound.call(personOf(account, body.from), body);
}


function history(account, body) {
    const count = body.count === undefined ? 1000 : body.count;
    const days = body.days === undefined ? 1 : body.days;

    need(Number.isInteger(count) && count > 0 && count <= MAX_HISTORY,
         `count must be 1 to ${MAX_HISTORY}`);
    need(Number.isInteger(days) && days >= 0, 'days must be a number');

    account.inbound.history({
        count,
        days,
        from: body.from === undefined ? undefined
            : personOf(account, body.from),
    });

    return { success: true };
}


/* how the next things are played; what is not named stays as it is */
function play(account, body) {
    const { play: now } = account.inbound;

    need(body.receipts === undefined || PLAYS.includes(body.receipts),
         `receipts must be one of ${PLAYS.join(', ')}`);
    need(['undefined', 'boolean'].includes(typeof body.twin),
         'twin must be true or false');
    need([undefined, null].includes(body.ciphertext)
         || isWait(body.ciphertext), 'ciphertext must be ms, or null');
    need(body.history === undefined
         || (Number.isInteger(body.history) && body.history >= 0
             && body.history <= MAX_HISTORY),
         `history must be 0 to ${MAX_HISTORY}`);

    for (const name of Object.keys(now)) {
        if (body[name] !== undefined) {
            now[name] = body[name];
        }
    }

    return now;
}


const INBOUND_ROUTES = {
    'POST /api/messages': receive,
    'POST /api/react': react,
    'POST /api/edit': edit,
    'POST /api/delete': revoke,
    'POST /api/vote': vote,
    'POST /api/receipt': receipt,
    'POST /api/read': read,
    'POST /api/call': call,
    'POST /api/history': history,
    'POST /api/play': play,
};


module.exports = { INBOUND_ROUTES };
