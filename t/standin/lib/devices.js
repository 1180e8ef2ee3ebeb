'use strict';

/*
 * The pages of an account and their logins: how one comes in, by a scan or a
 * code, what it gets when it connects, and how it is put out.
 */

const crypto = require('node:crypto');
const {
    giveCode, dropCode, expireCode, findCode,
} = require('./pairing.js');

/* more than a phone allows: tests have an account's pages by the dozen */
const MAX_DEVICES = 64;
const MAX_QUEUED = 20000;

/* reasons of the server; any other is the page's own, which then says so */
const BY_SERVER = ['device_removed', 'banned', 'account_locked'];

/* an unlinked page gets this many codes, then it must ask again */
const QR_CODES = 6;
const QR_FIRST_TTL = 60000;
const QR_TTL = 20000;


class Devices {
    #account;
    #last = 0;

    /* links: how many pages get a login without a scan */
    constructor(account, links) {
        this.#account = account;
        this.autoLink = links;

        /* logins by their tokens, and the connections of pages */
        this.all = new Map();
        this.links = new Set();
    }

    broadcast(frame) {
        for (const link of this.links) {
            link.send(frame);
        }
    }

    /* every device gets the frame, in its turn, and until it has said so */
    enqueue(frame) {
        const numbered = { ...frame, n: ++this.#last };

        for (const { link, queue } of this.all.values()) {
            queue.push(numbered);

            if (queue.length > MAX_QUEUED) {
                queue.shift();
            }

            /* while it catches up, a device gets all in its turn */
            if (link && link.isLive) {
                link.send(numbered);
            }
        }
    }

    /* a device has stored a frame: it need not be kept for it any longer */
    takeReceived(link, n) {
        const { queue } = link.device;
        const at = queue.findIndex((frame) => frame.n === n);

        if (at >= 0) {
            queue.splice(at, 1);
        }
    }

    /* how many frames the pages that are connected have not stored yet */
    get untaken() {
        return [...this.all.values()].filter(({ link }) => link)
            .reduce((sum, { queue }) => sum + queue.length, 0);
    }

    /* whether the page has linked with this token: it may upload */
    isLinked(token) {
        return this.all.has(token);
    }

    /* the codes that are typed in are good no longer */
    expireCodes() {
        this.links.forEach(expireCode);
    }

    /* those that wait for the end of their offline messages wait no more */
    endHold() {
        for (const link of this.links) {
            if (link.offlineHeld) {
                this.#deliverOffline(link);
            }
        }
    }


    /* ==== pages come and go ==== */

    /* a page said hello; token is what its storage holds, or null */
    connect(link, token) {
        const device = this.all.get(token);
        const ban = this.#account.faults.get('temporary_ban');

        this.links.add(link);

        if (device && ban) {
            link.send({ type: 'failure', ban });
            link.close();
        } else if (device) {
            this.#attach(link, device);
        } else if (this.autoLink > 0 && token === null) {
            this.autoLink--;
            this.#pair(link);
        } else {
            link.codesLeft = QR_CODES;
            link.send({ type: 'unlinked' });
            this.showNextCode(link, QR_FIRST_TTL);
        }
    }

    disconnect(link) {
        this.links.delete(link);
        clearTimeout(link.codeTimer);
        clearTimeout(link.offlineTimer);
        dropCode(link);

        if (link.device && link.device.link === link) {
            link.device.link = null;
        }
    }

    /* a page gets a login, with which it connects again at once */
    #pair(link) {
        const { own } = this.#account.directory;
        const device = {
            token: crypto.randomBytes(16).toString('hex'),
            link,
            queue: [],

            /* until its first login */
            isNew: true,
        };

        this.all.set(device.token, device);

        if (this.all.size > MAX_DEVICES) {
            this.all.delete(this.all.keys().next().value);
        }

        link.device = device;
        this.#endCodes(link);
        link.send({
            type: 'paired',
            token: device.token,
            wid: own.wid,
            lid: own.lid,
            name: own.name,
            migrated: this.#account.migrated,
        });
    }

