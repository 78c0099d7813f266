// mcp_restart.test.mjs: calls of MCP's clients whose worker is killed, whose program ends, or whose line breaks with both: they come back and hear what became of it.
// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { addKey } from "./keys.mjs";
import { start, until } from "../program.mjs";

async function begin(t, args = [], name = "tests/programs/queued") {
    const program = await start(name, args, t), log = join(program.data, "log");
    return {
        program, log, door: join(program.data, "door"),
        lines: () => (existsSync(log) ? readFileSync(log, "utf8").trim().split("\n") : []),
        client: async () => {
            const client = new Client({ name: "easel-tests", version: "1" });
            await client.connect(new StreamableHTTPClientTransport(new URL("mcp", program.url)));
            t.after(() => client.close());
            return client;
        },
        restart: async (signal) => {
            const gone = new Promise((done) => program.child.once("close", done));
            program.child.kill(signal);
            await gone;
            await program.begin();
        },
    };
}

const headers = { "content-type": "application/json", accept: "application/json, text/event-stream", "mcp-protocol-version": "2025-11-25" };
const post = (at, session, message, more) => fetch(`${at.program.url}mcp`, { method: "POST", headers: { ...headers, ...(session && { "mcp-session-id": session }), ...more }, body: JSON.stringify({ jsonrpc: "2.0", ...message }) });
const resume = (at, session, id, more) => until(() => fetch(`${at.program.url}mcp`, { headers: { ...headers, "mcp-session-id": session, "last-event-id": id, ...more } }).catch(() => null), "an answer");

async function session(at, more) {
    const got = await post(at, undefined, { id: 1, method: "initialize", params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "easel-tests", version: "1" } } }, more);
    await got.text();
    return got.headers.get("mcp-session-id");
}

/** Calls, hears the first event, and leaves: its id. */
async function leave(at, mine, name, given, more) {
    const got = await post(at, mine, { id: 7, method: "tools/call", params: { name, arguments: given, _meta: { progressToken: "p" } } }, more), reader = got.body.pipeThrough(new TextDecoderStream()).getReader();
    let heard = "";
    while (!/^id: \S+$/m.test(heard)) heard += (await reader.read()).value;
    await reader.cancel();
    return /^id: (\S+)$/m.exec(heard)[1];
}

