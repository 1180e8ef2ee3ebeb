/*
 * What waits for an ack of the server: WAComms and WADeprecatedSendIq, read in
 * 2.3000.1044822804. A stanza that asks for an ack is sent again on every new
 * connection, without a bound (WAWebCommsConfigBase.maxRetries holds for other
 * stanzas, and is the largest number there is): one on which the server closes
 * the connection keeps the page from ever being connected again. Only
 * removeHandler() takes it back, and a reload, which forgets all of them.
 */

import { define } from './define.mjs';
import { link } from './link.mjs';

/* of handlers that are sent again on every connection; others name theirs */
const DEFAULT_SOCKET_ID = 0;


/* the names are WAErrors' */
class MaxRetries extends Error {
    constructor() {
        super('max retries');
        this.name = 'MaxRetries';
    }
}

class Disconnected extends Error {
    constructor() {
        super('disconnected');
        this.name = 'Disconnected';
    }
}


class Comms {
    ackHandlers = [];

    #orderedId = 1;

    isSocketConnected() {
        return link.isOpen;
    }

    filterPending(test) {
        return this.ackHandlers.filter(test);
    }

    /* rejects the promise that waits; handlers that are gone are ignored */
    removeHandler(handler, reason = 'disconnect') {
        const at = this.ackHandlers.indexOf(handler);

        if (at >= 0) {
            this.ackHandlers.splice(at, 1);
            handler.resolve(Promise.reject(
                reason === 'max-retries' ? new MaxRetries()
                    : new Disconnected()));
        }
    }

    /* WADeprecatedSendIq: resolves with the server's ack */
    sendAndReturnAck(stanza) {
        return new Promise((resolve) => {
            this.ackHandlers.push({
                type: 'ack',
                resolve,
                stanza,
                attachedToSocketId: DEFAULT_SOCKET_ID,
                orderedId: this.#orderedId++,
            });
            link.send(stanza);
        });
    }

    /* an ack without a handler is that of a stanza that was sent twice */
    handleAck(frame) {
        const at = this.ackHandlers.findIndex(
            ({ stanza }) => stanza.id === frame.id);

        if (at >= 0) {
            const [handler] = this.ackHandlers.splice(at, 1);

            handler.resolve(frame);
        }
    }

    /* the connection is back */
    resend() {
        for (const { stanza } of [...this.ackHandlers]) {
            link.send(stanza);
        }
    }
}


export const comms = new Comms();


export function defineComms() {
    link.on('frame:ack', (frame) => comms.handleAck(frame));
    link.on('frame:linked', () => comms.resend());

    define('WAComms', { DEFAULT_SOCKET_ID, getComms: () => comms });
}
