'use strict';

/*
 * Linking an account: the QR code, and logging out.
 */
(function () {
    const tools = window.__whatsappControllerTools;

    /* a frame */
    if (!tools) {
        return;
    }

    const { Failure, emit, lookUp, until, whatsapp, within } = tools;

    /* ms */
    const LOOKUP_TIMEOUT = 10000;
    const LOGOUT_TIMEOUT = 30000;
    const QR_TIMEOUT = 5000;
    const QR_POLL = 50;

    /* how long a code lives, if the page does not say */
    const QR_LIFETIME = 20000;

    const BINDINGS = {
        qr: ['whatsapp.Conn.on'],
    };

    let codeSince = 0;


    function codeOnScreen() {
        const element = document.querySelector('[data-ref]');

        return element ? element.getAttribute('data-ref') : null;
    }

    /* the model changes first, the screen a little later */
    async function codeChanged() {
        const { ref } = whatsapp.Conn;

        codeSince = Date.now();
        await until(QR_TIMEOUT, QR_POLL, () => {
            const code = codeOnScreen();

            return ref ? code !== null && code.includes(ref) : code === null;
        });
        emit('qr', {});
    }

    async function getQr() {
        const { Conn, Socket, Stream } = whatsapp;

        if (tools.isRegistered() || Stream.mode !== 'QR') {
            throw new Failure('not_in_qr_state', 'The session is linked');
        }

        /* WhatsApp stops making codes that nobody scans; somebody asks now */
        if (Socket.state === 'UNPAIRED_IDLE') {
            await refreshCode();
        }

        const qr = codeOnScreen() || await composeCode();

        if (!qr) {
            throw new Failure('not_in_qr_state', 'There is no QR code now');
        }

        const lifetime = Number(Conn.refTTL) || QR_LIFETIME;
        const left = codeSince + lifetime - Date.now();

        return { qr, expires_in: Math.max(0, Math.ceil(left / 1000)) };
    }

    /* where the bus is missing, WhatsApp Web is loaded again sometime */
    async function refreshCode() {
        const bus = whatsapp.BackendEventBus;

        if (bus && typeof bus.triggerRefreshQR === 'function') {
            bus.triggerRefreshQR();
            await until(QR_TIMEOUT, QR_POLL, () => (
                whatsapp.Socket.state !== 'UNPAIRED_IDLE'
                && codeOnScreen() !== null));
        }
    }

    /* should the page show its code elsewhere; wa-js lacks the last part */
    async function composeCode() {
        const { DEVICE_PLATFORM } = tools.moduleOf(
            'WAWebCompanionRegClientUtils') || {};

        if (!DEVICE_PLATFORM || !lookUp('isReady')) {
            return null;
        }

        const code = await within(LOOKUP_TIMEOUT,
                                  window.WPP.conn.getAuthCode());

        return code && `${code.fullCode},${DEVICE_PLATFORM}`;
    }

    /*
     * WhatsApp Web tells the server, forgets the account whatever the server
     * says, and leaves the page, by which this call may be lost.
     */
    async function logOut() {
        const { Cmd, Socket } = whatsapp;

        if (!tools.isRegistered()) {
            throw new Failure('session_not_linked', 'No account is linked');
        }

        const over = new Promise((resolve) => {
            Cmd.on('logout_from_bridge', resolve);
            window.addEventListener('pagehide', resolve);
        });

        Socket.logout();
        await within(LOGOUT_TIMEOUT, over, 'unknown');

        return {};
    }


    Object.assign(tools.bindings, BINDINGS);
    Object.assign(tools.methods, {
        'session.qr': { run: getQr, needs: 'qr' },
        'session.logout': { run: logOut, needs: 'session', effect: true },
    });
    tools.sources.push(['whatsapp.Conn', 'change:ref', codeChanged]);
    tools.codeChanged = codeChanged;
}());
