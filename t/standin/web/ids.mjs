/*
 * Ids of people, groups and messages. WAWebWid, WAWebWidFactory and
 * WAWebMsgKey were read in 2.3000.1044822804: equal is only what is an
 * instance too, and a message's key has its text in no member of its own.
 */

import { define } from './define.mjs';

const WID = /^[\w.-]+(?::\d+)?@(?:c\.us|g\.us|lid|broadcast|newsletter|bot)$/;
const USERS = ['c.us', 'lid', 'bot'];

/* Wids by their texts; there is one instance of each */
const known = new Map();
const MAX_KNOWN = 10000;

/* who the account is: set by the session, asked by message keys */
let me = { pn: undefined, lid: undefined };


export function setMe(pn, lid) {
    me = { pn, lid };
}


export function currentMe() {
    return me;
}


export class Wid {
    constructor(text) {
        if (!WID.test(text)) {
            throw new Error('wid error: invalid wid');
        }

        const [left, server] = text.split('@');
        const [user, device] = left.split(':');

        this.user = user;
        this.server = server;

        if (Number(device)) {
            this.device = Number(device);
        }

        this._serialized = `${user}${this.device ? `:${this.device}` : ''}`
            + `@${server}`;
    }

    toString(format) {
        return format && format.legacy
            ? this._serialized.replace('@c.us', '@s.whatsapp.net')
            : this._serialized;
    }

    toLogString() {
        return `${this.user.slice(-4)}@${this.server}`;
    }

    toJSON() {
        return this._serialized;
    }

    toJid() {
        return this.toString({ legacy: true });
    }

    equals(other) {
        return other instanceof Wid && String(other) === this._serialized;
    }

    isUser() {
        return USERS.includes(this.server);
    }

    isRegularUser() {
        return this.isUser() && !this.isPSA() && !this.isBot();
    }

    isRegularUserPn() {
        return this.isRegularUser() && !this.isLid();
    }

    isGroup() {
        return this.server === 'g.us';
    }

    isLid() {
        return this.server === 'lid';
    }

    isBot() {
        return this.server === 'bot';
    }

    isBroadcast() {
        return this.server === 'broadcast';
    }

    isBroadcastList() {
        return this.isBroadcast() && !this.isStatus();
    }

    isNewsletter() {
        return this.server === 'newsletter';
    }

    isStatus() {
        return this._serialized === 'status@broadcast';
    }

    isPSA() {
        return this._serialized === '0@c.us';
    }

    isServer() {
        return this._serialized === 'server@c.us';
    }

    isHosted() {
        return false;
    }

    static isXWid(server, value) {
        return typeof value === 'string'
            ? value.split('@')[1] === server
            : value instanceof Wid && value.server === server;
    }

    static isWid(value) {
        return typeof value === 'string'
            ? WID.test(value) : value instanceof Wid;
    }

    static isUser(value) {
        return [...USERS, 's.whatsapp.net'].some(
            (server) => Wid.isXWid(server, value));
    }

    static isGroup(value) {
        return Wid.isXWid('g.us', value);
    }

    static isNewsletter(value) {
        return Wid.isXWid('newsletter', value);
    }

    static equals(one, other) {
        return one instanceof Wid ? one.equals(other) : one === other;
    }
}


export function createWid(value) {
    if (value instanceof Wid) {
        return value;
    }

    if (typeof value !== 'string') {
        throw Object.assign(
            new Error(`createWid: expected string, got ${typeof value}`),
            { name: 'InvalidWidError' });
    }

    const text = value.replace('@s.whatsapp.net', '@c.us');
    let wid = known.get(text);

    if (!wid) {
        if (known.size >= MAX_KNOWN) {
            known.clear();
        }

        wid = new Wid(text);
        known.set(text, wid);
    }

    return wid;
}


function createWidFromWidLike(value) {
    return value instanceof Wid ? value : createWid(
        typeof value === 'string' ? value : value._serialized);
}


/* a bare user, or a whole id whose server then counts */
function createUserWidOrThrow(user, server) {
    return createWid(/@(?:c\.us|s\.whatsapp\.net|lid|bot)$/.test(user)
        ? user : `${user}@${server === undefined ? 'c.us' : server}`);
}


