// tabs.test.mjs: what visitors do with tabs and machines: duplicate, reload, go back, fall asleep, embed, switch JavaScript off, meet another build.
// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { before, describe } from "node:test";
import { chromium, how } from "../chromium.mjs";
import { it, launch, open, Page, program, proxied, ready, until } from "./harness.mjs";

const many = { concurrency: 4 };

before(() => launch({ whole: true }));

/** A tab in a browser of this test's own, with more switches. */
async function ownBrowser(t, ...args) {
    const browser = await chromium.launch(how({ whole: true, args, ignoreDefaultArgs: ["--disable-back-forward-cache"] }));
    t.after(() => browser.close());
    return (await browser.newContext()).newPage();
}

describe("tabs", many, () => {
    it("three duplicates of a tab that streams: each has a session of its own, and the first goes on", async (t) => {
        const proxy = await proxied(t, await program());
        const page = await open(t, proxy);
        await page.add("mine");
        page.lines += 30;
        await page.click("Stream");
        const opened = [];
        page.who.context.on("page", (p) => opened.push(p));
        // A window that a page opens begins with a copy of its sessionStorage, as a duplicated tab does.
        await page.tab.evaluate(() => void [1, 2, 3].forEach(() => window.open(location.href)));
        await until(() => opened.length === 3, "three tabs");
        for (const [i, tab] of opened.entries()) {
            await tab.getByText("applied 0", { exact: true }).waitFor();
            const copy = new Page(tab, page.who);
            await copy.add(`copy ${i}`);
            await copy.whole({ draft: "" });
        }
        await page.add("mine too");
        await page.whole();
        await page.wholeAfterReload();
    });

    it("reloads right after clicks and while lines stream: nothing is lost or done twice", async (t) => {
        const proxy = await proxied(t, await program());
        const page = await open(t, proxy);
        for (let i = 0; i < 4; i++) {
            page.lines += 30;
            await page.click("Stream");
            await page.add(`${i}a`, `${i}b`);
            // Every other time the click never arrives by itself.
            if (i % 2) proxy.faults.cut = { direction: "up", frame: proxy.lines[0]?.up.frames ?? 1, where: "before" };
            await page.tab.reload({ waitUntil: "commit" });
            await ready(page.tab);
            await page.whole();
        }
        t.diagnostic(`reloads: 4, ${page.words.length + 4} events, longest ${page.longest} ms`);
    });

    it("a click made without a line, and a reload without one: it is done when the line is back", async (t) => {
        const proxy = await proxied(t, await program());
        const page = await open(t, proxy, { draft: false });
        await page.add("before");
        await page.whole({ draft: "" });
        proxy.faults.socket = 502;
        proxy.faults.silent = true;
        proxy.cutAll();
        await page.add("in the dark");
        proxy.faults.silent = false;
        await page.tab.reload();
        await ready(page.tab);
        await page.whole({ draft: "" });
    });

    it("Back: the page is loaded anew with all it had", async (t) => {
        const proxy = await proxied(t, await program());
        const page = await open(t, proxy);
        await page.add("one", "two");
        await page.whole();
        await page.tab.goto(proxy.url + "other");
        await page.tab.getByText("applied 2", { exact: true }).waitFor();
        await page.tab.goBack();
        await ready(page.tab);
        await page.add("three");
        await page.whole();
    });

    it("offline and online again: what was done meanwhile is done once", async (t) => {
        const proxy = await proxied(t, await program());
        const page = await open(t, proxy);
        await page.add("one");
        await page.whole();
        await page.who.context.setOffline(true);
        proxy.cutAll();
        await page.add("two", "three");
        await page.tab.locator("#ez-status", { hasText: "Not connected" }).waitFor();
        await page.tab.locator("#ez-status", { hasText: "2 actions wait" }).waitFor();
        assert.deepEqual((await page.shown()).rows, ["one"]);
        await page.who.context.setOffline(false);
        await page.whole();
        assert.ok(await page.tab.locator("#ez-status").isHidden());
    });

    it("the program stands still for a while: what was done meanwhile is done once", async (t) => {
        const behind = await program("--ping-interval", "1s");
        const proxy = await proxied(t, behind);
        const page = await open(t, proxy);
        await page.add("one");
        await page.whole();
        const worker = behind.pid("worker");
        process.kill(worker, "SIGSTOP");
        try {
            await page.add("two", "three");
            // Longer than the page has patience, and than the program has with it.
            await page.tab.locator("#ez-status", { hasText: "2 actions wait" }).waitFor();
        } finally {
            process.kill(worker, "SIGCONT");
        }
        await page.whole();
        await page.wholeAfterReload();
    });

    for (const [hours, what] of [[-1, "back"], [1, "forward"]])
        it(`the clock is set ${what} by an hour, and the line is dead: the page notices all the same`, async (t) => {
            const proxy = await proxied(t, await program());
            const page = await open(t, proxy);
            await page.add("one");
            await page.whole();
            await page.tab.evaluate((ms) => {
                const now = Date.now;
                Date.now = () => now() + ms;
            }, hours * 3_600_000);
            proxy.swallow("both");
            await page.add("two");
            await page.whole();
            await page.wholeAfterReload();
        });

    it("without JavaScript the page is complete, and says what does not work", async (t) => {
        const proxy = await proxied(t, await program());
        const page = await open(t, proxy);
        await page.add("one");
        await page.whole();
        const context = await page.tab.context().browser().newContext({ javaScriptEnabled: false });
        t.after(() => context.close());
        const tab = await context.newPage();
        await tab.goto(proxy.url + "other");
        await tab.locator(".ez-noscript", { hasText: "JavaScript is off in this browser" }).waitFor();
        await tab.getByText("far down 99", { exact: true }).waitFor();
        assert.equal(await tab.locator(".ez-noscript", { hasText: "still being made" }).count(), 0);
        assert.equal(await page.tab.locator(".ez-noscript").isVisible(), false);
    });

    for (const [assets, what] of [["cut", "its line is cut"], [404, "the server has other scripts by now"], [503, "the server is busy"]])
        it(`the core does not come, as ${what}: the page is loaded again when it can be had`, async (t) => {
            const proxy = await proxied(t, await program(), { assets });
            const page = await open(t, proxy, { ready: false });
            await until(() => proxy.lost > 0, "a script that is lost");
            delete proxy.faults.assets;
            await ready(page.tab);
            await page.add("one");
            await page.whole({ draft: "" });
        });
});

