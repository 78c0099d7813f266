// keys.test.mjs: who may call functions and the model: keys over REST and in the official JavaScript clients of OpenAI, MCP and Gradio.
// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { existsSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Client as Gradio } from "@gradio/client";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import OpenAI from "openai";
import { Program, until } from "../program.mjs";
import { Functions } from "./functions.mjs";
import { addKey, listKeys, revokeKey } from "./keys.mjs";

const WRONG = `ez_${"A".repeat(43)}`, SUM = { a: 2, b: 3, operation: "add" };
const bearer = (key) => (key ? { Authorization: `Bearer ${key}` } : {});
let closed, open, full, few, model, call, problem;
before(async () => {
    closed = new Program("tests/programs/functions", ["--require-key"]);
    full = addKey(closed, "full");                                  // before its first start
    few = addKey(closed, "few", "--functions", "repeat,count");
    model = addKey(closed, "model", "--models");
    await closed.begin();
    open = await new Program("tests/programs/functions", ["--rate-limit", "3/h"]).begin();
    ({ call, problem } = new Functions(closed));
});
after(() => Promise.all([closed.stop(), open.stop()]));

const status = async (program, key, headers = bearer(key)) => (await new Functions(program).call("calculate", SUM, headers)).status;

// proves curl: keys
test("without a key, or with a wrong one, nothing is answered, and each protocol says so in its words", async () => {
    for (const [key, challenge, words] of [[null, "Bearer", /A key is needed/], [WRONG, 'Bearer error="invalid_token"', /The key is not valid/], ["something", 'Bearer error="invalid_token"', /not valid/]]) {
        const at = (path, init = {}) => fetch(closed.url + path, { ...init, headers: { "Content-Type": "application/json", ...bearer(key), ...init.headers } });
        const refused = async (answer) => (assert.equal(answer.status, 401), assert.equal(answer.headers.get("www-authenticate"), challenge), answer.json());
        await problem(await call("calculate", SUM, bearer(key)), 401, words);
        for (const path of ["api/calculate", "api/openapi.json", "api/jobs/x", "api/nothing"]) await refused(await at(path));
        for (const path of ["config", "gradio_api/info", "gradio_api/queue/data?session_hash=x"]) assert.match((await refused(await at(path))).detail, words);
        assert.match((await refused(await at("gradio_api/call/calculate", { method: "POST", body: '{"data": [1, 2, "add"]}' }))).detail, words);
        assert.deepEqual(await refused(await at("v1/models")).then(({ error }) => [error.type, error.code, words.test(error.message)]), ["invalid_request_error", "invalid_api_key", true]);
        const mcp = await refused(await at("mcp", { method: "POST", body: '{"jsonrpc": "2.0", "id": 1, "method": "tools/list"}' }));
        assert.deepEqual([mcp.jsonrpc, mcp.id, mcp.error.code], ["2.0", null, -32600]);
        assert.match(mcp.error.message, words);
    }
});

test("without a key no upload comes to the disk", async () => {
    const upload = (headers) => {
        const form = new FormData();
        form.append("files", new Blob(["x".repeat(1000)]), "x.txt");
        return fetch(`${closed.url}gradio_api/upload`, { method: "POST", body: form, headers });
    };
    const kept = () => (existsSync(join(closed.data, "files")) ? readdirSync(join(closed.data, "files")) : []);
    for (const key of [null, WRONG]) assert.equal((await upload(bearer(key))).status, 401);
    assert.deepEqual(kept(), []);
    assert.equal((await upload(bearer(full))).status, 200);
    assert.notDeepEqual(kept(), []);
});

test("the program's own pages need no key", async () => {
    for (const path of ["", "healthz"]) assert.equal((await fetch(closed.url + path)).status, 200);
});

test("a key is taken from either header, in any case of its scheme, and with spaces", async () => {
    for (const headers of [bearer(full), { authorization: `bearer   ${full}` }, { "x-api-key": full }, { "X-HF-Authorization": `Bearer ${full}` }, { ...bearer("a-proxy's-own"), "x-api-key": full }])
        assert.equal(await status(closed, null, headers), 200, JSON.stringify(headers));
    for (const headers of [{ Authorization: full }, { Authorization: `Basic ${full}` }, { Authorization: "Bearer" }, { Authorization: "Bearer " }, bearer(`${full}x`), bearer(full.slice(0, -1)), { "x-api-key": `Bearer ${full}` }, { Cookie: `key=${full}` }])
        assert.equal(await status(closed, null, headers), 401, JSON.stringify(headers));
});

