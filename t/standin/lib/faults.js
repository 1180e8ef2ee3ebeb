'use strict';

/*
 * What goes wrong on purpose. A fault stays until it is cleared by "none" or
 * has been used up (those with a count).
 */

const COUNTED = [
    'drop_before', 'drop_ack', 'cut_before_ack', 'cut_after_ack', 'refuse',
    'refuse_upload', 'refuse_download', 'refuse_code', 'send_result',
];
const MAX_COUNT = 1000000;
const MAX_DELAY = 3600000;
const MAX_PADDING = 30000;

/* a stale group addressing mode: the commonest refusal of no special sense */
const NACK_REFUSED = 421;

const RESULTS = [
    'ERROR_NETWORK', 'ERROR_EXPIRED', 'ERROR_CANCELLED', 'ERROR_RATE_LIMIT',
    'ERROR_UNKNOWN',
];

/*
 * statuses of the server's answer to an upload, and to the wish for a code; a
 * stalled upload gets none
 */
const UPLOAD_STATUSES = {
    forbidden: 401, missing: 404, too_large: 413, throttled: 429,
    cancelled: 499, failed: 500, stalled: 1,
};
const CODE_STATUSES = {
    IQErrorBadRequest: 400, IQErrorForbidden: 403,
    IQErrorFeatureNotAvailable: 404, IQErrorRateOverlimit: 429,
    IQErrorInternalServerError: 500,
};

/* those without members of their own */
const FLAGS = [
    'hold_ack', 'replaced', 'offline', 'timelock', 'capped', 'resend',
];


class FaultError extends Error {}


/* what is kept of a fault with members, by its kind */
const MEMBERS = {
    delay_ack: ({ ms }) => ({ ms: integer(ms, 1000, 0, MAX_DELAY, 'ms') }),

    hold_offline: ({ ms }) => ({ ms: integer(ms, 0, 0, MAX_DELAY, 'ms') }),

    temporary_ban: ({ code, expire, message, url }) => ({
        code: integer(code, 101, 0, 1000, 'code'),
        expire: integer(expire, 3600, 0, MAX_DELAY, 'expire'),
        message: message === undefined ? null : String(message),
        url: url === undefined ? null : String(url),
    }),

    web_version: ({ version, rename }) => ({
        version: text(version, 'version'),
        rename: text(rename, 'rename'),
    }),

    /*
     * late: {module: ms}; never, linked: modules that never come, or with a
     * login; pad: names beside the modules
     */
    modules: ({ late, linked, never, pad }) => ({
        late: object(late, 'late'),
        linked: list(linked, 'linked'),
        never: list(never, 'never'),
        pad: integer(pad, 0, 0, MAX_PADDING, 'pad'),
    }),

    /* times: how often it has happened */
    close_stream: ({ type, text: part }) => ({
        type: text(type, 'type'),
        text: part === undefined ? null : String(part),
        times: 0,
    }),

    complain: ({ text: said }) => ({ complain: String(said) }),

    /* a script, or all of them, come ms later, or not at all */
    files: ({ name, ms }) => ({
        name: text(name, 'name'),
        ms: integer(ms, 0, 0, MAX_DELAY, 'ms'),
    }),

    needs_update: ({ reload }) => ({ reload: reload === true }),

    refuse_iq: ({ op, status }) => ({
        op: text(op, 'op'),
        status: integer(status, 403, 400, 599, 'status'),
    }),

    property: ({ name, value }) => ({ name: text(name, 'name'), value }),
};


class Faults {
    constructor() {
        this.clear();
    }

    clear() {
        this.counts = Object.fromEntries(COUNTED.map((kind) => [kind, 0]));

        /* how the next refusals look, by kind */
        this.looks = {};

        /* the other faults by kind, with their members */
        this.others = {};
    }

    /* records one fault; what must happen at once is the account's business */
    set(kind, body) {
        if (COUNTED.includes(kind)) {
            this.looks[kind] = lookOf(kind, body);
            this.counts[kind] = integer(body.count, 1, 1, MAX_COUNT, 'count');
        } else if (FLAGS.includes(kind)) {
            this.others[kind] = {};
        } else if (Object.hasOwn(MEMBERS, kind)) {
            this.others[kind] = MEMBERS[kind](body);
        } else {
            throw new FaultError('unknown kind');
        }
    }

    /* the members of a fault that stands, or undefined */
    get(kind) {
        return this.others[kind];
    }

    /* ms that acks come later */
    get delay() {
        return this.others.delay_ack ? this.others.delay_ack.ms : 0;
    }

    /* uses up one of a counted fault; how it looks, false if there is none */
    take(kind) {
        if (this.counts[kind] === 0) {
            return false;
        }

        this.counts[kind]--;
        return this.looks[kind];
    }

    /* whether the server closes the stream on this frame */
    closesStream({ kind, body }) {
        const fault = this.others.close_stream;

        if (!fault || (fault.type !== null && fault.type !== kind)
            || (fault.text !== null && !String(body).includes(fault.text)))
        {
            return false;
        }

        fault.times++;
        return true;
    }

    /* what is active, as GET /api/state shows it */
    active() {
        const counted = COUNTED.filter((kind) => this.counts[kind] > 0).map(
            (kind) => [kind, { count: this.counts[kind] }]);

        return { ...Object.fromEntries(counted), ...this.others };
    }
}


/* a truth for those that have no look */
function lookOf(kind, body) {
    switch (kind) {
    case 'refuse':
        return integer(body.code, NACK_REFUSED, 400, 599, 'code');
    case 'send_result':
        return oneOf(RESULTS, body.result, 'ERROR_NETWORK', 'result');
    case 'refuse_upload':
        return UPLOAD_STATUSES[oneOf(Object.keys(UPLOAD_STATUSES), body.as,
                                     'forbidden', 'as')];
    case 'refuse_download':
        return integer(body.status, 500, 400, 599, 'status');
    case 'refuse_code':
        return CODE_STATUSES[oneOf(Object.keys(CODE_STATUSES), body.as,
                                   'IQErrorRateOverlimit', 'as')];
    default:
        return true;
    }
}


function oneOf(names, value, otherwise, name) {
    if (value !== undefined && !names.includes(value)) {
        throw new FaultError(`${name} must be one of ${names.join(', ')}`);
    }

    return value === undefined ? otherwise : value;
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


function text(value, name) {
    if (value === undefined) {
        return null;
    }

    if (typeof value !== 'string' || !/^[\w.-]{1,100}$/.test(value)) {
        throw new FaultError(`${name} must be a short word`);
    }

    return value;
}


function object(value, name) {
    if (value !== undefined
        && (typeof value !== 'object' || value === null
            || Array.isArray(value)))
    {
        throw new FaultError(`${name} must be an object`);
    }

    return value || {};
}


function list(value, name) {
    if (value !== undefined && !Array.isArray(value)) {
        throw new FaultError(`${name} must be a list`);
    }

    return (value || []).map(String);
}


module.exports = { Faults, FaultError, integer, NACK_REFUSED };
