// events.test.mjs: what the visitor does becomes the events that docs/wire.md names.
// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { area, box, button, id, main, open, paragraph, quit, text, until } from "./harness.mjs";

after(quit);
const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const field = (name) => `#${id(name)}-c`;

test("text leaves at Enter and on leaving the field, not while it is typed", async (t) => {
    const { fake, tab } = await open(t, { main: text("a") + text("b") });
    await tab.click(field("a"));
    await tab.keyboard.type("one");
    await pause(100);
    assert.equal(fake.events().length, 0);
    await tab.keyboard.press("Enter");
    assert.deepEqual((await fake.next()).v, [[id("a"), "one", 3]]);
    await tab.keyboard.type("!");
    await tab.click(field("b"));
    assert.deepEqual((await fake.next()).v, [[id("a"), "one!", 4]]);
    await tab.keyboard.press("Tab");
    await pause(100);
    assert.equal(fake.events().length, 2, "a field that was only visited says nothing");
});

test("live text is sent while it is typed", async (t) => {
    const { fake, tab } = await open(t, { main: text("a", "", " data-ez-live") });
    await tab.click(field("a"));
    await tab.keyboard.type("ab");
    assert.deepEqual((await fake.next()).v, [[id("a"), "a", 1]]);
    assert.deepEqual((await fake.next()).v, [[id("a"), "ab", 2]]);
});

test("a text area keeps Enter, and sends its value at Ctrl+Enter", async (t) => {
    const { fake, tab } = await open(t, { main: area("a") });
    await tab.click("textarea");
    await tab.keyboard.type("x");
    await tab.keyboard.press("Enter");
    await tab.keyboard.type("y");
    await tab.keyboard.press("Control+Enter");
    assert.deepEqual((await fake.next()).v, [[id("a"), "x\ny", 3]]);
});

test("numbers, boxes, choices and sliders are sent at each change, in their own types", async (t) => {
    const control = (name, html) => `<div id="${id(name)}"><label>${name} ${html}</label></div>`;
    const { fake, tab } = await open(t, {
        main: control("num", '<input type="number" data-ez-value="number" value="1">') + control("int", '<input type="number" data-ez-value="int" value="1">') +
            control("bool", '<input type="checkbox" data-ez-value="bool">') + control("sel", '<select data-ez-value="choice"><option value="">Choose</option><option value="tea">tea</option><option value="water">water</option></select>') +
            `<div id="${id("rad")}" role="radiogroup" data-ez-value="choice"><label><input type="radio" name="r" value="left">left</label><label><input type="radio" name="r" value="right">right</label></div>` +
            control("rng", '<input type="range" min="0" max="10" step="0.5" data-ez-value="number" value="5">'),
    });
    const sent = async () => (await fake.next()).v;
    await tab.fill("#num________ input", "2.5");
    await tab.keyboard.press("Tab");
    assert.deepEqual(await sent(), [[id("num"), 2.5, 1]]);
    await tab.fill("#num________ input", "");
    await tab.keyboard.press("Tab");
    assert.deepEqual(await sent(), [[id("num"), null, 2]]);
    await tab.fill("#int________ input", "7");
    await tab.keyboard.press("Tab");
    assert.deepEqual(await sent(), [[id("int"), 7, 1]]);
    await tab.check("[type=checkbox]");
    assert.deepEqual(await sent(), [[id("bool"), true, 1]]);
    await tab.selectOption("select", "water");
    assert.deepEqual(await sent(), [[id("sel"), "water", 1]]);
    await tab.selectOption("select", "");
    assert.deepEqual(await sent(), [[id("sel"), null, 2]]);
    await tab.check("[value=right]");
    assert.deepEqual(await sent(), [[id("rad"), "right", 1]]);
    await tab.focus("[type=range]");
    await tab.keyboard.press("ArrowRight");
    assert.deepEqual(await sent(), [[id("rng"), 5.5, 1]]);
});

test("a custom element is a control by its value property, or by setValue", async (t) => {
    const { fake, tab } = await open(t, { main: `<ez-stars id="${id("s")}" data-ez-value="number"></ez-stars>` });
    await tab.evaluate((s) => {
        customElements.define("ez-stars", class extends HTMLElement { value = 0; connectedMoveCallback() {} });
        const stars = document.getElementById(s);
        stars.value = 3;
        core.easel.setValue(stars, 3);
    }, id("s"));
    assert.deepEqual((await fake.next()).v, [[id("s"), 3, 1]]);
    fake.frame(["v", id("s"), 5, 1]);
    await until(tab, (s) => document.getElementById(s).value === 5, id("s"));
    assert.equal(await tab.evaluate((s) => core.easel.trigger(document.getElementById(s), "pick", { at: 2 }), id("s")), true);
    assert.deepEqual((await fake.next()).x, [id("s"), "pick", { at: 2 }]);
});

