// queue.test.mjs: what a function says of how it is queued: batches, retries, limits of time, number and rate, answers that are there already.
// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Program, until } from "../program.mjs";
import { all, Functions } from "./functions.mjs";

let program, call, job, problem;
before(async () => {
    program = await new Program("tests/programs/queued", []).begin();
    ({ call, job, problem } = new Functions(program));
});
after(() => program.stop());

test("calls that come together are one call of a batch function, and each has its own answer or failure", async () => {
    const numbers = [3, 13, 5, 7, 11], answers = await Promise.all(numbers.map((number) => call("square", { number })));
    assert.deepEqual(answers.map((a) => a.status), [200, 500, 200, 200, 200]);
    const said = await Promise.all(answers.map((a) => a.json()));
    assert.match(said[1].detail, /13 is not squared here/);
    assert.deepEqual([0, 2, 3, 4].map((i) => said[i].square), [9, 25, 49, 121]);
    assert.deepEqual([...new Set(said.map((s) => s.together).filter(Boolean))].sort(), [1, 4], "four fill a batch, and the fifth waited alone until its time was over");
});

test("a call of a batch is cancelled alone, and one that is left alone still ends", async () => {
    const later = { Prefer: "respond-async" };
    const [a, b] = await Promise.all([call("square", { number: 4 }, later), call("square", { number: 6 }, later)].map(async (x) => (await (await x).json()).id));
    assert.equal((await job(a, "DELETE")).status, "cancelled");
    await until(async () => (await job(b)).status === "done", "the other call");
    assert.deepEqual((await job(b)).output, { square: 36, together: 1 });
});

test("a function that fails is called again, as often as it says, and what it had put is taken back", async () => {
    assert.deepEqual(await (await call("flaky", { name: "twice", times: 2 })).json(), { said: "call 3", calls: 3 });
    await problem(await call("flaky", { name: "always", times: 9 }), 500, /always has failed 4 of 9 times/);
    const got = await all(await call("flaky", { name: "seen", times: 1 }, { Accept: "text/event-stream" }));
    const again = got.find(([name, data]) => name === "queued" && data.attempt === 2);
    assert.ok(again && again[1].retry_in >= 0 && /seen has failed 1/.test(again[1].text), JSON.stringify(got));
    let text = "";
    for (const [name, data] of got) text = name === "append" ? text + (data.said ?? "") : name === "output" || name === "done" ? data.said ?? text : text;
    assert.equal(text, "call 2");
    assert.deepEqual(got.at(-1), ["done", { said: "call 2", calls: 2 }]);
});

test("an answer that is there already is given again, for as long as the function says and to the same inputs alone", async () => {
    const first = await call("remembered", { number: 1 }), was = await first.json();
    assert.match(first.headers.get("cache-status"), /^easel; fwd=uri-miss; stored/);
    const again = await call("remembered", ' { "number" : 1.0 } ');
    assert.deepEqual(await again.json(), was, "inputs that mean the same");
    assert.match(again.headers.get("cache-status"), /^easel; hit; ttl=[012]$/);
    assert.match(again.headers.get("age"), /^[01]$/);
    assert.deepEqual(await all(await call("remembered", { number: 1 }, { Accept: "text/event-stream" })), [["done", was]]);
    assert.notDeepEqual(await (await call("remembered", { number: 2 })).json(), was);
    assert.equal((await call("count")).headers.get("cache-status"), null, "functions that say nothing of it are called");
    await until(async () => JSON.stringify(await (await call("remembered", { number: 1 })).json()) !== JSON.stringify(was), "the answer to be too old");
});

test("no more than a function says wait for it, and others are none of its business", async () => {
    const door = join(program.data, "short"), start = () => call("short_line", { count: 1, until: door }, { Prefer: "respond-async" });
    const runs = await (await start()).json();
    await until(async () => (await job(runs.id)).status === "running", "the first to begin");
    const wait = [await (await start()).json(), await (await start()).json()], refused = await (await start()).json();
    await until(async () => (await job(refused.id)).status === "failed", "one too many");
    assert.equal((await job(refused.id)).error.status, 503);
    assert.equal((await call("count")).status, 200);
    writeFileSync(door, "");
    for (const w of [runs, ...wait]) await until(async () => (await job(w.id)).status === "done", "who waited");
});

test("who calls too often is told when to come again, and it is not counted", async () => {
    for (let i = 0; i < 3; i++) assert.equal((await call("limited")).status, 200);
    for (let i = 0; i < 2; i++) {
        const answer = await call("limited");
        assert.ok(Number(answer.headers.get("retry-after")) > 1100 && Number(answer.headers.get("retry-after")) <= 1200, answer.headers.get("retry-after"));
        await problem(answer, 429, /Too many calls: 3 in 3600 s are allowed from one address; come again in 1\d\d\d s/);
    }
    const tool = await fetch(`${program.url}mcp`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "limited", arguments: {} } }) });
    const { result } = await tool.json();
    assert.ok(result.isError && /are allowed from one address/.test(result.content[0].text));
    const gradio = await fetch(`${program.url}gradio_api/call/limited`, { method: "POST", headers: { "Content-Type": "application/json" }, body: '{"data":[]}' });
    assert.equal(gradio.status, 429);
    assert.ok(Number(gradio.headers.get("retry-after")) > 1000);
    assert.match((await gradio.json()).detail, /come again in/);
});

