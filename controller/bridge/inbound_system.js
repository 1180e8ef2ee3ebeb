'use strict';

/*
 * What WhatsApp itself writes into a chat: a person has another number, a
 * group has other participants or another subject; and calls. Of the rest
 * nobody is told.
 */
(function () {
    const tools = window.__whatsappControllerTools;

    /* a frame */
    if (!tools) {
        return;
    }

    const {
        eventOf, filled, idsOf, inboundChanges, isOwn, keyText, line,
        quiet, senderOf, specialEvents, tell, textOf, widOf,
    } = tools;

    const JOINED = {
        type: 'group_participants_joined',
        says: ({ people }) => `${people} joined`,
    };
    const ADDED = {
        type: 'group_participants_added',
        says: ({ author, people }) => `${author} added ${people}`,
    };

    /* by subtype of a group's notice: its type, and its words */
    const GROUP_NOTICES = {
        accept: JOINED,
        add: ADDED,
        create: {
            type: 'group_created',
            says: ({ author, body }) => (
                `${author} created the group "${body}"`),
        },
        demote: {
            type: 'group_participants_demoted',
            says: ({ people }) => `${people} no longer an admin`,
        },
        description: {
            type: 'group_description_changed',
            says: ({ author }) => `${author} changed the description`,
        },
        invite: JOINED,
        leave: {
            type: 'group_participants_left',
            says: ({ people }) => `${people} left`,
        },
        linked_group_join: JOINED,
        promote: {
            type: 'group_participants_promoted',
            says: ({ people }) => `${people} now an admin`,
        },
        remove: {
            type: 'group_participants_removed',
            says: ({ author, people }) => `${author} removed ${people}`,
        },
        subject: {
            type: 'group_subject_changed',
            says: ({ author, body }) => (
                `${author} changed the subject to "${body}"`),
        },
        v4_add_invite_join: JOINED,
    };

    /* by WhatsApp's word for how a call has ended or goes on */
    const CALLS = {
        AcceptedElsewhere: 'connect',
        Canceled: 'missed',
        Completed: 'terminate',
        Failed: 'failed',
        Missed: 'missed',
        Ongoing: 'connect',
        Rejected: 'rejected',
    };

    /* calls that were told, with what was told of them */
    const CALLS_MAX = 1000;
    const calls = new Set();


    /* ==== notices ==== */

    function groupEvent(msg) {
        const notice = Object.hasOwn(GROUP_NOTICES, msg.subtype)
            ? GROUP_NOTICES[msg.subtype] : null;

        if (!notice) {
            return null;
        }

        const { type, says } = notice;
        const sender = senderOf(msg);
        const people = [...(msg.recipients || [])].map(widOf);
        const body = line(msg.body);

        return systemEvent(msg, sender, filled({
            body: says({
                author: calledOf(sender),
                people: people.map(calledOf).join(', ') || calledOf(sender),
                body: body || '',
            }),
            type,
            participants: people.length > 0
                ? people.map(participantOf) : undefined,
            subject: msg.subtype === 'subject' ? body : undefined,
        }));
    }

    function participantOf(wid) {
        const { number, lid } = idsOf(wid);

        return filled({
            wa_id: number || undefined, user_id: lid || undefined,
        });
    }

    /* in a sentence; names may change, and the sentence must not */
    function calledOf(value) {
        const { number } = idsOf(widOf(value));

        return number ? `+${number}` : 'Somebody';
    }

    /* params: the old number, the new one, and perhaps their lids */
    function templateEvent(msg) {
        const [old, now] = [...(msg.templateParams || [])].map(widOf);

        if (msg.subtype !== 'change_number' || !old || !now) {
            return null;
        }

        const { number } = idsOf(now);

        return systemEvent(msg, old, filled({
            body: `${calledOf(old)} changed to ${
                number ? `+${number}` : 'another number'}`,
            type: 'user_changed_number',
            wa_id: number || undefined,
        }));
    }

    function systemEvent(msg, sender, system) {
        return eventOf({
            id: keyText(msg.id),
            own: isOwn(widOf(sender)),
            from: sender,
            t: msg.t,
            message: { type: 'system', system },
        });
    }


    /* ==== calls ==== */

    /* told here: its id stands for more than one event */
    function callLogged(msg) {
        const event = Object.hasOwn(CALLS, msg.callOutcome)
            ? CALLS[msg.callOutcome] : null;

        if (event) {
            tellCall({
                id: keyText(msg.id),
                from: senderOf(msg),
                own: msg.id.fromMe,
                t: msg.t,
                event,
                video: Boolean(msg.isVideoCall),
            });
        }

        return null;
    }

    function tellCall({ id, from, own, t, event, video }) {
        const text = `${id} ${event}`;

        if (calls.has(text)) {
            return;
        }

        calls.add(text);

        if (calls.size > CALLS_MAX) {
            calls.delete(calls.keys().next().value);
        }

        const { kind, message, ...rest } = eventOf({
            id, own: Boolean(own), from, t,
        });

        tell({
            kind: 'call',
            ...rest,
            call: {
                event,
                direction: own ? 'BUSINESS_INITIATED' : 'USER_INITIATED',
                video,
            },
        });
    }

    /* of wa-js: somebody calls; the call's id is that of its message */
    function callCame({ id, isVideo, offerTime, sender }) {
        tellCall({
            id: textOf({
                fromMe: false,
                chat: String(sender),
                id: String(id).replace(/[^A-Za-z0-9]/g, ''),
            }),
            from: sender,
            own: false,
            t: offerTime,
            event: 'connect',
            video: Boolean(isVideo),
        });
    }


    Object.assign(specialEvents, {
        call_log: callLogged,
        gp2: groupEvent,
        notification_template: templateEvent,
    });
    inboundChanges.push(['change:callOutcome', callLogged]);
    tools.sources.push(
        ['ev.internalEv', 'call.incoming_call', quiet(callCame)]);
    tools.onLogout.push(() => calls.clear());
}());
