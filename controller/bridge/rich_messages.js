'use strict';

/*
 * Messages that hold more than text, without a file: a location, contacts,
 * a poll.
 */
(function () {
    const tools = window.__whatsappControllerTools;

    /* a frame */
    if (!tools) {
        return;
    }

    const {
        Failure, composeFor, isText, judge, limits, sendComposed, textOr,
    } = tools;

    const BINDINGS = {
        send_location: ['chat.sendLocationMessage'],
        send_contacts: ['whatsapp.functions.addAndSendMsgToChat'],
        send_poll: ['chat.sendCreatePollMessage'],
    };


    function demand(condition, message) {
        if (!condition) {
            throw new Failure('invalid_parameter', message);
        }
    }

    function listOf(value) {
        return Array.isArray(value) ? value.filter(Boolean) : [];
    }


    /* ==== location ==== */

    function checkLocation({ location }) {
        demand(location && Math.abs(parseFloat(location.latitude)) <= 90
               && Math.abs(parseFloat(location.longitude)) <= 180,
               'The place is not on the globe');
        demand([location.name, location.address].every(
            (text) => isText(textOr('', text), 0, limits.PLACE_MAX)),
               'The name or the address of the place is too long');
    }

    async function sendLocation({ chat, location }, options) {
        return judge(await window.WPP.chat.sendLocationMessage(chat, {
            ...options,
            lat: Number(location.latitude),
            lng: Number(location.longitude),
            name: textOr(undefined, location.name),
            address: textOr(undefined, location.address),
            url: textOr(undefined, location.url),
        }));
    }


    /* ==== contacts ==== */

    function checkContacts({ contacts }) {
        demand(Array.isArray(contacts) && contacts.length > 0
               && contacts.length <= limits.CONTACTS_MAX,
               'There are no contacts, or too many');
        demand(contacts.every((contact) => contact && contact.name
                              && isText(contact.name.formatted_name, 1,
                                        limits.CONTACT_NAME_MAX)),
               'A contact has no name, or too long a name');
    }

    /* wa-js makes cards of bare numbers only; this one holds it all */
    async function sendContacts({ contacts }, options, file, chat) {
        const cards = contacts.map((contact) => ({
            displayName: contact.name.formatted_name,
            vcard: vcardOf(contact),
        }));
        const message = cards.length === 1
            ? {
                type: 'vcard',
                body: cards[0].vcard,
                vcardFormattedName: cards[0].displayName,
            }
            : { type: 'multi_vcard', vcardList: cards };

        return sendComposed(chat, composeFor(chat, message, options));
    }

    /* a vCard 3.0 of one contact as the Cloud API writes it */
    function vcardOf(contact) {
        const { name, org, birthday } = contact;
        const lines = ['BEGIN:VCARD', 'VERSION:3.0'];

        const parts = [name.last_name, name.first_name, name.middle_name,
                       name.prefix, name.suffix];

        /* phones show and sort by N, so that it is never empty */
        lines.push(`N:${parts.some(isFilled)
            ? fields(...parts)
            : fields('', name.formatted_name, '', '', '')}`);
        lines.push(`FN:${escaped(name.formatted_name)}`);

        if (org && (isFilled(org.company) || isFilled(org.department))) {
            lines.push(`ORG:${fields(org.company, org.department)}`);
        }

        if (org && isFilled(org.title)) {
            lines.push(`TITLE:${escaped(org.title)}`);
        }

        if (birthday) {
            lines.push(`BDAY:${escaped(birthday)}`);
        }

        for (const { phone, type, wa_id: waId } of listOf(contact.phones)) {
            const digits = String(waId || '').replace(/\D/g, '')
                .replace(/^00/, '');

            if (!isFilled(phone) && !digits) {
                continue;
            }

            lines.push(`TEL${typed(type)}${digits && `;waid=${digits}`}:`
                       + escaped(isFilled(phone) ? phone : `+${digits}`));
        }

        for (const { email, type } of listOf(contact.emails)
            .filter(({ email: text }) => isFilled(text)))
        {
            lines.push(`EMAIL${typed(type)}:${escaped(email)}`);
        }

        for (const place of listOf(contact.addresses)) {
            const address = [place.street, place.city, place.state, place.zip,
                             place.country];

            if (address.some(isFilled)) {
                lines.push(`ADR${typed(place.type)}:${
                    fields('', '', ...address)}`);
            }
        }

        for (const { url, type } of listOf(contact.urls)
            .filter(({ url: text }) => isFilled(text)))
        {
            lines.push(`URL${typed(type)}:${escaped(url)}`);
        }

        return [...lines, 'END:VCARD'].join('\n');
    }

    /* blanks alone fill nothing */
    function isFilled(value) {
        return value !== undefined && value !== null
               && String(value).trim() !== '';
    }

    function typed(type) {
        const name = String(type || '').replace(/[^A-Za-z0-9-]/g, '');

        return name && `;type=${name.toUpperCase()}`;
    }

    function fields(...values) {
        return values.map(escaped).join(';');
    }

    /* what would end the line or the field is escaped */
    function escaped(value) {
        return String(value === undefined || value === null ? '' : value)
            .replace(/[\\;,]/g, '\\$&').replace(/\r\n|\r|\n/g, '\\n');
    }


    /* ==== poll ==== */

    function checkPoll({ poll }) {
        const options = listOf(poll && poll.options);
        const count = poll && poll.selectable_count;

        demand(poll && isText(poll.name, 1, limits.POLL_NAME_MAX),
               'The poll has no name, or too long a name');
        demand(options.length >= limits.POLL_OPTIONS_MIN
               && options.length <= limits.POLL_OPTIONS_MAX
               && options.every((text) => isText(text, 1,
                                                 limits.POLL_OPTION_MAX))
               && new Set(options).size === options.length,
               `A poll has ${limits.POLL_OPTIONS_MIN} to `
               + `${limits.POLL_OPTIONS_MAX} different options`);
        demand(count === undefined || count === null
               || (Number.isInteger(count) && count >= 0
                   && count <= options.length),
               'More can be selected than there are options');
    }

    async function sendPoll({ chat, poll }, options) {
        const { name, options: list, selectable_count: count } = poll;

        return judge(await window.WPP.chat.sendCreatePollMessage(
            chat, name, list, {
                ...options,
                selectableCount: Number.isInteger(count) ? count : 1,
            }));
    }


    Object.assign(tools.bindings, BINDINGS);
    Object.assign(tools.types, {
        location: {
            run: sendLocation, check: checkLocation, needs: 'send_location',
        },
        contacts: {
            run: sendContacts, check: checkContacts, needs: 'send_contacts',
        },
        poll: { run: sendPoll, check: checkPoll, needs: 'send_poll' },
    });
    Object.assign(tools, { demand, listOf });
}());
