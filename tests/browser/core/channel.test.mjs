// channel.test.mjs: events reach the server once and in order, over every kind of line and every loss.
// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { area, button, Fake, id, main, open, paragraph, quit, text, until } from "./harness.mjs";

after(quit);
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

test("the page says hello with what it shows and a click arrives as a trigger", async (t) => {
    const { fake, tab, errors } = await open(t, { main: button("go", "Go") });
    const hello = fake.received[0];
    assert.deepEqual(hello, { t: "hello", view: "view1", session: "session1", epoch: 1, frame: 0, build: "b1", path: "/", n: 0 });
    await tab.click("text=Go");
    assert.deepEqual(await fake.next(), { t: "e", n: 1, f: 0, x: [id("go"), "click", null] });
    fake.frame(["p", id("new"), paragraph("new", "hello")], ["k", main, 1, 0, [id("new")]]);
    await tab.waitForSelector("text=hello");
    assert.deepEqual(errors, []);
});

test("hello names the path of the page and its query", async (t) => {
    const { fake } = await open(t, { main: "" }, { path: "about?x=1#part" });
    assert.equal(fake.received[0].path, "/about?x=1");
});

test("an event says the last frame that was applied when it was made", async (t) => {
    const { fake, tab } = await open(t, { main: button("go") });
    fake.say({ f: 41, o: [["p", id("new"), paragraph("new")], ["k", main, 1, 0, [id("new")]]] });
    await tab.waitForSelector("p");
    await tab.click("[data-ez-trigger]");
    assert.equal((await fake.next()).f, 41);
});

test("clicks made without a line are counted, kept, and sent once in their order", async (t) => {
    const { fake, tab } = await open(t, { main: button("a") + button("b") });
    await fake.stop();
    for (const name of ["a", "b", "a"]) await tab.click(`button:text-is("${name}")`);
    await tab.waitForSelector("#ez-status:not([hidden])");
    assert.match(await tab.textContent("#ez-status"), /Not connected.*3 actions wait/);
    await fake.start();
    for (const name of ["a", "b", "a"]) assert.equal((await fake.next()).x[0], id(name));
    await tab.waitForSelector("#ez-status", { state: "hidden" });
    await pause(300);
    assert.deepEqual(fake.events().map((e) => e.n), [1, 2, 3]);
});

test("an event without acknowledgement is sent again with its number, and an acknowledged one never", async (t) => {
    const { fake, tab } = await open(t, { main: button("a") });
    await tab.click("[data-ez-trigger]");
    await fake.next();
    await until(tab, () => !sessionStorage["ez:q"]);
    fake.auto.ack = false;
    await tab.click("[data-ez-trigger]");
    const first = await fake.next();
    fake.line.close();
    const hello = await fake.hello();
    assert.equal(hello.n, 2);
    assert.deepEqual(await fake.next(), first);
    fake.say({ a: 2 });
    await until(tab, () => !sessionStorage["ez:q"]);
    fake.line.close();
    await fake.hello();
    await pause(200);
    assert.equal(fake.events().length, 3);
});

test("what was not acknowledged before a reload goes on under its old view", async (t) => {
    const { fake, tab } = await open(t, { main: button("a") });
    fake.auto.ack = false;
    await tab.click("[data-ez-trigger]");
    await fake.next();
    await tab.reload();
    await fake.hello();
    assert.deepEqual(await fake.next(), { t: "e", n: 1, f: 0, x: [id("a"), "click", null], of: "view1" });
    fake.say({ a: 1 });
    await pause(100);
    assert.ok(await tab.evaluate(() => sessionStorage["ez:q"]), "an acknowledgement of the new view does not settle the old one's event");
    fake.say({ a: 1, of: "view1" });
    await until(tab, () => !sessionStorage["ez:q"]);
});

test("only one event with values alone is under way, and newer values merge", async (t) => {
    const { fake, tab } = await open(t, { main: text("a") + text("b") });
    fake.auto.ack = false;
    for (const [name, value] of [["a", "one"], ["b", "two"], ["a", "three"]]) {
        await tab.fill(`#${id(name)}-c`, value);
        await tab.keyboard.press("Tab");
    }
    assert.deepEqual((await fake.next()).v, [[id("a"), "one", 1]]);
    await pause(150);
    assert.equal(fake.events().length, 1);
    fake.say({ a: 1 });
    const second = await fake.next();
    assert.deepEqual(new Map(second.v.map((v) => [v[0], v.slice(1)])), new Map([[id("b"), ["two", 1]], [id("a"), ["three", 2]]]));
    assert.equal(second.x, undefined);
});

