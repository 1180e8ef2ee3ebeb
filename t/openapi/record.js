/*
 * docs/openapi.yaml, and what the tests record of requests: a line each with
 * method, path (without the version), status, and the bodies of the answer and
 * the request in base64.
 */

import { readFileSync } from 'node:fs';

import yaml from 'js-yaml';

export const file = new URL('../../docs/openapi.yaml', import.meta.url);
export const api = yaml.load(readFileSync(file, 'utf8'));

const paths = Object.keys(api.paths).map((path) => ({
    path,
    regex: new RegExp(`^${path.replace(/\{[^}]*\}/g, '[^/]+')}/?$`),
    names: path.split(/\{[^}]*\}/).join('').length,
}));


/* the path of the file that has most words in common with that of a request */
function findPath(path) {
    return paths.filter(({ regex }) => regex.test(path))
        .sort((a, b) => b.names - a.names)[0]?.path;
}

/* undefined for what is no JSON object */
function parse(base64) {
    const text = Buffer.from(base64, 'base64').toString();

    return /^\s*[{[]/.test(text) ? JSON.parse(text) : undefined;
}

function parseRequest(base64) {
    try {
        return parse(base64);
    } catch (e) {
        return undefined;
    }
}

/* the records of standard input; found is the path in the file, if it is */
export function readRecords() {
    const lines = readFileSync(0, 'latin1').split('\n').filter(Boolean);

    return lines.map((line) => {
        const [method, path, status, answer, request] = line.split(' ');

        return {
            method: method.toLowerCase(),
            path,
            found: findPath(path),
            status: Number(status),
            answer: parse(answer),
            request: parseRequest(request),
        };
    });
}

/* null counts as absent */
export function withoutNull(value) {
    if (Array.isArray(value)) {
        return value.map(withoutNull);
    }

    if (value === null || typeof value !== 'object') {
        return value;
    }

    return Object.fromEntries(Object.entries(value)
        .filter(([, member]) => member !== null)
        .map(([name, member]) => [name, withoutNull(member)]));
}
