// rest.test.mjs: functions over HTTP: JSON in and out, what is wrong, streams, jobs, keys, crashes.
// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Program, start as open, until } from "../program.mjs";
import { all, events, Functions } from "./functions.mjs";

let program, call, job, problem;
before(async () => {
    program = await new Program("tests/programs/functions", []).begin();
    ({ call, job, problem } = new Functions(program));
});
after(() => program.stop());

// proves curl: predict
test("one line of curl is enough", () => {
    const said = execFileSync("curl", ["-sS", `${program.url}api/calculate`, "-d", '{"a": 6, "b": 7, "operation": "multiply"}'], { encoding: "utf8" });
    assert.deepEqual(JSON.parse(said), { result: 42 });
});

// proves curl: by name and by number
test("every kind of field travels, and what is absent has its own value", async () => {
    const full = { flag: false, whole: -5, large: 9007199254740991, number: -1.25e-7, name: "Ada é", words: 'a "quote" \\ \u0000?'.replace("\u0000", "☃") };
    assert.deepEqual(await (await call("repeat", full)).json(), full);
    assert.deepEqual(await (await call("repeat", {})).json(), { flag: true, whole: 3, large: 0, number: 0.5, name: "", words: "" });
    assert.deepEqual(await (await call("repeat", "")).json(), { flag: true, whole: 3, large: 0, number: 0.5, name: "", words: "" });
    assert.deepEqual(await (await call("repeat", { words: null })).json(), { flag: true, whole: 3, large: 0, number: 0.5, name: "", words: "" });
});

test("a date travels as a string", async () => {
    assert.deepEqual(await (await call("day", { day: "2024-02-29" })).json(), { day: "2024-02-29" });
    for (const day of ["29.2.2024", "2024-2-9", "2024-13-01", 5]) await problem(await call("day", { day }), 422, /day must be a date as "2026-11-21"/);
});

