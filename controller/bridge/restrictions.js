'use strict';

/*
 * What WhatsApp restricts about an account: for a while no new chats (the
 * "reach-out timelock"), or no more of them this month, or no login at all.
 */
(function () {
    const tools = window.__whatsappControllerTools;

    /* a frame */
    if (!tools) {
        return;
    }

    const { Failure, moduleOf } = tools;

    /*
     * By the code with which the server refuses a message: the failure, and
     * the module that knows whether the limit stands and whom it concerns.
     */
    const LIMITS = new Map([
        [463, {
            name: 'timelock',
            code: 'reachout_timelocked',
            module: 'WAWebReachoutTimelockUtils',
            stands: 'isUserReachoutTimelocked',
            allows: 'canSendMsgWhileTimelocked',
        }],
        [475, {
            name: 'capped',
            code: 'new_chats_capped',
            module: 'WAWebIndividualNewChatMessageCappingLimitUtils',
            stands: 'isUserCapped',
            allows: 'canSendMsgWhileCapped',
        }],
    ]);

    const MESSAGES = {
        reachout_timelocked: 'WhatsApp lets this account write to nobody new '
            + 'for a while',
        new_chats_capped: 'This account has written to as many new people as '
            + 'WhatsApp allows for now',
    };

    /* an expire above this is a time, below it so many seconds */
    const TIMES_FROM = 1e9;

    /* names of limits that the server's refusals have told of */
    const told = new Set();

    /* when the ban ends, in seconds; null without one */
    let bannedUntil = null;


    function call(limit, name, ...args) {
        const module = moduleOf(limit.module);

        if (!module || typeof module[limit[name]] !== 'function') {
            return undefined;
        }

        try {
            return Boolean(module[limit[name]](...args));
        } catch (e) {
            return undefined;
        }
    }

    function stands(limit) {
        const known = call(limit, 'stands');

        return known === undefined ? told.has(limit.name) : known;
    }

    /* whether each limit stands, by its name */
    function readLimits() {
        return Object.fromEntries([...LIMITS.values()].map((limit) => (
            [limit.name, stands(limit)])));
    }

    /* refuses at once what the server would refuse */
    function checkLimits(chat) {
        for (const limit of LIMITS.values()) {
            const { contact } = chat;

            if (stands(limit)
                && call(limit, 'allows', { chat, contact }) === false)
            {
                throw new Failure(limit.code, MESSAGES[limit.code]);
            }
        }
    }

    /* the failure of a message that the server refused with this code */
    function refusalOf(ackErrorCode) {
        const limit = LIMITS.get(Number(ackErrorCode));

        if (!limit) {
            return new Failure('send_refused', 'WhatsApp refused the message');
        }

        told.add(limit.name);
        tools.stateChanged();

        return new Failure(limit.code, MESSAGES[limit.code]);
    }

    /* what the refusals told may be over; the modules know, if they are there
       */
    function limitsChanged() {
        told.clear();
        tools.stateChanged();
    }

    /* expire: seconds */
    function banned(ban) {
        const expire = Number(ban && ban.expire) || 0;

        bannedUntil = ban && ban.banned
            ? Math.round(expire
                         + (expire < TIMES_FROM ? Date.now() / 1000 : 0))
            : null;
        tools.stateChanged();
    }


    /* a ban that is over is not always taken back */
    function readBan() {
        return bannedUntil !== null && Date.now() / 1000 < bannedUntil
            ? bannedUntil : null;
    }


    Object.assign(tools, { checkLimits, readBan, readLimits, refusalOf });
    tools.sources.push(
        ['whatsapp.Cmd', 'reachout_timelock_state_change '
            + 'new_chat_message_capping_state_change', limitsChanged],
        ['whatsapp.Cmd', 'account_temporarily_banned_from_bridge', banned]);
    tools.onLogout.push(() => told.clear());
}());