test("Enter in a text control that submits is a trigger with the text", async (t) => {
    const { fake, tab } = await open(t, { main: text("a", "", " data-ez-submit") });
    await tab.click(field("a"));
    await tab.keyboard.type("hi");
    await tab.keyboard.press("Enter");
    assert.deepEqual(await fake.next(), { t: "e", n: 1, f: 0, v: [[id("a"), "hi", 2]], x: [id("a"), "submit", "hi"] });
    assert.equal(await tab.inputValue(field("a")), "hi");
    await pause(100);
    assert.equal(fake.events().length, 1, "the change event of the same Enter is no second one");
});

const chat = `<div id="${id("c")}"><textarea aria-label="Say" data-ez-submit data-ez-clear></textarea><button type="button" data-ez-submit>Send</button></div>`;

test("a chat input sends at Enter and by its button, is emptied at once, and Shift+Enter is a new line", async (t) => {
    const { fake, tab } = await open(t, { bottom: chat });
    fake.auto.ack = false;
    await tab.click("textarea");
    await tab.keyboard.press("Enter");
    await tab.keyboard.type("one");
    await tab.keyboard.press("Shift+Enter");
    await tab.keyboard.type("two");
    await tab.keyboard.press("Enter");
    assert.deepEqual(await fake.next(), { t: "e", n: 1, f: 0, x: [id("c"), "submit", "one\ntwo"] });
    assert.equal(await tab.inputValue("textarea"), "");
    await tab.keyboard.type("three");
    await tab.click("button:text('Send')");
    assert.deepEqual((await fake.next()).x, [id("c"), "submit", "three"]);
    assert.ok(await tab.evaluate(() => true));
});

test("a refused message comes back into the chat input, unless something else stands there", async (t) => {
    const { fake, tab } = await open(t, { bottom: chat });
    fake.auto.ack = false;
    await tab.fill("textarea", "long story");
    await tab.keyboard.press("Enter");
    await fake.next();
    fake.say({ no: [1, "The queue is full."] });
    await until(tab, () => document.querySelector("textarea").value === "long story");
});

test("half a message in a chat input is no value, and survives a reload", async (t) => {
    const { fake, tab } = await open(t, { main: button("go"), bottom: chat });
    await tab.fill("textarea", "half a");
    await tab.click("[data-ez-trigger]");
    assert.equal((await fake.next()).v, undefined);
    await tab.reload();
    await fake.hello();
    assert.equal(await tab.inputValue("textarea"), "half a");
});

const form = (inside, more = "") => `<form id="${id("f")}" data-ez-form${more} data-ez-place="${id("f")}">${inside}<button id="${id("save")}" type="submit" data-ez-submit>Save</button></form>`;

test("values in a form leave only with its submit", async (t) => {
    const { fake, tab } = await open(t, { main: form(text("a") + text("b")) + button("go") + text("out") });
    await tab.fill(field("a"), "in form");
    await tab.fill(field("out"), "outside");
    await tab.click("[data-ez-trigger]");
    const events = [await fake.next()];
    if (!events[0].x) events.push(await fake.next());
    assert.deepEqual(events.flatMap((e) => e.v ?? []), [[id("out"), "outside", 1]]);
    await tab.click("text=Save");
    assert.deepEqual((({ v, x }) => ({ v, x }))(await fake.next()), { v: [[id("a"), "in form", 1]], x: [id("f"), "submit", id("save")] });
    await tab.click(field("b"));
    await tab.keyboard.type("z");
    await tab.keyboard.press("Enter");
    assert.deepEqual((({ v, x }) => ({ v, x }))(await fake.next()), { v: [[id("b"), "z", 1]], x: [id("f"), "submit", id("save")] });
});

test("a form whose controls are not valid does not leave", async (t) => {
    const { fake, tab } = await open(t, { main: form(text("a", "", " required")) });
    await tab.click("text=Save");
    await pause(150);
    assert.equal(fake.events().length, 0);
    await tab.fill(field("a"), "ok");
    await tab.click("text=Save");
    assert.deepEqual((await fake.next()).x, [id("f"), "submit", id("save")]);
});

