/*
 * The two buses of events. WAWebBackendEventBus, WAWebBackendEventBusTypes
 * and WAWebCmd were read in 2.3000.1044822804: what the first is told, the
 * second tells the user interface a little later, under another name.
 */

import { define } from './define.mjs';
import { Emitter } from './model.mjs';

const BackendEvent = {
    LOGOUT: 'logout',
    REFRESH_QR: 'refresh_qr',
    ON_CRITICAL_SYNC_DONE: 'on_critical_sync_done',
    SOCKET_STREAM_DISCONNECTED: 'socket_stream_disconnected',
    OPEN_SOCKET_STREAM: 'open_socket_stream',
    RECONNECT_SOCKET: 'reconnect_socket',
    SET_SOCKET_STATE: 'set_socket_state',
    MAIN_STREAM_MODE_READY: 'main_stream_mode_ready',
    OFFLINE_DELIVERY_END: 'offline_delivery_end',
    OFFLINE_DELIVERY_STATE_RESET: 'offline_delivery_state_reset',
};

const Revoke = { Sender: 'Sender', Admin: 'Admin' };


export class CmdImpl extends Emitter {
    isMainStreamReadyMd = false;

    isOfflineDeliveryEnd = false;

    /* only tells the user interface, which does it */
    sendRevokeMsgs(chat, record, options) {
        this.trigger('send_revoke_msgs', chat, record, options);
    }

    onLogoutFromBridge() {
        this.trigger('logout_from_bridge');
    }

    onStartingLogoutFromBridge() {
        this.trigger('starting_logout_from_bridge');
    }

    onOfflineDeliveryEndFromBridge() {
        this.isOfflineDeliveryEnd = true;
        this.trigger('offline_delivery_end_from_bridge');
    }

    onOfflineDeliveryStateResetFromBridge() {
        this.isOfflineDeliveryEnd = false;
        this.trigger('offline_delivery_state_reset_from_bridge');
    }

    onMainStreamModeReadyFromBridge() {
        this.isMainStreamReadyMd = true;
        this.trigger('main_stream_mode_ready_from_bridge');
    }

    onCriticalSyncDoneFromBridge() {
        this.trigger('on_critical_sync_done_from_bridge');
    }

    onInitialLoadReadyFromBridge() {
        this.trigger('initial_load_ready_from_bridge');
    }

    onTemporaryBanFromBridge(ban) {
        this.trigger('account_temporarily_banned_from_bridge', ban);
    }

    reachoutTimelockStateChange() {
        this.trigger('reachout_timelock_state_change');
    }

    newChatMessageCappingStateChange() {
        this.trigger('new_chat_message_capping_state_change');
    }
}

export const Cmd = new CmdImpl();


class BackendEventBusImpl extends Emitter {
    isMainStreamReadyMd = false;

    isOfflineDeliveryEnd = false;

    /* the user interface hears of it when this task is done */
    #tell(method, ...args) {
        queueMicrotask(() => Cmd[method](...args));
    }

    triggerLogout() {
        this.trigger(BackendEvent.LOGOUT);
        this.#tell('onLogoutFromBridge');
    }

    triggerStartingLogout() {
        this.#tell('onStartingLogoutFromBridge');
    }

    onRefreshQR(callback) {
        return this.on(BackendEvent.REFRESH_QR, callback);
    }

    triggerRefreshQR() {
        this.trigger(BackendEvent.REFRESH_QR);
    }

    triggerReconnectSocket() {
        this.trigger(BackendEvent.RECONNECT_SOCKET);
    }

    triggerSetSocketState(state) {
        this.trigger(BackendEvent.SET_SOCKET_STATE, state);
    }

    triggerOpenSocketStream() {
        this.trigger(BackendEvent.OPEN_SOCKET_STREAM);
    }

    triggerSocketStreamDisconnected() {
        this.trigger(BackendEvent.SOCKET_STREAM_DISCONNECTED);
    }

    triggerCriticalSyncDone() {
        this.trigger(BackendEvent.ON_CRITICAL_SYNC_DONE);
        this.#tell('onCriticalSyncDoneFromBridge');
    }

    triggerMainStreamModeReady() {
        this.isMainStreamReadyMd = true;
        this.trigger(BackendEvent.MAIN_STREAM_MODE_READY);
        this.#tell('onMainStreamModeReadyFromBridge');
    }

    triggerInitialLoadReady() {
        this.#tell('onInitialLoadReadyFromBridge');
    }

    triggerOfflineDeliveryEnd() {
        this.isOfflineDeliveryEnd = true;
        this.trigger(BackendEvent.OFFLINE_DELIVERY_END);
        this.#tell('onOfflineDeliveryEndFromBridge');
    }

    triggerOfflineDeliveryStateReset() {
        this.isOfflineDeliveryEnd = false;
        this.trigger(BackendEvent.OFFLINE_DELIVERY_STATE_RESET);
        this.#tell('onOfflineDeliveryStateResetFromBridge');
    }

    triggerTemporaryBan(ban) {
        this.#tell('onTemporaryBanFromBridge', ban);
    }
}

export const BackendEventBus = new BackendEventBusImpl();


export function defineBuses() {
    define('WAWebCmd', { Cmd, CmdImpl, Revoke });
    define('WAWebBackendEventBus', { BackendEvent, BackendEventBus });
}