test("a key opens its functions alone, and lists name no other", async () => {
    await problem(await call("calculate", SUM, bearer(few)), 403, /few is for other functions than calculate/);
    assert.equal((await call("repeat", {}, bearer(few))).status, 200);
    await problem(await call("calculate", SUM, bearer(model)), 403, /does not open/);
    const paths = (await (await fetch(`${closed.url}api/openapi.json`, { headers: bearer(few) })).json()).paths;
    assert.deepEqual(Object.keys(paths).filter((p) => /^\/(api\/)?\w+$/.test(p)), Object.keys(paths).filter((p) => /repeat|count/.test(p)));
    assert.equal(Object.keys(paths).some((p) => /calculate|tell/.test(p)), false);
});

test("where no key is required a wrong one is an error all the same, and what is none of ours is the proxy's", async () => {
    assert.equal(await status(open, null), 200);
    assert.equal(await status(open, "none"), 200);
    assert.equal(await status(open, WRONG), 401);
});

test("rates are counted by key, and a key's own takes the place of the program's", async () => {
    const slow = addKey(open, "slow", "--rate", "1/h"), fast = addKey(open, "fast", "--rate", "100/s"), plain = addKey(open, "plain");
    await until(async () => (await status(open, fast)) === 200, "the keys to be known");
    assert.equal(await status(open, slow), 200);
    const late = await new Functions(open).call("calculate", SUM, bearer(slow));
    assert.ok(Number(late.headers.get("retry-after")) > 3000);
    await new Functions(open).problem(late, 429, /1 in 3600 s are allowed with one key/);
    for (let i = 0; i < 5; i++) assert.equal(await status(open, fast), 200);
    for (let i = 0; i < 4; i++) assert.equal(await status(open, plain), i < 3 ? 200 : 429);
    assert.equal(await status(open, slow), 429);
});

// proves curl: quotas
test("a key with a quota is used up when it has made so many calls, of whatever kind, and that is known after a restart, and after the process was killed", async () => {
    const program = new Program("tests/programs/functions", []), key = addKey(program, "few", "--quota", "6/month"), other = addKey(program, "other", "--quota", "10k/day");
    const serves = () => until(async () => (await fetch(`${program.url}healthz`).catch(() => null))?.ok, "the next process");
    const state = () => /^few [^]*?^ +(\d+) of 6 calls\/month used; begins anew \d{4}-\d\d-01 00:00$/m.exec(listKeys(program))?.[1];
    await program.begin();
    try {
        const functions = new Functions(program), post = (path, body) => fetch(program.url + path, { method: "POST", headers: { "Content-Type": "application/json", ...bearer(key) }, body: JSON.stringify(body) });
        assert.equal(state(), "0");
        assert.equal(await status(program, key), 200);
        assert.equal((await post("gradio_api/run/calculate", { data: [1, 2, "add"] })).status, 200);
        assert.equal((await post("mcp", { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "calculate", arguments: SUM } })).status, 200);
        assert.equal((await functions.call("calculate", { a: "x" }, bearer(key))).status, 422, "what cannot begin is not counted");
        await until(() => state() === "3", "the calls to be written");
        await program.kill("worker");
        await serves();
        assert.equal(await status(program, key), 200);
        await until(() => state() === "4", "the call to be written");
        assert.equal(await status(program, key), 200);
        program.child.kill("SIGTERM");                              // what was counted in the last second is written then
        await new Promise((done) => program.child.once("close", done));
        assert.equal(state(), "5");
        await program.begin();
        await serves();
        assert.equal(await status(program, key), 200);
        const over = await new Functions(program).call("calculate", SUM, bearer(key)), again = Number(over.headers.get("retry-after"));
        await new Functions(program).problem(over, 429, /^The quota is used up: the key few has used its 6 calls of this month; the next begins at \d{4}-\d\d-01 00:00 UTC$/);
        const now = new Date(), next = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1);
        assert.ok(Math.abs(again - (next - now) / 1000) < 30, `${again} s`);
        assert.equal((await post("gradio_api/run/calculate", { data: [1, 2, "add"] })).status, 429);
        assert.deepEqual((await (await post("v1/chat/completions", {})).json()).error.code, "insufficient_quota");
        assert.equal(await status(program, other), 200, "other keys have their own");
        revokeKey(program, "few");
        const fresh = addKey(program, "few", "--quota", "1/hour");
        await until(async () => (await status(program, fresh)) === 200, "the new key, which has used nothing");
    } finally {
        await program.stop();
    }
});

