/*
 * What others add to messages: reactions and poll votes.
 * WAWebReactionsMsgAction, WAWebReactionsCollection, WAWebReactionDataUtils,
 * WAWebDBGetReactions, WAWebDBCreateOrUpdateReactions,
 * WAWebPollsUpsertVotesModelCollectionMsgAction, WAWebPollsPollVoteCollection,
 * WAWebDBPollsUpsertVotes and WAWebPollsDbSerialization, read in
 * 2.3000.1044822804.
 */

import { define } from './define.mjs';
import { createWid, currentMe, MsgKey } from './ids.mjs';
import { isSamePerson } from './lids.mjs';
import { Collection, Model, observe } from './model.mjs';
import { ACK, messages, save } from './messages.mjs';
import * as store from './store.mjs';

const REVOKED_REACTION_TEXT = '';


/* ==== reactions ==== */

class ReactionsSender extends Model {}

observe(ReactionsSender, 'reactionsSenders', [
    'ack', 'reactionText', 'timestamp', 'read',
]);

class AggReactions extends Model {
    constructor(attributes) {
        super(attributes);
        this.senders = new Collection(ReactionsSender);
    }
}

class Reactions extends Model {
    constructor(attributes) {
        super(attributes);
        this.reactions = new Collection(AggReactions);
    }

    /* {aggregate, sender} of somebody's reaction, or undefined */
    findSender(senderUserJid) {
        for (const aggregate of this.reactions.getModelsArray()) {
            const sender = aggregate.senders.getModelsArray().find(
                (one) => one.senderUserJid === senderUserJid);

            if (sender) {
                return { aggregate, sender };
            }
        }

        return undefined;
    }
}

class ReactionsCollectionImpl extends Collection {
    constructor() {
        super(Reactions);
    }

    async find(key) {
        const known = this.get(key);

        if (known) {
            return known;
        }

        const [model] = this.add({ id: MsgKey.from(String(key)) });

        for (const row of await store.readAddons('reaction', String(key))) {
            this.addOrUpdateReaction(row);
        }

        return model;
    }

    addOrUpdateReaction(row) {
        const model = this.get(row.parentMsgKey);
        const old = model && model.findSender(row.senderUserJid);

        if (!model || (old && old.sender.timestamp > row.timestamp)) {
            return;
        }

        if (old) {
            old.aggregate.senders.remove(old.sender.id);

            if (old.aggregate.senders.length === 0) {
                model.reactions.remove(old.aggregate.id);
            }
        }

        if (row.reactionText !== REVOKED_REACTION_TEXT) {
            const [aggregate] = model.reactions.add({
                id: row.reactionText, aggregateEmoji: row.reactionText,
            });

            aggregate.senders.add({ ...row, id: MsgKey.from(row.msgKey) });
        }
    }
}

const reactions = new ReactionsCollectionImpl();


/* {reactions: [{aggregateEmoji, senders}], reactionByMe} */
async function getReactions(parentMsgKey) {
    const rows = (await store.readAddons('reaction', String(parentMsgKey)))
        .filter(({ reactionText }) => reactionText !== REVOKED_REACTION_TEXT);
    const byMe = rows.find(({ msgKey }) => msgKey.startsWith('true_')) || null;
    const emojis = [...new Set(rows.map(({ reactionText }) => reactionText))];

    return {
        reactions: emojis.map((emoji) => ({
            aggregateEmoji: emoji,
            senders: rows.filter(({ reactionText }) => reactionText === emoji),
            hasReactionByMe: byMe !== null && byMe.reactionText === emoji,
        })),
        reactionByMe: byMe,
    };
}


/* the rows themselves, also of what was taken back */
async function getAllReactionsFromParentMsgs(parentMsgKeys) {
    return (await Promise.all(parentMsgKeys.map(
        (key) => store.readAddons('reaction', key)))).flat();
}


/* those rows that are newer than what was there */
async function createOrUpdateReactions(rows) {
    const taken = [];

    for (const row of rows) {
        const old = (await store.readAddons('reaction', row.parentMsgKey))
            .find(({ senderUserJid }) => senderUserJid === row.senderUserJid);

        if (!old || old.timestamp < row.timestamp) {
            await store.storeAddon('reaction', row);
            taken.push(row);
        }
    }

    return taken;
}


/* by this a reaction reaches the page, also one that is taken back ("") */
async function addOrUpdateReactionsModelCollection(row, { allowNotify }) {
    const parent = MsgKey.from(row.parentMsgKey);
    const model = allowNotify
        ? await reactions.find(parent) : reactions.get(parent);

    if (model) {
        reactions.addOrUpdateReaction(row);
    }

    const msg = messages.get(parent);
    const hasReaction = model ? model.reactions.length > 0
        : row.reactionText !== REVOKED_REACTION_TEXT;

    if (msg && msg.hasReaction !== hasReaction) {
        msg.hasReaction = hasReaction;
        save(msg);
    }
}

const reactionsAction = {
    addOrUpdateReactionsModelCollection: (row, options) => (
        addOrUpdateReactionsModelCollection(row, options)),
};
const reactionsDb = {
    createOrUpdateReactions: (rows) => createOrUpdateReactions(rows),
};


function senderOf({ author, chat, isOwn }) {
    const { lid } = currentMe();

    return author || (isOwn ? String(lid) : chat);
}


