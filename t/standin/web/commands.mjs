/*
 * What the page does to itself when a test says so.
 */

import { openChat } from './chats.mjs';
import { MsgKey } from './ids.mjs';
import { link } from './link.mjs';
import { findModel, messages } from './messages.mjs';
import { Stream } from './session.mjs';
import { forgetMessage } from './store.mjs';

/* how often, and ms between two, a page clicks its own link to a file */
const DOWNLOADS = 200;
const DOWNLOAD_REST = 20;
const MIB = 1024 * 1024;
const DOWNLOAD_SIZE = 4 * MIB;


/* what the page holds for nothing */
const ballast = [];


/* objects that a page makes at once, and needs no longer */
const LITTER = 400000;


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

    /* one that holds so many MiB more, as an application that leaks */
    grow({ mib }) {
        for (let i = 0; i < mib; i++) {
            ballast.push(new Uint8Array(MIB).fill(i + 1));
        }
    },

    /* what is held for a while is no young garbage, which goes by itself */
    litter() {
        let held = [];

        for (let i = 0; i < LITTER; i++) {
            held.push({ i, text: `${i}` });
        }

        held = null;
    },

    /* an application of so many MiB, which the browser may keep */
    async cache({ mib }) {
        for (let i = 0; i < mib; i++) {
            await import(`./filler/${i}.mjs`);
        }
    },

    /* a page that wants to fill the disk of whoever shows it */
    download() {
        const blob = new Blob([new Uint8Array(DOWNLOAD_SIZE)]);
        let left = DOWNLOADS;

        const timer = setInterval(() => {
            const anchor = document.createElement('a');

            anchor.href = URL.createObjectURL(blob);
            anchor.download = 'unwanted';
            anchor.click();
            left--;

            if (left === 0) {
                clearInterval(timer);
            }
        }, DOWNLOAD_REST);
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
    link.on('frame:page', (frame) => (
        Object.hasOwn(ACTIONS, frame.action) && ACTIONS[frame.action](frame)));
}
