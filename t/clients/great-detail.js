// @great-detail/whatsapp: sends, reads and what its errors say.

import Client from '@great-detail/whatsapp';
import { run } from './cases.js';


function client(base, { token }) {
    return new Client({
        prefixUrl: base,
        request: { headers: { Authorization: `Bearer ${token}` }, retry: 0 },
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

    async number(base, one) {
        return client(base, one).phoneNumbers.getPhoneNumber({
            phoneNumberID: one.session,
            fields: ['display_phone_number', 'verified_name'],
        }).json();
    },
};


await run(calls, async (error) => {
    if (!error.response) {
        return { name: error.name, message: error.message };
    }

    const { error: graph } = await error.response.json();

    return {
        status: error.response.status, code: graph.code, type: graph.type,
        details: graph.error_data?.details, message: graph.message,
    };
});
