'use strict';

/*
 * The phone's HTTP API: what tests and the phone's page call.
 */

const { digitsOf } = require('./directory.js');
const { FaultError } = require('./faults.js');

const MAX_BODY = 256 * 1024;
const CHAT_LENGTH = 200;
const PAGE_ACTIONS = ['hang', 'hang_hard', 'alert', 'navigate'];


class ApiError extends Error {
    constructor(status, message) {
        super(message);
        this.status = status;
    }
}


const ROUTES = {
    'GET /api/state': (account) => account.state(),

    'GET /api/messages': (account, body, query) => {
        const { sent, received } = account.messages;

        return query.get('direction') === 'in'
            ? [...received.values()].map(showReceived)
            : [...sent.values()].map(showSent);
    },

    'POST /api/messages': (account, body) => {
        const person = account.directory.people.get(String(body.from));

        if (!person || person === account.directory.own) {
            throw new ApiError(400, 'from is not a number that exists');
        }

        if (body.type !== undefined && body.type !== 'text') {
            throw new ApiError(400, 'type must be text');
        }

        if (typeof body.body !== 'string' || body.body === '') {
            throw new ApiError(400, 'body must be a text');
        }

        return showReceived(account.receive(person, body.body, body.quoted));
    },

    'GET /api/chats': (account, body, query) => {
        const { revision } = account.messages;

        if (query.get('revision') === String(revision)) {
            return { revision };
        }

        return { revision, chats: showChats(account) };
    },

    'POST /api/read': (account, body) => {
        const person = account.directory.people.get(String(body.from));

        if (!person) {
            throw new ApiError(400, 'from is not a number that exists');
        }

        account.read(person.wid);
        return { success: true };
    },

    'POST /api/scan': (account, body) => {
        const linked = account.scan(body.qr);

        if (linked === 0) {
            throw new ApiError(409, 'no page shows this QR code');
        }

        return { success: true, linked };
    },

    'POST /api/logout': (account) => {
        account.logout(null, 'device_removed');
        return { success: true };
    },

    'POST /api/fault': (account, body) => {
        account.fault(body.kind, body);
        return { success: true, faults: account.faults.active() };
    },

    'POST /api/page': (account, body) => {
        if (!PAGE_ACTIONS.includes(body.action)) {
            throw new ApiError(400, 'unknown action');
        }

        account.broadcast({ type: 'page', action: body.action });
        return { success: true, pages: account.links.size };
    },
};


/* the id under which the public API knows a message */
function wamid(id) {
    return `wamid.${Buffer.from(id).toString('base64url')}`;
}


function showSent(message) {
    return {
        id: message.id,
        wamid: wamid(message.id),
        to: digitsOf(message.chat),
        type: message.type,
        body: message.body,
        quoted: message.quoted,
        time: message.time,
        ack: message.ack,
        frames: message.frames,
    };
}


function showReceived(message) {
    return {
        id: message.id,
        wamid: wamid(message.id),
        from: message.from,
        type: message.type,
        body: message.body,
        quoted: message.quoted,
        time: message.time,
        seen: message.seen,
    };
}


function showChats(account) {
    const found = account.messages.chats(CHAT_LENGTH);
    const people = account.directory.list()
        .filter((person) => person !== account.directory.own)
        .map((person) => [person.wid, person.name, person.number]);
    const groups = [...account.directory.groups.values()]
        .map((group) => [group.id, group.name, null]);

    return [...people, ...groups].map(([wid, name, number]) => ({
        wid,
        name,
        number,
        typing: account.typing.has(wid),
        messages: (found.get(wid) || []).map((message) => (
            message.frames === undefined
                ? showReceived(message) : showSent(message))),
    }));
}


async function readBody(request) {
    const chunks = [];
    let size = 0;

    for await (const chunk of request) {
        size += chunk.length;

        if (size > MAX_BODY) {
            throw new ApiError(413, 'body too large');
        }

        chunks.push(chunk);
    }

    if (size === 0) {
        return {};
    }

    let body;

    try {
        body = JSON.parse(Buffer.concat(chunks).toString());
    } catch (e) {
        throw new ApiError(400, 'body is not JSON');
    }

    if (body === null || typeof body !== 'object' || Array.isArray(body)) {
        throw new ApiError(400, 'body is not a JSON object');
    }

    return body;
}


function answer(response, status, value) {
    const body = Buffer.from(JSON.stringify(value));

    response.writeHead(status, {
        'Content-Type': 'application/json; charset=UTF-8',
        'Content-Length': body.length,
        'Cache-Control': 'no-store',
    });
    response.end(body);
}


/* answers every request below /api/ */
async function handleApi(account, request, response, url) {
    const handler = ROUTES[`${request.method} ${url.pathname}`];

    try {
        if (!handler) {
            throw new ApiError(404, 'no such call');
        }

        const body = request.method === 'POST' ? await readBody(request) : {};

        answer(response, 200, handler(account, body, url.searchParams));
    } catch (e) {
        if (e instanceof ApiError || e instanceof FaultError) {
            answer(response, e.status || 400, { error: e.message });
            return;
        }

        throw e;
    }
}


module.exports = { handleApi };
