// pages.test.mjs: the small examples in a browser, on both ways to the server: what they show, and what a visitor can do.
// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { before } from "node:test";
import { both, field, it, press, says, settled, start, until, visit, visitor } from "./harness.mjs";

const at = {};
before(async () => {
    const names = ["hello", "counter", "echo", "greet", "state", "layout", "page50"];
    await Promise.all(names.map(async (name) => (at[name] = await start(`examples/${name}`))));
});

// ---- hello ----------------------------------------------------------------------------------------------------------------

both("hello: a slider and a number change the metric", async (t, way) => {
    const tab = await visit(t, at.hello, { way });
    assert.equal(await tab.title(), "hello");
    assert.equal(await tab.locator("h1").innerText(), "Compound interest");
    const value = tab.locator(".ez-metric-value");
    assert.equal(await value.innerText(), "2.65 ×");
    await field(tab, "Years").fill("30");
    await field(tab, "Years").press("Enter");
    await says(tab, "4.32 ×");
    await field(tab, "Rate, % a year").focus();
    await tab.keyboard.press("End");
    await says(tab, "29.96 ×");
});

it("hello: the first response is readable before any script has run", async (t) => {
    const { context, url } = await visitor(t, at.hello, { javaScriptEnabled: false });
    const tab = await context.newPage();
    await tab.goto(url());
    assert.equal(await tab.locator("h1").innerText(), "Compound interest");
    assert.equal(await tab.locator(".ez-metric-value").innerText(), "2.65 ×");
});

// ---- counter --------------------------------------------------------------------------------------------------------------

both("counter: counts, also after a reload", async (t, way) => {
    const tab = await visit(t, at.counter, { way });
    await says(tab, "count 0");
    for (let n = 1; n <= 3; n++) {
        await press(tab, "Count");
        await says(tab, `count ${n}`);
    }
    await tab.reload();
    await says(tab, "count 3");
    await press(tab, "Count");
    await says(tab, "count 4");
});

both("counter: quick clicks are all counted", async (t, way) => {
    const tab = await visit(t, at.counter, { way });
    await tab.getByRole("button", { name: "Count" }).evaluate((b) => {
        for (let i = 0; i < 20; i++) b.click();
    });
    await says(tab, "count 20");
});

both("counter: a second tab is independent", async (t, way) => {
    const who = await visitor(t, at.counter, { way });
    const one = await who.tab();
    await press(one, "Count");
    await says(one, "count 1");
    const two = await who.tab();
    await says(two, "count 0");
    await press(two, "Count");
    await press(two, "Count");
    await says(two, "count 2");
    await press(one, "Count");
    await says(one, "count 2");
    await one.reload();
    await says(one, "count 2");
    await press(two, "Count");
    await says(two, "count 3");
});

both("counter: a duplicated tab gets a session of its own", async (t, way) => {
    const who = await visitor(t, at.counter, { way });
    const one = await who.tab();
    await press(one, "Count");
    await says(one, "count 1");
    // A window that a page opens begins with a copy of its sessionStorage, as a duplicated tab does.
    const [two] = await Promise.all([who.context.waitForEvent("page"), one.evaluate(() => void window.open(location.href))]);
    await says(two, "count 0");
    await press(two, "Count");
    await press(two, "Count");
    await says(two, "count 2");
    await press(one, "Count");
    await says(one, "count 2");
    await press(one, "Count");
    await says(one, "count 3");
    await says(two, "count 2");
});

both("counter: a reopened tab remembers", async (t, way) => {
    const who = await visitor(t, at.counter, { way });
    const one = await who.tab();
    await press(one, "Count");
    await press(one, "Count");
    await says(one, "count 2");
    await one.close();
    // The server hears of the closed line a moment later; until then the new tab would be a second one.
    await until(async () => {
        const tab = await who.tab();
        if (await tab.getByText("count 2", { exact: true }).count()) return true;
        await tab.close();
    }, "the session of the closed tab");
});

both("counter: start over begins a new session", async (t, way) => {
    const tab = await visit(t, at.counter, { way });
    await press(tab, "Count");
    await says(tab, "count 1");
    await press(tab, "Page menu");
    await press(tab, "Start over");
    await says(tab, "count 0");
    await press(tab, "Count");
    await says(tab, "count 1");
    await tab.reload();
    await says(tab, "count 1");
});

it("counter: a session survives the end of the program", async (t) => {
    const program = await start("examples/counter", [], t);
    const tab = await visit(t, program, { breaks: true });
    await press(tab, "Count");
    await says(tab, "count 1");
    await settled(tab);
    const args = program.port;
    program.child.kill("SIGTERM");
    await until(() => program.child.exitCode !== null, "the end of the program");
    assert.equal(program.child.exitCode, 0);
    await program.begin();
    assert.equal(program.port, args);
    await press(tab, "Count");
    await says(tab, "count 2");
});

// ---- echo, greet ----------------------------------------------------------------------------------------------------------

both("echo: what is typed comes back, at Enter and on leaving the field", async (t, way) => {
    const tab = await visit(t, at.echo, { way });
    await says(tab, "echo");
    await field(tab, "Text").fill("größer < 😀 & \"so\"");
    await field(tab, "Text").press("Enter");
    await says(tab, "echo größer < 😀 & \"so\"");
    await field(tab, "Text").fill("left");
    await field(tab, "Text").press("Tab");
    await says(tab, "echo left");
    await tab.reload();
    await says(tab, "echo left");
    assert.equal(await field(tab, "Text").inputValue(), "left");
});

