/*
 * Linking by a code: WAWebAltDeviceLinkingApi, WAWebAltDeviceLinkingIq,
 * WAWebLinkDeviceAction and WAWebLinkDeviceEvents, read in
 * 2.3000.1044822804. A refusal has its reason in e.type.name; the events of
 * passkeys come over the same bus.
 */

import { define } from './define.mjs';
import { ask } from './iq.mjs';
import { link } from './link.mjs';
import { Emitter } from './model.mjs';

const PREFIX = 'link_device_events:';

/* the server's refusals, by status: [name, text] of its answer */
const REFUSALS = {
    400: ['IQErrorBadRequest', 'bad-request'],
    403: ['IQErrorForbidden', 'forbidden'],
    404: ['IQErrorFeatureNotAvailable', 'feature-not-implemented'],
    429: ['IQErrorRateOverlimit', 'rate-overlimit'],
    500: ['IQErrorInternalServerError', 'internal-server-error'],
};

let initialized = false;


class LinkDeviceEvents extends Emitter {
    triggerRefreshAltLinkingCode() {
        this.trigger(`${PREFIX}refresh_alt_linking_code`);
    }

    triggerErrorAltLinking() {
        this.trigger(`${PREFIX}error_alt_linking`);
    }

    triggerPrimaryHelloReceived() {
        this.trigger(`${PREFIX}primary_hello_received`);
    }

    triggerPasskeyPrologueRequest() {
        this.trigger(`${PREFIX}passkey_prologue_request`);
    }

    triggerShortcakePrologueSent() {
        this.trigger(`${PREFIX}shortcake_prologue_sent`);
    }

    triggerShortcakeVerificationCodeReady(code, skip) {
        this.trigger(`${PREFIX}shortcake_verification_code_ready`, code,
                     skip);
    }

    triggerShortcakeError(reason) {
        this.trigger(`${PREFIX}shortcake_error`, reason);
    }
}

const events = new LinkDeviceEvents();


class CompanionHelloError extends Error {
    constructor(message, type) {
        super(message);
        this.name = 'CompanionHelloError';
        this.type = type;
    }
}


async function initializeAltDeviceLinking() {
    initialized = true;
}


/* a number's digits, and whether its phone shall show a notification */
async function startAltLinkingFlow(phone, push) {
    if (!initialized) {
        throw new Error('alt pairing: stage is NotStarted');
    }

    try {
        return await ask('pairing_code', { phone, notifies: push });
    } catch (e) {
        const [name, text] = REFUSALS[e.status] || [];

        throw name
            ? new CompanionHelloError(`alt pairing: ${name}`, {
                name, value: { code: String(e.status), text },
            })
            : e;
    }
}


export function definePairing() {
    define('WAWebAltDeviceLinkingApi', {
        initializeAltDeviceLinking, startAltLinkingFlow,
    });
    define('WAWebAltDeviceLinkingIq', { CompanionHelloError });
    define('WAWebLinkDeviceAction', {
        genLinkDeviceCodeForPhoneNumber: (phone, push) => (
            startAltLinkingFlow(phone, push)),
    });
    define('WAWebLinkDeviceEvents', { WAWebLinkDeviceEvents: events });

    link.on('frame:pairing', ({ event, args }) => {
        events.trigger(PREFIX + event, ...(args || []));
    });
}