test("a click never outruns the text typed before it", async (t) => {
    const { fake, tab } = await open(t, { main: text("a") + button("go") });
    await tab.click(`#${id("a")}-c`);
    await tab.keyboard.type("abc");
    // Without leaving the field: a shortcut or a script may press the button.
    await tab.evaluate(() => document.querySelector("[data-ez-trigger]").click());
    assert.deepEqual(await fake.next(), { t: "e", n: 1, f: 0, v: [[id("a"), "abc", 3]], x: [id("go"), "click", null] });
});

test("a message in parts is applied as one, whatever characters the cut lies between", async (t) => {
    const { fake, tab } = await open(t, { main: "" });
    fake.say({ f: 1, o: [["p", id("p"), paragraph("p", "plus + 🙂 ünï + end")], ["k", main, 0, 0, [id("p")]]] }, 7);
    await tab.waitForSelector("p");
    assert.equal(await tab.textContent("p"), "plus + 🙂 ünï + end");
});

test("without a WebSocket the page works over Server-Sent Events with one POST at a time", async (t) => {
    const { fake, tab, errors } = await open(t, { main: button("go") }, { server: { noSocket: true } });
    assert.equal(fake.line.kind, "sse");
    for (let i = 0; i < 5; i++) await tab.click("[data-ez-trigger]");
    for (let i = 1; i <= 5; i++) assert.equal((await fake.next()).n, i);
    assert.equal(fake.mostPosts, 1);
    fake.frame(["p", id("p"), paragraph("p")], ["k", main, 1, 0, [id("p")]]);
    await tab.waitForSelector("p");
    assert.deepEqual(errors, []);
});

test("?ez=sse asks for Server-Sent Events", async (t) => {
    const { fake } = await open(t, { main: "" }, { path: "?ez=sse" });
    assert.equal(fake.lines[0].kind, "sse");
});

test("the kind of line changes in the middle of a session and nothing is lost or doubled", async (t) => {
    const { fake, tab } = await open(t, { main: button("go") });
    await tab.click("[data-ez-trigger]");
    await fake.next();
    fake.options.noSocket = true;
    fake.line.close();
    await tab.click("[data-ez-trigger]");
    assert.equal((await fake.next()).n, 2);
    assert.equal(fake.line.kind, "sse");
    fake.options.noSocket = false;
    await pause(100);
    assert.deepEqual(fake.events().map((e) => e.n), [1, 2]);
});

test("a frame that is not newer than the shown one is left out", async (t) => {
    const { fake, tab } = await open(t, { main: paragraph("p", "") });
    fake.say({ f: 1, o: [["t", id("p"), "a"]] });
    fake.say({ f: 1, o: [["t", id("p"), "a"]] });
    fake.say({ f: 2, o: [["t", id("p"), "b"]] });
    await until(tab, () => document.querySelector("p").textContent.includes("b"));
    assert.equal(await tab.textContent("p"), "ab");
});

test("an operation that fails asks for the whole page once, and then loads the page again", async (t) => {
    const { fake, tab } = await open(t, { main: paragraph("p", "old") });
    fake.frame(["t", id("nobody"), "x"]);
    const hello = await fake.hello();
    assert.equal(hello.frame, -1);
    fake.frame(["p", id("p"), paragraph("p", "whole")], ["k", main, 0, 1000000, [id("p")]]);
    await tab.waitForSelector("text=whole");
    fake.frame(["t", id("nobody"), "x"]);
    assert.equal((await fake.hello()).view, "view2");
    assert.equal(fake.views, 2);
});

test("reload keeps what was typed and not sent, and never goes in a circle", async (t) => {
    const { fake, tab } = await open(t, { main: area("note") + button("go") });
    await tab.click("textarea");
    await tab.keyboard.type("half a thought");
    fake.say({ reload: true });
    await fake.hello();
    assert.equal(await tab.inputValue("textarea"), "half a thought");
    fake.say({ reload: true });
    await tab.waitForSelector("#ez-status:not([hidden])");
    assert.match(await tab.textContent("#ez-status"), /out of date/);
    assert.equal(fake.views, 2);
    await tab.click("[data-ez-trigger]");
    assert.deepEqual((await fake.next()).v, [[id("note"), "half a thought", 1]]);
});

test("the tab's session wins over the printed one, and asks for its whole page", async (t) => {
    const { fake, tab } = await open(t, (n) => ({ main: "", boot: { session: n ? "other" : "session1" } }));
    await tab.reload();
    const hello = await fake.hello();
    assert.equal(hello.session, "session1");
    assert.equal(hello.frame, -1);
    assert.match(fake.cookies, /ez-tab=session1/);
});

test("a duplicated tab takes the new session that the server names, and leaves the old events behind", async (t) => {
    const { fake, tab } = await open(t, { main: button("go") });
    fake.auto.ack = false;
    await tab.click("[data-ez-trigger]");
    await fake.next();
    fake.auto.hi = false;
    await tab.reload();
    await fake.hello();
    fake.say({ hi: { session: "fresh", epoch: 1, frame: 0, new: true } });
    await until(tab, () => sessionStorage["ez:s"] === "fresh");
    await tab.click("[data-ez-trigger]");
    const event = await fake.next();
    assert.equal(event.of, undefined);
    assert.equal(fake.events().filter((e) => e.of).length, 0);
    fake.auto.hi = true;
    fake.line.close();
    assert.equal((await fake.hello()).session, "fresh");
});

