// ways.test.mjs: every way in which user code can end its process, in every place where user code runs.
// SPDX-License-Identifier: Apache-2.0
//
// The visitor of the guilty page is told how and where; it was tried once; all others go on, and what was under way for them counts once.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { crashing, others } from "./cases.mjs";

const PLACES = { page: /This page/, part: /A part of this page/, job: /A function of this page/, done: /A function that follows an answer/ };
const LINE = /\S*tests\/programs\/crashes\.c:\d+/.source;
const told = (how) => new RegExp(`${how}.*( after the call at| before it made a call; it is bound at) ${LINE}\\. What you did was not carried out`);

/** What the thread that runs the page does to its process, and how its visitor is told. */
const OWN = {
    segv: told("crashed \\(SIGSEGV, an access to memory that is not there\\)"),
    bus: told("crashed \\(SIGBUS"),
    fpe: told("crashed \\(SIGFPE"),
    ill: told("crashed \\(SIGILL"),
    abort: told("crashed \\(SIGABRT"),
    overflow: told("crashed \\(SIGSEGV, its stack overflowed\\)"),
    free: told("crashed \\(SIGABRT"),
    memory: told("crashed \\(it ran out of memory\\)"),
    exit: told("ended the program: it called exit\\(3\\)"),
    quick_exit: told("ended the program: it called quick_exit"),
    pthread_exit: told("ended its thread: it called pthread_exit"),
};
/** What leaves no word behind: whoever was under way three times is guilty. */
const SILENT = { _exit: /ended 3 times while this was under way, after the call at \S+:\d+; the last time it ended with status 4/, kill: /the last time it died of SIGKILL/ };
for (const way of Object.keys(OWN).filter((w) => w !== "pthread_exit" && w !== "memory" && w !== "bus" && w !== "quick_exit" && w !== "ill"))
    SILENT[`thread ${way}`] = /ended 3 times while this was under way, after the call at \S+:\d+; the last time it (died of SIG|ended with status 3)/;

async function crash(program, everybody, place, way, pattern, tries) {
    const guilty = await program.visit(), before = program.tries();
    guilty.click("count");
    await guilty.rest();
    if (tries === 1) everybody.before();
    guilty.set("what", way);
    await guilty.rest();
    guilty.click(place);
    await guilty.says(pattern);
    await guilty.says(PLACES[place] && tries === 1 ? PLACES[place] : pattern);
    await guilty.rest();
    assert.equal(program.tries() - before, tries, `${way} in ${place} was tried ${tries} times`);
    guilty.click("count");
    await guilty.says(/count 2, slow 0, tries 0\./);
    await guilty.rest();
    assert.deepEqual(guilty.refused, []);
    await everybody.after(`${way} in ${place}`);
    guilty.close();
}

describe("what user code does to its process", { concurrency: 3, timeout: 240_000 }, () => {
    for (const [way, pattern] of Object.entries(OWN))
        test(`${way}: in a page, a fragment, a function, after an answer; told once, with file and line`, async (t) => {
            const program = await crashing(t, "crashes"), everybody = await others(program);
            for (const place of Object.keys(PLACES)) await crash(program, everybody, place, way, pattern, 1);
        });
    for (const [way, pattern] of Object.entries(SILENT))
        test(`${way}: nobody's word, so three deaths tell`, async (t) => {
            const program = await crashing(t, "crashes"), everybody = await others(program);
            await crash(program, everybody, "page", way, pattern, 3);
        });
});
