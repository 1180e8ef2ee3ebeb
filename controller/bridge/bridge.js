'use strict';

/*
 * The controller's hands inside WhatsApp Web. Runs before the page's own
 * scripts, in every document. It tells the controller what
 * happens through a binding and takes calls through an object that only the
 * controller holds. What it uses of wa-js is listed in contract.json.
 *
 * This is the last part: it probes what the others need, again and again
 * because WhatsApp Web loads its modules as it needs them, and takes the
 * tools that all share off the page.
 *
 * Nothing that the bridge says about an error holds personal data.
 */
(function () {
    const HANDLE = '__whatsappControllerBridge';
    const TOOLS = '__whatsappControllerTools';

    /* ms */
    const BOOT_POLL = 100;

    /* ms that modules, or wa-js, may come later than the application */
    const MODULES_GRACE = 12000;

    /* ms between two probes that nothing but a missing capability asks for */
    const PROBE_REST = 5000;
    const PROBE_REST_MAX = 300000;

    /* ms; WhatsApp Web may load what forwarding needs when it is asked */
    const LAZY_TIMEOUT = 5000;
    const LAZY_MODULE = 'WAWebChatForwardMessage';

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
        answer, bindings, capabilities, emit, isThere, lookUp, methods,
        sources, textOr, until, within,
    } = tools;

    /* by index in sources: the object that is listened to */
    const listened = [];

    let isBooted = false;

    /* what was told of the last probe, and when that was; ms */
    let lastFound = '';
    let lastProbe = 0;
    let probeRest = PROBE_REST;

    /* what the last probe was made for: it is made anew when that changes */
    let probedFor = '';

    /* a probe that is under way */
    let probing = null;


    /*
     * `needs` of a method: the capability without which it is refused;
     * `effect`: an unforeseen failure leaves open whether it was done.
     * input is an element from fileInput that holds a file, for a method
     * that takes one.
     */
    async function call(name, params, input) {
        const method = Object.hasOwn(methods, name) ? methods[name] : null;

        return answer(method, [params || {}, input && input.files[0]],
                      !method || !method.needs || await can(method.needs));
    }

    /* what was missing may have come: it is looked for, now and then */
    async function can(capability) {
        if (!capabilities[capability]
            && Date.now() - lastProbe >= PROBE_REST)
        {
            await probeAgain();
        }

        return capabilities[capability];
    }


    /* the same for a caller who need not wait for it */
    async function findMissing() {
        const missing = Object.keys(capabilities).find(
            (capability) => !capabilities[capability]);

        if (missing) {
            await can(missing);
        }

        return {};
    }


    /* ==== probing ==== */

    function missingOf(capability) {
        return bindings[capability].filter((path) => !isThere(path));
    }

    function vitals() {
        return tools.isRegistered() ? VITAL : VITAL_UNLINKED;
    }

    function vitalMissing() {
        return vitals().flatMap(missingOf);
    }

    function isUsable() {
        return vitals().every((capability) => capabilities[capability]);
    }

    /* the verdict if something vital is missing: for good, or not there yet */
    function otherwise(isReady) {
        return isReady ? 'incompatible' : 'stuck';
    }

    /* what can be done on this version of WhatsApp Web, and which way */
    function probe() {
        const missing = ['isInjected', 'isReady'].filter(
            (stage) => !lookUp(stage));

        for (const capability of Object.keys(bindings)) {
            const absent = missingOf(capability);

            missing.push(...absent);
            capabilities[capability] = absent.length === 0;
        }

        lastProbe = Date.now();
        probedFor = situation();
        tools.guard();
        tools.placeAll();
        listen();

        const { session, ...shown } = capabilities;
        const needed = vitals().flatMap((name) => bindings[name]);
        const isReady = Boolean(lookUp('isReady'));

        return {
            verdict: session && isUsable() ? 'ok' : otherwise(isReady),
            ready: isReady,
            via: tools.isFoundByWaJs(needed) ? 'wa-js' : 'modules',
            missing,
            web_version: textOr(null, window.Debug && window.Debug.VERSION),
            wa_js_version: textOr(null, lookUp('version')),
            capabilities: shown,
        };
    }

    /* tells what a probe has found, unless that is known */
    function tell(found) {
        const text = JSON.stringify(found);

        if (text !== lastFound) {
            lastFound = text;
            emit('boot', found);
        }
    }

    async function probeAgain() {
        probing = probing || (async () => {
            try {
                await loadLazily();
                tell(probe());
            } finally {
                probing = null;
            }
        })();

        await probing;
    }

    /* forwarding is loaded by nobody but who uses it */
    async function loadLazily() {
        if (!tools.isRegistered() || !lookUp('isReady')) {
            return;
        }

        try {
            await within(LAZY_TIMEOUT,
                         window.WPP.loader.ensureLazyModule(LAZY_MODULE));
        } catch (e) {
            /* the probe will miss it */
        }
    }

    /* the wires between WhatsApp Web's events and the bridge */
    function listen() {
        sources.forEach(([path, events, handler], index) => {
            const source = lookUp(path);

            if (source && source.on && listened[index] !== source) {
                listened[index] = source;
                source.on(events, handler);
            }
        });
    }


    /* ==== boot ==== */

    /*
     * Waits until WhatsApp Web has started, however long that takes; says so
     * when its scripts stop coming, which ends if the controller loads the
     * page again.
     */
    async function started() {
        while (!await tools.untilStarted(BOOT_POLL)) {
            emit('boot', { ...probe(), verdict: 'absent' });
        }
    }

    /* modules may come late: what is missing is looked for for a while */
    async function boot() {
        await started();

        await until(MODULES_GRACE, BOOT_POLL, () => {
            tools.startWaJs();
            tools.quieten();

            /* wa-js searches all modules for each thing that is missing */
            return lookUp('isReady') && vitalMissing().length === 0;
        });

        await loadLazily();

        const found = probe();

        isBooted = true;
        tell(found);
        tools.startState();

        if (capabilities.qr && lookUp('whatsapp.Stream.mode') === 'QR') {
            tools.codeChanged();
        }
    }

    /* what a page has loaded depends on these */
    function situation() {
        return `${tools.isRegistered()} ${lookUp('whatsapp.Stream.mode')} `
               + Boolean(lookUp('isReady'));
    }

    /*
     * Linked without a reload, or moved on: what that needs may come now, or
     * a little later.
     */
    async function bootAgain() {
        probedFor = situation();
        tools.forgetMissed();
        tools.attach();

        await until(MODULES_GRACE, BOOT_POLL,
                    () => vitalMissing().length === 0);
        await probeAgain();
        tools.publishState();
    }

    /* a state was read: does it ask for a probe? */
    function stateRead() {
        const isMissing = Object.values(capabilities).includes(false);

        if (probedFor !== situation()) {
            probeRest = PROBE_REST;
            bootAgain();

        } else if (isMissing && Date.now() - lastProbe >= probeRest) {
            probeRest = Math.min(2 * probeRest, PROBE_REST_MAX);
            probeAgain();
        }
    }


    Object.assign(methods, {
        'ping': { run: () => ({}) },
        'probe': { run: probe },
        'capabilities.find': { run: findMissing },
    });
    Object.assign(tools, {
        can, isUsable, probeAgain, stateRead, isBooted: () => isBooted,
    });

    window[HANDLE] = Object.freeze({
        call, fileInput: tools.fileInput, fileOf: tools.fileOf,
    });
    emit('hello', {});
    tools.tellAddress();
    tools.attachEarly();

    boot();
}());
