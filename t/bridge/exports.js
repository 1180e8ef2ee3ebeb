'use strict';

/*
 * Loads wa-js without a browser and tells what it exports.
 * usage: exports.js FILE     paths, one a line, come on standard input
 * prints {"version": "...", "missing": [paths]}
 *
 * The parts of WhatsApp Web behind wa-js are found only in a page: of
 * "whatsapp.Socket.on" it is told whether wa-js knows "whatsapp.Socket".
 */

const { readFileSync } = require('node:fs');
const vm = require('node:vm');


function load(file) {
    const nothing = () => {};
    const page = {
        TextEncoder, TextDecoder, URL, Blob, crypto: globalThis.crypto,
        performance, console: { log: nothing, warn: nothing, error: nothing },
        setTimeout: nothing, setInterval: nothing, clearTimeout: nothing,
        clearInterval: nothing, addEventListener: nothing,
        fetch: async () => ({}),
        navigator: { userAgent: '' }, location: { hostname: '' },
        localStorage: { getItem: () => null, setItem: nothing },
        document: {
            addEventListener: nothing, createElement: () => ({}),
            currentScript: null, readyState: 'complete',
        },
        WPPConfig: { disableGoogleAnalytics: true },
    };

    page.window = page;
    page.self = page;
    vm.createContext(page);
    vm.runInContext(readFileSync(file, 'utf8'), page);

    return page.WPP;
}


function known(object, path) {
    const names = path.split('.');
    const depth = names[0] === 'whatsapp' && names[1] !== 'functions'
        ? 2 : names.length;
    let at = object;

    /* the last one may be a getter that needs the page: it is not asked */
    for (const name of names.slice(0, depth - 1)) {
        if (at === null || at === undefined) {
            return false;
        }

        at = at[name];
    }

    return at !== null && at !== undefined && names[depth - 1] in at;
}


const wpp = load(process.argv[2]);
const paths = readFileSync(0, 'utf8').split('\n').filter(Boolean);

console.log(JSON.stringify({
    version: wpp.version,
    missing: paths.filter((path) => !known(wpp, path)),
}));
