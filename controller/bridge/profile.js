'use strict';

/*
 * The account's profile: of a person the "about" text and the picture, of a
 * business what its customers see, too.
 */
(function () {
    const tools = window.__whatsappControllerTools;

    /* a frame */
    if (!tools) {
        return;
    }

    const {
        Failure, capabilities, demand, isText, limits, listOf, moduleOf,
        pictureOf, textOr, whatsapp, within,
    } = tools;

    const TIMEOUT = 15000;                                         /* ms */
    const WEBSITE = /^https?:\/\/[^\s\\]+$/i;

    const BINDINGS = {
        profile: [
            'profile.getMyStatus', 'profile.setMyStatus',
            'whatsapp.StatusStore.find', 'whatsapp.functions.setMyStatus',
        ],
        business_profile: [
            'contact.getBusinessProfile', 'profile.editBusinessProfile',
            'whatsapp.BusinessProfileStore.fetchBizProfile',
            'whatsapp.functions.editBusinessProfile',
        ],
        profile_picture: [
            'profile.getMyProfilePicture', 'profile.setMyProfilePicture',
            'whatsapp.ProfilePicThumbStore.find',
            'whatsapp.functions.sendSetPicture',
        ],
    };

    /* of a business, in characters */
    const TEXTS = {
        address: limits.PROFILE_ADDRESS_MAX,
        description: limits.PROFILE_DESCRIPTION_MAX,
        email: limits.PROFILE_EMAIL_MAX,
    };
    const BUSINESS = [...Object.keys(TEXTS), 'websites', 'vertical'];

    /* the Cloud API's words for WhatsApp's categories, which have numbers */
    const VERTICALS = {
        OTHER: '629412378414563',
        AUTO: '1223524174334504',
        BEAUTY: '139225689474222',
        APPAREL: '1086422341396773',
        EDU: '2250',
        ENTERTAIN: '133436743388217',
        EVENT_PLAN: '193705277324704',
        FINANCE: '1022050661163852',
        GROCERY: '150108431712141',
        GOVT: '147714868971098',
        HOTEL: '164243073639257',
        HEALTH: '145118935550090',
        NONPROFIT: '2603',
        RETAIL: '200600219953504',
        TRAVEL: '128232937246338',
        RESTAURANT: '273819889375819',
    };

    /* what may be shown: an address of WhatsApp's own servers */
    const PICTURE
        = /^https:\/\/[\w.-]+\.whatsapp\.(?:net|com)\/[!-~]{1,1500}$/;


    function own() {
        return whatsapp.UserPrefs.getMaybeMePnUser();
    }

    /* from 2.3000.1045643679 on a function tells it, not the model */
    function isBusiness() {
        const { Conn } = whatsapp;
        const { getIsSMB } = moduleOf('WAWebConnGetters') || {};

        return capabilities.business_profile
               && Boolean(getIsSMB ? getIsSMB(Conn) : Conn.isSMB);
    }


    /* ==== reading ==== */

    /* fields: names; what the account doesn't have is left out */
    async function getProfile({ fields }) {
        const wants = (name) => fields.includes(name);
        const profile = {};

        if (wants('about')) {
            profile.about = textOr('', await within(
                TIMEOUT, window.WPP.profile.getMyStatus()));
        }

        if (isBusiness() && BUSINESS.some(wants)) {
            Object.assign(profile, showBusiness(await within(
                TIMEOUT, window.WPP.contact.getBusinessProfile(own()))));
        }

        if (capabilities.profile_picture && wants('profile_picture_url')) {
            profile.profile_picture_url = showPicture(await within(
                TIMEOUT, window.WPP.profile.getMyProfilePicture()));
        }

        return profile;
    }

    function showBusiness(model) {
        const shown = {};

        for (const name of Object.keys(TEXTS)) {
            shown[name] = textOr('', model && model[name]);
        }

        shown.websites = listOf(model && model.website)
            .map((site) => textOr('', site.url || site))
            .filter(isWebsite);
        shown.vertical = showVertical(listOf(model && model.categories)[0]);

        return shown;
    }

    /* there are more categories than words for them */
    function showVertical(category) {
        const names = Object.keys(VERTICALS);

        if (!category) {
            return '';
        }

        return names.find((name) => VERTICALS[name] === String(category.id))
               || 'OTHER';
    }

    function showPicture(model) {
        const url = textOr('', model && model.eurl);

        return PICTURE.test(url) ? url : undefined;
    }


    /* ==== changing ==== */

    function checkProfile(members, image) {
        const { about, vertical, websites } = members;

        for (const name of Object.keys(members)) {
            demand(name === 'about' || BUSINESS.includes(name),
                   'There is no such member of a profile');
            demand(name === 'about' || isBusiness(),
                   `${name} can only be set on a business account`);
        }

        demand(about === undefined || isText(about, 1, limits.ABOUT_MAX),
               `about is a text of 1 to ${limits.ABOUT_MAX} characters`);

        for (const [name, max] of Object.entries(TEXTS)) {
            demand(members[name] === undefined
                   || isText(members[name], 0, max),
                   `${name} is a text of at most ${max} characters`);
        }

        demand(websites === undefined
               || (Array.isArray(websites)
                   && websites.length <= limits.WEBSITES_MAX
                   && websites.every(isWebsite)),
               `websites are at most ${limits.WEBSITES_MAX} URLs`);
        demand(vertical === undefined || Object.hasOwn(VERTICALS, vertical),
               'vertical is not one that WhatsApp Web can set');
        demand(!image || capabilities.profile_picture,
               'profile_picture_handle cannot be set');
    }

    function isWebsite(text) {
        return isText(text, 1, limits.WEBSITE_MAX) && WEBSITE.test(text);
    }

    /* steps one after the other, each whole or not at all */
    function stepsOf({ about, vertical, websites, ...texts }, image) {
        const { WPP } = window;
        const business = { ...texts };
        const steps = [];

        if (websites !== undefined) {
            business.website = websites;
        }

        if (vertical !== undefined) {
            business.categories = [{ id: VERTICALS[vertical] }];
        }

        if (Object.keys(business).length > 0) {
            steps.push(() => WPP.profile.editBusinessProfile(business));
        }

        if (image) {
            steps.push(() => setPicture(image));
        }

        if (about !== undefined) {
            steps.push(() => WPP.profile.setMyStatus(about));
        }

        return steps;
    }

    /* wa-js makes the two sizes that WhatsApp wants of it */
    async function setPicture(image) {
        const result = await window.WPP.profile.setMyProfilePicture(image);

        if (!result || result.status !== 200) {
            throw new Failure('page_error', 'WhatsApp refused the picture',
                              'unknown');
        }
    }

    /* picture: what is known of the file, if there is one */
    async function setProfile({ members, picture }, file) {
        const image = picture && await pictureOf(file, picture);

        checkProfile(members, image);

        for (const step of stepsOf(members, image)) {
            await within(TIMEOUT, step(), 'unknown');
        }

        return {};
    }


    Object.assign(tools.bindings, BINDINGS);
    Object.assign(tools.methods, {
        'profile.get': { run: getProfile, needs: 'profile' },
        'profile.set': { run: setProfile, needs: 'profile', effect: true },
    });
}());
