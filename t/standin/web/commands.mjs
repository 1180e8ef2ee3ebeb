/*
 * What the page does to itself when a test says so.
 */

import { link } from './link.mjs';

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

    navigate() {
        location.reload();
    },
};


export function obeyCommands() {
    link.on('frame:page', (frame) => ACTIONS[frame.action]());
}
