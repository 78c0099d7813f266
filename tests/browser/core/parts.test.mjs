// parts.test.mjs: a page loads the styles and scripts of the elements that it shows, and of those that come later.
// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { quit, start, visit } from "../elements/program.mjs";

after(quit);

const sheets = (tab) => tab.evaluate(() => [...document.styleSheets].map((s) => s.href.split("/").at(-1)).filter((name) => name.startsWith("sheet-")));
/** Whether any sheet of the page speaks of a class. */
const styled = (tab, name) => tab.evaluate((name) => {
    const speaks = (rules) => [...rules].some((r) => r.selectorText?.includes(name) || (r.cssRules && speaks(r.cssRules)));
    return [...document.styleSheets].some((s) => speaks(s.cssRules));
}, name);

test("the printed page has one file with the sheets of its elements, and no others", async (t) => {
    const program = await start("examples/hello");
    t.after(() => program.stop());
    const asked = [];
    const tab = await visit(t, program.url);
    tab.on("request", (r) => asked.push(r.url()));
    await tab.reload();
    await tab.waitForSelector("html[data-ez=ready]", { state: "attached" });
    assert.equal((await sheets(tab)).length, 1);
    for (const name of [".ez-slider", ".ez-metric", ".ez-number-input", ".ez-row"]) assert.ok(await styled(tab, name), name);
    for (const name of [".ez-dialog", ".ez-chat-text", ".ez-button-label", ".ez-toast-text", ".ez-nav a"]) assert.ok(!(await styled(tab, name)), name);
    assert.ok(asked.some((url) => /part-input-/.test(url)));
    assert.ok(!asked.some((url) => /applier-|part-(chat|layout|tabs)/.test(url)), asked.join(" "));
    assert.ok(await tab.evaluate(() => Boolean(customElements.get("ez-slider") && !customElements.get("ez-tabs"))));
});

test("an element that a frame brings has its look from its first moment", async (t) => {
    const program = await start("examples/crash");
    t.after(() => program.stop());
    const tab = await visit(t, program.url);
    assert.ok(!(await styled(tab, ".ez-mistake")));
    const first = tab.evaluate(() => new Promise((done) => {
        new MutationObserver(() => {
            const card = document.querySelector(".ez-mistake");
            if (card) done(getComputedStyle(card).display);
        }).observe(document.body, { subtree: true, childList: true });
    }));
    await tab.getByRole("button", { name: "Crash" }).click();
    assert.equal(await first, "flex");
    assert.equal((await sheets(tab)).length, 2);
});

test("only selections of this build's sheets have an address", async (t) => {
    const program = await start("examples/hello");
    t.after(() => program.stop());
    const tab = await visit(t, program.url), [name] = await sheets(tab), set = name.split("-")[1];
    const get = async (file) => {
        const answer = await fetch(`${program.url}_easel/a/${file}`);
        return [answer.status, (await answer.text()).length, answer.headers.get("cache-control")];
    };
    const [status, all, cache] = await get(`sheet-${set}-${"f".repeat(64)}.css`);
    assert.equal(status, 200);
    assert.match(cache, /immutable/);
    const [, some] = await get(name);
    assert.ok(some > 0 && some < all);
    assert.equal((await get(`sheet-${set}-0.css`))[1], 0);
    for (const file of [`sheet-${set}-.css`, `sheet-${set}-1`, `sheet-${set}-G.css`, `sheet-${set}-${"f".repeat(65)}.css`, "sheet-00000000-1.css", `sheet-${set}1.css`]) {
        assert.equal((await get(file))[0], 404, file);
    }
});
