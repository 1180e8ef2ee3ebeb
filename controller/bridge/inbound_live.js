'use strict';

/*
 * Messages as they come. All go through one function of WhatsApp Web, which
 * also gets what is loaded of the history, and says which is which. A message
 * that the page can't decrypt yet comes again when it can.
 */
(function () {
    const tools = window.__whatsappControllerTools;

    /* a frame */
    if (!tools) {
        return;
    }

    const {
        each, eventOf, inboundChanges, inboundHooks, isForeign, keyText,
        messageEvent, quiet, senderOf, tellMessage, unsupported,
    } = tools;

    /* ms that a message may take until it can be decrypted */
    const DECRYPT_TIME = 20000;
    const UNDECRYPTED_MAX = 500;

    const CIPHERTEXT = 'ciphertext';

    /* what stands in a chat while a bot thinks */
    const TYPING = /typing_placeholder/;

    /* by key: the timer that gives a message up */
    const undecrypted = new Map();


    function messagesCame([, msgs, meta]) {
        if (!meta || meta.isHistory !== false || meta.add === 'search') {
            return;
        }

        each(msgs, (msg) => {
            if (msg.isNewMsg && msg.recvFresh && !TYPING.test(msg.subtype)) {
                messageCame(msg);
            }
        });
    }

    function messageCame(msg) {
        const key = keyText(msg.id);

        if (msg.type === CIPHERTEXT) {
            waitFor(msg, key);
            return;
        }

        stopWaiting(key);
        tellMessage(messageEvent(msg));
    }

    function waitFor(msg, key) {
        if (undecrypted.has(key) || isForeign(msg.id.remote)) {
            return;
        }

        if (undecrypted.size >= UNDECRYPTED_MAX) {
            const [first] = undecrypted;

            giveUp(first[0], first[1].msg);
        }

        undecrypted.set(key, {
            msg, timer: setTimeout(quiet(giveUp), DECRYPT_TIME, key, msg),
        });
    }

    function stopWaiting(key) {
        if (undecrypted.has(key)) {
            clearTimeout(undecrypted.get(key).timer);
            undecrypted.delete(key);
        }
    }

    function giveUp(key, msg) {
        stopWaiting(key);
        tellMessage(undecryptedEvent(msg));
    }

    function undecryptedEvent(msg) {
        return eventOf({
            id: keyText(msg.id),
            own: Boolean(msg.id.fromMe),
            from: senderOf(msg),
            name: msg.notifyName,
            t: msg.t,
            message: unsupported(),
        });
    }

    /* a message that is there has become another: it could be decrypted */
    function typeChanged(msg) {
        queueMicrotask(quiet(() => {
            if (undecrypted.has(keyText(msg.id)) && msg.type !== CIPHERTEXT) {
                messageCame(msg);
            }
        }));
    }


    inboundHooks.push(['WAWebMsgCollection',
        'MsgCollection.processMultipleMessages', messagesCame]);
    inboundChanges.push(['change:type', typeChanged]);
    Object.assign(tools, { DECRYPT_TIME, undecryptedEvent });
    tools.onLogout.push(() => {
        for (const key of [...undecrypted.keys()]) {
            stopWaiting(key);
        }
    });
}());
