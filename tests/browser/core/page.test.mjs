// page.test.mjs: the page around the elements: menu, Stop, theme, sidebar, notices, announcements.
// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { brotliCompressSync } from "node:zlib";
import { button, id, main, open, paragraph, quit, repository, text, until } from "./harness.mjs";

after(quit);
const axe = readFileSync(createRequire(join(repository, "tests/package.json")).resolve("axe-core/axe.min.js"), "utf8");

test("the menu sends rerun and start over", async (t) => {
    const { fake, tab } = await open(t, { main: text("a") });
    await tab.fill(`#${id("a")}-c`, "typed");
    await tab.click("[aria-label='Page menu']");
    await tab.click("text=Rerun");
    const events = [await fake.next()];
    if (!events[0].x) events.push(await fake.next());
    assert.deepEqual(events.at(-1).x, [main, "rerun", null]);
    assert.ok(await tab.isHidden("#ez-menu"));
    await tab.click("[aria-label='Page menu']");
    await tab.click("text=Start over");
    assert.deepEqual((await fake.next((m) => m.t === "s")).x, [main, "startover", null]);
    fake.say({ hi: { session: "second", epoch: 1, frame: 0, new: true } });
    await until(tab, () => sessionStorage["ez:s"] === "second");
});

test("the theme is a cookie that the server reads, and changes at once", async (t) => {
    const { tab, context } = await open(t, { main: paragraph("a") });
    const paper = () => tab.evaluate(() => getComputedStyle(document.body).backgroundColor);
    assert.equal(await paper(), "rgb(251, 250, 248)");
    await tab.click("[aria-label='Page menu']");
    await tab.click("label:has-text('Dark')");
    assert.equal(await paper(), "rgb(20, 19, 17)");
    assert.deepEqual((await context.cookies()).map((c) => [c.name, c.value, c.path]), [["ez-theme", "dark", "/"]]);
    await tab.click("label:has-text('System')");
    assert.equal(await paper(), "rgb(251, 250, 248)");
    assert.deepEqual(await context.cookies(), []);
    await tab.emulateMedia({ colorScheme: "dark" });
    assert.equal(await paper(), "rgb(20, 19, 17)");
});

test("a run that takes longer shows a mark and Stop; a short one shows nothing", async (t) => {
    const { fake, tab } = await open(t, { main: "" });
    fake.say({ busy: 1 });
    await tab.waitForSelector("html[data-state=busy]", { state: "attached" });
    assert.ok(await tab.isHidden("#ez-run"));
    await tab.waitForSelector("#ez-run:not([hidden])");
    await tab.click("#ez-run >> text=Stop");
    assert.deepEqual((await fake.next((m) => m.t === "s")).x, [main, "stop", null]);
    fake.say({ busy: 0 });
    await tab.waitForSelector("#ez-run", { state: "hidden" });
});

test("the running mark says the place in line and how far a job is", async (t) => {
    const { fake, tab, errors } = await open(t, { main: "" });
    const says = (text) => until(tab, (text) => document.querySelector("#ez-run:not([hidden]) .ez-run-text")?.textContent === text, text);
    const heard = (text) => until(tab, (text) => document.getElementById("ez-polite").textContent === text, text);
    const job = (news) => fake.frame(["c", "", "job", { job: 7, ...news }]);
    fake.say({ busy: 1 });
    for (const [position, text] of [[11, "11th"], [3, "3rd"], [2, "2nd"], [1, "1st"]]) {
        job({ position });
        await says(`Waiting: ${text} in line`);
        await heard(`Waiting: ${text} in line`);
    }
    assert.equal(await tab.locator("#ez-run progress").count(), 0);
    job({ position: 0 });
    await says("Running");
    await heard("Running");
    job({ fraction: 0.25, text: "Reading <b>rows</b>" });
    await says("Reading <b>rows</b>");
    assert.deepEqual(await tab.$eval("#ez-run progress", (p) => [p.value, p.ariaLabel]), [0.25, "Reading <b>rows</b>"]);
    job({ fraction: 0.5, text: null });
    await says("Running");
    assert.equal(await tab.$eval("#ez-run progress", (p) => p.value), 0.5);
    // Two jobs: the mark tells of the one with news, and goes on with the other.
    fake.frame(["c", "", "job", { job: 8, position: 4 }]);
    await says("Waiting: 4th in line");
    fake.frame(["c", "", "job", { job: 8, done: true }]);
    await says("Running");
    job({ done: true });
    await until(tab, () => !document.querySelector("#ez-run progress"));
    assert.ok(await tab.isVisible("#ez-run"), "the run goes on");
    fake.say({ busy: 0 });
    await tab.waitForSelector("#ez-run", { state: "hidden" });
    fake.say({ busy: 1 });
    await says("Running");
    assert.deepEqual(errors, []);
});

