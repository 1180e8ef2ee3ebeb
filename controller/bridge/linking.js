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

    const { Failure, emit, until, within } = tools;

    /* ms */
    const LOOKUP_TIMEOUT = 10000;
    const LOGOUT_TIMEOUT = 15000;
    const QR_TIMEOUT = 5000;
    const QR_POLL = 50;

    /* how long a code lives, if the page does not say */
    const QR_LIFETIME = 20000;

    const BINDINGS = {
        qr: [
            'conn.getAuthCode', 'conn.logout', 'conn.refreshQR',
            'whatsapp.Cmd.refreshQR', 'whatsapp.Conn.on',
        ],
    };

    let codeSince = 0;


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


    Object.assign(tools.bindings, BINDINGS);
    Object.assign(tools.methods, {
        'session.qr': { run: getQr, needs: 'qr' },
        'session.logout': { run: logOut, needs: 'qr', effect: true },
    });
    tools.sources.push(['whatsapp.Conn', 'change:ref', codeChanged]);
    tools.codeChanged = codeChanged;
}());
