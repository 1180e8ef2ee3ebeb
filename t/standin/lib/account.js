'use strict';

/*
 * The WhatsApp account on the server's side: messages, receipts, the queue of
 * what a device has missed, and the faults.
 */

const { contentOf } = require('./contents.js');
const { Devices } = require('./devices.js');
const { Directory } = require('./directory.js');
const { Faults, integer, NACK_REFUSED } = require('./faults.js');
const { Groups } = require('./groups.js');
const { Inbound } = require('./inbound.js');
const { answerIq } = require('./iq.js');
const { Media } = require('./media.js');
const { Messages } = require('./messages.js');
const { Profile } = require('./profile.js');

const MAX_FLOOD = 10000;

/* a phone may send 100 MB */
const MAX_PHONE_FILE = 128 * 1024 * 1024;
const MAX_PHONE_FILES = 512 * 1024 * 1024;

const WEB_VERSION = '2.3000.1044822804';

/* WhatsApp's codes for new chats that the account may not open now */
const NACK_TIMELOCK = 463;
const NACK_CAPPED = 475;

/* as the real application: no call, and so nothing that calls need */
const DEFAULT_MODULES = {
    never: ['WAWebCallCollection'],

    /* a page that shows a QR code sends nothing */
    linked: [
        'WAWebSendMsgChatAction', 'WAWebMedia', 'WAWebMediaOpaqueData',
        'WAWebGroupCreateJob', 'WAWebGroupModifyInfoJob',
        'WAWebExitGroupAction', 'WAWebFindChatAction',
    ],
};

/* what a page's Cmd is told when an account's limit comes or goes */
const STATE_CHANGES = {
    timelock: 'reachoutTimelockStateChange',
    capped: 'newChatMessageCappingStateChange',
};


class Account {
    /*
     * options: linked (number whose pages need no scan, or null), links (how
     * many of them), name (of the account, or null), latency (ms before every
     * answer), migrated (whether the account's chats go by lids)
     */
    constructor(options) {
        this.directory = new Directory(options.linked, options.name);
        this.latency = options.latency;
        this.migrated = options.migrated;
        this.messages = new Messages();
        this.media = new Media();

        /* files that the phone has, to send */
        this.files = new Media(MAX_PHONE_FILE, MAX_PHONE_FILES);
        this.faults = new Faults();
        this.heldAcks = [];

        /* the link whose page has sent the last message, or null */
        this.lastSender = null;
        this.devices = new Devices(
            this, options.linked === null ? 0 : options.links);
        this.typing = new Map();

        /* ids whose presence a page has asked for */
        this.subscribed = new Set();

        /* ids of messages that are gone from a page because of vanish() */
        this.vanished = new Set();

        /* numbers of people whose chat is older than the move to lids */
        this.oldChats = new Set();
        this.inbound = new Inbound(this);
        this.profile = new Profile();
        this.blocked = new Set();
        this.groups = new Groups(
            this.directory, options.migrated, (group) => {
                this.broadcast({
                    type: 'group', group: this.groups.show(group),
                });
                this.messages.changed();
            });
    }

    get webVersion() {
        const web = this.faults.get('web_version');

        return (web && web.version) || WEB_VERSION;
    }

    /* what the next page is told about its modules and properties */
    get webOptions() {
        const web = this.faults.get('web_version');
        const property = this.faults.get('property');

        return {
            rename: (web && web.rename) || '',
            ...DEFAULT_MODULES,
            ...this.faults.get('modules'),
            ...this.faults.get('complain'),
            props: property ? { [property.name]: property.value } : {},
            resend: this.faults.get('resend') !== undefined,
        };
    }


    /* ==== messages ==== */

    /* a message from the page */
    takeSend(link, frame) {
        const { faults } = this;

        this.lastSender = link;

        if (faults.take('drop_before')) {
            return;
        }

        if (faults.closesStream(frame)) {
            link.close();
            return;
        }

        const upload = frame.media && (this.media.get(frame.media.upload)
            || this.files.get(frame.media.upload));

        const result = faults.take('send_result');
        const error = this.#refusal(frame) || (frame.media && !upload
            ? NACK_REFUSED : 0);

