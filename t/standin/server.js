'use strict';

/*
 * A stand-in for WhatsApp: the web application, its servers and a phone, all
 * on one port of this machine. See README.md.
 */

const fs = require('node:fs');
const http = require('node:http');
const { parseArgs } = require('node:util');
const { WebSocketServer } = require('ws');
const { Account } = require('./lib/account.js');
const { Files } = require('./lib/files.js');
const { Link } = require('./lib/link.js');
const { Receiver } = require('./lib/receiver.js');
const {
    handleApi, handleDownload, handleUpload,
} = require('./lib/api.js');

const USAGE = `usage: server.js --port N [options]
  --port N         port to listen on; 0 picks one
  --host ADDRESS   default 127.0.0.1
  --linked NUMBER  the account's number; its pages need no scan
  --links N        only so many of them, default all
  --name TEXT      the account's name
  --unmigrated     the account's chats go by numbers, as they once did
  --latency MS     time that the server takes for an answer, default 0
  --receiver FILE  webhooks may be delivered to /hook; FILE is JSON, {"secret",
                   "verify_token", "watch"}
`;
const OPTIONS = {
    port: { type: 'string' },
    host: { type: 'string', default: '127.0.0.1' },
    linked: { type: 'string' },
    links: { type: 'string' },
    name: { type: 'string' },
    latency: { type: 'string', default: '0' },
    receiver: { type: 'string' },
    unmigrated: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
};

/* a message of 65,536 characters and its envelope fit */
const MAX_FRAME = 1024 * 1024;


function usageError(message) {
    process.stderr.write(`server.js: ${message}\n${USAGE}`);
    process.exit(2);
}


function readOptions() {
    let values;

    try {
        ({ values } = parseArgs({ options: OPTIONS }));
    } catch (e) {
        usageError(e.message);
    }

    if (values.help) {
        process.stdout.write(USAGE);
        process.exit(0);
    }

    if (!/^\d{1,5}$/.test(values.port || '') || values.port > 65535) {
        usageError('--port needs a number from 0 to 65535');
    }

    if (values.linked !== undefined && !/^\d{6,15}$/.test(values.linked)) {
        usageError('--linked needs a number of 6 to 15 digits');
    }

    if (values.links !== undefined && !/^\d{1,3}$/.test(values.links)) {
        usageError('--links needs a number of pages');
    }

    if (!/^\d{1,6}$/.test(values.latency)) {
        usageError('--latency needs milliseconds');
    }

    return {
        port: Number(values.port),
        host: values.host,
        linked: values.linked || null,
        links: values.links === undefined ? Infinity : Number(values.links),
        name: values.name || null,
        latency: Number(values.latency),
        receiver: values.receiver === undefined
            ? null : readReceiver(values.receiver),
        migrated: !values.unmigrated,
    };
}


/* what is secret stands in a file, as others see a program's options */
function readReceiver(path) {
    try {
        const { secret, verify_token: verifyToken, watch }
            = JSON.parse(fs.readFileSync(path, 'utf8'));

        return new Receiver({ secret, verifyToken, watch });
    } catch (e) {
        return usageError(`${path}: ${e.message}`);
    }
}


/* scripts of the page are what a fault may keep back */
function servePage({ account, files, receiver }, request, response, url) {
    const fault = account.faults.get('files');
    const [, name] = /^\/web\/([\w-]+\.m?js)$/.exec(url.pathname) || [];
    const isMeant = fault && name && (!fault.name || fault.name === name);
    const serve = () => files.serve(request, response, url, {
        version: account.webVersion,
        options: JSON.stringify(account.webOptions),
        watch: receiver ? receiver.watch : '',
    });

    if (!isMeant) {
        serve();
    } else if (fault.ms > 0) {
        setTimeout(serve, fault.ms);
    } else {
        response.writeHead(503, { 'Cache-Control': 'no-store' });
        response.end();
    }
}


function createServer(account, receiver) {
    const files = new Files();
    const sockets = new WebSocketServer({
        noServer: true,
        maxPayload: MAX_FRAME,
        perMessageDeflate: false,
    });
    const server = http.createServer((request, response) => {
        const url = new URL(request.url, 'http://standin');

        const isUpload = url.pathname === '/web/media';

        if (url.pathname.startsWith('/web/mms/')) {
            handleDownload(account, request, response, url);
            return;
        }

        const isHook = receiver && /^\/hook(?:\/|$)/.test(url.pathname);

        if (!isUpload && !isHook && !url.pathname.startsWith('/api/')) {
            servePage({ account, files, receiver }, request, response, url);
            return;
        }

        const handled = isHook ? receiver.handle(request, response, url)
            : (isUpload ? handleUpload : handleApi)(
                account, request, response, url);

        handled.catch((e) => {
            /* the client went away in mid-body, or a bug */
            process.stderr.write(`server.js: ${e.stack}\n`);
            response.destroy();
        });
    });

    server.on('upgrade', (request, socket, head) => {
        /* a page that has left already; "close" follows */
        socket.on('error', () => {});

        if (request.url !== '/web/socket' || account.faults.get('offline')) {
            socket.end('HTTP/1.1 503 Service Unavailable\r\n'
                       + 'Connection: close\r\nContent-Length: 0\r\n\r\n');
            return;
        }

        sockets.handleUpgrade(request, socket, head, (webSocket) => {
            new Link(account, webSocket);
        });
    });

    return server;
}


function main() {
    const options = readOptions();
    const account = new Account(options);
    const server = createServer(account, options.receiver);

    server.on('error', (e) => {
        process.stderr.write(`server.js: ${e.message}\n`);
        process.exit(1);
    });

    server.listen(options.port, options.host, () => {
        process.stdout.write(`listening ${server.address().port}\n`);
    });

    /* nothing is kept, so there is nothing to save */
    for (const signal of ['SIGTERM', 'SIGINT']) {
        process.once(signal, () => process.exit(0));
    }
}


main();
