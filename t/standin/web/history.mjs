/*
 * Messages that are on disk only: WAWebDBMessageFindLocal,
 * WAWebChatLoadMessages, WAWebChatGetMessage and WAWebMsgCollection's
 * searches, read in 2.3000.1044822804. What is found is data; into the
 * collections it comes as history, or as something that was searched for.
 */

import { define } from './define.mjs';
import { hydrateVotes } from './addons.mjs';
import { chats } from './chats.mjs';
import { MsgKey } from './ids.mjs';
import { link } from './link.mjs';
import { fromRecord, hasMedia, messages } from './messages.mjs';
import * as store from './store.mjs';

const PAGE_SIZE = 50;
const DEFAULT_COUNT = 20;

/* of a chat, what is no part of it for people */
const isVisible = ({ type }) => type !== 'call_log';


/* ==== what is there ==== */

/*
 * {messages, status}: those of the anchor's chat next to it, oldest first; an
 * anchor that is only {remote} stands at the end of that chat
 */
async function msgFindByDirection({ anchor, count = DEFAULT_COUNT,
                                    direction })
{
    if (!(anchor instanceof MsgKey)) {
        const last = anchor.remote && direction === 'before'
            ? await readVisible(String(anchor.remote), count, {}) : [];

        return { messages: last.map(fromRecord), status: 200 };
    }

    const record = await store.findMessage(String(anchor));

    if (!record) {
        return { messages: [], status: 404 };
    }

    const found = await readVisible(record.chat, count,
                                    { [direction]: record.rowId });

    return { messages: found.map(fromRecord), status: 200 };
}


/* what is not visible does not count */
async function readVisible(chat, count, place) {
    const found = (await store.readPlace(chat, {
        ...place, count: Infinity,
    })).filter(isVisible);

    if (!Number.isFinite(count)) {
        return found;
    }

    return place.after !== undefined
        ? found.slice(0, count)
        : found.slice(Math.max(0, found.length - count));
}


/* "media" of one chat, or of all; the latest first where no direction says */
async function msgFindMedia({ chat, count, direction, mediaType }) {
    const isDocument = ({ type }) => type === 'document';
    const isLink = ({ type, body }) => type === 'chat'
        && /https?:\/\//.test(body);
    const matches = {
        document: isDocument,
        allDocs: isDocument,
        url: isLink,
        allLinks: isLink,
        allMedia: hasMedia,
    }[mediaType] || ((record) => hasMedia(record) || isLink(record));
    const found = (await store.readMatching((record) => matches(record)
        && (!chat || record.chat === String(chat)))).map(fromRecord);

    if (direction !== 'after') {
        found.reverse();
    }

    return found.slice(0, count);
}


async function msgFindCallLog({ count }) {
    const found = await store.readMatching(
        ({ type }) => type === 'call_log');

    return found.reverse().slice(0, count).map(fromRecord);
}


/* {messages, eof}: a page of those that hold the text, the latest first */
async function msgFindSearch({ searchTerm, page = 1, count = PAGE_SIZE,
                               remote })
{
    const term = String(searchTerm).toLowerCase();
    const found = (await store.readMatching(({ body, caption, chat }) => (
        [body, caption].some((text) => typeof text === 'string'
            && text.toLowerCase().includes(term))
        && (!remote || chat === String(remote))))).reverse();

    return {
        messages: found.slice((page - 1) * count, page * count)
            .map(fromRecord),
        eof: found.length <= page * count,
        canceled: false,
        status: 200,
    };
}


/* ==== into the collections ==== */

/* what is before that which the chat shows; undefined if there is nothing */
async function loadEarlierMsgs({ chat }) {
    const [first] = chat.msgs.getModelsArray().sort((a, b) => a.t - b.t);
    const found = first ? (await msgFindByDirection({
        anchor: first.id, count: PAGE_SIZE, direction: 'before',
    })).messages : (await readVisible(String(chat.id), PAGE_SIZE, {}))
        .map(fromRecord);

    if (found.length === 0) {
        return undefined;
    }

    const shown = await messages.processMultipleMessages(
        chat.id, found.map((msg) => Object.assign(msg, { invis: true })),
        { add: 'before', isHistory: true }, 'msgCollectionFindQuery',
        () => chat.msgs);

    await hydrateVotes(found);

    return shown;
}


async function search(searchTerm) {
    const found = await msgFindSearch({ searchTerm });

    return {
        ...found,
        messages: await messages.processMultipleMessages(
            undefined, found.messages, { add: 'search' },
            'msgCollectionSearch'),
    };
}


/* somebody looks at the page: all chats are scrolled up, or searched */
const ACTIONS = {
    scroll: () => Promise.all(chats.map((chat) => loadEarlierMsgs({ chat }))),
    search: () => search(''),
};


function lastReceived(chat) {
    const received = chat.msgs.filter(({ id }) => !id.fromMe);

    return received[received.length - 1];
}


export function defineHistory() {
    link.on('frame:page', ({ action }) => (
        Object.hasOwn(ACTIONS, action) && ACTIONS[action]()));

    define('WAWebDBMessageFindLocal', {
        msgFindAfter: (wanted) => msgFindByDirection(
            { ...wanted, direction: 'after' }),
        msgFindBefore: (wanted) => msgFindByDirection(
            { ...wanted, direction: 'before' }),
        msgFindByDirection: (wanted) => msgFindByDirection(wanted),
        msgFindCallLog: (wanted) => msgFindCallLog(wanted),
        msgFindMedia: (wanted) => msgFindMedia(wanted),
        msgFindSearch: (wanted) => msgFindSearch(wanted),
    });
    define('WAWebChatLoadMessages', {
        loadEarlierMsgs: (wanted) => loadEarlierMsgs(wanted),
    });
    define('WAWebChatGetMessage', {
        getLastReceivedMsg: (chat) => lastReceived(chat),
    });
}
