/*
 * What others do: messages, and receipts for the account's own. A message
 * says whose number its sender's lid is.
 */

import { define } from './define.mjs';
import { addContact, openChat } from './chats.mjs';
import { createWid, currentMe, MsgKey } from './ids.mjs';
import { remember } from './lids.mjs';
import { link } from './link.mjs';
import { ACK, messages, Msg, save } from './messages.mjs';

const directReceipt = {
    async handleChatSimpleReceipt(receipt) {
        const { from, externalIds, ack } = receipt;

        for (const id of externalIds) {
            const msg = messages.get(
                new MsgKey({ fromMe: true, remote: from, id }));

            if (msg && msg.ack < ack) {
                msg.ack = ack;
                save(msg);
            }
        }
    },
};


function onReceipt(frame) {
    const key = MsgKey.fromString(frame.id);

    directReceipt.handleChatSimpleReceipt({
        from: key.remote,
        externalIds: [key.id],
        ack: frame.ack,
        ackString: frame.ack >= ACK.READ ? 'read' : 'delivery',
        ts: Math.floor(Date.now() / 1000),
    });
}


function onMessage(frame) {
    const from = createWid(frame.from);

    remember(frame.senderPn, frame.senderLid);

    const chat = openChat(from);
    const msg = new Msg({
        id: MsgKey.fromString(frame.id),
        from,
        author: frame.author && createWid(frame.author),
        to: from.isLid() || from.isGroup() ? currentMe().lid : currentMe().pn,
        self: 'in',
        type: 'chat',
        body: frame.body,
        t: frame.t,
        ack: ACK.RECEIVED,
        isNewMsg: true,
        recvFresh: true,
        notifyName: frame.name,
    });

    /* already here: the server had not yet heard that it was received */
    if (!messages.get(msg.id)) {
        addContact(frame.author || frame.from, frame.name);
        chat.unreadCount++;
        chat.msgs.add(msg);
        messages.processMultipleMessages(chat.id, [msg], {
            add: 'after', isHistory: false,
        }, 'handleSingleMsg');
        save(msg);
    }

    link.send({ type: 'received', id: frame.id });
}


export function defineInbound() {
    link.on('frame:receipt', onReceipt);
    link.on('frame:message', onMessage);

    define('WAWebHandleDirectChatReceipt', directReceipt);
}
