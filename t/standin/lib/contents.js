'use strict';

/*
 * What a phone may send: each type of the API with what it needs. A content
 * has the members that pages are told (kind is WhatsApp's type, content what
 * would be in the encrypted part), and what the phone's page shows of it.
 */

const crypto = require('node:crypto');

const MAX_TEXT = 65536;
const MAX_OPTIONS = 12;
const SECRET_BYTES = 32;

/* a path and a key as WhatsApp's servers for files have them */
const MEDIA_PATH = '/v/t62.7118-24/';


/* the API's caller asked for what no phone sends */
class UnfitContent extends Error {}


function need(condition, message) {
    if (!condition) {
        throw new UnfitContent(message);
    }
}


function isText(value, min = 0) {
    return typeof value === 'string' && value.length >= min
           && value.length <= MAX_TEXT;
}


function textOr(value, otherwise) {
    return isText(value) ? value : otherwise;
}


function numberOr(value, otherwise) {
    return Number.isFinite(value) ? value : otherwise;
}


function isObject(value) {
    return typeof value === 'object' && value !== null
           && !Array.isArray(value);
}


/* ==== by type ==== */

function text({ body, mentions }) {
    need(isText(body, 1), 'body must be a text');

    return {
        kind: 'chat',
        content: { body, mentions: Array.isArray(mentions) ? mentions : [] },
        shown: { body, mentions: [] },
    };
}


/*
 * A file that was uploaded to the phone before. expired: WhatsApp's servers
 * have it no longer; "reupload": but the phone has, and gives it again when
 * it is asked.
 */
function media(kind, more = () => ({})) {
    return (body, files) => {
        const file = files.get(String(body.media));

        need(file, 'media is not the id of a file');
        need([undefined, false, true, 'reupload'].includes(body.expired),
             'expired is true, false or "reupload"');

        file.expired = body.expired || false;

        const caption = textOr(body.caption, undefined);
        const filename = textOr(body.filename, undefined);
        const isVoice = body.voice === true;

        return {
            kind: kind === 'audio' && isVoice ? 'ptt' : kind,
            content: {
                path: MEDIA_PATH + file.id,
                mimetype: textOr(body.mime_type, file.mimetype),
                size: file.size,
                filehash: Buffer.from(file.sha256, 'hex').toString('base64'),
                encFilehash: randomBase64(),
                mediaKey: randomBase64(),
                thumbnail: textOr(body.thumbnail, ''),
                caption,
                filename,
                viewOnce: body.view_once === true,
                seconds: numberOr(body.seconds, 0),
                width: numberOr(body.width, 0),
                height: numberOr(body.height, 0),
                ...more(body),
            },
            shown: {
                caption: caption === undefined ? null : caption,
                media: {
                    id: file.id,
                    sha256: file.sha256,
                    size: file.size,
                    mime_type: textOr(body.mime_type, file.mimetype),
                    filename: filename === undefined ? null : filename,
                    voice: isVoice,
                    kept: file.bytes !== null,
                },
            },
        };
    };
}


function randomBase64() {
    return crypto.randomBytes(SECRET_BYTES).toString('base64');
}


function location({ location: place }) {
    need(isObject(place) && Number.isFinite(place.latitude)
         && Number.isFinite(place.longitude),
         'location needs latitude and longitude');

    const name = textOr(place.name, undefined);
    const address = textOr(place.address, undefined);
    const url = textOr(place.url, undefined);

    return {
        kind: 'location',
        content: {
            lat: place.latitude,
            lng: place.longitude,
            name,
            address,
            url,
            thumbnail: textOr(place.thumbnail, ''),
            live: place.live === true ? {
                accuracy: numberOr(place.accuracy, 10),
                speed: numberOr(place.speed, 0),
                degrees: numberOr(place.degrees, 0),
                caption: textOr(place.caption, ''),
                sequence: numberOr(place.sequence, Date.now() * 1000),
            } : undefined,
        },
        shown: {
            location: {
                latitude: place.latitude,
                longitude: place.longitude,
                name: name || null,
                address: address || null,
                url: url || null,
            },
        },
    };
}


