'use strict';

/*
 * What the account's server has seen: messages that the account sent, each
 * with the number of times that its id arrived, messages to the account, and
 * what was done to them since. In memory only, and bounded: the oldest go
 * first.
 */

const { digitsOf } = require('./directory.js');

const MAX_KEPT = 50000;

/* WhatsApp Web's types, and the Cloud API's */
const TYPES = {
    chat: 'text',
    multi_vcard: 'contacts',
    poll_creation: 'poll',
    ptt: 'audio',
    vcard: 'contacts',
};

const ACTS = {
    reaction(message, frame, own) {
        message.reactions = message.reactions.filter(
            ({ from }) => from !== own);

        if (frame.body !== '') {
            message.reactions.push({ from: own, emoji: frame.body });
        }
    },

    /* a phone takes no edit that says to be older than one before */
    edit(message, frame) {
        const sentAt = Number(frame.sentAt) || 0;

        if (message.edits.every((edit) => edit.sent_at <= sentAt)) {
            message[message.type === 'text' ? 'body' : 'caption'] = frame.body;
        }

        message.edits.push({
            id: frame.id, body: frame.body, time: Date.now(), sent_at: sentAt,
        });
    },

    revoke(message) {
        message.revoked = Date.now();
    },
};


class Messages {
    constructor() {
        this.revision = 0;
        this.clear();
    }

    clear() {
        this.sent = new Map();
        this.received = new Map();
        this.acts = new Map();
        this.changed();
    }

    /* the phone's page looks at this number to know when to redraw */
    changed() {
        this.revision++;
    }

    /*
     * A frame with a message came from the page. A known id is not a new
     * message, WhatsApp's server drops it; it is counted, for tests.
     * upload: of a message with media
     */
    record(frame, upload) {
        let message = this.sent.get(frame.id);

        if (message) {
            message.frames++;
            this.changed();
            return message;
        }

        message = {
            id: frame.id,
            chat: frame.chat,
            type: TYPES[frame.kind] || frame.kind,
            ...contentOf(frame, upload),
            quoted: frame.quoted || null,
            forwarded: Boolean(frame.forwarded),
            reactions: [],
            edits: [],
            revoked: null,
            time: Date.now(),
            ack: 1,
            frames: 1,
        };

        keep(this.sent, message);
        this.changed();
        return message;
    }

    /* whether a frame of this kind does something to a message */
    static isAct(kind) {
        return Object.hasOwn(ACTS, kind);
    }

    /*
     * The account (its number is own) did something to a message; a frame
     * that arrives again does nothing more.
     */
    act(frame, own) {
        const known = this.acts.get(frame.id);
        const message = this.find(frame.target);

        if (known) {
            known.frames++;
            return known;
        }

        const act = {
            id: frame.id,
            kind: frame.kind,
            target: frame.target,
            time: Date.now(),
            frames: 1,
        };

        keep(this.acts, act);

        if (message) {
            ACTS[frame.kind](message, frame, own);
        }

        this.changed();
        return act;
    }

    /* somebody, or the account's own phone, wrote */
    receive(message, isOwn) {
        if (isOwn) {
            keep(this.sent, { ...message, by: 'phone', ack: 1, frames: 0 });
        } else {
            keep(this.received, message);
        }

        this.changed();
    }

    /* a message of either direction; undefined if there is none */
    find(id) {
        return this.sent.get(id) || this.received.get(id);
    }

    /* whether there was a message in this chat before */
    hasChat(chat) {
        return [this.sent, this.received].some((messages) => (
            [...messages.values()].some((message) => message.chat === chat)));
    }

    /* the account has read what this chat's people wrote */
    markSeen(chat) {
        for (const message of this.received.values()) {
            if (message.chat === chat && !message.seen) {
                message.seen = true;
                this.changed();
            }
        }
    }

    /* what the account wrote in a chat and nobody has read yet */
    unread(chat) {
        return [...this.sent.values()].filter(
            (message) => message.chat === chat && message.ack < 3);
    }

    /* both directions of every chat, the last `limit` messages of each */
    chats(limit) {
        const sent = lastOfEach(this.sent, limit);
        const chats = lastOfEach(this.received, limit);

        for (const [chat, list] of sent) {
            chats.set(chat, (chats.get(chat) || []).concat(list));
        }

        for (const [chat, list] of chats) {
            list.sort((a, b) => a.time - b.time);
            chats.set(chat, list.slice(-limit));
        }

        return chats;
    }
}


/* what a message of this kind holds, in the Cloud API's words */
function contentOf(frame, upload) {
    const { body, cards, location, media, mentions, poll } = frame;

    if (media) {
        return {
            caption: media.caption || null,
            media: {
                id: upload.id,
                sha256: upload.sha256,
                size: upload.size,
                mime_type: upload.mimetype,
                filename: media.filename || null,
                voice: frame.kind === 'ptt',
                kept: upload.bytes !== null,
            },
        };
    }

    if (location) {
        const [name, ...address] = (location.loc || '').split('\n');

        return {
            location: {
                latitude: location.lat,
                longitude: location.lng,
                name: name || null,
                address: address.join('\n') || null,
                url: location.url || null,
            },
        };
    }

    if (cards) {
        return {
            contacts: cards.map(({ displayName, vcard }) => ({
                name: displayName, vcard,
            })),
        };
    }

    if (poll) {
        return {
            poll: {
                name: poll.name,
                options: poll.options,
                selectable_count: poll.selectable,
            },
        };
    }

    return { body, mentions: mentions.map(digitsOf) };
}


/* by chat, the last messages of one direction; at most twice `limit` each */
function lastOfEach(messages, limit) {
    const chats = new Map();

    for (const message of messages.values()) {
        const list = chats.get(message.chat) || [];

        list.push(message);
        chats.set(message.chat,
                  list.length > 2 * limit ? list.slice(-limit) : list);
    }

    return chats;
}


function keep(map, message) {
    map.set(message.id, message);

    if (map.size > MAX_KEPT) {
        map.delete(map.keys().next().value);
    }
}


module.exports = { Messages };
