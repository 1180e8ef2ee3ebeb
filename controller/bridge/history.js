'use strict';

/*
 * Messages that the page keeps, for a controller that was away: of each chat
 * in the order of their times, read from WhatsApp Web's own storage without a
 * change to what the page has loaded. Each is the same event that it was, or
 * would have been, when it came.
 *
 * A call answers a part, and by what cursor the next one is had. A cursor is
 * good in this document, until the next part was asked for.
 */
(function () {
    const tools = window.__whatsappControllerTools;

    /* a frame */
    if (!tools) {
        return;
    }

    const {
        DECRYPT_TIME, Failure, editEvent, isForeign, isTwin, messageEvent,
        moduleOf, noteTold, partsOf, reactionEvent,
        undecryptedEvent, whatsapp, within,
    } = tools;

    const BINDINGS = {
        history: [
            'whatsapp.ChatStore.getModelsArray',
            'whatsapp.functions.msgFindByDirection',
        ],
    };

    /* ms; a part is answered after a while, however little it holds */
    const READ_TIMEOUT = 10000;
    const PART_TIME = 4000;

    const LIMIT_MAX = 100;
    const SIZE_MAX = 524288;                                       /* bytes */

    /* messages that are read at once; and how often, to find the first */
    const PAGE = 50;
    const PAGES_MAX = 2000;

    /* seconds for which a message can be edited, and a while */
    const EDIT_TIME = 1800;

    /* ids of what this and other pages write, as opposed to the phone */
    const OF_A_PAGE = /^3EB0/;

    const LATER_MAX = 2000;

    const encoder = new TextEncoder();

    /* how many readings there were, and the last one */
    let readings = 0;
    let reading = null;


    /* ==== reading ==== */

    /* messages of a chat from an anchor on, the oldest first */
    async function read(anchor, direction) {
        const find = whatsapp.functions.msgFindByDirection;
        const { messages, status } = await within(READ_TIMEOUT, find({
            anchor, direction, count: PAGE,
        }));

        return status === 200 ? messages : [];
    }

    /* the messages of a chat around the first that is not older */
    async function readFirst(chat, since) {
        let anchor = { remote: chat.id };
        let found = [];

        for (let page = 0; page < PAGES_MAX; page++) {
            const msgs = await read(anchor, 'before');

            if (msgs.length === 0) {
                break;
            }

            if (msgs[msgs.length - 1].t < since) {
                return read(msgs[msgs.length - 1].id, 'after');
            }

            found = msgs;
            anchor = msgs[0].id;

            if (msgs[0].t < since) {
                break;
            }
        }

        return found;
    }

    /* chats in a lasting order, those under lids first: see isTwin */
    function chatsSince(since) {
        return whatsapp.ChatStore.getModelsArray()
            .filter(({ id, t }) => !isForeign(id)
                    && !(Number(t) < since - EDIT_TIME))
            .sort((one, other) => (rankOf(one) < rankOf(other) ? -1 : 1));
    }

    function rankOf({ id }) {
        return `${id.server === 'lid' ? 0 : 1}${id}`;
    }

    /* of all: "hasReaction" is of the page's memory, and not of removals */
    async function reactionsOf(msgs) {
        const module = moduleOf('WAWebDBGetReactions');
        const keys = msgs.map(({ id }) => String(id));

        if (!module || keys.length === 0) {
            return [];
        }

        return within(READ_TIMEOUT,
                      module.getAllReactionsFromParentMsgs(keys));
    }


    /* ==== events ==== */

    function eventsOf(msg) {
        if (msg.type === 'call_log') {
            return [];
        }

        if (msg.type === 'ciphertext') {
            return Date.now() - 1000 * msg.t < DECRYPT_TIME
                ? [] : [undecryptedEvent(msg)];
        }

        return [
            messageEvent(msg),
            msg.latestEditMsgKey && msg.type !== 'revoked'
                ? editEvent(msg) : null,
        ];
    }

    /* what is not broken ends what is */
    function tried(make, value) {
        try {
            return make(value);
        } catch (e) {
            return null;
        }
    }

    /* whether an event belongs to what was asked for; it is noted then */
    function isWanted(event, { since, until, own, keys }) {
        const isAsked = event && event.t >= since && !(event.t > until)
            && (!event.own || (own && !OF_A_PAGE.test(partsOf(event.id).id)))
            && !isTwin(event.id) && !isTwin(event.id, keys);

        if (isAsked) {
            noteTold(event.id, keys);
        }

        return isAsked;
    }

    async function pageEvents(msgs, wanted) {
        const rows = await reactionsOf(msgs);

        return [
            ...msgs.flatMap((msg) => tried(eventsOf, msg)),
            ...rows.map((row) => tried(reactionEvent, row)),
        ].filter((event) => isWanted(event, wanted));
    }

    function byTime(one, other) {
        return one.t - other.t;
    }


    /* ==== answering ==== */

    function begin({ since, until, own }) {
        readings++;

        return {
            id: readings,
            wanted: {
                since: Number(since) || 0,
                until: Number(until) || Infinity,
                own: Boolean(own),

                /* of what was found, as the bridge notes what it has told */
                keys: new Map(),
            },
            chats: chatsSince(Number(since) || 0),

            /* the chat that is read, and the last message that was */
            chat: 0,
            last: null,

            /* events that are to be told, and those after the last message */
            found: [],
            later: [],

            /* parts that were answered, and the last of them */
            parts: 0,
            answer: null,
        };
    }

    function cursorOf({ id, parts }) {
        return `${id}-${parts}`;
    }

    /* reads on: the next messages of the chat, or the next chat */
    async function readOn(state) {
        const { wanted, chats, last } = state;
        const msgs = last ? await read(last.id, 'after')
            : await readFirst(chats[state.chat], wanted.since - EDIT_TIME);
        const events = [
            ...state.later, ...await pageEvents(msgs, wanted),
        ].sort((one, other) => one.t - other.t);
        const isLater = (event) => msgs.length > 0
                                   && event.t > msgs[msgs.length - 1].t;

        state.found.push(...events.filter((event) => !isLater(event)));
        state.later = events.filter(isLater).slice(-LATER_MAX);
        state.last = msgs.length > 0 ? msgs[msgs.length - 1] : null;

        if (msgs.length === 0) {
            state.chat++;
        }
    }

    /* how many of the events fit into a part; at least one */
    function fitting(events, limit) {
        let size = 0;
        let count = 0;

        while (count < events.length && count < limit) {
            size += encoder.encode(JSON.stringify(events[count])).length + 1;

            if (count > 0 && size > SIZE_MAX) {
                break;
            }

            count++;
        }

        return count;
    }

    async function readPart(state, limit) {
        const end = Date.now() + PART_TIME;

        while (state.found.length < limit && state.chat < state.chats.length
               && Date.now() < end)
        {
            await readOn(state);
        }

        const events = state.found.splice(0, fitting(state.found, limit));
        const isComplete = state.found.length === 0
                           && state.chat >= state.chats.length;

        state.parts++;

        return {
            events,
            next: isComplete ? null : cursorOf(state),
            complete: isComplete,
        };
    }

    /* the same cursor again is answered by the same part */
    async function history(params) {
        const { after } = params;
        const limit = Math.min(LIMIT_MAX,
                               Math.max(1, Number(params.limit) || PAGE));

        if (!after) {
            reading = begin(params);

        } else if (reading && reading.after === after) {
            return reading.answer;

        } else if (!reading || after !== cursorOf(reading)) {
            throw new Failure('invalid_parameter', 'No such cursor');
        }

        reading.after = after;
        reading.answer = await readPart(reading, limit);

        return reading.answer;
    }


    Object.assign(tools.bindings, BINDINGS);
    Object.assign(tools.methods, {
        'inbound.history': { run: history, needs: 'history' },
    });
    tools.onLogout.push(() => {
        reading = null;
    });
}());
