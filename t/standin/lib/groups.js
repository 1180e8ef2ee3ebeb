'use strict';

/*
 * Groups: who is in them, who is an admin, and what the server lets them do.
 */

const crypto = require('node:crypto');

const FIRST_ID = '120363000000000001@g.us';
const FIRST_SUBJECT = 'Stand-in group';
const FIRST_MEMBERS = ['15550000002', '15550000003'];
const MAX_GROUPS = 1000;
const SUBJECT_LENGTH = 128;
const CODE_BYTES = 16;

/* answers of WhatsApp's server about one participant */
const DONE = 200;
const FORBIDDEN = 403;
const NOT_FOUND = 404;
const ALREADY = 409;


/* the server says no; status is one of HTTP's */
class Refusal extends Error {
    constructor(status) {
        super('refused');
        this.status = status;
    }
}


class Groups {
    #directory;
    #groups = new Map();
    #changed;
    #last = 1;

    /*
     * isLid: the first group goes by lids. changed(group) is called whenever
     * a group is not what it was.
     */
    constructor(directory, isLid, changed) {
        this.#directory = directory;
        this.#changed = changed;
        this.#add(FIRST_ID, directory.own,
                  { subject: FIRST_SUBJECT, lid: isLid }, FIRST_MEMBERS);
    }

    get(id) {
        return this.#groups.get(id);
    }

    list() {
        return [...this.#groups.values()];
    }

    isMember(id, person) {
        const group = this.#groups.get(id);

        return group !== undefined && group.members.has(person.number);
    }

    /* in some groups only admins may */
    mayWrite(id, person) {
        const group = this.#groups.get(id);

        return this.isMember(id, person)
               && (!group.announce || group.members.get(person.number));
    }

    ofMember(person) {
        return this.list().filter(({ members }) => (
            members.has(person.number)));
    }

    /* somebody makes a group; members are numbers that exist */
    create(owner, options, members) {
        const id = `12036300000${String(++this.#last).padStart(7, '0')}@g.us`;

        if (this.#groups.size >= MAX_GROUPS) {
            throw new Refusal(FORBIDDEN);
        }

        if (!isSubject(options.subject)) {
            throw new Refusal(406);
        }

        const group = this.#add(id, owner, options, members);

        this.#changed(group);
        return group;
    }

    #add(id, owner, options, members) {
        const group = {
            id,
            subject: options.subject,
            desc: '',
            descId: null,
            picture: null,
            creation: Math.floor(Date.now() / 1000),
            owner: owner.number,
            announce: Boolean(options.announce),
            restrict: Boolean(options.restrict),

            /* its participants go by their lids */
            lid: Boolean(options.lid),
            code: newCode(),

            /* numbers of those who ask to join, and when they did, in s */
            requests: new Map(),

            /* numbers, and whether they are admins */
            members: new Map([[owner.number, true]]),
        };

        for (const number of members) {
            if (!group.members.has(number)) {
                group.members.set(number, false);
            }
        }

        this.#groups.set(id, group);
        return group;
    }

    /* the group, in which this person is, and an admin if need be */
    need(id, person, asAdmin) {
        const group = this.#groups.get(id);

        if (!group || !group.members.has(person.number)) {
            throw new Refusal(NOT_FOUND);
        }

        if (asAdmin && !group.members.get(person.number)) {
            throw new Refusal(FORBIDDEN);
        }

        return group;
    }

    update(id, person,
           { subject, desc, descId, announce, restrict, picture }) {
        const group = this.#groups.get(id);

        this.need(id, person, (group && group.restrict)
                  || announce !== undefined || restrict !== undefined);

        if (subject !== undefined && !isSubject(subject)) {
            throw new Refusal(406);
        }

        for (const [name, value] of Object.entries(
            { subject, desc, descId, announce, restrict, picture }))
        {
            if (value !== undefined) {
                group[name] = value;
            }
        }

        this.#changed(group);
    }

    /* [{id, code}] for these ids of people */
    change(id, person, action, ids) {
        const group = this.need(id, person, true);
        const results = ids.map((wid) => {
            const one = this.#directory.find(wid);

            return {
                id: wid,
                code: one ? changeOne(group, action, one.number) : NOT_FOUND,
            };
        });

        this.#changed(group);
        return results;
    }

    /* somebody asks to join */
    ask(id, person) {
        const group = this.#groups.get(id);

        if (!group || group.members.has(person.number)) {
            throw new Refusal(NOT_FOUND);
        }

        group.requests.set(person.number, Math.floor(Date.now() / 1000));
    }

    /* [{id, pn, t}] of those who ask */
    asking(id, person) {
        const group = this.need(id, person, true);

        return [...group.requests].map(([number, t]) => ({
            id: this.idOf(group, number),
            pn: this.#directory.people.get(number).wid,
            t,
        }));
    }

    /* [{id, code}] for these ids of people who may have asked */
    answer(id, person, isApproved, ids) {
        const group = this.need(id, person, true);
        const results = ids.map((wid) => {
            const one = this.#directory.find(wid);
            const hasAsked = one && group.requests.delete(one.number);

            if (hasAsked && isApproved) {
                group.members.set(one.number, false);
            }

            return { id: wid, code: hasAsked ? DONE : NOT_FOUND };
        });

        this.#changed(group);
        return results;
    }

    invite(id, person, reset) {
        const group = this.need(id, person, true);

        if (reset) {
            group.code = newCode();
        }

        return group.code;
    }

    byCode(code) {
        const group = this.list().find((one) => one.code === code);

        if (!group) {
            throw new Refusal(NOT_FOUND);
        }

        return group;
    }

    join(code, person) {
        const group = this.byCode(code);

        if (!group.members.has(person.number)) {
            group.members.set(person.number, false);
            this.#changed(group);
        }

        return group;
    }

    leave(id, person) {
        const group = this.need(id, person, false);

        group.members.delete(person.number);
        this.#changed(group);
    }

    /* the id of a number's owner in a group */
    idOf(group, number) {
        const person = this.#directory.people.get(number);

        return group.lid ? person.lid : person.wid;
    }

    /* whether phones take this id for somebody in the group */
    knows(id, wid) {
        const group = this.#groups.get(id);

        return [...group.members.keys()].some(
            (number) => this.idOf(group, number) === wid);
    }

    /* as a page sees it */
    show(group) {
        const widOf = (number) => this.idOf(group, number);

        return {
            id: group.id,
            subject: group.subject,
            desc: group.desc,
            descId: group.descId,
            creation: group.creation,
            owner: widOf(group.owner),
            announce: group.announce,
            restrict: group.restrict,
            lid: group.lid,
            participants: [...group.members].map(([number, isAdmin]) => ({
                id: widOf(number),
                pn: this.#directory.people.get(number).wid,
                lid: this.#directory.people.get(number).lid,
                isAdmin,
                isSuperAdmin: number === group.owner,
            })),
        };
    }
}


function changeOne(group, action, number) {
    const { members } = group;

    if (action === 'add') {
        if (members.has(number)) {
            return ALREADY;
        }

        members.set(number, false);
        return DONE;
    }

    if (!members.has(number)) {
        return NOT_FOUND;
    }

    /* who made the group stays its admin */
    if (number === group.owner) {
        return FORBIDDEN;
    }

    if (action === 'remove') {
        members.delete(number);
    } else {
        members.set(number, action === 'promote');
    }

    return DONE;
}


function isSubject(text) {
    return typeof text === 'string' && text !== ''
           && text.length <= SUBJECT_LENGTH;
}


function newCode() {
    return crypto.randomBytes(CODE_BYTES).toString('base64url');
}


module.exports = { Groups, Refusal };
