// What both versions of @great-detail/whatsapp can do: sends, reads, files and
// what their errors say.

import { bytesOf, digest, run } from './cases.js';


// open(base, request): a client with the SDK's options for requests

export function drive(open) {
    function client(base, { token }) {
        return open(base, {
            headers: { Authorization: `Bearer ${token}` }, retry: 0,
        });
    }

    const calls = {
        async send(base, one) {
            return client(base, one).message.createMessage({
                phoneNumberID: one.session, to: one.to, type: 'text',
                text: { body: one.text },
            }).json();
        },

        async read(base, one) {
            return client(base, one).message.createStatus({
                phoneNumberID: one.session, status: 'read',
                message_id: one.message, typing_indicator: { type: 'text' },
            }).json();
        },

        async raw(base, one) {
            return client(base, one).message.createMessage({
                phoneNumberID: one.session, ...one.body,
            }).json();
        },

        // one.input: the type, its object and what stands beside it

        async message(base, one) {
            return client(base, one).message.createMessage({
                phoneNumberID: one.session, to: one.to, ...one.input,
            }).json();
        },

        async upload(base, one) {
            return client(base, one).media.upload({
                phoneNumberID: one.session, file: bytesOf(one),
                filename: one.filename, mimeType: one.type,
            }).json();
        },

        async metadata(base, one) {
            return client(base, one).media.getURL({
                mediaID: one.media, phoneNumberID: one.session,
            }).json();
        },

        async download(base, one) {
            const { url } = await calls.metadata(base, one);

            return digest(await client(base, one).media.download({
                mediaURL: url,
            }));
        },

        async remove(base, one) {
            return client(base, one).media.delete({
                mediaID: one.media, phoneNumberID: one.session,
            }).json();
        },

        async number(base, one) {
            return client(base, one).phoneNumbers.getPhoneNumber({
                phoneNumberID: one.session,
                fields: ['display_phone_number', 'verified_name'],
            }).json();
        },
    };

    return run(calls, async (error) => {
        if (!error.response) {
            return { name: error.name, message: error.message };
        }

        // version 9 has read the answer itself

        const { error: graph } = error.data ?? await error.response.json();

        return {
            status: error.response.status, code: graph.code, type: graph.type,
            details: graph.error_data?.details, message: graph.message,
        };
    });
}
