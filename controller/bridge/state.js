'use strict';

/*
 * The state of the session as WhatsApp Web shows it: told whenever something
 * of it changes, and read again now and then in case nothing said so.
 */
(function () {
    const tools = window.__whatsappControllerTools;

    /* a frame */
    if (!tools) {
        return;
    }

    const { emit, lookUp, textOr } = tools;

    /* ms */
    const STATE_DELAY = 20;
    const STATE_POLL = 10000;

    /*
     * ms after which a page that does not even try to connect again is one
     * whose place another connection has taken: nothing else says so
     */
    const REPLACED_AFTER = 20000;

    /* ms; its connection, which ends before it leaves, says nothing then */
    const LEAVE_TIME = 60000;

    const BINDINGS = {
        session: [
            'whatsapp.Cmd.on', 'whatsapp.Socket.on', 'whatsapp.Stream.on',
            'whatsapp.UserPrefs.getMaybeMeLidUser',
            'whatsapp.UserPrefs.getMaybeMePnUser',
            'whatsapp.functions.isAuthenticated',
            'whatsapp.functions.isRegistered',
        ],
    };

    /* what WhatsApp Web leaves in the address when it has logged out */
    const LOGGED_OUT = 'post_logout';
    const MARKS = [
        LOGGED_OUT, 'logout_reason', 'logout_message_header',
        'logout_message_subtext',
    ];

    const address = new URL(window.location.href);

    /* the code of the logout that led to this document; null without one */
    const logoutCode = address.searchParams.has(LOGGED_OUT)
        ? codeOf(address.searchParams.get('logout_reason')) : null;

    let stateTimer = null;
    let lastState = '';

    /* whether the account was logged in once in this document */
    let wasAuthenticated = false;

    /* when the page began to log out; it has LEAVE_TIME to leave; ms */
    let leavingSince = -Infinity;

    /* since when the page has been disconnected and has not tried again */
    let silentSince = null;
    let silentTimer = null;


    /* one digit of WhatsApp's, "" for a logout that gives no reason */
    function codeOf(text) {
        return /^\d$/.test(text) ? text : '';
    }

    function ask(path) {
        try {
            return Boolean(lookUp(path)());
        } catch (e) {
            return false;
        }
    }

    function isRegistered() {
        return ask('whatsapp.functions.isRegistered');
    }

    function stateChanged() {
        if (stateTimer === null) {
            stateTimer = setTimeout(publishState, STATE_DELAY);
        }
    }

    /* nothing is told before the verdict of the boot */
    function publishState() {
        clearTimeout(stateTimer);
        stateTimer = null;

        if (!tools.isBooted()
            || (Date.now() - leavingSince < LEAVE_TIME && isRegistered()))
        {
            return;
        }

        tools.watchPhone();

        const state = readState();
        const text = JSON.stringify(state);

        if (text !== lastState) {
            lastState = text;
            emit('state', state);
        }

        tools.stateRead(state);
    }

    function readState() {
        const registered = isRegistered();
        const authenticated = ask('whatsapp.functions.isAuthenticated');

        wasAuthenticated = registered && (wasAuthenticated || authenticated);

        if (registered) {
            unmarkAddress();
        }

        return {
            socket: textOr(null, lookUp('whatsapp.Socket.state')),
            stream: textOr(null, lookUp('whatsapp.Socket.stream')),
            mode: textOr(null, lookUp('whatsapp.Stream.mode')),
            registered,
            authenticated,
            was_authenticated: wasAuthenticated,
            offline_end: lookUp('whatsapp.Cmd.isOfflineDeliveryEnd') !== false,
            usable: tools.isUsable(),
            replaced: isReplaced(registered),
            linking: registered ? null : tools.linkingStage(),
            logout: registered ? null : logoutCode,
            banned_until: tools.readBan(),
            ...tools.readLimits(),
            wa_id: tools.ownNumber(),
            name: tools.ownName(),
        };
    }

    /*
     * A page that is without network tries to connect again, and says so; one
     * that was replaced stays as it is.
     */
    function isReplaced(registered) {
        const isSilent = registered && navigator.onLine
            && lookUp('whatsapp.Stream.mode') === 'MAIN'
            && lookUp('whatsapp.Socket.state') === 'CONNECTED'
            && lookUp('whatsapp.Socket.stream') === 'DISCONNECTED';

        if (!isSilent) {
            clearTimeout(silentTimer);
            silentSince = null;
            return false;
        }

        if (silentSince === null) {
            silentSince = Date.now();
            silentTimer = setTimeout(publishState, REPLACED_AFTER);
        }

        return Date.now() - silentSince >= REPLACED_AFTER;
    }


    /* ==== logging out ==== */

    /* a page that is linked again is loaded again without these marks */
    function unmarkAddress() {
        const url = new URL(window.location.href);

        if (MARKS.some((mark) => url.searchParams.has(mark))) {
            MARKS.forEach((mark) => url.searchParams.delete(mark));
            window.history.replaceState(window.history.state, '', url);
        }
    }

    /*
     * The page forgets the account and goes to another address; the reason
     * stands there, if there is one.
     */
    function loggingOut() {
        for (const forget of tools.onLogout) {
            forget();
        }

        leavingSince = Date.now();
        emit('logout', { code: '' });
        stateChanged();
    }

    /* not every logout is announced: the address is told, too */
    function tellAddress() {
        if (logoutCode !== null) {
            emit('logout', { code: logoutCode, left: true });
        }
    }

    function startState() {
        publishState();
        setInterval(publishState, STATE_POLL);
    }


    Object.assign(tools.bindings, BINDINGS);
    Object.assign(tools.methods, { 'state': { run: readState } });
    Object.assign(tools, {
        isRegistered, publishState, startState, stateChanged, tellAddress,
    });
    tools.sources.push(
        ['whatsapp.Socket', 'change:state change:stream change:hasSynced',
            stateChanged],
        ['whatsapp.Stream', 'change:mode change:info', stateChanged],
        ['whatsapp.Cmd', 'main_stream_mode_ready_from_bridge '
            + 'on_critical_sync_done_from_bridge '
            + 'initial_load_ready_from_bridge '
            + 'offline_delivery_end_from_bridge '
            + 'offline_delivery_state_reset_from_bridge', stateChanged],
        ['whatsapp.Cmd', 'starting_logout_from_bridge logout_from_bridge',
            loggingOut]);
}());
