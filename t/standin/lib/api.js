'use strict';

/*
 * The phone's HTTP API: what tests and the phone's page call.
 */

const { ApiError } = require('./api_error.js');
const { UnfitContent } = require('./contents.js');
const { digitsOf } = require('./directory.js');
const { FaultError } = require('./faults.js');
const { Refusal } = require('./groups.js');
const { INBOUND_ROUTES } = require('./inbound_api.js');
const { showReceived, showActs, wamid } = require('./show.js');

const MAX_BODY = 1024 * 1024;
const CHAT_LENGTH = 200;
const PAIRING_EVENTS = [
    'error_alt_linking', 'force_manual_refresh', 'passkey_prologue_request',
    'primary_hello_received', 'refresh_alt_linking_code', 'shortcake_error',
    'shortcake_prologue_sent', 'shortcake_verification_code_ready',
];
const VANISHINGS = ['deleted', 'expired'];
const PAGE_ACTIONS = [
    'alert', 'cache', 'download', 'focus', 'grow', 'hang', 'hang_hard',
    'litter', 'navigate', 'scroll', 'search',
];


const ROUTES = {
    'GET /api/state': (account) => account.state(),

    'GET /api/messages': (account, body, query) => {
        const { sent, received } = account.messages;

        return query.get('direction') === 'in'
            ? [...received.values()].map(showReceived)
            : [...sent.values()].map((one) => showSent(account, one));
    },

    'GET /api/acts': (account) => [...account.messages.acts.values()],

    ...INBOUND_ROUTES,

    'GET /api/groups': ({ groups }) => groups.list().map(showGroup),

    /* somebody makes a group, or changes who is in one */
    'POST /api/groups': ({ directory, groups }, body) => {
        if (body.id !== undefined) {
            const group = groups.get(body.id);
            const owner = group && directory.people.get(group.owner);

            if (!group) {
                throw new ApiError(404, 'no such group');
            }

            if (body.action === 'ask') {
                for (const number of numbersOf(body)) {
                    groups.ask(group.id, directory.people.get(number));
                }

            } else {
                groups.change(group.id, owner, body.action, numbersOf(body)
                    .map((number) => `${number}@c.us`));
            }

            return showGroup(group);
        }

        const owner = directory.people.get(String(body.owner));

        if (!owner) {
            throw new ApiError(400, 'owner is not a number that exists');
        }

        return showGroup(groups.create(
            owner, body, numbersOf(body).filter(
                (number) => directory.people.has(number))));
    },

    'GET /api/chats': (account, body, query) => {
        const { revision } = account.messages;

        if (query.get('revision') === String(revision)) {
            return { revision };
        }

        return { revision, chats: showChats(account) };
    },

    /* "deleted" on the phone for the account alone, or "expired" */
    'POST /api/vanish': (account, body) => {
        if (!VANISHINGS.includes(body.how)) {
            throw new ApiError(400, `how is one of ${VANISHINGS.join(', ')}`);
        }

        account.vanish(String(body.id), body.how);
        return { success: true };
    },

    'POST /api/scan': (account, body) => {
        const linked = account.devices.scan(body.qr);

        if (linked === 0) {
            throw new ApiError(409, 'no page shows this QR code');
        }

        return { success: true, linked };
    },

    'POST /api/pair': (account, body) => {
        if (!account.devices.enterCode(body.code)) {
            throw new ApiError(409, 'no page shows this code');
        }

        return { success: true };
    },

    /* what happens while a phone links a page */
    'POST /api/pairing_event': (account, body) => {
        if (!PAIRING_EVENTS.includes(body.event)) {
            throw new ApiError(400, 'unknown event');
        }

        account.broadcast({
            type: 'pairing', event: body.event, args: body.args,
        });
        return { success: true };
    },

    'POST /api/account': (account, body) => {
        if (!['boolean', 'undefined'].includes(typeof body.business)
            || !(body.old_chats === undefined
                 || Array.isArray(body.old_chats)))
        {
            throw new ApiError(400, 'business is true or false, old_chats a '
                               + 'list of numbers');
        }

        if (body.business !== undefined) {
            account.setBusiness(body.business);
        }

        if (body.old_chats !== undefined) {
            account.setOldChats(body.old_chats.map(String));
        }

        return { success: true };
    },

    /* reason: WhatsApp's own word, or "banned" */
    'POST /api/logout': (account, body) => {
        account.devices.logout(body.reason === undefined
            ? 'device_removed' : String(body.reason));
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

        const { links } = account.devices;
        let meant = [...links];

        if (body.page === 'sender') {
            meant = meant.filter((link) => link === account.lastSender);

        } else if (body.page !== undefined) {
            meant = meant.slice(body.page, body.page + 1);
        }

        for (const link of meant) {
            link.send({
                type: 'page',
                action: body.action,
                mib: Number(body.mib) || 0,
            });
        }

        return { success: true, pages: meant.length };
    },
};


function numbersOf({ participants }) {
    return Array.isArray(participants) ? participants.map(String) : [];
}


function showGroup(group) {
    return {
        id: group.id,
        subject: group.subject,
        description: group.desc,
        created_at: group.creation,
        owner: group.owner,
        announce: group.announce,
        picture: group.picture,
        invite_link: `https://chat.whatsapp.com/${group.code}`,
        participants: [...group.members].map(([number, admin]) => (
            { number, admin })),
    };
}


