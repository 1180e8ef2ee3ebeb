/*
 * Events, models and collections in the manner of Backbone, which is what
 * WhatsApp Web's own are like.
 */

export class Emitter {
    #handlers = new Map();

    on(names, handler, context) {
        for (const name of names.split(/\s+/)) {
            const list = this.#handlers.get(name) || [];

            /* a copy: handlers may come and go while one is running */
            this.#handlers.set(name, [...list, { handler, context }]);
        }

        return this;
    }

    once(names, handler, context) {
        const wrapper = (...args) => {
            this.off(names, wrapper);
            handler.apply(context || this, args);
        };

        wrapper.original = handler;

        return this.on(names, wrapper);
    }

    /* without a handler all handlers go, without a name everything */
    off(names, handler) {
        if (!names) {
            this.#handlers.clear();
            return this;
        }

        for (const name of names.split(/\s+/)) {
            const list = handler ? this.#handlers.get(name) || [] : [];

            this.#handlers.set(name, list.filter((entry) => (
                entry.handler !== handler
                && entry.handler.original !== handler)));
        }

        return this;
    }

    trigger(name, ...args) {
        for (const entry of this.#handlers.get(name) || []) {
            entry.handler.apply(entry.context || this, args);
        }

        for (const entry of this.#handlers.get('all') || []) {
            entry.handler.call(entry.context || this, name, ...args);
        }

        return this;
    }

    listenTo(other, names, handler) {
        other.on(names, handler, this);
        return this;
    }

    listenToOnce(other, names, handler) {
        other.once(names, handler, this);
        return this;
    }
}


export class Model extends Emitter {
    /* every attribute is in `attributes` and a property of the model too */
    constructor(attributes) {
        super();
        Object.defineProperty(this, 'attributes', {
            value: {},
            writable: true,
        });
        Object.defineProperty(this, 'collection', {
            value: null,
            writable: true,
        });

        for (const name of Object.keys(attributes || {})) {
            this.attributes[name] = attributes[name];

            /* observed ones have an accessor on the prototype already */
            if (!(name in this)) {
                this[name] = attributes[name];
            }
        }
    }

    /*
     * (name, value, options) or (values, options): all are set before the
     * first change is told, as WAWebBaseModel does it
     */
    set(name, value, more) {
        const [values, options] = typeof name === 'object'
            ? [name, value] : [{ [name]: value }, more];
        const changes = [];

        for (const key of Object.keys(values)) {
            const old = this.attributes[key];

            if (this.observed && this.observed.has(key)) {
                if (old !== values[key]) {
                    this.attributes[key] = values[key];
                    changes.push([key, old]);
                }
            } else {
                this.attributes[key] = values[key];
                this[key] = values[key];
            }
        }

        if (!(options && options.silent)) {
            this.#tell(changes);
        }

        return this;
    }

    #tell(changes) {
        const targets = [this, this.collection].filter(Boolean);

        for (const [key, old] of changes) {
            for (const target of targets) {
                target.trigger(`change:${key}`, this, this[key], old);
            }
        }

        if (changes.length > 0) {
            targets.forEach((target) => target.trigger('change', this));
        }
    }

    /* a model in a model; its changes are told as the outer one's, too */
    addChild(name, child) {
        this.set(name, child, { silent: true });
        child.on('all', (event, ...args) => {
            if (/^change:/.test(event)) {
                this.trigger(`change:${name}.${event.slice(7)}`, ...args);
            }
        });
    }

    get(name) {
        return this[name];
    }

    unset(name) {
        this[name] = undefined;
    }

    toJSON() {
        return { ...this.attributes };
    }
}


/*
 * Gives a class of models its name, by which wa-js knows it, and attributes
 * that report their changes to the model and to its collection.
 */
export function observe(modelClass, proxyName, names) {
    modelClass.prototype.proxyName = proxyName;
    Object.defineProperty(modelClass.prototype, 'observed', {
        value: new Set(names),
    });

    for (const name of names) {
        Object.defineProperty(modelClass.prototype, name, {
            configurable: true,
            enumerable: true,

            /* wa-js asks the prototype, too, which has no attributes */
            get() {
                return this.attributes && this.attributes[name];
            },

            set(value) {
                this.set(name, value);
            },
        });
    }
}


export class Collection extends Emitter {
    #models = new Map();

    /* max: how many models are kept, the oldest go first; 0 is no limit */
    constructor(modelClass, max = 0) {
        super();
        this.modelClass = modelClass;
        this.max = max;
    }

    get length() {
        return this.#models.size;
    }

    get(id) {
        return this.#models.get(keyOf(id));
    }

    assertGet(id) {
        const model = this.get(id);

        if (!model) {
            throw new Error('not in this collection');
        }

        return model;
    }

    async find(id) {
        return this.get(id);
    }

    /* adds models, or what models are made of; returns them */
    add(items, options) {
        return (Array.isArray(items) ? items : [items]).map((item) => {
            const model = item instanceof this.modelClass
                ? item : new this.modelClass(item);
            const key = keyOf(model.id);
            const known = this.#models.get(key);

            if (known) {
                return known;
            }

            this.#models.set(key, model);

            /* a message is in two collections; the first hears its changes */
            model.collection = model.collection || this;

            if (this.max > 0 && this.#models.size > this.max) {
                this.#models.delete(this.#models.keys().next().value);
            }

            this.trigger('add', model, this, options || {});
            return model;
        });
    }

    /* a revoked message goes by the key of the revoke from then on */
    replaceId(oldId, newId) {
        const model = this.get(oldId);

        if (model) {
            this.#models.delete(keyOf(oldId));
            this.#models.set(keyOf(newId), model);
        }
    }

    remove(id) {
        const model = this.get(id);

        if (model) {
            this.#models.delete(keyOf(id));
            this.trigger('remove', model, this);
        }
    }

    getModelsArray() {
        return [...this.#models.values()];
    }

    toArray() {
        return this.getModelsArray();
    }

    map(callback) {
        return this.getModelsArray().map(callback);
    }

    filter(callback) {
        return this.getModelsArray().filter(callback);
    }

    forEach(callback) {
        this.getModelsArray().forEach(callback);
    }
}


/* of an id, a model, or a string */
function keyOf(item) {
    if (typeof item === 'string') {
        return item;
    }

    if (!item) {
        return undefined;
    }

    return item instanceof Model ? keyOf(item.id) : String(item);
}
