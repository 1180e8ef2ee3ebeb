/*
 * What the page does to itself when a test says so.
 */

import { openChat } from './chats.mjs';
import { MsgKey } from './ids.mjs';
import { link } from './link.mjs';
import { findModel, messages } from './messages.mjs';
import { Stream } from './session.mjs';
import { forgetMessage } from './store.mjs';

function spin() {
    for (;;) {
        /* a page that no longer answers */
    }
}


const ACTIONS = {
    hang: spin,

    /* ends by Runtime.terminateExecution only until the next tick */
    hang_hard() {
        setInterval(spin, 0);
        spin();
    },

    alert() {
        alert('stand-in');
    },

    /* as if somebody looked at the page: what was read is told now */
    focus() {
        Stream.markAvailable();
    },

    navigate() {
        location.reload();
    },
};


/*
 * A message that its owner has deleted for himself is gone; one that has
 * expired stays until WhatsApp Web finds the time to delete it.
 */
function vanish({ id, how }) {
    const key = MsgKey.fromString(id);
    const msg = findModel(key);

    if (msg && how === 'expired') {
        msg.expiredTimestamp = Math.floor(Date.now() / 1000) - 1;

    } else if (msg) {
        openChat(msg.id.remote).msgs.remove(msg.id);
        messages.remove(msg.id);
        forgetMessage(id);
    }

    link.send({ type: 'vanished', id });
}


export function obeyCommands() {
    link.on('frame:vanish', vanish);
    link.on('frame:page', ({ action }) => (
        Object.hasOwn(ACTIONS, action) && ACTIONS[action]()));
}
