'use strict';

/*
 * What goes wrong on purpose. A fault stays until it is cleared by "none" or
 * has been used up (those with a count).
 */

const COUNTED = [
    'drop_before', 'drop_ack', 'cut_before_ack', 'cut_after_ack', 'refuse',
    'refuse_upload', 'refuse_code',
];
const MAX_COUNT = 1000000;
const MAX_DELAY = 3600000;


class FaultError extends Error {}


class Faults {
    constructor() {
        this.clear();
    }

    clear() {
        this.counts = Object.fromEntries(COUNTED.map((kind) => [kind, 0]));
        this.delay = 0;
        this.holdAcks = false;
        this.conflict = false;
        this.restricted = false;
        this.offline = false;
        this.web = null;
    }

    /* records one fault; what must happen at once is the account's business */
    set(kind, body) {
        if (COUNTED.includes(kind)) {
            this.counts[kind] = integer(body.count, 1, 1, MAX_COUNT, 'count');
            return;
        }

        switch (kind) {
        case 'delay_ack':
            this.delay = integer(body.ms, 1000, 0, MAX_DELAY, 'ms');
            return;
        case 'hold_ack':
            this.holdAcks = true;
            return;
        case 'conflict':
            this.conflict = true;
            return;
        case 'restricted':
            this.restricted = true;
            return;
        case 'offline':
            this.offline = true;
            return;
        case 'web_version':
            this.web = {
                version: text(body.version, 'version'),
                rename: text(body.rename, 'rename'),
            };
            return;
        default:
            throw new FaultError('unknown kind');
        }
    }

    /* uses up one of a counted fault; whether there was one */
    take(kind) {
        if (this.counts[kind] === 0) {
            return false;
        }

        this.counts[kind]--;
        return true;
    }

    /* what is active, as GET /api/state shows it */
    active() {
        const faults = {};

        for (const kind of COUNTED) {
            if (this.counts[kind] > 0) {
                faults[kind] = { count: this.counts[kind] };
            }
        }

        if (this.delay > 0) {
            faults.delay_ack = { ms: this.delay };
        }

        if (this.holdAcks) {
            faults.hold_ack = {};
        }

        if (this.conflict) {
            faults.conflict = {};
        }

        if (this.restricted) {
            faults.restricted = {};
        }

        if (this.offline) {
            faults.offline = {};
        }

        if (this.web) {
            faults.web_version = this.web;
        }

        return faults;
    }
}


function integer(value, otherwise, min, max, name) {
    if (value === undefined) {
        return otherwise;
    }

    if (!Number.isInteger(value) || value < min || value > max) {
        throw new FaultError(`${name} must be ${min} to ${max}`);
    }

    return value;
}


/* these end up in the page's markup */
function text(value, name) {
    if (value === undefined) {
        return null;
    }

    if (typeof value !== 'string' || !/^[\w.-]{1,100}$/.test(value)) {
        throw new FaultError(`${name} must be a short word`);
    }

    return value;
}


module.exports = { Faults, FaultError, integer };
