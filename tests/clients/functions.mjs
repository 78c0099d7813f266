// functions.mjs: calls of a program's functions, and what comes back.
// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";

export class Functions {
    constructor(program) {
        this.program = program;
    }

    call = (name, body, headers = {}, more = {}) =>
        fetch(`${this.program.url}api/${name}`, { method: "POST", headers: { "Content-Type": "application/json", ...headers }, body: typeof body === "string" ? body : JSON.stringify(body ?? {}), ...more });

    job = async (id, method = "GET") => (await fetch(`${this.program.url}api/jobs/${id}`, { method })).json();

    problem = async (answer, status, pattern) => {
        const p = await answer.json();
        assert.equal(answer.status, status, JSON.stringify(p));
        assert.equal(answer.headers.get("content-type"), "application/problem+json");
        assert.equal(p.status, status);
        assert.match(`${p.title}: ${p.detail}`, pattern);
        return p;
    };
}

/** Events of a stream, each as [name, data], until it ends. */
export async function* events(answer) {
    let text = "";
    assert.equal(answer.headers.get("content-type"), "text/event-stream");
    for await (const piece of answer.body.pipeThrough(new TextDecoderStream())) {
        text += piece;
        for (let at; (at = text.indexOf("\n\n")) >= 0; text = text.slice(at + 2)) {
            const event = /^event: (.*)$/m.exec(text.slice(0, at)), data = /^data: (.*)$/m.exec(text.slice(0, at));
            if (event) yield [event[1], JSON.parse(data[1])];
        }
    }
}

export async function all(answer) {
    const out = [];
    for await (const event of events(answer)) out.push(event);
    return out;
}
