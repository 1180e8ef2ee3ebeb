'use strict';

/*
 * The account itself: its number and name, its profile, whom it blocks.
 */
(function () {
    const tools = window.__whatsappControllerTools;

    /* a frame */
    if (!tools) {
        return;
    }

    const {
        Failure, demand, needPerson, numberOf, parseRecipient, textOr, within,
    } = tools;

    const TIMEOUT = 15000;                                         /* ms */
    const ABOUT_LENGTH = 139;

    const BINDINGS = {
        block: [
            'blocklist.all', 'blocklist.blockContact',
            'blocklist.unblockContact',
            'whatsapp.BlocklistStore.getModelsArray',
            'whatsapp.functions.blockContact',
            'whatsapp.functions.unblockContact',
        ],
        profile: [
            'profile.getMyStatus', 'profile.setMyStatus',
            'whatsapp.StatusStore.find', 'whatsapp.functions.setMyStatus',
        ],
    };


    function ownNumber() {
        try {
            return window.WPP.whatsapp.UserPrefs.getMaybeMePnUser().user;
        } catch (e) {
            return null;
        }
    }

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


    /* ==== profile ==== */

    async function getProfile() {
        const phone = getPhone();
        const about = await within(TIMEOUT, window.WPP.profile.getMyStatus());

        return { ...phone, about: textOr('', about) };
    }

    async function setProfile(members) {
        for (const name of Object.keys(members)) {
            demand(name === 'about', /^\w{1,40}$/.test(name)
                ? `An account of WhatsApp Web cannot set ${name}`
                : 'There is no such member');
        }

        const { about } = members;

        demand(typeof about === 'string' && about.length <= ABOUT_LENGTH,
               `about is a text of at most ${ABOUT_LENGTH} characters`);
        await within(TIMEOUT, window.WPP.profile.setMyStatus(about),
                     'unknown');

        return {};
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

        await within(TIMEOUT, blocked
            ? window.WPP.blocklist.blockContact(String(phone))
            : window.WPP.blocklist.unblockContact(String(phone)), 'unknown');

        return { wa_id: phone.user };
    }


    Object.assign(tools.bindings, BINDINGS);
    Object.assign(tools.methods, {
        'phone.get': { run: getPhone, needs: 'session' },
        'profile.get': { run: getProfile, needs: 'profile' },
        'profile.set': { run: setProfile, needs: 'profile', effect: true },
        'block.list': { run: listBlocked, needs: 'block' },
        'block.set': { run: setBlocked, needs: 'block', effect: true },
    });
    tools.ownNumber = ownNumber;
}());
