/*
 * Holds requests and their answers against docs/openapi.yaml.
 *
 * Standard input has a line each with what record.js reads. Standard output
 * says a line each what does not fit: an answer whose status the call does not
 * have or whose members are others than the schema's, and a request that was
 * accepted although its schema refuses it.
 */

import Ajv from 'ajv';
import addFormats from 'ajv-formats';

import { api, readRecords, withoutNull } from './record.js';

const NAME = 'openapi';

/* what any request can end with, before a call is found or its body read */
const GENERAL = new Set([405, 408, 411, 413, 415, 425]);

const ajv = addFormats(new Ajv({ strict: false, allErrors: true }));
const validators = new Map();


/* an answer has no member that its schema lacks */
function close(node) {
    if (Array.isArray(node)) {
        return node.map(close);
    }

    if (node === null || typeof node !== 'object') {
        return node;
    }

    const closed = Object.fromEntries(Object.entries(node).map(
        ([name, value]) => [name, close(value)]));

    if (closed.type === 'object' && closed.properties
        && closed.additionalProperties === undefined)
    {
        closed.additionalProperties = false;
    }

    return closed;
}

function pointer(...names) {
    return names.map((name) => encodeURIComponent(
        String(name).replaceAll('~', '~0').replaceAll('/', '~1'))).join('/');
}

function validator(schema) {
    if (!validators.has(schema)) {
        validators.set(schema, ajv.compile({ $ref: schema }));
    }

    return validators.get(schema);
}

function faults(schema, value) {
    const validate = validator(schema);

    return validate(value) ? null : validate.errors.slice(0, 3).map(
        ({ instancePath, message, params }) => (
            `${instancePath} ${message} ${JSON.stringify(params)}`)).join('; ');
}

function answerSchema(path, method, status) {
    const call = path && api.paths[path][method];

    if (!call) {
        return status >= 400
            ? `${NAME}#/${pointer('components', 'schemas', 'Error')}` : null;
    }

    const name = call.responses[status] ? String(status)
        : status >= 500 || GENERAL.has(status) ? 'default' : null;
    const response = name && call.responses[name];

    if (!response) {
        return null;
    }

    return response.$ref
        ? `${NAME}${response.$ref}/content/application~1json/schema`
        : `${NAME}#/${pointer('paths', path, method, 'responses', name,
                              'content', 'application/json', 'schema')}`;
}

function requestSchema(path, method) {
    const content = path
        && api.paths[path][method]?.requestBody?.content['application/json'];

    return content && `${NAME}-requests#/${pointer('paths', path, method,
        'requestBody', 'content', 'application/json', 'schema')}`;
}

function judge({ method, path, found, status, answer, request }) {
    const call = `${method} ${found || path}: ${status}`;
    const schema = answerSchema(found, method, status);
    const accepts = request !== undefined && status < 300
        && requestSchema(found, method);
    const wrong = [];

    if (answer === undefined) {
        /* it was not recorded */
    } else if (!schema) {
        wrong.push(`${call} is not in the file`);
    } else if (faults(schema, answer)) {
        wrong.push(`${call}: ${faults(schema, answer)}`);
    }

    if (accepts && faults(accepts, withoutNull(request))) {
        wrong.push(`${call}: the request: `
                   + faults(accepts, withoutNull(request)));
    }

    return wrong;
}


ajv.addSchema(close(api), NAME);
ajv.addSchema(api, `${NAME}-requests`);

for (const line of new Set(readRecords().flatMap(judge))) {
    console.log(line);
}
