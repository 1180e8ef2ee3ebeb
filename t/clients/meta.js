// whatsapp, Meta's own SDK: sends, reads, sets the PIN. It speaks TLS to the
// port 443 of a host, which is changed here to that of the test.

import WhatsApp from 'whatsapp';
import { run } from './cases.js';


async function ask(base, one, question) {
    const { hostname, port } = new URL(base);
    let response, answer;

    Object.assign(process.env, {
        WA_BASE_URL: hostname, CLOUD_API_VERSION: 'v23.0',
        CLOUD_API_ACCESS_TOKEN: one.token, WA_PHONE_NUMBER_ID: one.session,
        M4D_APP_ID: '1', M4D_APP_SECRET: 's', WA_BUSINESS_ACCOUNT_ID: '1',
        WEBHOOK_ENDPOINT: 'w', WEBHOOK_VERIFICATION_TOKEN: 't',
    });

    const api = new WhatsApp();

    api.requester.port = Number(port);

    try {
        response = await question(api);
        answer = await response.responseBodyToJSON();

    } finally {
        api.requester.client.clearSockets();
    }

    if (answer.error) {
        throw Object.assign(new Error(answer.error.message), {
            status: response.statusCode(), graph: answer.error });
    }

    return answer;
}


await run({
    // one.input: the type, its object and what stands beside it

    message(base, one) {
        const { type, context } = one.input;

        return ask(base, one, (api) => api.messages[type](
            one.input[type], one.to, context?.message_id));
    },

    read(base, one) {
        return ask(base, one, (api) => api.messages.status({
            status: 'read', message_id: one.message }));
    },

    pin(base, one) {
        return ask(base, one, (api) => (
            api.twoStepVerification.setPin(123456)));
    },
}, (error) => {
    const { status, graph } = error;

    return graph ? {
        status, code: graph.code, type: graph.type,
        details: graph.error_data?.details, message: graph.message,
    } : { name: error.name, message: error.message };
});
