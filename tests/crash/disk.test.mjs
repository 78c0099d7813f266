// disk.test.mjs: a real program whose data folder fails under it: full, deleted, read-only, damaged. It goes on, the page says that nothing is saved,
// and no more when saving works again; what was done meanwhile is saved then.
// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, openSync, readdirSync, closeSync, rmSync, statSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { until } from "../program.mjs";
import { crashing, it } from "./cases.mjs";

const LIMIT = 30_000;

function mount(t, ...args) {
    try {
        execFileSync("mount", args, { stdio: "pipe" });
        return true;
    } catch (error) {
        t.skip(`nothing can be mounted here: ${String(error.stderr ?? error).trim()}`);
        return false;
    }
}

/** A visitor who hears whether his changes are saved. */
async function visit(program) {
    const visitor = await program.visit();
    visitor.clicks = async (n) => {
        visitor.click("count");
        await visitor.says(new RegExp(`count ${n}, slow 0`), LIMIT);
        await visitor.rest(LIMIT);
    };
    visitor.warned = (is) => until(() => Boolean(visitor.warning) === is, () => `${is ? "the word that nothing is saved" : "the end of it"}, with the log ${program.log}`, LIMIT);
    return visitor;
}

/** Saved is what a worker finds that has nothing else. */
async function isSaved(program, visitor, n) {
    await program.kill("worker");
    await visitor.clicks(n + 1);
    assert.deepEqual(visitor.refused, []);
    assert.equal(visitor.moved, undefined, "the session stays");
}

async function fullDisk(program) {
    await program.begin();
    const visitor = await visit(program), ballast = join(program.data, "ballast");
    await visitor.clicks(1);
    assert.equal(visitor.warning ?? null, null);
    const fd = openSync(ballast, "w");
    assert.throws(() => {
        for (;;) writeSync(fd, Buffer.alloc(4096));
    }, { code: "ENOSPC" });
    closeSync(fd);
    for (let n = 2; !visitor.warning; n++) {
        assert.ok(n < 400, "the log of the database is full after some writes");
        visitor.set("what", "x".repeat(9000) + n);
        await visitor.rest(LIMIT);
    }
    await visitor.clicks(2);
    await program.said(/nothing is saved at the moment: .*(disk is full|No space|disk I\/O)/);
    const other = await visit(program);
    await other.clicks(1);
    rmSync(ballast);
    await visitor.warned(false);
    await program.said(/saving works again/);
    await other.warned(false);
    await isSaved(program, visitor, 2);
    await other.clicks(2);
}

it("a full disk: the page says so until there is room, and nothing is lost", async (t) => {
    const program = await crashing(t, "crashes", []), first = program.data;
    await program.stop();
    execFileSync("mkdir", ["-p", first]);
    if (!mount(t, "-t", "tmpfs", "-o", "size=2m", "none", first)) return;
    try {
        await fullDisk(program);
    } finally {
        execFileSync("umount", ["-l", first]);
    }
});

it("a data folder that is deleted while the program runs is written again", async (t) => {
    const program = await crashing(t, "crashes"), visitor = await visit(program);
    await visitor.clicks(1);
    rmSync(program.data, { recursive: true });
    await visitor.clicks(2);
    await program.said(/was deleted while the program runs; its content has been written again/);
    assert.ok(statSync(join(program.data, "easel.db")).size > 0);
    await visitor.warned(false);
    await until(() => existsSync(join(program.data, "secret")), "the key is written again", LIMIT);
    await isSaved(program, visitor, 2);
});

it("a data folder that is read-only when the worker starts: the page works and says that nothing is saved", async (t) => {
    const program = await crashing(t, "crashes"), visitor = await visit(program);
    await visitor.clicks(1);
    if (!mount(t, "--bind", program.data, program.data)) return;
    const again = () => execFileSync("umount", ["-l", program.data]);
    let mounted = true;
    t.after(() => mounted && again());
    execFileSync("mount", ["-o", "remount,bind,ro", program.data]);
    await program.kill("worker");
    const other = await visit(program);
    await other.clicks(1);
    await other.warned(true);
    await program.said(/the data folder .* cannot be used: Read-only file system; name another one with --data/);
    again();
    mounted = false;
    await program.kill("worker");              // the sessions of before are there
    const third = await visit(program);
    await third.clicks(1);
    assert.equal(third.warning ?? null, null);
    await isSaved(program, third, 1);
});

it("a damaged database is set aside under a name that the log tells, and all go on", async (t) => {
    const program = await crashing(t, "crashes"), visitor = await visit(program);
    await visitor.clicks(1);
    await until(() => statSync(join(program.data, "easel.db")).size > 20_000, "the log goes into the file", LIMIT);
    for (const name of ["easel.db", "easel.db-wal"]) {
        const file = openSync(join(program.data, name), "r+");
        writeSync(file, Buffer.alloc(16384, 0xa5), 0, 16384, 0);
        closeSync(file);
    }
    await program.kill("worker");
    const other = await visit(program);
    await other.clicks(1);
    const [, aside] = await program.said(/it is now (\S+broken-\d+), and a new file is begun/);
    assert.ok(existsSync(aside), aside);
    assert.equal(readdirSync(program.data).filter((f) => /broken-\d+$/.test(f)).length, 1);
    await isSaved(program, other, 1);
});

it("what is no database at all is set aside, not deleted", async (t) => {
    const program = await crashing(t, "crashes");
    await program.stop();
    execFileSync("mkdir", ["-p", program.data]);
    writeFileSync(join(program.data, "easel.db"), "my diary\n".repeat(1000));
    await program.begin();
    const visitor = await visit(program);
    await visitor.clicks(1);
    const [, aside] = await program.said(/it is now (\S+broken-\d+), and a new file is begun/);
    assert.match(String(execFileSync("head", ["-1", aside])), /my diary/);
    await isSaved(program, visitor, 1);
});
