'use strict';

/*
 * The field report: what was found on this page and which way. It holds names
 * of modules, exports and capabilities, versions, counts and times, and nothing
 * of the account.
 */
(function () {
    const tools = window.__whatsappControllerTools;

    /* a frame */
    if (!tools) {
        return;
    }

    const {
        bindings, capabilities, lookUp, methods, placeOf, textOr, until,
        within,
    } = tools;

    /* ms */
    const WATCH_TIME = 120000;
    const WATCH_POLL = 100;
    const MODULES_GRACE = 15000;
    const MODULES_POLL = 1000;
    const POLICY_TIMEOUT = 5000;

    const DIRECTIVES_MAX = 20;

    /* a page that shows a QR code needs no more, and a linked one these not */
    const FOR_LINKING = ['qr', 'pairing'];

    /* ms since the document began; null until it happened */
    const times = { version: null, injected: null, ready: null };

    /* by directive of the page's content security policy: its violations */
    const violations = new Map();


    function since() {
        return Math.round(performance.now());
    }

    /* notes when the application and wa-js came */
    function watch() {
        times.version = times.version
            || (window.Debug && window.Debug.VERSION ? since() : null);
        times.injected = times.injected
            || (lookUp('isInjected') ? since() : null);
        times.ready = times.ready || (lookUp('isReady') ? since() : null);

        return times.ready !== null;
    }

    function violated({ effectiveDirective: name }) {
        if (violations.has(name) || violations.size < DIRECTIVES_MAX) {
            violations.set(name, (violations.get(name) || 0) + 1);
        }
    }

    function modulesMap() {
        try {
            return window.require('__debug').modulesMap;
        } catch (e) {
            return null;
        }
    }

    /*
     * By value: where it is exported, "Module" or "Module.name". Modules that
     * have not run are left alone, and no getter is called.
     */
    function exportersOf(values) {
        const found = new Map();

        for (const [id, record] of Object.entries(modulesMap() || {})) {
            const exports = record && record.exports;

            for (const whole of [exports, record && record.namespace]) {
                if (values.has(whole)) {
                    found.set(whole, id);
                }
            }

            if (!exports || typeof exports !== 'object') {
                continue;
            }

            const members = Object.getOwnPropertyDescriptors(exports);

            for (const [name, { value }] of Object.entries(members)) {
                if (values.has(value) && !found.has(value)) {
                    found.set(value, `${id}.${name}`);
                }
            }
        }

        return found;
    }

    function readBindings() {
        const rows = Object.keys(bindings).flatMap((capability) => (
            bindings[capability].map((path) => ({ capability, path }))));
        const places = rows.map(({ path }) => placeOf(path));
        const exporters = exportersOf(new Set(
            places.map(({ value }) => value).filter(Boolean)));

        return rows.map(({ capability, path }, i) => {
            const { way, value, module } = places[i];
            const target = way && lookUp(path);

            return {
                capability,
                path,
                way,
                module: (way && exporters.get(value)) || module,
                arity: typeof target === 'function' ? target.length : null,
            };
        });
    }

    function neededNow() {
        return Object.keys(bindings).filter((capability) => (
            tools.isRegistered()
                ? !FOR_LINKING.includes(capability)
                : ['session', ...FOR_LINKING].includes(capability)));
    }

    function isComplete() {
        return neededNow().every((capability) => capabilities[capability]);
    }

    /* the header of the page itself, by asking for it once more */
    async function readPolicy() {
        try {
            const { headers } = await within(POLICY_TIMEOUT, fetch(
                window.location.pathname, { method: 'HEAD' }));

            return headers.get('content-security-policy');
        } catch (e) {
            return null;
        }
    }

    /* modules and wa-js may come late: they are waited for for a while */
    async function report() {
        const end = Date.now() + MODULES_GRACE;

        await tools.probeAgain();

        while (!(watch() && isComplete()) && Date.now() < end) {
            await until(MODULES_POLL, MODULES_POLL, () => false);
            tools.forgetMissed();
            await tools.probeAgain();
        }

        const modules = modulesMap();

        return {
            web_version: textOr(null, window.Debug && window.Debug.VERSION),
            wa_js_version: textOr(null, lookUp('version')),
            loader: textOr('unknown', lookUp('loader.loaderType')),
            modules: modules ? Object.keys(modules).length : null,
            linked: tools.isRegistered(),
            times,
            policy: await readPolicy(),
            violations: Object.fromEntries(violations),
            capabilities: { ...capabilities },
            needed: neededNow(),
            complete: isComplete(),
            bindings: [...readBindings(), ...tools.hookRows()],
        };
    }


    document.addEventListener('securitypolicyviolation', violated);
    until(WATCH_TIME, WATCH_POLL, watch);

    methods['probe.report'] = { run: report };
}());
