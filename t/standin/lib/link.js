'use strict';

/*
 * One page's WebSocket: frames are JSON objects with a type. Frames that make
 * no sense are a bug of the stand-in's page and close the connection.
 */

const MAX_TEXT = 70000;
const WID = /^[\w-]{1,40}@(c\.us|g\.us|lid|broadcast|newsletter)$/;
const KEY = /^(true|false)_[\w-]+@(c\.us|g\.us|lid|broadcast|newsletter)_\w+/;

/* what must be in a frame of each kind */
const isObject = (value) => typeof value === 'object' && value !== null;
const hasBody = ({ body }) => typeof body === 'string'
                              && body.length <= MAX_TEXT;
const hasMedia = ({ media }) => isObject(media)
                                && typeof media.upload === 'string';
const hasCards = ({ cards }) => Array.isArray(cards)
    && cards.every((card) => isObject(card) && typeof card.vcard === 'string');
const KINDS = {
    chat: hasBody,
    image: hasMedia,
    video: hasMedia,
    audio: hasMedia,
    ptt: hasMedia,
    document: hasMedia,
    sticker: hasMedia,
    location: ({ location }) => isObject(location)
        && Number.isFinite(location.lat) && Number.isFinite(location.lng),
    vcard: hasCards,
    multi_vcard: hasCards,
    poll_creation: ({ poll }) => isObject(poll) && Array.isArray(poll.options),
    reaction: (frame) => isKey(frame.target) && hasBody(frame),
    edit: (frame) => isKey(frame.target) && hasBody(frame),
    revoke: (frame) => isKey(frame.target),
};

const HANDLERS = {
    send: {
        check: (frame) => isKey(frame.id) && isWid(frame.chat)
            && Object.hasOwn(KINDS, frame.kind) && KINDS[frame.kind](frame),
        run: (account, link, frame) => account.takeSend(link, frame),
    },
    iq: {
        check: (frame) => Number.isInteger(frame.n) && isObject(frame.args),
        run: (account, link, frame) => account.takeIq(link, frame),
    },
    seen: {
        check: (frame) => isWid(frame.chat),
        run: (account, link, frame) => account.takeSeen(frame.chat),
    },
    presence: {
        check: (frame) => isWid(frame.chat),
        run: (account, link, frame) => account.takePresence(frame.chat,
                                                            frame.state),
    },
    received: {
        check: (frame) => Number.isInteger(frame.n),
        run: (account, link, frame) => account.devices.takeReceived(link,
                                                                    frame.n),
    },
    vanished: {
        check: (frame) => isKey(frame.id),
        run: (account, link, frame) => account.vanished.add(frame.id),
    },
    logout: {
        check: () => true,
        run: (account, link) => account.devices.farewell(link),
    },
    subscribe: {
        check: (frame) => isWid(frame.chat),
        run: (account, link, frame) => account.takeSubscription(frame.chat),
    },
};


class Link {
    constructor(account, socket) {
        this.account = account;
        this.socket = socket;
        this.greeted = false;
        this.device = null;
        this.ref = null;
        this.codesLeft = 0;
        this.codeTimer = null;

        /* whether the device still waits for what it has missed, and until
           when; live is a link that gets messages as they come */
        this.offlineHeld = false;
        this.offlineTimer = null;
        this.isLive = false;
        this.pairing = null;

        socket.on('message', (data) => this.#take(data));
        socket.on('close', () => account.devices.disconnect(this));

        /* "close" follows */
        socket.on('error', () => {});
    }

    send(frame) {
        if (this.socket.readyState === this.socket.OPEN) {
            this.socket.send(JSON.stringify(frame));
        }
    }

    close() {
        this.socket.close();
    }

    /* as if the network were gone: no closing handshake */
    cut() {
        this.socket.terminate();
    }

    #take(data) {
        let frame;

        try {
            frame = JSON.parse(data);
        } catch (e) {
            frame = null;
        }

        if (!frame || !this.#dispatch(frame)) {
            this.socket.close(1008, 'bad frame');
        }
    }

    #dispatch(frame) {
        if (frame.type === 'hello') {
            if (!this.greeted) {
                this.greeted = true;
                this.account.devices.connect(this, frame.token);
            }

            return true;
        }

        if (frame.type === 'refresh') {
            this.account.devices.refreshCode(this);
            return true;
        }

        if (!this.device && frame.type === 'iq'
            && frame.op === 'pairing_code')
        {
            if (!isObject(frame.args)) {
                return false;
            }

            this.account.devices.takePairing(this, frame);
            return true;
        }

        /* a frame may still be under way from a page that was logged out */
        if (!this.device) {
            return true;
        }

        const handler = Object.hasOwn(HANDLERS, frame.type)
            ? HANDLERS[frame.type] : null;

        if (!handler || !handler.check(frame)) {
            return false;
        }

        handler.run(this.account, this, frame);
        return true;
    }
}


function isWid(value) {
    return typeof value === 'string' && WID.test(value);
}


function isKey(value) {
    return typeof value === 'string' && value.length <= 200
           && KEY.test(value);
}


module.exports = { Link };
