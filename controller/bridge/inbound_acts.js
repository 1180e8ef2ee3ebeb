'use strict';

/*
 * What is done to messages that are there: reactions, edits, deletions for
 * everyone, and votes. Each has an id of its own. What the page itself does
 * to a message is not told.
 */
(function () {
    const tools = window.__whatsappControllerTools;

    /* a frame */
    if (!tools) {
        return;
    }

    const {
        each, eventOf, findMessage, inboundChanges, inboundHooks, isForeign,
        isOwn, keyText, knownKey, line, messageOf, moduleOf, noteTold,
        optionsOf, partsOf, quiet, reacting, senderOf, specialEvents,
        tellMessage, textOf, whatsapp, widOf,
    } = tools;

    const REVOKES = ['sender_revoke', 'admin_revoke'];

    /* what the account's own page sends has no ack yet */
    const ACK_CLOCK = 0;

    /* times below this are in seconds, whatever they are called */
    const MS_FROM = 1e11;

    /* when the connection was last lost, or the page loaded; ms */
    let offlineSince = Date.now();
    let isConnected = false;


    function secondsOf(time) {
        return Math.floor(time < MS_FROM ? time : time / 1000);
    }

    function isForeignKey(text) {
        return isForeign(widOf(partsOf(text).chat));
    }


    /* ==== reactions ==== */

    /* row: a reaction as WhatsApp Web stores it, of strings */
    function reactionEvent({
        msgKey, parentMsgKey, senderUserJid, reactionText, timestamp,
    }) {
        return isForeignKey(parentMsgKey) ? null : eventOf({
            id: keyText(msgKey),
            own: partsOf(msgKey).fromMe,
            from: senderUserJid,
            t: secondsOf(timestamp),
            message: {
                type: 'reaction',
                reaction: {
                    message_id: knownKey(parentMsgKey),
                    emoji: line(reactionText) || '',
                },
            },
        });
    }

    /*
     * Without a notification come reactions of the history, those that are
     * read again, and those that were missed while there was no connection.
     */
    function isOld({ timestamp }, { allowNotify } = {}) {
        return allowNotify === false
               && (whatsapp.Cmd.isOfflineDeliveryEnd !== false
                   || timestamp < offlineSince);
    }

    function streamChanged({ stream }) {
        if (stream !== 'CONNECTED' && isConnected) {
            offlineSince = Date.now();
        }

        isConnected = stream === 'CONNECTED';
    }

    function isOfThisPage({ msgKey, parentMsgKey, ack }) {
        return partsOf(msgKey).fromMe
               && (ack === ACK_CLOCK
                   || reacting.has(partsOf(parentMsgKey).id));
    }

    function reactionCame([row, options]) {
        if (isOld(row, options)) {
            return;
        }

        if (isOfThisPage(row)) {
            noteTold(keyText(row.msgKey));
            return;
        }

        tellMessage(reactionEvent(row));
    }


    /* ==== edits ==== */

    /* msg: the message as it is now, with the key of its last edit */
    function editEvent(msg) {
        const { id, latestEditMsgKey, latestEditSenderTimestampMs } = msg;

        return isForeign(id.remote) ? null : eventOf({
            id: keyText(latestEditMsgKey),
            own: Boolean(id.fromMe),
            from: senderOf(msg),
            name: msg.notifyName,
            t: secondsOf(Number(latestEditSenderTimestampMs)),
            message: {
                type: 'edit',
                edit: {
                    original_message_id: knownKey(id),
                    message: messageOf(msg),
                },
            },
        });
    }

    function editCame({ parentMsg, protocolMsg, editedMsgData, isLatest }) {
        if (protocolMsg.local) {
            noteTold(keyText(protocolMsg.id));

        } else if (isLatest !== false) {
            tellMessage(editEvent({
                ...plain(parentMsg),
                ...editedMsgData,
                latestEditMsgKey: protocolMsg.id,
            }));
        }
    }

    /* the attributes of a model, or of what is none */
    function plain(msg) {
        return { ...(msg.attributes || msg), id: msg.id };
    }

    /* when an edit has come another way; of one's own that way is the page */
    function editKeyChanged(msg) {
        queueMicrotask(quiet(() => {
            if (msg.latestEditMsgKey && !msg.id.fromMe) {
                tellMessage(editEvent(msg));
            }
        }));
    }


    /* ==== deletions ==== */

    /*
     * A message that was deleted goes by the id of the deletion since, under
     * the name of its author, whoever has deleted it.
     */
    function revokeEvent(msg) {
        const { id, protocolMessageKey: target, revokeSender } = msg;
        const original = target && knownKey(target);

        if (!original) {
            return null;
        }

        const sender = revokeSender || senderOf(msg);

        return eventOf({
            id: textOf({ ...partsOf(original), id: partsOf(id).id }),
            own: isOwn(widOf(sender)),
            from: sender,
            name: msg.notifyName,
            t: msg.revokeTimestamp || msg.t,
            message: {
                type: 'revoke',
                revoke: { original_message_id: original },
            },
        });
    }


    /* ==== votes ==== */

    /* restoredFromDb: the page has only read what it knew */
    function votesCame([votes, , restoredFromDb]) {
        if (restoredFromDb === false) {
            each(votes, voteCame);
        }
    }

    /* the names of the options are in the poll, which may be on disk only */
    function voteCame(vote) {
        const key = knownKey(vote.parentMsgKey);
        const poll = whatsapp.MsgStore.get(key);
        const tell = quiet((msg) => tellMessage(
            voteEvent(vote, key, optionsOf(msg))));

        if (isForeignKey(key)) {
            return;
        }

        if (poll) {
            tell(poll);
        } else {
            findPoll(key).then(tell, () => tell({}));
        }
    }

    /* read from disk without a change to what the page has loaded */
    async function findPoll(key) {
        const module = moduleOf('WAWebDBMsgUtils');

        return module
            ? module.getMsgByMsgKey(whatsapp.MsgKey.fromString(key))
            : findMessage(key);
    }

    function voteEvent(vote, poll, options) {
        const { msgKey, selectedOptionLocalIds: chosen } = vote;
        const names = options
            .filter(({ localId }) => chosen.includes(localId))
            .map(({ name }) => line(name) || '');

        /* no options would say that the vote was taken back */
        if (names.length < chosen.length) {
            throw new Error('a vote for what is not in the poll');
        }

        return eventOf({
            id: keyText(msgKey),
            own: Boolean(msgKey.fromMe),
            from: vote.sender,
            t: secondsOf(vote.senderTimestampMs),
            message: {
                type: 'poll_vote',
                poll_vote: { message_id: poll, options: names },
            },
        });
    }


    inboundHooks.push(
        ['WAWebReactionsMsgAction', 'addOrUpdateReactionsModelCollection',
            reactionCame],
        ['WAWebUpdateEditedMessagesAction', 'updateEditedMessagesAction',
            ([edits]) => each(edits, editCame)],
        ['WAWebPollsUpsertVotesModelCollectionMsgAction',
            'upsertVotesModelCollection', votesCame]);
    tools.sources.push(
        ['whatsapp.Socket', 'change:stream', quiet(streamChanged)]);
    inboundChanges.push(['change:latestEditMsgKey', editKeyChanged]);
    Object.assign(specialEvents, {
        protocol: (msg) => (REVOKES.includes(msg.subtype)
            ? revokeEvent(msg) : null),
        revoked: revokeEvent,
    });
    Object.assign(tools, { editEvent, reactionEvent, secondsOf });
}());