/* a row of WAWebReactionDataUtils' reactionMsgDataToReactionRow */
export async function takeReaction(frame) {
    const row = {
        msgKey: frame.id,
        parentMsgKey: frame.target,
        senderUserJid: senderOf(frame),
        reactionText: frame.emoji,
        timestamp: frame.time,
        t: Math.floor(frame.time / 1000),
        ack: ACK.SENT,
        orphan: 0,
        read: Boolean(frame.isOwn),
    };

    for (const taken of await reactionsDb.createOrUpdateReactions([row])) {
        await reactionsAction.addOrUpdateReactionsModelCollection(
            taken, { allowNotify: !frame.isOffline });
    }
}


/* ==== votes ==== */

class PollVote extends Model {}

observe(PollVote, 'poll_vote', ['ack', 'read', 'selectedOptionLocalIds']);

class PollVoteCollectionImpl extends Collection {
    constructor() {
        super(PollVote);
    }

    getByMsgKey(key) {
        return this.get(`!!${key}`);
    }

    getForParentAddressingModeInsensitive(keys) {
        return keys.map((key) => this.filter(
            ({ parentMsgKey }) => parentMsgKey.equals(key)));
    }
}

const votes = new PollVoteCollectionImpl();


function rowOf(vote) {
    return {
        ...vote,
        msgKey: String(vote.msgKey),
        parentMsgKey: String(vote.parentMsgKey),
        sender: String(vote.sender),
        selectedOptionLocalIds:
            new Uint8Array(vote.selectedOptionLocalIds).buffer,
    };
}


function voteFromDbRow(row) {
    return {
        ...row,
        msgKey: MsgKey.from(row.msgKey),
        parentMsgKey: MsgKey.from(row.parentMsgKey),
        sender: createWid(row.sender),
        selectedOptionLocalIds: [
            ...new Uint8Array(row.selectedOptionLocalIds)],
    };
}


/* what stands on disk afterwards, an older vote does not replace a newer */
async function upsertVotesDb(list) {
    const found = [];

    for (const vote of list) {
        const rows = await store.readAddons('vote',
                                            String(vote.parentMsgKey));
        const old = rows.find(({ sender }) => sender === String(vote.sender));

        if (old && old.senderTimestampMs > vote.senderTimestampMs) {
            found.push(voteFromDbRow(old));
        } else {
            await store.storeAddon('vote', rowOf(vote));
            found.push(vote);
        }
    }

    return found;
}


/* no options: the vote was taken back; restored ones are not news */
function upsertVotesModelCollection(list, toRemove, restoredFromDb = true) {
    for (const vote of list) {
        const old = votes.getForParentAddressingModeInsensitive(
            [vote.parentMsgKey])[0].find(
            ({ sender }) => isSamePerson(sender, vote.sender));

        if (old && old.senderTimestampMs > vote.senderTimestampMs) {
            continue;
        }

        if (old) {
            votes.remove(old.id);
        }

        votes.add({ ...vote, id: `!!${vote.msgKey}`, restoredFromDb });
    }

    for (const key of toRemove || []) {
        votes.remove(`!!${key}`);
    }
}

const votesDb = { upsertVotesDb: (list) => upsertVotesDb(list) };
const votesAction = {
    upsertVotesModelCollection: (list, toRemove, restoredFromDb) => (
        upsertVotesModelCollection(list, toRemove, restoredFromDb)),
};


/* isHidden: a worker writes it to disk, where nothing wraps that */
export async function takeVote(frame) {
    const vote = {
        msgKey: MsgKey.fromString(frame.id),
        parentMsgKey: MsgKey.fromString(frame.target),
        selectedOptionLocalIds: frame.options,
        senderTimestampMs: frame.time,
        t: Math.floor(frame.time / 1000),
        sender: createWid(senderOf(frame)),
        ack: ACK.SENT,
        read: false,
    };

    votesAction.upsertVotesModelCollection(
        await (frame.isHidden ? upsertVotesDb : votesDb.upsertVotesDb)([vote]),
        null, false);
}


/* what is known of polls that come into memory from the disk */
export async function hydrateVotes(found) {
    for (const { id, type } of found) {
        const rows = type === 'poll_creation'
            ? await store.readAddons('vote', String(id)) : [];

        if (rows.length > 0) {
            votesAction.upsertVotesModelCollection(
                rows.map(voteFromDbRow), null, true);
        }
    }
}


/* wa-js knows this function by the name of the table in it */
function getTable() {
    return {
        name: "poll-votes",
        anyOf: async ([index], keys) => (await Promise.all(
            keys.map((key) => store.readAddons('vote', key)))).flat(),
    };
}


export function defineAddons() {
    define('WAWebReactionsBEUtils', { REVOKED_REACTION_TEXT });
    define('WAWebReactionsCollection', { ReactionsCollection: reactions });
    define('WAWebReactionsMsgAction', reactionsAction);
    define('WAWebDBCreateOrUpdateReactions', reactionsDb);
    define('WAWebDBGetReactions', {
        getReactions: (parentMsgKey) => getReactions(parentMsgKey),
        getAllReactionsFromParentMsgs: (parentMsgKeys) => (
            getAllReactionsFromParentMsgs(parentMsgKeys)),
    });
    define('WAWebPollsPollVoteCollection', { PollVoteCollection: votes });
    define('WAWebDBPollsUpsertVotes', votesDb);
    define('WAWebPollsUpsertVotesModelCollectionMsgAction', votesAction);
    define('WAWebPollsDbSerialization', {
        dbRowFromVote: (vote) => rowOf(vote),
        voteFromDbRow: (row) => voteFromDbRow(row),
    });
    define('WAWebPollsVotesSchema', { getTable });
}


