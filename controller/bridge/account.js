'use strict';

/*
 * The account itself: its number and name, whom it blocks.
 */
(function () {
    const tools = window.__whatsappControllerTools;

    /* a frame */
    if (!tools) {
        return;
    }

    const {
        Failure, demand, isOwn, needPerson, numberOf, parseRecipient, textOr,
        within,
    } = tools;

    const TIMEOUT = 15000;                                         /* ms */

    const BINDINGS = {
        block: [
            'blocklist.all', 'blocklist.blockContact',
            'blocklist.unblockContact',
            'whatsapp.BlocklistStore.getModelsArray',
            'whatsapp.functions.blockContact',
            'whatsapp.functions.unblockContact',
        ],
    };


    function ownNumber() {
        try {
            return window.WPP.whatsapp.UserPrefs.getMaybeMePnUser().user;
        } catch (e) {
            return null;
        }
    }

    function ownName() {
        try {
            const { Conn, UserPrefs } = window.WPP.whatsapp;
            const name = UserPrefs.getMaybeMeDisplayName
                && UserPrefs.getMaybeMeDisplayName();

            return textOr(null, name || Conn.pushname);
        } catch (e) {
            return null;
        }
    }

    function getPhone() {
        const waId = ownNumber();

        if (!waId) {
            throw new Failure('session_not_linked', 'No account is linked');
        }

        return { wa_id: waId, name: textOr('', ownName()) };
    }


    /* ==== blocking ==== */

    function listBlocked() {
        return { users: window.WPP.blocklist.all().map(numberOf) };
    }

    async function setBlocked({ user, blocked }) {
        const id = parseRecipient(user);

        demand(!id.endsWith('@g.us'), 'A group cannot be blocked');

        const { phone } = await needPerson(
            window.WPP.whatsapp.WidFactory.createWid(id));

        if (isOwn(phone)) {
            throw new Failure('own_number',
                              'The account cannot block itself');
        }

        await within(TIMEOUT, blocked
            ? window.WPP.blocklist.blockContact(String(phone))
            : window.WPP.blocklist.unblockContact(String(phone)), 'unknown');

        return { wa_id: phone.user };
    }


    Object.assign(tools.bindings, BINDINGS);
    Object.assign(tools.methods, {
        'phone.get': { run: getPhone, needs: 'session' },
        'block.list': { run: listBlocked, needs: 'block' },
        'block.set': { run: setBlocked, needs: 'block', effect: true },
    });
    Object.assign(tools, { ownName, ownNumber });
}());