/* contacts: {name, vcard}, or {name, phone} for a simple card */
function contacts({ contacts: list }) {
    need(Array.isArray(list) && list.length > 0 && list.every(
        (one) => isObject(one) && isText(one.name)
            && (isText(one.vcard, 1) || isText(one.phone, 1))),
         'contacts must be a list of {name, vcard} or {name, phone}');

    const cards = list.map(({ name, vcard, phone }) => ({
        displayName: name, vcard: vcard || cardOf(name, phone),
    }));

    return {
        kind: cards.length === 1 ? 'vcard' : 'multi_vcard',
        content: { cards },
        shown: {
            contacts: cards.map(({ displayName, vcard }) => (
                { name: displayName, vcard })),
        },
    };
}


function cardOf(name, phone) {
    const digits = phone.replace(/\D/g, '');

    return `BEGIN:VCARD\nVERSION:3.0\nN:;${name};;;\nFN:${name}\n`
        + `TEL;type=CELL;waid=${digits}:${phone}\nEND:VCARD`;
}


function poll({ poll: one }) {
    need(isObject(one) && isText(one.name, 1) && Array.isArray(one.options)
         && one.options.length >= 2 && one.options.length <= MAX_OPTIONS
         && one.options.every((option) => isText(option, 1)),
         'poll needs a name and 2 to 12 options');

    const count = numberOr(one.selectable_count, 0);

    return {
        kind: 'poll_creation',
        content: {
            name: one.name, options: one.options, selectable: count,
        },
        shown: {
            poll: {
                name: one.name,
                options: one.options,
                selectable_count: count,
            },
        },
    };
}


/* answers to interactive messages: reply {id, title, description, …} */
function reply(kind, more) {
    return ({ reply: one }) => {
        need(isObject(one) && isText(one.id) && isText(one.title),
             'reply needs id and title');

        return {
            kind,
            content: more(one),
            shown: {
                body: one.description
                    ? `${one.title}\n${one.description}` : one.title,
                mentions: [],
                reply: { id: one.id, title: one.title },
            },
        };
    };
}


const buttonsResponse = reply('buttons_response', ({ id, title }) => (
    { id, title }));
const listResponse = reply('list_response', ({ id, title, description }) => (
    { id, title, description: textOr(description, '') }));
const templateButtonReply = reply(
    'template_button_reply', ({ id, title, index }) => (
        { id, title, index: numberOr(index, 0) }));
const interactiveResponse = reply('interactive_response', (
    { id, title, name, params }) => ({
    title,
    name: textOr(name, 'quick_reply'),
    params: isObject(params) ? params : { id },
}));


/* kind, subtype and more of what WhatsApp itself puts into a chat */
function system({ system: one }) {
    need(isObject(one) && ['gp2', 'notification_template', 'notification',
        'e2e_notification', 'broadcast_notification'].includes(one.type),
         'system needs a type of WhatsApp\'s system messages');

    return {
        kind: one.type,
        content: {
            subtype: textOr(one.subtype, undefined),
            body: textOr(one.body, undefined),
            recipients: Array.isArray(one.recipients) ? one.recipients : [],
            params: Array.isArray(one.params) ? one.params : [],
        },
        shown: {
            body: `${one.type}: ${one.subtype || 'event'} ${one.body || ''}`,
            mentions: [],
        },
    };
}


/* what a page can't show: the attributes of a later, or an unknown, type */
function unknown({ attributes }) {
    need(attributes === undefined || isObject(attributes),
         'attributes must be an object');

    const more = attributes || {};

    return {
        kind: textOr(more.type, 'unknown'),
        content: { attributes: more },
        shown: { body: `a message of type ${more.type || 'unknown'}`,
                 mentions: [] },
    };
}


const TYPES = {
    text,
    image: media('image'),
    video: media('video', ({ gif }) => ({ gif: gif === true })),
    audio: media('audio'),
    document: media('document'),
    sticker: media('sticker', ({ animated }) => (
        { animated: animated === true })),
    location,
    contacts,
    poll,
    buttons_response: buttonsResponse,
    list_response: listResponse,
    template_button_reply: templateButtonReply,
    interactive_response: interactiveResponse,
    system,
    unknown,
};


/*
 * {type, kind, content, shown} of what the API's caller describes; throws
 * UnfitContent. files: what was uploaded to the phone.
 */
function contentOf(body, files) {
    const type = body.type === undefined ? 'text' : body.type;

    need(Object.hasOwn(TYPES, type),
         `type must be one of ${Object.keys(TYPES).join(', ')}`);

    return { type, ...TYPES[type](body, files) };
}


module.exports = { contentOf, UnfitContent };
