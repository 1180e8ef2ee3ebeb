'use strict';

/*
 * What is done to a message that is there: a reaction, an edit, a deletion
 * for everyone, a forward. WhatsApp Web gives these ids of its own (but for
 * an edit), and the bridge remembers their ends by the key of the call.
 */
(function () {
    const tools = window.__whatsappControllerTools;

    /* a frame */
    if (!tools) {
        return;
    }

    const {
        Failure, checkBody, compose, demand, isMedia, isText, limits,
        needLiving, needReferable, numberOf, rememberAct, sent, until,
        verdict, watch, whatsapp, within,
    } = tools;

    /* ms; the controller's own deadlines are about as long */
    const REVOKE_TIMEOUT = 25000;
    const ADMIN_TIMEOUT = 10000;
    const ACK_TIMEOUT = 2000;
    const ACK_POLL = 20;

    const BINDINGS = {
        send_reaction: [
            'chat.sendReactionToMessage',
            'whatsapp.functions.sendReactionToMsg',
        ],
        edit: [
            'whatsapp.functions.addAndSendMessageEdit',
            'whatsapp.functions.canEditCaption',
            'whatsapp.functions.canEditMsg',
        ],
        revoke: ['chat.deleteMessage', 'whatsapp.Cmd.sendRevokeMsgs'],

        forward: [
            'chat.forwardMessages', 'whatsapp.functions.forwardMessages',
        ],
    };

    /* ids of messages to which a reaction is being sent */
    const reacting = new Set();


    function checkTarget({ target }) {
        demand(typeof target === 'string' && target !== '',
               'The id of a message is missing');
    }

    async function needTarget({ target, chat }) {
        return ofChat(await needReferable(target), chat);
    }

    function ofChat(msg, chat) {
        demand(isSameChat(msg.id.remote, chat),
               'The message is not of this chat');

        return msg;
    }

    /* an older message may be known by the number, its chat by the lid */
    function isSameChat(remote, chat) {
        const wid = whatsapp.WidFactory.createWid(chat);

        return remote.equals(wid) || (!wid.isGroup() && !remote.isGroup()
                                      && numberOf(remote) === numberOf(wid));
    }

    /* `act` resolves when WhatsApp's server has taken it */
    function acting(act) {
        return async (params, ...more) => {
            const result = await act(params, ...more);

            rememberAct(params.key, result);
            return result;
        };
    }

    function unknown() {
        return new Failure('page_error',
                           'WhatsApp Web could not say whether it was done',
                           'unknown');
    }


    /* ==== reaction ==== */

    function checkReaction(params) {
        const { reaction } = params;

        checkTarget(params);
        demand(reaction && isText(reaction.emoji, 0, limits.EMOJI_MAX),
               'The reaction is not an emoji');
    }

    /* rejects unless the server has taken it; an empty one takes it away */
    async function react(params) {
        const msg = await needTarget(params);

        reacting.add(msg.id.id);

        try {
            await window.WPP.chat.sendReactionToMessage(
                msg, params.reaction.emoji);
        } finally {
            reacting.delete(msg.id.id);
        }

        return sent();
    }


    /* ==== edit ==== */

    function checkEdit(params) {
        checkTarget(params);
        checkBody(params.edit && params.edit.body);
    }

    /*
     * WhatsApp Web marks the message instead of telling of a failure. Not
     * wa-js's editMessage: its time of the edit is in seconds.
     */
    async function edit(params, options, file, chat) {
        const { functions } = whatsapp;
        const msg = await needTarget(params);

        if (!functions.canEditMsg(msg) && !functions.canEditCaption(msg)) {
            throw new Failure('invalid_parameter',
                              'WhatsApp Web does not let this be edited');
        }

        const text = params.edit.body.trim();
        const data = compose(chat, {
            type: 'protocol',
            subtype: 'message_edit',
            protocolMessageKey: msg.id,
            body: text,
            caption: text,
            editMsgType: msg.type,
        }, params.key);

        data.latestEditMsgKey = data.id;
        data.latestEditSenderTimestampMs = Date.now();
        await functions.addAndSendMessageEdit(msg, data);

        if (msg.isSendFailure) {
            throw unknown();
        }

        return sent();
    }


    /* ==== deletion for everyone ==== */

    /*
     * wa-js only starts it and calls that a success; and where it may not
     * delete for everyone, it deletes on this device. The message itself
     * tells: it becomes "revoked" when the server has taken it.
     */
    async function revoke(params) {
        const { chat, target } = params;
        const { canSenderRevokeMsg } = whatsapp.functions;
        const msg = ofChat(await needLiving(target), chat);

        if (!(msg.senderObj && msg.senderObj.isMe)) {
            if (!await isAdmin(chat)) {
                throw new Failure('forbidden_action',
                                  'The account may not delete this message');
            }

        } else if (canSenderRevokeMsg && !canSenderRevokeMsg(msg)) {
            throw new Failure('invalid_parameter', 'WhatsApp Web does not '
                              + 'let this be deleted for everyone any more');
        }

        await window.WPP.chat.deleteMessage(chat, String(msg.id), false,
                                            true);

        if (!await until(REVOKE_TIMEOUT, ACK_POLL,
                         () => msg.type === 'revoked'))
        {
            throw unknown();
        }

        return sent();
    }

    async function isAdmin(chat) {
        if (!chat.endsWith('@g.us')) {
            return false;
        }

        const data = await within(
            ADMIN_TIMEOUT, whatsapp.GroupMetadataStore.find(
                whatsapp.WidFactory.createWid(chat)));

        return data.participants.iAmAdmin();
    }


    /* ==== forward ==== */

    /*
     * WhatsApp Web swallows what goes wrong and does not say which message
     * it has made, so the new message is caught as it appears.
     */
    async function forward({ chat, target }) {
        const msg = await needReferable(target);
        let copy = null;
        const unwatch = watch(
            ({ id, forwardedFromWeb }) => id.fromMe && forwardedFromWeb
                                          && String(id.remote) === chat,
            (found) => {
                copy = found;
            });

        try {
            await window.WPP.chat.forwardMessages(
                chat, [msg], { displayCaptionText: true });
        } finally {
            unwatch();
        }

        if (copy) {
            await until(ACK_TIMEOUT, ACK_POLL, () => copy.ack !== 0);
        }

        if (!copy || !copy.ack) {
            throw unknown();
        }

        /* a file's message has this ack whatever went wrong */
        if (copy.ack < 0) {
            throw isMedia(copy)
                ? unknown() : verdict(tools.refusalOf(null));
        }

        return { ...sent(copy.ack, copy.t), id: String(copy.id) };
    }


    Object.assign(tools.bindings, BINDINGS);
    Object.assign(tools, { isSameChat, reacting });
    Object.assign(tools.types, {
        reaction: {
            run: acting(react), check: checkReaction, needs: 'send_reaction',
        },
        edit: { run: acting(edit), check: checkEdit, needs: 'edit' },
        revoke: {
            run: acting(revoke), check: checkTarget, needs: 'revoke',
            ignoresLimits: true,
        },
        forward: {
            run: acting(forward), check: checkTarget, needs: 'forward',
        },
    });
}());