describe("another build", many, () => {
    it("the page is loaded once more: what is typed stays, and where one was", async (t) => {
        const behind = await program("--ping-interval", "2s");
        const proxy = await proxied(t, behind);
        const page = await open(t, proxy);
        await page.add(...Array.from({ length: 60 }, (_, i) => `w${i}`));
        await page.whole();
        await page.tab.evaluate(() => scrollTo(0, 700));
        const pages = proxy.asked.page;
        behind.child.kill("SIGTERM");
        await new Promise((done) => behind.child.once("close", done));
        await page.add("meanwhile");
        // What stands around every page is another one now.
        behind.env = { CHANNEL_TITLE: "Renamed" };
        await behind.begin();
        await until(() => proxy.asked.page > pages, "another page");
        await ready(page.tab);
        await page.whole();
        await until(() => page.tab.evaluate(() => Math.abs(scrollY - 700) < 2), "the same place");
        await page.add("after");
        await page.whole();
        assert.equal(proxy.asked.page, pages + 1, "one load");
    });
});

describe("a frame in another site's page", many, () => {
    /** Another site's page with the program in a frame, and what a visitor sees of it. */
    async function framed(t, way) {
        const behind = await program("--frame-ancestors", "http://localhost:*");
        const proxy = await proxied(t, behind);
        const site = createServer((_, response) => response.writeHead(200, { "Content-Type": "text/html" }).end(`<!doctype html><title>blog</title><iframe width=900 height=700 src="${proxy.url}?ez=${way}"></iframe>`));
        await new Promise((done) => site.listen(0, "127.0.0.1", done));
        t.after(() => site.close());
        const inside = async (tab, words = []) => {
            const frame = await until(() => tab.frames().find((x) => x.url().startsWith(proxy.url)), "the frame");
            await frame.waitForSelector("html[data-ez=ready]", { state: "attached", timeout: 60_000 });
            return Object.assign(new Page(frame), { words });
        };
        return { behind, at: `http://localhost:${site.address().port}/`, inside };
    }

    for (const way of ["ws", "sse", "poll"])
        it(`without cookies: it works, and keeps its session over a reload and another process (${way})`, async (t) => {
            const { behind, at, inside } = await framed(t, way);
            // As browsers come: what a frame stores is kept apart for each site around it. Playwright switches that off.
            const tab = await ownBrowser(t, "--disable-features=TrackingProtection3pcd");
            await tab.goto(at);
            const page = await inside(tab);
            await page.add("one", "two");
            await page.whole({ draft: "" });
            assert.deepEqual(await tab.context().cookies(), [], "this browser keeps no cookie of it");
            await behind.kill("worker");
            await page.add("three");
            await page.whole({ draft: "" });
            await tab.reload();
            const again = await inside(tab, page.words);
            await again.whole({ draft: "" });
            await again.add("four");
            await again.whole({ draft: "" });
        });

    it("without cookies and without any storage: it works as long as it is shown, in whatever process", async (t) => {
        const { behind, at, inside } = await framed(t, "ws");
        const tab = await ownBrowser(t);
        await tab.goto(at);
        const page = await inside(tab);
        assert.match(await page.tab.evaluate(() => { try { return String(sessionStorage.length); } catch (e) { return e.name; } }), /SecurityError/);
        await page.add("one", "two");
        await page.whole({ draft: "" });
        await behind.kill("worker");
        await page.add("three");
        await page.whole({ draft: "" });
        await tab.reload();
        const again = await inside(tab);
        await again.add("anew");
        await again.whole({ draft: "" });
    });
});

