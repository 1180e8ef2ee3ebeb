/*
 * The code that an unlinked page shows: WAWebHandlePairDevice, read in
 * 2.3000.1044822804. Its text is where the real page has it, in the attribute
 * data-ref; no picture is drawn. A fresh code is asked for over the bus.
 */

import { define } from './define.mjs';
import { BackendEventBus } from './bus.mjs';
import { link } from './link.mjs';
import { Conn } from './session.mjs';

/* what stands behind DEVICE_PLATFORM in the code: Chrome */
const DEVICE_PLATFORM = '1';

/* new keys for every page will do: nothing here is encrypted with them */
const noiseKey = randomBytes(32);
const identityKey = randomBytes(32);
const secretKey = encodeB64(randomBytes(32));


function randomBytes(size) {
    return crypto.getRandomValues(new Uint8Array(size)).buffer;
}


function encodeB64(buffer) {
    return btoa(String.fromCharCode(...new Uint8Array(buffer)));
}


function decodeB64(text) {
    return Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer;
}


function show(ref) {
    const app = document.getElementById('app');
    const code = document.createElement('div');

    code.dataset.ref = [
        ref, encodeB64(noiseKey), encodeB64(identityKey), secretKey,
        DEVICE_PLATFORM,
    ].join(',');
    app.replaceChildren(code);
}


function hide() {
    document.getElementById('app').replaceChildren();
}


function onCode(frame) {
    if (frame.ref) {
        show(frame.ref);
        Conn.set({ refTTL: frame.ttl, ref: frame.ref });
        BackendEventBus.triggerSetSocketState('UNPAIRED');
    } else {
        hide();
        BackendEventBus.triggerSetSocketState('UNPAIRED_IDLE');
    }
}


export function defineQr() {
    define('WABase64', {
        encodeB64: (buffer) => encodeB64(buffer),
        decodeB64: (text) => decodeB64(text),
    });

    define('WAWebCompanionRegClientUtils', { DEVICE_PLATFORM });

    define('WAWebUserPrefsInfoStore', {
        waNoiseInfo: {
            get: async () => ({ staticKeyPair: { pubKey: noiseKey } }),
        },
    });

    define('WAWebSignalStoreApi', {
        waSignalStore: {
            getRegistrationInfo: async () => ({
                identityKeyPair: { pubKey: identityKey },
            }),
        },
    });

    define('WAWebAdvSignatureApi', {
        getADVSecretKey: async () => secretKey,
        setADVSignedIdentity: async (identity) => identity,
    });

    BackendEventBus.onRefreshQR(() => link.send({ type: 'refresh' }));
    link.on('frame:code', onCode);
    link.on('frame:paired', hide);
}