test("a form that clears does so after its submit is settled, but not what was typed since", async (t) => {
    const { fake, tab } = await open(t, { main: form(text("a", "first") + text("b"), " data-ez-clear") });
    fake.auto.ack = false;
    await tab.fill(field("a"), "sent");
    await tab.fill(field("b"), "sent, too");
    await tab.click("text=Save");
    await fake.next();
    assert.equal(await tab.inputValue(field("a")), "sent");
    await tab.fill(field("b"), "typed since");
    fake.say({ a: 1 });
    await until(tab, (f) => document.querySelector(f).value === "first", field("a"));
    assert.equal(await tab.inputValue(field("b")), "typed since");
});

test("opening an expander travels with the next event; a lazy one tells at once", async (t) => {
    const fold = (name, more = "") => `<details id="${id(name)}" data-ez-value="open"${more}><summary>${name}</summary><div data-ez-place="${id(name)}"></div></details>`;
    const { fake, tab } = await open(t, { main: fold("plain") + fold("was", " open") + fold("lazy", " data-ez-run") + button("go") });
    await tab.click("summary:text('plain')");
    await pause(100);
    assert.equal(fake.events().length, 0);
    await tab.click("[data-ez-trigger]");
    assert.deepEqual((await fake.next()).v, [[id("plain"), true, 1]]);
    await tab.click("summary:text('lazy')");
    assert.deepEqual(await fake.next(), { t: "e", n: 2, f: 0, v: [[id("lazy"), true, 1]] });
    await tab.click("summary:text('was')");
    await tab.click("[data-ez-trigger]");
    assert.deepEqual((await fake.next()).v, [[id("was"), false, 1]]);
});

test("a button that opens a dialog does so in the browser, and says it", async (t) => {
    const { fake, tab } = await open(t, { main: button("go", "Open", ` data-ez-opens="${id("d")}"`), over: `<dialog id="${id("d")}" data-ez-value="open" data-ez-run><p>Sure?</p><form method="dialog"><button>Close</button></form></dialog>` });
    fake.auto.ack = false;
    await tab.click("text=Open");
    assert.ok(await tab.evaluate(() => document.querySelector("dialog").matches(":modal")));
    assert.deepEqual(await fake.next(), { t: "e", n: 1, f: 0, v: [[id("d"), true, 1]], x: [id("go"), "click", null] });
    await tab.click("text=Close");
    assert.deepEqual((await fake.next()).v, [[id("d"), false, 2]]);
});

test("shortcuts press their buttons, but letters alone never while somebody types", async (t) => {
    const { fake, tab } = await open(t, { main: button("save", "Save", ' data-ez-shortcut="ctrl+s"') + button("next", "Next", ' data-ez-shortcut="n"') + text("a") });
    await tab.keyboard.press("Control+s");
    assert.deepEqual((await fake.next()).x, [id("save"), "click", null]);
    await tab.keyboard.press("n");
    assert.deepEqual((await fake.next()).x, [id("next"), "click", null]);
    await tab.click(field("a"));
    await tab.keyboard.type("n");
    await tab.keyboard.press("Control+s");
    const event = await fake.next();
    assert.deepEqual([event.v, event.x], [[[id("a"), "n", 1]], [id("save"), "click", null]]);
    assert.equal(fake.events().length, 3);
});

test("a button is pressed at once, busy after a moment with the same size, and stays usable", async (t) => {
    const { fake, tab } = await open(t, { main: button("go") });
    fake.auto.ack = false;
    const size = () => tab.evaluate(() => JSON.stringify(document.querySelector("[data-ez-trigger]").getBoundingClientRect()));
    const before = await size();
    assert.equal(await tab.evaluate(() => { const b = document.querySelector("[data-ez-trigger]"); b.click(); return b.dataset.state + b.ariaBusy; }), "pressednull");
    await tab.waitForSelector("[data-ez-trigger][data-state=busy][aria-busy=true]");
    assert.equal(await size(), before);
    fake.frame(["p", id("go"), button("go", "Again")]);
    await tab.waitForSelector("[data-ez-trigger][data-state=busy]:has-text('Again')");
    await tab.click("[data-ez-trigger]");
    await fake.next();
    assert.equal((await fake.next()).n, 2);
    fake.say({ a: 1 });
    await pause(50);
    assert.equal(await tab.getAttribute("[data-ez-trigger]", "data-state"), "busy");
    fake.say({ a: 2 });
    await tab.waitForSelector("[data-ez-trigger]:not([data-state]):not([aria-busy])");
});

