'use strict';

/*
 * The WhatsApp account on the server's side: linked devices, messages,
 * receipts, the queue of what a device has missed, and the faults.
 */

const crypto = require('node:crypto');
const { Directory, digitsOf } = require('./directory.js');
const { Faults, integer } = require('./faults.js');
const { Groups } = require('./groups.js');
const { answerIq } = require('./iq.js');
const { Media } = require('./media.js');
const { Messages } = require('./messages.js');
const { giveCode, dropCode, expireCode, findCode }
    = require('./pairing.js');
const { Profile } = require('./profile.js');

const MAX_DEVICES = 8;
const MAX_QUEUED = 1000;
const MAX_FLOOD = 10000;
const WEB_VERSION = '2.3000.1044822804';

/* WhatsApp's code for "you may not send this" */
const NACK_REFUSED = 475;

/* an unlinked page gets this many codes, then it must ask again */
const QR_CODES = 6;
const QR_FIRST_TTL = 60000;
const QR_TTL = 20000;


class Account {
    /*
     * options: linked (number whose pages need no scan, or null), links (how
     * many of them), name (of the account, or null), latency (ms before every
     * answer)
     */
    constructor(options) {
        this.directory = new Directory(options.linked, options.name);
        this.latency = options.latency;
        this.autoLink = options.linked === null ? 0 : options.links;
        this.messages = new Messages();
        this.media = new Media();
        this.faults = new Faults();
        this.heldAcks = [];
        this.devices = new Map();
        this.links = new Set();
        this.typing = new Map();
        this.profile = new Profile();
        this.blocked = new Set();
        this.groups = new Groups(this.directory, (group) => {
            this.broadcast({ type: 'group', group: this.groups.show(group) });
            this.messages.changed();
        });
    }

    get webVersion() {
        return (this.faults.web && this.faults.web.version) || WEB_VERSION;
    }

    get webRename() {
        return (this.faults.web && this.faults.web.rename) || '';
    }


    /* ==== pages come and go ==== */

    /* a page said hello; token is what its storage holds, or null */
    connect(link, token) {
        const device = this.devices.get(token);

        this.links.add(link);

        if (device) {
            this.#attach(link, device);
        } else if (this.autoLink > 0) {
            this.autoLink--;
            this.#attach(link, this.#createDevice());
        } else {
            link.codesLeft = QR_CODES;
            link.send({ type: 'unlinked' });
            this.showNextCode(link, QR_FIRST_TTL);
        }
    }

    disconnect(link) {
        this.links.delete(link);
        clearTimeout(link.codeTimer);
        dropCode(link);

        if (link.device && link.device.link === link) {
            link.device.link = null;
        }
    }

    #createDevice() {
        const device = {
            token: crypto.randomBytes(16).toString('hex'),
            link: null,
            queue: [],
        };

        this.devices.set(device.token, device);

        if (this.devices.size > MAX_DEVICES) {
            this.devices.delete(this.devices.keys().next().value);
        }

