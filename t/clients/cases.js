// What both clients share: the cases come as JSON on standard input, the
// outcome of each goes as one line of JSON to standard output.
//
// input:  {"base": URL, "cases": [{"name", "token", "session", "call", ...}]}
// output: {"name", "result"} or {"name", "error": {"status", "code", ...}}

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';


// the file that is to be uploaded

export function bytesOf({ file, type }) {
    return new Blob([readFileSync(file)], { type });
}


// what is told of a download

export async function digest(response) {
    const bytes = Buffer.from(await response.arrayBuffer());

    return {
        status: response.status, size: bytes.length,
        type: response.headers.get('content-type'),
        sha256: createHash('sha256').update(bytes).digest('hex'),
    };
}


export async function run(calls, describe) {
    const { base, cases } = JSON.parse(readFileSync(0, 'utf8'));

    for (const one of cases) {
        let line;

        try {
            line = { result: await calls[one.call](base, one) };

        } catch (error) {
            line = { error: await describe(error) };
        }

        console.log(JSON.stringify({ name: one.name, ...line }));
    }
}
