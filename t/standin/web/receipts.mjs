/*
 * How far the account's messages have got: WAWebHandleDirectChatReceipt,
 * WAWebHandleGroupChatReceipt, WAWebMessageReceiptBatcher,
 * WAWebUpdateMsgAcksAction and WAWebAckMsgAction, read in 2.3000.1044822804.
 * In that revision the handlers may run in a worker, where nothing of the
 * page sees them called; what always comes is the ack of a message that is in
 * memory. A group's message has the ack that all have reached.
 */

import { define } from './define.mjs';
import { createWid, currentMe, MsgKey } from './ids.mjs';
import {
    findData, findModel, messages, Msg, save,
} from './messages.mjs';
import { selectChat } from './chats.mjs';


/* ==== the batcher: what is known of acks gets into disk and memory ==== */

async function acceptOtherReceipt(keys, ack) {
    for (const key of keys) {
        const model = findModel(key) || messages.getByEditMsgKey(key);
        const data = model || await findData(key);

        if (data && (data.ack === undefined || ack > data.ack || ack < 0)) {
            data.ack = ack;
            save(model || new Msg(data));
        }
    }
}


/* what the account's other devices have read or heard */
async function acceptPeerReceipt(keys, ack, ts) {
    const chat = keys.length > 0 && selectChat(keys[0].remote);

    if (chat) {
        chat.unreadCount = 0;
    }

    await acks.updateMsgPeerAcks(keys, ack, ts);
}


/* ==== the handlers ==== */

async function handleChatSimpleReceipt(receipt) {
    const { ack, ackOfAll, externalIds, from, recipient, ts } = receipt;
    const isPeer = recipient !== null;
    const keys = externalIds.map((id) => new MsgKey({
        fromMe: !isPeer, remote: isPeer ? recipient : from, id,
    }));

    return isPeer ? acceptPeerReceipt(keys, ack, ts)
        : acceptOtherReceipt(keys, ackOfAll === undefined ? ack : ackOfAll);
}


/* the participant of the message's key is the account, not the receiver */
async function handleGroupSimpleReceipt(receipt) {
    const { ack, ackOfAll, externalIds, from, recipient, ts } = receipt;
    const { participant } = receipt;
    const { pn, lid } = currentMe();
    const isPeer = recipient !== null;
    const keys = externalIds.map((id) => new MsgKey({
        fromMe: !isPeer,
        remote: from,
        id,
        participant: isPeer ? recipient : participant.isLid() ? lid : pn,
    }));

    return isPeer ? acceptPeerReceipt(keys, ack, ts)
        : acceptOtherReceipt(keys, ackOfAll);
}

const direct = { handleChatSimpleReceipt };
const group = { handleGroupSimpleReceipt };


/* ==== acks by name ==== */

async function updateMsgOtherAcks(keys, ack) {
    for (const key of keys) {
        const msg = messages.get(key) || messages.getByEditMsgKey(key);

        if (msg) {
            msg.updateAck(ack);
        }
    }
}

const acks = {
    updateMsgOtherAcks: (keys, ack, t) => updateMsgOtherAcks(keys, ack, t),
    updateMsgPeerAcks: (keys, ack, t) => updateMsgOtherAcks(keys, ack, t),
};


/* ==== from the server ==== */

/* what WAWebHandleMsgReceiptParser makes of a receipt */
function parse(frame, key) {
    const { ack, ackOfAll, ackString, chat, isOwn, receiver, t } = frame;
    const isGroup = key.remote.isGroup();

    return {
        type: 'simple',
        stanzaId: key.id,
        from: createWid(isGroup ? chat : receiver),
        participant: isGroup ? createWid(receiver) : null,
        participantPn: null,
        recipient: isOwn ? key.participant || key.remote : null,
        externalIds: [key.id],
        ack,
        ackOfAll,
        ackString: ackString || null,
        offline: frame.isOffline ? '0' : null,
        biz: undefined,
        isLidBot: false,
        ts: t,
    };
}


/*
 * how: "page", the handlers run where they can be wrapped; "worker", they
 * don't; "action", the message has left memory before its ack is told by name
 */
export async function takeReceipt(frame) {
    const key = MsgKey.fromString(frame.id);
    const receipt = parse(frame, key);
    const isGroup = key.remote.isGroup();

    if (frame.how === 'action' && !frame.isOwn) {
        const chat = selectChat(key.remote);

        messages.remove(key);
        chat.msgs.remove(key);
        await acceptOtherReceipt([key], frame.ackOfAll);
        await acks.updateMsgOtherAcks([key], frame.ack, frame.t);
    } else if (frame.how === 'worker') {
        await (isGroup ? handleGroupSimpleReceipt
            : handleChatSimpleReceipt)(receipt);
    } else if (isGroup) {
        await group.handleGroupSimpleReceipt(receipt);
    } else {
        await direct.handleChatSimpleReceipt(receipt);
    }
}


export function defineReceipts() {
    define('WAWebHandleDirectChatReceipt', direct);
    define('WAWebHandleGroupChatReceipt', group);
    define('WAWebUpdateMsgAcksAction', acks);
}


