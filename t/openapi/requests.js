/*
 * Makes requests.json of what the tests record (TEST_WHATSAPP_ANSWERS), which
 * is read from standard input: the JSON bodies that were accepted, one of each
 * form, with the random words of the tests taken out.
 */

import { writeFileSync } from 'node:fs';

import { readRecords, withoutNull } from './record.js';

const TARGET = new URL('requests.json', import.meta.url);
const forms = new Map();


/* the same for bodies that differ in the content of their strings only */
function form(value, name) {
    if (Array.isArray(value)) {
        return [...new Set(value.map((one) => JSON.stringify(form(one))))];
    }

    if (value === null || typeof value !== 'object') {
        return name === 'type' ? value : typeof value;
    }

    return Object.fromEntries(Object.keys(value).sort().map(
        (member) => [member, form(value[member], member)]));
}

function plain(value) {
    return JSON.parse(JSON.stringify(value)
        .replace(/canary([a-z]*)[0-9a-f]{16}/g, 'some $1')
        .replace(/wamid\.[\w-]+/g, 'wamid.aWQ')
        .replace(/(.{1,12}?)\1{40,}/gu, '$1')
        .replace(/127\.0\.0\.1:\d+/g, 'media.example'));
}

for (const { method, found, status, request } of readRecords()) {
    if (found && status < 300 && request && !Array.isArray(request)) {
        const body = withoutNull(request);
        const key = JSON.stringify([found, method, form(body)]);

        if (!forms.has(key)) {
            forms.set(key, [method, found, plain(body)]);
        }
    }
}

const rows = [...forms.keys()].sort().map(
    (key) => JSON.stringify(forms.get(key)));

writeFileSync(TARGET, `[\n${rows.join(',\n')}\n]\n`);
