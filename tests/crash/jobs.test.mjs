// jobs.test.mjs: jobs of functions when the worker is killed, the program ends, or a new build takes over: what ended is known, what may run again does, the rest is told.
// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { events, Functions } from "../clients/functions.mjs";
import { start, until } from "../program.mjs";

const later = { Prefer: "respond-async" };

async function begin(t, args = []) {
    const program = await start("tests/programs/queued", args, t), { call, problem } = new Functions(program), log = join(program.data, "log");
    return {
        program, problem,
        post: (name, inputs, headers = {}) => call(name, { log, ...inputs }, headers),
        job: (id) => until(() => fetch(`${program.url}api/jobs/${id}`).then((a) => (a.status === 503 ? null : a.json()), () => null), "an answer"),
        accept: async (name, inputs, headers = {}) => {
            const answer = await call(name, { log, ...inputs }, { ...later, ...headers });
            assert.equal(answer.status, 202);
            return (await answer.json()).id;
        },
        log: () => (existsSync(log) ? readFileSync(log, "utf8").trim().split("\n") : []),
        door: join(program.data, "door"),
        /** Ends the program in order, and begins it again with the same data and port. */
        restart: async (signal = "SIGTERM") => {
            const gone = new Promise((done) => program.child.once("close", done));
            program.child.kill(signal);
            await gone;
            await program.begin();
        },
    };
}

const ended = (at, id) => until(async () => ((j) => !["queued", "running"].includes(j.status) && j)(await at.job(id)), `the end of ${id}`);

test("a job that ended is known with its result after kill -9 of the worker, of the program, and after a restart", async (t) => {
    const at = await begin(t), id = await at.accept("once", { name: "a" });
    const done = await ended(at, id);
    assert.equal(done.status, "done");
    await at.program.kill("worker");
    assert.deepEqual(await at.job(id), done);
    await at.restart();
    assert.deepEqual(await at.job(id), done);
    await at.restart("SIGKILL");
    assert.deepEqual(await at.job(id), done);
    const stream = [];
    for await (const e of events(await fetch(`${at.program.url}api/jobs/${id}`, { headers: { Accept: "text/event-stream" } }))) stream.push(e);
    assert.deepEqual(stream, [["done", { said: "a is written" }]]);
    assert.deepEqual(at.log(), ["a begins", "a ends"]);
});

test("what was under way or waited when the worker was killed runs again, when it may; all of it once to its end", async (t) => {
    const at = await begin(t), ids = [];
    for (const name of ["a", "b", "c"]) ids.push(await at.accept("again", { name, until: at.door }));
    await until(() => at.log().includes("a begins"), "the first to begin");
    await at.program.kill("worker");
    await until(() => at.log().filter((l) => l === "a begins").length === 2, "the first to begin again");
    assert.deepEqual((await at.job(ids[1])).status, "queued");
    writeFileSync(at.door, "");
    for (const [i, name] of ["a", "b", "c"].entries()) assert.deepEqual((await ended(at, ids[i])).output, { said: `${name} is written` });
    assert.deepEqual(at.log(), ["a begins", "a begins", "a ends", "b begins", "b ends", "c begins", "c ends"]);
});

test("what may not run again does not, and its job says what happened", async (t) => {
    const at = await begin(t), runs = await at.accept("once", { name: "runs", until: at.door }), waits = await at.accept("once", { name: "waits" });
    await until(async () => (await at.job(runs)).text === "half way", "it to run");
    await at.program.kill("worker");
    for (const [id, how] of [[runs, "ran"], [waits, "waited"]]) {
        const { status, error } = await ended(at, id);
        assert.equal(status, "failed");
        assert.equal(error.status, 503);
        assert.match(error.detail, new RegExp(`the program died of signal 9 .* while it ${how}; .*rerunnable`));
    }
    assert.deepEqual(at.log(), ["runs begins"]);
});

test("a job that crashes the program is not run again, and three deaths of any cause end one that may", async (t) => {
    const at = await begin(t, ["--show-error-details", "yes"]), crash = await at.accept("again", { name: "crash" });
    const guilty = await ended(at, crash);
    assert.deepEqual([guilty.status, guilty.error.status, guilty.error.title], ["failed", 502, "The function crashed"]);
    assert.match(guilty.error.detail, /SIGSEGV/);
    assert.deepEqual(at.log(), ["crash begins"]);
    const victim = await at.accept("again", { name: "victim", until: at.door });
    for (let death = 1; death <= 3; death++) {
        await until(() => at.log().filter((l) => l === "victim begins").length === death, `beginning ${death}`);
        await until(async () => (await at.job(victim)).status === "running", "that to be known");
        await at.program.kill("worker");
    }
    const { status, error } = await ended(at, victim);
    assert.deepEqual([status, error.status], ["failed", 502]);
    assert.match(error.detail, /ended 3 times while/);
    assert.equal(at.log().filter((l) => l === "victim begins").length, 3);
});

