/*
 * Linking by a code: the modules that ask the server for one, and the events
 * by which it takes one back.
 */

import { define } from './define.mjs';
import { ask } from './iq.mjs';
import { link } from './link.mjs';
import { Emitter } from './model.mjs';

const PREFIX = 'link_device_events:';

let initialized = false;


class LinkDeviceEvents extends Emitter {
    triggerRefreshAltLinkingCode() {
        this.trigger(`${PREFIX}refresh_alt_linking_code`);
    }
}


async function initializeAltDeviceLinking() {
    initialized = true;
}


/* a number's digits, and whether its phone shall show a notification */
async function genLinkDeviceCodeForPhoneNumber(phone, notifies) {
    if (!initialized) {
        throw new Error('alternative linking is not initialized');
    }

    return ask('pairing_code', { phone, notifies });
}


export function definePairing() {
    const events = new LinkDeviceEvents();

    define('WAWebAltDeviceLinkingApi', { initializeAltDeviceLinking });
    define('WAWebLinkDeviceAction', { genLinkDeviceCodeForPhoneNumber });
    define('WAWebLinkDeviceEvents', { WAWebLinkDeviceEvents: events });

    link.on('frame:pairing', ({ event }) => {
        events.trigger(`${PREFIX}${event}`);
    });
}
