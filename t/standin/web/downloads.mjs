/*
 * Files of messages, as they are downloaded: WAWebMediaMsgRegistration,
 * WAWebMediaObject, WAWebMediaData, WAWebMediaMmsV4Download,
 * WAWebDownloadManager, WAWebDownloadAndDecryptCache, WAWebMediaStore,
 * WAWebMediaAutoDownloadQueue and WAWebMediaInMemoryBlobCache, read in
 * 2.3000.1044822804. A file has no encryption to take off here; its digest is
 * held against that of the message.
 */

import { define } from './define.mjs';
import { ask, ServerStatusCodeError } from './iq.mjs';
import { Model, observe } from './model.mjs';
import { hasMedia, mediaRegistry, messages } from './messages.mjs';
import { currentLogin } from './session.mjs';
import * as store from './store.mjs';

/* in memory; a file that is larger is never in there */
const BLOB_CACHE = 250000000;

/* on disk; more files than these are dropped all at once */
const MAX_STORED = 200;

/* of a message's type, what wa-js and others call the kind of its file */
const TYPES = {
    image: 'IMAGE', video: 'VIDEO', ptv: 'PTV', audio: 'AUDIO', ptt: 'AUDIO',
    sticker: 'STICKER', document: 'DOCUMENT',
};
const NOT_FOUND = [404, 410];


class MediaData extends Model {}

observe(MediaData, 'mediaData', [
    'type', 'directPath', 'mediaKey', 'mediaKeyTimestamp', 'encFilehash',
    'mediaStage', 'size', 'loadedSize', 'filehash', 'mimetype', 'mediaBlob',
    'renderableUrl', 'fullHeight', 'fullWidth', 'duration', 'filename',
    'caption', 'isGif', 'isAnimated', 'isViewOnce', 'preview', 'uploadStage',
]);


/* ==== what was there before ==== */

/* files on disk, by the digests of what is in them */
const LruMediaStore = {
    getName: async () => 'IDB',

    async get(key) {
        const record = await store.readMedia(key);

        return record ? record.buffer : null;
    },

    has: async (key) => await store.readMedia(key) !== undefined,

    async put(key, buffer) {
        if (await store.countMedia() >= MAX_STORED) {
            await store.dropMedia();
        }

        await store.storeMedia(key, buffer);
    },

    del: (key) => store.dropMedia(key),
    clear: () => store.dropMedia(),
    count: () => store.countMedia(),
};


class InMemoryMediaBlobCacheImpl {
    #blobs = new Map();
    #size = 0;

    get(filehash) {
        return this.#blobs.get(filehash);
    }

    has(filehash) {
        return this.#blobs.has(filehash);
    }

    touch(filehash) {
        this.get(filehash);
    }

    put(filehash, blob) {
        this.delete(filehash);
        this.#blobs.set(filehash, blob);
        this.#size += blob.size;

        for (const [oldest] of this.#blobs) {
            if (this.#size <= BLOB_CACHE) {
                break;
            }

            this.delete(oldest);
        }
    }

    delete(filehash) {
        const blob = this.get(filehash);

        if (blob) {
            this.#size -= blob.size;
            this.#blobs.delete(filehash);
        }
    }

    clear() {
        this.#blobs.clear();
        this.#size = 0;
    }

    getOrCreateURL(filehash) {
        return URL.createObjectURL(this.get(filehash));
    }

    canFitFile(size) {
        return size <= BLOB_CACHE;
    }
}

const blobCache = new InMemoryMediaBlobCacheImpl();


/* ==== errors ==== */

function errorClass(name, status) {
    return class extends Error {
        constructor(message) {
            super(message);
            this.name = name;

            if (status) {
                this.status = status;
            }
        }
    };
}

const MediaNotFoundError = errorClass('MediaNotFoundError', 404);
const MediaTooLargeError = errorClass('MediaTooLargeError', 413);
const MMSUnauthorizedError = errorClass('MMSUnauthorizedError', 401);
const MMSForbiddenError = errorClass('MMSForbiddenError', 403);
const MMSThrottleError = errorClass('MMSThrottleError', 507);
const MediaNotOnPhone = errorClass('MediaNotOnPhone');
const MediaHashMismatch = errorClass('MediaHashMismatch');
const MediaDecryptionError = errorClass('MediaDecryptionError');

const STATUS_ERRORS = {
    401: MMSUnauthorizedError, 403: MMSForbiddenError,
    413: MediaTooLargeError, 507: MMSThrottleError,
};


/* ==== downloading ==== */

