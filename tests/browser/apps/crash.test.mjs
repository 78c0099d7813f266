// crash.test.mjs: a worker that crashes or is killed under its pages: they come back by themselves, and nothing is lost or doubled.
// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { both, field, it, press, says, settled, start, until, visit } from "./harness.mjs";

/** Budget: pages resume within a second. A busy test machine gets more. */
const SOON = 4000;

both("a page that crashes says signal and line, keeps its state, and leaves other visitors alone", async (t, way) => {
    const program = await start("examples/crash", [], t);
    const other = await visit(t, program, { way, breaks: true });
    const tab = await visit(t, program, { way, breaks: true });
    await press(other, "Count");
    await says(other, "count 1");
    await press(tab, "Count");
    await press(tab, "Count");
    await says(tab, "count 2");
    await settled(tab);

    const began = Date.now();
    await press(tab, "Crash");
    await says(tab, /SIGSEGV.*examples\/crash\.c:12\b/);
    assert.ok(Date.now() - began < SOON, `back after ${Date.now() - began} ms`);
    await program.said(/died of signal 11/);
    await press(tab, "Count");
    await says(tab, "count 3");
    await press(other, "Count");
    await says(other, "count 2");
    assert.equal(await other.getByText(/SIGSEGV/).count(), 0, "a crash is nobody else's business");

    await press(tab, "Crash");
    await says(tab, /SIGSEGV/);
    await tab.reload();
    await says(tab, "count 3");
    await press(tab, "Count");
    await says(tab, "count 4");
});

it("the card of a crash shows the source from the last call on, in the light and the dark, and a narrow page scrolls it", async (t) => {
    const program = await start("examples/crash", [], t);
    for (const options of [{ colorScheme: "light" }, { colorScheme: "dark", viewport: { width: 340, height: 700 } }]) {
        const tab = await visit(t, program, { breaks: true, ...options });
        await press(tab, "Crash");
        const source = tab.locator(".ez-mistake > pre");
        await source.waitFor();
        assert.equal(await source.textContent(), '12 | if (ez_button(ui, "Crash")) {\n13 |     volatile int *nowhere = NULL;\n14 |     *nowhere = 1;');
        const wide = await tab.evaluate(() => document.documentElement.scrollWidth <= innerWidth);
        assert.ok(wide, "the page itself does not scroll sideways");
        const [text, ground] = await source.evaluate((el) => [getComputedStyle(el).color, getComputedStyle(document.body).backgroundColor]);
        assert.notEqual(text, ground);
        if (process.env.PICTURES) await tab.screenshot({ path: `${process.env.PICTURES}/crash-${options.colorScheme}.png` });
    }
});

it("who is not to see details sees no source either", async (t) => {
    const program = await start("examples/crash", ["--show-error-details", "no"], t);
    const tab = await visit(t, program, { breaks: true });
    await press(tab, "Crash");
    await says(tab, /This page failed\. .*Error [0-9A-F]{4}-/);
    assert.equal(await tab.locator(".ez-mistake > pre").count(), 0);
});

both("kill -9 of the worker: the page connects again, its values and what is being typed stay", async (t, way) => {
    const program = await start("examples/page50", [], t);
    const tab = await visit(t, program, { way, breaks: true });
    await field(tab, "Check 2").check();
    await field(tab, "Field 1").fill("sent");
    await field(tab, "Value").fill("70");
    await press(tab, "Count");
    await says(tab, "count 1");
    await settled(tab);
    await field(tab, "Field 3").fill("half a sen");
    await program.kill("worker");
    await tab.keyboard.type("tence");
    await press(tab, "Count");
    await says(tab, "count 2");
    assert.equal(await field(tab, "Field 3").inputValue(), "half a sentence");
    await settled(tab);
    await tab.reload();
    await says(tab, "count 2");
    assert.deepEqual(await Promise.all([field(tab, "Field 1"), field(tab, "Field 3"), field(tab, "Value")].map((f) => f.inputValue())), ["sent", "half a sentence", "70"]);
    assert.equal(await field(tab, "Check 2").isChecked(), true);
    await says(tab, "Paragraph 14 with bold text and a link.");
});

both("clicks around kill -9 are neither lost nor doubled", async (t, way) => {
    const program = await start("examples/counter", [], t);
    const tab = await visit(t, program, { way, breaks: true });
    const clicking = tab.getByRole("button", { name: "Count" }).evaluate(async (b) => {
        for (let i = 0; i < 60; i++) {
            b.click();
            await new Promise((done) => setTimeout(done, 25));
        }
    });
    for (const some of ["10", "30"]) {
        await tab.waitForFunction((n) => Number(/count (\d+)/.exec(document.body.innerText)?.[1]) >= Number(n), some);
        await program.kill("worker");
    }
    await clicking;
    await says(tab, "count 60");
    await settled(tab);
    await tab.reload();
    await says(tab, "count 60");
});

it("while the program is away the page says so, counts what waits, and does it afterwards", async (t) => {
    const program = await start("examples/page50", [], t);
    const tab = await visit(t, program, { breaks: true });
    await press(tab, "Count");
    await says(tab, "count 1");
    await settled(tab);
    program.child.kill("SIGKILL");
    await says(tab, /^Not connected\. Trying again…/);
    await press(tab, "Count");
    await field(tab, "Field 5").fill("typed meanwhile");
    await press(tab, "Count");
    await says(tab, /2 actions wait\./);
    await until(() => !program.pid("worker"), "the end of the worker");
    await program.begin();
    await says(tab, "count 3");
    await tab.locator("#ez-status").waitFor({ state: "hidden" });
    await settled(tab);
    await tab.reload();
    assert.equal(await field(tab, "Field 5").inputValue(), "typed meanwhile");
});
