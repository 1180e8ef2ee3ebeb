'use strict';

/*
 * Codes by which a phone links a page that it can't scan. The server makes
 * one for the number that the page names; only that number's phone may type
 * it in.
 */

const crypto = require('node:crypto');

/* without what is easily mistaken: 0, I, O and U */
const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTVWXYZ';
const LENGTH = 8;
const TTL = 180000;

const REFUSED_UNKNOWN = 400;


/* a new code for the link's page, in the place of an older one */
function giveCode(account, link, number) {
    const refused = account.faults.take('refuse_code');

    if (refused) {
        return { status: refused };
    }

    if (!account.directory.people.has(number)) {
        return { status: REFUSED_UNKNOWN };
    }

    const code = Array.from(
        { length: LENGTH }, () => ALPHABET[crypto.randomInt(ALPHABET.length)]);

    dropCode(link);
    link.pairing = {
        number,
        code: code.join(''),
        timer: setTimeout(() => expireCode(link), TTL),
    };

    return { status: 200, value: link.pairing.code };
}


function dropCode(link) {
    if (link.pairing) {
        clearTimeout(link.pairing.timer);
        link.pairing = null;
    }
}


/* the page is told to ask for another one */
function expireCode(link) {
    if (link.pairing) {
        dropCode(link);
        link.send({ type: 'pairing', event: 'refresh_alt_linking_code' });
    }
}


/* the page that shows the code which somebody types in at the phone */
function findCode(links, number, typed) {
    const code = String(typed).replace(/[\s-]/g, '').toUpperCase();

    return [...links].find(({ pairing }) => (
        pairing && pairing.number === number && pairing.code === code));
}


module.exports = { giveCode, dropCode, expireCode, findCode };
