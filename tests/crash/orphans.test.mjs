// orphans.test.mjs: what a dead supervisor leaves behind ends by itself, and keeps nobody from starting the program again at once.
// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { Program, start, until } from "../program.mjs";
import { Visitor } from "../storm/visitor.mjs";
import { it } from "./cases.mjs";

function state(pid) {
    try {
        return /\) (\w)/.exec(readFileSync(`/proc/${pid}/stat`, "utf8"))[1];
    } catch {
        return "";
    }
}

const over = (pid) => until(() => ["", "Z", "X"].includes(state(pid)), () => `the end of ${pid}, which is ${state(pid)}`);

async function dies(program) {
    const gone = new Promise((done) => program.child.once("close", done));
    program.child.kill("SIGKILL");
    // Its children hold its standard error, so it is closed when they have ended, too.
    return gone;
}

it("the program is there again at once, and what was settled with it", async (t) => {
    const program = await start("tests/programs/storm", [], t, { env: { STORM_SCRIPT: "script" } });
    const visitor = await new Visitor(program.url).open();
    t.after(() => visitor.close());
    visitor.click("count");
    await visitor.rest();
    const left = ["worker", "engine"].map((role) => program.pid(role));
    program.child.kill("SIGKILL");
    await program.begin();
    visitor.click("count");
    await visitor.says(/count 2/);
    await visitor.rest();
    for (const pid of left) await over(pid);
});

it("an engine that does not listen holds no port", async (t) => {
    const program = await start("tests/programs/storm", [], t, { env: { STORM_SCRIPT: "script" } });
    const engine = await until(() => program.pid("engine"), "an engine");
    process.kill(engine, "SIGSTOP");
    t.after(() => process.kill(engine, "SIGKILL"));
    program.child.kill("SIGKILL");
    await program.begin();
    assert.equal(state(engine), "T");
});

it("an engine dies with its supervisor, whatever it is doing", async (t) => {
    const program = await start("tests/programs/storm", ["--model", "/nowhere.gguf"], t);
    const engine = await until(() => program.pid("engine"), "an engine");
    await program.said(/nowhere/);
    process.kill(engine, "SIGSTOP");
    await dies(program);
    await over(engine);
});

it("a worker that has not begun to serve dies with its supervisor", async (t) => {
    const program = new Program("tests/programs/storm", [], { env: { STORM_SLOW_START: "1" } });
    t.after(() => program.stop());
    program.begin().catch(() => {});
    const worker = await until(() => program.child?.pid && program.pid("worker"), "a worker");
    await until(() => state(worker) === "S", "the sleep of its .start");
    await dies(program);
    await over(worker);
});
