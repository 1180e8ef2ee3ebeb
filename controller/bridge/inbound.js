'use strict';

/*
 * What reaches the account, on its way to the controller. The bridge listens
 * where WhatsApp Web itself is told of it, from the moment that its modules
 * can be had: in functions of modules, which all others call through the
 * module, and at the collection of all messages. The page's own work goes on
 * as if nobody listened.
 *
 * Events are kept until the controller asks for them, in bounds; what is lost
 * before that is counted. Each message is told once, also if it comes under
 * the number and under the lid of who wrote it. Messages are told at once;
 * statuses wait for each other, and are not even made if nobody wants them.
 */
(function () {
    const tools = window.__whatsappControllerTools;

    /* a frame */
    if (!tools) {
        return;
    }

    const { emit, isTold, moduleOf, noteTold, until, whatsapp } = tools;

    const BINDINGS = {
        inbound: [
            'whatsapp.ApiContact.getCurrentLid',
            'whatsapp.ApiContact.getPhoneNumber', 'whatsapp.ChatStore.get',
            'whatsapp.MsgStore.get', 'whatsapp.MsgStore.on',
            'whatsapp.MsgStore.processMultipleMessages',
            'whatsapp.WidFactory.createWid',
        ],
    };

    /* bounds of one message to the controller, and of one event; bytes */
    const EVENTS_MAX = 50;
    const SIZE_MAX = 262144;
    const EVENT_MAX = 229376;

    /* and of what is kept before the controller asks */
    const KEPT_MAX = 2000;
    const KEPT_SIZE_MAX = 4194304;

    /* ms; modules come within a while after WhatsApp Web has started */
    const ATTACH_POLL = 20;
    const ATTACH_TIME = 60000;

    /*
     * What the parts listen to: [module, function or path to one, handler of
     * its arguments and its result] and [event of the collection of all
     * messages, handler].
     */
    const hooks = [];
    const changes = [];

    /* by hook: the module that it is placed in */
    const hooked = new Map();

    /* the collection that is listened to */
    let listened = null;
    let isAttaching = false;

    /* events to be told, each with its size in bytes */
    let waiting = [];
    let waitingSize = 0;
    let isFlushing = false;
    let isTimed = false;

    /* whether the controller has asked for events, and for statuses too */
    let isStarted = false;
    let wantsStatuses = true;

    const missed = { messages: 0, others: 0 };

    /* ms that a status waits for more of them, and for other events */
    const STATUS_TIME = 20;

    /* messages that the page's history does not show, or not for sure */
    const FLEETING = ['reaction', 'poll_vote'];

    const encoder = new TextEncoder();


    /* ==== telling ==== */

    function isFleeting({ kind, message }) {
        return kind !== 'message' || FLEETING.includes(message.type);
    }

    function tell(event) {
        const size = sizeOf(event);

        if (!isStarted && (waiting.length >= KEPT_MAX
                           || waitingSize + size > KEPT_SIZE_MAX))
        {
            missed[isFleeting(event) ? 'others' : 'messages']++;
            return;
        }

        waiting.push({ event, size });
        waitingSize += size;

        if (!isStarted) {
            return;
        }

        if (event.kind === 'status') {
            flushLater();

        } else if (!isFlushing) {
            isFlushing = true;
            queueMicrotask(flush);
        }
    }

    function flushLater() {
        if (!isTimed) {
            isTimed = true;
            setTimeout(() => {
                isTimed = false;
                flush();
            }, STATUS_TIME);
        }
    }

    function sizeOf(event) {
        return encoder.encode(JSON.stringify(event)).length + 1;
    }

    /* once per message; whatever is too large is told without its content */
    function tellMessage(event) {
        if (!event || isTold(event.id)) {
            return;
        }

        noteTold(event.id);
        tell(sizeOf(event) <= EVENT_MAX ? event
            : { ...event, message: tools.unsupported() });
    }

    function flush() {
        let events = [];
        let size = 0;

        isFlushing = false;

        for (const one of waiting) {
            if (events.length === EVENTS_MAX || size + one.size > SIZE_MAX) {
                emit('inbound', { events });
                events = [];
                size = 0;
            }

            events.push(one.event);
            size += one.size;
        }

        if (events.length > 0) {
            emit('inbound', { events });
        }

        waiting = [];
        waitingSize = 0;
    }

    /*
     * What was kept is told before the answer, which says what was not. Asked
     * again when somebody wants statuses.
     */
    function start({ statuses }) {
        const lost = { ...missed };

        isStarted = true;
        wantsStatuses = statuses !== false;
        missed.messages = 0;
        missed.others = 0;
        attach();
        flush();

        return { missed: lost };
    }


    /* ==== listening ==== */

    /* the page never hears of what goes wrong here */
    function quietly(handler, ...args) {
        try {
            handler(...args);
        } catch (e) {
            missed.others++;
        }
    }

    function quiet(handler) {
        return (...args) => quietly(handler, ...args);
    }

    /* what is wrong with one thing leaves the others */
    function each(list, handler) {
        for (const one of list) {
            quietly(handler, one);
        }
    }

    /*
     * The same function, with somebody who looks at its arguments before it
     * runs and, if he asks for it, at what it has promised.
     */
    function watched(original, look) {
        const watching = function (...args) {
            quietly(look, args);

            const result = original.apply(this, args);

            if (look.result && result && typeof result.then === 'function') {
                result.then((value) => quietly(look.result, value, args),
                            () => {});
            }

            return result;
        };

        for (const name of ['length', 'name']) {
            Object.defineProperty(watching, name, {
                value: original[name], configurable: true,
            });
        }

        return watching;
    }

    function place(hook) {
        const [id, path, look] = hook;
        const module = moduleOf(id);
        const names = path.split('.');
        const name = names.pop();
        const owner = module && names.reduce(
            (value, part) => value && value[part], module);

        if (owner && typeof owner[name] === 'function'
            && hooked.get(hook) !== owner)
        {
            owner[name] = watched(owner[name], look);
            hooked.set(hook, owner);
        }

        return hooked.has(hook);
    }

    function listen() {
        const { MsgStore } = whatsapp;

        if (!MsgStore || typeof MsgStore.on !== 'function'
            || listened === MsgStore)
        {
            return;
        }

        listened = MsgStore;

        for (const [event, handler] of changes) {
            MsgStore.on(event, quiet(handler));
        }
    }

    /* places what can be placed; whether that is all */
    function placeAll() {
        const placed = hooks.map(place);

        if (moduleOf('WAWebMsgCollection')) {
            listen();
        }

        return listened !== null && placed.every(Boolean);
    }

    /* where the bridge listens, for the field report */
    function hookRows() {
        return hooks.map((hook) => {
            const [module, path] = hook;
            const owner = hooked.get(hook);
            const name = path.split('.').pop();

            return {
                capability: 'inbound',
                path: `${module}.${path}`,
                way: owner ? 'name' : null,
                module,
                arity: owner ? owner[name].length : null,
            };
        });
    }

    /* waits for the modules for a while */
    function attach() {
        if (!placeAll() && !isAttaching) {
            isAttaching = true;
            until(ATTACH_TIME, ATTACH_POLL, placeAll).then(() => {
                isAttaching = false;
            });
        }
    }

    /*
     * WhatsApp Web says its version when it starts, and connects after that:
     * what comes first may come within less time than lies between two looks.
     */
    function attachEarly() {
        let value = window.Debug;

        Object.defineProperty(window, 'Debug', {
            configurable: true,
            enumerable: true,
            get: () => value,
            set: (debug) => {
                value = debug;

                if (debug && debug.VERSION) {
                    Object.defineProperty(window, 'Debug', {
                        value, writable: true,
                    });
                    queueMicrotask(() => {
                        tools.guard();
                        placeAll();
                    });
                }
            },
        });
        attach();
    }


    Object.assign(tools.bindings, BINDINGS);
    Object.assign(tools.methods, { 'inbound.start': { run: start } });
    Object.assign(tools, {
        attach, attachEarly, each, hookRows, placeAll, quiet, tell,
        tellMessage, inboundChanges: changes, inboundHooks: hooks,
        isStatusWanted: () => wantsStatuses,
    });
    tools.onLogout.push(() => {
        waiting = [];
        waitingSize = 0;
    });
}());
