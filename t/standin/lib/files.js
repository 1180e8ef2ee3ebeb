'use strict';

/*
 * The two pages and their scripts: read once at start, served from memory.
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


class Files {
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
}


/* for an attribute */
function escaped(value) {
    return String(value).replace(/[&"<>]/g, (c) => `&#${c.charCodeAt(0)};`);
}


module.exports = { Files };
