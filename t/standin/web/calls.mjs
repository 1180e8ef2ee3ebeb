/*
 * Calls to the account: WAWebCallCollection, WAWebCallModel,
 * WAWebCallCollectionUtils, WAWebVoipWaCallEnums and
 * WAWebVoipBridgeCallStateHandlers, read in 2.3000.1044822804. What calls
 * need is not there before the first one comes; a call has a message in its
 * chat, too.
 */

import { define, defineLate } from './define.mjs';
import { createWid, currentMe, MsgKey } from './ids.mjs';
import { remember } from './lids.mjs';
import { Emitter } from './model.mjs';
import { messages, save } from './messages.mjs';
import { singleMsg } from './process.mjs';

const CallState = {
    None: 0, Calling: 1, PreacceptReceived: 2, ReceivedCall: 3, AcceptSent: 4,
    AcceptReceived: 5, CallActive: 6, CallActiveElseWhere: 7,
    ReceivedCallWithoutOffer: 8, Rejoining: 9, Link: 10, ConnectedLonely: 11,
    PreCalling: 12, CallStateEnding: 13, CallBCallStarting: 14,
};

const OUTCOMES = ['Completed', 'Missed', 'Rejected', 'Canceled',
    'AcceptedElsewhere', 'Failed'];


class Call extends Emitter {
    #state = null;

    constructor(id = '') {
        super();
        Object.assign(this, {
            id, peerJid: null, offerTime: 0, isVideo: false, isGroup: false,
            groupJid: null, outgoing: false, isSilenced: false,
            offerReceivedWhileOffline: false,
        });
    }

    getState() {
        return this.#state;
    }

    setState(state) {
        this.#state = state;
        this.trigger('change:state');
    }
}

class CallCollectionImpl extends Emitter {
    #calls = new Map();

    pendingOffers = {};

    isInConnectedCall = false;

    activeCall = null;

    get(id) {
        return this.#calls.get(id);
    }

    add(values) {
        const call = Object.assign(new Call(values.id), values);

        this.#calls.set(call.id, call);
        return call;
    }

    remove({ id }) {
        this.#calls.delete(id);
    }

    getModelsArray() {
        return [...this.#calls.values()];
    }

    /* an older way, by which no call of this revision comes */
    processIncomingCall(id, peerJid, offer) {
        return this.get(id) || this.add({ id, peerJid, ...offer });
    }

    setActiveCall(call) {
        this.activeCall = call;
        this.trigger('change:activeCall', call);
    }
}

const calls = new CallCollectionImpl();


/* ==== what a call leaves in the chat ==== */

function messageOf(frame, values) {
    const chat = createWid(frame.chat);
    const peer = createWid(frame.peer);

    return {
        id: new MsgKey({
            fromMe: false, remote: chat, id: frame.id,
            participant: chat.isGroup() ? peer : undefined,
        }),
        type: 'call_log',
        kind: 'callLog',
        viewMode: 'VISIBLE',
        from: chat,
        to: currentMe().pn,
        author: chat.isGroup() ? peer : undefined,
        t: frame.t,
        isVideoCall: frame.video,
        callCreator: peer,
        callDuration: 0,
        callParticipants: [],
        ...values,
    };
}


async function startCall(frame) {
    const call = new Call();

    Object.assign(call, {
        id: frame.id,
        peerJid: createWid(frame.peer),
        isVideo: frame.video,
        isGroup: frame.group !== undefined,
        groupJid: frame.group ? createWid(frame.group) : null,
    });
    calls.setActiveCall(call);
    call.setState(CallState.ReceivedCall);
    await singleMsg.handleSingleMsg({
        chatId: createWid(frame.chat),
        newMsg: messageOf(frame, { callOutcome: 'Ongoing' }),
        handleSingleMsgOrigin: 'voipNotification',
    });
}


async function endCall(frame) {
    const outcome = OUTCOMES.includes(frame.outcome)
        ? frame.outcome : 'Missed';
    const values = { callOutcome: outcome, finalCallOutcome: outcome };
    const known = messages.get(messageOf(frame).id);

    if (calls.activeCall && calls.activeCall.id === frame.id) {
        calls.activeCall.setState(CallState.None);
        calls.setActiveCall(null);
    }

    if (known) {
        await known.applyUpdate(values);
        save(known);
    } else {
        await singleMsg.handleSingleMsg({
            chatId: createWid(frame.chat),
            newMsg: messageOf(frame, values),
            handleSingleMsgOrigin: 'voipNotification',
        });
    }
}


export async function takeCall(frame) {
    remember(frame.senderPn, frame.senderLid);
    defineLate('WAWebCallCollection');
    await (frame.isOver ? endCall : startCall)(frame);
}


export function defineCalls() {
    define('WAWebCallCollection', { default: calls });
    define('WAWebCallModel', { default: Call });
    define('WAWebVoipWaCallEnums', { CallState });
}
