// whatsapp-api-js: sends, reads, files and the errors that it returns. The base
// URL is fixed, but another fetch can be given.

import { WhatsAppAPI } from 'whatsapp-api-js';
import * as messages from 'whatsapp-api-js/messages';
import { bytesOf, digest, run } from './cases.js';

const GRAPH = 'https://graph.facebook.com';


// an answer with an error in it, which the SDK returns as any other

class Refused extends Error {
    constructor(status, graph) {
        super(graph.message);
        Object.assign(this, { status, graph });
    }
}


async function ask(base, { token }, question) {
    let status;

    const answer = await question(new WhatsAppAPI({
        token, secure: false, v: 'v23.0',
        ponyfill: {
            async fetch(url, options) {
                const response = await fetch(
                    String(url).replace(GRAPH, base), options);

                status = response.status;
                return response;
            },
        },
    }));

    if (answer.error) {
        throw new Refused(status, answer.error);
    }

    return answer;
}


// ==== messages, by the SDK's own classes ====

function media(Kind) {
    return ({ id, caption, filename, voice }) => (
        new Kind(id, true, caption ?? voice, filename));
}


function contact(one) {
    const { name, phones, emails, addresses, org, birthday, urls } = one;

    return [
        new messages.Name(name.formatted_name, name.first_name),
        ...phones.map(({ phone, type, wa_id: waId }) => (
            new messages.Phone(phone, type, waId))),
        ...emails.map(({ email, type }) => new messages.Email(email, type)),
        ...addresses.map((place) => new messages.Address(
            place.country, place.country_code, place.state, place.city,
            place.street, place.zip, place.type)),
        new messages.Organization(org.company),
        new messages.Birthday(...birthday.split('-')),
        ...urls.map(({ url, type }) => new messages.Url(url, type)),
    ];
}


function parameter({ type, parameter_name: name, ...value }) {
    const { currency, date_time: time } = value;

    if (type === 'currency') {
        return new messages.BodyParameter(new messages.Currency(
            currency.amount_1000, currency.code, currency.fallback_value));
    }

    return new messages.BodyParameter(type === 'date_time'
        ? new messages.DateTime(time.fallback_value) : value.text, name);
}


const actions = {
    button: ({ buttons }) => new messages.ActionButtons(...buttons.map(
        ({ reply }) => new messages.Button(reply.id, reply.title))),
    list: ({ button, sections }) => new messages.ActionList(button,
        ...sections.map(({ title, rows }) => new messages.ListSection(title,
            ...rows.map((row) => new messages.Row(row.id, row.title,
                                                  row.description))))),
    cta_url: ({ parameters }) => new messages.ActionCTA(
        parameters.display_text, parameters.url),
    flow: () => new messages.ActionNavigateFlow('t', '1', 'Go', 'FIRST',
                                                { a: 1 }),
};


const kinds = {
    text: ({ body }) => new messages.Text(body),
    image: media(messages.Image),
    video: media(messages.Video),
    audio: media(messages.Audio),
    document: media(messages.Document),
    sticker: media(messages.Sticker),
    location: ({ latitude, longitude, name, address }) => (
        new messages.Location(longitude, latitude, name, address)),
    contacts: (all) => new messages.Contacts(...all.map(contact)),
    reaction: ({ message_id: id, emoji }) => (
        new messages.Reaction(id, emoji || undefined)),
    template: ({ name, language, components }) => new messages.Template(name,
        language.code, ...(components ?? []).map(({ parameters }) => (
            new messages.BodyComponent(...parameters.map(parameter))))),
    interactive: ({ type, action, header, body, footer }) => (
        new messages.Interactive(actions[type](action),
            new messages.Body(body.text), new messages.Header(header.text),
            new messages.Footer(footer.text))),
};


// ==== calls ====

const calls = {
    send(base, one) {
        return ask(base, one, (api) => api.sendMessage(
            one.session, one.to, new messages.Text(one.text)));
    },

    read(base, one) {
        return ask(base, one, (api) => api.markAsRead(
            one.session, one.message, 'text'));
    },

    // one.input: the type, its object and what stands beside it

    message(base, one) {
        const { type, context } = one.input;

        return ask(base, one, (api) => api.sendMessage(
            one.session, one.to, kinds[type](one.input[type]),
            context?.message_id));
    },

    upload(base, one) {
        const form = new FormData();

        form.set('file', bytesOf(one), one.filename);

        return ask(base, one, (api) => api.uploadMedia(one.session, form));
    },

    metadata(base, one) {
        return ask(base, one, (api) => (
            api.retrieveMedia(one.media, one.session)));
    },

    async download(base, one) {
        const { url } = await calls.metadata(base, one);

        return digest(await ask(base, one, (api) => api.fetchMedia(url)));
    },

    remove(base, one) {
        return ask(base, one, (api) => (
            api.deleteMedia(one.media, one.session)));
    },

    // who is blocked, and is no longer

    async block(base, one) {
        return {
            added: await ask(base, one, (api) => (
                api.blockUser(one.session, one.to))),
            removed: await ask(base, one, (api) => (
                api.unblockUser(one.session, one.to))),
        };
    },
};


await run(calls, (error) => {
    const { status, graph } = error;

    return graph ? {
        status, code: graph.code, type: graph.type,
        details: graph.error_data?.details, message: graph.message,
    } : { name: error.name, message: error.message };
});
