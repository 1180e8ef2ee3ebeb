/*
 * The login and the state of the connection, as the real application's
 * Socket, Stream and Conn models show them.
 */

import { define, version } from './define.mjs';
import { link } from './link.mjs';
import { Emitter, Model, observe } from './model.mjs';
import { createWid } from './ids.mjs';
import * as store from './store.mjs';

const SOCKET_STATE = mirrored([
    'OPENING', 'PAIRING', 'UNPAIRED', 'UNPAIRED_IDLE', 'CONNECTED', 'TIMEOUT',
    'CONFLICT', 'UNLAUNCHED', 'PROXYBLOCK', 'TOS_BLOCK', 'SMB_TOS_BLOCK',
    'DEPRECATED_VERSION',
]);
const SOCKET_STREAM = mirrored([
    'DISCONNECTED', 'SYNCING', 'RESUMING', 'CONNECTED',
]);

/* a logout is told, then the page goes to the address of logged-out pages */
const LOGOUT_DELAY = 100;
const LOGOUT_CODES = { user_initiated: 0, device_removed: 1 };

/* the login: {token, wid, lid, name} or null */
let login = null;


function mirrored(names) {
    return Object.fromEntries(names.map((name) => [name, name]));
}


class ConnModel extends Model {}

observe(ConnModel, 'conn', [
    'ref', 'refTTL', 'connected', 'wid', 'pushname', 'isSMB',
]);

class StreamModel extends Model {
    markAvailable() {
        this.available = true;
    }

    markUnavailable() {
        this.available = false;
    }
}

observe(StreamModel, 'stream', ['mode', 'info', 'available', 'needsUpdate']);

class SocketModel extends Model {
    logout() {
        link.send({ type: 'logout' });
    }
}

observe(SocketModel, 'socket', ['state', 'stream', 'hasSynced']);

class CmdImpl extends Emitter {
    isMainLoaded = false;

    refreshQR() {
        link.send({ type: 'refresh' });
    }

    /* only tells the user interface, which does it */
    sendRevokeMsgs(chat, record, options) {
        this.trigger('send_revoke_msgs', chat, record, options);
    }
}


export const Conn = new ConnModel({ connected: false });
export const Cmd = new CmdImpl();
export const Socket = new SocketModel({
    state: SOCKET_STATE.OPENING,
    stream: SOCKET_STREAM.DISCONNECTED,
    hasSynced: false,
});
export const Stream = new StreamModel({ needsUpdate: false });


export function currentLogin() {
    return login;
}


function isRegistered() {
    return login !== null;
}


/* the two things that the user interface is chosen by */
function updateStream() {
    Stream.info = deriveInfo();
    Stream.mode = deriveMode();
}


function deriveInfo() {
    switch (Socket.state) {
    case SOCKET_STATE.OPENING:
        return 'OPENING';
    case SOCKET_STATE.PAIRING:
        return Socket.hasSynced ? 'RESUMING' : 'PAIRING';
    case SOCKET_STATE.CONNECTED:
        return Socket.stream === SOCKET_STREAM.CONNECTED || Socket.hasSynced
            ? 'NORMAL' : 'SYNCING';
    default:
        return 'NORMAL';
    }
}


function deriveMode() {
    if (!isRegistered()) {
        return 'QR';
    }

    switch (Socket.state) {
    case SOCKET_STATE.CONFLICT:
        return 'CONFLICT';
    case SOCKET_STATE.UNPAIRED:
    case SOCKET_STATE.UNPAIRED_IDLE:
        return 'QR';
    default:
        return Socket.hasSynced || Socket.stream === SOCKET_STREAM.CONNECTED
            ? 'MAIN' : 'SYNCING';
    }
}


/* ==== what the server says ==== */

const logoutReason = {
    getErrorCodeFromLogoutReason: (reason) => LOGOUT_CODES[reason],
};


