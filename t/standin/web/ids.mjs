/*
 * Ids of people, groups and messages.
 */

import { define } from './define.mjs';

const SERVERS = /@(c\.us|g\.us|lid|broadcast|newsletter|bot)$/;


export class Wid {
    constructor(serialized) {
        const at = serialized.indexOf('@');
        const [user, device] = serialized.slice(0, at).split(':');

        this.user = user;
        this.server = serialized.slice(at + 1);
        this.device = device;
        this._serialized = serialized;
    }

    toString() {
        return this._serialized;
    }

    toJSON() {
        return this._serialized;
    }

    toJid() {
        return this._serialized.replace('@c.us', '@s.whatsapp.net');
    }

    equals(other) {
        return Boolean(other) && String(other) === this._serialized;
    }

    isUser() {
        return ['c.us', 'lid', 'bot'].includes(this.server);
    }

    isRegularUser() {
        return this.isUser();
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

    isNewsletter() {
        return this.server === 'newsletter';
    }

    isStatus() {
        return this._serialized === 'status@broadcast';
    }

    isStatusV3() {
        return this.isStatus();
    }

    isPSA() {
        return false;
    }

    isServer() {
        return false;
    }

    static isXWid(server, value) {
        return String(value).endsWith(`@${server}`);
    }

    static isWid(value) {
        return value instanceof Wid
               || (typeof value === 'string' && SERVERS.test(value));
    }
}


const known = new Map();
const MAX_KNOWN = 10000;

export function createWid(value) {
    const text = String(value).replace('@s.whatsapp.net', '@c.us');
    let wid = known.get(text);

    if (wid) {
        return wid;
    }

    if (!Wid.isWid(text)) {
        throw new Error('wid error: invalid wid');
    }

    if (known.size >= MAX_KNOWN) {
        known.clear();
    }

    wid = new Wid(text);
    known.set(text, wid);

    return wid;
}


/* "15550000002" or "15550000002@c.us", and a server */
function createUserWidOrThrow(user, server = 'c.us') {
    return createWid(`${String(user).split('@')[0]}@${server}`);
}


export class MsgKey {
    constructor(parts) {
        if (!parts) {
            /* the text by which wa-js finds this class */
            throw new Error('MsgKey error: obj is null/undefined');
        }

        const { selfDir, fromMe, remote, from, to, id, participant } = parts;

        this.fromMe = selfDir ? selfDir === 'out' : Boolean(fromMe);
        this.remote = remote || (this.fromMe ? to : from);
        this.id = id;

        if (participant) {
            this.participant = participant;
        }

        this._serialized = [this.fromMe, this.remote, id]
            .concat(participant ? [participant] : [])
            .join('_');
    }

    toString() {
        return this._serialized;
    }

    equals(other) {
        return Boolean(other) && String(other) === this._serialized;
    }

    static from(value) {
        return value instanceof MsgKey ? value : MsgKey.fromString(value);
    }

    static fromString(text) {
        const [fromMe, remote, id, participant] = String(text).split('_');

        if (!id || (fromMe !== 'true' && fromMe !== 'false')) {
            throw new Error('invalid MsgKey');
        }

        return new MsgKey({
            fromMe: fromMe === 'true',
            remote: createWid(remote),
            id,
            participant: participant && createWid(participant),
        });
    }

    static async newId() {
        const bytes = crypto.getRandomValues(new Uint8Array(9));
        const hex = [...bytes].map((b) => b.toString(16).padStart(2, '0'));

        return `3EB0${hex.join('').toUpperCase()}`;
    }
}


export function defineIds() {
    define('WAWebWid', { default: Wid });

    define('WAWebMsgKey', { default: MsgKey });

    define('WAWebWidFactory', {
        createWid,
        createUserWidOrThrow,
        createWidFromWidLike: (value) => createWid(
            value._serialized || `${value.user}@${value.server}`),
        isWidlike: (value) => value instanceof Wid
            || Boolean(value && value.user && value.server),
        toUserWidOrThrow: (wid) => createUserWidOrThrow(wid.user, wid.server),
    });
}
