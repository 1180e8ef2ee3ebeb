/*
 * What a message's encrypted part says, as the attributes of its model. The
 * base of all is WAWebMsgProcessingApiUtils' generateBaseMsg; the types are
 * WAWebParse…MessageProto's, WAWebPttParseAudioMessageProto's,
 * WAWebStickersParseStickerMessageProto's and
 * WAWebPollsParsePollCreationMessageProto's, the context is
 * WAWebE2EProtoParser's, and system messages are WAWebGroupSystemMsg's and
 * WAWebContactSystemMsg's, read in 2.3000.1044822804.
 */

import { createWid, currentMe, MsgKey } from './ids.mjs';
import { ACK } from './messages.mjs';

const VISIBLE = 'VISIBLE';

const isWid = (value) => typeof value === 'string'
    && /^[\d-]+@(c\.us|lid|g\.us)$/.test(value);
const widOr = (value) => (isWid(value) ? createWid(value) : value);


/* ==== by type ==== */

function chat({ body, mentions }) {
    return {
        kind: 'chat',
        body,
        mentionedJidList: (mentions || []).map(widOr),
    };
}


function media(kind, more = () => ({})) {
    return (content, t) => ({
        kind,
        directPath: content.path,
        mimetype: content.mimetype,
        filehash: content.filehash,
        encFilehash: content.encFilehash,
        mediaKey: content.mediaKey,
        mediaKeyTimestamp: t,
        size: content.size,
        ...more(content),
    });
}


const picture = ({ caption, width, height, viewOnce, thumbnail }) => ({
    caption, width, height, body: thumbnail, isViewOnce: viewOnce,
});
const sound = ({ seconds, viewOnce }) => ({
    duration: String(seconds), isViewOnce: viewOnce,
});
const video = (content) => ({
    ...picture(content), duration: String(content.seconds),
    isGif: content.gif,
});

/* a document without a caption has its name in that place */
const file = ({ caption, filename, thumbnail }) => ({
    filename,
    caption: caption || filename,
    isCaptionByUser: Boolean(caption),
    pageCount: 0,
    body: thumbnail,
});
const sticker = ({ animated, width, height }) => ({
    isAnimated: animated, width, height,
});


function location({ lat, lng, name, address, url, thumbnail, live }) {
    if (live) {
        const { accuracy, speed, degrees, caption, sequence } = live;

        return {
            kind: 'locationLive', isLive: true, lat, lng, body: thumbnail,
            accuracy, speed, degrees, comment: caption, sequence,
        };
    }

    return {
        kind: 'location',
        lat,
        lng,
        loc: [name, address].filter(Boolean).join('\n'),
        body: thumbnail,
        clientUrl: url,
    };
}


function vcard({ cards: [{ displayName, vcard: body }] }) {
    return { kind: 'vcard', body, vcardFormattedName: displayName };
}


function multiVcard({ cards }) {
    return {
        kind: 'multiVcard',
        vcardFormattedName: `${cards.length} contacts`,
        vcardList: cards.map(({ displayName, vcard: body }) => (
            { displayName, vcard: body, isMultiVcard: false })),
    };
}


function poll({ name, options, selectable }) {
    return {
        kind: 'pollCreation',
        pollName: name,
        pollOptions: options.map((option, localId) => (
            { name: option, localId })),
        pollSelectableOptionsCount: selectable,
    };
}


function buttonsResponse({ id, title }) {
    return { kind: 'buttonsResponse', selectedButtonId: id, body: title };
}


function listResponse({ id, title, description }) {
    return {
        kind: 'listResponse',
        listResponse: {
            title,
            description,
            listType: 1,
            singleSelectReply: { selectedRowId: id },
        },
        body: description ? `${title}\n${description}` : title,
    };
}


function templateButtonReply({ id, title, index }) {
    return {
        kind: 'templateButtonReply', selectedId: id, selectedIndex: index,
        body: title,
    };
}


function interactiveResponse({ title, name, params }) {
    return {
        kind: 'interactiveResponse',
        body: title,
        interactivePayload: {
            name, version: 1, type: 'native_flow',
            paramsJson: JSON.stringify(params),
        },
    };
}


/* what WhatsApp itself says in a chat; more in it may be ids */
function system(kind) {
    return ({ subtype, body, recipients, params }) => ({
        kind,
        subtype,
        body,
        recipients: recipients.map(widOr),
        templateParams: params.map(widOr),
    });
}


const TYPES = {
    chat,
    image: media('image', picture),
    video: media('video', video),
    audio: media('audio', sound),
    ptt: media('ptt', sound),
    document: media('document', file),
    sticker: media('sticker', sticker),
    location,
    vcard,
    multi_vcard: multiVcard,
    poll_creation: poll,
    buttons_response: buttonsResponse,
    list_response: listResponse,
    template_button_reply: templateButtonReply,
    interactive_response: interactiveResponse,
    gp2: system('gp2'),
    notification: system('notification'),
    notification_template: system('notificationTemplate'),
    e2e_notification: system('e2eNotification'),
    broadcast_notification: system('broadcastNotification'),
    ciphertext: () => ({ kind: 'placeholderMessage' }),
};


/* a type that this page does not know keeps whatever it brought */
function unknown({ attributes }) {
    return { kind: 'unknown', ...attributes };
}


/* ==== the whole ==== */

/* whatever chat it is in, what others wrote is to the account's number */
function baseOf({ id, chat: remote, author, isOwn, name, t, isOffline }) {
    const { pn, lid } = currentMe();
    const key = MsgKey.fromString(id);
    const me = key.remote.isGroup() && author && author.endsWith('@lid')
        ? lid : pn;

    return {
        id: key,
        from: isOwn ? me : createWid(remote),
        to: isOwn ? createWid(remote) : pn,
        author: authorOf(author, isOwn),
        type: 'unknown',
        viewMode: VISIBLE,
        t,
        ack: ACK.SENT,
        notifyName: isOwn ? '' : name,
        invis: false,
        isOffline,
    };
}


/* of what the account's phone wrote, the account itself */
function authorOf(author, isOwn) {
    if (author) {
        return createWid(author);
    }

    return isOwn ? currentMe().lid : undefined;
}


function contextOf({ quoted, forwarded, score, expiration }) {
    return {
        isForwarded: forwarded || undefined,
        forwardingScore: score,
        ephemeralDuration: expiration,
        ...quoted && {
            quotedStanzaID: quoted.stanza,
            quotedParticipant: createWid(quoted.participant),
            quotedMsg: quoted.msg,
        },
    };
}


/* the attributes of the message in a frame */
export function parseMessage(frame) {
    const { kind, content, context, t } = frame;
    const type = Object.hasOwn(TYPES, kind) ? kind : 'unknown';

    return {
        ...baseOf(frame),
        type: kind,
        ...(type === 'unknown' ? unknown : TYPES[type])(content, t),
        ...contextOf(context),
    };
}
