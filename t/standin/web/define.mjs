/*
 * Puts modules into the loader's map. The server says how: a newer version of
 * WhatsApp Web has renamed one of them, some come late, some come only when a
 * component of theirs is loaded, and thousands of others stand beside them.
 */

const { dataset } = document.documentElement;

/* {complain, rename, late, linked, never, pad, props, resend} from the
   server */
export const options = JSON.parse(dataset.options);
export const { version } = dataset;

const [renamedModule, renamedExport] = (options.rename || '').split('.');
const FLAGS_ES_MODULE = 32 | 64 | 2;

/* components that load what stands under them; wa-js knows their names */
const FORWARD = ['WAWebChatForwardMessage'];
const COMPONENTS = new Map([
    ['WAWebMediaForwardMediaMsg', []],
    ['WAWebForwardMessageFlow.react', FORWARD],
    ['WAWebForwardMessageModal.react', FORWARD],
]);

/* definitions that wait for their component, by module */
const waiting = new Map();

/* definitions that may never come, by module */
const withheld = new Map();

/* definitions that wait until the page is linked */
const atLink = [];
let isLinked = false;


/*
 * Defines module `id` and returns its exports. Other code calls what wa-js
 * wraps through this object only, as the real application does.
 */
export function define(id, exports) {
    const isLazy = [...COMPONENTS.values()].some((ids) => ids.includes(id));
    const late = (options.late || {})[id];

    if ((options.never || []).includes(id)) {
        withheld.set(id, () => register(id, exports));
        return exports;
    }

    if (!isLinked && (options.linked || []).includes(id)) {
        atLink.push(() => register(id, exports));
    } else if (isLazy) {
        waiting.set(id, () => register(id, exports));
    } else if (late) {
        setTimeout(register, late, id, exports);
    } else {
        register(id, exports);
    }

    return exports;
}


/* what was not needed so far is needed now */
export function defineLate(id) {
    if (withheld.has(id)) {
        withheld.get(id)();
        withheld.delete(id);
    }
}


/* the page has a login: what only a linked page loads comes now */
export function linked() {
    isLinked = true;

    for (const definition of atLink.splice(0)) {
        definition();
    }
}


function register(id, exports) {
    const renamed = id === renamedModule;
    const shown = renamed ? renameExports(exports) : exports;

    self.__d(renamed && !renamedExport ? `${id}2` : id, [], (...args) => {
        args[5].exports = shown;
    }, FLAGS_ES_MODULE);
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


/* Bootloader: loadModules(components, callback, who wants it) */
function loadModules(components, callback) {
    for (const component of components) {
        for (const id of COMPONENTS.get(component) || []) {
            if (waiting.has(id)) {
                waiting.get(id)();
                waiting.delete(id);
            }
        }
    }

    setTimeout(callback);
}


/* names beside the modules: as many as the real application has */
function pad(count) {
    for (let n = 1; n <= count; n++) {
        self.__d(`WAWebPadding${n}`, [], (...args) => {
            args[5].exports = { padding() {} };
        }, FLAGS_ES_MODULE);
    }
}


export function defineLoading() {
    pad(options.pad || 0);

    self.__d('Bootloader', [], (...args) => {
        args[5].exports = {
            loadModules,
            __debug: { componentMap: COMPONENTS },
        };
    }, FLAGS_ES_MODULE);
}
