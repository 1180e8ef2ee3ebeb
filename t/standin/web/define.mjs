/*
 * Puts modules into the loader's map. The server can pretend that a newer
 * version of WhatsApp Web has renamed one of them.
 */

const { rename } = document.documentElement.dataset;
const [renamedModule, renamedExport] = rename.split('.');
const FLAGS_ES_MODULE = 32 | 64 | 2;

/*
 * Defines module `id` and returns its exports. Other code calls what wa-js
 * wraps through this object only, as the real application does.
 */
export function define(id, exports) {
    const renamed = id === renamedModule;
    const shown = renamed ? renameExports(exports) : exports;

    self.__d(renamed && !renamedExport ? `${id}2` : id, [], (...args) => {
        args[5].exports = shown;
    }, FLAGS_ES_MODULE);

    return exports;
}


/* wa-js looks at what a module exports more than at its name */
function renameExports(exports) {
    const shown = {};

    for (const [name, value] of Object.entries(exports)) {
        shown[renamedExport && name !== renamedExport ? name : `${name}2`]
            = value;
    }

    return shown;
}


export const version = document.documentElement.dataset.version;
