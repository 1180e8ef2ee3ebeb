'use strict';

/*
 * Opens WhatsApp Web with the bridge in headless Chromium, in the place of
 * the controller, and does what it is told there.
 * usage: drive.js WA_JS PRELOAD,BRIDGE... PROGRAM [ARGUMENT...]
 *
 * WA_JS and the parts of the bridge are files, the first part is the preload;
 * PROGRAM is Chromium, with whatever starts it. Commands come as lines of JSON
 * on standard input, one at a time, and each is answered by a line of JSON:
 * {open: url}; {call: method, params, ms} of the bridge; {run: expression}, a
 * promise is awaited; {wait: count, of: name, ms} until so many events of this
 * name have been told; {take: name} for all of them, which are forgotten with
 * that. Of "inbound" the single events count.
 */

const { spawn } = require('node:child_process');
const fs = require('node:fs');
const readline = require('node:readline');

const [waJs, parts, program, ...more] = process.argv.slice(2);
const POLL = 10;
const TIMEOUT = 60000;

const browser = spawn(program, [
    ...more, '--headless=new', '--remote-debugging-pipe', '--disable-gpu',
    '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync', '--disable-breakpad',
    '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
    'about:blank',
], { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });

const waiting = new Map();
let told = [];
let sizes = [];
let last = 0;
let rest = [];
let page = null;


function call(method, params = {}) {
    const id = ++last;

    browser.stdio[3].write(`${JSON.stringify(
        { id, method, params, sessionId: page || undefined })}\0`);

    return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject });
    });
}


/* what the bridge has told; t is when it came here, in ms */
function hear(payload) {
    const { event, data } = JSON.parse(payload);

    sizes.push({ name: event, size: Buffer.byteLength(payload) });

    for (const one of event === 'inbound' ? data.events : [data]) {
        told.push({ name: event, data: one, t: Date.now() });
    }
}


function take(message) {
    const { id, method, params } = message;

    if (id !== undefined) {
        const { resolve, reject } = waiting.get(id);

        waiting.delete(id);

        if (message.error) {
            reject(new Error(message.error.message));
        } else {
            resolve(message.result);
        }
    } else if (method === 'Runtime.bindingCalled') {
        hear(params.payload);
    } else if (method === 'Runtime.exceptionThrown') {
        const { exception, text } = params.exceptionDetails;

        told.push({
            name: 'exception',
            data: exception ? exception.description : text,
        });
    }
}


browser.stdio[4].on('data', (data) => {
    let begin = 0;

    for (let end = data.indexOf(0); end >= 0; end = data.indexOf(0, begin)) {
        take(JSON.parse(Buffer.concat([...rest, data.subarray(begin, end)])));
        rest = [];
        begin = end + 1;
    }

    rest.push(data.subarray(begin));
});


/* a browser that has just started may have none yet */
async function findPage() {
    for ( ;; ) {
        const { targetInfos } = await call('Target.getTargets');
        const found = targetInfos.find(({ type }) => type === 'page');

        if (found) {
            return found.targetId;
        }

        await new Promise((resolve) => setTimeout(resolve, POLL));
    }
}


/* as the controller does it */
async function attach() {
    const targetId = await findPage();
    const { sessionId } = await call('Target.attachToTarget',
                                     { targetId, flatten: true });
    const [preload, ...bridge] = parts.split(',').map(
        (file) => fs.readFileSync(file, 'utf8'));

    page = sessionId;

    await call('Page.enable');
    await call('Runtime.enable');
    await call('Runtime.addBinding', { name: '__whatsappControllerEmit' });

    for (const source of [
        preload,
        `if (window.__whatsappControllerTools)
            window.__whatsappControllerTools.runWaJs = function () {
            ${fs.readFileSync(waJs, 'utf8')}
            };`,
        bridge.join('\n'),
    ]) {
        await call('Page.addScriptToEvaluateOnNewDocument', { source });
    }
}


async function evaluate(expression) {
    const { result, exceptionDetails } = await call('Runtime.evaluate', {
        expression, awaitPromise: true, returnByValue: true,
    });

    if (exceptionDetails) {
        throw new Error(exceptionDetails.exception.description);
    }

    return result.value === undefined ? null : result.value;
}


async function until(condition, ms, what) {
    const end = Date.now() + ms;

    while (!condition()) {
        if (Date.now() > end) {
            throw new Error(`timed out: ${what()}`);
        }

        await new Promise((resolve) => setTimeout(resolve, POLL));
    }
}


function named(name) {
    return told.filter((one) => one.name === name);
}


const COMMANDS = {
    open: async ({ open }) => {
        const { errorText } = await call('Page.navigate', { url: open });

        if (errorText) {
            throw new Error(`${open}: ${errorText}`);
        }
    },

    call: async ({ call: method, params = {}, ms = TIMEOUT }) => {
        const answer = evaluate(`window.__whatsappControllerBridge.call(${
            JSON.stringify(method)}, ${JSON.stringify(params)})`);
        const late = new Promise((resolve, reject) => {
            setTimeout(reject, ms, new Error(`no answer: ${method}`)).unref();
        });

        return Promise.race([answer, late]);
    },

    run: ({ run }) => evaluate(run),

    wait: async ({ wait, of, ms = TIMEOUT }) => {
        await until(() => named(of).length >= wait, ms, () => (
            `${named(of).length} of ${wait}: ${JSON.stringify(named(of))}`));

        return named(of).length;
    },

    take: ({ take: name }) => {
        const taken = named(name);

        told = told.filter((one) => one.name !== name);

        return taken;
    },

    sizes: ({ sizes: name }) => {
        const taken = sizes.filter((one) => one.name === name)
            .map(({ size }) => size);

        sizes = [];

        return taken;
    },
};


async function obey(line) {
    const command = JSON.parse(line);
    const name = Object.keys(COMMANDS).find((key) => key in command);

    try {
        const value = await COMMANDS[name](command);

        return { value: value === undefined ? null : value };
    } catch (e) {
        return { error: e.message };
    }
}


async function main() {
    await attach();

    for await (const line of readline.createInterface(
        { input: process.stdin }))
    {
        process.stdout.write(`${JSON.stringify(await obey(line))}\n`);
    }

    page = null;
    await call('Browser.close').catch(() => {});
}


browser.on('exit', () => process.exit(0));
main();
