'use strict';

/*
 * Contact cards as the Cloud API shows them, out of vcards. A card always has
 * a name; what else it holds may be missing, and types are free words.
 */
(function () {
    const tools = window.__whatsappControllerTools;

    /* a frame */
    if (!tools) {
        return;
    }

    const VALUE_MAX = 1000;
    const LINES_MAX = 500;

    /* by a property of a vcard: what is read of it into the contact */
    const PROPERTIES = {
        FN: (contact, { value }) => {
            contact.name.formatted_name = value;
        },
        N: (contact, { parts }) => {
            const [last, first, middle, prefix, suffix] = parts;

            Object.assign(contact.name, filled({
                first_name: first,
                last_name: last,
                middle_name: middle,
                prefix,
                suffix,
            }));
        },
        TEL: (contact, { value, type, params }) => {
            add(contact, 'phones', {
                phone: value, type, wa_id: params.get('WAID'),
            });
        },
        EMAIL: (contact, { value, type }) => {
            add(contact, 'emails', { email: value, type });
        },
        URL: (contact, { value, type }) => {
            add(contact, 'urls', { url: value, type });
        },
        ADR: (contact, { parts, type }) => {
            const [, , street, city, state, zip, country] = parts;

            add(contact, 'addresses', {
                street, city, state, zip, country, type,
            });
        },
        ORG: (contact, { parts }) => {
            contact.org = { ...contact.org, ...filled({
                company: parts[0], department: parts[1],
            }) };
        },
        TITLE: (contact, { value }) => {
            contact.org = { ...contact.org, title: value };
        },
        BDAY: (contact, { value }) => {
            const [, year, month, day]
                = /^(\d{4})-?(\d\d)-?(\d\d)/.exec(value) || [];

            if (year) {
                contact.birthday = `${year}-${month}-${day}`;
            }
        },
    };


    /* without what is empty */
    function filled(members) {
        return Object.fromEntries(Object.entries(members).filter(
            ([, value]) => value));
    }

    function add(contact, list, members) {
        const entry = filled(members);

        if (Object.keys(entry).some((name) => name !== 'type')) {
            contact[list] = [...(contact[list] || []), entry];
        }
    }

    /* the lines of a vcard; a long one goes on behind a blank */
    function linesOf(vcard) {
        return vcard.replace(/\r\n?/g, '\n').replace(/\n[ \t]/g, '')
            .split('\n').slice(0, LINES_MAX);
    }

    /*
     * "item1.TEL;type=CELL;waid=1555:+1 555" as {group: "item1", name: "TEL",
     * type: "CELL", params, value, parts}; null for what is no such line.
     */
    function readLine(line) {
        const colon = line.search(/:(?=(?:[^"]*"[^"]*")*[^"]*$)/);

        if (colon < 0) {
            return null;
        }

        const [head, ...words] = line.slice(0, colon).split(';');
        const [name, group] = head.split('.').reverse();
        const params = new Map(words.map((word) => {
            const [key, text] = word.includes('=')
                ? word.split(/=(.*)/s) : ['TYPE', word];

            return [key.toUpperCase(), text.replace(/"/g, '')];
        }));
        const raw = decode(line.slice(colon + 1), params);

        return {
            group,
            name: name.toUpperCase(),
            params,
            type: typeOf(words),
            value: plain(raw),
            parts: raw.split(/(?<!\\);/).map(plain),
        };
    }

    /* the first type that says more than that it is preferred, or voice */
    function typeOf(words) {
        const types = words
            .filter((word) => /^type=/i.test(word) || !word.includes('='))
            .flatMap((word) => word.replace(/^type=/i, '').split(','))
            .map((word) => word.replace(/"/g, '').toUpperCase());

        return types.find((type) => !['PREF', 'VOICE', 'INTERNET'].includes(
            type));
    }

    /* vcards of old telephones */
    function decode(text, params) {
        if (!/^quoted-printable$/i.test(params.get('ENCODING') || '')) {
            return text;
        }

        try {
            return decodeURIComponent(text.replace(/%/g, '%25')
                .replace(/=([0-9A-F]{2})/gi, '%$1'));
        } catch (e) {
            return text;
        }
    }

    function plain(text) {
        return text.replace(/\\n/gi, '\n').replace(/\\([\\,;:])/g, '$1')
            .trim().slice(0, VALUE_MAX);
    }

    /* one's own word for a type: item1.X-ABLabel names that of item1.TEL */
    function labelsOf(lines) {
        return new Map(lines.filter(({ name }) => name === 'X-ABLABEL')
            .map(({ group, value }) => [
                group, value.replace(/^_\$!<(.*)>!\$_$/, '$1'),
            ]));
    }

    /* a vcard as a contact; name is the one beside it */
    function contactOf(vcard, name) {
        const lines = linesOf(String(vcard || '')).map(readLine)
            .filter(Boolean);
        const labels = labelsOf(lines);
        const contact = { name: { formatted_name: '' } };

        for (const line of lines) {
            if (Object.hasOwn(PROPERTIES, line.name)) {
                PROPERTIES[line.name](contact, {
                    ...line, type: line.type || labels.get(line.group),
                });
            }
        }

        contact.name.formatted_name = nameOf(contact, name);

        return contact;
    }

    /* what can stand for the name if there is none */
    function nameOf({ name, org, phones }, beside) {
        return name.formatted_name || plain(String(beside || ''))
               || [name.first_name, name.last_name].filter(Boolean).join(' ')
               || (org && org.company) || (phones && phones[0].phone)
               || 'Contact';
    }


    Object.assign(tools, { contactOf });
}());
