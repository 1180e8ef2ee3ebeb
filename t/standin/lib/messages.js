'use strict';

/*
 * What the account's server has seen: messages that the account sent, each
 * with the number of times that its id arrived, and messages to the account.
 * In memory only, and bounded: the oldest go first.
 */

const MAX_KEPT = 50000;


class Messages {
    constructor() {
        this.revision = 0;
        this.clear();
    }

    clear() {
        this.sent = new Map();
        this.received = new Map();
        this.changed();
    }

    /* the phone's page looks at this number to know when to redraw */
    changed() {
        this.revision++;
    }

    /*
     * A frame with a message came from the page. A known id is not a new
     * message, WhatsApp's server drops it; it is counted, for tests.
     */
    record(frame) {
        let message = this.sent.get(frame.id);

        if (message) {
            message.frames++;
            this.changed();
            return message;
        }

        message = {
            id: frame.id,
            chat: frame.chat,
            type: frame.kind === 'chat' ? 'text' : frame.kind,
            body: frame.body,
            quoted: frame.quoted || null,
            time: Date.now(),
            ack: 1,
            frames: 1,
        };

        keep(this.sent, message);
        this.changed();
        return message;
    }

    /* somebody wrote to the account */
    receive(message) {
        keep(this.received, message);
        this.changed();
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

    /* the other side has read; the ids whose ack has changed */
    markRead(chat) {
        const ids = [];

        for (const message of this.sent.values()) {
            if (message.chat === chat && message.ack < 3) {
                message.ack = 3;
                ids.push(message.id);
            }
        }

        if (ids.length > 0) {
            this.changed();
        }

        return ids;
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
