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

    const { Failure, within } = tools;

    /* ms */
    const LOOKUP_TIMEOUT = 10000;
    const TYPING_TIME = 25000;
    const UNSETTLED_TIME = 5000;

    /* acts whose end is remembered */
    const ACTS_MAX = 1000;

    const BINDINGS = {
        mark_read: ['chat.markIsRead', 'whatsapp.functions.sendSeen'],
        typing: [
            'chat.markIsComposing', 'chat.markIsPaused',
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
    async function findMessage(key) {
        try {
            return await within(LOOKUP_TIMEOUT,
                                window.WPP.chat.getMessageById(key));
        } catch (e) {
            if (e instanceof Failure) {
                throw e;
            }

            return null;
        }
    }

    async function needMessage(key) {
        const msg = await findMessage(key);

        if (!msg) {
            throw new Failure('invalid_parameter',
                              'There is no message with this id');
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
     * while: to send it once more under its id does no harm.
     */
    async function getStatus({ key }) {
        if (acts.has(key)) {
            return { found: true, ...acts.get(key) };
        }

        const isSending = tools.isSending(key);
        const msg = await findMessage(key);
        const ack = ackOf(msg);

        if (isSending || !msg || ack !== 0) {
            unsettled.delete(key);

            return { found: isSending || msg !== null, ack };
        }

        return { found: !isGivenUp(key), ack };
    }

    function ackOf(msg) {
        const ack = msg ? Number(msg.ack) || 0 : 0;

        return msg && MEDIA.includes(msg.type) ? Math.max(0, ack) : ack;
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
        const chat = String(msg.id.remote);

        if (msg.id.fromMe) {
            throw new Failure('invalid_parameter',
                              'The account itself wrote this message');
        }

        await within(LOOKUP_TIMEOUT, window.WPP.chat.markIsRead(chat),
                     'unknown');

        if (withTyping) {
            await within(LOOKUP_TIMEOUT, window.WPP.chat.markIsComposing(chat),
                         'unknown');
            stopTyping(chat);
            typing.set(chat, setTimeout(endTyping, TYPING_TIME, chat));
        }

        return {};
    }

    /* a message ends "typing" on the other side by itself */
    function stopTyping(chat) {
        clearTimeout(typing.get(chat));
        typing.delete(chat);
    }

    function endTyping(chat) {
        typing.delete(chat);
        window.WPP.chat.markIsPaused(chat).catch(() => {});
    }


    Object.assign(tools.bindings, BINDINGS);
    Object.assign(tools.methods, {
        'message.status': { run: getStatus, needs: 'send_text' },
        'message.read': { run: markRead, needs: 'mark_read', effect: true },
    });
    Object.assign(tools, {
        findMessage, needMessage, rememberAct, stopTyping,
    });
}());
