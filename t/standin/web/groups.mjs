/*
 * Groups as the page knows them, and what it asks the server to do to them:
 * WAWebGroupCreateJob, WAWebGroupModifyInfoJob, WAWebGroupInviteJob,
 * WAWebGroupModifyParticipantsJob, WAWebModifyParticipantsGroupAction,
 * WAWebExitGroupAction, WAWebGroupQueryBridge and the modules about
 * membership requests, read in 2.3000.1044822804.
 * Much that is refused does not reject: it resolves with less, or otherwise.
 */

import { define } from './define.mjs';
import { chats } from './chats.mjs';
import { createWid, currentMe } from './ids.mjs';
import { ask, ServerStatusCodeError } from './iq.mjs';
import { remember } from './lids.mjs';
import { link } from './link.mjs';
import { Collection, Model, observe } from './model.mjs';


class Participant extends Model {}

observe(Participant, 'participant', ['isAdmin', 'isSuperAdmin']);

class ParticipantCollection extends Collection {
    constructor() {
        super(Participant);
    }

    #me() {
        const { pn, lid } = currentMe();

        return this.get(pn) || this.get(lid);
    }

    iAmMember() {
        return this.#me() !== undefined;
    }

    iAmAdmin() {
        return Boolean(this.#me() && this.#me().isAdmin);
    }

    iAmSuperAdmin() {
        return Boolean(this.#me() && this.#me().isSuperAdmin);
    }

    iAmRestrictedMember() {
        return this.iAmMember() && !this.iAmAdmin();
    }

    canAdd() {
        return this.iAmAdmin();
    }

    canPromote(one) {
        return this.iAmAdmin() && !one.isAdmin;
    }

    canDemote(one) {
        return this.iAmAdmin() && one.isAdmin && !one.isSuperAdmin;
    }

    canRemove(one) {
        return this.iAmAdmin() && !one.isSuperAdmin;
    }
}

class GroupMetadata extends Model {
    constructor(attributes) {
        super({ stale: false, ...attributes });
        this.participants = new ParticipantCollection();
    }

    #mayChange() {
        return this.participants.iAmAdmin()
               || (this.participants.iAmMember() && !this.restrict);
    }

    canSetSubject() {
        return this.#mayChange();
    }

    canSetDescription() {
        return this.#mayChange();
    }

    canSetGroupProperty() {
        return this.participants.iAmAdmin();
    }

    canSetEphemeralSetting() {
        return this.participants.iAmAdmin();
    }
}

observe(GroupMetadata, 'groupMetadata', ['subject', 'desc', 'announce']);

class GroupMetadataCollectionImpl extends Collection {
    constructor() {
        super(GroupMetadata);
    }

    /* wa-js knows this collection by this method's name */
    _handleParentGroupChange() {}
}

const groups = new GroupMetadataCollectionImpl();

/* the server's word for one participant */
const DONE = 200;


/* a group as the server describes it */
function update(group) {
    const id = createWid(group.id);
    const [data] = groups.add({ id });
    const [chat] = chats.add({ id });
    const { participants } = data;

    data.set({
        subject: group.subject,
        desc: group.desc,
        descId: group.descId,
        creation: group.creation,
        owner: createWid(group.owner),
        announce: group.announce,
        restrict: group.restrict,
        isLidAddressingMode: group.lid,
        memberAddMode: 'admin_add',
    });

    for (const one of participants.getModelsArray()) {
        participants.remove(one.id);
    }

    participants.add(group.participants.map((one) => (
        { ...one, id: createWid(one.id) })));

    for (const { pn, lid } of group.participants) {
        remember(pn, lid);
    }

    chat.set({
        name: group.subject,
        formattedTitle: group.subject,
        groupMetadata: data,
    });
}


/* ==== what the page does ==== */

/* a lid in the place of a number is sent as a number, too */
function address({ phoneNumber, lid }) {
    return {
        id: String(lid || phoneNumber),
        pn: phoneNumber && String(phoneNumber),
    };
}


function byId(wid) {
    return { id: String(wid) };
}


/*
 * announce and restrict: that everybody may write, and may change the group.
 * people: {phoneNumber, lid}
 */
