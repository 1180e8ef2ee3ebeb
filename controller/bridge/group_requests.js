'use strict';

/*
 * Those who ask to join a group that an admin must let them into. WhatsApp Web
 * keeps who asks in a table, which it brings up to date when somebody looks at
 * the list: WAWebGroupGetMembershipApprovalRequestsJob,
 * WAWebApiMembershipApprovalRequestStore and
 * WAWebGroupMembershipRequestsActionJob, read in 2.3000.1044822804.
 */
(function () {
    const tools = window.__whatsappControllerTools;

    /* a frame */
    if (!tools) {
        return;
    }

    const {
        Failure, demand, doing, limits, moduleOf, needGroup, whatsapp,
    } = tools;

    const REFRESH = 'WAWebGroupGetMembershipApprovalRequestsJob';

    /* WhatsApp Web's names of what the account can answer */
    const ACTIONS = { approve: 'Approve', reject: 'Reject' };

    /* codes of WhatsApp's server, which are HTTP's */
    const DONE = 200;
    const NOT_FOUND = 404;

    const BINDINGS = {
        group_requests: [
            'whatsapp.functions.getMembershipApprovalRequests',
            'whatsapp.functions.membershipApprovalRequestAction',
        ],
    };


    async function needAdmin(group) {
        const wid = await needGroup(group);
        const data = await doing(whatsapp.GroupMetadataStore.find(wid));

        if (!data.participants.iAmAdmin()) {
            throw new Failure('forbidden_action', 'The account is no admin');
        }

        return wid;
    }

    /* models of WhatsApp Web: {id, t, ...} */
    async function findRequests(wid) {
        const { queryAndUpdateGroupMembershipApprovalRequests: refresh }
            = moduleOf(REFRESH) || {};

        if (refresh) {
            await doing(refresh(wid));
        }

        return doing(
            whatsapp.functions.getMembershipApprovalRequests(wid));
    }

    function phoneOf(wid) {
        return wid.isLid() ? whatsapp.ApiContact.getPhoneNumber(wid) : wid;
    }

    async function listRequests({ group }) {
        const requests = await findRequests(await needAdmin(group));

        return {
            requests: requests.map(({ id, t }) => {
                const phone = phoneOf(id);

                return {
                    id: String(id),
                    wa_id: phone ? phone.user : null,
                    time: Number(t) || null,
                };
            }),
        };
    }

    /* people who do not ask any more are left out */
    async function answerRequests({ group, action, requests }) {
        demand(Object.hasOwn(ACTIONS, action), 'There is no such action');
        demand(Array.isArray(requests)
               && requests.length <= limits.JOIN_REQUESTS_MAX,
               'The requests are no list, or too many');

        const wid = await needAdmin(group);
        const pending = new Map((await findRequests(wid)).map(
            ({ id }) => [String(id), id]));
        const known = [...new Set(requests)].filter((id) => pending.has(id));
        const codes = known.length === 0 ? new Map() : codesOf(await doing(
            whatsapp.functions.membershipApprovalRequestAction(
                wid, known.map((id) => participantOf(pending.get(id))),
                ACTIONS[action])));

        return {
            requests: requests.map((id) => ({
                id, code: pending.has(id) ? codes.get(id) : NOT_FOUND,
            })),
        };
    }

    /* a lid in the place of a number would be sent as a number */
    function participantOf(id) {
        return {
            lid: id.isLid() ? id : null,
            phoneNumber: phoneOf(id) || null,
        };
    }

    /* what the server did is no error; of an error it says a code */
    function codesOf(results) {
        return new Map(results.map(({ wid, error }) => (
            [String(wid), error ? Number(error.value.error) : DONE])));
    }


    Object.assign(tools.bindings, BINDINGS);
    Object.assign(tools.methods, {
        'group.requests': { run: listRequests, needs: 'group_requests' },
        'group.answer': {
            run: answerRequests, needs: 'group_requests', effect: true,
        },
    });
}());
