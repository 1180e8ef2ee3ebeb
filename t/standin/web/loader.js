'use strict';

/*
 * Meta's module loader, as far as wa-js sees it: the globals __d, require,
 * importDefault, importNamespace, requireLazy and ErrorGuard, and a module
 * "__debug" that shows the map of all modules.
 */
(function (global) {
    /* flags of __d: how a factory is called, and that it is an ES module */
    const IMPORT_CONVENTION = 32;
    const ES_MODULE = 64;

    const modules = Object.create(null);


    function define(id, dependencies, factory, flags) {
        if (modules[id]) {
            return;
        }

        modules[id] = {
            id,
            dependencies,
            factory,
            flags: flags || 0,
            exports: {},
            namespace: null,
            initialized: false,
        };
    }


    function initialize(id) {
        const record = modules[id];

        if (!record) {
            throw new Error(`Requiring unknown module "${id}"`);
        }

        if (record.initialized) {
            return record;
        }

        const module = { id, exports: record.exports };

        record.initialized = true;

        if (record.flags & IMPORT_CONVENTION) {
            record.factory(global, require, importDefault, importNamespace,
                           requireLazy, module, module.exports);
        } else {
            record.factory(global, require, require, requireLazy, module,
                           module.exports);
        }

        record.exports = module.exports;

        return record;
    }


    function require(id) {
        return initialize(id).exports;
    }


    function importDefault(id) {
        const { exports, flags } = initialize(id);

        return flags & ES_MODULE ? exports.default : exports;
    }


    function importNamespace(id) {
        const record = initialize(id);

        if (record.flags & ES_MODULE) {
            return record.exports;
        }

        record.namespace = record.namespace
            || { ...record.exports, default: record.exports };

        return record.namespace;
    }


    function requireLazy(ids, callback) {
        setTimeout(() => callback(...ids.map(importDefault)));
    }


    define('__debug', [], (...args) => {
        args[5].exports = { modulesMap: modules };
    }, IMPORT_CONVENTION);

    global.ErrorGuard = {
        skipGuardGlobal() {},
    };
    global.importDefault = importDefault;
    global.importNamespace = importNamespace;
    global.requireLazy = requireLazy;
    global.require = require;

    /* last: wa-js starts once both require and __d are there */
    global.__d = define;
})(self);
