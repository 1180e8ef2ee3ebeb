'use strict';

/*
 * Who exists: the account's own number, and people with their lids.
 * Nobody here is real: +1 555 000 00xx is not assigned.
 */

const OWN_NUMBER = '15550000001';
const OWN_NAME = 'Stand-in';

/* index n is +1 555 000 000n; the account itself is number 1 by default */
const NAMES = [
    null, 'Zoe', 'Alice', 'Bob', 'Carol', 'Dave', 'Erin', 'Frank', 'Grace',
    'Heidi',
];

const FIRST_LID = 100000000000000;


class Directory {
    constructor(ownNumber, ownName) {
        this.people = new Map();
        this.byLid = new Map();
        this.own = this.#add(ownNumber || OWN_NUMBER, 0, ownName || OWN_NAME);

        for (let n = 1; n < NAMES.length; n++) {
            const number = `1555000000${n}`;

            if (!this.people.has(number)) {
                this.#add(number, n, NAMES[n]);
            }
        }
    }

    #add(number, n, name) {
        const person = {
            number,
            wid: `${number}@c.us`,
            lid: `${FIRST_LID + n}@lid`,
            name,
        };

        this.people.set(number, person);
        this.byLid.set(person.lid, person);

        return person;
    }

    /* the person behind "15550000002@c.us" or "…@lid"; undefined if none */
    find(wid) {
        return this.byLid.get(wid) || this.people.get(userOf(wid));
    }

    list() {
        return [...this.people.values()];
    }
}


/* "15550000002" of "15550000002@c.us", undefined for any other kind */
function userOf(wid) {
    const match = /^(\d+)@c\.us$/.exec(wid);

    return match ? match[1] : undefined;
}


/* the digits before the @ */
function digitsOf(wid) {
    return String(wid).split('@')[0];
}


module.exports = { Directory, digitsOf };
