// bench_report.test.mjs: the report of a comparison, as a page of its own and as an app that follows a run.
// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { build, need, says, start, visit } from "./harness.mjs";

const axe = readFileSync(need.resolve("axe-core/axe.min.js"), "utf8");
const source = process.env.EASEL_SOURCE ?? join(build, "..");

/** Pictures are drawn and a whole report is checked: longer than a page. */
const it = (name, body) => test(name, { timeout: 120_000 }, body);

/** A run of three contestants, one of which failed once, and its report. */
function run(t, samples = 20) {
    const results = mkdtempSync(join(tmpdir(), "easel-results-")), folder = join(results, "2026-01-02");
    t.after(() => rmSync(results, { recursive: true, force: true }));
    mkdirSync(join(folder, "logs"), { recursive: true });
    const who = { easel: "Easel", streamlit: "Streamlit", gradio: "Gradio" }, each = (f) => Object.fromEntries(Object.keys(who).map((n) => [n, f(n)]));
    writeFileSync(join(folder, "run.json"), JSON.stringify({
        began: "2026-01-02T03:04:05", settings: { threads: 1, model: "m.gguf" }, titles: who, systems: each((n) => n), versions: each(() => "1.2.3"), configured: each(() => "as it comes"),
        hardware: { cpu: "A processor", cores: 2, memory_gb: 8, kernel: "6.1", governor: "performance", load_1min: 0.1, commit: "abc" },
    }));
    const rows = [];
    for (let turn = -2; turn < samples; turn++)
        Object.keys(who).forEach((contestant, i) => rows.push({ measure: "cold", contestant, turn, values: { first: [300, 3700, 4500][i] + turn, usable: [100, 1900, 4200][i] + turn }, at: "2026" }));
    rows.push({ measure: "cold", contestant: "gradio", turn: 5, failed: "the page had no answer within 60 s", log: "", at: "2026" });
    writeFileSync(join(folder, "samples.jsonl"), rows.map((r) => `${JSON.stringify(r)}\n`).join(""));
    writeFileSync(join(folder, "progress.json"), '{"done": 12, "tasks": 48, "measure": "cold", "contestant": "Gradio", "seconds": 60.0, "left": 7300.5, "failures": 1}\n');
    execFileSync(join(source, ".cache/venv/bin/python"), [join(source, "bench/compare"), "--report", folder]);
    return { results, folder };
}

async function accessible(page) {
    await page.evaluate(axe);
    const found = await page.evaluate(() => globalThis.axe.run());
    assert.deepEqual(found.violations.map((v) => `${v.id}: ${v.nodes[0].html}`), []);
}

it("the report names figures, failures and where others are better, and everybody can read it", async (t) => {
    const { folder } = run(t), program = await start("examples/counter", [], t);
    const summary = JSON.parse(readFileSync(join(folder, "summary.json"), "utf8"));
    assert.equal(summary.easel.sample_size, 18, "20 samples, one left out at each end, none of the warm-up");
    assert.equal(Math.round(summary.streamlit.improvement_percent), 92);
    assert.deepEqual(Object.keys(summary.improvement_percent), ["streamlit", "gradio"]);
    for (const colorScheme of ["light", "dark"]) {
        const page = await visit(t, program, { colorScheme, breaks: true });
        await page.goto(`file://${join(folder, "report.html")}`);
        await says(page, /Nowhere in what was measured here/);
        await says(page, /the page had no answer within 60 s/);
        assert.equal(await page.locator("img").count(), 2);
        await accessible(page);
    }
});

it("the app follows a run while it goes on", async (t) => {
    const { results, folder } = run(t), program = await start("examples/bench_report", ["--set", `results=${results}`], t);
    const page = await visit(t, program);
    await says(page, /12 of 48, 2\.0 hours left/);
    await says(page, /Once a contestant/);
    const space = await page.evaluate(() => {
        const [upper, lower] = [...document.querySelector(".ez-fragment").children].slice(0, 2).map((e) => e.getBoundingClientRect());
        return lower.top - upper.bottom;
    });
    assert.equal(space, 16, "what a fragment shows stands as far apart as elsewhere");
    await says(page, /launch → first token seen/);
    await accessible(page);
    writeFileSync(join(folder, "progress.json"), '{"done": 47, "tasks": 48, "left": null, "failures": 0}\n');
    await says(page, /^47 of 48$/);
    writeFileSync(join(folder, "progress.json"), '{"done": 48, "tasks": 48, "left": 0, "failures": 0}\n');
    await page.locator(".ez-progress").waitFor({ state: "detached" });
});

it("the app says what to do when there is no run", async (t) => {
    const program = await start("examples/bench_report", ["--set", "results=/nowhere"], t);
    await says(await visit(t, program), /Begin one with easel bench --quick/);
});