test("at an end in order what waits is handed on, whatever its function says, and what runs when it may", async (t) => {
    const at = await begin(t);
    const runs = await at.accept("once", { name: "runs", until: at.door }), waits = await at.accept("once", { name: "waits" });
    const again = await at.accept("again", { name: "again", until: at.door });
    await until(() => at.log().length === 2, "two to run");
    await at.restart();
    const stopped = await ended(at, runs);
    assert.deepEqual([stopped.status, stopped.error.status], ["cancelled", 503]);
    assert.deepEqual((await ended(at, waits)).output, { said: "waits is written" });
    writeFileSync(at.door, "");
    assert.deepEqual((await ended(at, again)).output, { said: "again is written" });
    assert.deepEqual(at.log().filter((l) => l.startsWith("waits")), ["waits begins", "waits ends"]);
});

test("a new build takes over what the one before hands on", async (t) => {
    const at = await begin(t), first = await at.accept("again", { name: "first", until: at.door }), second = await at.accept("again", { name: "second", until: at.door });
    const worker = at.program.pid("worker");
    await until(() => at.log().length === 1, "it to begin");
    at.program.child.kill("SIGHUP");
    await until(() => ((pid) => pid && pid !== worker)(at.program.pid("worker")), "the new worker");
    await until(() => at.log().length === 2, "it to begin there");
    writeFileSync(at.door, "");
    assert.equal((await ended(at, first)).status, "done");
    assert.equal((await ended(at, second)).status, "done");
    assert.deepEqual(at.log(), ["first begins", "first begins", "first ends", "second begins", "second ends"]);
});

test("a key means one call across deaths and restarts", async (t) => {
    const at = await begin(t), key = { "Idempotency-Key": "order 1" };
    const first = await (await at.post("once", { name: "a" }, key)).json();
    await at.program.kill("worker");
    assert.deepEqual(await until(() => at.post("once", { name: "a" }, key).then((a) => a.json(), () => null), "an answer"), first);
    await at.restart();
    const both = await Promise.all([at.post("once", { name: "a" }, key), at.post("once", { name: "a" }, key)]);
    for (const answer of both) assert.deepEqual(await answer.json(), first);
    await at.problem(await at.post("once", { name: "b" }, key), 422, /used before/);
    assert.deepEqual(at.log(), ["a begins", "a ends"]);
    const lost = at.post("again", { name: "lost", until: at.door }, { "Idempotency-Key": "order 2" }).catch(() => "the line broke");
    await until(() => at.log().includes("lost begins"), "the second call to begin");
    await at.program.kill("worker");
    assert.equal(await lost, "the line broke");
    const answer = until(() => at.post("again", { name: "lost", until: at.door }, { "Idempotency-Key": "order 2" }).then((a) => a.json(), () => null), "its answer");
    await until(() => at.log().filter((l) => l === "lost begins").length === 2, "it to begin again");
    writeFileSync(at.door, "");
    assert.deepEqual(await answer, { said: "lost is written" });
    assert.equal(at.log().filter((l) => l === "lost ends").length, 1);
});

test("an event of Gradio's /call is a job: curl hears of it from the next process", async (t) => {
    const at = await begin(t), gradio = (path, data) => fetch(`${at.program.url}gradio_api/call/${path}`, data && { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ data }) });
    const call = async (name, word, until = null) => (await (await gradio(name, [join(at.program.data, "log"), word, until])).json()).event_id;
    const hear = (name, id) => until(() => gradio(`${name}/${id}`).then((a) => (a.status === 503 ? null : a.text()), () => null), "the event");
    const done = await call("once", "a"), said = await hear("once", done);
    assert.match(said, /event: complete\ndata: \["a is written"\]/);
    const runs = await call("once", "b", at.door), again = await call("again", "c", at.door);
    await until(() => at.log().includes("b begins") && at.log().includes("c begins"), "two to run");
    await at.program.kill("worker");
    writeFileSync(at.door, "");
    assert.match(await hear("again", again), /event: complete\ndata: \["c is written"\]/);
    assert.match(await hear("once", runs), /event: error\ndata: \{"error":"the program died of signal 9 .*call again/);
    assert.equal((await hear("once", done)).match(/event: complete\n.*/)[0], said.match(/event: complete\n.*/)[0]);
    assert.match(await hear("once", "A".repeat(22)), /there is no such event/);
});

test("a job is forgotten when --job-ttl is over", async (t) => {
    const at = await begin(t, ["--job-ttl", "1s"]), id = await at.accept("once", { name: "a" });
    await ended(at, id);
    await until(async () => (await at.job(id)).status === 404, "it to be forgotten");
    await at.restart();
    assert.equal((await at.job(id)).status, 404);
    const key = { "Idempotency-Key": "short" };
    for (const times of [2, 4]) {
        await at.post("once", { name: "b" }, key);
        await until(async () => (await at.post("once", { name: "b" }, key), at.log().length > times * 2), "the key to mean another call");
    }
});
