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

    /* by key: the ack of what leaves no message of that key behind */
    const acts = new Map();


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

    function rememberAct(key, ack) {
        acts.set(key, ack);

        if (acts.size > ACTS_MAX) {
            acts.delete(acts.keys().next().value);
        }
    }

    async function getStatus({ key }) {
        if (acts.has(key)) {
            return { found: true, ack: acts.get(key) };
        }

        const msg = await findMessage(key);

        return { found: msg !== null, ack: msg ? Number(msg.ack) || 0 : 0 };
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