async function createGroup(groupOptions, people, outContacts) {
    const { title, announce, restrict } = groupOptions;
    const answer = await ask('group.create', {
        subject: title,
        announce: !announce,
        restrict: !restrict,
        participants: [
            ...people.map(address), ...(outContacts || []).map(byId),
        ],
    });

    return {
        wid: createWid(answer.id),
        subject: title,
        creator: currentMe().pn,
        ts: Math.floor(Date.now() / 1000),
        participants: answer.participants.map((one) => ({
            wid: createWid(one.id),
            username: undefined,
            error: one.code === DONE ? null : one.code,
            type: 'participant',
            invite_code: undefined,
            invite_code_exp: undefined,
        })),
        invitedOutContacts: [],
    };
}


/* `action` to these people, {id, pn}; what the server says of each */
async function change(name, id, people, more) {
    const { participants } = await ask('group.participants', {
        id: String(id), action: name, participants: people, more,
    });

    return {
        status: 207,
        participants: participants.map((one) => ({
            userWid: createWid(one.id),
            username: null,
            code: String(one.code),
            invite_code: null,
            invite_code_exp: null,
        })),
    };
}


class ActionError extends Error {
    constructor() {
        super();
        this.name = 'ActionError';
    }
}


/*
 * The user interface's way to do the same. It refuses by itself what the
 * account may not do; what the server says of each it shows on the screen
 * and tells nobody.
 */
function action(name, isAllowed) {
    return async (chat, participants) => {
        const data = chat.groupMetadata;

        if (!data || participants.some(
            (one) => !isAllowed(data.participants, one)))
        {
            throw new ActionError();
        }

        await change(name, chat.id, participants.map(({ id }) => byId(id)));
    };
}


const jobs = {
    addGroupParticipants: (id, people, outContacts) => change(
        'add', id, people.map(address), outContacts),
    removeGroupParticipants: (id, people) => change(
        'remove', id, people.map(byId)),
    promoteGroupParticipants: (id, people, isLid) => change(
        'promote', id, people.map(byId), isLid),
    demoteGroupParticipants: (id, people, isLid) => change(
        'demote', id, people.map(byId), isLid),
};


/* one object; a description that is null is taken away */
function setGroupDescription({ groupWid, desc, newDescId, prevDescId }) {
    return ask('group.update', {
        id: groupWid.toString(),
        desc: desc === null || desc === undefined ? '' : desc,
        descId: newDescId,
        prevDescId,
    }).then(() => undefined);
}


/* adding by the user interface; it shows whom the server refuses */
async function addByUi(chat, contacts, outContacts) {
    await change('add', chat.id, contacts.map(({ id }) => byId(id)),
                 outContacts);
}


class GroupAlreadyExistsError extends Error {
    constructor() {
        super('CreateResponseGroupAlreadyExists');
        this.name = 'GroupAlreadyExistsError';
    }
}


/* only the number 1 switches on; a refusal is an answer like any other */
async function setGroupProperty(id, property, value) {
    const name = { announcement: 'announce', restrict: 'restrict' }[property];

    if (!name && property !== 'ephemeral') {
        throw new Error(`invalid group property ${property}`);
    }

    try {
        await ask('group.update', {
            id: String(id), ...(name && { [name]: value === 1 }),
        });

        return { name: 'SetPropertyResponseSuccess', value: {} };

    } catch (e) {
        if (!(e instanceof ServerStatusCodeError)) {
            throw e;
        }

        return {
            name: 'SetPropertyResponseClientError',
            value: {
                errorSetPropertyClientErrors: {
                    value: { code: String(e.status), text: e.message },
                },
            },
        };
    }
}


/* false if the server refuses */
async function sendExitGroup(chat) {
    const { pn, lid } = currentMe();

    try {
        await ask('group.leave', { id: String(chat.id) });
    } catch (e) {
        if (e instanceof ServerStatusCodeError) {
            return false;
        }

        throw e;
    }

    chat.groupMetadata.participants.remove(pn);
    chat.groupMetadata.participants.remove(lid);
    chat.isReadOnly = true;

    return true;
}


async function queryGroupInviteCode(data) {
    if (!data.participants.iAmAdmin()) {
        throw new ServerStatusCodeError(401);
    }

    data.inviteCode = await fetchInviteCode(data.id);
}


function fetchInviteCode(id) {
    return ask('group.invite', { id: String(id) });
}


