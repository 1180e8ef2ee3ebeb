// @kapso/whatsapp-cloud-api: sends, reads, files and what its errors say.

import { GraphApiError, WhatsAppClient } from '@kapso/whatsapp-cloud-api';
import { bytesOf, digest, run } from './cases.js';


function client(base, { token }) {
    return new WhatsAppClient({ baseUrl: base, accessToken: token });
}


const calls = {
    send(base, one) {
        return client(base, one).messages.sendText({
            phoneNumberId: one.session, to: one.to, body: one.text,
        });
    },

    read(base, one) {
        return client(base, one).messages.markRead({
            phoneNumberId: one.session, messageId: one.message,
            typingIndicator: { type: 'text' },
        });
    },

    // one.method: that of the type, one.input: what it takes

    message(base, one) {
        return client(base, one).messages[one.method]({
            phoneNumberId: one.session, to: one.to, ...one.input,
        });
    },

    upload(base, one) {
        return client(base, one).media.upload({
            phoneNumberId: one.session, type: one.type, file: bytesOf(one),
            fileName: one.filename,
        });
    },

    metadata(base, one) {
        return client(base, one).media.get({
            mediaId: one.media, phoneNumberId: one.session,
        });
    },

    async download(base, one) {
        return digest(await client(base, one).media.download({
            mediaId: one.media, phoneNumberId: one.session, as: 'response',
        }));
    },

    remove(base, one) {
        return client(base, one).media.delete({
            mediaId: one.media, phoneNumberId: one.session,
        });
    },

    raw(base, one) {
        return client(base, one).messages.sendRaw({
            phoneNumberId: one.session, payload: one.body,
        });
    },
};


await run(calls, (error) => {
    if (!(error instanceof GraphApiError)) {
        return { name: error.name, message: error.message };
    }

    return {
        status: error.httpStatus, code: error.code, type: error.type,
        details: error.details, message: error.message,
        category: error.category, retry: error.retry,
    };
});
