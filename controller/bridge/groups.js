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
        Failure, capabilities, demand, findChat, findPerson, isMember, isOwn,
        isText, limits, numberOf, parseRecipient, pictureOf, textOr, whatsapp,
        within,
    } = tools;

    const TIMEOUT = 25000;                                         /* ms */
    const INVITE = 'https://chat.whatsapp.com/';
    const INVITE_CODE = /^[\w-]{8,40}$/;

    const BINDINGS = {
        groups: [
            'group.addParticipants', 'group.getAllGroups',
            'group.getInviteCode', 'group.join', 'group.revokeInviteCode',
            'group.setSubject', 'whatsapp.ChatStore.get',
            'whatsapp.GroupMetadataStore.find', 'whatsapp.MsgKey.newId',
            'whatsapp.functions.createGroup',
            'whatsapp.functions.queryAllGroups',
            'whatsapp.functions.sendDemoteParticipants',
            'whatsapp.functions.sendExitGroup',
            'whatsapp.functions.sendPromoteParticipants',
            'whatsapp.functions.sendRemoveParticipants',
            'whatsapp.functions.sendSetGroupDescription',
            'whatsapp.functions.sendSetGroupSubject',
        ],
        group_picture: [
            'group.setIcon', 'whatsapp.functions.sendSetPicture',
        ],
    };

    /* wa-js refuses with these before anything is handed to WhatsApp */
    const REFUSED = {
        group_you_are_not_admin: 'forbidden_action',
        group_you_are_restricted_member: 'forbidden_action',
        invalid_invite_code: 'invalid_parameter',
        not_a_group: 'group_not_found',
        participant_not_exists: 'not_on_whatsapp',
        you_are_not_allowed_set_group_description: 'forbidden_action',
        you_are_not_allowed_set_group_property: 'forbidden_action',
        you_are_not_allowed_set_group_subject: 'forbidden_action',
    };

    /*
     * A group in which everybody may write and change what it is called: what
     * is true of these two is open.
     */
    const openGroup = (title) => ({
        title,
        announce: true,
        restrict: true,
        memberAddMode: true,
        membershipApprovalMode: false,
        ephemeralDuration: 0,
    });

    /* codes of WhatsApp's server, which are HTTP's */
    const DONE = 200;
    const NOT_FOUND = 404;

    /* how the server refuses a call as a whole */
    const REFUSED_STATUS = new Map([
        [401, ['forbidden_action', 'The account may not do this']],
        [403, ['forbidden_action', 'The account may not do this']],
        [404, ['group_not_found', 'WhatsApp knows no such group']],
        [406, ['invalid_parameter', 'WhatsApp does not take this']],
        [409, ['invalid_parameter', 'This has been done before']],
    ]);

    /* what is done to those who are in the group */
    const ACTIONS = {
        remove: 'sendRemoveParticipants',
        promote: 'sendPromoteParticipants',
        demote: 'sendDemoteParticipants',
    };


    /* one step of a group's life; the failure that it ends in */
    async function doing(promise) {
        try {
            return await within(TIMEOUT, promise, 'unknown');
        } catch (e) {
            throw refusalOf(e);
        }
    }

    function refusalOf(e) {
        if (e && Object.hasOwn(REFUSED, e.code)) {
            return new Failure(REFUSED[e.code],
                               `WhatsApp Web did not do it: ${e.code}`);
        }

        /* ServerStatusCodeError */
        const refused = e && !(e instanceof Failure)
                        && REFUSED_STATUS.get(Number(e.status));

        return refused ? new Failure(...refused) : e;
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
            ? whatsapp.WidFactory.createWid(group) : null;

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
        const { GroupMetadataStore } = whatsapp;

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
        const { ChatStore, GroupMetadataStore } = whatsapp;
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

    /* [{input, person, wa_id}]; null for who is not on WhatsApp */
    async function findPeople(participants) {
        const found = [];

        for (const input of participants) {
            const id = parseRecipient(input);
            const person = await findPerson(
                whatsapp.WidFactory.createWid(id));

            found.push({ input, person, wa_id: person && person.phone.user });
        }

        return found;
    }

    /* codes by number: {"15550000002": 200} */
    function codesOf(results) {
        const { createWid } = whatsapp.WidFactory;

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
        const known = people.filter(({ person }) => person);
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
            id, people.map(({ person }) => String(person.phone)))));
    }

    /* WhatsApp Web's own way of doing it keeps the refusals to itself */
    async function changePeople(id, people, name) {
        const wid = whatsapp.WidFactory.createWid(id);
        const data = await doing(whatsapp.GroupMetadataStore.find(wid));
        const members = new Map(data.participants.getModelsArray().map(
            (one) => [numberOf(one.id), one.id]));
        const there = people.filter(({ wa_id: waId }) => members.has(waId));
        const codes = new Map(people.map(
            ({ wa_id: waId }) => [waId, NOT_FOUND]));

        if (!data.participants.iAmAdmin()) {
            throw new Failure('forbidden_action', 'The account is no admin');
        }

        if (there.length > 0) {
            const answer = await doing(whatsapp.functions[name](
                wid, there.map(({ wa_id: waId }) => members.get(waId)),
                Boolean(data.isLidAddressingMode)));

            for (const { userWid, code } of answer.participants) {
                codes.set(numberOf(userWid), Number(code));
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

        if (people.length > 0 && !people.some(({ person }) => person)) {
            throw new Failure('not_on_whatsapp',
                              'None of the participants is on WhatsApp');
        }

        const made = await doing(whatsapp.functions.createGroup(
            openGroup(subject),
            people.filter(({ person }) => person)
                .map(({ person }) => addressOf(person))));
        const answer = {
            id: String(made.wid),
            participants: answerFor(people, new Map(made.participants.map(
                ({ wid, error }) => [numberOf(wid), Number(error) || DONE]))),
        };

        /* the group is there, whatever becomes of its description */
        try {
            await appear(made.wid);

            if (description) {
                await setDescription(made.wid, description);
            }
        } catch (e) {
            answer.description_error = e instanceof Failure
                ? e.message : 'WhatsApp Web failed to set it';
        }

        return answer;
    }

    /* a lid in the place of a number would be sent as a number */
    function addressOf({ wid, phone }) {
        return {
            phoneNumber: phone.isLid() ? undefined : phone,
            lid: wid.isLid() ? wid : undefined,
        };
    }

    async function appear(wid) {
        await findChat(wid);
        await doing(whatsapp.GroupMetadataStore.find(wid));
    }

    /* an empty one is taken away */
    async function setDescription(wid, text) {
        const { GroupMetadataStore, MsgKey, functions } = whatsapp;
        const set = functions.sendSetGroupDescription;
        const data = await doing(GroupMetadataStore.find(wid));

        if (data.canSetDescription && !data.canSetDescription()) {
            throw new Failure('forbidden_action',
                              'The account may not change the description');
        }

        const newDescId = await MsgKey.newId();
        const prevDescId = data.descId;
        const desc = text === '' ? null : text;

        /* earlier versions took them one by one */
        await doing(set.length === 1
            ? set({ groupWid: wid, desc, newDescId, prevDescId })
            : set(wid, text, newDescId, prevDescId));

        data.descId = newDescId;
        data.desc = text;
    }

    /* wa-js makes the two sizes that WhatsApp wants of it */
    async function setPicture(wid, image) {
        const result = await window.WPP.group.setIcon(String(wid), image);

        if (!result || result.status !== DONE) {
            throw new Failure('page_error', 'WhatsApp refused the picture',
                              'unknown');
        }
    }

    /* picture: what is known of the file, if there is one */
    async function updateGroup({ group, subject, description, picture }, file)
    {
        const wid = await needGroup(group);
        const isGiven = (value) => value !== undefined && value !== null;
        const steps = [];

        if (isGiven(subject)) {
            checkSubject(subject);
            steps.push(() => window.WPP.group.setSubject(String(wid),
                                                         subject));
        }

        if (isGiven(description)) {
            checkDescription(description);
            steps.push(() => setDescription(wid, description));
        }

        if (isGiven(picture)) {
            demand(capabilities.group_picture,
                   'profile_picture_handle cannot be set');

            const image = await pictureOf(file, picture);

            steps.push(() => setPicture(wid, image));
        }

        for (const [index, step] of steps.entries()) {
            await (index === 0 ? doing : doingAfter)(step());
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

    /* a refusal is an answer like any other */
    async function leaveGroup({ group }) {
        const wid = await needGroup(group);
        const isDone = await doing(whatsapp.functions.sendExitGroup(
            whatsapp.ChatStore.get(wid)));

        if (isDone === false) {
            throw new Failure('forbidden_action',
                              'WhatsApp does not let the account leave');
        }

        return {};
    }


    Object.assign(tools.bindings, BINDINGS);
    Object.assign(tools, { doing, needGroup });

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
