'use strict';

/*
 * How the phone's API shows messages that reached the account, and what was
 * done to any message.
 */

/* the id under which the public API knows a message */
function wamid(id) {
    return `wamid.${Buffer.from(id).toString('base64url')}`;
}


function showReceived(message) {
    return {
        id: message.id,
        wamid: wamid(message.id),
        chat: message.chat,
        from: message.from,
        lid: message.lid,
        group: message.group,
        type: message.type,
        body: message.body,
        mentions: message.mentions,
        caption: message.caption,
        media: message.media,
        location: message.location,
        contacts: message.contacts,
        poll: message.poll,
        reply: message.reply,
        quoted: message.quoted,
        forwarded: message.forwarded,
        ...showActs(message),
        time: message.time,
        seen: message.seen,
    };
}


/* what was done to a message since */
function showActs({ reactions, edits, revoked, poll_votes: votes }) {
    return { reactions, edits, revoked, votes };
}


module.exports = { showReceived, showActs, wamid };