    #endCodes(link) {
        link.ref = null;
        clearTimeout(link.codeTimer);
        dropCode(link);
    }

    #attach(link, device) {
        const { own, people } = this.#account.directory;

        /* the same login in a second tab: the older one is told to stop */
        if (device.link && device.link !== link) {
            device.link.send({ type: 'replaced' });
            device.link.device = null;
        }

        device.link = link;
        link.device = device;
        this.#endCodes(link);
        link.send({
            type: 'linked',
            isNew: device.isNew,
            wid: own.wid,
            lid: own.lid,
            name: own.name,
            business: this.#account.profile.isBusiness,
            limits: this.#account.limits(),
            groups: this.#account.groups.ofMember(own).map(
                (group) => this.#account.groups.show(group)),
            blocked: this.#account.blockedIds(),
            oldChats: [...this.#account.oldChats].map((number) => {
                const { wid, lid } = people.get(number);

                return { pn: wid, lid };
            }),
        });

        if (device.isNew && this.#account.inbound.play.history > 0) {
            this.#account.inbound.history({
                count: this.#account.inbound.play.history, days: 1,
            });
        }

        device.isNew = false;

        if (this.#account.faults.get('replaced')) {
            link.send({ type: 'replaced' });
            return;
        }

        const hold = this.#account.faults.get('hold_offline');

        if (!hold) {
            this.#deliverOffline(link);
        } else if (hold.ms > 0) {
            link.offlineTimer = setTimeout(() => this.#deliverOffline(link),
                                           hold.ms);
        } else {
            link.offlineHeld = true;
        }
    }

    /* what the device has missed, and the word that this was all */
    #deliverOffline(link) {
        link.offlineHeld = false;

        if (!link.device) {
            return;
        }

        for (const frame of link.device.queue) {
            link.send({ ...frame, isOffline: true });
        }

        link.isLive = true;
        link.send({ type: 'offline_end' });
    }


    /* ==== linking ==== */

    showNextCode(link, ttl = QR_TTL) {
        clearTimeout(link.codeTimer);

        if (link.codesLeft === 0) {
            link.ref = null;
            link.send({ type: 'code', ref: null, ttl: 0 });
            return;
        }

        link.codesLeft--;
        link.ref = `2@${crypto.randomBytes(48).toString('base64')}`;
        link.send({ type: 'code', ref: link.ref, ttl });
        link.codeTimer = setTimeout(() => this.showNextCode(link), ttl);
    }

    /* the page (or a test) wants a fresh code, and a full set of them */
    refreshCode(link) {
        if (!link.device) {
            link.codesLeft = QR_CODES;
            this.showNextCode(link, QR_FIRST_TTL);
        }
    }

    /*
     * The phone scans: the page that shows this code, or with no code given
     * every page that shows one. Returns how many were linked.
     */
    scan(code) {
        let linked = 0;

        for (const link of this.links) {
            if (!link.device && link.ref
                && (code === undefined || matches(code, link)))
            {
                this.#pair(link);
                linked++;
            }
        }

        return linked;
    }

    /* a page wants a code for a phone number instead */
    takePairing(link, { n, args }) {
        this.#account.answer(link, {
            type: 'iq', n,
            ...giveCode(this.#account, link, String(args.phone)),
        }, 0);
    }

    /* somebody types a code in at the phone; whether a page shows it */
    enterCode(code) {
        const { own } = this.#account.directory;
        const link = findCode(this.links, own.number, code);

        if (!link) {
            return false;
        }

        this.#pair(link);
        return true;
    }

    /* the server puts all devices out; for other reasons, pages do it */
    logout(reason) {
        this.autoLink = 0;

        for (const device of [...this.all.values()]) {
            const { link } = device;

            if (BY_SERVER.includes(reason)) {
                this.#forget(device);
            }

            if (link) {
                link.send({ type: 'logout', reason });
            }
        }
    }

    /* a page logs itself out; it waits for the word that this was heard */
    farewell(link) {
        this.autoLink = 0;
        this.#forget(link.device);
        link.send({ type: 'farewell' });
    }

    #forget(device) {
        this.all.delete(device.token);

        if (device.link) {
            device.link.device = null;
        }
    }
}


/* the whole text of a QR code, as a phone would read it */
function matches(code, link) {
    const parts = String(code).split(',');

    return parts.length === 5 && parts[0] === link.ref
           && parts.every((part) => part !== '');
}


module.exports = { Devices };