test("a key that is revoked, made or changed while the program runs counts within seconds", async () => {
    const fresh = addKey(closed, "fresh", "--expires", "1d");
    await until(async () => (await status(closed, fresh)) === 200, "the key to be known");
    assert.match(listKeys(closed), /^fresh .* all functions and the model$/m);
    revokeKey(closed, "fresh");
    await until(async () => (await status(closed, fresh)) === 401, "the key to be refused");
    assert.equal(await status(closed, full), 200);
    const short = addKey(closed, "short", "--expires", "4s");
    await until(async () => (await status(closed, short)) === 200, "the key to be known");
    await until(async () => (await status(closed, short)) === 401, "the key's time to be over");
    revokeKey(closed, "short");
});

test("a file of keys that is damaged or gone opens nothing, and the log says why", async () => {
    const program = new Program("tests/programs/functions", ["--require-key"]), key = addKey(program, "one");
    await program.begin();
    try {
        assert.equal(await status(program, key), 200);
        writeFileSync(join(program.data, "keys"), '{"name": "one"}\n', { mode: 0o600 });
        await until(async () => (await status(program, key)) === 401, "the key to be refused");
        await until(() => /no key is taken: .*keys: line 1 is no key/.test(program.log), "the log");
        rmSync(join(program.data, "keys"));
        await until(() => /there is no key: functions and the model are closed/.test(program.log), "the log");
        assert.equal(await status(program, key), 401);
        const again = addKey(program, "two");
        await until(async () => (await status(program, again)) === 200, "the new key");
        for (const words of [key, again]) assert.equal(program.log.includes(words.slice(3)), false, "the log says no key");
    } finally {
        await program.stop();
    }
});

test("calls with an Idempotency-Key are one call for each key, not for all", async () => {
    const headers = (key) => ({ ...bearer(key), "Idempotency-Key": "order 1" }), counted = async (key) => (await (await call("count", {}, headers(key))).json()).calls;
    const first = await counted(full);
    assert.equal(await counted(full), first);
    assert.notEqual(await counted(few), first);
});

test("calls wait in turns of keys, not of addresses", async () => {
    const door = join(closed.data, "door"), begin = async (key, inputs) => (await (await call("tell", inputs, { ...bearer(key), Prefer: "respond-async" })).json()).id;
    const job = async (id, method = "GET") => (await fetch(`${closed.url}api/jobs/${id}`, { method, headers: bearer(full) })).json(), other = addKey(closed, "other");
    await until(async () => (await status(closed, other)) === 200, "the key to be known");
    const jobs = [];
    for (const key of [full, full, full, other]) jobs.push(await begin(key, { count: 1, until: door }));
    await until(async () => (await job(jobs[2])).position === 3, "the last one of the first key to be behind the other key's");
    assert.ok((await job(jobs[3])).position <= 2);
    writeFileSync(door, "");
    for (const id of jobs) await until(async () => (await job(id)).status === "done", "the jobs");
});

// proves openai (npm): keys
test("OpenAI's client", async () => {
    const client = (apiKey) => new OpenAI({ baseURL: `${closed.url}v1`, apiKey, maxRetries: 0 });
    const ask = (key) => client(key).chat.completions.create({ model: "x", messages: [{ role: "user", content: "Hello" }] });
    assert.deepEqual((await client(full).models.list()).data, []);
    await assert.rejects(client(WRONG).models.list(), OpenAI.AuthenticationError);
    await assert.rejects(ask("none"), OpenAI.AuthenticationError);
    await assert.rejects(ask(few), OpenAI.PermissionDeniedError);
    await assert.rejects(ask(model), (e) => e.status !== 401 && e.status !== 403, "this program has no model, and says that");
});

// proves @modelcontextprotocol/sdk: keys
test("the client of MCP", async () => {
    const connect = async (key) => {
        const client = new Client({ name: "easel-tests", version: "1" });
        await client.connect(new StreamableHTTPClientTransport(new URL("mcp", closed.url), { requestInit: { headers: bearer(key) } }));
        return client;
    };
    await assert.rejects(connect(null), /A key is needed/);
    await assert.rejects(connect(WRONG), /The key is not valid/);
    const client = await connect(few);
    assert.deepEqual((await client.listTools()).tools.map((t) => t.name), ["repeat", "count"]);
    assert.equal((await client.callTool({ name: "repeat", arguments: { words: "é" } })).structuredContent.words, "é");
    await assert.rejects(client.callTool({ name: "calculate", arguments: SUM }), /few is for other functions/);
    await client.close();
});