        if (result || error) {
            this.#ack(link, result ? { id: frame.id, result }
                : { id: frame.id, error });
            return;
        }

        frame.mentions = this.#shownMentions(frame);

        const message = Messages.isAct(frame.kind)
            ? this.messages.act(frame, this.directory.own.number)
            : this.messages.record(frame, upload);

        this.typing.delete(this.directory.numberOf(frame.chat));

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
        const send = () => this.answer(link, { type: 'ack', ...members },
                                        this.faults.delay);

        if (this.faults.get('hold_ack')) {
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

    /* the code with which a frame is refused, 0 if it is not */
    #refusal({ chat }) {
        const refused = this.faults.take('refuse');
        const person = this.directory.find(chat);

        if (refused) {
            return refused;
        }

        if (!person) {
            return this.groups.mayWrite(chat, this.directory.own)
                ? 0 : NACK_REFUSED;
        }

        if (this.messages.hasChat(chat)) {
            return 0;
        }

        if (this.faults.get('timelock')) {
            return NACK_TIMELOCK;
        }

        return this.faults.get('capped') ? NACK_CAPPED : 0;
    }

    /* sends a frame when the server has taken its time, and ms more */
    answer(link, frame, extraDelay) {
        const delay = this.latency + extraDelay;

        if (delay === 0) {
            link.send(frame);
        } else {
            setTimeout(() => link.send(frame), delay);
        }
    }

    takeIq(link, { n, op, args }) {
        this.answer(link, { type: 'iq', n, ...answerIq(this, op, args) }, 0);
    }

    block(person, blocked) {
        if (blocked) {
            this.blocked.add(person.number);
        } else {
            this.blocked.delete(person.number);
        }

        this.broadcast({ type: 'blocked', blocked: this.blockedIds() });
    }

    /* whom the account blocks, by the ids that its pages know */
    blockedIds() {
        return [...this.blocked].map((number) => {
            const { wid, lid } = this.directory.people.get(number);

            return this.migrated ? lid : wid;
        });
    }

    /* the id of a person's chat: the lid, but of an older chat the number */
    chatOf({ number, wid, lid }) {
        return this.migrated && !this.oldChats.has(number) ? lid : wid;
    }

    /* these people's chats are older than the account's move to lids */
    setOldChats(numbers) {
        this.oldChats = new Set(numbers.filter(
            (number) => this.directory.people.has(number)));
    }

    /* the phone's owner changes to WhatsApp's application for businesses */
    setBusiness(isBusiness) {
        this.profile.setBusiness(isBusiness);
        this.broadcast({ type: 'account', business: isBusiness });
    }

    takeSeen(chat) {
        this.messages.markSeen(chat);
    }

    takeSubscription(chat) {
        this.subscribed.add(this.directory.numberOf(chat));
    }

    takePresence(chat, state) {
        const number = this.directory.numberOf(chat);

        if (state === 'composing') {
            this.typing.set(number, Date.now());
        } else {
            this.typing.delete(number);
        }

        this.messages.changed();
    }

    /* a message goes from the account's devices, and from nobody else's */
    vanish(id, how) {
        this.vanished.delete(id);
        this.broadcast({ type: 'vanish', id, how });
    }

    broadcast(frame) {
        this.devices.broadcast(frame);
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
                this.files.clear();
                this.inbound.resetPlay();
                this.typing.clear();
                this.subscribed.clear();
            }

            return;
        case 'rotate_qr':
            for (const link of this.devices.links) {
                this.devices.refreshCode(link);
            }

            return;
        case 'expire_code':
            this.devices.expireCodes();
            return;
        case 'flood':
            this.#flood(body);
            return;
        default:
            this.faults.set(kind, body);
            this.#apply(kind);
        }
    }

    /* what a fault does at once */
    #apply(kind) {
        switch (kind) {
        case 'replaced':
            this.broadcast({ type: 'replaced' });
            return;
        case 'needs_update':
            this.broadcast({ type: 'update', ...this.faults.get(kind) });
            return;
        case 'property':
            this.broadcast({ type: 'property', ...this.faults.get(kind) });
            return;
        case 'timelock':
        case 'capped':
            this.#tellLimit(kind);
            return;
        case 'offline':
        case 'temporary_ban':
            this.devices.links.forEach((link) => link.cut());
            return;
        default:
        }
    }

    #clearFaults() {
        const changes = Object.keys(STATE_CHANGES).filter(
            (kind) => this.faults.get(kind));

        this.faults.clear();

        for (const send of this.heldAcks.splice(0)) {
            send();
        }

        this.devices.endHold();

        for (const kind of changes) {
            this.#tellLimit(kind);
        }
    }

    #tellLimit(kind) {
        this.broadcast({
            type: 'limits',
            limits: this.limits(),
            method: STATE_CHANGES[kind],
        });
    }

    /* which limits stand on new chats, by kind */
    limits() {
        return Object.fromEntries(Object.keys(STATE_CHANGES).map(
            (kind) => [kind, Boolean(this.faults.get(kind))]));
    }

    #flood(body) {
        const count = integer(body.count, 100, 1, MAX_FLOOD, 'count');
        const person = this.directory.people.get(String(body.from))
                       || this.directory.people.get('15550000002');

        for (let n = 1; n <= count; n++) {
            this.inbound.receive(person, contentOf({
                body: `${body.body || 'flood'} ${n}`,
            }, this.files));
        }
    }


    /* ==== what the phone and tests see ==== */

    state() {
        const { own } = this.directory;

        return {
            number: own.number,
            name: own.name,
            linked: [...this.devices.links].some((link) => link.device),
            devices: this.devices.all.size,
            untaken: this.devices.untaken,
            pages: [...this.devices.links].map((link) => ({
                linked: link.device !== null,
                qr: link.ref,
                pairing: link.pairing !== null,
            })),
            web_version: this.webVersion,
            faults: this.faults.active(),
            play: this.inbound.play,
            migrated: this.migrated,
            typing: [...this.typing.keys()],
            subscribed: [...this.subscribed],
            vanished: [...this.vanished],
            ...this.profile.show(),
            blocked: [...this.blocked],
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


module.exports = { Account };
