// gradio_apps.test.mjs: what functions keep for their callers, and batches: Gradio's demo apps in its official JavaScript client, over plain HTTP, and in MCP's client.
// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Client } from "@gradio/client";
import { Client as McpClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { Program, start, until } from "../program.mjs";
import { Functions } from "./functions.mjs";
import { addKey } from "./keys.mjs";

let program, call, problem;
const apps = [];
before(async () => {
    program = await new Program("tests/programs/gradio", ["--ping-interval", "1s"]).begin();
    ({ call, problem } = new Functions(program));
});
after(async () => {
    for (const app of apps) app.close();
    await program.stop();
});

const connect = async (options = {}) => {
    const app = await Client.connect(program.url, { events: ["data", "status"], ...options });
    apps.push(app);
    return app;
};
const post = (path, body) => fetch(`${program.url}gradio_api/${path}`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
const said = async (answer, status = 200) => {
    const body = await answer.json();
    assert.equal(answer.status, status, JSON.stringify(body));
    return body;
};
const run = async (name, body) => (await said(await post(`run/${name}`, body))).data;
const increment = async (app, name = "/increment_with_queue") => (await app.predict(name, [])).data;

// proves @gradio/client: state; sessions of their own
test("a session's number is counted by all its functions, and each client has its own", async () => {
    const one = await connect(), two = await connect();
    assert.deepEqual([await increment(one), await increment(one), await increment(one, "/increment_without_queue")], [[1], [2], [3]]);
    assert.deepEqual(await increment(two), [1]);
    assert.deepEqual(await run("increment_with_queue", { data: [], session_hash: one.session_hash }), [4, null]);
    assert.deepEqual(await run("increment_with_queue", { data: [], session_hash: "taken up" }), [1, null]);
    assert.deepEqual(await increment(await connect({ session_hash: "taken up" })), [2]);
    assert.deepEqual([await increment(one, "/forgets"), await increment(one, "/forgets")], [[1], [1]], "a function that says nothing of sessions begins anew");
    const { named_endpoints } = await one.view_api();
    assert.deepEqual(named_endpoints["/increment_with_queue"].returns.map((r) => r.component), ["Number"], "nobody is told of the state");
});

test("who asks for it sees the state as null", async () => {
    const app = await connect({ with_null_state: true });
    assert.deepEqual(await increment(app), [1, null]);
    assert.deepEqual(await run("increment_with_queue", { data: [null], session_hash: app.session_hash }), [2, null]);
});

test("what a generator says beside a state comes in its place", async () => {
    const app = await connect(), seen = [];
    await app.predict("/say", ["hello", 0]);
    for await (const message of app.submit("/say", { word: "world", seconds: 0 })) if (message.type === "data") seen.push(message.data);
    assert.deepEqual(seen.at(-1), ["hello world", 2]);
    assert.ok(seen.every((data) => data.length === 2), JSON.stringify(seen));
});

test("calls of one session follow one another, in the order in which they came, and none is lost", async () => {
    const hash = "in order";
    for (const [word, seconds] of [["a", 0.4], ["b", 0], ["c", 0.1], ["d", 0]]) await said(await post("queue/join", { data: [word, seconds, null], fn_index: 2, session_hash: hash }));
    const messages = (await (await fetch(`${program.url}gradio_api/queue/data?session_hash=${encodeURIComponent(hash)}`)).text()).split("\n\n").filter(Boolean).map((m) => JSON.parse(m.replace(/^data: /, "")));
    const ended = messages.filter((m) => m.msg === "process_completed").map((m) => m.output.data[0]);
    assert.deepEqual(ended, ["a", "a b", "a b c", "a b c d"]);
    const app = await connect(), numbers = await Promise.all(Array.from({ length: 12 }, async () => (await increment(app))[0]));
    assert.deepEqual(numbers.toSorted((x, y) => x - y), Array.from({ length: 12 }, (_, i) => i + 1));
});

test("a call that fails or is cancelled leaves nothing, and the next one has its turn", async () => {
    const app = await connect();
    await app.predict("/say", ["x", 0]);
    await assert.rejects(app.predict("/say", ["fail", 0]), (e) => /this is not said/.test(JSON.stringify(e) + e.message));
    const job = app.submit("/say", ["gone", 60]), waits = app.submit("/say", ["also", 60]);
    for await (const message of waits) {
        if (message.type === "status" && message.position !== undefined) await waits.cancel();
        if (message.type === "status" && message.stage !== "pending") break;
    }
    for await (const message of job) {
        if (message.type === "data" && message.data[0] === "...") await job.cancel();
        if (message.type === "status" && !["pending", "generating"].includes(message.stage)) break;
    }
    assert.deepEqual((await app.predict("/say", ["y", 0])).data, ["x y", 2]);
});

// proves curl: state
test("a session is forgotten when somebody says so, and not because an event was cancelled", async () => {
    const count = (session_hash) => run("increment_with_queue", { data: [], session_hash });
    assert.deepEqual([await count("r"), await count("r")], [[1, null], [2, null]]);
    await said(await post("reset", { event_id: "of nobody" }));
    assert.deepEqual(await count("r"), [3, null]);
    await said(await post("reset", { session_hash: "r" }));
    assert.deepEqual(await count("r"), [1, null]);
    assert.deepEqual([await run("increment_with_queue", { data: [] }), await run("increment_with_queue", { data: [] })], [[1, null], [1, null]], "without a session nothing is kept");
    const { event_id } = await said(await post("call/increment_with_queue", { data: [], session_hash: "r" }));
    assert.match(await (await fetch(`${program.url}gradio_api/call/increment_with_queue/${event_id}`)).text(), /event: complete\ndata: \[2,null\]/);
});

test("a session lasts as long as its function says after its last use, and while its client's heart beats", async () => {
    const brief = (session_hash) => run("brief", { data: [], session_hash }), beats = new AbortController(), later = async () => new Promise((done) => setTimeout(done, 1500));
    const heart = await fetch(`${program.url}gradio_api/heartbeat/alive`, { signal: beats.signal }), reader = heart.body.pipeThrough(new TextDecoderStream()).getReader();
    assert.match((await reader.read()).value, /^data: ALIVE\n\n/);
    assert.deepEqual([await brief("alive"), await brief("dead")], [[1, null], [1, null]]);
    await later();
    assert.deepEqual([await brief("alive"), await brief("dead")], [[2, null], [1, null]]);
    assert.match((await reader.read()).value, /^data: ALIVE\n\n/);
    beats.abort();
    await until(async () => (await later(), (await brief("alive"))[0] === 1), "the session to end");
});

test("sessions of REST, Gradio and MCP are the same when they are called the same", async () => {
    const rest = async (headers) => (await said(await call("increment_with_queue", {}, headers))).number;
    assert.deepEqual([await rest({}), await rest({})], [1, 1]);
    assert.deepEqual([await rest({ "Easel-Session": "shared" }), await rest({ "Easel-Session": "shared" }), await rest({ "Easel-Session": "another" })], [1, 2, 1]);
    assert.deepEqual(await run("increment_with_queue", { data: [], session_hash: "shared" }), [3, null]);
    const mcp = async () => {
        const client = new McpClient({ name: "easel-tests", version: "1" }), transport = new StreamableHTTPClientTransport(new URL("mcp", program.url));
        await client.connect(transport);
        return { client, transport, next: async () => (await client.callTool({ name: "increment_with_queue", arguments: {} })).structuredContent.number };
    };
    const [one, two] = [await mcp(), await mcp()];
    assert.deepEqual([await one.next(), await one.next(), await two.next()], [1, 2, 1]);
    const name = one.transport.sessionId;
    assert.equal(await rest({ "Easel-Session": name }), 3);
    await one.transport.terminateSession();
    assert.equal(await rest({ "Easel-Session": name }), 1, "who says goodbye is forgotten");
    await Promise.all([one.client.close(), two.client.close()]);
    const parameters = (await (await fetch(`${program.url}api/openapi.json`)).json()).paths;
    const named = (path) => parameters[path].post.parameters.some((p) => p.name === "Easel-Session");
    assert.deepEqual([named("/api/say"), named("/api/forgets")], [true, false]);
});

test("what is named with a key is found with the same key alone", async () => {
    const keys = [addKey(program, "one"), addKey(program, "two")], session = { "Easel-Session": "k" };
    const number = async (key) => (await (await call("increment_with_queue", {}, key ? { ...session, Authorization: `Bearer ${key}` } : session)).json()).number;
    await until(async () => (await call("forgets", {}, { Authorization: `Bearer ${keys[1]}` })).status === 200, "the keys to be known");
    assert.deepEqual([await number(keys[0]), await number(keys[0]), await number(keys[1]), await number(null)], [1, 2, 1, 1]);
});

test("names that cannot be used are refused", async () => {
    const long = "x".repeat(101), join = (session_hash) => post("queue/join", { data: [], fn_index: 0, session_hash });
    await problem(await call("increment_with_queue", {}, { "Easel-Session": long }), 400, /name cannot be used: it has 101 bytes; use 1 to 100/);
    assert.equal((await call("forgets", {}, { "Easel-Session": long })).status, 200, "a function without sessions does not look");
    for (const wrong of [long, "", 7, {}, undefined, null]) assert.equal((await join(wrong)).status, 400, JSON.stringify(wrong));
    for (const wrong of [long, "", 7]) assert.equal((await post("run/increment_with_queue", { data: [], session_hash: wrong })).status, 400);
    assert.equal((await fetch(`${program.url}gradio_api/queue/data?session_hash=${long}`)).status, 200, "of a session that nobody knows");
});

test("sessions that hold too much leave memory, and are read again", async (t) => {
    const small = await start("tests/programs/gradio", ["--memory", "16M"], t);        // of which sessions of callers may hold 2 MB
    const fill = async (name) => (await (await new Functions(small).call("fill", {}, { "Easel-Session": name })).json()).number;
    assert.deepEqual([await fill("a"), await fill("a"), await fill("b")], [1, 2, 1]);
    assert.deepEqual([await fill("c"), await fill("b"), await fill("a"), await fill("c")], [1, 2, 3, 2]);
    const all = await Promise.all(Array.from({ length: 60 }, (_, i) => fill(`s${i % 12}`)));
    assert.deepEqual(all.sort((a, b) => a - b), Array.from({ length: 60 }, (_, i) => 1 + Math.floor(i / 12)));
});

test("of a session whose process dies, jobs that had not ended are told so, and what they had changed does not count", async (t) => {
    const other = await start("tests/programs/gradio", [], t), functions = new Functions(other), session = { "Easel-Session": "s" };
    const later = async (word, seconds) => (await (await functions.call("say", { word, seconds }, { ...session, Prefer: "respond-async" })).json()).id;
    const first = await later("a", 0);
    await until(async () => (await functions.job(first)).status === "done", "the first job");
    const runs = await later("b", 60), waits = await later("c", 0);
    await until(async () => (await functions.job(runs)).status === "running", "the second job");
    assert.equal((await functions.job(waits)).status, "queued");
    await other.kill("worker");
    for (const id of [runs, waits]) await until(async () => (await functions.job(id).catch(() => null))?.status === "failed", "the jobs to be given up");
    assert.equal((await functions.job(first)).output.all, "a");
    assert.equal((await (await functions.call("say", { word: "d", seconds: 0 }, session)).json()).all, "a d");
});

// proves @gradio/client: batches
test("calls that come together are one call of a batch function, and each has its own answer or failure", async () => {
    const app = await connect();
    assert.deepEqual(app.config.dependencies.filter((d) => d.batch).map((d) => [d.api_name, d.max_batch_size]), [["repeat", 4]]);
    const ended = await Promise.allSettled([["a", 1], ["b", 2], ["bad", 1], ["c", 3]].map((data) => app.predict("/repeat", data)));
    assert.deepEqual(ended.map((e) => e.value?.data), [["a", 4], ["b b", 4], undefined, ["c c c", 4]]);
    assert.match(JSON.stringify(ended[2].reason) + ended[2].reason.message, /bad is not repeated/);
});

// proves curl: batches
test("samples that come in one request are as many calls, and their outputs come as lists", async () => {
    const batched = (name, data, more = {}) => post(`run/${name}`, { data, batched: true, ...more });
    const words = ["a", "b", "c", "d", "e", "f", "g", "h"], { data, is_generating } = await said(await batched("repeat", [words, [1, 2, 1, 2, 1, 2, 1, 2]]));
    assert.deepEqual(data, [["a", "b b", "c", "d d", "e", "f f", "g", "h h"], words.map(() => 4)]);
    assert.equal(is_generating, false);
    assert.deepEqual((await said(await batched("repeat", [words.slice(4)]))).data, [words.slice(4), [4, 4, 4, 4]], "what is left out has its own value");
    assert.deepEqual((await said(await batched("say", [["x", "y"], [0, 0]], { session_hash: "batched" }))).data, [["x", "x y"], [1, 2], [null, null]], "a function without batches is called so often");
    assert.match((await said(await batched("repeat", [["a", "bad", "c", "d"]]), 500)).error, /^sample 2: bad is not repeated$/);
    const wrong = await said(await batched("repeat", [["a", 7, "c", "d"]]), 422);
    assert.match(JSON.stringify(wrong.detail), /word/);
    for (const data of [[], [[]], ["a"], [["a", "b"], [1]], [["a"], [1], [2]], null, { word: ["a"] }, [new Array(1001).fill("a")]]) assert.ok((await said(await batched("repeat", data), 422)).detail, JSON.stringify(data)?.slice(0, 50));
    assert.deepEqual(await run("say", { data: ["z", 0], batched: false }), ["z", 1, null], "one sample is one sample");
});
