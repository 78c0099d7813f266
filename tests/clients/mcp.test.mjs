// mcp.test.mjs: functions as tools of the official JavaScript client @modelcontextprotocol/sdk.
// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { LoggingMessageNotificationSchema } from "@modelcontextprotocol/sdk/types.js";
import { Program, start, until } from "../program.mjs";
import { addKey } from "./keys.mjs";

let program, client;
before(async () => {
    program = await new Program("tests/programs/functions", []).begin();
    client = new Client({ name: "easel-tests", version: "1" });
    await client.connect(new StreamableHTTPClientTransport(new URL("mcp", program.url)));
});
after(async () => {
    await client.close();
    await program.stop();
});

// proves @modelcontextprotocol/sdk: tools; structured results
test("tools are listed and called", async () => {
    const { tools } = await client.listTools();
    assert.deepEqual(tools.map((t) => t.name), ["calculate", "repeat", "tell", "count", "crash", "day"]);
    const got = await client.callTool({ name: "calculate", arguments: { a: 6, b: 7, operation: "multiply" } });
    assert.deepEqual(got.structuredContent, { result: 42 });
    const wrong = await client.callTool({ name: "calculate", arguments: { a: 1 } });
    assert.ok(wrong.isError);
    assert.match(wrong.content[0].text, /operation is missing/);
    await assert.rejects(client.callTool({ name: "nothing" }), /there is no tool nothing/);
});

// proves @modelcontextprotocol/sdk: progress and position; cancel
test("progress is told, and a cancelled call makes room", async () => {
    const told = [];
    const got = await client.callTool({ name: "tell", arguments: { count: 3 } }, undefined, { onprogress: (p) => told.push(p.message) });
    assert.deepEqual(got.structuredContent, { text: "word1 word2 word3", words: 3 });
    assert.ok(told.includes("word 3"));
    const leave = new AbortController();
    const long = client.callTool({ name: "tell", arguments: { count: 1, until: join(program.data, "never") } }, undefined, { signal: leave.signal });
    setTimeout(() => leave.abort(), 200);
    await assert.rejects(long);
    assert.equal((await client.callTool({ name: "tell", arguments: { count: 1 } })).structuredContent.words, 1);
});

// ---- prompts and resources

let offers;
before(async () => (offers = await new Program("tests/programs/offers", []).begin()));
after(() => offers.stop());

async function connected(url) {
    const another = new Client({ name: "easel-tests", version: "1" });
    await another.connect(new StreamableHTTPClientTransport(new URL(url)));
    return another;
}

// proves @modelcontextprotocol/sdk: prompts; resources; completion
test("prompts are filled, resources read, arguments completed", async (t) => {
    const mine = await connected(`${offers.url}mcp`);
    t.after(() => mine.close());
    assert.deepEqual(Object.keys(mine.getServerCapabilities()).sort(), ["completions", "logging", "prompts", "resources", "tools"]);
    assert.deepEqual(Object.keys(client.getServerCapabilities()).sort(), ["logging", "resources", "tools"]);          // of a program without prompts
    const { prompts } = await mine.listPrompts();
    assert.deepEqual(prompts.map((p) => p.name), ["explain", "greet", "review"]);
    assert.deepEqual(prompts[0].arguments[0], { name: "topic", description: "What it is about", required: true });
    const said = await mine.getPrompt({ name: "explain", arguments: { topic: "salt", reader: "a cook", words: "20", brief: "true" } });
    assert.deepEqual(said.messages, [{ role: "user", content: { type: "text", text: 'Explain salt to a cook in 20 words. Brief: true. {"as": {}}' } }]);
    await assert.rejects(mine.getPrompt({ name: "explain", arguments: { topic: "salt", reader: "a dog" } }), /reader must be "a child", "a chemist" or "a cook"/);
    const { messages } = await mine.getPrompt({ name: "review", arguments: { code: "int x" } });
    assert.deepEqual(messages.map((m) => m.content.type), ["resource", "text"]);
    assert.equal(messages[0].content.resource.text, "int x");
    assert.equal(messages[1].content.text, "What is wrong with it, in at most 80 lines?");
    await assert.rejects(mine.getPrompt({ name: "review", arguments: { code: "" } }), /there is nothing to review/);
    assert.deepEqual((await mine.complete({ ref: { type: "ref/prompt", name: "explain" }, argument: { name: "reader", value: "a c" } })).completion.values, ["a child", "a chemist", "a cook"]);
    assert.deepEqual((await mine.complete({ ref: { type: "ref/resource", uri: "note://{day}/{name}" }, argument: { name: "name", value: "a co" } })).completion.values, ["a cook"]);
    assert.deepEqual((await mine.listResources()).resources, [{ uri: "note://today", name: "today", description: "Notes of today." }]);
    assert.deepEqual((await mine.listResourceTemplates()).resourceTemplates.map((r) => r.name), ["noted", "file"]);
    assert.deepEqual((await mine.readResource({ uri: "note://today" })).contents, [{ uri: "note://today", mimeType: "text/plain", text: "Nothing is noted today." }]);
    assert.equal((await mine.readResource({ uri: "note://2026-11-21/a%20cook" })).contents[0].text, "a cook, 2026");
    await assert.rejects(mine.readResource({ uri: "note://yesterday/a%20cook" }), /day must be a date/);
    await assert.rejects(mine.readResource({ uri: "note://1999-11-21/a%20cook" }), /nothing is kept of 1999/);
    await assert.rejects(mine.readResource({ uri: "note://tomorrow" }), /there is no resource note:\/\/tomorrow/);
    const { tools } = await mine.listTools();
    assert.deepEqual(tools.map((tool) => [tool.name, tool.annotations]), [["tell", { idempotentHint: true }], ["alone", undefined], ["count", { readOnlyHint: true, idempotentHint: true }], ["report", undefined]]);
    await assert.rejects(mine.callTool({ name: "review", arguments: {} }), /there is no tool review/);
});

