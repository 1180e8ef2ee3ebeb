'use strict';

/*
 * The controller's hands inside WhatsApp Web. Runs after wa-js and before
 * the page's own scripts, in every document. It tells the controller what
 * happens through a binding and takes calls through an object that only the
 * controller holds. What it uses of wa-js is listed in contract.json.
 *
 * Nothing that it says about an error holds personal data.
 */
(function () {
    const HANDLE = '__whatsappControllerBridge';
    const TOOLS = '__whatsappControllerTools';

    /* ms; the controller's own deadlines are longer */
    const BOOT_TIMEOUT = 50000;
    const BOOT_POLL = 100;
    const MODULES_GRACE = 15000;
    const STATE_DELAY = 20;
    const STATE_POLL = 10000;
    const LOOKUP_TIMEOUT = 10000;
    const ORDER_TIMEOUT = 20000;
    const LOGOUT_TIMEOUT = 15000;
    const QR_TIMEOUT = 5000;
    const QR_POLL = 50;
    const TYPING_TIME = 25000;

    /* how long a code lives, if the page does not say */
    const QR_LIFETIME = 20000;

    const RESOLVED_MAX = 10000;
    const RESOLVED_TIME = 3600000;
    const BODY_MAX = 65536;

    /* the parts of wa-js, and behind it of WhatsApp Web, that must be there */
    const BINDINGS = {
        session: [
            'conn.isAuthenticated', 'conn.isRegistered', 'whatsapp.Cmd.on',
            'whatsapp.Socket.on', 'whatsapp.Stream.on',
            'whatsapp.UserPrefs.getMaybeMeLidUser',
            'whatsapp.UserPrefs.getMaybeMePnUser',
            'whatsapp.functions.isAuthenticated',
            'whatsapp.functions.isRegistered',
        ],
        resolve: [
            'chat.find', 'whatsapp.ApiContact.getPhoneNumber',
            'whatsapp.ChatStore.get', 'whatsapp.WidFactory.createWid',
            'whatsapp.functions.findOrCreateLatestChat',
            'whatsapp.functions.queryWidExists',
        ],
        send_text: [
            'chat.getMessageById', 'chat.sendTextMessage',
            'whatsapp.MsgKey.fromString', 'whatsapp.MsgModel',
            'whatsapp.MsgStore.get', 'whatsapp.MsgStore.on',
            'whatsapp.functions.addAndSendMsgToChat',
            'whatsapp.functions.canReplyMsg',
            'whatsapp.functions.getEphemeralFields',
            'whatsapp.functions.getSearchContext',
            'whatsapp.functions.unixTime',
        ],
        mark_read: ['chat.markIsRead', 'whatsapp.functions.sendSeen'],
        typing: [
            'chat.markIsComposing', 'chat.markIsPaused',
            'whatsapp.ChatPresence.markComposing',
            'whatsapp.ChatPresence.markPaused',
        ],
        qr: [
            'conn.getAuthCode', 'conn.logout', 'conn.refreshQR',
            'whatsapp.Cmd.refreshQR', 'whatsapp.Conn.on',
        ],
    };

    /*
     * Without these the session is of no use. A page that waits for a scan
     * may not have loaded yet what sending needs.
     */
    const VITAL_UNLINKED = ['session', 'qr'];
    const VITAL = ['session', 'resolve', 'send_text'];

    /* wa-js refuses with these before anything is handed to WhatsApp */
    const REFUSED_BEFORE_SENDING = {
        can_not_send_message_to_this_groupType: 'invalid_parameter',
        chat_not_found: 'invalid_parameter',
        invalid_quoted_msg: 'invalid_parameter',
        invalid_wid: 'invalid_parameter',
        message_key_is_not_from_me: 'page_error',
        message_key_remote_id_is_not_same_of_chat: 'page_error',
        quoted_msg_can_not_reply: 'invalid_parameter',
    };

    /*
     * needs: the capability without which a call is refused; effect: an
     * unforeseen failure leaves open whether it was done
     */
    const METHODS = {
        'ping': { run: () => ({}) },
        'state': { run: readState },
        'probe': { run: probe },
        'session.qr': { run: getQr, needs: 'qr' },
        'session.logout': { run: logOut, needs: 'qr', effect: true },
        'recipient.resolve': { run: resolveRecipient, needs: 'resolve' },
        'message.send': { run: enqueue, needs: 'send_text', effect: true },
        'message.status': { run: getStatus, needs: 'send_text' },
        'message.read': { run: markRead, needs: 'mark_read', effect: true },
        'phone.get': { run: getPhone, needs: 'session' },
    };

    const tools = window[TOOLS];

    /* a frame: preload.js has left nothing here */
    if (!tools) {
        return;
    }

    delete window[TOOLS];

    const { Failure, answer, emit, lookUp, textOr, until, within } = tools;

    /* as the last probe found them */
    let capabilities = {};

    let stateTimer = null;
    let lastState = '';
    let logoutReason = null;
    let codeSince = 0;

    /* paths of what is listened to already */
    const listened = new Set();

    /* recipients that exist, by what was asked */
    const resolved = new Map();

    /* by chat: settles when the chat's last send is in WhatsApp's hands */
    const order = new Map();

    /* by message id: what to call when WhatsApp has taken it */
    const taken = new Map();

    /* by chat: the timer that ends "typing" */
    const typing = new Map();


    async function call(name, params) {
        const method = Object.hasOwn(METHODS, name) ? METHODS[name] : null;

        return answer(method, params, !method || !method.needs
                                      || capabilities[method.needs]);
    }


    /* ==== boot ==== */

    function missingOf(capability) {
        return BINDINGS[capability].filter(
            (path) => typeof lookUp(path) !== 'function');
    }

    function vitalMissing() {
        const vital = ask('conn.isRegistered') ? VITAL : VITAL_UNLINKED;

        return vital.flatMap(missingOf);
    }

    /* what wa-js can do on this version of WhatsApp Web */
    function probe() {
        const ready = Boolean(lookUp('isReady'));
        const missing = ['isInjected', 'isReady'].filter(
            (stage) => !lookUp(stage));

        capabilities = {};

        for (const capability of Object.keys(BINDINGS)) {
            const absent = missingOf(capability);

            missing.push(...absent);
            capabilities[capability] = ready && absent.length === 0;
        }

        listen();

        const { session, ...shown } = capabilities;

        return {
            verdict: session && vitalMissing().length === 0
                ? 'ok' : 'incompatible',
            missing,
            web_version: textOr(null, window.Debug && window.Debug.VERSION),
            wa_js_version: textOr(null, lookUp('version')),
            capabilities: shown,
        };
    }

    /* modules may come late: what is missing is looked for for a while */
    async function boot() {
        let injectedAt = 0;

        await until(BOOT_TIMEOUT, BOOT_POLL, () => {
            if (!lookUp('isInjected')) {
                return false;
            }

            injectedAt = injectedAt || Date.now();

            const isReady = lookUp('isReady');
            const isLate = Date.now() - injectedAt >= MODULES_GRACE;

            /* wa-js searches all modules for each thing that is missing */
            if (!isReady && !isLate) {
                return false;
            }

            return vitalMissing().length === 0 ? isReady : isLate;
        });

        emit('boot', probe());
        publishState();
        setInterval(publishState, STATE_POLL);

        if (capabilities.qr && lookUp('whatsapp.Stream.mode') === 'QR') {
            codeChanged();
        }
    }

    /* linked without a reload: what sending needs may only be there now */
    async function bootAgain() {
        const before = JSON.stringify(capabilities);

        await until(MODULES_GRACE, BOOT_POLL,
                    () => vitalMissing().length === 0);

        const found = probe();

        if (JSON.stringify(capabilities) !== before) {
            emit('boot', found);
        }
    }

    function listen() {
        const sources = [
            ['whatsapp.Socket', 'change:state change:stream change:hasSynced',
                stateChanged],
            ['whatsapp.Stream', 'change:mode change:info', stateChanged],
            ['whatsapp.Cmd', 'main_loaded', mainLoaded],
            ['whatsapp.Conn', 'change:ref', codeChanged],
            ['whatsapp.MsgStore', 'add', messageAdded],
        ];

        for (const [path, events, handler] of sources) {
            const source = lookUp(path);

            if (source && source.on && !listened.has(path)) {
                listened.add(path);
                source.on(events, handler);
            }
        }
    }

    function mainLoaded() {
        stateChanged();
        bootAgain();
    }


    /* ==== state ==== */

    function stateChanged() {
        if (stateTimer === null) {
            stateTimer = setTimeout(publishState, STATE_DELAY);
        }
    }

    function publishState() {
        const state = readState();
        const text = JSON.stringify(state);

        clearTimeout(stateTimer);
        stateTimer = null;

        if (text !== lastState) {
            lastState = text;
            emit('state', state);
        }
    }

    /* never from isMainReady, which is true on the QR screen too */
    function readState() {
        return {
            socket: textOr(null, lookUp('whatsapp.Socket.state')),
            stream: textOr(null, lookUp('whatsapp.Socket.stream')),
            mode: textOr(null, lookUp('whatsapp.Stream.mode')),
            info: textOr(null, lookUp('whatsapp.Stream.info')),
            authenticated: ask('conn.isAuthenticated'),
            registered: ask('conn.isRegistered'),
            wa_id: ownNumber(),
            has_synced: Boolean(lookUp('whatsapp.Socket.hasSynced')),
        };
    }

    function ask(path) {
        try {
            return Boolean(lookUp(path)());
        } catch (e) {
            return false;
        }
    }

    function ownNumber() {
        try {
            return window.WPP.whatsapp.UserPrefs.getMaybeMePnUser().user;
        } catch (e) {
            return null;
        }
    }

    /* a name of WhatsApp's own list; it comes before the logout itself */
    function onLogoutReason(reason) {
        logoutReason = /^\w{1,40}$/.test(reason) ? String(reason) : null;
    }

    function onLogout() {
        resolved.clear();
        emit('logout', { reason: logoutReason });
        logoutReason = null;
        stateChanged();
    }


    /* ==== linking ==== */

    function codeOnScreen() {
        const element = document.querySelector('[data-ref]');

        return element ? element.getAttribute('data-ref') : null;
    }

    /* the model changes first, the screen a little later */
    async function codeChanged() {
        const { ref } = window.WPP.whatsapp.Conn;

        codeSince = Date.now();
        await until(QR_TIMEOUT, QR_POLL, () => {
            const code = codeOnScreen();

            return ref ? code !== null && code.includes(ref) : code === null;
        });
        emit('qr', {});
    }

    async function getQr() {
        const { conn, whatsapp } = window.WPP;
        const { Conn, Socket, Stream } = whatsapp;

        if (conn.isRegistered() || Stream.mode !== 'QR') {
            throw new Failure('not_in_qr_state', 'The session is linked');
        }

        /* WhatsApp stops making codes that nobody scans; somebody asks now */
        if (Socket.state === 'UNPAIRED_IDLE') {
            conn.refreshQR();
            await until(QR_TIMEOUT, QR_POLL,
                        () => Socket.state !== 'UNPAIRED_IDLE');
        }

        const qr = codeOnScreen() || await composeCode();

        if (!qr) {
            throw new Failure('not_in_qr_state', 'There is no QR code now');
        }

        const lifetime = Number(Conn.refTTL) || QR_LIFETIME;
        const left = codeSince + lifetime - Date.now();

        return { qr, expires_in: Math.max(0, Math.ceil(left / 1000)) };
    }

    /* should the page show its code elsewhere; wa-js lacks the last part */
    async function composeCode() {
        const code = await within(LOOKUP_TIMEOUT,
                                  window.WPP.conn.getAuthCode());

        if (!code) {
            return null;
        }

        const { DEVICE_PLATFORM } = window.require(
            'WAWebCompanionRegClientUtils');

        return `${code.fullCode},${DEVICE_PLATFORM}`;
    }

    async function logOut() {
        if (!window.WPP.conn.isRegistered()) {
            throw new Failure('session_not_linked', 'No account is linked');
        }

        await within(LOGOUT_TIMEOUT, window.WPP.conn.logout(), 'unknown');
        return {};
    }


    /* ==== recipients ==== */

    function parseRecipient(to) {
        const text = String(to).trim();
        const digits = text.replace(/@c\.us$/, '').replace(/[-+(). ]/g, '');

        if (/^\d{5,15}$/.test(digits)) {
            return `${digits}@c.us`;
        }

        if (/^\d{5,30}@lid$|^\d[\d-]{4,40}@g\.us$/.test(text)) {
            return text;
        }

        throw new Failure('invalid_parameter',
                          'The recipient is not a phone number');
    }

    async function resolveRecipient({ to }) {
        const id = parseRecipient(to);
        const known = resolved.get(id);

        if (known && known.until > Date.now()) {
            return known.result;
        }

        const wid = window.WPP.whatsapp.WidFactory.createWid(id);
        const result = wid.isGroup() ? resolveGroup(wid)
                                     : await resolvePerson(wid);

        resolved.delete(id);
        resolved.set(id, { result, until: Date.now() + RESOLVED_TIME });

        if (resolved.size > RESOLVED_MAX) {
            resolved.delete(resolved.keys().next().value);
        }

        return result;
    }

    async function resolvePerson(wid) {
        const { ApiContact, UserPrefs, functions } = window.WPP.whatsapp;

        if (wid.equals(UserPrefs.getMaybeMePnUser())
            || wid.equals(UserPrefs.getMaybeMeLidUser()))
        {
            throw new Failure('own_number',
                              'The recipient is the account itself');
        }

        /* not wa-js's queryExists: to it a lost connection is a "no" */
        const found = await within(LOOKUP_TIMEOUT,
                                   functions.queryWidExists(wid));

        if (!found) {
            throw new Failure('not_on_whatsapp',
                              'The recipient is not on WhatsApp');
        }

        /* an account that uses lids has the chat under the lid */
        const chat = await within(LOOKUP_TIMEOUT,
                                  window.WPP.chat.find(found.wid || wid));
        const phone = [found.wid, wid].find((id) => id && !id.isLid())
                      || ApiContact.getPhoneNumber(wid);

        return { chat: String(chat.id), wa_id: (phone || wid).user };
    }

    function resolveGroup(wid) {
        const { ChatStore, UserPrefs } = window.WPP.whatsapp;

        if (!ChatStore.get(wid)) {
            throw new Failure('not_on_whatsapp',
                              'The account is not in this group');
        }

        return {
            chat: String(wid),
            wa_id: wid.user,
            participant: String(UserPrefs.getMaybeMeLidUser()),
        };
    }


    /* ==== sending ==== */

    function checkSend({ key, chat, type, text }) {
        if (typeof key !== 'string' || typeof chat !== 'string'
            || !key.startsWith(`true_${chat}_`))
        {
            throw new Failure('invalid_parameter',
                              'The message id does not fit the chat');
        }

        if (type !== 'text' || !text || typeof text.body !== 'string'
            || text.body.length === 0 || text.body.length > BODY_MAX)
        {
            throw new Failure('invalid_parameter',
                              'The text is missing or too long');
        }
    }

    /*
     * Sends of one chat enter WhatsApp one after the other, so that they
     * reach the server in the order of the calls; their acks come later and
     * need no waiting.
     */
    async function enqueue(params) {
        checkSend(params);

        const { chat } = params;
        const before = order.get(chat);
        let release;
        const turn = new Promise((resolve) => {
            release = () => {
                if (order.get(chat) === turn) {
                    order.delete(chat);
                }

                resolve();
            };
        });

        order.set(chat, turn);

        try {
            if (before) {
                await within(ORDER_TIMEOUT, before);
            }

            return await send(params, release);

        } finally {
            release();
        }
    }

    async function send({ key, chat, text, quoted }, onTaken) {
        const options = {
            createChat: true,
            detectMentioned: false,
            linkPreview: false,
            markIsRead: false,
            messageId: key,
            waitForAck: true,
        };

        if (quoted) {
            options.quotedMsg = await needMessage(quoted);
        }

        stopTyping(chat);
        taken.set(key, onTaken);

        try {
            return judge(await window.WPP.chat.sendTextMessage(
                chat, text.body, options));

        } catch (e) {
            throw refusedBeforeSending(e) || e;

        } finally {
            taken.delete(key);
        }
    }

    function messageAdded(msg) {
        const onTaken = taken.get(String(msg.id));

        if (onTaken) {
            onTaken();
        }
    }

    /* sent is what WhatsApp's server has acknowledged, nothing less */
    function judge({ ack, sendMsgResult }) {
        const result = sendMsgResult && sendMsgResult.messageSendResult;

        if (result === 'OK') {
            return {
                ack: Math.max(1, Number(ack) || 0),
                t: Number(sendMsgResult.t) || Math.floor(Date.now() / 1000),
            };
        }

        if (result === 'ERROR_UNKNOWN' && ack < 0) {
            throw new Failure('send_refused',
                              'WhatsApp refused the message');
        }

        throw new Failure('page_error',
                          'WhatsApp Web could not say whether it was sent',
                          'unknown');
    }

    function refusedBeforeSending(e) {
        const code = e && Object.hasOwn(REFUSED_BEFORE_SENDING, e.code)
            ? REFUSED_BEFORE_SENDING[e.code] : null;

        return code && new Failure(
            code, `WhatsApp Web did not take the message: ${e.code}`);
    }

    /* a message of any chat by its serialized key; null if there is none */
    async function findMessage(key) {
        try {
            return await within(LOOKUP_TIMEOUT,
                                window.WPP.chat.getMessageById(key));
        } catch (e) {
            if (e instanceof Failure) {
                throw e;
            }

            return null;
        }
    }

    async function needMessage(key) {
        const msg = await findMessage(key);

        if (!msg) {
            throw new Failure('invalid_parameter',
                              'There is no message with this id');
        }

        return msg;
    }

    async function getStatus({ key }) {
        const msg = await findMessage(key);

        return { found: msg !== null, ack: msg ? Number(msg.ack) || 0 : 0 };
    }


    /* ==== reading and typing ==== */

    async function markRead({ key, typing: withTyping }) {
        const msg = await needMessage(key);
        const chat = String(msg.id.remote);

        if (msg.id.fromMe) {
            throw new Failure('invalid_parameter',
                              'The account itself wrote this message');
        }

        await within(LOOKUP_TIMEOUT, window.WPP.chat.markIsRead(chat),
                     'unknown');

        if (withTyping) {
            await within(LOOKUP_TIMEOUT, window.WPP.chat.markIsComposing(chat),
                         'unknown');
            stopTyping(chat);
            typing.set(chat, setTimeout(endTyping, TYPING_TIME, chat));
        }

        return {};
    }

    /* a message ends "typing" on the other side by itself */
    function stopTyping(chat) {
        clearTimeout(typing.get(chat));
        typing.delete(chat);
    }

    function endTyping(chat) {
        typing.delete(chat);
        window.WPP.chat.markIsPaused(chat).catch(() => {});
    }


    /* ==== the account ==== */

    function getPhone() {
        const { Conn, UserPrefs } = window.WPP.whatsapp;
        const waId = ownNumber();

        if (!waId) {
            throw new Failure('session_not_linked', 'No account is linked');
        }

        const name = UserPrefs.getMaybeMeDisplayName
            && UserPrefs.getMaybeMeDisplayName();

        return { wa_id: waId, name: textOr('', name || Conn.pushname) };
    }


    window[HANDLE] = Object.freeze({ call });
    emit('hello', {});

    if (window.WPP) {
        window.WPP.on('conn.logout_reason', onLogoutReason);
        window.WPP.on('conn.logout', onLogout);
    }

    boot();
}());
