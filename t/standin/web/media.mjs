/*
 * Files: WAWebMedia, WAWebMediaPrep, WAWebMediaMmsV4Upload and
 * WAWebUploadManager, read in 2.3000.1044822804. They are looked at, uploaded
 * to the account's server as they are, and sent as messages that point to the
 * upload. A property of the account says whether a worker does the upload; in
 * a page that a program drives, the worker never ends it.
 */

import { properties } from './properties.mjs';
import { define } from './define.mjs';
import { Model } from './model.mjs';
import { currentLogin } from './session.mjs';
import { sendMsgChatAction } from './sending.mjs';
import { ACK, save } from './messages.mjs';

const MIB = 1024 * 1024;
const LIMITS = { document: 2048 * MIB, sticker: MIB };
const LIMIT = 100 * MIB;
const limitOf = (type) => LIMITS[type] || LIMIT;
const VISIBLE = ['image', 'video', 'audio'];


/* a blob in the hands of the real application's media code */
class OpaqueData {
    #blob;

    constructor(blob, type) {
        this.#blob = blob;
        this.mimetype = type;
    }

    static async createFromData(blob, type) {
        return new OpaqueData(blob, type);
    }

    type() {
        return this.mimetype;
    }

    size() {
        return this.#blob.size;
    }

    forceToBlob() {
        return this.#blob;
    }

    throwIfReleased() {}

    autorelease() {}
}


class MediaData extends Model {}

const stickers = {
    async processRawSticker(data) {
        if (data.type() !== 'image/webp') {
            throw new Error('Unsupported sticker');
        }

        return describe(data, 'sticker', await sizeOf(data));
    },
};


/* the flag in the extended header of the format */
function isAnimatedWebp(bytes) {
    const view = new Uint8Array(bytes);

    return String.fromCharCode(...view.slice(12, 16)) === 'VP8X'
           && (view[20] & 2) !== 0;
}


async function sizeOf(data) {
    const bitmap = await createImageBitmap(data.forceToBlob());
    const { width, height } = bitmap;

    bitmap.close();

    return { fullWidth: width, fullHeight: height };
}


function describe(data, type, more) {
    return {
        type,
        mimetype: data.type(),
        size: data.size(),
        mediaBlob: data,
        ...more,
    };
}


/* rejects what cannot be shown */
async function processRawMedia(data, options) {
    if (options.isPtt) {
        return describe(data, 'ptt', options.precomputedFields);
    }

    if (options.asSticker) {
        return stickers.processRawSticker(data);
    }

    const kind = data.type().split('/')[0];

    if (options.asDocument || !VISIBLE.includes(kind)) {
        return describe(data, 'document');
    }

    return describe(data, kind,
                    kind === 'image' ? await sizeOf(data) : undefined);
}


/* ==== uploading ==== */

/* how the server refuses an upload, by its status */
const STAGES = {
    401: 'ERROR_FORBIDDEN',
    404: 'ERROR_MISSING',
    413: 'ERROR_TOO_LARGE',
    429: 'ERROR_THROTTLED',
};
const CANCELLED = 499;

const UploadMediaResultKind = {
    SUCCESS: 'success',
    CANCELLATION: 'cancellation',
    ERROR: 'error',
    TIMEOUT: 'timeout',
};

const manager = {
    encryptAndUpload(request) {
        return properties.getABPropConfigValue(
            'web_media_encrypt_upload_in_worker_enabled')
            ? new Promise(() => {}) : uploadHere(request);
    },
};


async function uploadHere({ blob, type }) {
    const response = await fetch('media', {
        method: 'POST',
        headers: {
            'Content-Type': type || 'application/octet-stream',
            'X-Login': currentLogin().token,
        },
        body: blob,
    });

    if (!response.ok) {
        throw Object.assign(new Error('upload failed'),
                            { status: response.status });
    }

    return response.json();
}


/* by media object: what ends its upload */
const cancels = new WeakMap();

