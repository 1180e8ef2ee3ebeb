'use strict';

/*
 * The controller's hands inside WhatsApp Web. Runs after wa-js and before
 * the page's own scripts, in every document. It tells the controller what
 * happens through a binding and takes calls through an object that only the
 * controller holds. What it uses of wa-js is listed in contract.json.
 *
 * This is the last part: it probes what the others need, reports the state
 * of the session, and takes the tools that all share off the page.
 *
 * Nothing that the bridge says about an error holds personal data.
 */
(function () {
    const HANDLE = '__whatsappControllerBridge';
    const TOOLS = '__whatsappControllerTools';

    /* ms; the controller's own deadlines are longer */
    const BOOT_TIMEOUT = 50000;
    const BOOT_POLL = 100;
    const MODULES_GRACE = 15000;
    const STATE_DELAY = 20;
    const STATE_POLL = 10000;

    const BINDINGS = {
        session: [
            'conn.isAuthenticated', 'conn.isRegistered', 'whatsapp.Cmd.on',
            'whatsapp.Socket.on', 'whatsapp.Stream.on',
            'whatsapp.UserPrefs.getMaybeMeLidUser',
            'whatsapp.UserPrefs.getMaybeMePnUser',
            'whatsapp.functions.isAuthenticated',
            'whatsapp.functions.isRegistered',
        ],
    };

    /*
     * Without these the session is of no use. A page that waits for a scan
     * may not have loaded yet what sending needs.
     */
    const VITAL_UNLINKED = ['session', 'qr'];
    const VITAL = ['session', 'resolve', 'send_text'];

    const tools = window[TOOLS];

    /* a frame */
    if (!tools) {
        return;
    }

    delete window[TOOLS];

    const {
        answer, bindings, capabilities, emit, lookUp, methods, sources,
        textOr, until,
    } = tools;

    let stateTimer = null;
    let lastState = '';
    let logoutReason = null;

    /* paths of what is listened to already */
    const listened = new Set();


    /*
     * `needs` of a method: the capability without which it is refused;
     * `effect`: an unforeseen failure leaves open whether it was done.
     * input is an element from fileInput that holds a file, for a method
     * that takes one.
     */
    async function call(name, params, input) {
        const method = Object.hasOwn(methods, name) ? methods[name] : null;

        return answer(method, [params || {}, input && input.files[0]],
                      !method || !method.needs
                      || capabilities[method.needs]);
    }


    /* ==== boot ==== */

    function missingOf(capability) {
        return bindings[capability].filter(
            (path) => typeof lookUp(path) !== 'function');
    }

    function vitalMissing() {
        const vital = ask('conn.isRegistered') ? VITAL : VITAL_UNLINKED;

        return vital.flatMap(missingOf);
    }

    /* what wa-js can do on this version of WhatsApp Web */
    function probe() {
        const ready = Boolean(lookUp('isReady'));
        const missing = ['isInjected', 'isReady'].filter(
            (stage) => !lookUp(stage));

        for (const capability of Object.keys(bindings)) {
            const absent = missingOf(capability);

            missing.push(...absent);
            capabilities[capability] = ready && absent.length === 0;
        }

        listen();

        const { session, ...shown } = capabilities;

        return {
            verdict: session && vitalMissing().length === 0
                ? 'ok' : 'incompatible',
            missing,
            web_version: textOr(null, window.Debug && window.Debug.VERSION),
            wa_js_version: textOr(null, lookUp('version')),
            capabilities: shown,
        };
    }

    /* modules may come late: what is missing is looked for for a while */
    async function boot() {
        let injectedAt = 0;

        await until(BOOT_TIMEOUT, BOOT_POLL, () => {
            if (!lookUp('isInjected')) {
                return false;
            }

            injectedAt = injectedAt || Date.now();

            const isReady = lookUp('isReady');
            const isLate = Date.now() - injectedAt >= MODULES_GRACE;

            /* wa-js searches all modules for each thing that is missing */
            if (!isReady && !isLate) {
                return false;
            }

            return vitalMissing().length === 0 ? isReady : isLate;
        });

        emit('boot', probe());
        publishState();
        setInterval(publishState, STATE_POLL);

        if (capabilities.qr && lookUp('whatsapp.Stream.mode') === 'QR') {
            tools.codeChanged();
        }
    }

    /* linked without a reload: what sending needs may only be there now */
    async function bootAgain() {
        const before = JSON.stringify(capabilities);

        await until(MODULES_GRACE, BOOT_POLL,
                    () => vitalMissing().length === 0);

        const found = probe();

        if (JSON.stringify(capabilities) !== before) {
            emit('boot', found);
        }
    }

    function listen() {
        for (const [path, events, handler] of sources) {
            const source = lookUp(path);

            if (source && source.on && !listened.has(path)) {
                listened.add(path);
                source.on(events, handler);
            }
        }
    }

    function mainLoaded() {
        stateChanged();
        bootAgain();
    }


    /* ==== state ==== */

    function stateChanged() {
        if (stateTimer === null) {
            stateTimer = setTimeout(publishState, STATE_DELAY);
        }
    }

    function publishState() {
        const state = readState();
        const text = JSON.stringify(state);

        clearTimeout(stateTimer);
        stateTimer = null;

        if (text !== lastState) {
            lastState = text;
            emit('state', state);
        }
    }

    /* never from isMainReady, which is true on the QR screen too */
    function readState() {
        return {
            socket: textOr(null, lookUp('whatsapp.Socket.state')),
            stream: textOr(null, lookUp('whatsapp.Socket.stream')),
            mode: textOr(null, lookUp('whatsapp.Stream.mode')),
            info: textOr(null, lookUp('whatsapp.Stream.info')),
            authenticated: ask('conn.isAuthenticated'),
            registered: ask('conn.isRegistered'),
            wa_id: tools.ownNumber(),
            pairing: tools.isPairing(),
            name: tools.ownName(),
            has_synced: Boolean(lookUp('whatsapp.Socket.hasSynced')),
        };
    }

    function ask(path) {
        try {
            return Boolean(lookUp(path)());
        } catch (e) {
            return false;
        }
    }

    /* a name of WhatsApp's own list; it comes before the logout itself */
    function onLogoutReason(reason) {
        logoutReason = /^\w{1,40}$/.test(reason) ? String(reason) : null;
    }

    function onLogout() {
        for (const forget of tools.onLogout) {
            forget();
        }

        emit('logout', { reason: logoutReason });
        logoutReason = null;
        stateChanged();
    }


    Object.assign(bindings, BINDINGS);
    Object.assign(methods, {
        'ping': { run: () => ({}) },
        'state': { run: readState },
        'probe': { run: probe },
    });
    sources.push(
        ['whatsapp.Socket', 'change:state change:stream change:hasSynced',
            stateChanged],
        ['whatsapp.Stream', 'change:mode change:info', stateChanged],
        ['whatsapp.Cmd', 'main_loaded', mainLoaded]);

    tools.publishState = publishState;

    window[HANDLE] = Object.freeze({ call, fileInput: tools.fileInput });
    emit('hello', {});

    if (window.WPP) {
        window.WPP.on('conn.logout_reason', onLogoutReason);
        window.WPP.on('conn.logout', onLogout);
    }

    boot();
}());
