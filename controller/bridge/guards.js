'use strict';

/*
 * What WhatsApp Web and wa-js would do by themselves and shall not: mark a
 * chat as read because something is sent to it, follow when all people are
 * online, upload files in a worker, which never ends in a page that a program
 * drives, and download the files of messages, which then lie on the disk of
 * the profile, before somebody asks for one.
 *
 * A module's functions are called through the module by all other modules, so
 * they can be replaced there.
 */
(function () {
    const tools = window.__whatsappControllerTools;

    /* a frame */
    if (!tools) {
        return;
    }

    const { lookUp, moduleOf } = tools;

    const UPLOAD_IN_WORKER = 'web_media_encrypt_upload_in_worker_enabled';

    /* [module, function, what stands in its place] */
    const GUARDS = [
        ['WAWebUpdateUnreadChatAction', 'sendSeen', keepUnread],
        ['WAWebABProps', 'getABPropConfigValue', uploadHere],
        ['WAWebUserPrefsGeneral', 'getAutoDownloadAudio', never],
        ['WAWebUserPrefsGeneral', 'getAutoDownloadDocuments', never],
        ['WAWebUserPrefsGeneral', 'getAutoDownloadPhotos', never],
        ['WAWebUserPrefsGeneral', 'getAutoDownloadVideos', never],
    ];

    /* by guard: the module's object that it is placed in */
    const guarded = new Map();

    /* WhatsApp Web's own way to mark a chat as read, once it is guarded */
    let sendSeen = null;


    function keepUnread(original) {
        sendSeen = original;

        return async () => undefined;
    }

    function uploadHere(original) {
        return (name, ...more) => (
            name === UPLOAD_IN_WORKER ? false : original(name, ...more));
    }

    function never() {
        return () => false;
    }

    /* places the guards whose modules have come since it was last called */
    function guard() {
        for (const row of GUARDS) {
            const [id, name, guardOf] = row;
            const module = moduleOf(id);

            if (module && guarded.get(row) !== module
                && typeof module[name] === 'function')
            {
                guarded.set(row, module);
                module[name] = guardOf(module[name]);
            }
        }
    }

    /* marks a chat as read because somebody has asked for it */
    async function markSeen(chat) {
        const mark = sendSeen || lookUp('whatsapp.functions.sendSeen');

        /* before 2.3000.1031992593 it took the chat alone */
        await (mark.length === 1
            ? mark({ chat, afterAvailable: false }) : mark(chat, false));
    }

    /* wa-js subscribes to the presence of all chats when it is ready */
    function quieten() {
        const events = lookUp('ev.internalEv');

        if (!events) {
            return false;
        }

        for (const listener of events.listeners('conn.main_ready')) {
            if (/\bpresence\.subscribe\(/.test(String(listener))) {
                events.off('conn.main_ready', listener);
            }
        }

        return true;
    }


    Object.assign(tools, { guard, markSeen, quieten });
}());
