/*
 * Whom the account blocks: WAWebBlockContactAction, WAWebBlocklistCollection
 * and WAWebContactBlocklistUtils, read in 2.3000.1044822804. A migrated
 * account blocks lids only; where it finds none it throws a bare string.
 */

import { define } from './define.mjs';
import { chats } from './chats.mjs';
import { createWid } from './ids.mjs';
import { ask } from './iq.mjs';
import { getCurrentLid, getPhoneNumber } from './lids.mjs';
import { link } from './link.mjs';
import { Collection, Model } from './model.mjs';
import { isMigrated } from './session.mjs';


class Blocked extends Model {}

class Blocklist extends Collection {
    constructor() {
        super(Blocked);
    }
}

export const blocklist = new Blocklist();


function onBlocked({ blocked }) {
    for (const one of blocklist.getModelsArray()) {
        blocklist.remove(one.id);
    }

    blocklist.add(blocked.map((id) => ({ id: createWid(id) })));
}


/* by this id, or the other one of the same person */
function isBlocked({ id }) {
    const other = id.isLid() ? getPhoneNumber(id) : getCurrentLid(id);

    return [id, other].some((one) => one && blocklist.get(one));
}


/* the id that is blocked for a contact */
function targetOf({ id }, entryPoint) {
    if (id.isLid() || !isMigrated()) {
        return id;
    }

    const chat = chats.get(id);

    if (!chat) {
        throw `[blocklist] trying to block a pn contact (id: ${
            id.toLogString()}) without a chat,  entryPoint: ${entryPoint}`;
    }

    if (!chat.accountLid) {
        throw `[blocklist] no accountLid for chat: ${
            chat.id.toLogString()}, entryPoint: ${entryPoint}`;
    }

    return chat.accountLid;
}


async function setBlocked(contact, blocked, entryPoint = 'null') {
    if (isBlocked(contact) === blocked) {
        return;
    }

    const target = targetOf(contact, entryPoint);

    await ask('block', { id: String(target), blocked });

    if (blocked) {
        blocklist.add({ id: target });
    } else {
        blocklist.remove(target);
    }
}


export function defineBlocklist() {
    link.on('frame:blocked', onBlocked);
    link.on('frame:linked', onBlocked);

    define('WAWebBlocklistCollection', { BlocklistCollection: blocklist });
    define('WAWebBlockContactAction', {
        blockContact: ({ contact }) => setBlocked(contact, true),
        unblockContact: (contact, entryPoint) => setBlocked(
            contact, false, entryPoint),
    });
}
