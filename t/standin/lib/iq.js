'use strict';

/*
 * What a page asks the account's server, beside messages.
 */

const { Refusal } = require('./groups.js');
const { pictureOf } = require('./profile.js');

const ACTIONS = ['add', 'remove', 'promote', 'demote'];

/* all act for the account, whose person is directory.own */
const OPS = {
    /* of digits whose they are, null if nobody's; a lid is never refused */
    'exists': ({ directory }, { id, isPhone }) => {
        const person = isPhone
            ? directory.findWritten(String(id)) : directory.find(String(id));

        if (!person) {
            return isPhone ? null : { pn: null, lid: id, business: false };
        }

        return { pn: person.wid, lid: person.lid, business: false };
    },

    /* the account's phone uploads an expired file again, if it has it */
    'media.reupload': ({ files }, { path }) => {
        const file = files.get(String(path).split('/').pop());

        if (!file || !file.bytes || file.expired === true) {
            throw new Refusal(404);
        }

        file.expired = false;
    },

    'about': ({ profile }, { about }) => {
        need(about === undefined || profile.setAbout(about));

        return profile.about;
    },

    'business': ({ profile }, { members }) => {
        need(members === undefined || profile.edit(members));

        return profile.business;
    },

    'picture': ({ profile }, { picture }) => {
        need(picture === undefined || profile.setPicture(picture));

        return profile.picture && profile.picture.url;
    },

    'block': (account, { id, blocked }) => {
        const person = account.directory.find(id);

        need(person);
        account.block(person, blocked === true);
    },

    'group.list': ({ groups, directory }) => groups
        .ofMember(directory.own).map((group) => groups.show(group)),

    'group.create': (account, args) => {
        const { groups, directory, migrated } = account;

        need(Array.isArray(args.participants));

        const people = args.participants.map(({ id, pn }) => (
            isNumber(pn) ? directory.find(id) : null));
        const group = groups.create(
            directory.own, { ...args, lid: migrated },
            people.filter(Boolean).map(({ number }) => number));

        return {
            id: group.id,
            participants: args.participants.map(({ id }, n) => {
                if (people[n]) {
                    return { id: groups.idOf(group, people[n].number),
                             code: 200 };
                }

                return { id, code: people[n] === null ? 400 : 404 };
            }),
        };
    },

    'group.update': ({ groups, directory }, args) => {
        groups.update(args.id, directory.own, args);
    },

    'group.participants': ({ groups, directory }, args) => {
        need(ACTIONS.includes(args.action)
             && Array.isArray(args.participants));

        const allowed = args.participants.filter(({ pn }) => isNumber(pn));
        const results = groups.change(args.id, directory.own, args.action,
                                      allowed.map(({ id }) => id));
        const codes = new Map(results.map(({ id, code }) => [id, code]));

        return {
            participants: args.participants.map(({ id }) => (
                { id, code: codes.has(id) ? codes.get(id) : 400 })),
        };
    },

    'group.picture': ({ groups, directory }, { id, picture }) => {
        const shown = pictureOf(picture);

        need(shown);
        groups.update(id, directory.own, { picture: shown });

        return shown.url;
    },

    'group.requests': ({ groups, directory }, { id }) => groups.asking(
        id, directory.own),

    'group.answer': ({ groups, directory }, args) => {
        need(Array.isArray(args.participants)
             && args.participants.every(({ pn }) => isNumber(pn)));

        return groups.answer(args.id, directory.own, args.isApproved === true,
                             args.participants.map(({ id }) => id));
    },

    'group.invite': ({ groups, directory }, { id, reset }) => groups.invite(
        id, directory.own, reset === true),

    'group.info': ({ groups }, { code }) => groups.show(groups.byCode(code)),

    'group.join': ({ groups, directory }, { code }) => groups.join(
        code, directory.own).id,

    'group.leave': ({ groups, directory }, { id }) => groups.leave(
        id, directory.own),
};


/* a number's id, or none: a lid in its place is a mistake of the page */
function isNumber(pn) {
    return pn === undefined || pn.endsWith('@c.us');
}


function need(condition) {
    if (!condition) {
        throw new Refusal(400);
    }
}


/* {status, value} for a question */
function answerIq(account, op, args) {
    try {
        const refused = account.faults.get('refuse_iq');

        need(Object.hasOwn(OPS, op));

        if (refused && refused.op === op) {
            throw new Refusal(refused.status);
        }

        return { status: 200, value: OPS[op](account, args) };
    } catch (e) {
        if (e instanceof Refusal) {
            return { status: e.status };
        }

        throw e;
    }
}


module.exports = { answerIq };
