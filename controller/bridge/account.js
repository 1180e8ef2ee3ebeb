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
        Failure, demand, findChat, isOwn, needPerson, numberOf,
        parseRecipient, textOr, whatsapp, within,
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
            return whatsapp.UserPrefs.getMaybeMePnUser().user;
        } catch (e) {
            return null;
        }
    }

    function ownName() {
        try {
            const { Conn, UserPrefs } = whatsapp;
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

        const person = await needPerson(whatsapp.WidFactory.createWid(id));

        if (isOwn(person.wid) || isOwn(person.phone)) {
            throw new Failure('own_number',
                              'The account cannot block itself');
        }

        const target = String(await targetOf(person));

        await within(TIMEOUT, known(blocked
            ? window.WPP.blocklist.blockContact(target)
            : window.WPP.blocklist.unblockContact(target)), 'unknown');

        return { wa_id: person.phone.user };
    }

    /* a migrated account blocks lids; of a number its chat knows the lid */
    async function targetOf({ wid }) {
        if (wid.isLid()) {
            return wid;
        }

        const chat = await findChat(wid);

        return chat.accountLid || chat.id;
    }

    /* WhatsApp Web throws a text when it does not know whom to block */
    async function known(promise) {
        try {
            await promise;
        } catch (e) {
            throw typeof e === 'string'
                ? new Failure('not_on_whatsapp',
                              'WhatsApp Web does not know whom to block')
                : e;
        }
    }


    Object.assign(tools.bindings, BINDINGS);
    Object.assign(tools.methods, {
        'phone.get': { run: getPhone, needs: 'session' },
        'block.list': { run: listBlocked, needs: 'block' },
        'block.set': { run: setBlocked, needs: 'block', effect: true },
    });
    Object.assign(tools, { ownName, ownNumber });
}());
