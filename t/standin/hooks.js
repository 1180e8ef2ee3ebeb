'use strict';

/*
 * For t/standin_inbound.t: notes what the hooks of the real modules see, in
 * the page, before wa-js is there.
 */

window.WPPConfig = { disableGoogleAnalytics: true };

/* {what, …}, ids as texts; and what went wrong */
const SEEN = [];
const TROUBLE = [];

const EVENTS = [
    'chat.new_message', 'chat.msg_ack_change', 'chat.poll_response',
    'chat.new_reaction', 'chat.msg_revoke', 'chat.msg_edited',
    'call.incoming_call',
];
const CHANGES = ['ack', 'type', 'latestEditMsgKey', 'callOutcome'];

addEventListener('error', ({ message }) => TROUBLE.push(message));
addEventListener('unhandledrejection',
                 ({ reason }) => TROUBLE.push(String(reason)));


/* a copy without models and classes */
function plain(value, depth = 0) {
    if (typeof value !== 'object' || value === null) {
        return typeof value === 'function' ? undefined : value;
    }

    if (Array.isArray(value)) {
        return value.map((one) => plain(one, depth + 1));
    }

    if (Object.getPrototypeOf(value) !== Object.prototype) {
        return value.attributes && depth < 2
            ? plain(value.attributes, depth + 1) : String(value);
    }

    return Object.fromEntries(Object.entries(value).map(
        ([name, one]) => [name, plain(one, depth + 1)]));
}


function note(what, more) {
    SEEN.push({ what, ...plain(more) });
}


function takeSeen(matches) {
    const found = SEEN.filter(matches);

    for (const one of found) {
        SEEN.splice(SEEN.indexOf(one), 1);
    }

    return found;
}


function wrap(object, name, look) {
    const original = object[name];

    object[name] = function (...args) {
        look(...args);
        return original.apply(this, args);
    };
}


function kindOf(meta, msg) {
    if (meta.add === 'search') {
        return 'search';
    }

    return meta.isHistory === false && msg.isNewMsg && msg.recvFresh
        ? 'live' : 'history';
}


function hookMessages({ MsgCollection }) {
    wrap(MsgCollection, 'processMultipleMessages',
         (chatId, found, meta, origin) => {
             for (const msg of found.slice(0, 1)) {
                 note(kindOf(meta, msg),
                      { msg, meta, origin, chat: String(chatId) });
             }
         });

    for (const name of CHANGES) {
        MsgCollection.on(`change:${name}`,
                         (msg) => note(`change:${name}`, msg.attributes));
    }
}


function hookModules() {
    const receipt = (what) => note('receipt', { receipt: what });
    const acks = require('WAWebUpdateMsgAcksAction');

    hookMessages(require('WAWebMsgCollection'));
    wrap(require('WAWebReactionsMsgAction'),
         'addOrUpdateReactionsModelCollection',
         (row) => note('reaction', { row }));
    wrap(require('WAWebPollsUpsertVotesModelCollectionMsgAction'),
         'upsertVotesModelCollection',
         (votes, toRemove, restoredFromDb) => note(
             'vote', { votes, restoredFromDb }));
    wrap(require('WAWebUpdateEditedMessagesAction'),
         'updateEditedMessagesAction',
         ([edit]) => note('edit', { edit }));
    wrap(require('WAWebHandleDirectChatReceipt'), 'handleChatSimpleReceipt',
         receipt);
    wrap(require('WAWebHandleGroupChatReceipt'), 'handleGroupSimpleReceipt',
         receipt);
    wrap(acks, 'updateMsgOtherAcks',
         (keys, ack) => note('acks', { keys, ack }));
    wrap(acks, 'updateMsgPeerAcks',
         (keys, ack) => note('acks', { keys, ack, peer: true }));

    for (const event of EVENTS) {
        WPP.on(event, (told) => note(event, {
            ...told.attributes || told, id: told.id && String(told.id),
            msgId: told.msgId && String(told.msgId),
        }));
    }
}


async function download(id) {
    const { mediaData } = await WPP.chat.getMessageById(id);

    try {
        const blob = await WPP.chat.downloadMedia(id);
        const digest = new Uint8Array(await crypto.subtle.digest(
            'SHA-256', await blob.arrayBuffer()));

        return {
            size: blob.size,
            type: blob.type,
            sha256: btoa(String.fromCharCode(...digest)),
            stage: mediaData.mediaStage,
        };
    } catch (e) {
        return { code: e.code, stage: mediaData.mediaStage };
    }
}


async function findMessages(id, direction) {
    const { messages } = await require('WAWebDBMessageFindLocal')
        .msgFindByDirection({
            anchor: WPP.whatsapp.MsgKey.fromString(id), count: 100, direction,
        });

    return messages.map((msg) => ({ id: String(msg.id), t: msg.t }));
}