test("a key opens prompts by their names", async (t) => {
    const closed = new Program("tests/programs/offers", ["--require-key"]), key = addKey(closed, "few", "--functions", "explain,noted");
    t.after(() => closed.stop());
    await closed.begin();
    const mine = new Client({ name: "easel-tests", version: "1" });
    await mine.connect(new StreamableHTTPClientTransport(new URL("mcp", closed.url), { requestInit: { headers: { Authorization: `Bearer ${key}` } } }));
    t.after(() => mine.close());
    assert.deepEqual((await mine.listPrompts()).prompts.map((p) => p.name), ["explain"]);
    assert.deepEqual((await mine.listResources()).resources, []);
    assert.equal((await mine.getPrompt({ name: "explain", arguments: { topic: "x", reader: "a cook" } })).messages.length, 1);
    assert.equal((await mine.readResource({ uri: "note://2026-11-21/a%20cook" })).contents.length, 1);
    for (const name of ["greet", "review"]) await assert.rejects(mine.getPrompt({ name, arguments: name === "review" ? { code: "x" } : {} }), /does not open|is for other functions/);
    await assert.rejects(mine.readResource({ uri: "note://today" }), /is for other functions/);
    assert.doesNotMatch(closed.log, /opens a function/);
});

// ---- streams that break

/** A line between client and program that can be cut. */
class Line {
    asked = "";
    said = "";
    #sockets = new Set();

    async begin(port) {
        this.server = createServer((from) => {
            const to = connect(port, "127.0.0.1");
            for (const socket of [from, to]) socket.on("error", () => {}).on("close", () => this.#sockets.delete(socket)), this.#sockets.add(socket);
            from.on("data", (bytes) => (this.asked += bytes));
            to.on("data", (bytes) => (this.said += bytes));
            from.pipe(to).pipe(from);
        });
        await new Promise((done) => this.server.listen(0, "127.0.0.1", done));
        this.url = `http://127.0.0.1:${this.server.address().port}/mcp`;
        return this;
    }

    cut() {
        for (const socket of this.#sockets) socket.destroy();
    }

    end() {
        this.cut();
        this.server.close();
    }
}

// proves @modelcontextprotocol/sdk: a stream that breaks
test("a call goes on when its line breaks, and its client fetches the result", async (t) => {
    const line = await new Line().begin(offers.port), mine = await connected(line.url), door = join(offers.data, "first"), told = [];
    t.after(async () => (await mine.close(), line.end()));
    const got = mine.callTool({ name: "tell", arguments: { count: 2, until: door } }, undefined, { onprogress: (p) => told.push(p.message) });
    const late = mine.callTool({ name: "tell", arguments: { count: 1, until: door } });      // of whose progress nobody asked: a stream when it takes long
    await until(() => line.said.match(/^id: /gm)?.length >= 2, () => `two streams; the program said ${line.said}`);
    line.cut();
    writeFileSync(door, "");
    assert.deepEqual((await got).structuredContent, { text: "word1 word2", words: 2 });
    assert.deepEqual((await late).structuredContent, { text: "word1", words: 1 });
    assert.ok(told.includes("word 2"), told.join());
    assert.ok(line.asked.match(/^last-event-id: /gim)?.length >= 2);
});

const headers = { "content-type": "application/json", accept: "application/json, text/event-stream", "mcp-protocol-version": "2025-11-25" };
const post = (url, session, message) => fetch(url, { method: "POST", headers: { ...headers, ...(session && { "mcp-session-id": session }) }, body: JSON.stringify({ jsonrpc: "2.0", ...message }) });
const tell = (url, session, id, name, given) => post(url, session, { id, method: "tools/call", params: { name, arguments: given, _meta: { progressToken: "p" } } });
const resume = (url, session, id, more) => fetch(url, { headers: { ...headers, "mcp-session-id": session, ...(id && { "last-event-id": id }), ...more } });

async function session(url) {
    const got = await post(url, undefined, { id: 1, method: "initialize", params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "easel-tests", version: "1" } } });
    await got.text();
    return got.headers.get("mcp-session-id");
}

