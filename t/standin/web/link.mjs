/*
 * The page's WebSocket to the account's server, which comes back by itself
 * unless it was told to stop.
 */

import { Emitter } from './model.mjs';

const RETRY_MIN = 250;
const RETRY_MAX = 5000;


/* triggers "connecting", "open", "closed", "frame:<type>" with the frame */
class Link extends Emitter {
    #socket = null;
    #retry = RETRY_MIN;
    #stopped = false;

    get isOpen() {
        return this.#socket !== null
               && this.#socket.readyState === WebSocket.OPEN;
    }

    connect() {
        const url = new URL('socket', location.href);

        this.trigger('connecting');
        url.protocol = 'ws:';
        this.#socket = new WebSocket(url);

        this.#socket.onopen = () => {
            this.trigger('open');
        };

        this.#socket.onmessage = (event) => {
            const frame = JSON.parse(event.data);

            this.#retry = RETRY_MIN;
            this.trigger(`frame:${frame.type}`, frame);
        };

        this.#socket.onclose = () => {
            this.trigger('closed');

            if (!this.#stopped) {
                setTimeout(() => this.connect(), this.#retry);
                this.#retry = Math.min(this.#retry * 2, RETRY_MAX);
            }
        };
    }

    /* for good: another connection has taken this one's place */
    stop() {
        this.#stopped = true;
        this.#socket.close();
    }

    /* closes and comes back at once */
    restart() {
        this.#retry = 0;
        this.#socket.close();
    }

    /* whether the frame has been handed to the network */
    send(frame) {
        if (!this.isOpen) {
            return false;
        }

        this.#socket.send(JSON.stringify(frame));
        return true;
    }
}


export const link = new Link();
