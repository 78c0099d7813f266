// diff.test.mjs: what C writes and what the browser's part makes of it: on thousands of random pages and growing texts.
// SPDX-License-Identifier: Apache-2.0
//
// The cases come from tests/programs/diff_cases.c, so both sides are the real ones. EASEL_SEED repeats a run.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { after, test } from "node:test";
import { open, quit, repository } from "./core/harness.mjs";

after(quit);

const program = join(process.env.EASEL_BUILD ?? join(repository, "build"), "tests/programs/diff_cases");
const seed = process.env.EASEL_SEED ?? String(Date.now());

function cases(kind, count) {
    return execFileSync(program, [kind, seed, String(count)], { encoding: "utf8", maxBuffer: 1 << 28 }).trim().split("\n").map((line) => JSON.parse(line));
}

/** In the page: applies each case and compares each place of the root; gives what went wrong, or the number of cases. */
function applyPages(all) {
    const places = ["", ".1", ".2", ".3"].map((slot) => document.querySelector(`[data-ez-place="ez_________${slot}"]`));
    const plain = (e) => e.innerHTML.replace(/<(\w+)((?: [\w-]+="[^"]*")*)>/g, (_, tag, more) => `<${tag}${more.match(/ [\w-]+="[^"]*"/g)?.sort().join("") ?? ""}>`);
    for (const place of places) place.replaceChildren();
    for (const [i, { ops, want }] of all.entries()) {
        try {
            // Values of these nodes have no control to show them.
            core.applyFrame(ops.filter((op) => op[0] !== "v"));
        } catch (error) {
            return { i, error: String(error), ops: JSON.stringify(ops) };
        }
        for (const [slot, place] of places.entries()) {
            const expected = document.createElement("div");
            expected.innerHTML = want[slot];
            if (plain(expected) !== plain(place)) return { i, slot, expected: plain(expected), actual: plain(place), ops: JSON.stringify(ops) };
        }
    }
    return all.length;
}

function applyStreams(all) {
    const main = "ez_________", id = "growing____";
    const inside = () => document.querySelector(`[id="${id}"] [data-ez-end]`).innerHTML;
    let steps = [];
    for (const [i, { op, keep, text, want }] of all.entries()) {
        if (op === "new") {
            steps = [];
            core.applyFrame([["k", main, 0, 1000000, []]]);
            core.applyFrame([["p", id, `<div id="${id}"><div class="ez-prose" data-ez-end></div><p>foot</p></div>`], ["k", main, 0, 0, [id]]]);
            continue;
        }
        steps.push([op, keep, text]);
        if (op === "t") core.applyFrame([["t", id, text]]);
        if (op === "l") core.applyFrame([["l", id, keep, text]]);
        const expected = document.createElement("div");
        expected.innerHTML = want;
        if (expected.innerHTML !== inside()) return { i, expected: expected.innerHTML, actual: inside(), steps: JSON.stringify(steps.slice(-4)) };
    }
    return all.length;
}

const page = { main: "", side: "", bottom: "", over: "" };

test(`the browser makes every page out of the one before it (seed ${seed})`, async (t) => {
    const { tab, errors } = await open(t, page);
    const all = cases("pages", 4000);
    assert.deepEqual(await tab.evaluate(applyPages, all), all.length);
    assert.deepEqual(errors, []);
});

test(`a text that grows is at each moment what it would be printed as (seed ${seed})`, async (t) => {
    const { tab, errors } = await open(t, page);
    const all = cases("streams", 700);
    assert.ok(all.filter((c) => c.op === "t").length > 300 && all.filter((c) => c.op === "l").length > 1000);
    assert.deepEqual(await tab.evaluate(applyStreams, all), all.length);
    // Pictures that are not there, and nothing else.
    assert.deepEqual(errors.filter((e) => !/404|Failed to load/.test(e)), []);
});
