'use strict';

/*
 * Opens a page in headless Chromium and does what it is told there.
 * usage: drive.js PROGRAM [ARGUMENT...]    Chromium, with whatever starts it
 *
 * Commands come as lines of JSON on standard input, one at a time, and each is
 * answered by a line of JSON: {inject: file} into all documents from then on,
 * {open: url}, {run: expression} whose value is
 * the answer (a promise is awaited), {wait: expression, ms} until its value is
 * true, {click: selector, count} with the mouse, {key: name} of the keyboard,
 * {size: [width, height]} of the window, {shot: file} of what is seen, {dark:
 * boolean}, {seen: true} for all addresses that the page has asked for and all
 * that its console has said.
 */

const { spawn } = require('node:child_process');
const fs = require('node:fs');
const readline = require('node:readline');

const [program, ...more] = process.argv.slice(2);
const POLL = 100;

const browser = spawn(program, [
    ...more, '--headless=new', '--remote-debugging-pipe', '--disable-gpu',
    '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync', '--disable-breakpad',
    '--window-size=420,900',
    '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
    'about:blank',
], { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });

const waiting = new Map();
const requests = [];
const complaints = [];
let last = 0;
let rest = '';
let page = null;


function call(method, params = {}) {
    const id = ++last;

    browser.stdio[3].write(`${JSON.stringify(
        { id, method, params, sessionId: page || undefined })}\0`);

    return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject });
    });
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
    } else if (method === 'Network.requestWillBeSent') {
        requests.push(params.request.url);
    } else if (method === 'Log.entryAdded') {
        complaints.push(params.entry.text);
    } else if (method === 'Runtime.exceptionThrown') {
        complaints.push(params.exceptionDetails.text);
    }
}


browser.stdio[4].on('data', (data) => {
    const parts = (rest + data).split('\0');

    rest = parts.pop();
    parts.forEach((text) => take(JSON.parse(text)));
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


async function attach() {
    const targetId = await findPage();
    const { sessionId } = await call('Target.attachToTarget',
                                     { targetId, flatten: true });

    page = sessionId;

    for (const domain of ['Page', 'Network', 'Log', 'Runtime']) {
        await call(`${domain}.enable`);
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


const COMMANDS = {
    open: async ({ open }) => {
        const { errorText } = await call('Page.navigate', { url: open });

        if (errorText) {
            throw new Error(`${open}: ${errorText}`);
        }

        await COMMANDS.wait(
            { wait: 'document.readyState === "complete"', ms: 60000 });
    },

    inject: ({ inject }) => call('Page.addScriptToEvaluateOnNewDocument', {
        source: fs.readFileSync(inject, 'utf8'),
    }),

    run: ({ run }) => evaluate(run),

    wait: async ({ wait, ms }) => {
        const end = Date.now() + ms;

        while (!await evaluate(wait).catch(() => false)) {
            if (Date.now() > end) {
                throw new Error(`timed out: ${wait}, the page says: ${
                    await evaluate('document.body.innerText')}`);
            }

            await new Promise((resolve) => setTimeout(resolve, POLL));
        }
    },

    click: async ({ click, count = 1 }) => {
        const { x, y } = await evaluate(`(() => {
            const element = document.querySelector(${JSON.stringify(click)});

            element.scrollIntoView({ block: 'center' });

            const { x, y, width, height } = element.getBoundingClientRect();

            return { x: x + width / 2, y: y + height / 2 };
        })()`);

        for (let clickCount = 1; clickCount <= count; clickCount++) {
            for (const type of ['mousePressed', 'mouseReleased']) {
                await call('Input.dispatchMouseEvent', {
                    type, x, y, button: 'left', clickCount,
                });
            }
        }
    },

    key: async ({ key }) => {
        const code = { Enter: 13, Escape: 27, Tab: 9 }[key];

        for (const type of ['keyDown', 'keyUp']) {
            await call('Input.dispatchKeyEvent', {
                type, key, code: key, windowsVirtualKeyCode: code,
                text: key === 'Enter' && type === 'keyDown' ? '\r' : undefined,
            });
        }
    },

    size: ({ size: [width, height] }) => call(
        'Emulation.setDeviceMetricsOverride',
        { width, height, deviceScaleFactor: 1, mobile: width < 600 }),

    shot: async ({ shot }) => {
        const { data } = await call('Page.captureScreenshot');

        fs.writeFileSync(shot, Buffer.from(data, 'base64'));
    },

    dark: ({ dark }) => call('Emulation.setEmulatedMedia', {
        features: [{
            name: 'prefers-color-scheme', value: dark ? 'dark' : 'light',
        }],
    }),

    seen: () => ({ requests, complaints }),
};


async function obey(line) {
    const command = JSON.parse(line);
    const name = Object.keys(command).find((key) => COMMANDS[key]);

    try {
        return { value: await COMMANDS[name](command) };
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
