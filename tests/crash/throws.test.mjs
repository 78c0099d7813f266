// throws.test.mjs: a program in C++ that throws: the page shows a red card there, and nobody's process ends.
// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Program } from "../program.mjs";
import { crashing } from "./cases.mjs";

const LINE = /\S*tests\/programs\/throws\.cpp:\d+/.source;
const WORDS = {
    exception: "no_city was thrown: no such city",
    int: "int was thrown",
    memory: "std::bad_alloc was thrown: std::bad_alloc|std::length_error was thrown: \\S+",
    destructor: "no_city was thrown: from a destructor",
};

const toast = (visitor, pattern) => visitor.document.calls.some(([, method, args]) => method === "toast" && pattern.test(args.text));

async function throws(program, place, way, pattern) {
    const visitor = await program.visit();
    visitor.set("what", way);
    await visitor.rest();
    visitor.click(place);
    await visitor.rest();
    if (place === "page" || place === "part") await visitor.says(new RegExp(`(${pattern}); this is the last call before it ${LINE}`));
    else if (place === "resource") await visitor.says(new RegExp(`the resource could not be loaded: (${pattern})`));
    else await visitor.says(/count 0/), assert.ok(await until(() => toast(visitor, new RegExp(`${LINE}: (${pattern}); this is the last call before it`))));
    assert.equal(/The end\./.test(visitor.document.text), place !== "page", "what stands behind is shown unless the page itself threw");
    visitor.click("count");
    await visitor.says(/count 1, jobs 0, answers 0/);
    await visitor.rest();
    assert.deepEqual(visitor.refused, []);
    visitor.close();
}

async function until(look) {
    for (let i = 0; i < 1000; i++) {
        if (look()) return true;
        await new Promise((done) => setTimeout(done, 20));
    }
    return false;
}

describe("C++ exceptions", { concurrency: 3, timeout: 120_000 }, () => {
    for (const [way, pattern] of Object.entries(WORDS))
        test(`${way}: ends its own function only; a function that threw leaves no state`, async (t) => {
            const program = await crashing(t, "throws"), worker = program.pid("worker");
            for (const place of ["page", "part", "job", "done", "resource"]) await throws(program, place, way, pattern);
            assert.equal(program.pid("worker"), worker, "the worker is the same");
        });

    for (const [way, place, pattern] of [["terminate", "page", /This page crashed \(SIGABRT.*throws\.cpp:\d+/], ["segv", "job", /A function of this page crashed \(SIGSEGV/],
        ["thread", "page", /ended 3 times while this was under way, after the call at \S*throws\.cpp:\d+; the last time it died of SIGABRT/]])
        test(`${way} in a ${place}: nothing can be caught, so its process ends`, async (t) => {
            const program = await crashing(t, "throws"), visitor = await program.visit();
            visitor.set("what", way);
            await visitor.rest();
            visitor.click(place);
            await visitor.says(pattern);
            await visitor.rest();
            visitor.click("count");
            await visitor.says(/count 1/);
        });

    for (const [name, words] of [["SETUP", /\.setup of ez_main: no_city was thrown: in setup/], ["START", /\.start of ez_main: int was thrown/]])
        test(`an exception in ${name.toLowerCase()} ends the program with a message`, async () => {
            const program = new Program("tests/programs/throws", [], { env: { [`THROW_IN_${name}`]: "1" } });
            await assert.rejects(program.begin(), /ended/);
            assert.match(program.log, words);
            await program.stop();
        });
});
