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

    const { Failure, isThere, lookUp, whatsapp, within } = tools;

    const TIMEOUT = 20000;                                         /* ms */

    /* how long a code is good, if WhatsApp does not end it earlier; ms */
    const LIFETIME = 180000;

    /* the code is used up, or the phone was not pleased with it */
    const ENDS = ['error_alt_linking', 'force_manual_refresh',
        'refresh_alt_linking_code'];

    const BINDINGS = {
        pairing: [
            'whatsapp.functions.genLinkDeviceCodeForPhoneNumber',
            'whatsapp.functions.initializeAltDeviceLinking',
        ],
    };

    /*
     * The phone has answered; or it asks for a passkey, which no program has,
     * and then for a look at another code.
     */
    const STAGES = {
        primary_hello_received: 'pairing',
        passkey_prologue_request: 'passkey',
        shortcake_prologue_sent: 'passkey',
        shortcake_verification_code_ready: 'passkey',
        shortcake_error: null,
    };

    /* how the server refuses to give a code; other names are its failures */
    const REFUSALS = {
        IQErrorRateOverlimit: [
            'spam_limited', 'Too many codes were asked for',
        ],
        IQErrorBadRequest: [
            'invalid_parameter',
            'WhatsApp gives no code for "phone_number"',
        ],
        IQErrorForbidden: [
            'invalid_parameter',
            'WhatsApp does not let this phone number be linked by a code',
        ],
        IQErrorFeatureNotAvailable: [
            'invalid_parameter',
            'WhatsApp links this phone number by a QR code only',
        ],
    };

    let endTimer = null;
    let watched = null;

    /* codes that WhatsApp was asked for so far */
    let asked = 0;

    /* of the phone that links the page; null while none does */
    let stage = null;


    /* "pairing" also while a code stands that nobody has typed in yet */
    function linkingStage() {
        return stage || (endTimer !== null ? 'pairing' : null);
    }

    function setStage(next) {
        stage = next;
        tools.stateChanged();
    }

    function endCode() {
        clearTimeout(endTimer);
        endTimer = null;
        stage = null;
        tools.publishState();
    }

    /* the module may come late; it is looked for before each state */
    function watchPhone() {
        const events = lookUp('whatsapp.LinkDeviceEvents');

        if (!events || events === watched) {
            return;
        }

        watched = events;

        for (const name of ENDS) {
            events.on(`link_device_events:${name}`, endCode);
        }

        for (const [name, next] of Object.entries(STAGES)) {
            events.on(`link_device_events:${name}`, () => setStage(next));
        }
    }

    /* phone: digits */
    async function requestCode({ phone }) {
        if (tools.isRegistered() || whatsapp.Stream.mode !== 'QR') {
            throw new Failure('not_in_qr_state',
                              'The session does not wait to be linked');
        }

        /* asked now: a page that shows its QR code may load them late */
        if (!BINDINGS.pairing.every(isThere)) {
            throw new Failure('session_not_ready', 'This version of WhatsApp '
                              + 'Web gives no codes to type in');
        }

        watchPhone();

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
            return await within(TIMEOUT, askForCode(phone), 'unknown');
        } catch (e) {
            if (turn === asked && endTimer !== null) {
                endCode();
            }

            throw refusalOf(e);
        }
    }

    async function askForCode(phone) {
        const { functions } = whatsapp;

        await functions.initializeAltDeviceLinking();

        return functions.genLinkDeviceCodeForPhoneNumber(phone, true);
    }

    function refusalOf(e) {
        const name = e && e.type && e.type.name;

        if (Object.hasOwn(REFUSALS, name || '')) {
            return new Failure(...REFUSALS[name]);
        }

        return name
            ? new Failure('page_error', 'WhatsApp could not make a code now')
            : e;
    }


    Object.assign(tools.bindings, BINDINGS);
    Object.assign(tools.methods, {
        'session.request_code': { run: requestCode, effect: true },
    });
    Object.assign(tools, { linkingStage, watchPhone });
    tools.onLogout.push(() => {
        stage = null;
    });
}());
