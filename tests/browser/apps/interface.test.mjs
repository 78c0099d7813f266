// interface.test.mjs: pages that functions make of themselves: the examples calculator and count, in a browser and by their address.
// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { before } from "node:test";
import { both, field, it, press, says, settled, start, until, visit } from "./harness.mjs";

const at = {};
before(async () => {
    await Promise.all(["calculator", "count"].map(async (name) => (at[name] = await start(`examples/${name}`))));
});

const output = (tab, name) => tab.getByRole("group", { name, exact: true }).locator(".ez-interface-value");
const shows = (tab, name, words) => output(tab, name).filter({ hasText: words }).waitFor();
const call = (program, name, body) => fetch(new URL(`api/${name}`, program.url), { method: "POST", body: JSON.stringify(body) });

both("calculator: what is typed is computed, by the button and by keyboard", async (t, way) => {
    const tab = await visit(t, at.calculator, { way });
    await field(tab, "Number").fill("4");
    await field(tab, "And").fill("4");
    await press(tab, "Submit");
    await shows(tab, "Result", /^8$/);
    await tab.getByLabel("subtract").check();
    await press(tab, "Submit");
    await shows(tab, "Result", /^0$/);
    await press(tab, "Clear");
    await until(async () => (await field(tab, "Number").inputValue()) === "0" && (await output(tab, "Result").textContent()) === "", "all is as at first");
});

it("calculator: an example fills the inputs and shows its result, each in its row", async (t) => {
    const tab = await visit(t, at.calculator);
    await tab.getByRole("row", { name: /144/ }).getByRole("button").focus();
    await tab.keyboard.press("Enter");
    await shows(tab, "Result", /^360$/);
    assert.equal(await field(tab, "Number").inputValue(), "144");
    assert.ok(await tab.getByLabel("multiply").isChecked());
    await tab.getByRole("cell", { name: "1.2" }).click({ force: true });         // the row's button lies above it
    await shows(tab, "Result", /^-1.2$/);
});

it("calculator: a failure is told, and the next call is as good as any", async (t) => {
    const tab = await visit(t, at.calculator);
    await tab.getByLabel("divide").check();
    await press(tab, "Submit");
    await tab.getByText("Cannot divide by zero!").first().waitFor();
    await field(tab, "And").fill("4");
    await field(tab, "Number").fill("1");
    await press(tab, "Submit");
    await shows(tab, "Result", /^0.25$/);
});

it("calculator: the address that the page names answers", async (t) => {
    const tab = await visit(t, at.calculator);
    await says(tab, "POST /api/calculator");
    assert.deepEqual(await (await call(at.calculator, "calculator", { num1: 7, operation: "multiply", num2: 6 })).json(), { result: 42 });
    const refused = await call(at.calculator, "calculator", { num1: 7, operation: "root", num2: 6 });
    assert.equal(refused.status, 422);
    const href = await tab.getByRole("link", { name: "OpenAPI" }).evaluate((a) => a.href);
    assert.ok("/api/calculator" in (await (await fetch(href)).json()).paths);
});

both("count: numbers come one after the other, and Stop ends them", async (t, way) => {
    const tab = await visit(t, at.count, { way });
    const stop = tab.getByRole("button", { name: "Stop", exact: true }).and(tab.locator(".ez-key-interface-stop"));
    assert.equal(await stop.isVisible(), false);
    await field(tab, "Count to").fill("100");
    await press(tab, "Count");
    await shows(tab, "So far", /^1 2 3/);
    await stop.click();
    await settled(tab);
    await stop.waitFor({ state: "hidden" });
    const words = await output(tab, "So far").textContent();
    assert.match(words, /^1 2 3/);
    assert.ok(words.split(" ").length < 100, words);
});

it("count: a caller gets each number when it is there", async () => {
    const answer = await fetch(new URL("api/count", at.count.url), { method: "POST", headers: { Accept: "text/event-stream" }, body: JSON.stringify({ n: 3, pause: 0.05 }) });
    const events = (await answer.text()).split("\n\n").filter(Boolean).map((e) => e.match(/^event: (\w+)\ndata: (.*)$/s)?.slice(1));
    const numbers = events.filter((e) => e?.[0] === "output").map((e) => JSON.parse(e[1]).number);
    assert.deepEqual(numbers, [1, 2, 3]);
    assert.deepEqual(JSON.parse(events.at(-1)[1]), { number: 3, so_far: "1 2 3" });
});
