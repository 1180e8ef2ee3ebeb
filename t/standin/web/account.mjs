/*
 * The account's own profile: WAWebContactStatusBridge,
 * WAWebContactProfilePicThumbBridge and WAWebBusinessProfileEdit, read in
 * 2.3000.1044822804.
 */

import { define } from './define.mjs';
import { ask } from './iq.mjs';
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

class BusinessProfile extends Model {}

/* asked anew each time; nobody else here has a profile */
class BusinessProfileCollection extends Collection {
    constructor() {
        super(BusinessProfile);
    }

    async fetchBizProfile(id) {
        const found = await ask('business', {});

        this.remove(id);

        return this.add({ id, ...found })[0];
    }
}

class ProfilePicThumb extends Model {}

class ProfilePicThumbCollection extends Collection {
    constructor() {
        super(ProfilePicThumb);
    }

    async find(id) {
        const eurl = await ask('picture', {});

        this.remove(id);

        return this.add({ id, eurl: eurl || undefined })[0];
    }
}

/* of the account, or of a group: WAWebContactProfilePicThumbBridge */
async function sendSetPicture(id, thumb, picture) {
    return {
        status: 200,
        eurl: await (id.isGroup()
            ? ask('group.picture', { id: String(id), picture })
            : ask('picture', { picture })),
    };
}


export function defineAccount() {
    define('WAWebTextStatusCollection', {
        TextStatusCollection: new TextStatusCollectionImpl(),
    });
    define('WAWebContactStatusBridge', {
        getStatus: async (id) => ({
            status: await ask('about', {}), id,
        }),
        setMyStatus: (about) => ask('about', { about }),

        /* by this wa-js knows the module */
        queryStatusAll() {},
    });
    define('WAWebBusinessProfileCollection', {
        BusinessProfileCollection: new BusinessProfileCollection(),
    });
    define('WAWebBusinessProfileEdit', {
        editBusinessProfile: (members) => ask('business', { members }),
    });
    define('WAWebProfilePicThumbCollection', {
        ProfilePicThumbCollection: new ProfilePicThumbCollection(),
    });
    define('WAWebContactProfilePicThumbBridge', {
        sendSetPicture,
        requestDeletePicture: async (id) => ({ status: 200, id }),
    });
}
