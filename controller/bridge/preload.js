'use strict';

/*
 * Runs first in every document: switches wa-js's telemetry off, takes the
 * controller's binding out of the page's reach, and lays out the tools for
 * the parts of the bridge. The controller adds wa-js to them as a function,
 * each part its bindings, methods and so on; bridge.js, the last, takes it all
 * away.
 */
(function () {
    const BINDING = '__whatsappControllerEmit';
    const TOOLS = '__whatsappControllerTools';

    const emitRaw = window[BINDING];
    let lastSeq = 0;

    window.WPPConfig = { disableGoogleAnalytics: true };

    /* in frames too: nobody else shall call it */
    delete window[BINDING];

    if (window !== window.top) {
        return;
    }


    /* a failure that was foreseen; the message is a fixed sentence */
    class Failure extends Error {
        constructor(code, message, outcome = 'not_sent') {
            super(message);
            this.code = code;
            this.outcome = outcome;
        }
    }


    function emit(event, data) {
        lastSeq++;
        emitRaw(JSON.stringify({ seq: lastSeq, event, data }));
    }


    /*
     * The answer to a call of `method` (null if there is none such): always
     * resolves, and says nothing personal about an error.
     */
    async function answer(method, args, isUsable) {
        try {
            if (!method) {
                throw new Failure('unknown_method', 'No such method');
            }

            if (!isUsable) {
                throw new Failure('session_not_ready',
                                  'WhatsApp Web is not ready');
            }

            return { ok: true, result: await method.run(...args) };

        } catch (e) {
            const { code, message, outcome } = e instanceof Failure
                ? e : new Failure('page_error',
                                  `WhatsApp Web failed: ${nameOf(e)}`,
                                  method.effect ? 'unknown' : 'not_sent');

            return { ok: false, error: { code, message, outcome } };
        }
    }


    /* an exception's kind, never its text */
    function nameOf(e) {
        const name = (e && (e.code || e.name)) || typeof e;

        return /^\w{1,60}$/.test(name) ? name : 'Error';
    }


    /* rejects with page_error when the promise takes too long; ms */
    function within(ms, promise, outcome) {
        return new Promise((resolve, reject) => {
            const timer = setTimeout(() => {
                reject(new Failure('page_error',
                                   'WhatsApp Web did not answer in time',
                                   outcome));
            }, ms);

            promise.then(resolve, reject).finally(() => clearTimeout(timer));
        });
    }


    /* whether the condition came true in time; ms */
    async function until(ms, poll, condition) {
        const end = Date.now() + ms;

        while (!condition()) {
            if (Date.now() >= end) {
                return false;
            }

            await new Promise((resolve) => setTimeout(resolve, poll));
        }

        return true;
    }


    /* what WPP holds under a path like "chat.find"; undefined if nothing */
    function lookUp(path) {
        let value = window.WPP;

        try {
            for (const name of path.split('.')) {
                value = value[name];
            }
        } catch (e) {
            return undefined;
        }

        return value;
    }


    function textOr(otherwise, value) {
        return typeof value === 'string' ? value : otherwise;
    }


    /* bounds are in characters, which may take two units of a string each */
    function isText(value, min, max) {
        if (typeof value !== 'string' || value.length > 2 * max) {
            return false;
        }

        const { length } = [...value];

        return length >= min && length <= max;
    }


    window[TOOLS] = {
        Failure, answer, emit, isText, lookUp, textOr, until, within,

        /* wa-js, to be called once; null if it can't be parsed */
        runWaJs: null,

        /* by capability: what of wa-js must be there for it */
        bindings: {},

        /* by capability: whether it is there, as the last probe found it */
        capabilities: {},

        /* by name: {run, needs, effect} of a call */
        methods: {},

        /* by type: {run, check, needs} of a message */
        types: {},

        /* [path of a model or collection, names of events, handler] */
        sources: [],

        /* what is to be forgotten when the account is unlinked */
        onLogout: [],
    };
}());
