'use strict';

/*
 * The media of messages. A file is fetched into the page as WhatsApp Web
 * itself does it, and held as a blob, whose bytes the browser gives to the
 * controller. No message is marked as read or played by it.
 *
 * WhatsApp Web's download manager gives the file as it was sent;
 * `downloadMedia` of a message, which turns sounds into what the browser can
 * play, is only used where the server has forgotten the file, because it asks
 * the phone to upload it once more.
 */
(function () {
    const tools = window.__whatsappControllerTools;

    /* a frame */
    if (!tools) {
        return;
    }

    const { Failure, findMessage, moduleOf, textOr, within } = tools;

    const TYPES = ['image', 'video', 'ptv', 'audio', 'ptt', 'document',
                   'sticker'];

    /* ms; the controller's own deadlines are a little longer */
    const FETCH_TIMEOUT = 170000;
    const HOLD_TIME = 120000;

    /* the files that may be held at once */
    const HELD_MAX = 8;

    /* why the phone is asked: somebody wants the file */
    const USER_ASKED = 1;

    /* how WhatsApp Web marks what neither server nor phone have */
    const MISSING = /MISSING|NEED_POKE|REUPLOAD/;
    const GONE = [404, 410];

    /* measurements that WhatsApp Web makes of a download, which end here */
    const unmeasured = new Proxy({}, {
        get: (target, name) => (name === 'then'
            ? undefined : () => unmeasured),
    });

    /* by the controller's handle: {controller, blob, timer} */
    const held = new Map();


    /* ==== describing ==== */

    async function needMedia(key) {
        const msg = await findMessage(key);

        if (!msg || !TYPES.includes(msg.type)) {
            throw new Failure('media_not_found',
                              'There is no such media, or no longer');
        }

        return msg;
    }

    function mimeTypeOf(msg) {
        return textOr('', msg.mimetype || (msg.mediaData || {}).mimetype)
               || 'application/octet-stream';
    }

    function filenameOf(msg) {
        return textOr('', msg.filename) || undefined;
    }

    function sizeOf(msg) {
        return Number(msg.size || (msg.mediaData || {}).size) || 0;
    }

    /* WhatsApp Web has digests in base64, the Cloud API in hexadecimal */
    function digestOf(msg) {
        const text = textOr('', msg.filehash
                                || (msg.mediaData || {}).filehash);

        if (/^[0-9a-f]{64}$/.test(text)) {
            return text;
        }

        try {
            return [...atob(text)].map((c) => (
                c.charCodeAt(0).toString(16).padStart(2, '0'))).join('');
        } catch (e) {
            return '';
        }
    }

    async function describe({ key }) {
        const msg = await needMedia(key);

        return {
            mime_type: mimeTypeOf(msg),
            sha256: digestOf(msg),
            file_size: sizeOf(msg),
            filename: filenameOf(msg),
        };
    }


    /* ==== fetching ==== */

    /* the file, if the page has it; a sound that was converted is another */
    function blobOf(msg) {
        for (const media of [msg.mediaObject, msg.mediaData]) {
            try {
                const blob = media.mediaBlob.forceToBlob();

                if (blob instanceof Blob && blob.size > 0
                    && (sizeOf(msg) === 0 || blob.size === sizeOf(msg)))
                {
                    return blob;
                }
            } catch (e) {
                /* this object has no blob any more */
            }
        }

        return null;
    }

    /* where the server has the file; null if the page does not know */
    function entryOf(msg) {
        const { entries } = msg.mediaObject || {};
        const entry = entries && entries.getDownloadEntry
            ? entries.getDownloadEntry(true) : null;
        const found = entry ? {
            directPath: entry.directPath,
            encFilehash: entry.getEncfilehash(),
            mediaKey: entry.getMediaKey(),
            mediaKeyTimestamp: entry.getMediaKeyTimestamp(),
        } : {
            directPath: msg.directPath,
            encFilehash: msg.encFilehash,
            mediaKey: msg.mediaKey,
            mediaKeyTimestamp: msg.mediaKeyTimestamp,
        };

        return found.directPath && found.mediaKey ? found : null;
    }

    function mediaTypeOf(msg) {
        const { getMsgMediaType } = moduleOf('WAWebMmsMediaTypes') || {};

        return getMsgMediaType ? getMsgMediaType(msg) : msg.type;
    }

    function isGone(e) {
        return Boolean(e) && (GONE.includes(e.status)
                              || e.name === 'MediaNotFoundError');
    }

    /* from WhatsApp's server; null if it does not have the file any more */
    async function fromServer(msg, signal) {
        const { downloadManager } = moduleOf('WAWebDownloadManager') || {};
        const entry = entryOf(msg);

        if (!downloadManager || !entry) {
            return null;
        }

        try {
            return await downloadManager.downloadAndMaybeDecrypt({
                ...entry,
                filehash: msg.filehash,
                type: mediaTypeOf(msg),
                mimetype: msg.mimetype,
                signal,
                downloadQpl: unmeasured,
            });
        } catch (e) {
            if (isGone(e)) {
                return null;
            }

            throw e;
        }
    }

    /* by way of the phone, which uploads once more what the server lacks */
    async function fromPhone(msg, signal) {
        if (typeof msg.downloadMedia !== 'function') {
            return null;
        }

        await msg.downloadMedia({
            downloadEvenIfExpensive: true,
            rmrReason: USER_ASKED,
            isUserInitiated: true,
        });

        return await fromServer(msg, signal) || blobOf(msg);
    }

    /* the state of a download that has not brought the file */
    function isMissing(msg) {
        const { downloadStage, mediaStage } = msg.mediaObject || {};

        return [downloadStage, mediaStage, (msg.mediaData || {}).mediaStage]
            .some((stage) => MISSING.test(stage || ''));
    }

    async function fetchMedia(msg, signal) {
        const found = blobOf(msg) || await fromServer(msg, signal);

        if (found) {
            return found;
        }

        try {
            const late = await fromPhone(msg, signal);

            if (late) {
                return late;
            }
        } catch (e) {
            if (!isMissing(msg) && !isGone(e)) {
                throw e;
            }
        }

        throw new Failure('media_expired',
                          'Unable to download the media sent by the user: '
                          + 'WhatsApp does not have it any more');
    }


    /* ==== handing over ==== */

    function needRoom({ handle, max }) {
        if (!Number.isSafeInteger(handle) || !Number.isSafeInteger(max)
            || held.has(handle))
        {
            throw new Failure('bad_request', 'handle or max is wrong');
        }

        if (held.size >= HELD_MAX) {
            throw new Failure('queue_full', 'Too many files are held');
        }
    }

    function needSize(size, max) {
        if (size > max) {
            throw new Failure('media_download_error',
                              'The file is larger than this server takes');
        }
    }

    async function open({ handle, key, max }) {
        needRoom({ handle, max });

        const hold = { controller: new AbortController(), blob: null };

        held.set(handle, hold);

        try {
            return await within(FETCH_TIMEOUT, hand(hold, handle, key, max));
        } catch (e) {
            close({ handle });
            throw e;
        }
    }

    async function hand(hold, handle, key, max) {
        const { signal } = hold.controller;
        const msg = await needMedia(key);

        needSize(sizeOf(msg), max);

        const blob = new Blob([await fetchMedia(msg, signal)],
                              { type: 'application/octet-stream' });

        needSize(blob.size, max);

        if (blob.size === 0 || signal.aborted) {
            throw new Failure('page_error', 'WhatsApp Web gave no file');
        }

        hold.blob = blob;
        hold.timer = setTimeout(close, HOLD_TIME, { handle });

        return {
            size: blob.size,
            mime_type: mimeTypeOf(msg),
            filename: filenameOf(msg),
        };
    }

    /* null when it is not held */
    function fileOf(handle) {
        return held.get(handle)?.blob || null;
    }

    /* lets go of a file, or stops fetching it */
    function close({ handle }) {
        const hold = held.get(handle);

        if (hold) {
            held.delete(handle);
            clearTimeout(hold.timer);
            hold.controller.abort();
        }

        return {};
    }

    async function closeNow(params) {
        return close(params);
    }


    Object.assign(tools.methods, {
        'media.describe': { run: describe, needs: 'send_text' },
        'media.open': { run: open, needs: 'send_text' },
        'media.close': { run: closeNow },
    });
    Object.assign(tools, { fileOf });
}());
