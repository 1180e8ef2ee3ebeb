/*
 * Groups as the page knows them, and what it asks the server to do to them.
 */

import { define } from './define.mjs';
import { chats } from './chats.mjs';
import { createWid } from './ids.mjs';
import { ask } from './iq.mjs';
import { link } from './link.mjs';
import { Collection, Model, observe } from './model.mjs';
import { currentLogin } from './session.mjs';


class Participant extends Model {}

observe(Participant, 'participant', ['isAdmin', 'isSuperAdmin']);

class ParticipantCollectionImpl extends Collection {
    constructor() {
        super(Participant);
    }

    #me() {
        const { wid, lid } = currentLogin();

        return this.get(wid) || this.get(lid);
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
        this.participants = new ParticipantCollectionImpl();
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
    chat.set({
        name: group.subject,
        formattedTitle: group.subject,
        groupMetadata: data,
    });
}


/* ==== what the page does ==== */

async function createGroup(options, people) {
    const { title, announce, restrict } = options;
    const answer = await ask('group.create', {
        subject: title,
        announce,
        restrict,
        participants: people.map((one) => String(one.phoneNumber)),
    });

    return {
        wid: createWid(answer.id),
        participants: answer.participants.map((one) => ({
            wid: createWid(one.id),
            error: one.code === 200 ? null : String(one.code),
            invite_code: null,
            invite_code_exp: null,
        })),
    };
}


/* `action` to these people, by id; what the server says of each */
async function change(action, id, people) {
    const { participants } = await ask('group.participants', {
        id: String(id), action, participants: people,
    });

    return {
        status: 207,
        participants: participants.map((one) => ({
            userWid: createWid(one.id),
            code: String(one.code),
            invite_code: null,
            invite_code_exp: null,
        })),
    };
}


/* the user interface's way to do the same; rejects if somebody refuses */
function action(name) {
    return async (chat, participants) => {
        const { participants: done } = await change(
            name, chat.id, participants.map(({ id }) => String(id)));

        if (done.some(({ code }) => code !== '200')) {
            throw new Error('participants were not changed');
        }
    };
}


function job(name) {
    return (id, people) => change(
        name, id, people.map(({ phoneNumber, id: wid }) => (
            String(phoneNumber || wid))));
}


async function setProperty(id, property, value) {
    await ask('group.update', {
        id: String(id),
        [property === 'announcement' ? 'announce' : property]: Boolean(value),
    });
}


async function inviteInfo(code) {
    const { id, subject } = await ask('group.info', { code });

    return {
        groupInfo: {
            id: createWid(id),
            subject,
            participants: [],
            membershipApprovalMode: false,
        },
    };
}


export function defineGroups() {
    link.on('frame:group', (frame) => update(frame.group));
    link.on('frame:linked', (frame) => frame.groups.forEach(update));

    define('WAWebGroupMetadataModel', { GroupMetadata });
    define('WAWebGroupMetadataCollection', { default: groups });
    define('WAWebParticipantModel', { Participant });

    define('WAWebGroupQueryJob', {
        queryAllGroups: async () => (await ask('group.list', {})).map(
            (group) => ({ ...group, id: createWid(group.id) })),
    });
    define('WAWebGroupQueryBridge', { sendQueryGroupInvite: inviteInfo });
    define('WAWebGroupCreateJob', {
        createGroup,
        GroupAlreadyExistsError: class extends Error {},
    });
    define('WAWebGroupModifyInfoJob', {
        setGroupSubject: (id, subject) => ask('group.update', {
            id: String(id), subject,
        }),
        setGroupDescription: (id, desc, descId) => ask('group.update', {
            id: String(id), desc, descId,
        }),
        setGroupProperty: setProperty,
    });
    define('WAWebGroupModifyParticipantsJob', {
        addGroupParticipants: job('add'),
        removeGroupParticipants: job('remove'),
        promoteGroupParticipants: job('promote'),
        demoteGroupParticipants: job('demote'),
    });
    define('WAWebModifyParticipantsGroupAction', {
        addParticipants: action('add'),
        removeParticipants: action('remove'),
        promoteParticipants: action('promote'),
        demoteParticipants: action('demote'),
        promoteCommunityParticipants: action('promote'),
        demoteCommunityParticipants: action('demote'),
    });
    define('WAWebGroupInviteJob', {
        queryGroupInviteCode: async (id) => (
            { code: await ask('group.invite', { id: String(id) }) }),
        resetGroupInviteCode: async (id) => ({
            code: await ask('group.invite', { id: String(id), reset: true }),
        }),
        joinGroupViaInvite: async (code) => (
            { gid: createWid(await ask('group.join', { code })) }),
    });
    define('WAWebMexFetchGroupInviteCodeJob', {
        fetchMexGroupInviteCode: (id) => ask('group.invite',
                                             { id: String(id) }),
    });
    define('WAWebExitGroupAction', {
        sendExitGroup: (chat) => ask('group.leave', { id: String(chat.id) }),
    });
}
