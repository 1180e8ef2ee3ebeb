/*
 * What can be done to a message that was clicked, by whoever is chosen to
 * write: answers, reactions, votes; its author changes and deletes it, and of
 * the account's own ones others tell how far they have got.
 */

import { edit, quote, writer } from './compose.mjs';
import { element, summarize } from './content.mjs';
import { post } from './request.mjs';

const EMOJIS = ['👍', '❤️', '😂', '😮', '🙏'];
const RECEIPTS = {
    delivered: '✓✓ delivered', read: '✓✓ read', played: '▶ played',
    error: '✕ file gone',
};
const EDITABLE = ['text', 'image', 'video', 'document'];


function button(text, title, run) {
    const node = element('button', text);

    node.type = 'button';
    node.title = title;
    node.addEventListener('click', (event) => {
        event.stopPropagation();
        run();
    });

    return node;
}


/* own: the account's number, which is the author of what it sent */
export function drawActions(message, own) {
    const isSent = message.ack !== undefined;
    const author = isSent ? own : message.from || message.lid;
    const target = message.id;
    const bar = element('div', '', 'actions');

    bar.append(
        button('↩', 'Answer', () => quote(message, summarize(message))),
        ...EMOJIS.map((emoji) => button(emoji, 'React, or take it back',
                                        () => react(message, emoji))),
        ...EDITABLE.includes(message.type)
            ? [button('✎', 'Change', () => edit(message, author))] : [],
        button('Delete', 'For everyone',
               () => post('delete', { from: author, target })));

    if (isSent) {
        bar.append(...Object.entries(RECEIPTS).map(([status, text]) => button(
            text, 'Tell the account', () => post('receipt', {
                from: writer(), target, status,
            }))));
    } else {
        bar.append(button('✓✓ read by the phone', 'Tell the account',
                          () => post('receipt', {
                              from: own, target, status: 'read',
                          })));
    }

    return bar;
}


function react(message, emoji) {
    const from = writer();
    const has = message.reactions.some((one) => (
        one.from === from && one.emoji === emoji));

    post('react', { from, target: message.id, emoji: has ? '' : emoji });
}


/* a click on an option votes for it, another one takes the vote back */
export function makeVotes(node, message) {
    const { options, selectable_count: count } = message.poll;

    node.querySelectorAll('.poll li').forEach((item, n) => {
        const voters = Object.values(message.votes || {})
            .filter((chosen) => chosen.includes(n)).length;

        item.append(voters > 0 ? ` · ${voters}` : '');
        item.title = `Vote for ${options[n]}`;
        item.addEventListener('click', (event) => {
            event.stopPropagation();
            vote(message, n, count);
        });
    });
}


function vote(message, n, count) {
    const from = writer();
    const before = (message.votes || {})[from] || [];
    const chosen = before.includes(n) ? before.filter((one) => one !== n)
        : count === 1 ? [n] : [...before, n];

    post('vote', { from, target: message.id, options: chosen });
}
