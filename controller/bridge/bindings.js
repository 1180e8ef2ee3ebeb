'use strict';

/*
 * Where the parts of WhatsApp Web are found that the bridge uses. There are
 * two ways: wa-js, which searches all modules for what looks like the part,
 * and the name of the module, for the parts without which a session is of no
 * use. What wa-js does not find, or not yet, is taken by its name.
 *
 * The names were read in 2.3000.1044822804.
 */
(function () {
    const tools = window.__whatsappControllerTools;

    /* a frame */
    if (!tools) {
        return;
    }

    const lookUpInWaJs = tools.lookUp;

    /*
     * ms in which wa-js is not asked again for what it did not find: each time
     * it walks through all modules
     */
    const MISS_TIME = 10000;

    /* by wa-js's path: the module, and its export if it is not all of it */
    const MODULES = {
        'whatsapp.ApiContact': 'WAWebApiContact',
        'whatsapp.BackendEventBus': 'WAWebBackendEventBus.BackendEventBus',
        'whatsapp.BlocklistStore':
            'WAWebBlocklistCollection.BlocklistCollection',
        'whatsapp.ChatPresence': 'WAWebPresenceChatAction',
        'whatsapp.ChatStore': 'WAWebChatCollection.ChatCollection',
        'whatsapp.Cmd': 'WAWebCmd.Cmd',
        'whatsapp.Conn': 'WAWebConnModel.Conn',
        'whatsapp.ContactStore': 'WAWebContactCollection.ContactCollection',
        'whatsapp.GroupMetadataStore': 'WAWebGroupMetadataCollection.default',
        'whatsapp.LinkDeviceEvents':
            'WAWebLinkDeviceEvents.WAWebLinkDeviceEvents',
        'whatsapp.MsgKey': 'WAWebMsgKey.default',
        'whatsapp.MsgStore': 'WAWebMsgCollection.MsgCollection',
        'whatsapp.Socket': 'WAWebSocketModel.Socket',
        'whatsapp.Stream': 'WAWebStreamModel.Stream',
        'whatsapp.UserPrefs': 'WAWebUserPrefsMeUser',
        'whatsapp.WidFactory': 'WAWebWidFactory',
        'whatsapp.functions.addAndSendMsgToChat':
            'WAWebSendMsgChatAction.addAndSendMsgToChat',
        'whatsapp.functions.canReplyMsg': 'WAWebMsgReply.canReplyMsg',
        'whatsapp.functions.canSenderRevokeMsg':
            'WAWebMsgActionCapability.canSenderRevokeMsg',
        'whatsapp.functions.findOrCreateLatestChat':
            'WAWebFindChatAction.findOrCreateLatestChat',
        'whatsapp.functions.genLinkDeviceCodeForPhoneNumber':
            'WAWebLinkDeviceAction.genLinkDeviceCodeForPhoneNumber',
        'whatsapp.functions.getEphemeralFields':
            'WAWebGetEphemeralFieldsMsgActionsUtils.getEphemeralFields',
        'whatsapp.functions.getSearchContext':
            'WAWebChatMessageSearch.getSearchContext',
        'whatsapp.functions.initializeAltDeviceLinking':
            'WAWebAltDeviceLinkingApi.initializeAltDeviceLinking',
        'whatsapp.functions.isAuthenticated':
            'WAWebUserPrefsIsLoggedIn.isLoggedIn',
        'whatsapp.functions.isExpiredAndNotKept':
            'WAWebKeepInChatMsgUtils.isExpiredAndNotKept',
        'whatsapp.functions.isRegistered':
            'WAWebUserPrefsMultiDevice.isRegistered',
        'whatsapp.functions.msgFindByDirection':
            'WAWebDBMessageFindLocal.msgFindByDirection',
        'whatsapp.functions.queryWidExists':
            'WAWebQueryExistsJob.queryWidExists',
        'whatsapp.functions.replyChecks': 'WAWebMsgReply.replyChecks',
        'whatsapp.functions.sendSeen':
            'WAWebUpdateUnreadChatAction.sendSeen',
        'whatsapp.functions.unixTime': 'WATimeUtils.unixTime',
    };

    /* by path: when wa-js did not find it */
    const missed = new Map();

    const functions = viewOf('whatsapp.functions');

    /* WPP.whatsapp, with what wa-js has not found taken by its name */
    const whatsapp = viewOf('whatsapp');


    function viewOf(root) {
        return new Proxy({}, {
            get: (view, name) => (name === 'functions'
                ? functions : lookUp(`${root}.${name}`)),
        });
    }

    /*
     * The exports of a module that is there; undefined if it is not, or if
     * WhatsApp Web itself has not started yet and must not be hurried.
     */
    function moduleOf(id) {
        if (!window.Debug || !window.Debug.VERSION) {
            return undefined;
        }

        try {
            const { modulesMap } = window.require('__debug');

            return Object.hasOwn(modulesMap, id)
                ? window.importNamespace(id) : undefined;
        } catch (e) {
            return undefined;
        }
    }

    function findByName(part) {
        const [id, name] = (MODULES[part] || '').split('.');
        const exports = id && moduleOf(id);

        return exports && name ? exports[name] : exports || undefined;
    }

    function findByWaJs(part) {
        if (!lookUpInWaJs('isInjected')
            || Date.now() - (missed.get(part) || 0) < MISS_TIME)
        {
            return undefined;
        }

        const value = lookUpInWaJs(part);

        if (value === undefined || value === null) {
            missed.set(part, Date.now());
            return undefined;
        }

        missed.delete(part);
        return value;
    }

    /* "whatsapp.Socket.on" is a member of the part "whatsapp.Socket" */
    function partOf(names) {
        return names.slice(0, names[1] === 'functions' ? 3 : 2);
    }

    /*
     * What stands under a path of wa-js, undefined if nothing; of
     * "whatsapp...." also what only its name leads to.
     */
    function lookUp(path) {
        const names = path.split('.');

        if (names[0] !== 'whatsapp' || names.length < 2) {
            return lookUpInWaJs(path);
        }

        const part = partOf(names);
        const found = findByWaJs(part.join('.'));
        let value = found === undefined
            ? findByName(part.join('.')) : found;

        try {
            for (const name of names.slice(part.length)) {
                value = value[name];
            }
        } catch (e) {
            return undefined;
        }

        return value;
    }

    /* whether wa-js has found all of these by itself */
    function isFoundByWaJs(paths) {
        return Boolean(lookUpInWaJs('isReady')) && paths.every((path) => (
            findByWaJs(partOf(path.split('.')).join('.')) !== undefined));
    }

    /*
     * Which way a path is found, null if it is not; the value of its part; and
     * the module that the table has for it, null if that is none.
     */
    function placeOf(path) {
        const part = partOf(path.split('.')).join('.');
        const byWaJs = path.startsWith('whatsapp.')
            ? findByWaJs(part) : lookUpInWaJs(part);
        const value = byWaJs === undefined ? findByName(part) : byWaJs;
        let way = byWaJs === undefined ? 'name' : 'wa-js';

        if (!isThere(path)) {
            way = null;
        }

        return { way, value, module: MODULES[part] || null };
    }

    /* what wa-js itself does needs it to be ready, too */
    function isThere(path) {
        return (path.startsWith('whatsapp.')
                || Boolean(lookUpInWaJs('isReady')))
               && typeof lookUp(path) === 'function';
    }

    /* asked by somebody who knows that modules have come */
    function forgetMissed() {
        missed.clear();
    }


    Object.assign(tools, {
        forgetMissed, isFoundByWaJs, isThere, lookUp, moduleOf, placeOf,
        whatsapp,
    });
}());
