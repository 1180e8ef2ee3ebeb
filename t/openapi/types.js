/*
 * Writes api.ts, the types that openapi-typescript makes of docs/openapi.yaml,
 * and requests.ts into the directory that is named. The second one assigns
 * every body of requests.json, all of which the API has accepted, to the type
 * of its call, and expects errors of those of refused.json.
 */

import { readFileSync, writeFileSync } from 'node:fs';

import openapiTS, { astToString } from 'openapi-typescript';

import { file } from './record.js';

const [, , directory] = process.argv;


function read(name) {
    return JSON.parse(readFileSync(new URL(name, import.meta.url), 'utf8'));
}

/* a value of its own first: members that the type lacks are allowed */
function lines([method, path, body], index, expected) {
    const type = `Body<'${path}', '${method}'>`;

    return [
        `const value${index} = ${JSON.stringify(body)} as const;`,
        ...expected ? ['// @ts-expect-error'] : [],
        `export const request${index}: ${type} = value${index};`,
    ];
}

const accepted = read('requests.json');
const refused = read('refused.json');

writeFileSync(`${directory}/api.ts`, astToString(
    await openapiTS(file, { immutable: true, silent: true })));

writeFileSync(`${directory}/requests.ts`, [
    "import type { paths } from './api';",
    '',
    'type Body<P extends keyof paths, M extends keyof paths[P]> =',
    '    paths[P][M] extends { readonly requestBody?: { readonly content: {',
    "        readonly 'application/json': infer T } } } ? T : never;",
    '',
    ...accepted.flatMap((one, index) => lines(one, index, false)),
    ...refused.flatMap((one, index) => (
        lines(one, accepted.length + index, true))),
    '',
].join('\n'));