test("a program can limit all calls of an address", async () => {
    const other = await new Program("tests/programs/queued", ["--rate-limit", "2/h"]).begin();
    const ask = () => fetch(`${other.url}api/count`, { method: "POST" });
    assert.deepEqual([(await ask()).status, (await ask()).status, (await ask()).status], [200, 200, 429]);
    const chat = await fetch(`${other.url}v1/chat/completions`, { method: "POST", body: "{}" });
    assert.equal(chat.status, 429);
    assert.equal((await chat.json()).error.code, "rate_limit_exceeded");
    await other.stop();
});

test("a call that takes longer than its function says is interrupted, and its place is free", async () => {
    const never = join(program.data, "never");
    await problem(await call("hurried", { count: 1, until: never }), 504, /took too long: it ran for its time limit of 0.3 s/);
    const [a, b] = await Promise.all([call("hurried", { count: 1, until: never }), call("hurried", { count: 1, until: never })]);
    assert.deepEqual([a.status, b.status], [504, 504], "waiting does not count");
    assert.deepEqual(await (await call("hurried", { count: 2 })).json(), { text: "word1 word2", words: 2 });
});

// proves curl: progress and position
test("who waits is told when it is expected to end, by how long others took, and that comes true", async () => {
    const nap = (headers = {}) => call("nap", {}, headers), later = { Prefer: "respond-async" };
    const first = await (await nap(later)).json();
    assert.equal(first.eta, undefined, "nothing is known yet");
    await until(async () => (await job(first.id)).status === "done", "the first nap");
    const asked = Date.now(), waiting = [];
    for (let i = 0; i < 8; i++) waiting.push((await (await nap(later)).json()).id);        // two at once: four rounds of 0.4 s
    const told = await until(async () => {
        const all = await Promise.all(waiting.map((id) => job(id)));
        return all.slice(2).every((j) => j.status !== "queued" || j.eta !== undefined) && all[7].eta !== undefined && { eta: all[7].eta, at: Date.now(), position: all[7].position };
    }, "the times to be told");
    const stream = await all(await fetch(`${program.url}api/jobs/${waiting[7]}`, { headers: { Accept: "text/event-stream" } }));
    const ended = Date.now();
    assert.ok(told.position >= 1 && told.position <= 6, JSON.stringify(told));
    const rounds = Math.ceil(told.position / 2) + 1;                                         // its own, those before it, and what is left of the one that runs
    assert.ok(told.eta >= 0.4 && told.eta <= rounds * 0.4 * 3 + 1, JSON.stringify(told));
    const off = told.at + told.eta * 1000 - ended;
    assert.ok(Math.abs(off) < 1000 + (ended - asked) / 2, `foretold ${told.eta} s, off by ${off} ms`);
    const queued = stream.filter(([name]) => name === "queued").map(([, data]) => data);
    assert.ok(queued.every((d) => d.eta > 0), JSON.stringify(queued));
    assert.equal(stream.at(-1)[0], "done");
});

// proves @gradio/client: progress and position
test("Gradio's clients and MCP's are told, too", async () => {
    const busy = await Promise.all([0, 1, 2, 3].map(async () => (await (await call("nap", { seconds: 1 }, { Prefer: "respond-async" })).json()).id));
    const rpc = { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "nap", arguments: {}, _meta: { progressToken: 7 } } };
    const tool = fetch(`${program.url}mcp`, { method: "POST", headers: { "Content-Type": "application/json", Accept: "application/json, text/event-stream" }, body: JSON.stringify(rpc) });
    const join = await fetch(`${program.url}gradio_api/queue/join`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ data: [0.1], fn_index: 5, session_hash: "eta" }) });
    assert.equal(join.status, 200);
    const data = await (await fetch(`${program.url}gradio_api/queue/data?session_hash=eta`)).text();
    const messages = data.split("\n\n").filter(Boolean).map((m) => JSON.parse(m.replace(/^data: /, "")));
    assert.ok(messages.some((m) => m.msg === "estimation" && m.rank >= 0 && m.rank_eta > 0), data);
    assert.ok(messages.find((m) => m.msg === "process_starts").eta > 0, data);
    const said = (await (await tool).text()).split("\n").filter((l) => l.startsWith("data: ")).map((l) => JSON.parse(l.slice(6))).filter((m) => m.method === "notifications/progress");
    assert.ok(said.some((m) => /^waits, number \d+ in the line, about \d+ s$/.test(m.params.message)), JSON.stringify(said));
    assert.ok(said.every((m, i) => !i || m.params.progress > said[i - 1].params.progress), "progress grows");
    for (const id of busy) await until(async () => (await job(id)).status === "done", "the naps");
});
