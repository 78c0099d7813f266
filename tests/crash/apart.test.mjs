// apart.test.mjs: functions in processes of their own: what they do arrives, what ends them ends nothing else, and none of them is left over.
// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before } from "node:test";
import { all, events, Functions } from "../clients/functions.mjs";
import { png } from "../clients/pictures.mjs";
import { Program, start, until } from "../program.mjs";
import { Visitor } from "../storm/visitor.mjs";
import { it } from "./cases.mjs";

const stream = { Accept: "text/event-stream" };

/** [state, parent] of a process; "" when there is none. */
function look(pid) {
    try {
        const [state, parent] = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").pop().split(" ");
        return [state, Number(parent)];
    } catch {
        return ["", 0];
    }
}

const children = (of) => readdirSync("/proc").filter((n) => /^\d+$/.test(n) && look(n)[1] === of).map(Number);
/** orphan: nobody may wait for it any more, so it may stay as a name for a while. */
const gone = (pid, orphan = false) => until(() => ["", "X", orphan ? "Z" : ""].includes(look(pid)[0]), () => `the end of ${pid}, which is ${look(pid)}`);

let program, call, job, problem, worker;
before(async () => {
    program = await new Program("tests/programs/apart", []).begin();
    ({ call, job, problem } = new Functions(program));
    worker = program.pid("worker");
});
after(() => program.stop());

/** A call that has begun: its process, and what comes of it. */
async function begin(name, inputs, at = program) {
    const came = events(await new Functions(at).call(name, inputs, stream));
    for await (const [kind, data] of { [Symbol.asyncIterator]: () => ({ next: () => came.next() }) })
        if (kind === "output") return { ...data, rest: came };
    throw new Error("it ended before it began");
}

async function last(rest) {
    let end;
    for await (const event of rest) end = event;
    return end;
}

it("what a function puts, tells and makes arrives from its process", async () => {
    const got = await all(await call("tell", { count: 3 }, stream)), of = (kind) => got.filter(([k]) => k === kind).map(([, data]) => data);
    assert.equal(of("append").map((d) => d.text).join("") || of("output").at(-1).text, "word1 word2 word3");
    assert.ok(of("progress").some((p) => p.progress === 1 && p.text === "word 3"));
    assert.deepEqual(of("done"), [{ text: "word1 word2 word3", words: 3 }]);
    const one = await (await call("happen", { way: "nothing" })).json(), two = await (await call("happen", { way: "nothing" })).json();
    assert.equal(one.said, "made in .setup, nothing of .start");
    assert.equal(new Set([one.pid, two.pid, worker]).size, 3);
    for (let i = 0; i < 2; i++) assert.deepEqual(await (await call("count")).json(), { calls: 1 }, "each begins as .setup left it");
    await problem(await call("unsaid"), 500, /\.out = &count_out_record/);
});

it("what is larger than any packet goes in and comes out", async () => {
    const text = Array.from({ length: 300_000 }, (_, i) => `${i} é`).join(" ");
    assert.equal((await (await call("echo", { text })).json()).text, text);
});

it("files and pictures go in and come out", async () => {
    const form = new FormData();
    form.append("words", new Blob(["quiet"]), "quiet.txt");
    form.append("picture", new Blob([png(16, 8)]), "a.png");
    const said = await (await fetch(`${program.url}api/change`, { method: "POST", body: form })).json();
    assert.equal(await (await fetch(said.loud.url)).text(), "QUIET");
    assert.deepEqual([said.negative.orig_name, said.negative.mime_type], ["negative.png", "image/png"]);
    assert.equal((await fetch(said.negative.url)).status, 200);
});

it("a batch is one process, and a row that fails is one call", async () => {
    const said = await Promise.all([2, 3, 13, 5].map((number) => call("square", { number })));
    await problem(said[2], 500, /13 is not squared here/);
    for (const [i, square] of [[0, 4], [1, 9], [3, 25]]) assert.deepEqual(await said[i].json(), { square, together: 4 });
});