/** The events of a stream up to its end, or only the first one: then the line breaks. */
async function events(response, first = false) {
    const all = [], reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    assert.equal(response.status, 200);
    for (let rest = ""; ; ) {
        const { value, done } = await reader.read();
        if (done) return all;
        const parts = (rest + value).split("\n\n");
        rest = parts.pop();
        for (const lines of parts.map((part) => part.split("\n"))) {
            const field = (name) => lines.find((l) => l.startsWith(`${name}: `))?.slice(name.length + 2);
            if (field("data") !== undefined) all.push({ id: field("id"), data: field("data") });
        }
        if (first && all.length) {
            await reader.cancel();
            return all[0];
        }
    }
}

const lines = (all) => all.map((e) => JSON.parse(e.data || "{}")).filter((m) => m.method === "notifications/message").map((m) => m.params.level);
const message = (text) => JSON.parse(/^data: (.*)$/m.exec(text)?.[1] ?? text);

// proves @modelcontextprotocol/sdk: log messages
test("a function's lines are told as log messages, of the level that its session wants", async (t) => {
    const told = [], mine = await connected(`${offers.url}mcp`), other = await connected(`${offers.url}mcp`);
    t.after(() => Promise.all([mine.close(), other.close()]));
    for (const [at, who] of [[0, mine], [1, other]]) told[at] = [], who.setNotificationHandler(LoggingMessageNotificationSchema, (m) => void told[at].push(m.params));
    const report = async (who) => assert.equal((await who.callTool({ name: "report", arguments: { count: 2 } })).structuredContent.words, 2);
    await report(mine);
    assert.deepEqual(told[0], [{ level: "info", logger: "report", data: "“found” & more" }, { level: "warning", logger: "report", data: "one is old" }, { level: "error", logger: "report", data: "one is broken" }]);
    assert.deepEqual(await mine.setLoggingLevel("error"), {});
    await other.setLoggingLevel("debug");
    told[0] = [];
    for (const who of [mine, other]) await report(who);
    assert.deepEqual(told.map((all) => all.map((m) => m.level)), [["error"], ["debug", "info", "warning", "error"]]);
    assert.equal(told[1][0].data, "looked at 2 things");
    await mine.setLoggingLevel("emergency");
    await report(mine);
    assert.equal(told[0].length, 1);
    await assert.rejects(mine.setLoggingLevel("loud"), /Invalid|none of debug/);
});

test("lines that came while the line was broken are told when it is taken up again", async () => {
    const url = `${offers.url}mcp`, mine = await session(url), door = join(offers.data, "reported");
    const begun = await events(await tell(url, mine, 11, "report", { count: 1, until: door }), true);
    writeFileSync(door, "");
    const rest = await events(await resume(url, mine, begun.id));
    assert.deepEqual(lines(rest), ["info", "warning", "error"]);
    assert.deepEqual(lines(await events(await resume(url, mine, rest.find((e) => e.data.includes("old")).id))), ["error"]);
});

