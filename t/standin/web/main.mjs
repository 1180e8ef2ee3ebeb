/*
 * Starts the stand-in for WhatsApp Web: all modules, then the connection.
 */

import { defineIds } from './ids.mjs';
import { defineBuses } from './bus.mjs';
import { defineSession, loadSession } from './session.mjs';
import { defineProperties } from './properties.mjs';
import { defineQr } from './qr.mjs';
import { definePairing } from './pairing.mjs';
import { defineMessages } from './messages.mjs';
import { defineLids } from './lids.mjs';
import { defineChats } from './chats.mjs';
import { definePresence } from './presence.mjs';
import { defineBlocklist } from './blocklist.mjs';
import { defineSending } from './sending.mjs';
import { defineInbound } from './inbound.mjs';
import { defineActs } from './acts.mjs';
import { defineAddons } from './addons.mjs';
import { defineCalls } from './calls.mjs';
import { defineDownloads } from './downloads.mjs';
import { defineHistory } from './history.mjs';
import { defineProcess } from './process.mjs';
import { defineReceipts } from './receipts.mjs';
import { defineLimits } from './limits.mjs';
import { defineMedia } from './media.mjs';
import { defineGroups } from './groups.mjs';
import { defineAccount } from './account.mjs';
import { defineIq } from './iq.mjs';
import { defineUnused } from './unused.mjs';
import { obeyCommands } from './commands.mjs';
import { defineLoading, options, version } from './define.mjs';
import { link } from './link.mjs';
import * as store from './store.mjs';

await store.open();
await loadSession();

defineLoading();
defineIds();
defineBuses();
defineSession();
defineProperties();
defineQr();
definePairing();
defineMessages();
await defineLids();
await defineChats();
definePresence();
defineBlocklist();
defineProcess();
defineDownloads();
await defineSending();
defineReceipts();
defineAddons();
defineCalls();
defineHistory();
defineActs();
defineLimits();
defineMedia();
defineGroups();
defineAccount();
defineIq();
defineUnused();
await defineInbound();
obeyCommands();

link.connect();

if (options.complain) {
    console.error(options.complain, { text: options.complain });
    setTimeout(() => {
        throw new TypeError(options.complain);
    });
}

/* wa-js takes this for the sign that the application runs */
self.Debug = { VERSION: version };
