'use strict';

/*
 * Who a message goes to: formatting, existence, lids and groups.
 */
(function () {
    const tools = window.__whatsappControllerTools;

    /* a frame */
    if (!tools) {
        return;
    }

    const { Failure, limits, whatsapp, within } = tools;

    const LOOKUP_TIMEOUT = 10000;                                  /* ms */
    const RESOLVED_MAX = 10000;
    const RESOLVED_TIME = 3600000;                                 /* ms */
    const CHECKS_AT_ONCE = 5;

    /* ids as they are written */
    const { DIGITS_MIN, DIGITS_MAX, LID_DIGITS_MAX } = limits;
    const NUMBER = new RegExp(`^\\d{${DIGITS_MIN},${DIGITS_MAX}}$`);
    const LID = new RegExp(`^\\d{${DIGITS_MIN},${LID_DIGITS_MAX}}@lid$`);
    const SEPARATORS = /[\s\p{Pd}\p{Cf}\u2212+\uff0b().]/gu;
    const GROUP = /^\d[\d-]{4,40}@g\.us$/;

    const BINDINGS = {
        resolve: [
            'whatsapp.ApiContact.getPhoneNumber',
            'whatsapp.ChatStore.get', 'whatsapp.WidFactory.createWid',
            'whatsapp.functions.findOrCreateLatestChat',
            'whatsapp.functions.queryWidExists',
        ],
    };

    /* recipients that exist, by what was asked */
    const resolved = new Map();


    function isNumber(text) {
        return NUMBER.test(text);
    }

    /*
     * The controller refuses what may be another number: a sign, a decimal.
     * The id that a text means, as "15550000002@c.us"; null if none.
     */
    function readId(text) {
        const digits = text.endsWith('@c.us') ? text.slice(0, -5)
            : text.replace(SEPARATORS, '').replace(/^00/, '');

        if (isNumber(digits)) {
            return `${digits}@c.us`;
        }

        return LID.test(text) || GROUP.test(text) ? text : null;
    }

    function parseRecipient(to) {
        const id = readId(String(to).trim());

        if (!id) {
            throw new Failure('invalid_parameter',
                              'The recipient is not a phone number');
        }

        return id;
    }

    async function resolveRecipient({ to }) {
        const id = parseRecipient(to);
        const known = resolved.get(id);

        if (known && known.until > Date.now()) {
            return known.result;
        }

        const wid = whatsapp.WidFactory.createWid(id);

        /* looked up in the page: nothing to remember */
        if (wid.isGroup()) {
            return resolveGroup(wid);
        }

        const result = await resolvePerson(wid);

        resolved.delete(id);
        resolved.set(id, { result, until: Date.now() + RESOLVED_TIME });

        if (resolved.size > RESOLVED_MAX) {
            resolved.delete(resolved.keys().next().value);
        }

        return result;
    }

    function isOwn(wid) {
        const { UserPrefs } = whatsapp;

        return [
            UserPrefs.getMaybeMePnUser(), UserPrefs.getMaybeMeLidUser(),
        ].some((own) => own && own.user === wid.user
                        && own.server === wid.server);
    }

    /*
     * A person by {wid, phone}, where phone is the wid with the number as
     * WhatsApp writes it, if that is known; null if WhatsApp knows nobody. Not
     * wa-js's queryExists: to it a lost connection is a "no".
     */
    async function findPerson(wid) {
        const found = await within(LOOKUP_TIMEOUT,
                                   whatsapp.functions.queryWidExists(wid));
        const id = found && (found.wid || wid);

        if (!id) {
            return null;
        }

        const phone = id.isLid() ? whatsapp.ApiContact.getPhoneNumber(id) : id;

        if (phone) {
            return { wid: id, phone };
        }

        /* the server never says that a lid is nobody's */
        if (wid.isLid() && !whatsapp.ChatStore.get(wid)) {
            return null;
        }

        return { wid: id, phone: wid };
    }

    /* the chat with this id, which is made if there is none */
    async function findChat(wid) {
        const found = await within(
            LOOKUP_TIMEOUT,
            whatsapp.functions.findOrCreateLatestChat(wid, 'createChat'));
        const chat = found && found.chat && whatsapp.ChatStore.get(
            found.chat.id);

        if (!chat) {
            throw new Failure('page_error', 'WhatsApp Web made no chat');
        }

        return chat;
    }

    async function needPerson(wid) {
        const person = await findPerson(wid);

        if (!person) {
            throw new Failure('not_on_whatsapp',
                              'The recipient is not on WhatsApp');
        }

        return person;
    }

    async function resolvePerson(wid) {
        if (isOwn(wid)) {
            throw new Failure('own_number',
                              'The recipient is the account itself');
        }

        const person = await needPerson(wid);

        /* an account that uses lids has the chat under the lid */
        const chat = await findChat(person.wid);

        return { chat: String(chat.id), wa_id: person.phone.user };
    }

    /* the chat of a group stays when the account has left it */
    async function isMember(wid) {
        const { ChatStore, GroupMetadataStore } = whatsapp;

        if (!ChatStore.get(wid)) {
            return false;
        }

        const data = await within(LOOKUP_TIMEOUT,
                                  GroupMetadataStore.find(wid));

        return !data || data.participants.iAmMember();
    }

    async function resolveGroup(wid) {
        const { UserPrefs } = whatsapp;

        if (!await isMember(wid)) {
            throw new Failure('not_on_whatsapp',
                              'The account is not in this group');
        }

        return {
            chat: String(wid),
            wa_id: wid.user,
            participant: String(UserPrefs.getMaybeMeLidUser()),
        };
    }

    /* the digits of a person's number; of a lid without one the lid */
    function numberOf(wid) {
        const phone = wid.isLid()
            ? whatsapp.ApiContact.getPhoneNumber(wid) : wid;

        return phone ? phone.user : String(wid);
    }


    /* ==== mentions ==== */

    /*
     * Whom numbers mean in a chat: a map to the ids under which they must be
     * mentioned there. A group knows its participants by their numbers or by
     * their lids, and a phone shows no mention under the other one.
     */
    async function findMentioned(chat, numbers) {
        const { GroupMetadataStore, WidFactory } = whatsapp;
        const wid = WidFactory.createWid(chat);

        if (!wid.isGroup()) {
            return findInChat(wid, numbers);
        }

        const data = await within(LOOKUP_TIMEOUT,
                                  GroupMetadataStore.find(wid));
        const isKnown = (number) => participantsOf(data).has(number);

        /* WhatsApp may not have told yet whose number a lid stands for */
        for (const number of numbers.filter((one) => !isKnown(one))) {
            await needMentioned(number);
        }

        if (!numbers.every(isKnown)) {
            throw new Failure('invalid_parameter',
                              'A mention is of nobody in the group');
        }

        const known = participantsOf(data);

        return new Map(numbers.map((number) => [number, known.get(number)]));
    }

    function participantsOf(data) {
        const people = data ? data.participants.getModelsArray() : [];

        return new Map(people.map(({ id }) => [numberOf(id), id]));
    }

    async function findInChat(wid, numbers) {
        const found = new Map();

        for (const number of numbers) {
            const person = await needMentioned(number);

            found.set(number, wid.isLid() && person.wid.isLid()
                ? person.wid : person.phone);
        }

        return found;
    }

    async function needMentioned(number) {
        const person = await findPerson(
            whatsapp.WidFactory.createWid(`${number}@c.us`));

        if (!person) {
            throw new Failure('invalid_parameter',
                              'A mention is of nobody on WhatsApp');
        }

        return person;
    }


    /* ==== checking numbers ==== */

    async function checkNumbers({ numbers }) {
        if (!Array.isArray(numbers) || numbers.length > limits.CHECK_MAX) {
            throw new Failure('invalid_parameter', 'At most '
                              + `${limits.CHECK_MAX} numbers can be checked`);
        }

        const found = [];

        /* a few at a time: WhatsApp looks askance at whoever asks much */
        for (let n = 0; n < numbers.length; n += CHECKS_AT_ONCE) {
            found.push(...await Promise.all(
                numbers.slice(n, n + CHECKS_AT_ONCE).map(checkNumber)));
        }

        return { numbers: found };
    }

    async function checkNumber(input) {
        const id = readId(String(input).trim());

        if (!id || id.endsWith('@g.us')) {
            return { input, wa_id: null };
        }

        const known = resolved.get(id);

        if (known && known.until > Date.now()) {
            return { input, wa_id: known.result.wa_id };
        }

        const wid = whatsapp.WidFactory.createWid(id);
        const person = await findPerson(wid);

        return { input, wa_id: person ? person.phone.user : null };
    }


    Object.assign(tools.bindings, BINDINGS);
    Object.assign(tools.methods, {
        'recipient.resolve': { run: resolveRecipient, needs: 'resolve' },
        'contacts.check': { run: checkNumbers, needs: 'resolve' },
    });
    Object.assign(tools, {
        findChat, findMentioned, findPerson, isMember, isNumber, isOwn,
        needPerson, numberOf, parseRecipient,
    });
    tools.onLogout.push(() => resolved.clear());
}());