test("what of lines is no message, or not wanted, is refused or left out", async () => {
    const url = `${offers.url}mcp`, mine = await session(url), refused = message(await (await post(url, mine, { id: 1, method: "logging/setLevel", params: { level: "loud" } })).text());
    assert.equal(refused.error.code, -32602);
    assert.match(refused.error.message, /none of debug, info/);
    const plain = await fetch(url, { method: "POST", headers: { ...headers, accept: "application/json" }, body: JSON.stringify({ jsonrpc: "2.0", id: 2, method: "tools/call", params: { name: "report", arguments: {} } }) });
    assert.equal(plain.headers.get("content-type"), "application/json");
    const modern = (method, level, name) => fetch(url, { method: "POST", headers: { ...headers, "mcp-protocol-version": "2026-07-28", "mcp-method": method, ...(name && { "mcp-name": name }) }, body: JSON.stringify({ jsonrpc: "2.0", id: 3, method,
        params: { name, arguments: {}, level: "info", _meta: { "io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {}, ...(level && { "io.modelcontextprotocol/logLevel": level }) } } }) });
    const loud = await modern("tools/call", "loud", "report");
    assert.deepEqual([loud.status, (await loud.json()).error.code], [400, -32602]);
    const gone = await modern("logging/setLevel");
    assert.deepEqual([gone.status, (await gone.json()).error.code], [404, -32601]);
    assert.equal((await modern("tools/call", undefined, "report")).headers.get("content-type"), "application/json");
    assert.deepEqual(lines(await events(await modern("tools/call", "warning", "report"))), ["warning", "error"]);
});

test("a stream is taken up by its own client alone, from where it was heard", async () => {
    const url = `${offers.url}mcp`, mine = await session(url), other = await session(url), door = join(offers.data, "second");
    const begun = await events(await tell(url, mine, 7, "tell", { count: 3, until: door }), true);
    assert.match(begun.id, /^[\w-]{22}\.0$/);
    assert.equal(begun.data, "");
    assert.equal((await resume(url, other, begun.id)).status, 404);
    for (const id of ["x", begun.id.slice(0, -2), `${"A".repeat(22)}.0`, `${begun.id}x`, `${begun.id}999999999`]) assert.equal((await resume(url, mine, id)).status, 404, id);
    assert.equal((await resume(url, mine)).status, 405);
    assert.equal((await resume(url, mine, begun.id, { "mcp-protocol-version": "2026-07-28" })).status, 405);
    writeFileSync(door, "");
    const rest = await events(await resume(url, mine, begun.id)), end = JSON.parse(rest.at(-1).data);
    assert.deepEqual([end.id, end.result.structuredContent.words], [7, 3]);
    // Who heard all but the end hears that alone; who heard all needs the stream no more.
    const last = (await events(await resume(url, mine, rest.at(-2).id))).filter((e) => e.data);
    assert.deepEqual(last, [rest.at(-1)]);
    for (const id of [rest.at(-1).id, rest.at(-2).id]) assert.equal((await resume(url, mine, id)).status, 404);
});

test("a call whose client says goodbye, or stays away, is cancelled", async (t) => {
    const program = await start("tests/programs/offers", ["--resume-ttl", "1s"], t);
    const never = join(program.data, "never"), other = await session(`${program.url}mcp`);
    const alone = async () => (await (await post(`${program.url}mcp`, other, { id: 1, method: "tools/call", params: { name: "alone", arguments: { count: 0 } } })).text()).includes('"words":0');
    for (const away of [false, true]) {
        // With the time that calls wait by default only the goodbye ends it.
        const url = `${(away ? program : offers).url}mcp`, mine = await session(url);
        const begun = await events(await tell(url, mine, 8, "alone", { count: 1, until: never }), true);
        if (away) {
            assert.ok(await alone());                                                        // there is one place, and it is free again
        } else {
            await fetch(url, { method: "DELETE", headers: { ...headers, "mcp-session-id": await session(url) } });
            const line = await resume(url, mine, begun.id);
            assert.equal(line.status, 200);                                                  // somebody else's goodbye says nothing of it
            await fetch(url, { method: "DELETE", headers: { ...headers, "mcp-session-id": mine } });
            const end = JSON.parse((await events(line)).at(-1).data);
            assert.match(end.result.content[0].text, /The call was cancelled/);
        }
        await until(async () => (await resume(url, mine, begun.id)).status === 404, "the stream is forgotten");
        if (!away) assert.equal((await post(url, mine, { id: 9, method: "ping" })).status, 404);
    }
});
