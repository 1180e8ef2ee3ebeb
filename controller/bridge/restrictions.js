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

    /* types of messages that nobody has written */
    const NOTICES = ['e2e_notification', 'gp2', 'notification',
                     'notification_template'];

    /* an expire above this is a time, below it so many seconds */
    const TIMES_FROM = 1e9;

    /* ms that a refusal counts for, where no module knows how long it is */
    const TOLD_TIME = 3600000;

    /* by a limit's name: when a refusal of the server told of it */
    const told = new Map();

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

        return known === undefined
            ? Date.now() - (told.get(limit.name) || 0) < TOLD_TIME : known;
    }

    /* whether the limit lets the account write there */
    function allows(limit, chat) {
        const known = call(limit, 'allows', { chat, contact: chat.contact });

        return known === undefined ? isKnown(chat) : known;
    }

    /*
     * Whoever has written, or got something, is nobody new.  A new chat begins
     * with a notice of WhatsApp's own.
     */
    function isKnown(chat) {
        if (chat.id.isGroup()) {
            return true;
        }

        return typeof chat.getTcToken === 'function'
            ? Boolean(chat.getTcToken())
            : chat.msgs.getModelsArray().some(({ id, ack, type }) => (
                id.fromMe ? ack > 0 : !NOTICES.includes(type)));
    }

    /* whether each limit stands, by its name */
    function readLimits() {
        return Object.fromEntries([...LIMITS.values()].map((limit) => (
            [limit.name, stands(limit)])));
    }

    /* refuses at once what the server would refuse */
    function checkLimits(chat) {
        for (const limit of LIMITS.values()) {
            if (stands(limit) && !allows(limit, chat)) {
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

        told.set(limit.name, Date.now());
        tools.stateChanged();

        return new Failure(limit.code, MESSAGES[limit.code]);
    }

    /* what refusals have told of may be over */
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