/** The messages of a stream up to its end. */
const messages = async (answer) => {
    assert.equal(answer.status, 200);
    return [...(await answer.text()).matchAll(/^data: (\{.*)$/gm)].map((m) => JSON.parse(m[1]));
};

// proves @modelcontextprotocol/sdk: a program that begins again
test("a call whose worker is killed runs again when it may, and its client hears progress and result", async (t) => {
    const at = await begin(t), client = await at.client(), told = [];
    const got = client.callTool({ name: "again", arguments: { log: at.log, name: "a", until: at.door } }, undefined, { onprogress: (p) => told.push(p.message) });
    const late = client.callTool({ name: "tell", arguments: { count: 1 } });
    assert.equal((await late).structuredContent.words, 1);
    await until(() => told.includes("half way"), "the call to run");
    await at.program.kill("worker");
    told.length = 0;
    await until(() => told.includes("half way"), () => `progress of the second time; told: ${told}`);
    writeFileSync(at.door, "");
    assert.deepEqual((await got).structuredContent, { said: "a is written" });
    assert.deepEqual(at.lines(), ["a begins", "a begins", "a ends"]);
});

// proves @modelcontextprotocol/sdk: a program that begins again
test("one that may not run again is told to have been broken off", async (t) => {
    const at = await begin(t), client = await at.client(), told = [];
    const got = client.callTool({ name: "once", arguments: { log: at.log, name: "a", until: at.door } }, undefined, { onprogress: (p) => told.push(p.message) });
    await until(() => told.includes("half way"), "the call to run");
    await at.program.kill("worker");
    const { isError, content } = await got;
    assert.ok(isError);
    assert.match(content[0].text, /The program ended: the program died of signal 9 .* while it ran; .*call again/);
    assert.deepEqual(at.lines(), ["a begins"]);
});

test("a call that nobody asked the progress of is found again, too, once it is a stream", async (t) => {
    const at = await begin(t, [], "tests/programs/offers"), client = await at.client();
    const got = client.callTool({ name: "tell", arguments: { count: 2, until: at.door } });
    await new Promise((done) => setTimeout(done, 2500));
    await at.program.kill("worker");
    writeFileSync(at.door, "");
    assert.deepEqual((await got).structuredContent, { text: "word1 word2", words: 2 });
});

for (const signal of ["SIGTERM", "SIGKILL"])
    test(`a call goes on when the whole program ends by ${signal} and begins again`, async (t) => {
        const at = await begin(t), client = await at.client(), told = [];
        const got = client.callTool({ name: "again", arguments: { log: at.log, name: "a", until: at.door } }, undefined, { onprogress: (p) => told.push(p.message) });
        await until(() => told.includes("half way"), "the call to run");
        await at.restart(signal);
        writeFileSync(at.door, "");
        assert.deepEqual((await got).structuredContent, { said: "a is written" });
    });

test("the result of a call that ended before its worker died is fetched by its own client alone", async (t) => {
    const at = await begin(t), [one, two] = ["one", "two"].map((name) => ({ Authorization: `Bearer ${addKey(at.program, name)}` }));
    await until(async () => (await post(at, undefined, { id: 1, method: "ping" }, two)).status === 200, "the keys to be known");
    const mine = await session(at, one), other = await session(at, one), id = await leave(at, mine, "once", { log: at.log, name: "a", until: at.door }, one);
    writeFileSync(at.door, "");
    await until(() => at.lines().includes("a ends"), "the call to end");
    await new Promise((done) => setTimeout(done, 200));
    await at.program.kill("worker");
    for (const [of, stream, key] of [[other, id, one], [mine, id, two], [mine, id, {}], [mine, `${"A".repeat(22)}.0`, one], ["x", id, one]]) assert.equal((await resume(at, of, stream, key)).status, 404);
    const told = await messages(await resume(at, mine, id, one));
    assert.deepEqual([told.at(-1).id, told.at(-1).result.structuredContent], [7, { said: "a is written" }]);
    await at.restart("SIGKILL");
    assert.deepEqual((await messages(await resume(at, mine, id, one))).at(-1), told.at(-1), "whose client may not have heard it");
    assert.equal((await fetch(`${at.program.url}mcp`, { method: "DELETE", headers: { ...headers, "mcp-session-id": mine, ...one } })).status, 200);
    assert.equal((await resume(at, mine, id, one)).status, 404);
    const again = await session(at, one), second = await leave(at, again, "once", { log: at.log, name: "b" }, one);
    await at.program.kill("worker");
    await until(async () => (await fetch(`${at.program.url}mcp`, { method: "DELETE", headers: { ...headers, "mcp-session-id": again, ...one } }).catch(() => null))?.status === 200, "a goodbye");
    await at.program.kill("worker");
    assert.equal((await resume(at, again, second, one)).status, 404, "what said goodbye in a process that did not know it");
});

test("pictures come along, too, with a result that another process made", async (t) => {
    const at = await begin(t, [], "examples/blur"), mine = await session(at), dot = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
    const id = await leave(at, mine, "blur", { photo: { path: `data:image/png;base64,${dot}` }, radius: 1 });
    const before = await messages(await resume(at, mine, id)), content = before.at(-1).result.content;
    assert.deepEqual(content.map((c) => c.type), ["text", "image", "resource_link"]);
    await at.program.kill("worker");
    assert.deepEqual((await messages(await resume(at, mine, id))).at(-1), before.at(-1));
});

test("what nobody fetches for --resume-ttl is forgotten, also when its worker died", async (t) => {
    const at = await begin(t, ["--resume-ttl", "1s"]), mine = await session(at);
    const id = await leave(at, mine, "once", { log: at.log, name: "a" });
    await at.program.kill("worker");
    assert.equal((await messages(await resume(at, mine, id))).at(-1).result.structuredContent.said, "a is written");
    await at.program.kill("worker");
    await until(async () => (await resume(at, mine, id)).status === 404 || new Promise((done) => setTimeout(done, 5000)), "it to be forgotten");
});
