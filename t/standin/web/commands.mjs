/*
 * What the page does to itself when a test says so.
 */

import { link } from './link.mjs';
import { Stream } from './session.mjs';

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


export function obeyCommands() {
    link.on('frame:page', ({ action }) => (
        Object.hasOwn(ACTIONS, action) && ACTIONS[action]()));
}
