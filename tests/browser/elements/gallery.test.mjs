// gallery.test.mjs: every element as a visitor meets it: its demo in a real browser, by pointer and by keyboard.
// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { faded } from "../chromium.mjs";
import { quit, ready, repository, start, visit } from "./program.mjs";

const axe = readFileSync(createRequire(join(repository, "tests/package.json")).resolve("axe-core/axe.min.js"), "utf8");
let url;
before(async () => ({ url } = await start("gallery")));
after(quit);

const open = (t, page, options) => visit(t, url + page, options);
const field = (tab, label) => tab.getByLabel(label, { exact: true });
const says = (tab, text) => tab.getByText(text, { exact: true }).first().waitFor();
const COLOURS = ["color-contrast", "link-in-text-block"];

// ---- all of them ------------------------------------------------------------------------------------------------------

test("every page of the gallery is sound, readable by all, also in the dark and from right to left, and asks no other host", async (t) => {
    const tab = await open(t, "");
    const pages = await tab.$$eval(".ez-nav a", (all) => all.map((a) => a.href));
    assert.ok(pages.length > 30, "the navigation names the demos");
    const violations = async (runOnly) => {
        const found = await tab.evaluate((how) => globalThis.axe.run(how), { resultTypes: ["violations"], ...(runOnly && { runOnly }) });
        return found.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(" | ")}`);
    };
    for (const page of pages) {
        await t.test(new URL(page).pathname, async () => {
            await tab.goto(page);
            await ready(tab);
            assert.equal(await tab.locator("h1").count(), 1, "one h1");
            assert.equal(await tab.locator(".ez-mistake").count(), 0, "no mistake");
            const ids = await tab.$$eval("[id]", (all) => all.map((e) => e.getAttribute("id")));
            assert.deepEqual(ids.filter((id, i) => ids.indexOf(id) !== i), [], "no id twice");
            await tab.evaluate(axe);
            assert.deepEqual(await violations(), []);
            // What is no colour is the same in the dark.
            await tab.emulateMedia({ colorScheme: "dark" });
            await faded(tab);
            assert.deepEqual(await violations(COLOURS), [], "in the dark");
            await tab.evaluate(() => (document.documentElement.dir = "rtl"));
            assert.ok(await tab.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "no wider than the window when it reads from right to left");
            assert.deepEqual([tab.errors.splice(0), tab.foreign.splice(0)], [[], []]);
        });
        await tab.emulateMedia({ colorScheme: "light" });
    }
});

test("no page of the gallery is wider than a phone", async (t) => {
    const tab = await open(t, "", { viewport: { width: 360, height: 780 }, hasTouch: true, isMobile: true });
    for (const page of await tab.$$eval(".ez-nav a", (all) => all.map((a) => a.href))) {
        await tab.goto(page);
        assert.ok(await tab.evaluate(() => document.documentElement.scrollWidth <= innerWidth), page);
    }
});

// ---- inputs -------------------------------------------------------------------------------------------------------------

test("a slider shows its number while it moves and tells the page", async (t) => {
    const tab = await open(t, "slider");
    const years = field(tab, "Years");
    await years.focus();
    for (let i = 0; i < 3; i++) await tab.keyboard.press("ArrowRight");
    await says(tab, "23");
    assert.equal(await years.evaluate((e) => e.parentElement.querySelector("output").textContent), "23");
    await tab.getByText("+2071.52 €").waitFor();
    assert.equal(await field(tab, "Start").getAttribute("aria-valuetext"), "1000 €");
    assert.equal(await years.evaluate((e) => Number(e.style.getPropertyValue("--ez-at")).toFixed(3)), "0.449");
});

test("a slider keeps its number when the page is loaded again", async (t) => {
    const tab = await open(t, "int_slider");
    await field(tab, "Guests").fill("9");
    await says(tab, "Lay the table for 9. Put the potatoes on at 18:30.");
    await tab.reload();
    await ready(tab);
    assert.equal(await field(tab, "Guests").inputValue(), "9");
    await says(tab, "Lay the table for 9. Put the potatoes on at 18:30.");
});

test("a number is stepped by its buttons and arrow keys, within its bounds", async (t) => {
    const tab = await open(t, "int_input");
    const eggs = field(tab, "Eggs");
    await eggs.press("ArrowUp");
    await says(tab, "3 boxes.");
    const more = tab.locator("ez-number", { has: eggs }).getByRole("button", { name: "More" });
    await more.click();
    await says(tab, "4 boxes.");
    await eggs.fill("998");
    await eggs.press("ArrowUp");
    assert.equal(await eggs.inputValue(), "1000");
    await says(tab, "167 boxes.");
});

test("an empty number stays empty until it is given", async (t) => {
    const tab = await open(t, "number_input");
    const price = field(tab, "Price of a litre");
    assert.equal(await price.inputValue(), "");
    await price.fill("2.5");
    await price.press("Enter");
    await says(tab, "3.00 €");
    await price.fill("");
    await price.press("Tab");
    await tab.getByText("It costs").waitFor({ state: "detached" });
});

test("a number is written as its format says", async (t) => {
    const tab = await open(t, "number_input");
    const high = field(tab, "Metres high");
    await high.fill("3");
    await high.press("Tab");
    assert.equal(await high.inputValue(), "3.00");
    await says(tab, "1.4 litres");
});

test("text counts its characters, shows a password, and grows", async (t) => {
    const tab = await open(t, "text_input");
    await field(tab, "Voice").fill("Alto");
    await says(tab, "4/20");
    const secret = field(tab, "Password");
    await secret.fill("open sesame");
    await tab.getByRole("button", { name: "Show what is typed" }).click();
    assert.equal(await secret.getAttribute("type"), "text");
    const about = field(tab, "About you"), low = (await about.boundingBox()).height;
    await about.fill("one\ntwo\nthree\nfour");
    assert.ok((await about.boundingBox()).height > low * 1.5);
});

test("live text runs the page while it is typed and other text when the field is left", async (t) => {
    const tab = await open(t, "text_input");
    await field(tab, "Find a song").pressSequentially("Danny");
    await says(tab, "No song is called “Danny”.");
    await field(tab, "Name").fill("Ada");
    assert.equal(await tab.getByText("Welcome, Ada.").count(), 0);
    await field(tab, "Name").press("Tab");
    await says(tab, "Welcome, Ada.");
});

test("a box and a switch tell the page at once", async (t) => {
    const tab = await open(t, "checkbox");
    await tab.getByText("It may rain").click();
    await says(tab, "Take shoes, an umbrella, a toothbrush.");
    await tab.goto(`${url}toggle`);
    await ready(tab);
    await tab.getByRole("switch", { name: "Lamps" }).click();
    await says(tab, "360 W");
});

test("a choice is made by keyboard", async (t) => {
    const tab = await open(t, "radio");
    await field(tab, "Friday").focus();
    await tab.keyboard.press("Space");
    await says(tab, "That is 36 €.");
    await field(tab, "CircleThe best sound, 36 €").focus();
    await tab.keyboard.press("ArrowDown");
    await says(tab, "That is 14 €.");
    await tab.goto(`${url}selectbox`);
    await ready(tab);
    await field(tab, "Milk").selectOption("Oat");
    await says(tab, "Medium roast, coming up.");
});

test("a button is pressed by its keys, and a disabled one by nothing", async (t) => {
    const tab = await open(t, "button");
    await tab.keyboard.press("Control+Shift+P");
    await tab.locator(".ez-metric-value", { hasText: /^1$/ }).waitFor();
    await tab.getByRole("button", { name: "Take one back" }).click();
    await tab.locator(".ez-metric-value", { hasText: /^0$/ }).waitFor();
    assert.ok(await tab.getByRole("button", { name: "Sold out" }).isDisabled());
});

test("a clear button puts back what it names", async (t) => {
    const tab = await open(t, "clear_button");
    await field(tab, "Words").fill("lamp");
    await field(tab, "Words").press("Enter");
    await says(tab, "Looking for “lamp” since 1900.");
    await field(tab, "From year").fill("1930");
    await says(tab, "Looking for “lamp” since 1930.");
    await tab.getByRole("button", { name: "Clear" }).click();
    await says(tab, "Everything since 1900.");
    assert.equal(await field(tab, "Words").inputValue(), "");
    assert.equal(await field(tab, "From year").inputValue(), "1900");
});

test("a form keeps its values until it is sent, and says below a field why not", async (t) => {
    const tab = await open(t, "form");
    await tab.getByRole("button", { name: "Book" }).click();
    const name = field(tab, "Name");
    assert.ok(await name.evaluate((e) => e === document.activeElement && e.ariaInvalid === "true"));
    assert.notEqual(await name.evaluate((e) => document.getElementById(`${e.id.slice(0, 11)}-e`).textContent), "");
    await name.fill("Ada");
    assert.equal(await name.evaluate((e) => document.getElementById(`${e.id.slice(0, 11)}-e`).textContent), "");
    await field(tab, "Guests").fill("12");
    await name.press("Enter");
    await says(tab, "For more than eight, please call us.");
    await ready(tab);
    await field(tab, "Guests").fill("4");
    await tab.getByRole("button", { name: "Book" }).click();
    await says(tab, "A table for 4 inside, Ada.");
});

// ---- layout, status ----------------------------------------------------------------------------------------------------

test("tabs are chosen by pointer and arrow keys, one at a time", async (t) => {
    const tab = await open(t, "tabs");
    await tab.getByRole("tab", { name: "Week" }).click();
    await tab.getByText("Rain on Monday").waitFor();
    assert.equal(await tab.getByText("14 mm").isVisible(), false);
    await tab.keyboard.press("ArrowRight");
    assert.equal(await tab.getByRole("tab", { name: "About" }).getAttribute("aria-selected"), "true");
    await tab.keyboard.press("Home");
    await tab.getByText("14 mm").waitFor();
    assert.equal(await tab.getByRole("tabpanel").count(), 1);
});

test("a lazy tab is made when it is chosen, and stays chosen", async (t) => {
    const tab = await open(t, "tab");
    await tab.getByRole("tab", { name: "Slow" }).click();
    await says(tab, "This one was made because you chose it; it was made 1 times.");
    await tab.reload();
    await ready(tab);
    assert.equal(await tab.getByRole("tab", { name: "Slow" }).getAttribute("aria-selected"), "true");
});

test("an expander opens without the server, a lazy one with it", async (t) => {
    const tab = await open(t, "expander");
    await tab.getByText("May I bring a dog?").click();
    await says(tab, "Yes, on a lead.");
    await tab.getByText("Something slow").click();
    await says(tab, "Made only when you opened it.");
});

test("a dialog asks, closes by Escape and by its own buttons", async (t) => {
    const tab = await open(t, "dialog");
    await tab.getByRole("button", { name: "Burn one…" }).click();
    const dialog = tab.getByRole("dialog", { name: "Burn a letter?" });
    await dialog.getByText("This cannot be undone.").waitFor();
    const box = await dialog.boundingBox();
    assert.ok(Math.abs(box.x + box.width / 2 - 550) < 20 && box.y > 100, "it stands in the middle");
    await tab.keyboard.press("Escape");
    await dialog.waitFor({ state: "hidden" });
    await tab.getByRole("button", { name: "Burn one…" }).click();
    await dialog.getByRole("button", { name: "Burn it" }).click();
    await dialog.waitFor({ state: "hidden" });
    await tab.locator(".ez-metric-value", { hasText: /^11$/ }).waitFor();
    await tab.getByText("Gone.").first().waitFor();
});

test("a spinner is seen while the run goes on, and not after", async (t) => {
    const tab = await open(t, "spinner");
    await tab.getByRole("button", { name: "Cook for three seconds" }).click();
    await tab.getByText("Cooking the beans…").waitFor();
    await says(tab, "Dinner is ready.");
    assert.equal(await tab.getByText("Cooking the beans…").count(), 0);
});

test("progress grows while the run goes on", async (t) => {
    const tab = await open(t, "progress");
    await tab.getByRole("button", { name: "Watch it grow" }).click();
    await tab.getByText(/^Board [1-9] of 20$/).waitFor();
    await says(tab, "Board 20 of 20");
});

test("the page's title and width follow the page", async (t) => {
    const tab = await open(t, "page_config");
    assert.equal(await tab.title(), "Atlas");
    const narrow = (await tab.locator("main").boundingBox()).width;
    await tab.getByRole("switch", { name: "Wide layout" }).click();
    await tab.waitForFunction((w) => document.querySelector("main").getBoundingClientRect().width > w, narrow);
    await field(tab, "Title of the browser's tab").fill("Maps");
    await field(tab, "Title of the browser's tab").press("Enter");
    await tab.waitForFunction(() => document.title === "Maps");
});
