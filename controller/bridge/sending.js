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
        Failure, findChat, findMentioned, findMessage, findRevoked, isNumber,
        isText, limits, numberOf, stopTyping, whatsapp, within,
    } = tools;

    /* ms that a send may wait for those before it, and keeps for itself */
    const ORDER_TIMEOUT = 20000;
    const ORDER_RESERVE = 1000;

    const MENTION = new RegExp(
        `@(\\d{${limits.DIGITS_MIN},${limits.DIGITS_MAX}})(?!\\d)`, 'g');

    const BINDINGS = {
        send_text: [
            'whatsapp.MsgKey.fromString', 'whatsapp.MsgStore.get',
            'whatsapp.MsgStore.on', 'whatsapp.functions.addAndSendMsgToChat',
            'whatsapp.functions.getEphemeralFields',
            'whatsapp.functions.getSearchContext',
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

    /* WhatsApp Web's own refusal, before anything is handed to the server */
    const CONTACT_BLOCKED = 'ContactBlocked';

    /* by chat: settles when the chat's last send is in WhatsApp's hands */
    const order = new Map();

    /* keys of the sends that have not ended */
    const running = new Set();

    /* what looks at each message that appears: whether it has seen enough */
    const watchers = new Set();


    /* the way to send this type of message */
    async function typeOf(params) {
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

        if (!await tools.can(type.needs)) {
            throw new Failure('session_not_ready',
                              'This version of WhatsApp Web cannot do it');
        }

        type.check(params);
        return type;
    }

    /*
     * Sends of one chat enter WhatsApp one after the other, so that they
     * reach the server in the order of the calls; their acks come later and
     * need no waiting. WhatsApp Web holds back what follows a file until that
     * is uploaded: it waits here, where it is not sent when time is up.
     *
     * look_up: the message may be there from before. What became of it is
     * answered then, as found, and nothing is sent.
     */
    async function enqueue(params, file) {
        const { key } = params;

        if (params.look_up && isSending(key)) {
            return { found: true, ack: 0 };
        }

        running.add(key);

        try {
            const status = params.look_up
                ? await tools.statusOf({ key }, false) : { found: false };

            return status.found ? status
                : await takeTurn(await typeOf(params), params, file);
        } finally {
            running.delete(key);
        }
    }

    async function takeTurn(type, params, file) {
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
                await within(orderTime(params), before);
            }

            return await send(type, params, file,
                              type.holdsChat ? () => {} : release);

        } finally {
            release();
        }
    }

    /* time_ms: how long the controller waits for the answer */
    function orderTime({ time_ms: time }) {
        return Math.max(0, Math.min(
            ORDER_TIMEOUT, (Number(time) || Infinity) - ORDER_RESERVE));
    }

    /*
     * The message that is quoted; undefined for one that is gone, without
     * which the new one goes out. Its text is not shown in another chat,
     * unless that is the private chat with the author in a group.
     */
    async function findQuoted(key, chat) {
        const { fromMe, remote, participant } = keyOf(key);
        const isAuthor = !fromMe && participant
                         && tools.isSameChat(participant, chat);

        if (!isAuthor && !tools.isSameChat(remote, chat)) {
            throw new Failure('invalid_parameter',
                              'The quoted message is of another chat');
        }

        return await findMessage(key) || findRevoked(key)
            ? tools.needReferable(key) : undefined;
    }

    function keyOf(text) {
        try {
            return whatsapp.MsgKey.fromString(text);
        } catch (e) {
            throw new Failure('invalid_parameter',
                              'The quoted message cannot be');
        }
    }

    /* whether a message of this key may yet be handed to WhatsApp */
    function isSending(key) {
        return running.has(key);
    }

    async function send(type, params, file, onTaken) {
        const { key, chat: id, quoted } = params;
        const options = {
            createChat: true,
            detectMentioned: false,
            linkPreview: false,
            markIsRead: false,
            messageId: key,
            waitForAck: true,
        };
        let hasAppeared = false;

        if (quoted) {
            options.quotedMsg = await findQuoted(quoted, id);
        }

        const chat = await needChat(id, type.ignoresLimits);

        tools.guard();
        stopTyping(id);

        const unwatch = watch((msg) => String(msg.id) === key, () => {
            hasAppeared = true;
            onTaken();
        });

        try {
            return await type.run(params, options, file, chat);

        } catch (e) {
            throw failureOf(e, () => hasAppeared || isStored(key));

        } finally {
            unwatch();
        }
    }

    /* the chat, unless WhatsApp would refuse what is sent to it */
    async function needChat(id, ignoresLimits) {
        const chat = await findChat(whatsapp.WidFactory.createWid(id));

        if (ignoresLimits) {
            return chat;
        }

        if (isBlocked(chat)) {
            throw blocked();
        }

        tools.checkLimits(chat);

        return chat;
    }

    /* the list holds lids, or numbers where it is older */
    function isBlocked(chat) {
        const { BlocklistStore } = whatsapp;

        if (!BlocklistStore || chat.id.isGroup()) {
            return false;
        }

        const number = numberOf(chat.accountLid || chat.id);

        return [chat.id, chat.accountLid].some(
            (wid) => wid && BlocklistStore.get(wid))
               || BlocklistStore.getModelsArray().some(
                   ({ id }) => numberOf(id) === number);
    }

    function blocked() {
        return verdict(new Failure('send_refused',
                                   'The account blocks this contact'));
    }

    function isStored(key) {
        try {
            return Boolean(whatsapp.MsgStore.get(
                whatsapp.MsgKey.fromString(key)));
        } catch (e) {
            return false;
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

    /*
     * Sent is what WhatsApp's server has acknowledged, refused what it has
     * given a code for. Anything else may have left: WhatsApp Web marks a
     * message as failed for many reasons.
     */
    function judge({ ack, sendMsgResult }) {
        const { ackErrorCode, messageSendResult, t } = sendMsgResult || {};

        if (messageSendResult === 'OK') {
            return sent(ack, t);
        }

        if (ackErrorCode) {
            throw verdict(tools.refusalOf(ackErrorCode));
        }

        throw unknown();
    }

    function unknown() {
        return new Failure('page_error',
                           'WhatsApp Web could not say whether it was sent',
                           'unknown');
    }

    /* a failure that holds whether or not the message has appeared */
    function verdict(failure) {
        failure.isVerdict = true;

        return failure;
    }

    function sent(ack, t) {
        return {
            ack: Math.max(1, Number(ack) || 0),
            t: Number(t) || Math.floor(Date.now() / 1000),
        };
    }

    /*
     * What a failed send ends in. Only a verdict is believed about a message
     * that is in the chat already.
     */
    function failureOf(e, hasAppeared) {
        if (e && e.isVerdict) {
            return e;
        }

        if (e && e.name === CONTACT_BLOCKED) {
            return blocked();
        }

        const failure = refusedBeforeSending(e) || e;
        const isNotSent = failure instanceof Failure
                          && failure.outcome === 'not_sent';

        return isNotSent && hasAppeared() ? unknown() : failure;
    }

    function refusedBeforeSending(e) {
        const code = e && Object.hasOwn(REFUSED_BEFORE_SENDING, e.code)
            ? REFUSED_BEFORE_SENDING[e.code] : null;

        return code && new Failure(
            code, `WhatsApp Web did not take the message: ${e.code}`);
    }


    /* ==== composing ==== */

    /* who the account is in a chat: the lid where the chat goes by lids */
    function meIn(chat) {
        const { UserPrefs } = whatsapp;

        return chat.id.isGroup() || chat.id.isLid()
            ? UserPrefs.getMaybeMeLidUser() : UserPrefs.getMaybeMePnUser();
    }

    function unixTime() {
        const { unixTime: now } = whatsapp.functions;

        return now ? now() : Math.floor(Date.now() / 1000);
    }

    /* a message of one's own as WhatsApp Web composes it; key: its text */
    function compose(chat, content, key) {
        return {
            t: unixTime(),
            from: meIn(chat),
            to: chat.id,
            self: 'out',
            isNewMsg: true,
            local: true,
            ack: 0,
            ...content,
            id: whatsapp.MsgKey.fromString(key),
        };
    }

    /* the same for what others see: with the chat's rules, and a quote */
    function composeFor(chat, content, { messageId, quotedMsg }) {
        const { canReplyMsg, getEphemeralFields } = whatsapp.functions;

        if (quotedMsg && canReplyMsg && !canReplyMsg(quotedMsg)) {
            throw new Failure('invalid_parameter',
                              'WhatsApp Web does not let this be quoted');
        }

        return {
            ...getEphemeralFields(chat),
            ...compose(chat, content, messageId),
            ...(quotedMsg ? quotedMsg.msgContextInfo(chat.id) : undefined),
        };
    }

    async function sendComposed(chat, data) {
        const [msg, sendMsgResult] = await Promise.all(
            await whatsapp.functions.addAndSendMsgToChat(chat, data));

        return judge({ ack: msg.ack, sendMsgResult });
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

    async function sendText({ chat: id, text }, options, file, chat) {
        const mentions = text.mentions || [];
        const ids = mentions.length > 0
            ? await findMentioned(id, mentions) : new Map();
        const content = {
            type: 'chat',
            subtype: null,
            body: text.body.replace(MENTION, (mention, number) => (
                ids.has(number) ? `@${ids.get(number).user}` : mention)),
        };

        if (ids.size > 0) {
            content.mentionedJidList = [...ids.values()];
        }

        return sendComposed(chat, composeFor(chat, content, options));
    }


    Object.assign(tools.bindings, BINDINGS);
    Object.assign(tools.methods, {
        'message.send': { run: enqueue, needs: 'send_text', effect: true },
    });
    Object.assign(tools.types, {
        text: { run: sendText, check: checkText, needs: 'send_text' },
    });
    Object.assign(tools, {
        checkBody, compose, composeFor, isSending, judge, sendComposed, sent,
        verdict, watch,
    });
    tools.sources.push(['whatsapp.MsgStore', 'add', messageAdded]);
}());