test("a question for the tab is answered at once", async (t) => {
    const { fake } = await open(t, { main: "" });
    fake.say({ who: "session1" });
    await fake.next((m) => m.t === "ping", "ping");
});

test("a page that comes back from the browser's memory connects again", async (t) => {
    const { fake, tab } = await open(t, { main: button("go") });
    await tab.evaluate(() => {
        dispatchEvent(new PageTransitionEvent("pagehide", { persisted: true }));
        dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }));
    });
    await fake.hello();
    await tab.click("[data-ez-trigger]");
    await fake.next();
});

test("a refused event is told to the visitor and settled", async (t) => {
    const { fake, tab } = await open(t, { main: button("go") });
    fake.auto.ack = false;
    await tab.click("[data-ez-trigger]");
    await fake.next();
    fake.say({ no: [1, "That button is gone."] });
    await tab.waitForSelector(".ez-toast:has-text('That button is gone.')");
    assert.equal(await tab.textContent("#ez-alert"), "That button is gone.");
    assert.equal(await tab.evaluate(() => sessionStorage["ez:q"] ?? ""), "");
});

test("a server that comes back within moments finds the page there, and no word was said", async (t) => {
    const { fake, tab } = await open(t, { main: button("go") });
    await fake.stop();
    await fake.start();
    await fake.hello();
    assert.ok(await tab.isHidden("#ez-status"));
});

test("warnings of the server stand in the status line until it takes them back", async (t) => {
    const { fake, tab } = await open(t, { main: "" });
    fake.say({ w: { s: "notsaved" } });
    await tab.waitForSelector("#ez-status:has-text('not being saved')");
    fake.say({ w: null });
    await tab.waitForSelector("#ez-status", { state: "hidden" });
});

test("what is clicked and typed while the script still loads is done when it is there", async (t) => {
    let load;
    const fake = await new Fake({ main: text("a") + button("go") }, { scriptAfter: new Promise((done) => (load = done)) }).start();
    const { tab } = await open(t, fake, {
        ready: false,
        before: async (tab) => {
            const goto = tab.goto.bind(tab);
            tab.goto = (url) => goto(url, { waitUntil: "commit" });
        },
    });
    await tab.click(`#${id("a")}-c`);
    await tab.keyboard.type("early");
    await tab.click("[data-ez-trigger]");
    assert.equal(await tab.getAttribute("html", "data-ez"), null, "the core was not there yet");
    load();
    const events = [await fake.next()];
    if (!events[0].x) events.push(await fake.next());
    assert.deepEqual(events.flatMap((e) => e.v ?? []).map((v) => v.slice(0, 2)), [[id("a"), "early"]]);
    assert.deepEqual(events.at(-1).x, [id("go"), "click", null]);
});

test("a line that went dead without a word is found out and replaced", async (t) => {
    const { fake, tab } = await open(t, { main: button("go") });
    // The socket looks open, but nothing comes through any more.
    fake.auto.ack = false;
    const dead = fake.line;
    dead.send = () => {};
    await tab.evaluate(() => dispatchEvent(new Event("online")));
    await fake.next((m) => m.t === "ping", "ping");
    const hello = await fake.hello();
    assert.equal(hello.view, "view1");
    await tab.click("[data-ez-trigger]");
    await fake.next();
});

test("what the server says it has settled is not sent again", async (t) => {
    const { fake, tab } = await open(t, { main: button("go") });
    fake.auto.ack = false;
    await tab.click("[data-ez-trigger]");
    await fake.next();
    fake.auto.hi = false;
    fake.line.close();
    await fake.hello();
    fake.say({ hi: { session: "session1", epoch: 1, frame: 0 }, a: 1, busy: 0 });
    await until(tab, () => !sessionStorage["ez:q"]);
    await pause(100);
    assert.equal(fake.events().length, 1);
});

test("a whole page is applied whatever its number", async (t) => {
    const { fake, tab } = await open(t, { main: "" });
    fake.say({ f: 9, o: [["p", id("a"), paragraph("a", "nine")], ["k", main, 0, 0, [id("a")]]] });
    fake.say({ f: 3, whole: 1, o: [["p", id("b"), paragraph("b", "three")], ["k", main, 0, 1000000, [id("b")]]] });
    fake.say({ f: 4, o: [["t", id("b"), " and four"]] });
    await tab.waitForSelector("text=three and four");
    assert.equal(await tab.locator("main > *").count(), 1);
});
