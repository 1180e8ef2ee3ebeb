'use strict';

/*
 * Linking by a code that is typed in at the phone, for those who can't scan.
 */
(function () {
    const tools = window.__whatsappControllerTools;

    /* a frame */
    if (!tools) {
        return;
    }

    const { Failure, lookUp, within } = tools;

    const TIMEOUT = 20000;                                         /* ms */

    /* how long a code is good, if WhatsApp does not end it earlier; ms */
    const LIFETIME = 180000;

    /* the code is used up, or the phone was not pleased with it */
    const ENDS = ['error_alt_linking', 'force_manual_refresh',
        'refresh_alt_linking_code'];

    const BINDINGS = {
        pairing: [
            'conn.genLinkDeviceCodeForPhoneNumber',
            'whatsapp.functions.genLinkDeviceCodeForPhoneNumber',
            'whatsapp.functions.initializeAltDeviceLinking',
        ],
    };

    let endTimer = null;
    let watched = null;

    /* codes that WhatsApp was asked for so far */
    let asked = 0;


    /* whether a code stands that nobody has typed in yet */
    function isPairing() {
        return endTimer !== null && !window.WPP.conn.isRegistered();
    }

    function endCode() {
        clearTimeout(endTimer);
        endTimer = null;
        tools.publishState();
    }

    function watchCode() {
        const events = lookUp('whatsapp.LinkDeviceEvents');

        if (events && events !== watched) {
            watched = events;

            for (const name of ENDS) {
                events.on(`link_device_events:${name}`, endCode);
            }
        }
    }

    /* phone: digits */
    async function requestCode({ phone }) {
        const { conn, whatsapp } = window.WPP;

        if (conn.isRegistered() || whatsapp.Stream.mode !== 'QR') {
            throw new Failure('not_in_qr_state',
                              'The session does not wait to be linked');
        }

        /* asked now: a page that shows its QR code may load them late */
        if (!BINDINGS.pairing.every(
            (path) => typeof lookUp(path) === 'function'))
        {
            throw new Failure('session_not_ready', 'This version of WhatsApp '
                              + 'Web gives no codes to type in');
        }

        watchCode();

        const code = await generate(phone);

        clearTimeout(endTimer);
        endTimer = setTimeout(endCode, LIFETIME);
        tools.publishState();

        return { code, expires_in: LIFETIME / 1000 };
    }

    /*
     * The phone shows a notification that leads to where the code goes.
     * WhatsApp Web begins anew for each code: the one before is good no
     * longer, also when there is no other one then.
     */
    async function generate(phone) {
        const turn = ++asked;

        try {
            return await within(
                TIMEOUT,
                window.WPP.conn.genLinkDeviceCodeForPhoneNumber(phone, true),
                'unknown');
        } catch (e) {
            if (turn === asked && endTimer !== null) {
                endCode();
            }

            throw refusalOf(e);
        }
    }

    function refusalOf(e) {
        const status = e instanceof Failure ? null : e && e.status;

        if (status === 429) {
            return new Failure('spam_limited',
                               'Too many codes were asked for');
        }

        if (status >= 400 && status < 500) {
            return new Failure('invalid_parameter',
                               'WhatsApp gives no code for "phone_number"');
        }

        return e;
    }


    Object.assign(tools.bindings, BINDINGS);
    Object.assign(tools.methods, {
        'session.request_code': { run: requestCode, effect: true },
    });
    tools.isPairing = isPairing;
}());