test("a notice leaves by itself, can be dismissed, and is announced", async (t) => {
    const { fake, tab } = await open(t, { main: button("go") });
    fake.frame(["c", "", "toast", { text: "Saved <b>", kind: "ok", seconds: 0.3 }], ["c", "", "toast", { text: "Stays", seconds: 0 }]);
    await tab.waitForSelector(".ez-toast-ok:has-text('Saved <b>')");
    assert.equal(await tab.textContent("#ez-polite"), "Stays");
    await tab.waitForSelector(".ez-toast-ok", { state: "detached" });
    await tab.click("[aria-label=Dismiss]");
    await tab.waitForSelector(".ez-toast", { state: "detached" });
    assert.ok(!(await tab.evaluate(() => document.getElementById("ez-toasts").matches(":popover-open"))));
});

test("ez_invalid marks a control until it is changed", async (t) => {
    const { fake, tab } = await open(t, { main: `<div id="${id("a")}"><input aria-label="A" data-ez-value="text"><p class="ez-invalid" data-ez-own></p></div>` });
    fake.frame(["c", "", "invalid", [id("a"), "When were you born?"]]);
    await tab.waitForSelector("text=When were you born?");
    assert.equal(await tab.getAttribute("input[aria-label=A]", "aria-invalid"), "true");
    await tab.keyboard.type("1");
    assert.equal(await tab.textContent(".ez-invalid"), "");
    assert.equal(await tab.getAttribute("input[aria-label=A]", "aria-invalid"), null);
});

test("the sidebar is a column on wide screens and a drawer on narrow ones; an empty one is not there", async (t) => {
    const { tab } = await open(t, { main: paragraph("a"), side: paragraph("s", "aside") });
    assert.ok(await tab.isVisible("text=aside"));
    assert.ok(await tab.isHidden(".ez-side-button"));
    await tab.setViewportSize({ width: 390, height: 800 });
    assert.ok(await tab.isHidden("text=aside"));
    await tab.click(".ez-side-button");
    await tab.waitForSelector("text=aside");
    await tab.keyboard.press("Escape");
    assert.ok(await tab.isHidden("text=aside"));
    await tab.click(".ez-side-button");
    await tab.setViewportSize({ width: 1000, height: 700 });
    await until(tab, () => !document.querySelector("#ez-side").matches(":popover-open"));
    assert.ok(await tab.isVisible("text=aside"));
    const without = await open(t, { main: paragraph("a") });
    await without.tab.setViewportSize({ width: 390, height: 800 });
    assert.ok(await without.tab.isHidden(".ez-side-button"));
});

test("the first Tab leads to the content", async (t) => {
    const { tab } = await open(t, { main: button("go") });
    await tab.keyboard.press("Tab");
    assert.equal(await tab.evaluate(() => document.activeElement.textContent), "Skip to content");
    await tab.keyboard.press("Enter");
    await tab.keyboard.press("Tab");
    assert.ok(await tab.evaluate(() => document.activeElement.matches("[data-ez-trigger]")));
});

