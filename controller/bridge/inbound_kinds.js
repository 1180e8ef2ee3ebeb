'use strict';

/*
 * Messages of WhatsApp Web as messages of the Cloud API: one row a type. A
 * row makes the members of the message, or null of what nobody is told. Where
 * the Cloud API has the id of a file there is `media: true`.
 */
(function () {
    const tools = window.__whatsappControllerTools;

    /* a frame */
    if (!tools) {
        return;
    }

    const {
        contactOf, idsOf, keyText, knownKey, partsOf, personOf, textOf,
        textOr, whatsapp, widOf,
    } = tools;

    /* characters; WhatsApp's own bounds are not above these */
    const TEXT_MAX = 65536;
    const LINE_MAX = 4096;
    const CONTACTS_MAX = 257;
    const OPTIONS_MAX = 32;

    /* the author of a reply could write anything in the place of an id */
    const ID = /^[A-Za-z0-9]{1,64}$/;

    /* from so many times on WhatsApp says "many times" */
    const FORWARDED_OFTEN = 5;

    /* what the Cloud API says of what it does not know */
    const TITLE = 'Message type unknown';
    const UNSUPPORTED = {
        type: 'unsupported',
        errors: [{
            code: 131051,
            title: TITLE,
            message: TITLE,
            error_data: { details: 'Message type is not supported.' },
        }],
    };

    /* by type: the message, or null if nobody is told of it */
    const TYPES = {
        audio: (msg) => media(msg, 'audio', { voice: false }),
        buttons_response: (msg) => reply('button_reply', {
            id: line(msg.selectedButtonId), title: line(msg.body),
        }),
        chat: text,
        document: (msg) => media(msg, 'document', {
            caption: isOwnCaption(msg) ? line(msg.caption) : undefined,
            filename: line(msg.filename),
        }),
        hsm: textOrUnsupported,
        image: (msg) => media(msg, 'image', { caption: line(msg.caption) }),
        interactive: textOrUnsupported,
        interactive_response: flowReply,
        list: textOrUnsupported,
        list_response: listReply,
        location,
        multi_vcard: (msg) => contacts(msg.vcardList),
        native_flow: textOrUnsupported,
        poll_creation: poll,
        ptt: (msg) => media(msg, 'audio', { voice: true }),
        ptv: (msg) => media(msg, 'video', {}),
        sticker: (msg) => media(msg, 'sticker', {
            animated: Boolean(msg.isAnimated),
        }),
        template_button_reply: (msg) => ({
            type: 'button',
            button: filled({
                payload: line(msg.selectedId), text: line(msg.body),
            }),
        }),
        vcard: (msg) => contacts([{
            displayName: msg.vcardFormattedName, vcard: msg.body,
        }]),
        video: (msg) => media(msg, 'video', { caption: line(msg.caption) }),
    };

    /*
     * What is no message of a person to the account: told elsewhere, about
     * the chat, or about another message. A revision that does not know one of
     * these says "unknown", and what it would be.
     */
    const SILENT = new Set([
        'album', 'broadcast_notification', 'call_log', 'comment', 'debug',
        'e2e_notification', 'event_edit_encrypted', 'event_response',
        'group-history', 'guest_upsell_system_msg', 'history_bundle',
        'keep_in_chat', 'message_edit_encrypted', 'message_history_notice',
        'newsletter_notification', 'notification', 'pin_message',
        'pinned_message', 'poll_add_option_decrypted',
        'poll_add_option_encrypted', 'poll_edit_encrypted', 'poll_update',
        'reaction', 'reaction_enc', 'request_phone_number', 'status',
        'status_notification',
    ]);


    /* ==== members ==== */

    function bounded(value, max) {
        return typeof value === 'string' ? value.slice(0, max) : undefined;
    }

    function line(value) {
        return bounded(value, LINE_MAX) || undefined;
    }

    /* without what is undefined */
    function filled(members) {
        return Object.fromEntries(Object.entries(members).filter(
            ([, value]) => value !== undefined));
    }

    function unsupported() {
        return UNSUPPORTED;
    }

    function text({ body }) {
        return { type: 'text', text: { body: bounded(body, TEXT_MAX) || '' } };
    }

    /* what businesses write has a text, of which the rest hangs */
    function textOrUnsupported(msg) {
        const body = bounded(msg.body || msg.caption, TEXT_MAX);

        return body ? text({ body }) : UNSUPPORTED;
    }

    function media(msg, type, members) {
        const size = Number(msg.size);

        return {
            type,
            [type]: filled({
                media: true,
                mime_type: line(msg.mimetype),
                sha256: line(msg.filehash),
                file_size: size > 0 ? size : undefined,
                view_once: msg.isViewOnce ? true : undefined,
                ...members,
            }),
        };
    }

    /* of a document without one WhatsApp Web shows the name in its place */
    function isOwnCaption({ isCaptionByUser, caption, filename }) {
        return isCaptionByUser === undefined || isCaptionByUser === null
            ? caption !== filename : isCaptionByUser;
    }

    /* loc: the name, the address below it */
    function location(msg) {
        const [name, ...address] = (msg.isLive ? textOr('', msg.comment)
            : textOr('', msg.loc)).split('\n');

        return {
            type: 'location',
            location: filled({
                latitude: Number(msg.lat),
                longitude: Number(msg.lng),
                name: line(name),
                address: line(address.join('\n')),
                url: line(msg.clientUrl),
                live: msg.isLive ? true : undefined,
            }),
        };
    }

    function contacts(cards) {
        return {
            type: 'contacts',
            contacts: [...(cards || [])].slice(0, CONTACTS_MAX).map(
                ({ displayName, vcard }) => contactOf(vcard, displayName)),
        };
    }

    function poll(msg) {
        return {
            type: 'poll',
            poll: {
                name: line(msg.pollName) || '',
                options: optionsOf(msg).map(({ name }) => line(name) || ''),
                selectable_count: Number(msg.pollSelectableOptionsCount) || 0,
            },
        };
    }

    function optionsOf({ pollOptions }) {
        return [...(pollOptions || [])].slice(0, OPTIONS_MAX);
    }

    function reply(type, members) {
        return {
            type: 'interactive',
            interactive: { type, [type]: filled(members) },
        };
    }

    function listReply({ listResponse, body }) {
        const { title, description, singleSelectReply } = listResponse || {};

        return reply('list_reply', {
            id: line(singleSelectReply && singleSelectReply.selectedRowId),
            title: line(title || body),
            description: line(description),
        });
    }

    function flowReply({ interactivePayload, body }) {
        const { name, paramsJson } = interactivePayload || {};

        return reply('nfm_reply', {
            name: line(name),
            body: line(body),
            response_json: bounded(paramsJson, TEXT_MAX),
        });
    }


    /* ==== context ==== */

    function contextOf(msg) {
        const context = {};

        if (msg.isForwarded) {
            context[Number(msg.forwardingScore) >= FORWARDED_OFTEN
                ? 'frequently_forwarded' : 'forwarded'] = true;
        }

        if (msg.quotedStanzaID) {
            Object.assign(context, quoteOf(msg));
        }

        return Object.keys(context).length > 0 ? context : undefined;
    }

    /* of a quoted message there is its id, its author, and seldom its chat */
    function quoteOf(msg) {
        const author = widOf(msg.quotedParticipant);
        const chat = widOf(msg.quotedRemoteJid) || widOf(msg.id.remote);

        if (chat.server === 'broadcast') {
            return {};
        }

        const id = ID.test(msg.quotedStanzaID) ? knownKey(textOf({
            fromMe: author ? tools.isOwn(author) : false,
            chat: String(chat),
            id: msg.quotedStanzaID,
            participant: chat.server === 'g.us' && author
                ? String(author) : undefined,
        })) : undefined;
        const { number, lid } = author ? idsOf(author) : {};

        return filled({ from: author ? { number, lid } : undefined, id });
    }


    /* ==== events ==== */

    function contentOf(msg) {
        const { type, futureproofType } = msg;

        if (Object.hasOwn(TYPES, type)) {
            return TYPES[type](msg);
        }

        return SILENT.has(type) || SILENT.has(futureproofType)
            ? null : UNSUPPORTED;
    }

    /* what is there in another form than it should be */
    function tried(make, msg, otherwise) {
        try {
            return make(msg);
        } catch (e) {
            return otherwise;
        }
    }

    /* the message object of a message; null if nobody is told of it */
    function messageOf(msg) {
        const content = tried(contentOf, msg, UNSUPPORTED);
        const context = content && tried(contextOf, msg, undefined);

        return context ? { ...content, context } : content;
    }

    /* who wrote it; the chat itself where that is all that is known */
    function senderOf({ author, id, from }) {
        return id.fromMe ? ownWid(id.remote)
            : author || id.participant || from || id.remote;
    }

    /* who the account is in a chat */
    function ownWid(chat) {
        const { UserPrefs } = whatsapp;
        const lid = UserPrefs.getMaybeMeLidUser();

        return (chat.server === 'lid' && lid) || UserPrefs.getMaybeMePnUser()
               || lid;
    }

    /* chats of which nobody is told; 0 is WhatsApp itself */
    function isForeign({ user, server }) {
        return server === 'broadcast' || server === 'newsletter'
               || user === '0';
    }

    /*
     * An event of kind "message": id is its key as text, own whether the
     * account itself wrote it on another device, from who wrote it; t is in
     * seconds.
     */
    function eventOf({ id, own, from, name, t, message }) {
        const { chat } = partsOf(id);
        const isGroup = chat.endsWith('@g.us');

        return {
            kind: 'message',
            id,
            chat,
            t: Math.floor(Number(t)) || 0,
            from: personOf(from, name),
            group: isGroup ? chat : null,
            own,
            ...(own && !isGroup ? { to: personOf(chat) } : undefined),
            message,
        };
    }

    /* the event of a message; null if nobody is told of it */
    function messageEvent(msg) {
        if (isForeign(msg.id.remote)) {
            return null;
        }

        if (Object.hasOwn(tools.specialEvents, msg.type)) {
            return tools.specialEvents[msg.type](msg);
        }

        const message = messageOf(msg);

        return message && eventOf({
            id: keyText(msg.id),
            own: Boolean(msg.id.fromMe),
            from: senderOf(msg),
            name: msg.notifyName,
            t: msg.t,
            message,
        });
    }


    Object.assign(tools, {
        eventOf, filled, isForeign, line, messageEvent, messageOf, optionsOf,
        ownWid, senderOf, unsupported,

        /* by type: the event of a message that has a way of its own */
        specialEvents: {},
    });
}());
