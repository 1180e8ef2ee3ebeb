// What both clients share: the cases come as JSON on standard input, the
// outcome of each goes as one line of JSON to standard output.
//
// input:  {"base": URL, "cases": [{"name", "token", "session", "call", ...}]}
// output: {"name", "result"} or {"name", "error": {"status", "code", ...}}

import { readFileSync } from 'node:fs';


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
