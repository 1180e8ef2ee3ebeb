/*
 * The account's properties, which the server sets: WAWebABProps, read in
 * 2.3000.1044822804. Others ask through the module, where it can be replaced.
 */

import { define, options } from './define.mjs';
import { link } from './link.mjs';

const values = {
    web_media_encrypt_upload_in_worker_enabled: true,
    ...options.props,
};

export const properties = {
    getABPropConfigValue: (name) => values[name],
};


export function defineProperties() {
    define('WAWebABProps', properties);

    link.on('frame:property', ({ name, value }) => {
        values[name] = value;
    });
}
