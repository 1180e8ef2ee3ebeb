'use strict';

/*
 * Who wrote and where: numbers, lids and names of people, and the keys of
 * messages as text. A person has a number and a lid, and what comes from
 * WhatsApp may name either; the controller is told both, as far as the page
 * knows them.
 */
(function () {
    const tools = window.__whatsappControllerTools;

    /* a frame */
    if (!tools) {
        return;
    }

    const { textOr, whatsapp } = tools;

    const NAME_MAX = 255;

    /* one of these stands in the key of a message to oneself */
    const SELF = ['in', 'out'];

    /* keys that were told, by the id in them */
    const TOLD_MAX = 5000;
    const told = new Map();


    /* a wid of a text or of a wid, without the device; null of nothing */
    function widOf(value) {
        if (!value) {
            return null;
        }

        return whatsapp.WidFactory.createWid(
            String(value).replace(/:\d+@/, '@'));
    }

    function isLid(wid) {
        return wid.server === 'lid';
    }

    function isGroup(wid) {
        return wid.server === 'g.us';
    }

    /* the lid of a number, the number of a lid; null if it is not known */
    function otherOf(wid) {
        const { ApiContact } = whatsapp;

        if (wid.server !== 'lid' && wid.server !== 'c.us') {
            return null;
        }

        return widOf(isLid(wid) ? ApiContact.getPhoneNumber(wid)
            : ApiContact.getCurrentLid(wid));
    }

    /* what the page knows a person by; null if by nothing */
    function nameOf(wid) {
        const { ContactStore } = whatsapp;

        for (const id of [wid, otherOf(wid)]) {
            const contact = id && ContactStore && ContactStore.get(id);
            const name = contact && (contact.pushname || contact.verifiedName
                                     || contact.name);

            if (name) {
                return textOr(null, name);
            }
        }

        return null;
    }

    /* {wid, number, lid, name} of a person; also of a group, without these */
    function personOf(value, name) {
        const wid = widOf(value);
        const other = otherOf(wid);
        const known = textOr('', name) || nameOf(wid);

        return {
            ...idsOf(wid, other), name: known && known.slice(0, NAME_MAX),
        };
    }

    function idsOf(wid, other = otherOf(wid)) {
        const [lid, phone] = isLid(wid) ? [wid, other] : [other, wid];

        return {
            wid: String(wid),
            number: phone && phone.server === 'c.us' ? phone.user : null,
            lid: lid ? String(lid) : null,
        };
    }


    /* ==== keys ==== */

    /* the parts of a key or of its text; null if it is no key */
    function partsOf(key) {
        const [from, chat, id, ...more] = String(key).split('_');

        if (!id || !chat.includes('@')) {
            return null;
        }

        const [participant] = more.filter((part) => !SELF.includes(part));

        return { fromMe: from === 'true', chat, id, participant };
    }

    /* the key as text, without a device and without what marks oneself */
    function textOf({ fromMe, chat, id, participant }) {
        return [
            fromMe, withoutDevice(chat), id,
            ...(participant ? [withoutDevice(participant)] : []),
        ].join('_');
    }

    function withoutDevice(wid) {
        return wid.replace(/:\d+@/, '@');
    }

    function keyText(key) {
        const parts = partsOf(key);

        return parts && textOf(parts);
    }

    /* both names of somebody, as texts, that which is given first */
    function namesOf(text) {
        const wid = widOf(text);

        return [String(wid), otherOf(wid)].filter(Boolean).map(String);
    }

    /*
     * The text under which a message is known outside: it was told so, or the
     * page has it so. What is only referred to may name its chat or its
     * author otherwise. An own message that the page has forgotten was sent
     * to the chat that there is, in a group under the own lid.
     */
    function knownKey(key) {
        const parts = partsOf(key);

        if (!parts) {
            return null;
        }

        const { fromMe, id, participant } = parts;
        const texts = namesOf(parts.chat).flatMap((chat) => (
            (participant ? namesOf(participant) : [undefined]).map((name) => (
                textOf({ fromMe, chat, id, participant: name })))));
        const toldText = told.get(toldId(parts));

        return texts.includes(toldText) ? toldText
            : texts.find((text) => whatsapp.MsgStore.get(text))
              || likelyKey(parts);
    }

    function likelyKey(parts) {
        const wid = widOf(parts.chat);

        if (isGroup(wid)) {
            return textOf({
                ...parts,
                participant: parts.fromMe ? ownLid() || parts.participant
                    : parts.participant,
            });
        }

        const ids = [wid, otherOf(wid)].filter(Boolean);
        const chat = ids.sort((one, other) => isLid(other) - isLid(one))
            .find((id) => whatsapp.ChatStore.get(id)) || wid;

        return textOf({ ...parts, chat: String(chat) });
    }

    function ownLid() {
        const lid = whatsapp.UserPrefs.getMaybeMeLidUser();

        return lid ? String(widOf(lid)) : null;
    }

    /*
     * What is the same of a message that comes under a number and under a
     * lid. The account may write the same to many.
     */
    function toldId({ fromMe, chat, id }) {
        return fromMe ? `${id} ${namesOf(chat).sort().join(' ')}` : id;
    }

    /* whether a message is among these under another key than this text */
    function isTwin(text, keys = told) {
        const known = keys.get(toldId(partsOf(text)));

        return known !== undefined && known !== text;
    }

    function isTold(text) {
        return told.has(toldId(partsOf(text)));
    }

    /* the first key of a message counts */
    function noteTold(text, keys = told) {
        const id = toldId(partsOf(text));

        if (!keys.has(id)) {
            keys.set(id, text);

            if (keys.size > TOLD_MAX) {
                keys.delete(keys.keys().next().value);
            }
        }
    }


    Object.assign(tools, {
        idsOf, isTold, isTwin, keyText, knownKey, noteTold, partsOf, personOf,
        textOf, widOf,
    });
    tools.onLogout.push(() => told.clear());
}());