both("greet: a bound function reads two fields and fills a third", async (t, way) => {
    const tab = await visit(t, at.greet, { way });
    await field(tab, "Name").fill("Ada");
    await field(tab, "Times").fill("3");
    await press(tab, "Greet");
    await tab.waitForFunction(() => [...document.querySelectorAll("input")].some((i) => i.value === "Hello Ada, 3 times!"));
    assert.equal(await field(tab, "Greeting").inputValue(), "Hello Ada, 3 times!");
    assert.equal(await field(tab, "Greeting").isDisabled(), true);
    await tab.reload();
    assert.equal(await field(tab, "Greeting").inputValue(), "Hello Ada, 3 times!");
});

// ---- state, layout --------------------------------------------------------------------------------------------------------

both("state: a game is won, remembered, and begun again", async (t, way) => {
    const tab = await visit(t, at.state, { way });
    const guess = async (n) => {
        await field(tab, "From 1 to 100").fill(String(n));
        await press(tab, "Guess");
    };
    await guess(20);
    await says(tab, "20 is too low. 1 guess so far.");
    await guess(60);
    await says(tab, "60 is too high. 2 guesses so far.");
    await tab.reload();
    await says(tab, "60 is too high. 2 guesses so far.");
    await guess(42);
    await says(tab, "42 is right, after 3 guesses.");
    assert.equal(await tab.getByRole("button", { name: "Guess", exact: true }).isDisabled(), true);
    assert.equal(await tab.locator(".ez-metric-value").innerText(), "3");
    await press(tab, "Another game");
    await tab.getByText("42 is right, after 3 guesses.").waitFor({ state: "detached" });
    assert.equal(await tab.locator(".ez-metric-value").innerText(), "3");
    await guess(42);
    await says(tab, "42 is right, after 1 guess.");
    assert.equal(await tab.locator(".ez-metric-value").innerText(), "1");
});

both("layout: sidebar, columns, tabs, form and expander", async (t, way) => {
    const tab = await visit(t, at.layout, { way });
    assert.equal(await tab.title(), "Layout");
    const metrics = () => tab.locator(".ez-metric-value").allInnerTexts();
    assert.deepEqual(await metrics(), ["3", "2", "330 €"]);
    const nights = tab.locator("aside").getByLabel("Nights", { exact: true });
    await nights.focus();
    await tab.keyboard.press("ArrowRight");
    await says(tab, "440 €");
    assert.deepEqual(await metrics(), ["4", "2", "440 €"]);
    await tab.getByLabel("Breakfast").uncheck();
    await says(tab, "Without breakfast.");
    await field(tab, "Children").fill("1");
    await field(tab, "Children").press("Enter");
    await says(tab, "540 €");
    await tab.getByRole("tab", { name: "Wishes" }).click();
    await field(tab, "Room").selectOption("Lamp");
    await field(tab, "Anything else?").fill("A view");
    await press(tab, "Send");
    await says(tab, "We read it and write back.");
    await tab.getByRole("tab", { name: "House" }).click();
    await tab.getByText("How do I get there?").click();
    await says(tab, "By boat, twice a day, when the sea allows it.");
    await tab.getByRole("tab", { name: "Guests" }).click();
    assert.equal(await field(tab, "Children").inputValue(), "1");
});

// ---- page50 ---------------------------------------------------------------------------------------------------------------

both("page50: fifty elements with the very words that outside measurements look for", async (t, way) => {
    const tab = await visit(t, at.page50, { way });
    const ten = Array.from({ length: 10 }, (_, i) => i);
    assert.equal(await tab.locator("h1").innerText(), "Fifty elements");
    await says(tab, "count 0");
    const slider = field(tab, "Value");
    assert.deepEqual(await slider.evaluate((e) => [e.type, e.min, e.max, e.value]), ["range", "0", "100", "50"]);
    const paragraphs = tab.locator("p").filter({ hasText: /^Paragraph / });
    assert.deepEqual(await paragraphs.allInnerTexts(), Array.from({ length: 15 }, (_, i) => `Paragraph ${i} with bold text and a link.`));
    assert.deepEqual(await paragraphs.locator("strong").allInnerTexts(), Array(15).fill("bold"));
    assert.deepEqual(await paragraphs.locator("a").evaluateAll((all) => all.map((a) => [a.innerText, a.getAttribute("href")])), Array(15).fill(["link", "https://example.org"]));
    for (const i of ten) {
        assert.equal(await field(tab, `Field ${i}`).inputValue(), `value ${i}`);
        assert.equal(await field(tab, `Check ${i}`).isChecked(), false);
    }
    assert.deepEqual(await tab.locator(".ez-metric-label").allInnerTexts(), ten.map((i) => `Metric ${i}`));
    assert.deepEqual(await tab.locator(".ez-metric-value").allInnerTexts(), ten.map(String));
    await field(tab, "Field 7").fill("typed");
    await field(tab, "Check 3").check();
    await press(tab, "Count");
    await says(tab, "count 1");
    await tab.reload();
    await says(tab, "count 1");
    assert.equal(await field(tab, "Field 7").inputValue(), "typed");
    assert.equal(await field(tab, "Check 3").isChecked(), true);
});
