// Receivers of webhooks made by others, in one server: each gets the very
// bytes of each request. A line of JSON on standard output tells of a request:
//
//     {"challenge": {LIBRARY: its answer}}
//     {"body": TEXT, "told": {LIBRARY: {"verified", ...what it tells}}}
//     {"media": {LIBRARY: what it says of the file and its bytes}}
//
// usage: receivers.js, and {"port", "other_port", "secret", "verify_token",
// "base", "token"} on standard input: base is the API's URL, for the files of
// messages, other_port is for the library that listens by itself.

import { createServer, request as httpRequest } from 'node:http';
import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import GreatDetail from '@great-detail/whatsapp';
import { WhatsAppClient } from '@kapso/whatsapp-cloud-api';
import {
    normalizeWebhook, verifySignature,
} from '@kapso/whatsapp-cloud-api/server';
import { WhatsAppAPI } from 'whatsapp-api-js/middleware/node-http';
import business from 'whatsapp-business';
import { digest } from './cases.js';

const {
    port, other_port: otherPort, secret, verify_token: verifyToken,
    base, token,
} = JSON.parse(readFileSync(0, 'utf8'));

const greatDetail = new GreatDetail({ prefixUrl: base,
    request: { headers: { Authorization: `Bearer ${token}` } } });
const kapso = new WhatsAppClient({ baseUrl: base, accessToken: token });


function tell(line) {
    process.stdout.write(`${JSON.stringify(line)}\n`);
}


/* ==== @kapso/whatsapp-cloud-api ==== */

const ofKapso = {
    told({ body, headers }) {
        return {
            verified: verifySignature({ appSecret: secret, rawBody: body,
                signatureHeader: headers['x-hub-signature-256'] }),
            ...normalizeWebhook(JSON.parse(body)),
        };
    },

    async media({ id, session }) {
        return [await kapso.media.get({ mediaId: id, phoneNumberId: session }),
            await digest(await kapso.media.download({ mediaId: id,
                phoneNumberId: session, as: 'response' }))];
    },
};


/* ==== @great-detail/whatsapp ==== */

const ofGreatDetail = {
    async challenge({ method, query, headers }) {
        const { verifyToken: asked, accept, reject }
            = await greatDetail.webhook.register({ method, query, headers });

        return asked === verifyToken ? accept() : reject();
    },

    async told({ method, query, headers, body }) {
        const event = await greatDetail.webhook.eventNotification({
            method, query, headers, body: body.toString(),
        });

        event.accept();

        return {
            verified: await event.checkSignature(secret),
            event: event.eventNotification,
        };
    },

    async media({ id }) {
        const { url, ...metadata }
            = await greatDetail.media.getURL({ mediaID: id }).json();

        return [metadata,
            await digest(await greatDetail.media.download({ mediaURL: url }))];
    },
};


/* ==== whatsapp-api-js ==== */

function makeApiJs() {
    const api = new WhatsAppAPI({ token, appSecret: secret,
        webhookVerifyToken: verifyToken });
    let told;

    const keep = (kind) => ({ phoneID, from, name, message, raw, phone, status,
        id, timestamp, error, call, biz_opaque_callback_data: data }) => {
        told = { kind, phoneID, from, name, message, raw, phone, status, id,
            timestamp, error, call, data };
    };

    api.on.message = keep('message');
    api.on.status = keep('status');
    api.on.call = { connect: keep('call'), terminate: keep('call') };

    return {
        challenge: ({ url, headers }) => api.handle_get({ url, headers }),

        async told({ headers, body }) {
            told = {};

            const http = await api.handle_post(
                Object.assign(Readable.from([body]), { headers }));

            return { verified: http === 200, http, ...told };
        },
    };
}


/* ==== whatsapp-business: an express application ==== */

function makeBusiness() {
    const { WebhookClient } = business;
    let told;
    const client = new WebhookClient({ path: '/hook', token: verifyToken,
        port: otherPort });

    client.initWebhook({
        onMessageReceived(message, contact, metadata) {
            told = { ...told, message, contact, metadata };
        },
        onTextMessageReceived(text) {
            told = { ...told, text };
        },
        onStatusReceived(status, metadata) {
            told = { ...told, status, metadata };
        },
        onError(error) {
            told = { ...told, error };
        },
    });

    /* the same request once more, to its server */
    const forward = ({ method, url, headers, body }) => (
        new Promise((resolve, reject) => {
            httpRequest({ port: otherPort, method, path: url, headers },
                        async (response) => {
                let text = '';

                for await (const part of response) {
                    text += part;
                }

                resolve([response.statusCode, text]);
            }).on('error', reject).end(body);
        }));

    return {
        challenge: async (one) => (await forward(one))[1],

        async told(one) {
            told = {};

            const [http] = await forward(one);

            return { http, ...told };
        },
    };
}


/* ==== the server ==== */

const libraries = {
    kapso: ofKapso,
    'great-detail': ofGreatDetail,
    'api-js': makeApiJs(),
    business: makeBusiness(),
};


/* {library: what it gives}, {error} of one that throws */
async function ask(what, ...args) {
    const given = {};

    for (const [name, library] of Object.entries(libraries)) {
        if (library[what]) {
            try {
                given[name] = await library[what](...args);
            } catch (error) {
                given[name] = { error: error.stack || String(error) };
            }
        }
    }

    return given;
}


async function read(incoming) {
    const parts = [];

    for await (const part of incoming) {
        parts.push(part);
    }

    return {
        method: incoming.method, url: incoming.url,
        headers: incoming.headers, body: Buffer.concat(parts),
        query: Object.fromEntries(
            new URL(incoming.url, 'http://localhost').searchParams),
    };
}


/* a receiver that knows the file's id asks for it */
async function tellMedia(body) {
    const { value } = JSON.parse(body).entry[0].changes[0];
    const message = (value.messages || value.message_echoes || [{}])[0];
    const id = (message[message.type] || {}).id;

    if (id) {
        tell({ message: message.id, media: await ask('media',
            { id, session: value.metadata.phone_number_id }) });
    }
}


/* one after the other: a library's callback has no other way to say of which
   request it is told */
let last = Promise.resolve();


async function answer(incoming, response) {
    const one = await read(incoming);

    if (one.method === 'GET') {
        const given = await ask('challenge', one);

        tell({ challenge: given });
        response.end(String(given['great-detail']));
        return;
    }

    const told = await ask('told', one);

    response.end();
    tell({ headers: one.headers, body: one.body.toString(), told });
    tellMedia(one.body).catch((error) => tell({ error: error.stack }));
}


createServer((incoming, response) => {
    last = last.then(() => answer(incoming, response))
        .catch((error) => tell({ error: error.stack }));
}).listen(port, '127.0.0.1', () => {
    process.stdout.write('listening\n');
});
