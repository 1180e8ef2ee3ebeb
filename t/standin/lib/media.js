'use strict';

/*
 * Files that the page has uploaded: their digests, and as many of their
 * bytes as fit, for the phone to show. In memory only.
 */

const crypto = require('node:crypto');

const MIB = 1024 * 1024;
const MAX_KEPT_FILE = 16 * MIB;
const MAX_KEPT = 64 * MIB;
const MAX_FILE = 2048 * MIB;
const MAX_UPLOADS = 10000;

/* shown by a browser as what they are; anything else is only downloaded */
const SHOWN = /^(image\/(jpeg|png|webp|gif)|(audio|video)\/[\w.+-]+)$/;


class Media {
    #uploads = new Map();
    #kept = 0;
    #maxFile;
    #maxKept;

    /* how many bytes are kept of a file, and of all */
    constructor(maxFile = MAX_KEPT_FILE, maxKept = MAX_KEPT) {
        this.#maxFile = maxFile;
        this.#maxKept = maxKept;
    }

    clear() {
        this.#uploads.clear();
        this.#kept = 0;
    }

    get(id) {
        return this.#uploads.get(id);
    }

    /* reads a request's body; the upload, or null if it was too large */
    async receive(request) {
        const hash = crypto.createHash('sha256');
        let chunks = [];
        let size = 0;

        for await (const chunk of request) {
            size += chunk.length;
            hash.update(chunk);

            if (size > MAX_FILE) {
                return null;
            }

            if (size > this.#maxFile) {
                chunks = null;
            } else if (chunks) {
                chunks.push(chunk);
            }
        }

        return this.#keep({
            id: crypto.randomBytes(12).toString('hex'),
            mimetype: String(request.headers['content-type'] || ''),
            size,
            sha256: hash.digest('hex'),
            bytes: chunks && Buffer.concat(chunks),
        });
    }

    #keep(upload) {
        this.#uploads.set(upload.id, upload);
        this.#kept += upload.bytes ? upload.size : 0;

        /* the oldest lose their bytes first, then all memory of them */
        for (const old of this.#uploads.values()) {
            if (this.#kept <= this.#maxKept) {
                break;
            }

            this.#kept -= old.bytes ? old.size : 0;
            old.bytes = null;
        }

        if (this.#uploads.size > MAX_UPLOADS) {
            const [[id, old]] = this.#uploads;

            this.#kept -= old.bytes ? old.size : 0;
            this.#uploads.delete(id);
        }

        return upload;
    }

    /* the bytes of an upload, for the phone's page; with ranges */
    serve(request, response, id) {
        const upload = this.#uploads.get(id);

        if (!upload || !upload.bytes) {
            response.writeHead(404);
            response.end();
            return;
        }

        const { bytes, size } = upload;
        const type = upload.mimetype.split(';')[0].trim();
        const range = rangeOf(request.headers.range, size);
        const [start, end] = range || [0, size - 1];
        const headers = {
            'Content-Type': SHOWN.test(type)
                ? type : 'application/octet-stream',
            'Content-Length': end - start + 1,
            'Content-Security-Policy': "default-src 'none'; sandbox",
            'X-Content-Type-Options': 'nosniff',
            'Cache-Control': 'private, max-age=3600, immutable',
            'Accept-Ranges': 'bytes',
        };

        if (!SHOWN.test(type)) {
            headers['Content-Disposition'] = 'attachment';
        }

        if (range) {
            headers['Content-Range'] = `bytes ${start}-${end}/${size}`;
        }

        response.writeHead(range ? 206 : 200, headers);
        response.end(bytes.subarray(start, end + 1));
    }
}


/* [start, end] of "bytes=3-" or "bytes=3-9"; null for anything else */
function rangeOf(header, size) {
    const match = /^bytes=(\d{1,12})-(\d{0,12})$/.exec(header || '');

    if (!match || Number(match[1]) >= size) {
        return null;
    }

    return [
        Number(match[1]),
        match[2] === '' ? size - 1 : Math.min(Number(match[2]), size - 1),
    ];
}


module.exports = { Media };
