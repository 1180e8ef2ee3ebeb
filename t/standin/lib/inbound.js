'use strict';

/*
 * What reaches the account: messages of others and of its own phone, what is
 * done to messages, receipts, and calls. All of it goes through the queues of
 * its devices, in the order in which it happened.
 */

const crypto = require('node:crypto');

/* WhatsApp's numbers for how far a message has got, and its words for them */
const ACKS = { delivered: 2, read: 3, played: 4, error: -3, inactive: -6 };
const ACK_STRINGS = {
    delivered: undefined, read: 'read', played: 'played',
    error: 'server-error', inactive: 'inactive',
};

const HISTORY_CHUNK = 500;
const HISTORY_STEP = 60;                                       /* seconds */
const STATUS_CHAT = 'status@broadcast';


class Inbound {
    #account;

    constructor(account) {
        this.#account = account;
        this.play = defaultPlay();
    }

    /* how the next things are played, until "none" */
    resetPlay() {
        this.play = defaultPlay();
    }


    /* ==== messages ==== */

    /*
     * from writes to the account, or to the chat that more names: {group,
     * to, status, newsletter, quoted, forwarded, ephemeral, ciphertext,
     * twin, time}. content is contents.js'; the message, with its id.
     */
    receive(from, content, more = {}) {
        const { messages } = this.#account;
        const id = newId();
        const place = this.#placeOf(from, more);
        const isOwn = from === this.#account.directory.own;
        const message = {
            id: keyOf(place, id, isOwn),
            chat: place.chat,
            from: from.number,
            lid: from.lid,
            group: more.group || null,
            type: content.type,
            ...content.shown,
            poll_votes: content.type === 'poll' ? {} : undefined,
            quoted: more.quoted || null,
            forwarded: Boolean(more.forwarded),
            reactions: [],
            edits: [],
            revoked: null,
            time: Date.now(),
            seen: false,
        };

        messages.receive(message, isOwn);
        this.#tell(this.#frameOf(message, from, place, content, more), more);

        return message;
    }

    /* where a message goes: {chat, participant} */
    #placeOf(from, { group, to, status, newsletter }) {
        const { groups } = this.#account;

        if (newsletter) {
            return { chat: newsletter };
        }

        if (status) {
            return { chat: STATUS_CHAT, participant: from.lid };
        }

        if (group) {
            return {
                chat: group,
                participant: from.number
                    ? groups.idOf(groups.get(group), from.number) : from.lid,
            };
        }

        return { chat: this.#account.chatOf(to || from) };
    }

    #frameOf(message, from, { chat, participant }, content, more) {
        const { kind } = content;