function onLinked(frame) {
    const { token, wid, lid, name } = frame;
    const isNew = !login || login.token !== token;

    login = { token, wid, lid, name };
    Conn.set({ ref: undefined, connected: true, wid: createWid(wid) });
    Conn.set({ pushname: name, isSMB: frame.business });
    Socket.set({
        state: SOCKET_STATE.CONNECTED,
        stream: Socket.hasSynced
            ? SOCKET_STREAM.RESUMING : SOCKET_STREAM.SYNCING,
    });

    if (isNew) {
        store.writeSession(login);
    }
}


function onSynced() {
    Socket.set({ hasSynced: true, stream: SOCKET_STREAM.CONNECTED });

    if (!Cmd.isMainLoaded) {
        Cmd.isMainLoaded = true;
        Cmd.trigger('main_loaded');
    }
}


function onUnlinked() {
    /* the server no longer knows this login */
    if (login) {
        logOut('device_removed');
        return;
    }

    Socket.set({
        state: SOCKET_STATE.UNPAIRED,
        stream: SOCKET_STREAM.DISCONNECTED,
    });
}


function onConflict(frame) {
    if (frame.on) {
        Socket.state = SOCKET_STATE.CONFLICT;
    } else if (Socket.state === SOCKET_STATE.CONFLICT) {
        Socket.state = SOCKET_STATE.CONNECTED;
    }
}


/* WhatsApp has blocked the account, or thought better of it */
function onRestricted(frame) {
    Socket.state = frame.on
        ? SOCKET_STATE.TOS_BLOCK : SOCKET_STATE.CONNECTED;
}


async function logOut(reason) {
    const code = logoutReason.getErrorCodeFromLogoutReason(reason);

    login = null;
    await store.clear();
    Cmd.trigger('logout');
    Cmd.isMainLoaded = false;
    Conn.set({ connected: false, wid: undefined, pushname: undefined });
    Socket.set({
        hasSynced: false,
        stream: SOCKET_STREAM.DISCONNECTED,
        state: SOCKET_STATE.UNPAIRED,
    });

    setTimeout(() => {
        location.replace(
            new URL(`?post_logout=1&logout_reason=${code}`, location.href));
    }, LOGOUT_DELAY);
}


function listen() {
    link.on('open', () => {
        link.send({ type: 'hello', token: login && login.token });
    });
    link.on('closed', () => {
        if (Socket.state !== SOCKET_STATE.CONFLICT) {
            Socket.state = SOCKET_STATE.OPENING;
        }

        Socket.stream = SOCKET_STREAM.DISCONNECTED;
    });
    link.on('frame:linked', onLinked);
    link.on('frame:synced', onSynced);
    link.on('frame:account', (frame) => {
        Conn.isSMB = frame.business;
    });
    link.on('frame:unlinked', onUnlinked);
    link.on('frame:conflict', onConflict);
    link.on('frame:restricted', onRestricted);
    link.on('frame:logout', (frame) => logOut(frame.reason));
    Socket.on('change', updateStream);
}


export async function defineSession() {
    const me = (key) => (login ? createWid(login[key]) : undefined);

    login = await store.readSession();
    updateStream();
    listen();

    define('WAWebConnModel', { Conn });
    define('WAWebStreamModel', { Stream });
    define('WAWebSocketModel', { Socket });
    define('WAWebSocketConstants', { SOCKET_STATE, SOCKET_STREAM });
    define('WAWebCmd', { Cmd, CmdImpl });
    define('WAWebLogoutReason', logoutReason);
    define('WAWebUserPrefsMultiDevice', { isRegistered });
    define('WAWebUserPrefsIsLoggedIn', { isLoggedIn: isRegistered });
    define('WAWebUserPrefsMeUser', {
        getMaybeMePnUser: () => me('wid'),
        getMaybeMeLidUser: () => me('lid'),
        getMePnUserOrThrow: () => createWid(login.wid),
        getMeLidUserOrThrow: () => createWid(login.lid),
        getMaybeMeDisplayName: () => (login ? login.name : undefined),
        isMeAccount: (wid) => login !== null
            && [login.wid, login.lid].includes(String(wid)),
    });
    define('WAWebUpdaterVersion', { SANITIZED_VERSION_STR: version });
    define('WAWebBuildConstants', { VERSION_STR: version });
}