// proves curl: wrong inputs
test("what does not fit is named, with all that is wrong", async () => {
    for (const [wrong, pattern] of [
        [{ whole: 10 }, /whole must be a whole number from -5 to 9, and is 10/], [{ whole: 1.5 }, /whole must be a whole number/], [{ whole: "3" }, /and is "3"/],
        [{ flag: 1 }, /flag must be true or false/], [{ large: 1e300 }, /large must be a whole number/], [{ number: "x".repeat(100) }, /number must be a number, and is "x+…/],
        [{ name: "12345678" }, /name must be a string of at most 7 bytes/], [{ words: ["a"] }, /words must be a string, and is \["a"\]/], [{ hole: 3 }, /hole is no input; there are: flag, whole/],
    ]) await problem(await call("repeat", wrong), 422, pattern);
    const two = await problem(await call("calculate", { a: "one", operation: "power" }), 422, /a must be .*; operation must be "add", "subtract", "multiply" or "divide", and is "power"/);
    assert.deepEqual(two.errors.map((e) => e.pointer), ["/a", "/operation"]);
    await problem(await call("calculate", { a: 1 }), 422, /operation is missing/);
    for (const body of ["{", "[1]", "3", '{"a":1} x', "\u{FEFF}{}x", "[".repeat(5000)]) await problem(await call("calculate", body), 400, /not an object of JSON: /);
});

// proves curl: errors
test("a function that fails says why, and others go on", async () => {
    await problem(await call("calculate", { a: 1, b: 0, operation: "divide" }), 500, /The function failed: 1 cannot be divided by zero/);
    assert.deepEqual(await (await call("calculate", { a: 1, b: 2, operation: "add" })).json(), { result: 3 });
});

test("addresses and methods that are none", async () => {
    await problem(await call("calculat"), 404, /calculat is none of this program; there are: calculate, repeat/);
    await problem(await call("../readyz/.."), 404, /./).catch(() => {});
    const get = await fetch(`${program.url}api/calculate`);
    assert.equal(get.headers.get("allow"), "POST");
    await problem(get, 405, /use POST, not GET/);
    await problem(await fetch(`${program.url}api/jobs/nothing`), 404, /no such job/);
});

test("a page of another site calls nothing", async () => {
    for (const headers of [{ "Sec-Fetch-Site": "cross-site" }, { Origin: "https://elsewhere.example" }]) await problem(await call("count", {}, headers), 403, /another site/);
});

// proves curl: streams
test("a stream brings what grows, what changes, and in the end all", async () => {
    const got = await all(await call("tell", { count: 3 }, { Accept: "text/event-stream" }));
    const of = (name) => got.filter(([n]) => n === name).map(([, data]) => data);
    assert.equal(of("append").map((d) => d.text).join("") || of("output").at(-1).text, "word1 word2 word3");
    assert.deepEqual(of("done"), [{ text: "word1 word2 word3", words: 3 }]);
    assert.ok(of("progress").some((p) => p.progress === 1 && p.text === "word 3"));
    assert.equal(got.at(-1)[0], "done");
});

// proves curl: log messages
test("a stream has the lines that a function tells, each with its level", async (t) => {
    const other = await open("tests/programs/offers", [], t), got = await all(await new Functions(other).call("report", { count: 2 }, { Accept: "text/event-stream" }));
    assert.deepEqual(got.filter(([name]) => name === "log").map(([, data]) => data), [
        { level: "debug", text: "looked at 2 things" }, { level: "info", text: "“found” & more" }, { level: "warning", text: "one is old" }, { level: "error", text: "one is broken" }]);
    assert.equal(got.at(-1)[0], "done");
});

// proves curl: jobs
test("a job goes on without its caller, can be attached to from anywhere, and keeps its output", async () => {
    const door = join(program.data, "door"), answer = await call("tell", { count: 2, until: door }, { Prefer: "respond-async" });
    assert.equal(answer.status, 202);
    const { id } = await answer.json(), at = answer.headers.get("location");
    assert.equal(at, `/api/jobs/${id}`);
    const stream = events(await fetch(new URL(at, program.url), { headers: { Accept: "text/event-stream" } }));
    await stream.next();
    await until(async () => (await job(id)).status === "running", "the job to begin");
    const waits = await (await call("tell", { count: 1 }, { Prefer: "respond-async" })).json();
    await until(async () => (await job(waits.id)).position === 1, "the second job to know its place");
    writeFileSync(door, "");
    const rest = [];
    for await (const event of stream) rest.push(event);
    assert.deepEqual(rest.at(-1), ["done", { text: "word1 word2", words: 2 }]);
    assert.deepEqual((await job(id)).output, { text: "word1 word2", words: 2 });
    await until(async () => (await job(waits.id)).status === "done", "the second job");
    assert.deepEqual(await all(await fetch(new URL(at, program.url), { headers: { Accept: "text/event-stream" } })), [["done", { text: "word1 word2", words: 2 }]]);
});

// proves curl: cancel
test("a job is cancelled while it runs and while it waits", async () => {
    const start = async () => (await (await call("tell", { count: 1, until: join(program.data, "never") }, { Prefer: "respond-async" })).json()).id;
    const runs = await start(), waits = await start();
    await until(async () => (await job(runs)).status === "running", "the job to begin");
    assert.equal((await job(waits, "DELETE")).status, "cancelled");
    assert.equal((await job(runs, "DELETE")).status, "cancelled");
    assert.deepEqual(await (await call("tell", { count: 1 })).json(), { text: "word1", words: 1 }, "its place is free again");
});

test("who leaves a stream ends the call that nobody else hears of", async () => {
    const leave = new AbortController();
    const answer = await call("tell", { count: 1, until: join(program.data, "never") }, { Accept: "text/event-stream" }, { signal: leave.signal });
    for await (const [name] of events(answer)) if (name === "progress") break;
    leave.abort();
    assert.deepEqual(await (await call("tell", { count: 1 })).json(), { text: "word1", words: 1 });
});

// proves curl: idempotency
test("calls with one key are one call", async () => {
    const key = { "Idempotency-Key": "order 7" };
    const [a, b, c] = await Promise.all([call("count", {}, key), call("count", {}, key), call("count", {}, key)].map(async (p) => (await p).json()));
    assert.deepEqual([b, c], [a, a]);
    assert.deepEqual(await (await call("count", {}, key)).json(), a);
    assert.notDeepEqual(await (await call("count", {}, { "Idempotency-Key": "order 8" })).json(), a);
    await problem(await call("count", " {}", key), 422, /used before/);
    await problem(await call("count", {}, { "Idempotency-Key": "x".repeat(256) }), 400, /256 bytes/);
});

// proves curl: description
test("the document says what there is", async () => {
    const doc = await (await fetch(`${program.url}api/openapi.json`)).json();
    assert.equal(doc.openapi, "3.1.0");
    assert.deepEqual(Object.keys(doc.paths), ["/api/calculate", "/api/repeat", "/api/tell", "/api/count", "/api/crash", "/api/day", "/api/jobs/{id}"]);
    const schema = doc.paths["/api/calculate"].post.requestBody.content["application/json"].schema;
    assert.deepEqual(schema.required, ["operation"]);
    assert.deepEqual(schema.properties.operation, { type: "string", description: "What to do with a and b", enum: ["add", "subtract", "multiply", "divide"] });
    assert.deepEqual(doc.paths["/api/repeat"].post.requestBody.content["application/json"].schema.properties.whole, { type: "integer", minimum: -5, maximum: 9, default: 3 });
});

test("a function that crashes ends its own call alone, and the next process serves", async () => {
    await assert.rejects(call("crash"));
    await until(() => call("count").then((a) => a.ok, () => false), "the next process");
    await program.said(/crash/);
});

test("what the program ends with is told to who waits", async () => {
    const other = await new Program("tests/programs/functions", []).begin();
    const answer = fetch(`${other.url}api/tell`, { method: "POST", body: JSON.stringify({ count: 1, until: join(other.data, "never") }) });
    await until(async () => (await (await fetch(`${other.url}readyz`)).json()).waiting === 0, "the call to begin");
    await new Promise((done) => setTimeout(done, 300));
    const ended = other.stop();
    await problem(await answer, 503, /The program ends: .* call again/);
    await ended;
});