it("however a function ends its process, its call fails with the reason, and nobody else notices", async () => {
    const door = join(program.data, "door"), neighbour = events(await call("tell_here", { count: 4, until: door }, stream));
    await until(async () => (await neighbour.next()).value[0] === "progress", "the neighbour to begin");
    for (const [way, status, pattern] of [
        ["segv", 502, /The function crashed: The function crashed \(SIGSEGV, an access to memory that is not there\)/], ["abort", 502, /SIGABRT, the program called abort/],
        ["exit", 502, /ended its process: it called exit\(3\)/], ["_exit", 502, /ended its process with status 4/], ["pthread_exit", 502, /it called pthread_exit/],
        ["kill", 502, /SIGKILL, it was killed/], ["overflow", 502, /SIGSEGV, its stack overflowed/], ["thread", 502, /SIGSEGV/],
        ["memory", 500, /needed too much memory: .*ran out of memory.*\.memory_limit is 64 MB/],
    ]) await problem(await call("happen", { way }), status, pattern);
    writeFileSync(door, "");
    assert.deepEqual(await last(neighbour), ["done", { text: "word1 word2 word3 word4", words: 4 }]);
    assert.equal(program.pid("worker"), worker);
    assert.doesNotMatch(program.log, /starting another/);
});

it("a crash is tried again as a failure is, when the function says so", async () => {
    assert.equal((await (await call("second_time", { way: "", file: join(program.data, "tried") })).json()).said, "the second time");
});

it("beyond its limit of memory there is none, and the function can say so itself", async () => {
    const { megabytes } = await (await call("happen", { way: "malloc" })).json();
    assert.ok(megabytes > 32 && megabytes <= 64, `${megabytes} MB`);
});

it("what never returns is killed when its time is over, and when it is cancelled", async () => {
    const late = await begin("hurried", { way: "loop" }), [kind, why] = await last(late.rest);
    assert.deepEqual([kind, why.status, why.title], ["failed", 504, "The function took too long"]);
    await gone(late.pid);
    const { id } = await (await call("happen", { way: "loop" }, { Prefer: "respond-async" })).json();
    let pid;
    for await (const [name, data] of events(await fetch(`${program.url}api/jobs/${id}`, { headers: stream }))) {
        if (name !== "output") continue;
        pid = data.pid;
        assert.equal((await job(id, "DELETE")).status, "cancelled");
    }
    await gone(pid);
    assert.equal(program.pid("worker"), worker);
});

it("a function that listens leaves by itself when it is cancelled", async () => {
    const file = join(program.data, "left"), { id } = await (await call("happen", { way: "wait", file }, { Prefer: "respond-async" })).json();
    for await (const [name] of events(await fetch(`${program.url}api/jobs/${id}`, { headers: stream })))
        if (name === "output") await job(id, "DELETE");
    await until(() => existsSync(file), "its last word");
});

