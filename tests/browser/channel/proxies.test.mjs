// proxies.test.mjs: networks that forbid, hold back, cut and swallow: the page finds a way, and notices when one is dead.
// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { describe } from "node:test";
import { it, open, program, proxied, until } from "./harness.mjs";

/** A word, a stream of lines, a word: done once, and shown as it should. */
async function works(page) {
    await page.add("one");
    page.lines += 30;
    await page.click("Stream");
    await page.add("two", "three");
    await page.whole();
}

/** The next page of this tab begins with the way that worked; on a slow machine that may be a lower one than the network allows. */
async function remembered(page, proxy) {
    const way = await page.tab.evaluate(() => Object.entries(sessionStorage).find(([k]) => k.endsWith(":way"))[1]);
    proxy.order.length = 0;
    await page.wholeAfterReload();
    await page.add("after");
    await page.whole();
    // What the page before did until it went does not count.
    assert.equal(proxy.order.slice(proxy.order.indexOf("page")).find((name) => ["upgrade", "sse", "poll"].includes(name)), way, "no second try of what this network forbids");
    return way;
}

/** How many views the program knows. */
const views = async (behind) => (await (await fetch(behind.url + "readyz")).json()).views;

// They wait most of the time, so they wait together.
const many = { concurrency: 4 };

describe("networks", { concurrency: 2 }, () => {
    describe("a proxy that forbids WebSockets", many, () => {
        for (const [socket, what] of [[403, "403"], [502, "502"], ["strip", "without the header Upgrade"], ["die", "a socket that opens and dies"], ["hang", "a handshake without an end"]])
            it(`${what}: the page goes on with an event stream`, async (t) => {
                const proxy = await proxied(t, await program(), { socket });
                const page = await open(t, proxy);
                const began = Date.now();
                await works(page);
                t.diagnostic(`${what}: ${proxy.begun.sse} streams, ${page.words.length} events, begun after ${Date.now() - began} ms`);
                await remembered(page, proxy);
            });
    });

    describe("a proxy that holds back what is not whole", many, () => {
        it("the page goes on with polls", async (t) => {
            const proxy = await proxied(t, await program(), { socket: 403, buffer: true });
            const page = await open(t, proxy);
            await works(page);
            assert.equal(await remembered(page, proxy), "poll");
            // Nothing to say: the poll waits. A page that asks all the time would show here.
            const asked = proxy.asked.poll;
            await new Promise((done) => setTimeout(done, 1500));
            assert.ok(proxy.asked.poll - asked <= 3, `${proxy.asked.poll - asked} polls in 1.5 s`);
            t.diagnostic(`polls: ${proxy.asked.poll}, ${page.words.length} events, longest ${page.longest} ms`);
        });

        it("polls end after a while, and the view stays the session's", async (t) => {
            const proxy = await proxied(t, await program(), { responseMs: 2000 });
            const page = await open(t, proxy, { way: "poll" });
            await works(page);
            await new Promise((done) => setTimeout(done, 4500));
            // A second tab of the same visitor is another session: the first is there, though it polls.
            const other = await page.who.context.newPage();
            await other.goto(proxy.url);
            await other.getByText("applied 0", { exact: true }).waitFor();
            await works(page);
        });
    });

    describe("a proxy with limits", many, () => {
        it("a WebSocket that is refused once, as by a server that starts: the page stays with WebSockets", async (t) => {
            const proxy = await proxied(t, await program());
            const page = await open(t, proxy);
            await page.add("one");
            await page.whole();
            proxy.faults.socket = [502];
            proxy.cutAll();
            await works(page);
            assert.deepEqual(proxy.faults.socket, []);
            assert.equal(proxy.begun.sse, undefined, "no event stream");
        });

        for (const way of ["ws", "sse"])
            it(`idle lines are cut: after two of them the line is not idle any more (${way})`, async (t) => {
                const proxy = await proxied(t, await program("--ping-interval", "25s"), { idleMs: 3400 });
                const page = await open(t, proxy, { way });
                await page.add("one");
                await page.whole();
                // Two have to be cut before that.
                await until(() => proxy.begun[way] >= 3 && proxy.lines.some((l) => Date.now() - l.born > 5000), "a line that lives longer than idle ones may", 90_000);
                await works(page);
            });

        for (const way of ["ws", "sse", "poll"])
            it(`no answer may take longer than two seconds (${way})`, async (t) => {
                const proxy = await proxied(t, await program(), { responseMs: 2000 });
                const page = await open(t, proxy, { way });
                for (let i = 0; i < 3; i++) await works(page);
                await page.wholeAfterReload();
            });

        it("HTTP/1.0: each request has a connection of its own, and no header Upgrade", async (t) => {
            const proxy = await proxied(t, await program(), { http10: true, socket: "strip" });
            const page = await open(t, proxy);
            await works(page);
            await page.wholeAfterReload();
        });
    });

    describe("a line that swallows everything without a word", many, () => {
        for (const way of ["ws", "sse"])
            for (const direction of ["up", "down", "both"])
                it(`${direction}: the page notices, and nothing is done twice (${way})`, async (t) => {
                    const proxy = await proxied(t, await program());
                    const page = await open(t, proxy, { way });
                    await page.add("before");
                    await page.whole();
                    proxy.swallow(direction);
                    const began = Date.now();
                    await page.add("void", "another");
                    await page.whole();
                    t.diagnostic(`${way} ${direction}: whole again after ${Date.now() - began} ms`);
                    await works(page);
                });

        for (const way of ["ws", "sse", "poll"])
            it(`the program notices, too, and the session is free (${way})`, async (t) => {
                const behind = await program("--ping-interval", "1s");
                const proxy = await proxied(t, behind);
                const page = await open(t, proxy, { way });
                await page.add("before");
                await page.whole();
                assert.equal(await views(behind), 1);
                proxy.swallow("both", true);
                // The browser goes, and the proxy tells nobody.
                await page.who.context.close();
                await until(async () => (await views(behind)) === 0, "no view", 60_000);
            });
    });
});