/** A process and all below it. */
function family(pid) {
    const all = [pid];
    for (const name of readdirSync("/proc").filter((n) => /^\d+$/.test(n)))
        try {
            if (Number(readFileSync(`/proc/${name}/stat`, "utf8").split(") ").pop().split(" ")[1]) === pid) all.push(...family(Number(name)));
        } catch {
            // Ended while we looked.
        }
    return all;
}

/** What a document answers, or false: one that goes into the browser's memory meanwhile never does. */
const soon = (answer) => Promise.race([answer.catch(() => false), new Promise((done) => setTimeout(done, 2000, false))]);

describe("browsers", many, () => {
    it("the machine sleeps: the program lets the view go, and the page is whole soon after it wakes", async (t) => {
        const behind = await program("--ping-interval", "1s");
        const proxy = await proxied(t, behind);
        const server = await chromium.launchServer(how({ whole: true }));
        const browser = await chromium.connect(server.wsEndpoint());
        t.after(() => server.close());
        const tab = await (await browser.newContext()).newPage();
        await tab.goto(proxy.url);
        await ready(tab);
        const page = new Page(tab);
        await page.add("one");
        await page.whole({ draft: "" });
        const views = async () => (await (await fetch(behind.url + "readyz")).json()).views;
        assert.equal(await views(), 1);
        page.lines += 30;
        await page.click("Stream");
        const processes = family(server.process().pid);
        for (const pid of processes) process.kill(pid, "SIGSTOP");
        try {
            await until(async () => (await views()) === 0, "no view", 60_000);
        } finally {
            for (const pid of processes.reverse()) process.kill(pid, "SIGCONT");
        }
        await page.add("two");
        await page.whole({ draft: "" });
        await browser.close();
    });

    it("Back and Forward out of the browser's memory: pages go on where they were, with what was done meanwhile", async (t) => {
        const proxy = await proxied(t, await program(), { cache: "no-cache" });
        const tab = await ownBrowser(t, "--enable-features=BackForwardCache");
        await tab.goto(proxy.url);
        await ready(tab);
        const page = new Page(tab);
        await page.add("one");
        await page.whole({ draft: "" });
        await tab.evaluate(() => {
            window.mark = "the same document";
            addEventListener("pageshow", (e) => (window.restored = e.persisted));
        });
        const pages = proxy.asked.page;
        // Not settled yet when the page goes.
        await page.add("two");
        await soon(tab.evaluate((to) => void (location.href = to), proxy.url + "other"));
        await tab.waitForURL(/other/);
        await ready(tab);
        await tab.getByText("applied 2", { exact: true }).waitFor();
        await tab.getByLabel("Note").fill("half a no");
        await soon(tab.evaluate(() => history.back()));
        await until(() => soon(tab.evaluate(() => window.mark === "the same document" && window.restored)), "the page out of memory");
        await page.add("three");
        await page.whole({ draft: "" });
        await soon(tab.evaluate(() => history.forward()));
        await until(() => soon(tab.getByLabel("Note").inputValue().then((v) => v === "half a no")), "the note");
        assert.equal(proxy.asked.page, pages + 1, "no page was loaded twice");
    });
});