test("a disabled button and one that only looks so send nothing", async (t) => {
    const { fake, tab } = await open(t, { main: button("a", "a", " disabled") + button("b", "b", ' aria-disabled="true"') });
    await tab.evaluate(() => document.querySelectorAll("[data-ez-trigger]").forEach((b) => b.click()));
    await pause(150);
    assert.equal(fake.events().length, 0);
});

test("signals carry no values", async (t) => {
    const { fake, tab } = await open(t, { main: text("a") });
    await tab.click(field("a"));
    await tab.keyboard.type("x");
    await tab.evaluate((a) => core.easel.signal(document.getElementById(a), "copy", 1), id("a"));
    assert.deepEqual(await fake.next((m) => m.t === "s"), { t: "s", n: 1, f: 0, x: [id("a"), "copy", 1] });
});

test("a control that goes and comes back is as the server printed it, and every choice counts from there", async (t) => {
    const boxed = (more = "") => `<div id="${id("c")}"><label>c <input type="checkbox" data-ez-value="bool"${more}></label></div>`;
    const { fake, tab } = await open(t, { main: boxed() });
    await tab.check("[type=checkbox]");
    assert.deepEqual((await fake.next()).v, [[id("c"), true, 1]]);
    fake.frame(["k", main, 0, 1, []]);
    fake.frame(["p", id("c"), boxed()], ["k", main, 0, 0, [id("c")]]);
    await until(tab, () => document.querySelector("[type=checkbox]")?.checked === false);
    await tab.check("[type=checkbox]");
    assert.deepEqual((await fake.next()).v, [[id("c"), true, 2]]);
});

test("what was done and not sent comes back with a control that was gone for a moment", async (t) => {
    const fold = `<details id="${id("a")}" data-ez-value="open"><summary>a</summary><div data-ez-place="${id("a")}"></div></details>`;
    const { fake, tab } = await open(t, { main: fold + button("go") });
    await tab.click("summary");
    fake.frame(["k", main, 0, 1, []]);
    await tab.waitForSelector("summary", { state: "detached" });
    fake.frame(["p", id("a"), fold], ["k", main, 0, 0, [id("a")]]);
    await tab.waitForSelector("details[open]");
    await tab.click("[data-ez-trigger]");
    assert.deepEqual((await fake.next()).v, [[id("a"), true, 1]]);
});

test("start over forgets what was typed and not sent", async (t) => {
    const { fake, tab } = await open(t, { main: text("a"), bottom: chat });
    await tab.click(field("a"));
    await tab.keyboard.type("x");
    await tab.fill("textarea", "y");
    await tab.evaluate(() => document.querySelector("[data-ez-page=startover]").click());
    await fake.next((m) => m.t === "s");
    fake.say({ hi: { session: "second", epoch: 1, frame: 0, new: true } });
    fake.say({ f: 0, whole: 1, o: [["p", id("a"), text("a")], ["k", main, 0, 1000000, [id("a")]], ["v", id("a"), "", 0]] });
    await until(tab, (f) => document.querySelector(f).value === "", field("a"));
    assert.equal(await tab.inputValue("textarea"), "");
});

test("half of a character that a field holds is sent as the sign for what is no character", async (t) => {
    const { fake, tab } = await open(t, { main: text("a") });
    await tab.$eval(field("a"), (e) => ((e.value = "a\ud83d|\ud83d\ude00|\ude00"), e.dispatchEvent(new Event("input", { bubbles: true }))));
    await tab.press(field("a"), "Enter");
    assert.equal((await fake.next()).v[0][1], "a\ufffd|\ud83d\ude00|\ufffd");
});

test("what is too much for one message is told, and the line goes on", async (t) => {
    const { fake, tab } = await open(t, { main: area("a") + button("go", "Go") });
    const enter = (words) => tab.$eval("textarea", (e, words) => ((e.value = words), e.dispatchEvent(new Event("input", { bubbles: true }))), words);
    await enter("€".repeat(400_000));
    await tab.press("textarea", "Control+Enter");
    await tab.locator(".ez-toast-text", { hasText: "too much to send at once" }).waitFor();
    assert.equal(fake.events().length, 0);
    await enter("short");
    await tab.press("textarea", "Control+Enter");
    const event = await fake.next();
    assert.deepEqual([event.n, event.v[0][1]], [1, "short"]);
});