for (const [name, settings, theme] of [["light", {}, ""], ["dark", { colorScheme: "dark" }, ""], ["Soft", {}, ' data-theme-name="soft"'], ["Soft, dark, on a phone", { colorScheme: "dark", viewport: { width: 390, height: 800 } }, ' data-theme-name="soft"']]) {
    test(`axe finds nothing wrong with the shell: ${name}`, async (t) => {
        const { fake, tab, errors } = await open(t, { main: `<h1 id="${id("h")}">Title</h1>` + paragraph("p", 'Words with a <a href="#x">link</a>, <code>code</code>.') + text("a") + button("go"), side: paragraph("s"), theme }, { context: { bypassCSP: true, ...settings } });
        fake.frame(["c", "", "toast", { text: "Saved", kind: "warn", seconds: 0 }]);
        fake.say({ busy: 1, w: { s: "notsaved" } });
        await tab.click("[aria-label='Page menu']");
        await tab.waitForSelector("#ez-run:not([hidden])");
        await tab.evaluate(axe);
        await tab.waitForTimeout(400);
        const found = await tab.evaluate(() => axe.run());
        assert.deepEqual(found.violations.map((v) => [v.id, v.nodes.map((n) => n.html + n.failureSummary)]), []);
        assert.deepEqual(errors, []);
    });
}

test("the page asks no other host, and the policy has nothing to forbid", async (t) => {
    const hosts = new Set();
    const { tab, errors } = await open(t, { main: button("go") }, { before: (tab) => tab.on("request", (r) => hosts.add(new URL(r.url()).hostname)) });
    await tab.click("[aria-label='Page menu']");
    await tab.click("label:has-text('Dark')");
    assert.deepEqual([...hosts], ["127.0.0.1"]);
    assert.deepEqual(errors, []);
});

test("without scripts the page is readable, and its menu and sidebar open", async (t) => {
    const { tab } = await open(t, { main: paragraph("a", "hello"), side: paragraph("s", "aside") }, { ready: false, context: { javaScriptEnabled: false, viewport: { width: 390, height: 800 } } });
    assert.ok(await tab.isVisible("text=hello"));
    await tab.click(".ez-side-button");
    assert.ok(await tab.isVisible("text=aside"));
});

test("the bytes are within their budget", async (t) => {
    const out = mkdtempSync(join(tmpdir(), "easel-bytes-"));
    t.after(() => rmSync(out, { recursive: true, force: true }));
    execFileSync(process.execPath, [join(repository, "web/build.mjs"), "--out", out]);
    const manifest = JSON.parse(readFileSync(join(out, "manifest.json"), "utf8"));
    const size = (match) => manifest.filter(match).reduce((sum, e) => sum + brotliCompressSync(readFileSync(join(out, e.file))).length, 0);
    const core = size((e) => e.role === "easel.js"), applier = size((e) => e.file.startsWith("applier-")), style = size((e) => e.role === "easel.css");
    const head = readFileSync(join(out, manifest.find((e) => e.role === "head.js").file), "utf8").trim().length;
    t.diagnostic(`core ${core}, applier and morph ${applier}, theme ${style} bytes as brotli; head script ${head} bytes`);
    // The list of what elements need comes with the applier; it grows by some ten bytes with each.
    assert.ok(applier > 0 && core <= 8000 && applier <= 9600 && style <= 3400 && head <= 960, "see the line above");
});

test("page_config that changes while the page is shown", async (t) => {
    const { fake, tab } = await open(t, { main: paragraph("a"), side: paragraph("s", "aside") });
    fake.frame(["c", "", "config", { title: "Named", icon: "🦙", layout: "wide", sidebar: "collapsed", tabs: "own" }]);
    await until(tab, () => document.title === "Named");
    assert.match(await tab.getAttribute("link[rel=icon]", "href"), /^data:image\/svg/);
    assert.ok(await tab.isHidden("text=aside"));
    await tab.click(".ez-side-button");
    assert.ok(await tab.isVisible("text=aside"));
});
