/*
 * The login and the state of the connection: WAWebSocketModel,
 * WAWebStreamModel, WAWebConnModel, WAWebCommsConfigBase, WAWebLaunchSocket,
 * WAWebHandlePairDevice, WAWebHandleStreamError and WAWebHandleFailure, read
 * in 2.3000.1044822804. Every connect goes OPENING, PAIRING, CONNECTED; a
 * login that is new makes the page connect a second time.
 */

import { define, linked, version } from './define.mjs';
import { BackendEventBus } from './bus.mjs';
import { link } from './link.mjs';
import { Model, observe } from './model.mjs';
import { createWid, currentMe, setMe } from './ids.mjs';
import { defineLogout, forgetAndLeave, logOut } from './logout.mjs';
import * as store from './store.mjs';

/* the real list has more names, but nothing ever sets such a state */
const SOCKET_STATE = mirrored([
    'OPENING', 'PAIRING', 'UNPAIRED', 'UNPAIRED_IDLE', 'CONNECTED',
    'UNLAUNCHED', 'SCREEN_LOCKED',
]);
const SOCKET_STREAM = mirrored([
    'DISCONNECTED', 'SYNCING', 'RESUMING', 'CONNECTED',
]);
const StreamInfo = mirrored([
    'OFFLINE', 'OPENING', 'PAIRING', 'SYNCING', 'RESUMING', 'CONNECTING',
    'NORMAL',
]);
const StreamMode = mirrored(['QR', 'MAIN', 'SYNCING', 'OFFLINE']);

/* from this build on Conn no longer says whose application the phone has */
const BUILD_CONN_GETTERS = 1045643679;
const hasConnGetters = Number(version.split('.')[2]) >= BUILD_CONN_GETTERS;

const FORCED_RELOAD_DELAY = 2000;                                  /* ms */

/* the login: {token, wid, lid, name} or null */
let login = null;

/* whether the server has once accepted the login in this document */
let isConnectedAsRegistered = false;


function mirrored(names) {
    return Object.fromEntries(names.map((name) => [name, name]));
}


class ConnModel extends Model {}

observe(ConnModel, 'conn', [
    'ref', 'refTTL', 'connected', 'wid', 'pushname', 'platform', 'isSMB',
]);

class StreamModel extends Model {
    markAvailable() {
        this.available = true;
    }

    /* after: ms, none for at once */
    markUnavailable(after) {
        setTimeout(() => {
            this.available = false;
        }, after || 0);
    }
}

observe(StreamModel, 'stream', [
    'mode', 'info', 'available', 'needsUpdate', 'isHardRefresh',
]);

class SocketModel extends Model {
    logout(reason) {
        return logOut(reason, login);
    }

    reconnect() {
        BackendEventBus.triggerReconnectSocket();
    }
}

observe(SocketModel, 'socket', ['state', 'stream', 'hasSynced']);


export const Conn = new ConnModel({ id: '1' });
export const Socket = new SocketModel({
    state: SOCKET_STATE.UNLAUNCHED,
    stream: SOCKET_STREAM.DISCONNECTED,
});
export const Stream = new StreamModel({
    info: StreamInfo.NORMAL,
    mode: StreamMode.SYNCING,
    isHardRefresh: false,
});


export function currentLogin() {
    return login;
}


export function isMigrated() {
    return Boolean(login && login.migrated);
}


function isRegistered() {
    return login !== null;
}


function updateStream() {
    Stream.set({ info: deriveInfo(), mode: deriveMode() });
}


function deriveInfo() {
    switch (Socket.state) {
    case SOCKET_STATE.OPENING:
        return StreamInfo.OPENING;
    case SOCKET_STATE.PAIRING:
        return Socket.hasSynced ? StreamInfo.RESUMING : StreamInfo.PAIRING;
    case SOCKET_STATE.CONNECTED:
        return Socket.stream !== SOCKET_STREAM.CONNECTED && !Socket.hasSynced
            ? StreamInfo.SYNCING : StreamInfo.NORMAL;
    default:
        return StreamInfo.NORMAL;
    }
}


function deriveMode() {
    if (!isRegistered()) {
        return StreamMode.QR;
    }

    switch (Socket.state) {
    case SOCKET_STATE.UNLAUNCHED:
        return StreamMode.SYNCING;
    case SOCKET_STATE.UNPAIRED:
    case SOCKET_STATE.UNPAIRED_IDLE:
        return StreamMode.QR;
    default:
        return Socket.hasSynced || Socket.stream === SOCKET_STREAM.CONNECTED
            ? StreamMode.MAIN : StreamMode.SYNCING;
    }
}


/* ==== what the buses say ==== */

function mainReady() {
    Socket.set({ hasSynced: true, stream: SOCKET_STREAM.CONNECTED });
}


function listenToBuses() {
    BackendEventBus.on('set_socket_state', (state) => {
        Socket.state = state;
    });
    BackendEventBus.on('open_socket_stream', () => {
        Conn.set({ connected: true });

        if (Socket.hasSynced) {
            Socket.stream = SOCKET_STREAM.CONNECTED;
        }
    });
    BackendEventBus.on('socket_stream_disconnected', () => {
        Socket.stream = SOCKET_STREAM.DISCONNECTED;
    });
    BackendEventBus.on('reconnect_socket', () => link.restart());
    BackendEventBus.on('main_stream_mode_ready on_critical_sync_done',
                       mainReady);
    Socket.on('change:state change:stream change:hasSynced', updateStream);
}


