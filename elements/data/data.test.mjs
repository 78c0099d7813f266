// data.test.mjs: what a visitor does with data: folds and copies a tree, sorts and copies a table.
// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { quit, start, visit } from "../../tests/browser/elements/program.mjs";

let url;
before(async () => ({ url } = await start("gallery")));
after(quit);

/** A page of the gallery whose clipboard can be read. */
async function open(t, page) {
    const tab = await visit(t, url + page);
    await tab.evaluate(() => (navigator.clipboard.writeText = (text) => ((window.copied = text), Promise.resolve())));
    return tab;
}

test("a tree of JSON folds by keyboard and is copied whole", async (t) => {
    const tab = await open(t, "json");
    const wind = tab.locator("summary", { hasText: '"wind"' }).first();
    await tab.getByText('"metres": 14.2,').waitFor();
    await wind.focus();
    await tab.keyboard.press("Enter");
    await tab.getByText('"metres": 14.2,').waitFor({ state: "hidden" });
    await tab.getByRole("button", { name: "Copy" }).click();
    await tab.getByRole("button", { name: "Copied" }).waitFor();
    const copied = await tab.evaluate(() => window.copied);
    assert.deepEqual(JSON.parse(copied).wind, { from: "SW", metres: 14.2, gusts: [19, 21.5, 18] });
    assert.ok(copied.includes('\n  "station": "Utsira"'), "with line breaks");
});

test("what is folded stays folded when the text changes, and a mistake names its byte", async (t) => {
    const tab = await open(t, "json");
    await tab.getByText("it goes wrong at byte 19, line 1.").waitFor();
    const text = tab.getByLabel("JSON", { exact: true }).and(tab.locator("textarea"));
    await text.fill('{"a": {"b": 1}}');
    await text.press("Tab");
    const a = tab.locator("summary", { hasText: '"a"' });
    await a.click();
    await tab.getByText('"b": 1').waitFor({ state: "hidden" });
    await text.fill('{"a": {"b": 2}}');
    await text.press("Tab");
    await tab.waitForFunction(() => document.body.textContent.includes('"b": 2'));
    assert.equal(await tab.getByText('"b": 2').isVisible(), false);
});

test("a head sorts rows up, down, and as they were", async (t) => {
    const tab = await open(t, "dataframe");
    const table = tab.getByRole("table").first(), head = table.getByRole("columnheader", { name: "Height" });
    const names = () => table.locator("tbody tr td:first-child").allTextContents();
    const printed = await names();
    await head.getByRole("button").focus();
    await tab.keyboard.press("Enter");
    assert.equal(await head.getAttribute("aria-sort"), "ascending");
    assert.deepEqual(await names(), ["Roter Sand", "Pharos of Lindau", "Eddystone", "Slettnes", "Skerryvore"]);
    await tab.keyboard.press("Enter");
    assert.equal((await names())[0], "Skerryvore");
    await tab.keyboard.press("Enter");
    assert.equal(await head.getAttribute("aria-sort"), "none");
    assert.deepEqual(await names(), printed);
    await table.getByRole("button", { name: "Painted" }).click();
    assert.equal((await names()).at(-1), "Roter Sand", "who has no date comes last");
});

test("a table is copied for a spreadsheet, in the order shown", async (t) => {
    const tab = await open(t, "dataframe");
    const second = tab.locator("ez-dataframe").nth(1);
    await second.getByRole("button", { name: "Flashes" }).click();
    await second.getByRole("button", { name: "Copy the table" }).click();
    await tab.waitForFunction(() => window.copied);
    assert.equal(await tab.evaluate(() => window.copied), "Signal\tFlashes\tMeaning\nGreen\t1\tThe channel\nWhite\t3\tKeep to the north\nRed\t12\tShallow water");
});
