/*
 * Questions to the account's server, each with one answer; what WhatsApp
 * calls an IQ.
 */

import { define } from './define.mjs';
import { link } from './link.mjs';

/* the server says no: WAWebBackendErrors, read in 2.3000.1044822804 */
export class ServerStatusCodeError extends Error {
    constructor(status, text) {
        super(text === undefined ? '' : text);
        this.name = 'ServerStatusCodeError';
        this.status = status;
        this.statusCode = status;
    }
}


const waiting = new Map();
let last = 0;


/* the answer's value; rejects with an error whose status is the server's */
export function ask(op, args) {
    const n = ++last;

    return new Promise((resolve, reject) => {
        if (!link.send({ type: 'iq', n, op, args })) {
            reject(new Error('not connected'));
            return;
        }

        waiting.set(n, { resolve, reject });
    });
}


function onAnswer(frame) {
    const { resolve, reject } = waiting.get(frame.n);

    waiting.delete(frame.n);

    if (frame.status === 200) {
        resolve(frame.value);
    } else {
        reject(new ServerStatusCodeError(frame.status));
    }
}


function onClosed() {
    for (const { reject } of waiting.values()) {
        reject(new Error('disconnected'));
    }

    waiting.clear();
}


export function defineIq() {
    define('WAWebBackendErrors', { ServerStatusCodeError });

    link.on('frame:iq', onAnswer);
    link.on('closed', onClosed);
}