        return device;
    }

    #attach(link, device) {
        const { own } = this.directory;

        /* the same login in a second tab: the older one is told to stop */
        if (device.link) {
            device.link.send({ type: 'conflict', on: true });
            device.link.device = null;
        }

        device.link = link;
        link.device = device;
        link.ref = null;
        clearTimeout(link.codeTimer);
        dropCode(link);
        link.send({
            type: 'linked',
            token: device.token,
            wid: own.wid,
            lid: own.lid,
            name: own.name,
            business: this.profile.isBusiness,
            groups: this.groups.ofMember(own).map(
                (group) => this.groups.show(group)),
            blocked: [...this.blocked],
        });

        if (this.faults.conflict) {
            link.send({ type: 'conflict', on: true });
        }

        for (const frame of device.queue) {
            link.send(frame);
        }

        link.send({ type: 'synced' });
    }


    /* ==== linking ==== */

    showNextCode(link, ttl = QR_TTL) {
        clearTimeout(link.codeTimer);

        if (link.codesLeft === 0) {
            link.ref = null;
            link.send({ type: 'code', ref: null, ttl: 0 });
            return;
        }

        link.codesLeft--;
        link.ref = `2@${crypto.randomBytes(48).toString('base64')}`;
        link.send({ type: 'code', ref: link.ref, ttl });
        link.codeTimer = setTimeout(() => this.showNextCode(link), ttl);
    }

    /* the page (or a test) wants a fresh code, and a full set of them */
    refreshCode(link) {
        if (!link.device) {
            link.codesLeft = QR_CODES;
            this.showNextCode(link);
        }
    }

    /*
     * The phone scans: the page that shows this code, or with no code given
     * every page that shows one. Returns how many were linked.
     */
    scan(code) {
        let linked = 0;

        for (const link of this.links) {
            if (!link.device && link.ref
                && (code === undefined || matches(code, link)))
            {
                this.#attach(link, this.#createDevice());
                linked++;
            }
        }

        return linked;
    }

    /* a page wants a code for a phone number instead */
    takePairing(link, { n, args }) {
        this.#answer(link, {
            type: 'iq', n, ...giveCode(this, link, String(args.phone)),
        }, 0);
    }

    /* somebody types a code in at the phone; whether a page shows it */
    enterCode(code) {
        const link = findCode(this.links, this.directory.own.number, code);

        if (!link) {
            return false;
        }

        this.#attach(link, this.#createDevice());
        return true;
    }

    /* the phone unlinks all devices, or a page logs itself out */
    logout(only, reason) {
        const devices = only ? [only] : [...this.devices.values()];

        this.autoLink = 0;

        for (const device of devices) {
            this.devices.delete(device.token);

            if (device.link) {
                device.link.device = null;
                device.link.send({ type: 'logout', reason });
            }
        }
    }


    /* ==== messages ==== */

    /* a message from the page */
    takeSend(link, frame) {
        const { faults } = this;

        if (faults.take('drop_before')) {
            return;
        }

        const upload = frame.media && this.media.get(frame.media.upload);

        if (faults.take('refuse') || !this.#accepts(frame.chat)
            || (frame.media && !upload))
        {
            this.#ack(link, { id: frame.id, error: NACK_REFUSED });
            return;
        }

        frame.mentions = this.#shownMentions(frame);

        const message = Messages.isAct(frame.kind)
            ? this.messages.act(frame, this.directory.own.number)
            : this.messages.record(frame, upload);

        this.typing.delete(frame.chat);

        if (faults.take('cut_before_ack')) {
            link.cut();
            return;
        }

        if (faults.take('drop_ack')) {
            return;
        }

        this.#ack(link, {
            id: frame.id,
            t: Math.floor(message.time / 1000),
        });

        if (faults.take('cut_after_ack')) {
            setTimeout(() => link.cut(), this.latency + faults.delay + 1);
        }
    }

    #ack(link, members) {
        const send = () => this.#answer(link, { type: 'ack', ...members },
                                        this.faults.delay);

        if (this.faults.holdAcks) {
            this.heldAcks.push(send);
        } else {
            send();
        }
    }

    /* phones don't show a mention of whom a group knows by another id */
    #shownMentions({ chat, mentions }) {
        return (mentions || []).filter((wid) => (
            !this.groups.get(chat) || this.groups.knows(chat, wid)));
    }

    /* whether there is such a chat for the account to write in */
    #accepts(chat) {
        return this.groups.mayWrite(chat, this.directory.own)
               || this.directory.find(chat) !== undefined;
    }

    #answer(link, frame, extraDelay) {
        const delay = this.latency + extraDelay;

        if (delay === 0) {
            link.send(frame);
        } else {
            setTimeout(() => link.send(frame), delay);
        }
    }

    /* the page asks whether somebody exists */
    takeQuery(link, frame) {
        const person = this.directory.find(frame.wid);

        this.#answer(link, {
            type: 'exists',
            n: frame.n,
            wid: person ? person.wid : null,
            lid: person ? person.lid : null,
            name: person ? person.name : null,
        }, 0);
    }

    takeIq(link, { n, op, args }) {
        this.#answer(link, { type: 'iq', n, ...answerIq(this, op, args) }, 0);
    }

    /* whether the page has linked with this token: it may upload */
    isLinked(token) {
        return this.devices.has(token);
    }

    block(person, blocked) {
        if (blocked) {
            this.blocked.add(person.wid);
        } else {
            this.blocked.delete(person.wid);
        }

        this.broadcast({ type: 'blocked', blocked: [...this.blocked] });
    }

    /* the phone's owner changes to WhatsApp's application for businesses */
    setBusiness(isBusiness) {
        this.profile.setBusiness(isBusiness);
        this.broadcast({ type: 'account', business: isBusiness });
    }

    takeSeen(chat) {
        this.messages.markSeen(chat);
    }

    takePresence(chat, state) {
        if (state === 'composing') {
            this.typing.set(chat, Date.now());
        } else {
            this.typing.delete(chat);
        }

        this.messages.changed();
    }

    /* the page has stored a message: it need not be kept for it any longer */
    takeReceived(link, id) {
        const { queue } = link.device;
        const at = queue.findIndex((frame) => frame.id === id);

        if (at >= 0) {
            queue.splice(at, 1);
        }
    }

    /*
     * Somebody writes to the account, or to a group (its id) that both are
     * in; the message, with its id
     */
    receive(person, body, quoted, group) {
        const id = `3A${crypto.randomBytes(9).toString('hex').toUpperCase()}`;
        const chat = group || person.wid;
        const message = {
            id: `false_${chat}_${id}${group ? `_${person.lid}` : ''}`,
            chat,
            from: person.number,
            group: group || null,
            type: 'text',
            body,
            quoted: quoted || null,
            reactions: [],
            edits: [],
            revoked: null,
            time: Date.now(),
            seen: false,
        };

        this.messages.receive(message);

        for (const device of this.devices.values()) {
            const frame = {
                type: 'message',
                id: message.id,
                from: chat,
                author: group ? person.lid : undefined,
                name: person.name,
                body,
                quoted: message.quoted,
                t: Math.floor(message.time / 1000),
            };

            device.queue.push(frame);

            if (device.queue.length > MAX_QUEUED) {
                device.queue.shift();
            }

            if (device.link) {
                device.link.send(frame);
            }
        }

        return message;
    }

    /* somebody has read what the account wrote */
    read(chat) {
        for (const id of this.messages.markRead(chat)) {
            this.broadcast({ type: 'receipt', id, ack: 3 });
        }
    }

    broadcast(frame) {
        for (const link of this.links) {
            link.send(frame);
        }
    }


    /* ==== faults ==== */

    /* throws FaultError if the body makes no sense */
    fault(kind, body) {
        switch (kind) {
        case 'none':
        case 'reset':
            this.#clearFaults();

            if (kind === 'reset') {
                this.messages.clear();
                this.media.clear();
                this.typing.clear();
            }

            return;
        case 'rotate_qr':
            for (const link of this.links) {
                this.refreshCode(link);
            }

            return;
        case 'expire_code':
            this.links.forEach(expireCode);
            return;
        case 'flood':
            this.#flood(body);
            return;
        default:
            this.faults.set(kind, body);
        }

        if (kind === 'conflict') {
            this.broadcast({ type: 'conflict', on: true });
        }

        if (kind === 'restricted') {
            this.broadcast({ type: 'restricted', on: true });
        }

        if (kind === 'offline') {
            for (const link of this.links) {
                link.cut();
            }
        }
    }

    #clearFaults() {
        const { conflict, restricted } = this.faults;

        this.faults.clear();

        for (const send of this.heldAcks.splice(0)) {
            send();
        }

        if (conflict) {
            this.broadcast({ type: 'conflict', on: false });
        }

        if (restricted) {
            this.broadcast({ type: 'restricted', on: false });
        }
    }

    #flood(body) {
        const count = integer(body.count, 100, 1, MAX_FLOOD, 'count');
        const person = this.directory.people.get(String(body.from))
                       || this.directory.people.get('15550000002');

        for (let n = 1; n <= count; n++) {
            this.receive(person, `${body.body || 'flood'} ${n}`);
        }
    }


    /* ==== what the phone and tests see ==== */

    state() {
        const { own } = this.directory;

        return {
            number: own.number,
            name: own.name,
            linked: [...this.links].some((link) => link.device),
            devices: this.devices.size,
            pages: [...this.links].map((link) => ({
                linked: link.device !== null,
                qr: link.ref,
                pairing: link.pairing !== null,
            })),
            web_version: this.webVersion,
            faults: this.faults.active(),
            typing: [...this.typing.keys()].map(digitsOf),
            ...this.profile.show(),
            blocked: [...this.blocked].map(digitsOf),
            sent: this.messages.sent.size,
            received: this.messages.received.size,
            numbers: this.directory.list().map((person) => ({
                number: person.number,
                lid: person.lid,
                name: person.name,
            })),
        };
    }
}


/* the whole text of a QR code, as a phone would read it */
function matches(code, link) {
    const parts = String(code).split(',');

    return parts.length === 5 && parts[0] === link.ref
           && parts.every((part) => part !== '');
}


module.exports = { Account };
