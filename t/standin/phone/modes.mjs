/*
 * How the next things are played: what is hidden, comes twice, undecrypted or
 * as history.
 */

import { post } from './request.mjs';

const HISTORY = 1000;
const CIPHERTEXT = 2000;                                           /* ms */

const view = Object.fromEntries(
    ['ciphertext', 'history', 'linking', 'receipts', 'twin']
        .map((id) => [id, document.getElementById(id)]));


export function showModes({ receipts, twin, ciphertext, history }) {
    view.receipts.value = receipts;
    view.twin.checked = twin;
    view.ciphertext.checked = ciphertext !== null;
    view.linking.checked = history > 0;
}


view.receipts.addEventListener('change', () => {
    post('play', { receipts: view.receipts.value });
});
view.twin.addEventListener('change', () => {
    post('play', { twin: view.twin.checked });
});
view.ciphertext.addEventListener('change', () => {
    post('play', { ciphertext: view.ciphertext.checked ? CIPHERTEXT : null });
});
view.linking.addEventListener('change', () => {
    post('play', { history: view.linking.checked ? HISTORY : 0 });
});
view.history.addEventListener('click', () => {
    post('history', { count: HISTORY });
});
