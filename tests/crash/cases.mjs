// cases.mjs: what crash tests share: a program with a file in which it notes each try, and visitors that are closed in the end.
// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { existsSync, statSync } from "node:fs";
import { test } from "node:test";
import { start } from "../program.mjs";
import { Visitor } from "../storm/visitor.mjs";

export const it = (name, body) => test(name, { timeout: 60_000 }, body);

/** A program of tests/programs. tries(): how often it was about to crash. */
export async function crashing(t, name, args = [], options) {
    const program = await start(`tests/programs/${name}`, ["--set", `tries=/tmp/easel-tries-${process.pid}-${Math.random()}`, ...args], t, options);
    const file = program.args[1].slice("tries=".length);
    program.tries = () => (existsSync(file) ? statSync(file).size : 0);
    program.visit = async (path) => {
        const visitor = new Visitor(program.url, path);
        t.after(() => visitor.close());
        await visitor.open();
        await visitor.rest();
        return visitor;
    };
    return program;
}

/** Everybody else: one who counts and has typed, one whose slow run is under way at each crash. */
export async function others(program) {
    const counts = await program.visit(), slow = await program.visit();
    let counted = 0, slept = 0;
    counts.set("what", "typed before");
    await counts.rest();
    return {
        before() {
            slow.click("slow");
            slept++;
        },
        async after(words = "") {
            counts.click("count");
            counted++;
            await counts.says(new RegExp(`count ${counted}, slow 0`));
            await counts.rest();
            await slow.rest();
            await slow.says(new RegExp(`count 0, slow ${slept}`));
            for (const one of [counts, slow]) {
                assert.deepEqual(one.refused, []);
                assert.doesNotMatch(one.document.text, /crashed|ended/, `a crash is nobody else's business ${words}`);
                assert.equal(one.moved, undefined, "the session stays");
            }
        },
        async end() {
            const again = await program.visit("/");
            again.close();
            counts.click("count");
            await counts.rest();
            const text = counts.document.keyed("what");
            assert.ok(text);
        },
    };
}

