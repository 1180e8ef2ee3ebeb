'use strict';

/*
 * Who exists: the account's own number, and people with their lids. Nobody
 * here is real: +1 555 000 00xx and the areas 00 and 000 are not assigned.
 */

const OWN_NUMBER = '15550000001';
const OWN_NAME = 'Stand-in';

/* index n is +1 555 000 000n; the account itself is number 1 by default */
const NAMES = [
    null, 'Zoe', 'Alice', 'Bob', 'Carol', 'Dave', 'Erin', 'Frank', 'Grace',
    'Heidi',
];

/*
 * Numbers that people write otherwise than WhatsApp does: a Brazilian one
 * with a ninth digit that WhatsApp's lacks, a Mexican one without the 1 and
 * an Argentinian one without the 9 behind the country's code.
 */
const ALIASES = [
    { number: '550055500011', written: '5500955500011', name: 'Ivo' },
    { number: '5210005550012', written: '520005550012', name: 'Julia' },
    { number: '5490005550013', written: '540005550013', name: 'Karla' },
];

const FIRST_LID = 100000000000000;


class Directory {
    constructor(ownNumber, ownName) {
        this.people = new Map();
        this.byLid = new Map();

        /* people by a number that they are written with */
        this.byAlias = new Map();
        this.own = this.#add(ownNumber || OWN_NUMBER, 0, ownName || OWN_NAME);

        for (let n = 1; n < NAMES.length; n++) {
            const number = `1555000000${n}`;

            if (!this.people.has(number)) {
                this.#add(number, n, NAMES[n]);
            }
        }

        this.#addAliases();
    }

    #addAliases() {
        ALIASES.forEach(({ number, written, name }, n) => {
            if (!this.people.has(number)) {
                this.byAlias.set(written,
                                 this.#add(number, NAMES.length + n, name));
            }
        });
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

    /* the person with these digits, also if people write them otherwise */
    findWritten(digits) {
        return this.people.get(digits) || this.byAlias.get(digits);
    }

    /* the number of a person, the digits of any other id */
    numberOf(wid) {
        const person = this.find(wid);

        return person && person.number ? person.number : digitsOf(wid);
    }

    /* somebody whose number nobody knows; found by the lid from then on */
    stranger(lid, name) {
        if (!this.byLid.has(lid)) {
            this.byLid.set(lid, { number: null, wid: null, lid, name });
        }

        return this.byLid.get(lid);
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
