'use strict';

/*
 * usage: standin_modules.js VERSION
 * Loads the page of the stand-in without a browser and tells what its modules
 * export, lazy ones too.
 * prints {modules: {module: {export: arguments that a function takes, or
 * null}}, members: {"module.export": the same of an object's members}}
 */

const { readFileSync } = require('node:fs');
const path = require('node:path');
const vm = require('node:vm');

const WEB = path.join(__dirname, '..', 'standin', 'web');
const VERSION = process.argv[2];


/* a database with nothing in it */
class Request {
    constructor(result) {
        this.result = result;
        setTimeout(() => this.onsuccess && this.onsuccess());
    }
}

const store = {
    get: () => new Request(undefined),
    getAll: () => new Request([]),
    openKeyCursor: () => new Request(null),
    index: () => store,
};
const database = {
    createObjectStore() {},
    transaction: () => ({ objectStore: () => store }),
};


class Socket {
    close() {}

    send() {}
}


function plantPage() {
    const element = { replaceChildren() {}, dataset: {} };

    Object.assign(globalThis, {
        self: globalThis,
        document: {
            documentElement: { dataset: { version: VERSION, options: '{}' } },
            getElementById: () => element,
            createElement: () => element,
            hasFocus: () => false,
        },
        location: { href: 'http://standin/web/' },
        indexedDB: { open: () => new Request(database) },
        WebSocket: Socket,
        addEventListener() {},
    });

    vm.runInThisContext(readFileSync(path.join(WEB, 'loader.js'), 'utf8'));
}


function exportsOf(id) {
    return Object.fromEntries(
        Object.entries(globalThis.importNamespace(id)).map(([name, value]) => (
            [name, isFunction(value) ? value.length : null])));
}


/* of an object its own members, and those that its classes give it */
function membersOf(object) {
    const members = {};

    for (let at = object; at && at !== Object.prototype;
        at = Object.getPrototypeOf(at))
    {
        for (const name of Object.getOwnPropertyNames(at)) {
            const { value } = Object.getOwnPropertyDescriptor(at, name);

            members[name] = isFunction(value) ? value.length : null;
        }
    }

    return members;
}


/* a class takes its arguments as it likes */
function isFunction(value) {
    return typeof value === 'function' && !/^class\b/.test(String(value));
}


async function main() {
    plantPage();
    await import(path.join(WEB, 'main.mjs'));

    const { loadModules, __debug } = globalThis.require('Bootloader');

    await new Promise((resolve) => {
        loadModules([...__debug.componentMap.keys()], resolve);
    });

    const { modulesMap } = globalThis.require('__debug');
    const ids = Object.keys(modulesMap).filter((id) => /^WA/.test(id));

    const modules = Object.fromEntries(
        ids.sort().map((id) => [id, exportsOf(id)]));
    const members = {};

    for (const id of ids) {
        for (const [name, value] of Object.entries(
            globalThis.importNamespace(id)))
        {
            if (typeof value === 'object' && value !== null) {
                members[`${id}.${name}`] = membersOf(value);
            }
        }
    }

    process.stdout.write(JSON.stringify({ modules, members }),
                         () => process.exit(0));
}


main();