function showSent({ directory }, message) {
    return {
        id: message.id,
        wamid: wamid(message.id),
        by: message.by || 'page',
        to: directory.numberOf(message.chat),
        chat: message.chat,
        type: message.type,
        body: message.body,
        mentions: message.mentions,
        caption: message.caption,
        media: message.media,
        location: message.location,
        contacts: message.contacts,
        poll: message.poll,
        quoted: message.quoted,
        forwarded: message.forwarded,
        ...showActs(message),
        time: message.time,
        ack: message.ack,
        frames: message.frames,
    };
}


function showChats(account) {
    const found = account.messages.chats(CHAT_LENGTH);
    const people = account.directory.list()
        .filter((person) => person !== account.directory.own)
        .map(({ wid, lid, name, number }) => (
            { ids: [wid, lid], name, number, lid: digitsOf(lid) }));
    const groups = account.groups.list().map((group) => (
        { ids: [group.id], name: group.subject, number: null, lid: null,
          members: membersOf(account, group) }));

    const known = new Set([...people, ...groups].flatMap(({ ids }) => ids));
    const others = [...found.keys()].filter((id) => !known.has(id)).map(
        (id) => otherChat(account, id));

    return [...people, ...groups, ...others].map(
        (chat) => showChat(account, found, chat));
}


/* somebody without a number, or what is no chat for people to write in */
function otherChat({ directory }, id) {
    const person = directory.find(id);

    return {
        ids: [id],
        name: (person && person.name) || id,
        number: null,
        lid: person ? digitsOf(id) : null,
        members: person ? [{ number: id, name: person.name || id }] : [],
    };
}


/* who is in a group, beside the account */
function membersOf({ directory }, { members }) {
    return [...members.keys()]
        .filter((number) => number !== directory.own.number)
        .map((number) => (
            { number, name: directory.people.get(number).name }));
}


function showChat(account, found, { ids, name, number, lid, members }) {
    return {
        wid: ids[0],
        name,
        number,
        lid,
        members,
        typing: account.typing.has(number || digitsOf(ids[0])),
        messages: ids.flatMap((id) => found.get(id) || [])
            .sort((a, b) => a.time - b.time)
            .map((message) => (message.frames === undefined
                ? showReceived(message) : showSent(account, message))),
    };
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
    const [, upload] = /^\/api\/media\/(\w{1,64})$/.exec(url.pathname) || [];

    if (upload && request.method === 'GET') {
        const kept = account.media.get(upload) ? account.media : account.files;

        kept.serve(request, response, upload);
        return;
    }

    if (`${request.method} ${url.pathname}` === 'POST /api/media') {
        await takeFile(account, request, response);
        return;
    }

    try {
        if (!handler) {
            throw new ApiError(404, 'no such call');
        }

        const body = request.method === 'POST' ? await readBody(request) : {};

        answer(response, 200, handler(account, body, url.searchParams));
    } catch (e) {
        if (e instanceof ApiError || e instanceof FaultError
            || e instanceof Refusal || e instanceof UnfitContent)
        {
            answer(response, e.status || 400, { error: e.message });
            return;
        }

        throw e;
    }
}


/* somebody puts a file on a phone, to send it */
async function takeFile(account, request, response) {
    const file = await account.files.receive(request);

    if (file && file.bytes) {
        answer(response, 200, {
            id: file.id, sha256: file.sha256, size: file.size,
        });
    } else {
        answer(response, 413, { error: 'file too large' });
    }
}


/* an upload that nobody ends: the "status" of a fault */
const UPLOAD_STALLED = 1;


/* the page uploads a file */
async function handleUpload(account, request, response) {
    const isAllowed = request.method === 'POST'
        && account.devices.isLinked(request.headers['x-login']);
    const refused = isAllowed ? account.faults.take('refuse_upload') : 403;

    if (refused === UPLOAD_STALLED) {
        request.resume();
        return;
    }

    if (refused) {
        /* a body that nobody reads would keep the connection busy */
        request.resume();
        answer(response, refused, { error: 'refused' });
        return;
    }

    const upload = await account.media.receive(request);

    if (upload) {
        answer(response, 200, {
            id: upload.id, sha256: upload.sha256, size: upload.size,
        });
    } else {
        response.destroy();
    }
}


/*
 * The page downloads a file of an inbound message. Files that are expired are
 * gone (404, or 410 for those of old), until the phone has given them again.
 */
function handleDownload(account, request, response, url) {
    const [, id] = /^\/web\/mms\/.*?(\w{1,64})$/.exec(url.pathname) || [];
    const kept = account.files.get(id) ? account.files : account.media;
    const file = kept.get(id);
    const isAllowed = account.devices.isLinked(request.headers['x-login']);
    const refused = isAllowed
        ? account.faults.take('refuse_download') : 403;

    if (refused) {
        answer(response, refused, { error: 'refused' });
    } else if (!file || !file.bytes || file.expired) {
        answer(response, file ? 410 : 404, { error: 'no such file' });
    } else {
        kept.serve(request, response, id);
    }
}


module.exports = { handleApi, handleUpload, handleDownload };
