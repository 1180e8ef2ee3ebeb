'use strict';

/*
 * What became of the account's messages: sent, delivered, read, played, or
 * refused. There are three sources, because WhatsApp Web may handle receipts
 * in a worker, where the page sees nothing of them: what the page does with
 * each receipt, what has become of its messages, and wa-js. The highest is
 * told, once for each message, in a group once for each receiver.
 */
(function () {
    const tools = window.__whatsappControllerTools;

    /* a frame */
    if (!tools) {
        return;
    }

    const {
        each, idsOf, inboundChanges, inboundHooks, isForeign, isOwn,
        isStatusWanted, keyText, knownKey, partsOf, quiet, tell, textOf, widOf,
    } = tools;

    const FAILED = 'failed';

    /* by WhatsApp Web's ack */
    const STATUSES = new Map([
        [1, 'sent'], [2, 'delivered'], [3, 'read'], [4, 'played'],
    ]);

    /* a receipt of this kind is for another device of the account */
    const SENDER = 'sender';

    /* messages whose highest ack is remembered */
    const ACKS_MAX = 10000;

    /* by message and receiver: the highest ack that was told */
    const acks = new Map();


    function now() {
        return Math.floor(Date.now() / 1000);
    }

    /* whether this is news of a message */
    function isNews(id, receiver, ack) {
        const name = `${id} ${receiver}`;

        if ((acks.get(name) || 0) >= ack) {
            return false;
        }

        acks.delete(name);
        acks.set(name, ack);

        if (acks.size > ACKS_MAX) {
            acks.delete(acks.keys().next().value);
        }

        return true;
    }

    /*
     * A message's ack: key as text, of an own message; receiver is a person in
     * a group, null where the whole chat is meant; t is in seconds.
     */
    function tellAck(key, ack, receiver, t) {
        const parts = partsOf(key);
        const status = STATUSES.get(ack);

        if (!parts || !parts.fromMe || !status
            || isForeign(widOf(parts.chat)))
        {
            return;
        }

        const isGroup = parts.chat.endsWith('@g.us');
        const person = isGroup && receiver ? widOf(receiver) : null;

        if (isOverall(parts.id, isGroup, person, ack)
            && isNews(parts.id, person ? nameOf(person) : '', ack))
        {
            tellStatus(key, { status, t, person });
        }
    }

    /*
     * Of a group the page says when all have got a message: not told if each
     * receiver's receipt is seen.
     */
    function isOverall(id, isGroup, person, ack) {
        if (person) {
            acks.set(`${id} *`, ack);
        }

        return Boolean(person) || !isGroup || ack < 2
               || !acks.has(`${id} *`);
    }

    /* the same for both names of a person */
    function nameOf(person) {
        const { number, lid } = idsOf(person);

        return number || lid || String(person);
    }

    function tellStatus(key, { status, t, person, code }) {
        const id = knownKey(key);
        const { chat } = partsOf(id);

        tell({
            kind: 'status',
            id,
            chat,
            t: Math.floor(Number(t)) || now(),
            status,
            recipient: idsOf(person || widOf(chat)),
            group: chat.endsWith('@g.us') ? chat : null,
            ...(code ? { error_code: code } : undefined),
        });
    }


    /* ==== sources ==== */

    /*
     * A receipt as WhatsApp's server gives it. Without the ids of lids or
     * numbers: participant is the receiver in a group.
     */
    function receiptCame([receipt]) {
        const { ack, ackString, externalIds, from, participant, ts } = receipt;

        if (ackString === SENDER || isOwn(widOf(participant || from))) {
            return;
        }

        each(externalIds, (id) => tellAck(
            textOf({ fromMe: true, chat: String(from), id }), ack,
            participant, ts));
    }

    /* keys of messages with an ack of another, as the page takes it over */
    function acksCame([keys, ack, t]) {
        each(keys, (key) => tellAck(keyText(key), ack, null, t));
    }

    function ackChanged(msg) {
        if (msg.id.fromMe) {
            tellAck(keyText(msg.id), msg.ack, null, now());
        }
    }

    /* of wa-js; sender is the receiver in a group, as is the keys' author */
    function ackTold({ ack, ids, sender }) {
        each(ids, (key) => {
            const { participant, ...parts } = partsOf(key);
            const receiver = widOf(sender || participant);

            tellAck(textOf(parts), ack,
                    receiver && isOwn(receiver) ? null : receiver, now());
        });
    }

    /* what the server has refused has a code; nothing else is a failure */
    function sendEnded(result, [msg]) {
        const code = Number(result && result.ackErrorCode);
        const key = keyText(msg.id);

        if (code > 0 && isNews(partsOf(key).id, FAILED, 1)) {
            tellStatus(key, { status: FAILED, code });
        }
    }


    /* the same source, of which nothing is looked at while nobody asks */
    function ifWanted(source) {
        return (...args) => {
            if (isStatusWanted()) {
                source(...args);
            }
        };
    }


    const sending = Object.assign(() => {}, { result: ifWanted(sendEnded) });

    inboundHooks.push(
        ['WAWebHandleDirectChatReceipt', 'handleChatSimpleReceipt',
            ifWanted(receiptCame)],
        ['WAWebHandleGroupChatReceipt', 'handleGroupSimpleReceipt',
            ifWanted(receiptCame)],
        ['WAWebUpdateMsgAcksAction', 'updateMsgOtherAcks', ifWanted(acksCame)],
        ['WAWebSendMsgRecordAction', 'sendMsgRecord', sending]);
    inboundChanges.push(['change:ack', ifWanted(ackChanged)]);
    tools.sources.push(
        ['ev.internalEv', 'chat.msg_ack_change', quiet(ifWanted(ackTold))]);
    tools.onLogout.push(() => acks.clear());
}());