const mms = {
    UploadMediaResultKind,

    cancelUploadMedia(mediaObject) {
        if (cancels.has(mediaObject)) {
            cancels.get(mediaObject)();
        }
    },

    /* never rejects: the kind of the result tells */
    async uploadMedia({ mediaObject, mimetype }) {
        mediaObject.uploadStage = 'UPLOADING';

        try {
            const mediaEntry = await Promise.race([
                manager.encryptAndUpload({
                    blob: mediaObject.mediaBlob.forceToBlob(),
                    type: mimetype,
                }),
                untilCancelled(mediaObject),
            ]);

            mediaObject.uploadStage = 'UPLOADED';
            return { kind: UploadMediaResultKind.SUCCESS, mediaEntry };

        } catch (e) {
            mediaObject.uploadStage = STAGES[e.status] || 'NEED_UPLOAD';

            return {
                kind: e.status === CANCELLED
                    ? UploadMediaResultKind.CANCELLATION
                    : UploadMediaResultKind.ERROR,
            };
        }
    },
};


function untilCancelled(mediaObject) {
    return new Promise((resolve, reject) => {
        cancels.set(mediaObject, () => reject(
            Object.assign(new Error('aborted'), { status: CANCELLED })));
    });
}


class MediaPrep {
    #ready;

    constructor(processing) {
        this.mediaData = new MediaData({ mediaStage: 'PREPARING' });
        this.#ready = processing.then((found) => this.mediaData.set(found));
    }

    async waitForPrep() {
        await this.#ready;

        return this.mediaData;
    }

    /* the message appears first and is uploaded then; never rejects */
    async sendToChat({ chat, options }) {
        const data = await this.waitForPrep();
        const attributes = {
            ...options.productMsgOptions,
            type: data.type,
            caption: options.caption,
            mimetype: data.mimetype,
            size: data.size,
            mediaData: data,
        };
        const state = { msg: null, kind: null };

        try {
            const result = await sendMsgChatAction.addAndSendMsgToChat(
                chat, attributes, (msg) => upload(msg, data, state))[1];

            return result.messageSendResult === 'OK'
                ? { messageSendResult: 'OK', msg: state.msg }
                : failed(state, data, result);

        } catch (e) {
            return failed(state, data, null);
        }
    }
}


/* whatever the reason, the message is marked as refused by the server */
function failed({ msg, kind }, data, result) {
    if (msg) {
        msg.ack = ACK.FAILED;
        save(msg);
    }

    if (kind === UploadMediaResultKind.CANCELLATION) {
        return { messageSendResult: 'ERROR_CANCELLED' };
    }

    if (data.uploadStage === 'ERROR_MISSING') {
        return { messageSendResult: 'ERROR_EXPIRED' };
    }

    if (kind === UploadMediaResultKind.ERROR) {
        return { messageSendResult: 'ERROR_UPLOAD' };
    }

    return result
        ? { ...result, msg } : { messageSendResult: 'ERROR_UNKNOWN' };
}


async function upload(msg, data, state) {
    state.msg = msg;
    msg.mediaObject = data;

    const result = await mms.uploadMedia({
        mediaObject: data,
        mediaType: data.type,
        mimetype: data.mimetype,
    });

    state.kind = result.kind;

    if (!result.mediaEntry) {
        throw new Error('upload failed: media entry was not created');
    }

    msg.upload = result.mediaEntry.id;
    msg.directPath = `/v/t62.7118-24/${result.mediaEntry.id}`;
    msg.mediaKey = randomKey();
    msg.filehash = btoa(String.fromCharCode(
        ...result.mediaEntry.sha256.match(/../g).map(
            (byte) => parseInt(byte, 16))));
    save(msg);
}


/* of a file that is encrypted, in the real application */
function randomKey() {
    return btoa(String.fromCharCode(
        ...crypto.getRandomValues(new Uint8Array(32))));
}


function prepRawMedia(data, options) {
    return new MediaPrep(processRawMedia(data, options));
}


export function defineMedia() {
    define('WAWebMediaOpaqueData', { default: OpaqueData });
    define('WAWebMediaGatingUtils', {
        getUploadLimit: (type, origin, isDocument) => limitOf(
            type, origin, isDocument),
    });
    define('WAWebMediaDataUtils', stickers);
    define('WAWebWebp', { isAnimatedWebp });
    define('WAWebMediaMmsV4Upload', mms);
    define('WAWebMediaPrep', { MediaPrep });
    define('WAWebMedia', {
        MediaPrep,
        prepRawMedia,

        /* of WAWebMediaProduct, whose exports are this module's too */
        uploadProductImage: async (data, filehash, more, signal) => (
            { data, filehash, more, signal }),
    });
    define('WAWebUploadManager', { default: manager });
}