/* ==== what the server says ==== */

/* a pairing ends with the order to connect again, as who one now is */
async function onPaired({ token, wid, lid, name, migrated }) {
    login = { token, wid, lid, name, migrated };
    setMe(createWid(wid), createWid(lid));
    await store.writeSession(login);
    link.restart();
}


function onLinked(frame) {
    const { wid, name } = frame;
    const isFirst = !isConnectedAsRegistered;

    isConnectedAsRegistered = true;
    linked();
    Conn.set({ ref: undefined, pushname: name, wid: createWid(wid) });
    setPlatform(frame.business);
    BackendEventBus.triggerTemporaryBan({ banned: false });
    BackendEventBus.triggerSetSocketState(SOCKET_STATE.CONNECTED);
    BackendEventBus.triggerOpenSocketStream();

    if (frame.isNew) {
        BackendEventBus.triggerCriticalSyncDone();
    } else if (isFirst) {
        BackendEventBus.triggerMainStreamModeReady();
    } else {
        BackendEventBus.triggerOfflineDeliveryStateReset();
    }
}


/* the kind of application on the phone: Android's, or that for businesses */
function setPlatform(isBusiness) {
    Conn.platform = isBusiness ? 'smba' : 'android';

    if (!hasConnGetters) {
        Conn.isSMB = isBusiness;
    }
}


function onUnlinked() {
    /* the server no longer knows this login */
    if (login) {
        forgetAndLeave(undefined);
    }
}


/* a temporary ban is a failure to log in; the page tries again */
function onFailure({ ban }) {
    BackendEventBus.triggerTemporaryBan({ banned: true, ...ban });
}


/* another connection took this one's place: nothing says so but this */
function onReplaced() {
    link.stop();
}


/* an update that the page will take when nobody looks */
function onUpdate({ reload }) {
    Stream.set({ needsUpdate: true, isHardRefresh: Boolean(reload) });

    if (reload) {
        setTimeout(() => location.reload(), FORCED_RELOAD_DELAY);
    }
}


function onServerLogout({ reason }) {
    if (reason === 'device_removed') {
        BackendEventBus.triggerStartingLogout();
        forgetAndLeave(undefined);
    } else if (reason === 'banned' || reason === 'account_locked') {
        /* a refused login ends without the event that announces it */
        forgetAndLeave(reason);
    } else {
        Socket.logout(reason);
    }
}


function listenToServer() {
    link.on('connecting', () => {
        BackendEventBus.triggerSetSocketState(SOCKET_STATE.OPENING);
    });
    link.on('open', () => {
        BackendEventBus.triggerSetSocketState(SOCKET_STATE.PAIRING);
        link.send({ type: 'hello', token: login && login.token });
    });
    link.on('closed', () => BackendEventBus.triggerSocketStreamDisconnected());
    link.on('frame:paired', onPaired);
    link.on('frame:linked', onLinked);
    link.on('frame:account', ({ business }) => setPlatform(business));
    link.on('frame:unlinked', onUnlinked);
    link.on('frame:failure', onFailure);
    link.on('frame:replaced', onReplaced);
    link.on('frame:update', onUpdate);
    link.on('frame:logout', onServerLogout);
}


function defineMe() {
    const pn = () => currentMe().pn;
    const lid = () => currentMe().lid;
    const needed = (wid) => {
        if (!wid) {
            throw new Error('Got unexpected null or undefined');
        }

        return wid;
    };
    const isMe = (wid) => [pn(), lid()].some(
        (own) => own && own.user === wid.user && own.server === wid.server);

    define('WAWebUserPrefsMeUser', {
        getMaybeMePnUser: pn,
        getMaybeMeLidUser: lid,
        getMePnUserOrThrow_DO_NOT_USE: () => needed(pn()),
        getMeLidUserOrThrow: () => needed(lid()),
        getMeUserOrThrow: () => needed(pn()),
        getMaybeMeDisplayName: () => (login ? login.name : undefined),
        isMeAccount: (wid) => wid != null && isMe(wid),
    });
}


/* called before any other module is defined */
export async function loadSession() {
    login = await store.readSession();

    if (login) {
        setMe(createWid(login.wid), createWid(login.lid));
        linked();
    }
}


export function defineSession() {
    if (!isRegistered()) {
        Stream.mode = StreamMode.QR;
    }

    Stream.available = document.hasFocus();
    addEventListener('focus', () => Stream.markAvailable());
    addEventListener('blur', () => Stream.markUnavailable(0));

    listenToBuses();
    listenToServer();

    define('WAWebConnModel', { Conn });
    define('WAWebStreamModel', { Stream, StreamInfo, StreamMode });
    define('WAWebSocketModel', { Socket });
    define('WAWebSocketConstants', { SOCKET_STATE, SOCKET_STREAM });
    define('WAWebUserPrefsMultiDevice', { isRegistered });
    define('WAWebUserPrefsIsLoggedIn', {
        isLoggedIn: () => isRegistered() && isConnectedAsRegistered,
        setIsConnectedAsRegistered: (value) => {
            isConnectedAsRegistered = value;
        },
    });
    define('WAWebUpdaterVersion', { SANITIZED_VERSION_STR: version });
    define('WAWebBuildConstants', { VERSION_STR: version });

    if (hasConnGetters) {
        define('WAWebConnGetters', {
            getIsSMB: () => Conn.platform === 'smba',
        });
    }

    defineMe();
    defineLogout();

    if (login) {
        BackendEventBus.triggerInitialLoadReady();
    }
}
