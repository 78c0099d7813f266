// cuts.test.mjs: lines that break at every place at which they can, and requests that are doubled, late or lost: everything is done once.
// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { describe } from "node:test";
import { it, open, program, proxied, random, start, until } from "./harness.mjs";

/** Breaks the line at one place after the other, with a click and a large change each time, until the last place was not reached any more. */
async function everyPlace(t, way, direction, wheres) {
    const proxy = await proxied(t, await program());
    const page = await open(t, proxy, { way });
    let tried = 0;
    await page.add("first");
    await page.whole();
    for (const where of wheres)
        for (let frame = 1; ; frame++) {
            const cuts = proxy.cuts;
            proxy.faults.cut = { direction, frame, where };
            proxy.cutAll();
            await page.hurry();
            await page.add(`${where[0]}${frame}`);
            await page.click("Big");
            await until(async () => (await page.hurry(), proxy.cuts > cuts) || (await page.settled()), "the cut, or the end");
            await page.hurry();
            await page.whole();
            if (proxy.cuts === cuts) break;
            tried++;
        }
    delete proxy.faults.cut;
    await page.wholeAfterReload();
    t.diagnostic(`${way} ${direction}: ${tried} cuts, ${page.words.length} events, longest ${page.longest} ms`);
}

describe("the line is cut", { concurrency: 3 }, () => {
    it("at every frame of a WebSocket that goes up: lost, half, arrived, arrived late", (t) => everyPlace(t, "ws", "up", ["before", "inside", "after", "late"]));
    it("at every frame of a WebSocket that comes down, between the parts of a message, and inside of one", (t) => everyPlace(t, "ws", "down", ["before", "inside", "after"]));
    it("at every event of a stream, between the parts of a message, and inside of one", (t) => everyPlace(t, "sse", "down", ["before", "inside", "after"]));
});

describe("a line that is made anew", { concurrency: 2 }, () => {
    for (const way of ["ws", "sse"])
        it(`brings only what the page lacks: from this process and from one that took over (${way})`, async (t) => {
            const behind = await start("tests/programs/channel", ["--ping-interval", "2s"], t);
            const proxy = await proxied(t, behind);
            const page = await open(t, proxy, { way });
            await page.add("one");
            await page.click("Big");
            await page.whole();
            // The page holds 40 kB; what a new line brings is told in bytes.
            const again = async (lose) => {
                const before = proxy.begun[way];
                await lose();
                await until(() => proxy.begun[way] > before && proxy.lines.length && proxy.lines.at(-1).down.frames, "a hi on another line");
                await page.add(`after ${before}`);
                await page.whole();
                const { bytes } = proxy.lines.at(-1).down;
                t.diagnostic(`${way}: ${bytes} bytes`);
                assert.ok(bytes > 0 && bytes < 2000, `${bytes} bytes came`);
            };
            await again(() => proxy.cutAll());
            await again(() => behind.kill("worker"));
            await again(() => proxy.cutAll());
        });
});

/** Clicks a word each time, while the next requests have these fates. */
async function fates(t, way, kind, list) {
    const proxy = await proxied(t, await program());
    const page = await open(t, proxy, { way });
    for (const [i, fate] of list.entries()) {
        const fated = [fate];
        proxy.faults[kind] = fated;
        await page.add(`${i}a`);
        await page.add(`${i}b`);
        await until(() => !fated.length, `a ${kind} to be ${fate}`);
        await page.whole();
    }
    await page.wholeAfterReload();
    t.diagnostic(`${way} ${kind}: ${list.length} faults, ${page.words.length} events, longest ${page.longest} ms`);
}

describe("a request of a way without WebSocket", { concurrency: 4 }, () => {
    for (const way of ["sse", "poll"]) {
        it(`a post is doubled, comes late, loses its answer (${way})`, (t) => fates(t, way, "post", ["double", "late", "unanswered", "double"]));
        it(`a post is answered by a proxy and never delivered (${way})`, (t) => fates(t, way, "post", ["swallow"]));
    }
    it("a poll is doubled, and the answer to a poll is lost", (t) => fates(t, "poll", "poll", ["double", "lose", "double", "lose"]));
});

describe("anything at any time", { concurrency: 3 }, () => {
    for (const way of ["ws", "sse", undefined])
        it(`cuts, delays and late frames while lines stream and words are added (${way ?? "the way changes"})`, async (t) => {
            const seed = Number(process.env.SEED) || Date.now() % 1e9, pick = random(seed);
            t.diagnostic(`seed ${seed}`);
            const proxy = await proxied(t, await program());
            const page = await open(t, proxy, { way });
            try {
                for (let i = 0; i < 3; i++) {
                    page.lines += 30;
                    await page.click("Stream");
                    for (let j = 0; j < 8; j++) {
                        const direction = way === "sse" || pick(2) ? "down" : "up";
                        proxy.faults.double = pick(2) === 1;
                        proxy.faults.delay = pick(3) ? 0 : 40;
                        if (way === undefined) proxy.faults.socket = pick(3) ? "pass" : 502;
                        if (pick(4) === 0) proxy.cutAll();
                        proxy.faults.cut = { direction, frame: 1 + pick(6), where: ["before", "inside", "after", direction === "up" ? "late" : "after"][pick(4)] };
                        await page.add(`${i}.${j}`);
                        if (pick(2)) await page.hurry();
                        await new Promise((done) => setTimeout(done, pick(120)));
                    }
                    proxy.faults = {};
                    await page.hurry();
                    await page.whole();
                }
                await page.wholeAfterReload();
            } catch (e) {
                throw new Error(`seed ${seed}: ${e.message}`);
            }
            t.diagnostic(`${way}: ${proxy.cuts} cuts, ${page.words.length + 3} events, longest ${page.longest} ms`);
        });
});
