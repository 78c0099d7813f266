// jobs.test.mjs: the table of jobs: live, filtered, cancelled and called again from, for everybody and for oneself.
// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tmpdir } from "node:os";
import { after, before, test } from "node:test";
import { quit, start, visit } from "../../../tests/browser/elements/program.mjs";

/** Rows change once a second, on a machine that may be busy. */
const patient = async (t, at) => ((tab) => (tab.setDefaultTimeout(20_000), tab))(await visit(t, at));

let url, folder;
before(async () => {
    ({ url } = await start("tests/programs/queued"));
    folder = mkdtempSync(join(tmpdir(), "easel-jobs-"));
});
after(async () => {
    await quit();
    rmSync(folder, { recursive: true, force: true });
});

const call = async (name, inputs) =>
    (await fetch(`${url}api/${name}`, { method: "POST", headers: { Prefer: "respond-async" }, body: JSON.stringify(inputs) })).json();
const rows = (tab, ...words) => words.reduce((found, hasText) => found.filter({ hasText }), tab.locator(".ez-jobs-row"));
const choose = (tab, label, option) => tab.getByLabel(label, { exact: true }).selectOption(option);

test("who runs the program sees calls wait, run and end, cancels one and calls one again", async (t) => {
    const tab = await patient(t, `${url}all`), door = join(folder, "door"), log = join(folder, "log");
    await tab.getByText("There are no jobs.").waitFor();
    await call("once", { log, name: "first", until: door });
    await call("once", { log, name: "second", until: door });
    await rows(tab, "once", "Runs", "half way").waitFor();
    await rows(tab, "once", "Waits", "number 1").waitFor();
    await rows(tab, "Waits").getByRole("button", { name: "Cancel: once" }).click();
    await rows(tab, "Cancelled").waitFor();
    writeFileSync(door, "");
    await rows(tab, "Done").waitFor();
    await rows(tab, "Done").getByRole("button", { name: "Run again: once" }).click();
    await tab.waitForFunction(() => [...document.querySelectorAll(".ez-jobs-row")].filter((r) => r.textContent.includes("Done")).length === 2);
    await call("flaky", { name: "no", times: 9 });
    await rows(tab, "Failed", "no has failed 4 of 9 times").waitFor();
    await choose(tab, "State", "Failed");
    await tab.waitForFunction(() => document.querySelectorAll(".ez-jobs-row").length === 1);
    await choose(tab, "State", "Any state");
    await choose(tab, "Function", "once");
    await tab.waitForFunction(() => document.querySelectorAll(".ez-jobs-row").length === 3);
    assert.deepEqual(tab.errors, []);
});

test("a visitor sees the calls of his own browser, and nobody else's", async (t) => {
    const tab = await patient(t, url), other = await patient(t, url);
    const ask = (from, name) => from.evaluate((name) => fetch(`api/${name}`, { method: "POST", headers: { Prefer: "respond-async", "Content-Type": "application/json" }, body: "{}" }), name);
    await ask(tab, "nap");
    await rows(tab, "nap", "Done").waitFor();
    await ask(other, "count");
    await rows(other, "count", "Done").waitFor();
    assert.deepEqual([await rows(tab).count(), await rows(other).count()], [1, 1]);
});

test("jobs of a page's events stand in their visitor's table, wait as their function says, and are cancelled there", async (t) => {
    const tab = await patient(t, url), shut = tab.getByRole("button", { name: "Shut the gate" });
    await shut.click();
    await rows(tab, "gate", "Runs").waitFor();
    await shut.click();
    await rows(tab, "gate", "Waits", "number 1").waitFor();
    await rows(tab, "Waits").getByRole("button", { name: "Cancel: gate" }).click();
    await rows(tab, "Waits").waitFor({ state: "detached" });
    await rows(tab, "Runs").getByRole("button", { name: "Cancel: gate" }).click();
    await tab.getByText("There are no jobs.").waitFor();
    assert.deepEqual(tab.errors, []);
});
