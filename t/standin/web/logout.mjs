/*
 * The end of a login. WAWebSocketModel.logout, WAWebReloadAfterLogout,
 * WAWebLogoutReason and WAWebLogoutReasonConstants were read in
 * 2.3000.1044822804: the page is on its way to another address before the
 * event of the logout is out, and only few reasons are told in that address.
 */

import { define } from './define.mjs';
import { BackendEventBus } from './bus.mjs';
import { link } from './link.mjs';
import * as store from './store.mjs';

const LogoutReason = {
    UserInitiated: 'user_initiated',
    SyncdFailure: 'syncd_failure',
    SyncdTimeout: 'syncd_timeout',
    CriticalSyncTimeout: 'critical_sync_timeout',
    SyncdErrorDuringBootstrap: 'syncd_error_during_bootstrap',
    AccountSyncError: 'account_sync_error',
    HistorySyncTimeout: 'history_sync_timeout',
    AccountLocked: 'account_locked',
    UnknownCompanion: 'unknown_companion',
    WebFailAddChat: 'web_fail_add_chat',
    WebFailOfflineResume: 'web_fail_offline_resume',
    WebFailStorageInitialization: 'web_fail_storage_initialization',
    WebFailEncSalt: 'web_fail_enc_salt',
};
const LOGOUT_REASON_CODE = {
    CLIENT_FATAL: '0',
    SYNC_FAIL: '1',
    INITIAL_HISTORY_SYNC_TIMEOUT: '2',
    ACCOUNT_LOCKED: '3',
};
const CODES = {
    web_fail_add_chat: '0',
    web_fail_offline_resume: '0',
    web_fail_storage_initialization: '0',
    web_fail_enc_salt: '0',
    syncd_failure: '1',
    syncd_timeout: '1',
    critical_sync_timeout: '1',
    syncd_error_during_bootstrap: '1',
    account_sync_error: '1',
    history_sync_timeout: '2',
    account_locked: '3',
};

/* ms that the server has for the page's farewell */
const FAREWELL_TIMEOUT = 3000;


/* of the logout that led to this document, once somebody has set it */
let previousCode = null;


const reasons = {
    getErrorCodeFromLogoutReason: (reason) => CODES[reason] || null,
    setPrevLogoutReasonCode(code) {
        previousCode = code;
    },
    getPrevLogoutReasonCode: () => previousCode,
};


/* forgets everything and goes to the address of pages that were linked */
export async function forgetAndLeave(reason) {
    const url = new URL(location.href);
    const code = reason && reasons.getErrorCodeFromLogoutReason(reason);

    link.stop();
    await store.clear();
    url.search = '?post_logout=1';

    if (code) {
        url.searchParams.set('logout_reason', code);
    }

    location.href = url;
    BackendEventBus.triggerLogout();
}


/* the page itself wants it: login is what it logs out of */
export async function logOut(reason, login) {
    const why = reason === undefined ? LogoutReason.UserInitiated : reason;

    BackendEventBus.triggerStartingLogout();

    await new Promise((resolve) => {
        setTimeout(resolve, FAREWELL_TIMEOUT);
        link.once('frame:farewell', resolve);
        link.send({ type: 'logout', token: login && login.token });
    });

    await forgetAndLeave(why);
}


export function defineLogout() {
    define('WAWebLogoutReason', reasons);
    define('WAWebLogoutReasonConstants', { LogoutReason, LOGOUT_REASON_CODE });
}