async function fetchFile({ directPath, signal, onProgress }) {
    const response = await fetch(`mms${directPath}`, {
        headers: { 'X-Login': currentLogin().token },
        signal,
    });

    if (NOT_FOUND.includes(response.status)) {
        throw new MediaNotFoundError('media not found');
    }

    if (!response.ok) {
        const StatusError = STATUS_ERRORS[response.status]
            || errorClass('HttpStatusCodeError', response.status);

        throw new StatusError('download failed');
    }

    const buffer = await response.arrayBuffer();

    if (onProgress) {
        onProgress({ loaded: buffer.byteLength });
    }

    return buffer;
}


async function digestOf(buffer) {
    const digest = new Uint8Array(
        await crypto.subtle.digest('SHA-256', buffer));

    return btoa(String.fromCharCode(...digest));
}

const downloadManager = {
    /* the file's bytes; rejects with one of the errors above */
    async downloadAndMaybeDecrypt(wanted) {
        const { filehash, mediaKey, type } = wanted;
        const stored = await LruMediaStore.get(filehash);

        if (stored) {
            return stored;
        }

        if (!mediaKey) {
            throw new MediaDecryptionError(`missing key for type ${type}`);
        }

        const buffer = await fetchFile(wanted);

        if (await digestOf(buffer) !== filehash) {
            throw new MediaHashMismatch('not the file of this message');
        }

        await LruMediaStore.put(filehash, buffer);

        return buffer;
    },

    /* asks the phone for the file, which uploads it again */
    async rmr({ mediaObject }) {
        mediaObject.consolidate({ downloadStage: 'REUPLOADING' });

        try {
            await ask('media.reupload', {
                path: mediaObject.entry.directPath,
            });
        } catch (e) {
            throw e instanceof ServerStatusCodeError && e.status === 404
                ? new MediaNotOnPhone('media not on phone') : e;
        }
    },
};


/* ==== the file of messages ==== */

class MediaObject {
    constructor(filehash, type) {
        Object.assign(this, {
            filehash, type, downloadStage: 'INIT', mediaBlob: null,
            msgs: [], userDownloadAttemptCount: 0, entry: null,
        });
        this.promise = null;
    }

    consolidate(values) {
        Object.assign(this, values);

        for (const msg of this.msgs) {
            if (msg.mediaObject === this && msg.mediaData) {
                msg.mediaData.set({ mediaStage: this.downloadStage });
            }
        }
    }
}

/* one for all messages with the same file; the latest of them */
const objects = new Map();
const MAX_OBJECTS = 1000;


function getOrCreateMediaObject(filehash, type) {
    if (!objects.has(filehash)) {
        objects.set(filehash, new MediaObject(filehash, type));
    }

    if (objects.size > MAX_OBJECTS) {
        objects.delete(objects.keys().next().value);
    }

    return objects.get(filehash);
}


/* values: what the message is about to become, if it is not yet */
function register(msg, values = msg) {
    const data = new MediaData({
        type: values.type,
        mimetype: values.mimetype,
        filehash: values.filehash,
        encFilehash: values.encFilehash,
        mediaKey: values.mediaKey,
        mediaKeyTimestamp: values.mediaKeyTimestamp,
        directPath: values.directPath,
        size: values.size,
        filename: values.filename,
        caption: values.caption,
        duration: values.duration,
        fullWidth: values.width,
        fullHeight: values.height,
        isGif: values.isGif,
        isAnimated: values.isAnimated,
        isViewOnce: values.isViewOnce,
        preview: values.body,
        mediaStage: 'INIT',
    });

    msg.addChild('mediaData', data);
    msg.mediaObject = getOrCreateMediaObject(values.filehash,
                                             TYPES[values.type]);
    msg.mediaObject.msgs.push(msg);
    msg.mediaObject.entry = {
        directPath: values.directPath,
        mediaKey: values.mediaKey,
        encFilehash: values.encFilehash,
    };
    data.set({ mediaStage: msg.mediaObject.downloadStage });
}


async function load(msg, mediaObject, downloadEvenIfExpensive) {
    const { filehash, entry } = mediaObject;
    const cached = blobCache.get(filehash);

    mediaObject.consolidate({ downloadStage: 'FETCHING' });

    const wanted = {
        ...entry,
        filehash,
        mimetype: msg.mimetype,
        type: msg.type,
        onProgress: ({ loaded }) => msg.mediaData.set({ loadedSize: loaded }),
    };
    const blob = cached || new Blob([await downloadOrAsk(
        mediaObject, wanted, downloadEvenIfExpensive)],
                                    { type: msg.mimetype });

    if (blobCache.canFitFile(blob.size)) {
        blobCache.put(filehash, blob);
    } else {
        mediaObject.mediaBlob = { forceToBlob: () => blob };
        msg.mediaData.set({ mediaBlob: mediaObject.mediaBlob });
    }

    mediaObject.consolidate({ downloadStage: 'RESOLVED' });
}


