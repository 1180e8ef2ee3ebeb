/*
 * Files: looked at, uploaded to the account's server as they are, and sent
 * as messages that point to the upload.
 */

import { define } from './define.mjs';
import { Model } from './model.mjs';
import { currentLogin } from './session.mjs';
import { addAndSendMsgToChat } from './sending.mjs';
import { save } from './messages.mjs';

const MIB = 1024 * 1024;
const LIMITS = { document: 2048 * MIB, sticker: MIB };
const LIMIT = 100 * MIB;
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

const mms = {
    /* never rejects: the kind of the result tells */
    async uploadMedia({ mediaObject, mimetype }) {
        try {
            const response = await fetch('media', {
                method: 'POST',
                headers: {
                    'Content-Type': mimetype || 'application/octet-stream',
                    'X-Login': currentLogin().token,
                },
                body: mediaObject.mediaBlob.forceToBlob(),
            });

            if (!response.ok) {
                return { kind: 'error' };
            }

            return { kind: 'success', mediaEntry: await response.json() };

        } catch (e) {
            return { kind: 'error' };
        }
    },
};


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

    /*
     * The message appears first and is uploaded then; resolves like the send
     * of any message, also when the upload has failed.
     */
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

        return (await addAndSendMsgToChat(chat, attributes,
                                          (msg) => upload(msg, data)))[1];
    }
}


async function upload(msg, data) {
    const result = await mms.uploadMedia({
        mediaObject: data,
        mediaType: data.type,
        mimetype: data.mimetype,
    });

    if (!result.mediaEntry) {
        return false;
    }

    msg.upload = result.mediaEntry.id;
    msg.filehash = result.mediaEntry.sha256;
    save(msg);

    return true;
}


function prepRawMedia(data, options) {
    return new MediaPrep(processRawMedia(data, options));
}


export function defineMedia() {
    define('WAWebMediaOpaqueData', { default: OpaqueData });
    define('WAWebMediaGatingUtils', {
        getUploadLimit: (type) => LIMITS[type] || LIMIT,
    });
    define('WAWebMediaDataUtils', stickers);
    define('WAWebWebp', { isAnimatedWebp });
    define('WAWebMediaMmsV4Upload', mms);
    define('WAWebMedia', {
        MediaPrep,
        prepRawMedia,

        /* by this wa-js knows the module */
        uploadProductImage() {},
    });
}