// proves @gradio/client: keys
test("Gradio's client, with a key as its token", async () => {
    const app = await Gradio.connect(closed.url, { token: full });
    assert.deepEqual((await app.predict("/calculate", [6, 7, "multiply"])).data, [42]);
    app.close();
    const part = await Gradio.connect(closed.url, { token: few });
    assert.deepEqual(Object.keys((await part.view_api()).named_endpoints), ["/repeat", "/count"]);
    assert.deepEqual((await part.predict("/repeat", [false, 9, 5, 0.25, "Ada", "é"])).data, [false, 9, 5, 0.25, "Ada", "é"]);
    part.close();
    await assert.rejects(Gradio.connect(closed.url), /credentials/i);
    await assert.rejects(Gradio.connect(closed.url, { token: WRONG }));
});

// proves @gradio/client: login
test("Gradio's client, with the name of a key and the key as its login", async () => {
    const app = await Gradio.connect(closed.url, { auth: ["few", few] });
    assert.deepEqual(Object.keys((await app.view_api()).named_endpoints), ["/repeat", "/count"]);
    assert.deepEqual((await app.predict("/repeat", [false, 9, 5, 0.25, "Ada", "é"])).data, [false, 9, 5, 0.25, "Ada", "é"]);
    app.close();
    for (const auth of [["few", WRONG], ["full", few], ["", few], ["few", ""]]) await assert.rejects(Gradio.connect(closed.url, { auth }), (e) => !/TypeError/.test(e.name), auth.join());
});

// proves curl: login
test("a login is a cookie that does not hold the key, is good as long as that, and only from the program's own pages", async () => {
    const key = addKey(closed, "guest"), post = (body, headers = {}) => fetch(`${closed.url}login`, { method: "POST", body, headers });
    const form = () => new URLSearchParams({ username: "guest", password: key });
    await until(async () => (await post(form())).status === 200, "the key to be known");
    const said = (await post(form())).headers.get("set-cookie"), cookie = said.split(";")[0];
    assert.match(said, /; Path=\/; HttpOnly; SameSite=Lax$/);
    assert.equal(said.includes(key.slice(3)), false);
    assert.equal(await status(closed, null, { Cookie: cookie }), 200);
    assert.equal(await status(closed, null, { Cookie: cookie, Authorization: "Bearer a-proxy's-own" }), 200);
    assert.equal(await status(closed, null, { Cookie: cookie, Authorization: `Bearer ${WRONG}` }), 401, "what is shown counts before it");
    assert.equal(await status(closed, null, { Cookie: cookie, "Sec-Fetch-Site": "cross-site" }), 403);
    assert.equal((await post(form(), { "Sec-Fetch-Site": "cross-site" })).status, 403);
    for (const wrong of [cookie.slice(0, -1), `${cookie.slice(0, -1)}${cookie.endsWith("A") ? "E" : "A"}`, cookie.replace(/=./, "=_"), cookie.replace(/=.*/, "=")]) assert.equal(await status(closed, null, { Cookie: wrong }), 401, wrong);
    for (const [body, expected] of [["", 422], ["username=guest", 422], [new URLSearchParams({ username: "guest", password: "x".repeat(100000) }), 401], ["{}", 422]])
        assert.equal((await post(body, typeof body === "string" ? { "Content-Type": "application/x-www-form-urlencoded" } : {})).status, expected);
    for (const broken of ["", "--x", "--x\r\nContent-Disposition: form-data; name=username\r\n\r\nguest", `--x\r\nContent-Disposition: form-data; name=password\r\n\r\n${"y".repeat(5000)}\r\n--x--\r\n`])
        assert.equal((await post(broken, { "Content-Type": "multipart/form-data; boundary=x" })).status, 422);
    assert.equal((await fetch(`${closed.url}login`)).status, 405);
    revokeKey(closed, "guest");
    await until(async () => (await status(closed, null, { Cookie: cookie })) === 401, "the cookie to be refused");
    assert.equal((await post(form())).status, 401);
});