async function downloadOrAsk(mediaObject, wanted, downloadEvenIfExpensive) {
    try {
        return await downloadManager.downloadAndMaybeDecrypt(wanted);
    } catch (e) {
        if (!(e instanceof MediaNotFoundError) || !downloadEvenIfExpensive) {
            throw e;
        }

        await downloadManager.rmr({ mediaObject });

        return downloadManager.downloadAndMaybeDecrypt(wanted);
    }
}


/* says how it ended by the stage; rejects only if that is asked for */
function downloadMedia({ msg, mediaObject, downloadEvenIfExpensive,
                         shouldThrow })
{
    if (mediaObject.downloadStage === 'ERROR_MISSING') {
        return Promise.resolve();
    }

    mediaObject.promise = mediaObject.promise
        || load(msg, mediaObject, downloadEvenIfExpensive).catch((e) => {
            mediaObject.consolidate({
                downloadStage: e instanceof MediaNotOnPhone
                    ? 'ERROR_MISSING' : 'NEED_POKE',
            });

            if (shouldThrow === true) {
                throw e;
            }
        }).finally(() => {
            mediaObject.promise = null;
        });

    return mediaObject.promise;
}


async function downloadMsg({ msg, downloadEvenIfExpensive,
                             shouldThrowAbortError })
{
    if (msg.mediaObject && msg.mediaObject instanceof MediaObject) {
        await downloadMedia({
            msg, mediaObject: msg.mediaObject, downloadEvenIfExpensive,
            shouldThrow: shouldThrowAbortError,
        });
    }
}


/* ==== without being asked ==== */

const MAX_AUTO = 32 * 1024 * 1024;
const MAX_AUTO_AUDIO = 512 * 1024;

/* what a person has set; by default all but videos and documents */
const preferences = { Photos: true, Audio: true, Videos: false,
                      Documents: false };
const GROUPS = {
    audio: 'Audio', ptt: 'Audio', image: 'Photos', sticker: 'Photos',
    video: 'Videos', ptv: 'Videos', document: 'Documents',
};

/* called through the module, also here */
const preferenceFunctions = Object.fromEntries(
    Object.keys(preferences).flatMap((name) => [
        [`getAutoDownload${name}`, () => preferences[name]],
        [`setAutoDownload${name}`, (value) => {
            preferences[name] = value;
        }],
    ]));

let lastAuto = Promise.resolve();


/* one after the other, and nothing that the phone would have to upload */
function downloadLater(msg) {
    const group = GROUPS[msg.type];
    const max = group === 'Audio' ? MAX_AUTO_AUDIO : MAX_AUTO;

    if (msg.isNewMsg && group && preferenceFunctions[
        `getAutoDownload${group}`]() && msg.size <= max
        && !msg.isViewOnce && !msg.id.remote.isStatus()
        && !msg.id.remote.isNewsletter())
    {
        lastAuto = lastAuto.then(() => msg.downloadMedia({
            downloadEvenIfExpensive: false, isUserInitiated: false,
            isAutoDownload: true,
        }));
    }
}


export function defineDownloads() {
    mediaRegistry.register = register;
    messages.on('add', downloadLater);

    define('WAWebUserPrefsGeneral', preferenceFunctions);
    mediaRegistry.download = async (msg, options) => (hasMedia(msg)
        ? downloadMsg({ msg, ...options }) : undefined);

    define('WAWebMediaStore', { LruMediaStore });
    define('WAWebMediaInMemoryBlobCache', {
        InMemoryMediaBlobCache: blobCache, InMemoryMediaBlobCacheImpl,
    });
    define('WAWebMediaStorage', {
        getOrCreateMediaObject: (filehash) => getOrCreateMediaObject(filehash),
    });
    define('WAWebMediaMmsV4Download', {
        downloadMedia: (wanted) => downloadMedia(wanted),
    });
    define('WAWebMediaDownloadMsg', {
        downloadMsg: (wanted) => downloadMsg(wanted),
    });
    define('WAWebDownloadManager', { downloadManager });
    define('WAWebDownloadManagerErrors', { MediaNotOnPhone });
    define('WAWebMediaFileErrors', {
        MediaDecryptionError, MediaHashMismatch,
    });
    define('WAWebMmsClientErrors', {
        MediaNotFoundError, MediaTooLargeError, MMSForbiddenError,
        MMSThrottleError, MMSUnauthorizedError,
    });
}
