'use strict';

/*
 * An application that webhooks are delivered to, for the demo: what it got is
 * shown on the phone's page. It answers 401 to what is not signed, and keeps
 * that, too, to be looked at.
 */

const { createHmac, timingSafeEqual } = require('node:crypto');

const MAX_BODY = 1024 * 1024;
const MAX_EVENTS = 200;
const MAX_BYTES = 4 * MAX_BODY;


class Receiver {
    /* watch: a command that shows the same events, for people */
    constructor({ secret, verifyToken, watch }) {
        this.secret = secret;
        this.verifyToken = verifyToken;
        this.watch = watch;
        this.events = [];
        this.bytes = 0;
        this.count = 0;
    }

    /* of a request for /hook, or for what it got: /hook/events?after=N */
    async handle(request, response, url) {
        if (url.pathname === '/hook/events') {
            this.#show(response, Number(url.searchParams.get('after')));
        } else if (request.method === 'POST') {
            await this.#take(request, response);
        } else {
            this.#answerChallenge(response, url.searchParams);
        }
    }

    #answerChallenge(response, query) {
        const isRight = query.get('hub.mode') === 'subscribe'
            && query.get('hub.verify_token') === this.verifyToken;

        answer(response, isRight ? 200 : 403, 'text/plain',
               isRight ? query.get('hub.challenge') || '' : '');
    }

    async #take(request, response) {
        const parts = [];
        let size = 0;

        for await (const part of request) {
            size += part.length;

            if (size > MAX_BODY) {
                answer(response, 413, 'text/plain', '');
                return;
            }

            parts.push(part);
        }

        const body = Buffer.concat(parts);
        const isSigned = this.#isSigned(
            body, request.headers['x-hub-signature-256'] || '');

        this.#keep({ body: body.toString(), signed: isSigned,
                     time: Date.now() });
        answer(response, isSigned ? 200 : 401, 'text/plain', '');
    }

    #isSigned(body, signature) {
        const expected = Buffer.from(`sha256=${
            createHmac('sha256', this.secret).update(body).digest('hex')}`);
        const given = Buffer.from(signature);

        return given.length === expected.length
            && timingSafeEqual(given, expected);
    }

    #keep(event) {
        this.count += 1;
        this.events.push({ n: this.count, ...event });
        this.bytes += event.body.length;

        while (this.events.length > MAX_EVENTS || this.bytes > MAX_BYTES) {
            this.bytes -= this.events.shift().body.length;
        }
    }

    #show(response, after) {
        answer(response, 200, 'application/json', JSON.stringify({
            count: this.count,
            events: this.events.filter(({ n }) => n > after),
        }));
    }
}


function answer(response, status, type, text) {
    response.writeHead(status, {
        'Content-Type': type,
        'Content-Length': Buffer.byteLength(text),
        'Cache-Control': 'no-store',
    });
    response.end(text);
}


module.exports = { Receiver };
