'use strict';

/*
 * Runs wa-js when WhatsApp Web has started, and keeps its search short.
 *
 * wa-js takes "no new module for 750 ms" as the sign that all are there. One
 * script that comes later than that makes it wait for ever, so it is run when
 * WhatsApp Web has said its version, which is the last thing of its start.
 *
 * wa-js finds a part by asking a predicate about every module. Some predicates
 * ask for another part; if that one is missing, each of the 17,000 questions
 * looks whether there are new modules, by listing all of them twice: more than
 * a minute in which the page does nothing else. Here a search that has found
 * nothing is not made again for a while, and a module that could not be run
 * is not run again. The page's own loader is left as it is.
 */
(function () {
    const tools = window.__whatsappControllerTools;

    /* a frame */
    if (!tools) {
        return;
    }

    const { forgetMissed, runWaJs, until } = tools;

    /* ms before a search that found nothing is made again: what is missing
       may come; and in searches of the same length, so that they take a small
       part of the time only */
    const MISS_REST = 2000;
    const MISS_LENGTHS = 20;
    const MISS_REST_MAX = 60000;

    /* ms in which the scripts of a page that starts must get on: a whole
       one that lacks the loader will hardly do so any more */
    const STALL = 14000;
    const STALL_COMPLETE = 3000;

    /* ms between two looks that show that the page is busy */
    const BUSY = 1000;

    let hasRun = false;

    /* by function: what it has not found, and until when that is believed */
    const misses = [];

    /* how many files the page has loaded */
    let loaded = 0;


    /* whether WhatsApp Web has started */
    function hasStarted() {
        return Boolean(window.Debug && window.Debug.VERSION);
    }

    /*
     * Waits for WhatsApp Web to start; false when nothing more of it comes.
     * poll in ms.
     */
    async function untilStarted(poll) {
        let seen = '';
        let since = 0;
        let lookedAt = Date.now();

        await until(Infinity, poll, () => {
            const now = Date.now();
            const progress = `${document.readyState} ${loaded}`;

            if (progress !== seen || now - lookedAt >= BUSY) {
                seen = progress;
                since = now;
            }

            lookedAt = now;

            return hasStarted() || now - since >= stallTime();
        });

        return hasStarted();
    }

    function stallTime() {
        return document.readyState === 'complete' && !window.__d
            ? STALL_COMPLETE : STALL;
    }

    /* runs wa-js, once, if WhatsApp Web has started */
    function startWaJs() {
        if (hasRun || !hasStarted()) {
            return;
        }

        hasRun = true;

        try {
            runWaJs();
            shortenSearch(window.WPP.loader);
        } catch (e) {
            /* what it would have found is found by name, or missing */
        }
    }

    function shortenSearch(loader) {
        const { moduleRequire, searchId } = loader;

        loader.searchId = withRest(searchId);

        if (loader.loaderType === 'meta') {
            loader.moduleRequire = Object.defineProperty(
                withRest(moduleRequire), 'm', { get: () => moduleRequire.m });
        }
    }

    /*
     * find(key, ...), which answers null or undefined for what it does not
     * find, and is then not called for that key for a while.
     */
    function withRest(find) {
        const missed = new Map();

        misses.push(missed);

        return (key, ...more) => {
            const began = Date.now();

            if (missed.get(key) > began) {
                return null;
            }

            const found = find(key, ...more);

            if (found === null || found === undefined) {
                missed.set(key, Date.now() + restAfter(Date.now() - began));
            } else {
                missed.delete(key);
            }

            return found;
        };
    }

    /* asked by somebody who knows that modules have come */
    function forgetAllMissed() {
        forgetMissed();

        for (const missed of misses) {
            missed.clear();
        }
    }

    function restAfter(length) {
        return Math.min(MISS_REST_MAX,
                        Math.max(MISS_REST, MISS_LENGTHS * length));
    }


    new PerformanceObserver((list) => {
        loaded += list.getEntries().length;
    }).observe({ type: 'resource', buffered: true });

    Object.assign(tools, {
        forgetMissed: forgetAllMissed, startWaJs, untilStarted,
    });
}());
