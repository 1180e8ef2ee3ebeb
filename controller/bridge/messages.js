'use strict';

/*
 * Messages that are there already: finding one, marking it read, and the
 * "typing" that goes with that.
 */
(function () {
    const tools = window.__whatsappControllerTools;

    /* a frame */
    if (!tools) {
        return;
    }

    const { Failure, until, whatsapp, within } = tools;

    /* ms */
    const LOOKUP_TIMEOUT = 10000;
    const TYPING_TIME = 25000;
    const OFFLINE_POLL = 50;
    const UNSETTLED_TIME = 5000;

    /* acts whose end is remembered */
    const ACTS_MAX = 1000;

    const BINDINGS = {
        mark_read: ['whatsapp.functions.sendSeen'],
        typing: [
            'whatsapp.ChatPresence.markComposing',
            'whatsapp.ChatPresence.markPaused',
        ],
    };

    /* by chat: the timer that ends "typing" */
    const typing = new Map();

    /* keys that are remembered of messages without a verdict */
    const UNSETTLED_MAX = 1000;

    /* WhatsApp Web marks a file's message as failed whatever went wrong */
    const MEDIA = ['image', 'video', 'audio', 'ptt', 'document', 'sticker'];

    /* by key: the end, {ack, id?}, of what leaves no message of that key */
    const acts = new Map();

    /* by key: when a message without a verdict was first asked for, in ms */
    const unsettled = new Map();


    /* a message of any chat by its serialized key; null if there is none */
    async function findMessage(text) {
        let key;
        let chat;

        try {
            key = whatsapp.MsgKey.fromString(text);
            chat = whatsapp.ChatStore.get(key.remote);
        } catch (e) {
            return null;
        }

        const loaded = whatsapp.MsgStore.get(key)
                       || (chat && chat.msgs.get(key));

        return loaded || (chat ? findStored(chat, key) : null);
    }

    /* one that is not in memory */
    async function findStored(chat, key) {
        const search = whatsapp.functions.getSearchContext;

        /* earlier versions took the two one by one */
        const { collection } = search.length === 1
            ? search({ chat, msgKey: key }) : search(chat, key);

        await within(LOOKUP_TIMEOUT,
                     Promise.resolve(collection.loadAroundPromise));

        return chat.msgs.get(key) || collection.get(key) || null;
    }

    /*
     * A message that was deleted for everyone goes by the id of its deletion
     * since, and keeps its own beside it; null if it is not in memory.
     */
    function findRevoked(text) {
        return whatsapp.MsgStore.getModelsArray().find((msg) => (
            msg.type === 'revoked' && msg.protocolMessageKey
            && String(msg.protocolMessageKey) === text)) || null;
    }

    async function needMessage(key) {
        const msg = await findMessage(key);

        if (!msg) {
            throw new Failure('invalid_parameter',
                              'There is no message with this id');
        }

        return msg;
    }

    /* a message that is neither deleted for everyone nor expired */
    async function needLiving(key) {
        const { isExpiredAndNotKept } = whatsapp.functions;
        const msg = findRevoked(key) || await needMessage(key);

        if (msg.type === 'revoked') {
            throw new Failure('invalid_parameter',
                              'The message was deleted for everyone');
        }

        if (isExpiredAndNotKept && isExpiredAndNotKept(msg)) {
            throw new Failure('invalid_parameter', 'The message has expired');
        }

        return msg;
    }

    /*
     * A message that WhatsApp Web lets somebody refer to. Its user interface
     * looks first; its functions do not, and WhatsApp's server may close the
     * connection on what they send then.
     */
    async function needReferable(key) {
        const { replyChecks } = whatsapp.functions;
        const msg = await needLiving(key);

        if (replyChecks && !replyChecks(msg)) {
            throw new Failure('invalid_parameter', 'WhatsApp has not got the '
                              + 'message, or lets nobody refer to its kind');
        }

        return msg;
    }

    function rememberAct(key, end) {
        acts.set(key, end);

        if (acts.size > ACTS_MAX) {
            acts.delete(acts.keys().next().value);
        }
    }

    /*
     * What became of a message: not found is one that is neither there nor
     * about to be sent; an ack below 0 is WhatsApp's refusal, one of 0 tells
     * nothing yet. A message that nothing sends on any more, and whose ack
     * may have been lost with an earlier page, counts as not found after a
     * while: to send it once more under its id does no harm. A deletion whose
     * end is not known, of the message `target`, is done if that is deleted.
     */
    function getStatus(params) {
        return statusOf(params, tools.isSending(params.key));
    }

    async function statusOf({ key, target }, isSending) {
        if (acts.has(key)) {
            return { found: true, ...acts.get(key) };
        }

        if (target && findRevoked(target)) {
            return { found: true, ack: 1 };
        }

        const msg = await findMessage(key) || findRevoked(key);
        const ack = ackOf(msg);

        if (isSending || !msg || ack !== 0) {
            unsettled.delete(key);

            return { found: isSending || msg !== null, ack };
        }

        return { found: !isGivenUp(key), ack };
    }

    function ackOf(msg) {
        const ack = msg ? Number(msg.ack) || 0 : 0;

        return msg && isMedia(msg) ? Math.max(0, ack) : ack;
    }

    function isMedia({ type }) {
        return MEDIA.includes(type);
    }

    function isGivenUp(key) {
        if (!unsettled.has(key)) {
            unsettled.set(key, Date.now());

            if (unsettled.size > UNSETTLED_MAX) {
                unsettled.delete(unsettled.keys().next().value);
            }
        }

        return Date.now() - unsettled.get(key) >= UNSETTLED_TIME;
    }


    /* ==== reading and typing ==== */

    async function markRead({ key, typing: withTyping }) {
        const msg = await needMessage(key);

        if (msg.id.fromMe) {
            throw new Failure('invalid_parameter',
                              'The account itself wrote this message');
        }

        const chat = whatsapp.ChatStore.get(msg.id.remote);

        if (!chat) {
            throw new Failure('invalid_parameter',
                              'The chat of this message is gone');
        }

        await needOfflineEnd();
        tools.guard();
        await within(LOOKUP_TIMEOUT, tools.markSeen(chat), 'unknown');

        if (withTyping) {
            await within(LOOKUP_TIMEOUT, startTyping(chat), 'unknown');
        }

        return {};
    }

    /* before it WhatsApp Web drops all but the last chat that is read */
    async function needOfflineEnd() {
        if (!await until(LOOKUP_TIMEOUT, OFFLINE_POLL,
                         () => whatsapp.Cmd.isOfflineDeliveryEnd !== false))
        {
            throw new Failure('session_not_ready', 'WhatsApp Web is still '
                              + 'fetching what it missed');
        }
    }

    /* WhatsApp Web would end it soon, as nobody types on */
    async function startTyping(chat) {
        const id = String(chat.id);

        await whatsapp.ChatPresence.markComposing(chat);
        clearTimeout(chat.pausedTimerId);
        clearTimeout(typing.get(id));
        typing.set(id, setTimeout(stopTyping, TYPING_TIME, id));
    }

    /* WhatsApp Web repeats "typing" until it is told of the end */
    function stopTyping(id) {
        if (!typing.has(id)) {
            return;
        }

        clearTimeout(typing.get(id));
        typing.delete(id);

        try {
            whatsapp.ChatPresence.markPaused(
                whatsapp.ChatStore.get(whatsapp.WidFactory.createWid(id)));
        } catch (e) {
            /* it ends with what is sent */
        }
    }


    Object.assign(tools.bindings, BINDINGS);
    Object.assign(tools.methods, {
        'message.status': { run: getStatus, needs: 'send_text' },
        'message.read': { run: markRead, needs: 'mark_read', effect: true },
    });
    Object.assign(tools, {
        findMessage, findRevoked, isMedia, needLiving, needReferable,
        rememberAct, statusOf, stopTyping,
    });
}());
