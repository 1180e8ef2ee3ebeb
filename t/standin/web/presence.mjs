/*
 * Reading and typing: WAWebPresenceChatAction and
 * WAWebUpdateUnreadChatAction, read in 2.3000.1044822804. "Typing" is told
 * again every ten seconds until it is paused, and what is read is told while
 * the page has the focus, or at once where that is asked for.
 */

import { define } from './define.mjs';
import { Cmd } from './bus.mjs';
import { shouldHaveAccountLid } from './lids.mjs';
import { link } from './link.mjs';
import { Stream } from './session.mjs';

const PAUSED_AFTER = 2500;                                         /* ms */
const REPEATED_AFTER = 10000;

/* ms; before the offline messages are in, only the last chat counts */
const SEEN_INTERVAL = 1000;


/* ==== typing ==== */

function identifierOf(chat) {
    if (!shouldHaveAccountLid(chat.id)) {
        return chat.id;
    }

    if (!chat.accountLid) {
        throw new Error('[presence] getChatIdentifier: lid-migrated client '
                        + 'does not have an accountLid!');
    }

    return chat.accountLid;
}


function tell(chat, state) {
    link.send({ type: 'presence', chat: String(identifierOf(chat)), state });
}


function clearTimer(chat, name) {
    if (chat[name]) {
        clearTimeout(chat[name]);
        chat.unset(name);
    }
}


function repeat(chat) {
    chat.presenceResendTimerId = setTimeout(() => {
        if (chat.recording || chat.typing) {
            tell(chat, chat.recording ? 'recording' : 'composing');
            repeat(chat);
        } else {
            chat.unset('presenceResendTimerId');
        }
    }, REPEATED_AFTER);
}


function markComposing(chat) {
    if (!chat.typing) {
        tell(chat, 'composing');
        repeat(chat);
    }

    chat.typing = true;
    clearTimeout(chat.pausedTimerId);
    chat.pausedTimerId = setTimeout(() => markPaused(chat), PAUSED_AFTER);
}


function markPaused(chat) {
    if (chat.typing || chat.recording) {
        tell(chat, 'paused');
    }

    clearTimer(chat, 'presenceResendTimerId');
    clearTimer(chat, 'pausedTimerId');
    chat.typing = false;
    chat.recording = false;
}


function markRecording(chat) {
    if (!chat.recording) {
        tell(chat, 'recording');
        repeat(chat);
    }

    clearTimer(chat, 'pausedTimerId');
    chat.recording = true;
    chat.typing = false;
}


/* the page's own way to send calls this; nothing is told to anybody */
function clearPresence(chat) {
    clearTimer(chat, 'presenceResendTimerId');
    clearTimer(chat, 'pausedTimerId');
    chat.typing = false;
}


/* ==== reading ==== */

function seen({ chat, afterAvailable }) {
    if (chat.markedUnread || chat.unreadCount === 0) {
        return;
    }

    if (!Stream.available && afterAvailable !== false) {
        chat.listenToOnce(Stream, 'change:available',
                          () => seen({ chat, afterAvailable }));
        return;
    }

    chat.unreadCount = 0;
    link.send({ type: 'seen', chat: String(chat.id) });
}


/* what waits for its turn while offline messages come in */
let postponed = null;
let seenTimer = null;


function seenLater(what) {
    if (postponed && postponed.chat !== what.chat) {
        clearTimeout(seenTimer);
        seenTimer = null;
        seen(postponed);
    }

    postponed = what;
    seenTimer = seenTimer || setTimeout(() => {
        seenTimer = null;
        seen(postponed);
        postponed = null;
    }, SEEN_INTERVAL);
}


async function sendSeen(what) {
    (Cmd.isOfflineDeliveryEnd ? seen : seenLater)(what);
}


async function markUnread(chat, unread, withToast) {
    chat.markedUnread = Boolean(unread && withToast && chat.active);
    chat.unreadCount = unread ? -1 : 0;
}


/* called by others through the module, where it can be replaced */
export const unreadChatAction = { sendSeen, markUnread };


export function definePresence() {
    define('WAWebPresenceChatAction', {
        markComposing, markPaused, markRecording, clearPresence,
    });
    define('WAWebUpdateUnreadChatAction', unreadChatAction);
}
