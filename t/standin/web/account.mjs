/*
 * The account's own "about" text, and whom it blocks.
 */

import { define } from './define.mjs';
import { createWid } from './ids.mjs';
import { ask } from './iq.mjs';
import { link } from './link.mjs';
import { Collection, Model } from './model.mjs';


class TextStatus extends Model {}

class TextStatusCollectionImpl extends Collection {
    constructor() {
        super(TextStatus);
    }

    /* asks the server unless it has told already */
    async find(id) {
        const known = this.get(id);

        return known || this.add({ id, status: await ask('about', {}) })[0];
    }
}

class Blocked extends Model {}

class BlocklistCollectionImpl extends Collection {
    constructor() {
        super(Blocked);
    }
}

const blocklist = new BlocklistCollectionImpl();


function onBlocked({ blocked }) {
    for (const one of blocklist.getModelsArray()) {
        blocklist.remove(one.id);
    }

    blocklist.add(blocked.map((id) => ({ id: createWid(id) })));
}


function setBlocked(contact, blocked) {
    return ask('block', { id: String(contact.id), blocked });
}


export function defineAccount() {
    link.on('frame:blocked', onBlocked);
    link.on('frame:linked', onBlocked);

    define('WAWebTextStatusCollection', {
        TextStatusCollection: new TextStatusCollectionImpl(),
    });
    define('WAWebContactStatusBridge', {
        getStatus: async () => ({ status: await ask('about', {}) }),
        setMyStatus: (about) => ask('about', { about }),

        /* by this wa-js knows the module */
        queryStatusAll() {},
    });
    define('WAWebBlocklistCollection', {
        BlocklistCollection: blocklist,
        BlocklistCollectionImpl,
    });
    define('WAWebBlockContactAction', {
        blockContact: ({ contact }) => setBlocked(contact, true),
        unblockContact: (contact) => setBlocked(contact, false),
    });
}
