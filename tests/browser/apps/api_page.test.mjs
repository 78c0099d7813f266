// api_page.test.mjs: the page at /api: functions to be tried, and lines to be copied that work.
// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { after, before, test } from "node:test";
import { quit, ready, start, visit } from "../elements/program.mjs";

let url;
before(async () => ({ url } = await start("tests/programs/functions")));
after(quit);

test("every function stands there, and can be tried where its names allow it", async (t) => {
    const tab = await visit(t, `${url}api`);
    assert.deepEqual(await tab.locator("main summary code").allTextContents(), ["calculate", "repeat", "tell", "count", "crash", "day"].map((n) => `POST /api/${n}`));
    await tab.locator("summary", { hasText: "calculate" }).click();
    await tab.getByLabel("A", { exact: true }).fill("20");
    await tab.getByLabel("A", { exact: true }).press("Tab");
    await tab.getByRole("button", { name: "Try it" }).first().click();
    await tab.getByRole("group", { name: "Result" }).getByText("21").waitFor();
    await tab.locator("summary", { hasText: "repeat" }).click();
    assert.equal(await tab.locator("details", { hasText: "/api/repeat" }).getByRole("button", { name: "Try it" }).count(), 0, "its inputs and outputs have the same names");
    assert.deepEqual(tab.errors, []);
});

test("the line for curl can be copied and works", async (t) => {
    const tab = await visit(t, `${url}api`);
    await tab.locator("summary", { hasText: "calculate" }).click();
    const line = await tab.locator("details", { hasText: "/api/calculate" }).locator("code", { hasText: "curl http" }).textContent();
    assert.deepEqual(JSON.parse(execFileSync("sh", ["-c", line.replace("curl ", "curl -sS ")], { encoding: "utf8" })), { result: 1 });
});

test("addresses below it are still those of functions", async (t) => {
    const tab = await visit(t, `${url}api`);
    await ready(tab);
    assert.equal((await fetch(`${url}api/openapi.json`)).headers.get("content-type"), "application/json");
    assert.equal((await fetch(`${url}api/nothing`)).status, 404);
    assert.equal((await fetch(`${url}api`, { method: "POST" })).status, 405);
});

test("where a key is required the page says so, and nobody calls without one by it", async (t) => {
    const closed = await start("tests/programs/functions", "--require-key"), tab = await visit(t, `${closed.url}api`);
    await tab.getByText("All of it needs a key").waitFor();
    for (const line of await tab.locator("summary").all()) await line.click();
    assert.equal(await tab.getByRole("button", { name: "Try it" }).count(), 0);
    const code = tab.locator("details", { hasText: "/api/calculate" }).locator("code");
    for (const [language, words] of [["curl", "Authorization: Bearer KEY"], ["Python", '"Authorization": "Bearer KEY"'], ["JavaScript", 'Authorization: "Bearer KEY"'], ["C", "CURLOPT_HTTPHEADER"], ["Gradio client", 'token="KEY"']])
        assert.equal(await code.filter({ hasText: words }).count() > 0, true, language);
    assert.deepEqual(tab.errors, []);
});