it("a page's function has its values and state, and a crash, or its time, is told there", async (t) => {
    const visitor = await new Visitor(program.url).open();
    t.after(() => visitor.close());
    const toast = (pattern) => until(() => visitor.document.calls.some(([, method, args]) => method === "toast" && pattern.test(args.text)), `a toast ${pattern}`);
    visitor.click("say");
    await visitor.says(/at first, 1 times, from elsewhere/);
    visitor.set("what", "typed");
    visitor.click("say");
    await visitor.says(/typed, 2 times, from elsewhere/);
    await visitor.says(/The page counts 2\./);
    visitor.set("what", "crash");
    visitor.click("say");
    await toast(/The function crashed \(SIGSEGV/);
    visitor.set("what", "loop");
    visitor.click("say");
    await toast(/ran for its time limit of 2 s and was ended/);
    visitor.set("what", "again");
    visitor.click("say");
    await visitor.says(/again, 3 times/);
    await visitor.rest();
    assert.deepEqual(visitor.refused, []);
    assert.equal(program.pid("worker"), worker);
});

it("what a process of its own cannot have is refused by name", async () => {
    await problem(await call("happen", { way: "resource" }), 500, /apart\.c:\d+: ez_resource: .* load it in \.setup/);
    await problem(await call("happen", { way: "chat" }), 500, /ez_chat_get: .* has no conversations/);
});

it("when the spawner dies its calls fail, and the next one has another", async () => {
    const [spawner] = children(worker), { pid, rest } = await begin("happen", { way: "wait" });
    assert.equal(look(pid)[1], spawner);
    process.kill(spawner, "SIGKILL");
    const [kind, why] = await last(rest);
    assert.deepEqual([kind, why.status], ["failed", 502]);
    assert.match(why.detail, /process ended that begins calls/);
    await gone(pid, true);
    const next = await until(async () => ((a) => a.ok && a.json())(await call("happen", { way: "nothing" })), "a call that succeeds");
    assert.notEqual(next.pid, pid);
    assert.equal(program.pid("worker"), worker);
    assert.equal(children(worker).length, 1);
    assert.ok(!children(worker).includes(spawner));
});

it("nothing is left of a worker that is killed, nor of what its functions have started", async (t) => {
    const other = await start("tests/programs/apart", [], t), [spawner] = children(other.pid("worker")), { pid, child } = await begin("happen", { way: "child" }, other);
    assert.ok(pid && child);
    await other.kill("worker");
    for (const left of [spawner, pid, child]) await gone(left, true);
    assert.equal((await until(() => new Functions(other).call("count").catch(() => null), "the next worker")).status, 200);
});

it("a program ends in order while one of its functions never returns", async (t) => {
    const other = await start("tests/programs/apart", [], t), { pid } = await begin("happen", { way: "loop" }, other);
    const ended = new Promise((done) => other.child.once("close", done));
    other.child.kill("SIGTERM");
    assert.equal(await ended, 0);
    await gone(pid, true);
});

it("examples/pattern: a pattern that takes all memory and one that takes too long fail alone", async (t) => {
    const f = new Functions(await start("examples/pattern", [], t)), find = (pattern, text) => f.call("find", { pattern, text });
    const long = find("(a*)(a*)(a*)(a*)(a*)(a*)\\1\\2\\3\\4\\5\\6b", "a".repeat(48));
    await f.problem(await find("(((a{1,99}){1,99}){1,99}){1,99}", "aaaaaaaa"), 500, /Memory exhausted/);
    assert.deepEqual(await (await find("[0-9]+", "7 ships, 23 boats and 1 raft")).json(), { count: 3, found: "7, 23, 1" });
    await f.problem(await long, 504, /2 s/);
});

it("where everything else is one process, such a function still has its own", async (t) => {
    const other = await start("tests/programs/apart", ["--workers", "0"], t), f = new Functions(other);
    await f.problem(await f.call("happen", { way: "segv" }), 502, /SIGSEGV/);
    assert.deepEqual(await (await f.call("count")).json(), { calls: 1 });
    const [spawner] = children(other.child.pid), { pid } = await begin("happen", { way: "loop" }, other);
    other.child.kill("SIGKILL");
    for (const left of [spawner, pid]) await gone(left, true);
});

it("a program without such a function has no spawner, and a mistake in the declaration is told at the start", async (t) => {
    const other = await start("tests/programs/functions", [], t);
    assert.deepEqual(children(other.pid("worker")), []);
    for (const [wrong, pattern] of [["alone", /\.process = true, which is not there, of "wrong"/], ["small", /at least 1048576 \(1 MB\); it is not, of "wrong"/]]) {
        const none = new Program("tests/programs/apart", [], { env: { APART_WRONG: wrong } });
        t.after(() => none.stop());
        await assert.rejects(none.begin(), pattern);
    }
});