export function asUserWidOrThrow(wid) {
    if (!wid.isUser()) {
        throw new Error('asUserWidOrThrow: wid is not a user wid');
    }

    return wid.device ? createWid(`${wid.user}@${wid.server}`) : wid;
}


function isMe(wid) {
    return [me.pn, me.lid].some((own) => own && own.equals(wid));
}


export class MsgKey {
    #text;

    constructor(parts) {
        if (!parts) {
            /* the text by which wa-js finds this class */
            throw new Error('MsgKey error: obj is null/undefined');
        }

        if (!me.pn) {
            throw new Error('MsgKey error: me is undefined');
        }

        const { id, participant } = parts;
        const byEnds = parts.from != null && parts.to != null && Boolean(id);
        const byRemote = parts.fromMe !== undefined && parts.remote != null
            && Boolean(id);

        if (byEnds === byRemote) {
            throw new Error(byEnds
                ? 'MsgKey error: unclear which constructor to use'
                : "MsgKey error: don't have a matching constructor");
        }

        const ends = byEnds ? endsOf(parts) : {
            fromMe: parts.fromMe,
            remote: parts.remote,
            self: isMe(parts.remote)
                ? (parts.fromMe === true ? 'out' : 'in') : undefined,
        };

        if (!(ends.remote instanceof Wid)
            || (participant && !(participant instanceof Wid)))
        {
            throw new Error('MsgKey error: something is not a wid');
        }

        this.fromMe = ends.fromMe;
        this.remote = ends.remote;
        this.id = id;

        const text = [this.fromMe, this.remote, id];

        if (ends.self !== undefined) {
            this.self = ends.self;
            text.push(ends.self);
        }

        if (participant !== undefined) {
            this.participant = participant;
            text.push(participant);
        }

        this.#text = text.join('_');
    }

    toString() {
        return this.#text;
    }

    clone() {
        return new MsgKey({
            fromMe: this.fromMe,
            remote: this.remote,
            id: this.id,
            participant: this.participant,
        });
    }

    equals(other) {
        return other instanceof MsgKey && String(other) === this.#text;
    }

    static fromString(text) {
        if (text === undefined || text === null) {
            throw new Error('MsgKey.fromString error: str is null or not a '
                            + 'string');
        }

        return MsgKey.from(text);
    }

    static from(value) {
        if (value instanceof MsgKey) {
            return value;
        }

        const parts = typeof value === 'string' ? parseKey(value) : value;

        return new MsgKey({
            fromMe: parts.fromMe,
            remote: createWidFromWidLike(parts.remote),
            id: parts.id,
            participant: parts.participant
                ? createWidFromWidLike(parts.participant) : undefined,
        });
    }

    static async newId() {
        return MsgKey.newId_DEPRECATED();
    }

    static newId_DEPRECATED() {
        const bytes = crypto.getRandomValues(new Uint8Array(9));
        const hex = [...bytes].map((b) => b.toString(16).padStart(2, '0'));

        return `3EB0${hex.join('').toUpperCase()}`;
    }
}


/* who wrote a message from one end to the other, and whose chat it is in */
function endsOf({ from, to, selfDir }) {
    if (!(from instanceof Wid) || !(to instanceof Wid)) {
        throw new Error('MsgKey error: something is not a wid');
    }

    if (isMe(from) && from.equals(to)) {
        return { fromMe: selfDir === 'out', remote: to, self: selfDir };
    }

    if (isMe(from)) {
        return { fromMe: true, remote: to };
    }

    return { fromMe: !isMe(to), remote: from };
}


/* true_REMOTE_ID, then "out" or "in" in one's own chat, and a participant */
function parseKey(text) {
    const [fromMe, remote, id, ...rest] = text.split('_');
    const participant = rest.find((part) => part !== 'out' && part !== 'in');

    if (!id || (fromMe !== 'true' && fromMe !== 'false')) {
        throw new Error('invalid MsgKey');
    }

    return { fromMe: fromMe === 'true', remote, id, participant };
}


export function defineIds() {
    define('WAWebWid', { default: Wid });
    define('WAWebMsgKey', { default: MsgKey });
    define('WAWebWidFactory', {
        createWid,
        createUserWidOrThrow,
        createWidFromWidLike,
        asUserWidOrThrow,
        isWidlike: (value) => Wid.isWid(value)
            || Boolean(value && Wid.isWid(value._serialized)),
    });
}
