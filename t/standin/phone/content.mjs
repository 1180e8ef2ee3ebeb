/*
 * What the phone shows of a message, by its type. Everything from outside
 * becomes text, never markup, and nothing is loaded from elsewhere.
 */

const UNITS = ['bytes', 'kB', 'MB', 'GB'];


export function element(name, text, className) {
    const node = document.createElement(name);

    node.textContent = text;
    node.className = className || '';

    return node;
}


function box(className, ...children) {
    const node = element('div', '', className);

    node.append(...children);

    return node;
}


export function formatSize(bytes) {
    const unit = bytes === 0 ? 0 : Math.min(
        Math.floor(Math.log10(bytes) / 3), UNITS.length - 1);
    const value = bytes / 1000 ** unit;

    return `${value.toFixed(unit > 0 && value < 10 ? 1 : 0)} ${UNITS[unit]}`;
}


/* ==== by type ==== */

const DRAW = {
    text: (message, nameOf) => [withMentions(message, nameOf)],

    image: (message) => withFile(message, 'img'),

    sticker: (message) => withFile(message, 'img'),

    video: (message) => withFile(message, 'video'),

    audio: (message) => [
        ...message.media.voice ? [element('span', 'Voice message', 'kind')]
            : [],
        ...withFile(message, 'audio'),
    ],

    document: ({ caption, media }) => [
        ...drawDocument(media), ...captionOf(caption),
    ],

    location: ({ location }) => [drawLocation(location)],

    contacts: ({ contacts }) => contacts.map(drawContact),

    poll: ({ poll }) => [drawPoll(poll)],
};

/* answers to buttons and lists, and what has no look of its own */
const drawOther = ({ body, type }) => [
    element('span', type.replace(/_/g, ' '), 'kind'), element('span', body),
];


/* the nodes for a message; nameOf tells the name that goes with digits */
export function drawContent(message, nameOf) {
    if (message.revoked) {
        return [element('em', 'This message was deleted', 'deleted')];
    }

    return (DRAW[message.type] || drawOther)(message, nameOf);
}


/* numbers that are mentioned become names */
function withMentions({ body, mentions }, nameOf) {
    const node = element('span', '');
    const known = new Set(mentions);

    for (const part of body.split(/(@\d{5,20})/)) {
        const number = part.slice(1);

        node.append(part.startsWith('@') && known.has(number)
            ? element('b', `@${nameOf(number)}`, 'mention') : part);
    }

    return node;
}


function withFile({ caption, media }, tag) {
    if (!media.kept) {
        return [...drawDocument(media), ...captionOf(caption)];
    }

    const node = element(tag, '');

    node.src = `api/media/${media.id}`;
    node.controls = tag !== 'img';

    if (tag === 'img') {
        node.alt = caption || 'an image';
    } else {
        node.preload = 'metadata';
    }

    return [node, ...captionOf(caption)];
}


function captionOf(caption) {
    return caption ? [element('span', caption)] : [];
}


function drawDocument(media) {
    const name = media.filename || 'a file';
    const link = element(media.kept ? 'a' : 'b', name);

    if (media.kept) {
        link.href = `api/media/${media.id}`;
        link.download = name;
    }

    return [box('file', element('span', '', 'sheet'), box('', link, element(
        'small', `${formatSize(media.size)} · ${media.mime_type}`)))];
}


function drawLocation({ latitude, longitude, name, address, url }) {
    const lines = [];

    for (const [text, tag] of [[name, 'b'], [address, 'span'],
        [`${latitude}, ${longitude}`, 'small'], [url, 'small']])
    {
        if (text) {
            lines.push(element(tag, text));
        }
    }

    return box('location', box('map', element('span', '', 'pin')), ...lines);
}


/* a card's name, and the lines that say how to reach that person */
function drawContact({ name, vcard }) {
    const lines = vcard.split('\n')
        .map((line) => /^(TEL|EMAIL|ORG|URL)\b[^:]*:(.*)$/.exec(line))
        .filter(Boolean)
        .map(([, , value]) => element(
            'small', value.replace(/;+$/, '').replace(/\\([\\;,])/g, '$1')));

    return box('file', element('span', [...name][0], 'face'),
               box('', element('b', name), ...lines));
}


function drawPoll({ name, options, selectable_count: count }) {
    const list = element('ul', '', count === 1 ? 'one' : 'many');

    list.append(...options.map((option) => element('li', option)));

    return box('poll', element('b', name), element(
        'small', count === 1 ? 'select one' : 'select one or more'), list);
}


/* ==== in a line ==== */

const LABELS = {
    image: () => 'Photo',
    sticker: () => 'Sticker',
    video: () => 'Video',
    audio: ({ media }) => (media.voice ? 'Voice message' : 'Audio'),
    document: ({ media }) => media.filename || 'Document',
    location: ({ location }) => `Location: ${location.name || 'a place'}`,
    contacts: ({ contacts }) => `Contact: ${contacts[0].name}`,
    poll: ({ poll }) => `Poll: ${poll.name}`,
};


/* a message in a few words, for a quote or the list of chats */
export function summarize(message) {
    if (message.revoked) {
        return 'a deleted message';
    }

    if (!Object.hasOwn(LABELS, message.type)) {
        return message.body;
    }

    const label = LABELS[message.type](message);

    return message.caption ? `${label}: ${message.caption}` : label;
}
