/*
 * Which number belongs to which lid, and who exists: WAWebApiContact,
 * WAWebLidMigrationUtils, WAWebQueryExistsJob and WAWebDBCreateLidPnMappings,
 * read in 2.3000.1044822804. A number's lid, and a lid's number, are known
 * only after somebody has told: an answer of the server, or a message.
 */

import { define } from './define.mjs';
import {
    asUserWidOrThrow, createWid, currentMe, MsgKey,
} from './ids.mjs';
import { ask } from './iq.mjs';
import { link } from './link.mjs';
import { isMigrated } from './session.mjs';
import * as store from './store.mjs';

const lidPnCache = {
    byPn: new Map(),
    byLid: new Map(),

    add(lid, { phoneNumber }) {
        this.byPn.set(String(phoneNumber), lid);
        this.byLid.set(String(lid), phoneNumber);
    },

    getCurrentLid(wid) {
        return this.byPn.get(String(wid));
    },

    getPhoneNumber(wid) {
        return this.byLid.get(String(wid));
    },

    clear() {
        this.byPn.clear();
        this.byLid.clear();
    },
};


export function remember(pn, lid) {
    if (pn && lid && !lidPnCache.byLid.has(lid)) {
        lidPnCache.add(createWid(lid), { phoneNumber: createWid(pn) });
        store.writeMapping({ lid, pn });
    }
}


async function createLidPnMappings({ mappings }) {
    for (const { pn, lid } of mappings) {
        remember(String(pn), String(lid));
    }
}


export function getCurrentLid(wid) {
    const me = currentMe();

    return me.pn && me.lid && wid.equals(me.pn)
        ? me.lid : lidPnCache.getCurrentLid(wid);
}


export function getPhoneNumber(wid) {
    const me = currentMe();

    return me.pn && me.lid && wid.equals(me.lid)
        ? me.pn : lidPnCache.getPhoneNumber(wid);
}


export function toUserLid(wid) {
    const user = asUserWidOrThrow(wid);

    return user.isLid() ? user : getCurrentLid(user);
}


export function toUserLidOrThrow(wid) {
    const lid = toUserLid(wid);

    if (!lid) {
        throw new Error('No LID for user');
    }

    return lid;
}


/* the other id of a person: the number's lid, or the lid's number */
export function getAlternateUserWid(wid) {
    return wid.isLid() ? getPhoneNumber(wid) : getCurrentLid(wid);
}


/* the key by which a person's message goes in the other addressing mode */
export function getAlternateMsgKey(key) {
    const { fromMe, id, remote, participant } = key;
    const other = remote.isUser() ? getAlternateUserWid(remote)
        : participant && getAlternateUserWid(participant);

    if (!other) {
        return undefined;
    }

    return new MsgKey(remote.isUser()
        ? { fromMe, id, remote: other, participant }
        : { fromMe, id, remote, participant: other });
}


/* whether two ids are those of one person */
export function isSamePerson(one, other) {
    return one.equals(other) || Boolean(
        getAlternateUserWid(one) && getAlternateUserWid(one).equals(other));
}


export function shouldHaveAccountLid(wid) {
    return isMigrated() && wid.isRegularUser();
}


/* ==== asking the server ==== */

/* a lid is never refused; of a number the server says "in" or "out" */
export async function queryWidExists(wid, origin) {
    return wid.isLid()
        ? queryExist({ type: 'lid', wid }, origin)
        : queryExist({ type: 'phone', phone: `+${wid}` }, origin);
}


async function queryExist(asked, origin) {
    const isPhone = asked.type === 'phone';
    const found = await ask('exists', {
        id: isPhone ? asked.phone.replace(/\D/g, '') : String(asked.wid),
        isPhone,
        origin,
    });

    if (isPhone && !found) {
        return null;
    }

    const { pn, lid, business } = found;

    await mappings.createLidPnMappings({
        mappings: pn && lid ? [{ pn, lid }] : [],
        flushImmediately: true,
        learningSource: 'usync',
    });

    return {
        wid: createWid(isMigrated() || !pn ? lid : pn),
        biz: business,
        bizInfo: business ? {} : undefined,
        isUsernameSearch: isPhone ? false : undefined,
    };
}

const mappings = { createLidPnMappings };


export async function defineLids() {
    for (const { lid, pn } of await store.readMappings()) {
        lidPnCache.add(createWid(lid), { phoneNumber: createWid(pn) });
    }

    link.on('frame:linked', ({ wid, lid }) => remember(wid, lid));

    define('WAWebApiContact', {
        lidPnCache, getAlternateUserWid, getCurrentLid, getPhoneNumber,
    });
    define('WAWebLidMigrationUtils', {
        shouldHaveAccountLid, toUserLid, toUserLidOrThrow,
        toLid: (wid) => (wid.isLid() ? wid : getCurrentLid(wid)),
        toPn: (wid) => (wid.isLid() ? getPhoneNumber(wid) : wid),
        getAlternateMsgKey,
    });
    define('WAWebDBCreateLidPnMappings', mappings);
    define('WAWebLid1X1MigrationGating', {
        Lid1X1MigrationUtils: { isLidMigrated: () => isMigrated() },
    });
    define('WAWebQueryExistsJob', {
        queryExist: (asked, origin) => queryExist(asked, origin),
        queryWidExists,
        queryPhoneExists: (phone, origin) => queryExist(
            { type: 'phone', phone }, origin),
    });
}
