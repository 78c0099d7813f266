// batch.test.mjs: the example whose function does the work of many calls in one run.
// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Program } from "../program.mjs";
import { Functions } from "./functions.mjs";

const WORDS = ["definitely", "defiantly", "indefinitely", "accommodate", "accommodation", "rhythm", "harbor", "lighthouse", "compass", "anchor", "don't", "rudder", "sail"];
let program, call, problem;
before(async () => {
    program = new Program("examples/batch", []);
    const list = join(program.data, "words");
    writeFileSync(list, [...WORDS, ...Array.from({ length: 3000 }, (_, i) => `zq${i.toString(26)}x`)].join("\n"));
    program.args = ["--set", `words=${list}`];
    await program.begin();
    ({ call, problem } = new Functions(program));
});
after(() => program.stop());

const alike = async (word) => (await (await call("alike", { word })).json()).alike.split(", ");

test("the nearest words are found, those that are not spelled right too", async () => {
    assert.deepEqual((await alike("Harbor"))[0], "harbor");
    assert.deepEqual((await alike("definately"))[0], "definitely");
    assert.deepEqual((await alike("accomodate")).slice(0, 2).sort(), ["accommodate", "accommodation"]);
    assert.equal((await alike("dont")).includes("don't"), false);
});

test("calls that come together are fewer runs, and each has its own answer", async () => {
    const asked = Array.from({ length: 6 }, () => WORDS.filter((w) => !w.includes("'"))).flat();
    const said = await Promise.all(asked.map(async (word) => (await call("alike", { word })).json()));
    assert.deepEqual(said.map((s) => s.alike.split(", ")[0]), asked);
    assert.ok(said.every((s) => s.together >= 1 && s.together <= 8));
    const runs = said.reduce((sum, s) => sum + 1 / s.together, 0);
    assert.ok(Math.abs(runs - Math.round(runs)) < 1e-9, "each run says to all of its calls how many they are");
    assert.ok(runs < asked.length / 2, `${asked.length} calls were ${runs} runs`);
});

test("a call without a word fails alone", async () => {
    const [empty, whole] = await Promise.all([call("alike", { word: "" }), call("alike", { word: "anchor" })]);
    await problem(empty, 500, /Say a word/);
    assert.match((await whole.json()).alike, /^anchor/);
});

test("without a list of words every call is told what to do", async () => {
    const bare = await new Program("examples/batch", ["--set", "words=/nowhere/words"]).begin();
    try {
        await problem(await new Functions(bare).call("alike", { word: "anchor" }), 500, /no words in \/nowhere\/words; install a list/);
    } finally {
        await bare.stop();
    }
});
