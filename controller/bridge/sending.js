'use strict';

/*
 * Sending: the order within a chat, WhatsApp's verdict, and plain text.
 * What the other types hold is in the parts that follow.
 */
(function () {
    const tools = window.__whatsappControllerTools;

    /* a frame */
    if (!tools) {
        return;
    }

    const {
        Failure, capabilities, findMentioned, isNumber, isText, limits,
        needMessage, stopTyping, within,
    } = tools;

    const ORDER_TIMEOUT = 20000;                                   /* ms */
    const MENTION = new RegExp(
        `@(\\d{${limits.DIGITS_MIN},${limits.DIGITS_MAX}})(?!\\d)`, 'g');

    const BINDINGS = {
        send_text: [
            'chat.getMessageById', 'chat.sendTextMessage',
            'whatsapp.MsgKey.fromString', 'whatsapp.MsgModel',
            'whatsapp.MsgStore.get', 'whatsapp.MsgStore.on',
            'whatsapp.functions.addAndSendMsgToChat',
            'whatsapp.functions.canReplyMsg',
            'whatsapp.functions.getEphemeralFields',
            'whatsapp.functions.getSearchContext',
            'whatsapp.functions.unixTime',
        ],
    };

    /* wa-js refuses with these before anything is handed to WhatsApp */
    const REFUSED_BEFORE_SENDING = {
        can_not_send_message_to_this_groupType: 'invalid_parameter',
        chat_not_found: 'invalid_parameter',
        edit_message_error: 'invalid_parameter',
        file_too_large: 'media_too_large',
        forward_messages_not_available: 'page_error',
        invalid_quoted_msg: 'invalid_parameter',
        invalid_wid: 'invalid_parameter',
        mentioned_is_not_user: 'invalid_parameter',
        message_key_is_not_from_me: 'page_error',
        message_key_remote_id_is_not_same_of_chat: 'page_error',
        quoted_msg_can_not_reply: 'invalid_parameter',
    };

    /* by chat: settles when the chat's last send is in WhatsApp's hands */
    const order = new Map();

    /* what looks at each message that appears: whether it has seen enough */
    const watchers = new Set();


    /* the way to send this type of message */
    function typeOf(params) {
        const { key, chat } = params;

        if (typeof key !== 'string' || typeof chat !== 'string'
            || !key.startsWith(`true_${chat}_`))
        {
            throw new Failure('invalid_parameter',
                              'The message id does not fit the chat');
        }

        const type = Object.hasOwn(tools.types, params.type)
            ? tools.types[params.type] : null;

        if (!type) {
            throw new Failure('unsupported_type',
                              'There is no such type of message');
        }

        if (!capabilities[type.needs]) {
            throw new Failure('session_not_ready',
                              'This version of WhatsApp Web cannot do it');
        }

        type.check(params);
        return type;
    }

    /*
     * Sends of one chat enter WhatsApp one after the other, so that they
     * reach the server in the order of the calls; their acks come later and
     * need no waiting.
     */
    async function enqueue(params, file) {
        const type = typeOf(params);
        const { chat } = params;
        const before = order.get(chat);
        let release;
        const turn = new Promise((resolve) => {
            release = () => {
                if (order.get(chat) === turn) {
                    order.delete(chat);
                }

                resolve();
            };
        });

        order.set(chat, turn);

        try {
            if (before) {
                await within(ORDER_TIMEOUT, before);
            }

            return await send(type, params, file, release);

        } finally {
            release();
        }
    }

    async function send(type, params, file, onTaken) {
        const { key, chat, quoted } = params;
        const options = {
            createChat: true,
            detectMentioned: false,
            linkPreview: false,
            markIsRead: false,
            messageId: key,
            waitForAck: true,
        };

        if (quoted) {
            options.quotedMsg = await needMessage(quoted);
        }

        stopTyping(chat);

        const unwatch = watch((msg) => String(msg.id) === key, onTaken);

        try {
            return await type.run(params, options, file);

        } catch (e) {
            throw refusedBeforeSending(e) || e;

        } finally {
            unwatch();
        }
    }

    /* tells of the first message that appears and fits; how to stop that */
    function watch(fits, onFound) {
        const watcher = (msg) => {
            if (fits(msg)) {
                watchers.delete(watcher);
                onFound(msg);
            }
        };

        watchers.add(watcher);

        return () => watchers.delete(watcher);
    }

    function messageAdded(msg) {
        for (const watcher of watchers) {
            watcher(msg);
        }
    }

    /* sent is what WhatsApp's server has acknowledged, nothing less */
    function judge({ ack, sendMsgResult }) {
        const result = sendMsgResult && sendMsgResult.messageSendResult;

        if (result === 'OK') {
            return sent(ack, sendMsgResult.t);
        }

        if (result === 'ERROR_UNKNOWN' && ack < 0) {
            throw new Failure('send_refused',
                              'WhatsApp refused the message');
        }

        throw new Failure('page_error',
                          'WhatsApp Web could not say whether it was sent',
                          'unknown');
    }

    function sent(ack, t) {
        return {
            ack: Math.max(1, Number(ack) || 0),
            t: Number(t) || Math.floor(Date.now() / 1000),
        };
    }

    function refusedBeforeSending(e) {
        const code = e && Object.hasOwn(REFUSED_BEFORE_SENDING, e.code)
            ? REFUSED_BEFORE_SENDING[e.code] : null;

        return code && new Failure(
            code, `WhatsApp Web did not take the message: ${e.code}`);
    }


    /* ==== text ==== */

    function checkBody(body) {
        if (!isText(body, 1, limits.TEXT_MAX)) {
            throw new Failure('invalid_parameter',
                              'The text is missing or too long');
        }
    }

    function checkText({ text }) {
        checkBody(text && text.body);

        const { mentions } = text;

        if (mentions !== undefined && mentions !== null
            && !(Array.isArray(mentions)
                 && mentions.length <= limits.MENTIONS_MAX
                 && mentions.every(isNumber)))
        {
            throw new Failure('invalid_parameter',
                              'A mention is not a phone number');
        }
    }

    async function sendText({ chat, text }, options) {
        const mentions = text.mentions || [];
        const ids = mentions.length > 0
            ? await findMentioned(chat, mentions) : new Map();
        const body = text.body.replace(MENTION, (mention, number) => (
            ids.has(number) ? `@${ids.get(number).user}` : mention));

        if (ids.size > 0) {
            options.mentionedList = [...ids.values()].map(String);
        }

        return judge(await window.WPP.chat.sendTextMessage(
            chat, body, options));
    }


    Object.assign(tools.bindings, BINDINGS);
    Object.assign(tools.methods, {
        'message.send': { run: enqueue, needs: 'send_text', effect: true },
    });
    Object.assign(tools.types, {
        text: { run: sendText, check: checkText, needs: 'send_text' },
    });
    Object.assign(tools, { checkBody, judge, sent, watch });
    tools.sources.push(['whatsapp.MsgStore', 'add', messageAdded]);
}());
