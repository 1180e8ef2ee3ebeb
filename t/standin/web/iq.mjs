/*
 * Questions to the account's server, each with one answer; what WhatsApp
 * calls an IQ.
 */

import { link } from './link.mjs';

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
        /* the name of the real application's error */
        reject(Object.assign(new Error('refused by the server'), {
            name: 'ServerStatusCodeError',
            status: frame.status,
        }));
    }
}


function onClosed() {
    for (const { reject } of waiting.values()) {
        reject(new Error('disconnected'));
    }

    waiting.clear();
}


export function listenForAnswers() {
    link.on('frame:iq', onAnswer);
    link.on('closed', onClosed);
}