        return {
            type: 'message',
            id: message.id,
            chat,
            author: participant,
            isOwn: from === this.#account.directory.own,
            senderPn: from.wid || undefined,
            senderLid: from.lid,
            recipientPn: more.to && more.to.wid,
            recipientLid: more.to && more.to.lid,
            name: from.name || '',
            kind,
            content: content.content,
            context: {
                ...this.#quoteOf(more),
                forwarded: Boolean(more.forwarded),
                score: scoreOf(more.forwarded),
                expiration: more.ephemeral,
            },
            t: Math.floor((more.time || message.time) / 1000),
        };
    }

    /* what a message carries of that which it quotes */
    #quoteOf({ quoted, quote_missing: isMissing }) {
        const { messages, directory } = this.#account;
        const message = quoted && messages.find(quoted);

        if (!quoted) {
            return {};
        }

        const [fromMe, chat, stanza, participant] = quoted.split('_');
        const me = chat.endsWith('@c.us')
            ? directory.own.wid : directory.own.lid;
        const author = participant || (fromMe === 'true' ? me : chat);

        return {
            quoted: {
                stanza,
                participant: author,
                msg: message && !isMissing ? {
                    type: message.kind || kindOf(message.type),
                    body: message.body,
                    caption: message.caption || undefined,
                } : undefined,
            },
        };
    }

    /* a message may come undecrypted first, and a second time otherwise */
    #tell(frame, more) {
        const wait = more.ciphertext === undefined
            ? this.play.ciphertext : more.ciphertext;
        const hasTwin = more.twin === undefined ? this.play.twin : more.twin;

        if (wait === null || frame.isOwn) {
            this.#push(frame);
        } else {
            this.#push({ ...frame, kind: 'ciphertext', content: {} });

            if (wait !== 'never') {
                setTimeout(() => this.#push({ ...frame, resolves: true }),
                           wait);
            }
        }

        if (hasTwin && frame.senderPn && frame.chat === frame.senderLid) {
            this.#push({
                ...frame,
                id: frame.id.replace(frame.senderLid, frame.senderPn),
                chat: frame.senderPn,
                isTwin: true,
            });
        }
    }

    #push(frame) {
        this.#account.devices.enqueue(frame);
        this.#account.messages.changed();
    }


    /* ==== what is done to messages ==== */

    /* "" takes the reaction away */
    react(from, message, emoji) {
        const key = this.#ownKeyOf(from, message);

        message.reactions = message.reactions.filter(
            (one) => one.from !== nameOf(from));

        if (emoji !== '') {
            message.reactions.push({ from: nameOf(from), emoji });
        }

        this.#push({
            type: 'reaction', ...this.#actOf(from, key, message), emoji,
        });

        return { id: key };
    }

    /* only whoever wrote a message may edit it; WhatsApp's pages check */
    edit(from, message, body) {
        const key = this.#ownKeyOf(from, message);

        message[message.type === 'text' ? 'body' : 'caption'] = body;
        message.edits.push({ id: key, body, time: Date.now() });
        this.#push({
            type: 'edit', ...this.#actOf(from, key, message), body,
        });

        return { id: key };
    }

    /* for everyone; somebody else than the author is a group's admin */
    revoke(from, message) {
        const key = this.#ownKeyOf(from, message);
        const isAuthor = message.from === undefined
            ? from === this.#account.directory.own
            : message.from === from.number && message.lid === from.lid;

        message.revoked = Date.now();
        this.#push({
            type: 'revoke',
            ...this.#actOf(from, key, message),
            subtype: isAuthor ? 'sender_revoke' : 'admin_revoke',
        });

        return { id: key };
    }

    /* options: indexes of what is voted for, none to take votes back */
    vote(from, message, options) {
        const key = this.#ownKeyOf(from, message);

        message.poll_votes = message.poll_votes || {};
        message.poll_votes[nameOf(from)] = options;
        this.#push({
            type: 'vote', ...this.#actOf(from, key, message), options,
            isHidden: this.play.receipts === 'worker',
        });

        return { id: key };
    }

    /* the key of what somebody does to a message */
    #ownKeyOf(from, { chat }) {
        const place = chat.endsWith('@g.us')
            ? this.#placeOf(from, { group: chat })
            : { chat, participant: chat === STATUS_CHAT
                ? from.lid : undefined };

        return keyOf(place, newId(), from === this.#account.directory.own);
    }

    #actOf(from, key, message) {
        return {
            id: key,
            chat: message.chat,
            author: key.split('_')[3],
            isOwn: from === this.#account.directory.own,
            senderPn: from.wid || undefined,
            senderLid: from.lid,
            target: message.id,
            time: Date.now(),
        };
    }


    /* ==== receipts ==== */

    /*
     * How far what the account wrote has got at one person; "error" is the
     * server's word that a file can't be had. The account's own phone tells
     * of what others wrote.
     */
    receipt(from, message, status, how) {
        const ack = ACKS[status];
        const isOwn = from === this.#account.directory.own;

        if (!isOwn) {
            message.receipts = message.receipts || {};
            message.receipts[nameOf(from)] = ack;
        }

        const all = message.receipts ? this.#ackOfAll(message, ack) : ack;

        if (message.ack !== undefined && (all > message.ack || all < 0)) {
            message.ack = all;
        }

        this.#push({
            type: 'receipt',
            id: message.id,
            chat: message.chat,
            ack,
            ackOfAll: all,
            ackString: ACK_STRINGS[status] && isOwn
                ? `${ACK_STRINGS[status]}-self` : ACK_STRINGS[status],
            receiver: this.#idIn(message.chat, from),
            isOwn,
            how: how || this.play.receipts,
            t: Math.floor(Date.now() / 1000),
        });
    }

    /* a group's message is read when all have read it */
    #ackOfAll({ chat, receipts }, ack) {
        const { groups, directory } = this.#account;
        const group = groups.get(chat);

        if (!group || ack < 0) {
            return ack;
        }

        return Math.min(...[...group.members.keys()]
            .filter((number) => number !== directory.own.number)
            .map((number) => receipts[number] || 1));
    }

    #idIn(chat, person) {
        const { groups } = this.#account;
        const group = groups.get(chat);

        if (group) {
            return person.number
                ? groups.idOf(group, person.number) : person.lid;
        }

        return this.#account.chatOf(person);
    }

    /* somebody has read all that the account wrote to them */
    read(person) {
        for (const chat of [person.wid, person.lid]) {
            for (const message of this.#account.messages.unread(chat)) {
                this.receipt(person, message, 'read');
            }
        }
    }


    /* ==== calls ==== */

    /* somebody calls; id ends a call that rings, with this outcome */
    call(from, { id, group, outcome, video }) {
        const callId = id || newId();

        this.#push({
            type: 'call',
            id: callId,
            chat: group || this.#account.chatOf(from),
            group: group || undefined,
            peer: from.lid,
            senderPn: from.wid || undefined,
            senderLid: from.lid,
            video: Boolean(video),
            isOver: id !== undefined,
            outcome: outcome || 'Missed',
            t: Math.floor(Date.now() / 1000),
        });

        return { id: callId };
    }


    /* ==== history ==== */

    /*
     * Old messages come in portions, the newest before now - days; as a page
     * gets them after it was linked, or at any later time
     */
    history({ count, days, from }) {
        const frames = [];
        const end = Date.now() - days * 24 * 3600 * 1000;

        for (let n = 0; n < count; n++) {
            frames.push(this.#oldFrame(
                n, from, end - (count - n) * HISTORY_STEP * 1000));
        }

        for (let at = 0; at < frames.length; at += HISTORY_CHUNK) {
            this.#push({
                type: 'history',
                messages: frames.slice(at, at + HISTORY_CHUNK),
            });
        }
    }

    /* every third is the account's own, every fifth in the first group */
    #oldFrame(n, from, time) {
        const { directory, groups } = this.#account;
        const { own } = directory;
        const others = directory.list().filter((one) => one !== own);
        const person = from || others[n % others.length];
        const [group] = groups.ofMember(own);
        const isOwn = n % 3 === 2;
        const inGroup = group && !from && n % 5 === 4;
        const writer = isOwn ? own
            : inGroup ? directory.people.get([...group.members.keys()].find(
                (number) => number !== own.number)) : person;
        const place = this.#placeOf(writer, inGroup
            ? { group: group.id } : { to: person });

        return this.#frameOf(
            { id: keyOf(place, newId(), isOwn), time }, writer, place,
            { kind: 'chat', content: { body: `history ${n + 1}`,
                                       mentions: [] } },
            { to: inGroup ? undefined : person, time });
    }
}


function defaultPlay() {
    return {
        /* "page", "worker" or "action": see README.md */
        receipts: 'page',
        twin: false,

        /* ms until what came undecrypted is; null: all comes decrypted */
        ciphertext: null,

        /* how many old messages a page gets when it is linked */
        history: 0,
    };
}


function newId() {
    return `3A${crypto.randomBytes(9).toString('hex').toUpperCase()}`;
}


function keyOf({ chat, participant }, id, isOwn) {
    return `${isOwn}_${chat}_${id}${participant ? `_${participant}` : ''}`;
}


/* by what the phone knows a person; some have no number */
function nameOf({ number, lid }) {
    return number || lid;
}


/* from 5 on a message counts as forwarded many times */
function scoreOf(forwarded) {
    if (forwarded === true) {
        return 1;
    }

    return Number.isInteger(forwarded) ? forwarded : undefined;
}


/* WhatsApp's type of what the phone knows by the Cloud API's */
function kindOf(type) {
    return { text: 'chat', contacts: 'vcard', poll: 'poll_creation' }[type]
           || type;
}


module.exports = { Inbound, ACKS };
