'use strict';

/*
 * The two pages and their scripts: read once at start, served from memory.
 * /web/filler/N.mjs are scripts of 1 MiB each, which a browser may keep.
 */

const fs = require('node:fs');
const path = require('node:path');

const TYPES = {
    '.html': 'text/html; charset=UTF-8',
    '.css': 'text/css; charset=UTF-8',
    '.js': 'text/javascript; charset=UTF-8',
    '.mjs': 'text/javascript; charset=UTF-8',
};

/*
 * As strict as WhatsApp Web's own, so that what is injected must live with it;
 * pictures are blobs there (sigalor/whatsapp-web-reveng, issue 394).
 */
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; "
    + "connect-src 'self' ws:; img-src 'self' data: blob:; "
    + "media-src 'self' blob:; base-uri 'none'; "
    + "form-action 'none'; frame-ancestors 'none'";
const WEB_POLICY = `${POLICY}; require-trusted-types-for 'script'`;


const FILLER = /^\/web\/filler\/\d{1,4}\.mjs$/;
const FILLER_SIZE = 1024 * 1024;


class Files {
    #filler = null;

    constructor() {
        this.files = new Map();
        this.#load('phone', '/', POLICY);
        this.#load('web', '/web/', WEB_POLICY);
    }

    #load(directory, prefix, policy) {
        const root = path.join(__dirname, '..', directory);

        for (const name of fs.readdirSync(root)) {
            const type = TYPES[path.extname(name)];

            if (type) {
                this.files.set(
                    prefix + (name === 'index.html' ? '' : name),
                    { type, policy, text: fs.readFileSync(
                        path.join(root, name), 'utf8') });
            }
        }
    }

    /* `values` replace {{name}} in HTML */
    serve(request, response, url, values) {
        const file = this.files.get(url.pathname);

        if (FILLER.test(url.pathname)) {
            this.#serveFiller(response);
            return;
        }

        if (!file || (request.method !== 'GET' && request.method !== 'HEAD')) {
            response.writeHead(file ? 405 : 404);
            response.end();
            return;
        }

        const text = file.type.startsWith('text/html')
            ? file.text.replace(/\{\{(\w+)\}\}/g,
                                (all, name) => escaped(values[name]))
            : file.text;

        response.writeHead(200, {
            'Content-Type': file.type,
            'Content-Length': Buffer.byteLength(text),
            'Content-Security-Policy': file.policy,
            'Cache-Control': 'no-store',
        });
        response.end(request.method === 'HEAD' ? undefined : text);
    }

    #serveFiller(response) {
        this.#filler = this.#filler || makeFiller();

        response.writeHead(200, {
            'Content-Type': TYPES['.mjs'],
            'Content-Length': Buffer.byteLength(this.#filler),
            'Cache-Control': 'max-age=3600, immutable',
        });
        response.end(this.#filler);
    }
}


/* functions that run, so that what they are compiled to can be kept too */
function makeFiller() {
    const functions = [];
    const rest = 'x'.repeat(200);

    for (let i = 0; i * 300 < FILLER_SIZE; i++) {
        functions.push(`function f${i}(n) { let s = ${i}; `
            + 'for (let k = 0; k < n; k++) { s = (s * 31 + k) % 1009; } '
            + `return s + '${rest}'; }\nf${i}(2);`);
    }

    return functions.join('\n').slice(0, FILLER_SIZE).replace(/\n.*$/, '\n');
}


/* for an attribute */
function escaped(value) {
    return String(value).replace(/[&"<>]/g, (c) => `&#${c.charCodeAt(0)};`);
}


module.exports = { Files };
