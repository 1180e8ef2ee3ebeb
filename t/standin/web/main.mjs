/*
 * Starts the stand-in for WhatsApp Web: all modules, then the connection.
 */

import { defineIds } from './ids.mjs';
import { defineSession } from './session.mjs';
import { defineQr } from './qr.mjs';
import { definePairing } from './pairing.mjs';
import { defineMessages } from './messages.mjs';
import { defineChats } from './chats.mjs';
import { defineSending } from './sending.mjs';
import { defineActs } from './acts.mjs';
import { defineMedia } from './media.mjs';
import { defineGroups } from './groups.mjs';
import { defineAccount } from './account.mjs';
import { listenForAnswers } from './iq.mjs';
import { defineUnused } from './unused.mjs';
import { obeyCommands } from './commands.mjs';
import { version } from './define.mjs';
import { link } from './link.mjs';
import * as store from './store.mjs';

await store.open();

defineIds();
await defineSession();
defineQr();
definePairing();
defineMessages();
await defineChats();
await defineSending();
defineActs();
defineMedia();
defineGroups();
defineAccount();
listenForAnswers();
defineUnused();
obeyCommands();

link.connect();

/* wa-js takes this for the sign that the application runs */
self.Debug = { VERSION: version };
