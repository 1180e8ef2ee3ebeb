'use strict';

/*
 * The page's connection. WhatsApp Web sends a stanza that has no answer again
 * on every new connection, without a bound (WAComms in 2.3000.1044822804). If
 * WhatsApp's server closes the connection because of a stanza, the page would
 * never be connected again. Here that stanza is taken back after a few
 * connections that ended with it; whoever waits for it is told.
 */
(function () {
    const tools = window.__whatsappControllerTools;

    /* a frame */
    if (!tools) {
        return;
    }

    const { lookUp, moduleOf } = tools;

    /* connections that may end before a stanza is answered */
    const CONNECTIONS_MAX = 4;

    /* by stanza that waits: how many connections have ended with it */
    const ended = new WeakMap();

    /* whether the page was connected when it was last looked at */
    let wasConnected = false;


    function connectionChanged() {
        const isConnected = lookUp('whatsapp.Socket.stream') === 'CONNECTED';

        if (wasConnected && !isConnected) {
            connectionEnded();
        }

        wasConnected = isConnected;
    }

    function connectionEnded() {
        const comms = commsOf(moduleOf('WAComms'));

        if (!comms) {
            return;
        }

        /* those of one connection alone end with it by themselves */
        for (const handler of comms.filterPending(
            ({ attachedToSocketId }) => !attachedToSocketId))
        {
            const times = (ended.get(handler) || 0) + 1;

            ended.set(handler, times);

            if (times >= CONNECTIONS_MAX) {
                comms.removeHandler(handler, 'max-retries');
            }
        }
    }

    /* null before the first connection, or where it is another thread's */
    function commsOf(module) {
        const comms = module && module.getComms ? module.getComms() : null;

        return comms && typeof comms.filterPending === 'function'
               && typeof comms.removeHandler === 'function' ? comms : null;
    }


    /*
     * Ends when the browser's network gives any answer, be it that there is
     * none: one that is stuck gives none at all. WhatsApp's own host is asked.
     */
    async function checkNetwork() {
        try {
            await window.fetch(window.location.href, {
                method: 'HEAD', cache: 'no-store', credentials: 'omit',
            });
        } catch (e) {
            /* an answer, too */
        }

        return {};
    }


    tools.methods['network.check'] = { run: checkNetwork };
    tools.sources.push(
        ['whatsapp.Socket', 'change:stream change:state', connectionChanged]);
}());
