'use strict';

/*
 * Groups: what there is, and what a member or an admin can do.
 */
(function () {
    const tools = window.__whatsappControllerTools;

    /* a frame */
    if (!tools) {
        return;
    }

    const {
        Failure, demand, findPerson, isMember, isOwn, isText, limits,
        numberOf, parseRecipient, textOr, within,
    } = tools;

    const TIMEOUT = 25000;                                         /* ms */
    const INVITE = 'https://chat.whatsapp.com/';
    const INVITE_CODE = /^[\w-]{8,40}$/;

    const BINDINGS = {
        groups: [
            'group.addParticipants', 'group.create',
            'group.demoteParticipants', 'group.getAllGroups',
            'group.getInviteCode', 'group.iAmAdmin', 'group.join',
            'group.leave', 'group.promoteParticipants',
            'group.removeParticipants', 'group.revokeInviteCode',
            'group.setDescription', 'group.setProperty', 'group.setSubject',
            'whatsapp.GroupMetadataStore.find',
            'whatsapp.functions.createGroup',
            'whatsapp.functions.queryAllGroups',
            'whatsapp.functions.sendExitGroup',
            'whatsapp.functions.sendSetGroupSubject',
        ],
    };

    /* wa-js refuses with these before anything is handed to WhatsApp */
    const REFUSED = {
        group_you_are_not_admin: 'forbidden_action',
        invalid_invite_code: 'invalid_parameter',
        not_a_group: 'group_not_found',
        participant_not_exists: 'not_on_whatsapp',
        you_are_not_allowed_set_group_description: 'forbidden_action',
        you_are_not_allowed_set_group_property: 'forbidden_action',
        you_are_not_allowed_set_group_subject: 'forbidden_action',
    };

    /* what wa-js says of one participant, as WhatsApp's server would */
    const REFUSED_CODES = {
        group_participant_is_already_a_group_admin: 409,
        group_participant_is_already_not_a_group_admin: 409,
        group_participant_is_not_a_group_member: 404,
        group_participant_not_found: 404,
        not_valid_group_participants: 404,
    };

    /* codes of WhatsApp's server, which are HTTP's */
    const DONE = 200;
    const NOT_FOUND = 404;

    /* one participant after the other; adding takes all at once */
    const ACTIONS = {
        remove: (id, wid) => window.WPP.group.removeParticipants(id, wid),
        promote: (id, wid) => window.WPP.group.promoteParticipants(id, wid),
        demote: (id, wid) => window.WPP.group.demoteParticipants(id, wid),
    };


    /* one step of a group's life; the failure that it ends in */
    async function doing(promise) {
        try {
            return await within(TIMEOUT, promise, 'unknown');
        } catch (e) {
            throw e && Object.hasOwn(REFUSED, e.code)
                ? new Failure(REFUSED[e.code],
                              `WhatsApp Web did not do it: ${e.code}`)
                : e;
        }
    }

    /* what follows a step that was done: a refusal is no longer "nothing" */
    async function doingAfter(promise) {
        try {
            return await doing(promise);
        } catch (e) {
            throw e instanceof Failure
                ? new Failure(e.code, e.message, 'unknown') : e;
        }
    }

    async function needGroup(group) {
        const wid = /^\d[\d-]{4,40}@g\.us$/.test(group)
            ? window.WPP.whatsapp.WidFactory.createWid(group) : null;

        if (!wid || !await isMember(wid)) {
            throw new Failure('group_not_found',
                              'The account is in no such group');
        }

        return wid;
    }

    function checkSubject(subject) {
        demand(textOr('', subject).trim() !== ''
               && isText(subject, 1, limits.SUBJECT_MAX),
               'The subject is missing or too long');
    }

    function checkDescription(description) {
        demand(isText(description, 0, limits.DESCRIPTION_MAX),
               'The description is too long');
    }


    /* ==== looking ==== */

    async function listGroups() {
        const chats = await doing(window.WPP.group.getAllGroups());
        const { GroupMetadataStore } = window.WPP.whatsapp;

        return {
            groups: chats.filter(Boolean).map((chat) => {
                const data = GroupMetadataStore.get(chat.id) || {};

                return {
                    id: String(chat.id),
                    subject: subjectOf(chat, data),
                    created_at: Number(data.creation) || null,
                };
            }),
        };
    }

    async function getGroup({ group }) {
        const { ChatStore, GroupMetadataStore } = window.WPP.whatsapp;
        const wid = await needGroup(group);
        const data = await doing(GroupMetadataStore.find(wid));
        const members = data.participants.getModelsArray();

        return {
            id: String(wid),
            subject: subjectOf(ChatStore.get(wid), data),
            description: textOr('', data.desc),
            created_at: Number(data.creation) || null,
            creation_timestamp: Number(data.creation) || null,
            suspended: Boolean(data.suspended),
            join_approval_mode: data.membershipApprovalMode
                ? 'approval_required' : 'auto_approve',
            owner: data.owner ? numberOf(data.owner) : null,
            announce: Boolean(data.announce),
            /* as Meta counts: without the account itself */
            total_participant_count:
                members.filter(({ id }) => !isOwn(id)).length,
            participants: members.map((one) => ({
                wa_id: numberOf(one.id),
                admin: Boolean(one.isAdmin || one.isSuperAdmin),
            })),
        };
    }

    function subjectOf(chat, data) {
        return textOr('', data.subject || chat.formattedTitle || chat.name);
    }


    /* ==== participants ==== */

    function checkParticipants(participants) {
        demand(Array.isArray(participants)
               && participants.length <= limits.PARTICIPANTS_MAX,
               'The participants are no list, or too many');
    }

    /* [{input, wid, wa_id}]; wid is null for who is not on WhatsApp */
    async function findPeople(participants) {
        const found = [];

        for (const input of participants) {
            const id = parseRecipient(input);
            const wid = window.WPP.whatsapp.WidFactory.createWid(id);
            const person = await findPerson(wid);

            found.push({
                input,
                wid: person && String(person.phone),
                wa_id: person && person.phone.user,
            });
        }

        return found;
    }

    /* codes by number: {"15550000002": 200} */
    function codesOf(results) {
        const { createWid } = window.WPP.whatsapp.WidFactory;

        return new Map(Object.values(results || {}).map((one) => (
            [numberOf(createWid(String(one.wid))), Number(one.code)])));
    }

    function answerFor(people, codes) {
        return people.map(({ input, wa_id: waId }) => ({
            input,
            wa_id: waId,
            code: waId ? codes.get(waId) || DONE : NOT_FOUND,
        }));
    }

    async function changeParticipants({ group, action, participants }) {
        const id = String(await needGroup(group));

        demand(action === 'add' || Object.hasOwn(ACTIONS, action),
               'There is no such action');
        checkParticipants(participants);

        const people = await findPeople(participants);
        const known = people.filter(({ wid }) => wid);
        const codes = action === 'add'
            ? await addPeople(id, known)
            : await changePeople(id, known, ACTIONS[action]);

        return { participants: answerFor(people, codes) };
    }

    async function addPeople(id, people) {
        if (people.length === 0) {
            return new Map();
        }

        return codesOf(await doing(window.WPP.group.addParticipants(
            id, people.map(({ wid }) => wid))));
    }

    async function changePeople(id, people, change) {
        const codes = new Map();

        for (const { wid, wa_id: waId } of people) {
            try {
                await (codes.size > 0 ? doingAfter : doing)(change(id, wid));
                codes.set(waId, DONE);
            } catch (e) {
                if (!e || !Object.hasOwn(REFUSED_CODES, e.code)) {
                    throw e;
                }

                codes.set(waId, REFUSED_CODES[e.code]);
            }
        }

        return codes;
    }


    /* ==== the group itself ==== */

    async function createGroup({ subject, description, participants }) {
        checkSubject(subject);
        checkParticipants(participants || []);

        if (description) {
            checkDescription(description);
        }

        const people = await findPeople(participants || []);
        const made = await doing(window.WPP.group.create(
            subject, people.flatMap(({ wid }) => wid || [])));
        const id = String(made.gid);

        await openToAll(id);

        if (description) {
            await doingAfter(window.WPP.group.setDescription(id,
                                                             description));
        }

        return {
            id,
            participants: answerFor(people, codesOf(made.participants)),
        };
    }

    /* wa-js makes groups in which only admins may write */
    async function openToAll(id) {
        const { GroupMetadataStore } = window.WPP.whatsapp;
        const data = GroupMetadataStore.get(id);

        if (data && data.announce) {
            await doingAfter(window.WPP.group.setProperty(
                id, 'announcement', false));
        }
    }

    async function updateGroup({ group, subject, description }) {
        const id = String(await needGroup(group));
        const isGiven = (value) => value !== undefined && value !== null;

        if (isGiven(subject)) {
            checkSubject(subject);
        }

        if (isGiven(description)) {
            checkDescription(description);
        }

        if (isGiven(subject)) {
            await doing(window.WPP.group.setSubject(id, subject));
        }

        if (isGiven(description)) {
            await (isGiven(subject) ? doingAfter : doing)(
                window.WPP.group.setDescription(id, description));
        }

        return {};
    }

    async function inviteToGroup({ group, reset }) {
        const id = String(await needGroup(group));
        const answer = await doing(reset
            ? window.WPP.group.revokeInviteCode(id)
            : window.WPP.group.getInviteCode(id));

        /* newer versions of WhatsApp Web answer with an object */
        return { invite_link: INVITE + (answer.code || answer) };
    }

    async function joinGroup({ code }) {
        const bare = String(code).trim().replace(INVITE, '')
            .replace(/^invite\//, '').replace(/\?.*$/, '');

        demand(INVITE_CODE.test(bare), 'This is not an invitation');

        const { id, pendingApproval } = await doing(
            window.WPP.group.join(bare));

        return { id: String(id), pending: Boolean(pendingApproval) };
    }

    async function leaveGroup({ group }) {
        const id = String(await needGroup(group));

        await doing(window.WPP.group.leave(id));
        return {};
    }


    Object.assign(tools.bindings, BINDINGS);

    for (const [name, run, effect] of [
        ['group.list', listGroups, false],
        ['group.get', getGroup, false],
        ['group.create', createGroup, true],
        ['group.participants', changeParticipants, true],
        ['group.update', updateGroup, true],
        ['group.invite', inviteToGroup, true],
        ['group.join', joinGroup, true],
        ['group.leave', leaveGroup, true],
    ]) {
        tools.methods[name] = { run, effect, needs: 'groups' };
    }
}());
