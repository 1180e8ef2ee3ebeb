// @kapso/whatsapp-cloud-api: sends, reads and what its errors say.

import { GraphApiError, WhatsAppClient } from '@kapso/whatsapp-cloud-api';
import { run } from './cases.js';


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