async function inviteInfo(code) {
    const { id, subject } = await ask('group.info', { code });

    return {
        status: 200,
        groupInfo: {
            id: createWid(id),
            subject,
            participants: [],
            membershipApprovalMode: false,
        },
    };
}


/* ==== those who ask to join ==== */

/* the page's table of them, by group */
const requests = new Map();

async function refreshRequests(id) {
    const asking = await ask('group.requests', { id: String(id) });

    for (const one of asking) {
        if (one.id.endsWith('@lid')) {
            remember(one.pn, one.id);
        }
    }

    requests.set(String(id), asking.map((one) => ({
        id: createWid(one.id),
        t: one.t,
        addedBy: createWid(one.id),
        requestMethod: 'InviteLink',
        parentGroupId: undefined,
    })));
}

/* people: {lid, phoneNumber, username}; a Wid in their place is nobody */
async function answerRequests(id, people, action) {
    const answers = await ask('group.answer', {
        id: String(id),
        isApproved: action === 'Approve',
        participants: people.map(({ lid, phoneNumber }) => ({
            id: String(lid || phoneNumber),
            pn: phoneNumber ? String(phoneNumber) : undefined,
        })),
    });

    return answers.map((one) => ({
        wid: createWid(one.id),
        username: undefined,
        error: one.code === DONE ? null : {
            name: 'ParticipantRequestNotFound',
            value: { error: String(one.code) },
        },
        phoneNumber: undefined,
    }));
}


export function defineGroups() {
    link.on('frame:group', (frame) => update(frame.group));
    link.on('frame:linked', (frame) => frame.groups.forEach(update));

    define('WAWebGroupMetadataModel', { default: GroupMetadata });
    define('WAWebGroupMetadataCollection', { default: groups });
    define('WAWebGroupParticipantModel', { default: Participant });
    define('WAWebGroupParticipantCollection', {
        default: ParticipantCollection,
    });

    define('WAWebGroupQueryJob', {
        queryAllGroups: async () => (await ask('group.list', {})).map(
            (group) => ({ ...group, id: createWid(group.id) })),
    });
    define('WAWebGroupQueryBridge', {
        sendQueryGroupInvite: (code) => inviteInfo(code),
    });
    define('WAWebGroupCreateJob', { createGroup, GroupAlreadyExistsError });
    define('WAWebGroupModifyInfoJob', {
        setGroupSubject: (id, subject) => ask('group.update', {
            id: String(id), subject,
        }).then(() => undefined),
        setGroupDescription: (description) => setGroupDescription(
            description),
        setGroupProperty,
    });
    define('WAWebGroupModifyParticipantsJob', jobs);
    define('WAWebModifyParticipantsGroupAction', {
        addParticipants: addByUi,
        removeParticipants: action('remove',
                                   (all, one) => all.canRemove(one)),
        promoteParticipants: action('promote',
                                    (all, one) => all.canPromote(one)),
        demoteParticipants: action('demote',
                                   (all, one) => all.canDemote(one)),
        promoteCommunityParticipants: action('promote', () => true),
        demoteCommunityParticipants: action('demote', () => true),
    });
    define('WAWebGroupInviteJob', {
        resetGroupInviteCode: async (id) => ({
            code: await ask('group.invite', { id: String(id), reset: true }),
        }),
        joinGroupViaInvite: async (code, needsApproval) => ({
            gid: createWid(await ask('group.join', { code, needsApproval })),
        }),
    });
    define('WAWebGroupInviteAction', {
        queryGroupInviteCode: (data) => queryGroupInviteCode(data),
    });
    define('WAWebMexFetchGroupInviteCodeJob', {
        fetchMexGroupInviteCode: (id) => fetchInviteCode(id),
    });
    define('WAWebGroupGetMembershipApprovalRequestsJob', {
        queryAndUpdateGroupMembershipApprovalRequests: (id) => (
            refreshRequests(id)),
    });
    define('WAWebApiMembershipApprovalRequestStore', {
        getMembershipApprovalRequests: async (id) => (
            requests.get(String(id)) || []),
    });
    define('WAWebGroupMembershipRequestsActionJob', {
        MembershipApprovalRequestAction: {
            Approve: 'Approve', Reject: 'Reject',
        },
        membershipApprovalRequestAction: (id, people, what) => answerRequests(
            id, people, what),
    });
    define('WAWebExitGroupAction', {
        sendExitGroup: (chat) => sendExitGroup(chat),
    });
}
