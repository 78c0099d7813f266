// harness.mjs: the program tests/programs/channel.c behind a proxy that does harm, and what is seen of it in a tab.
// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { start, until, visitor } from "../apps/harness.mjs";
import { Proxy } from "./proxy.mjs";

export { start, until };

/** A test that waits for time-outs of lines, beside others: on a busy machine all of them together take a while. */
export const it = (name, body) => test(name, { timeout: 400_000 }, body);
export { launch, ready, settled } from "../apps/harness.mjs";

/** The program, with quick signs of life. Shared by the tests of a file: each has a visitor of its own. */
let shared;
export const program = (...args) => (args.length ? start("tests/programs/channel", args) : (shared ??= start("tests/programs/channel", ["--ping-interval", "2s"])));

/** A proxy before a program; it ends with the test. */
export async function proxied(t, behind, faults = {}) {
    const proxy = await new Proxy(behind.url, faults).start();
    proxy.contexts = behind.contexts;
    t.after(() => proxy.stop());
    return proxy;
}

/** A visitor's tab by way of a proxy. `way`: the only one that the page may use; without it the page chooses. */
export async function open(t, proxy, { way, path = "", ready = true, draft = ready, ...options } = {}) {
    const who = await visitor(t, proxy, { breaks: true, ...options });
    const tab = await who.context.newPage();
    tab.setDefaultTimeout(60_000);
    await tab.goto(proxy.url + path + (way ? `?ez=${way}` : ""));
    if (ready) await tab.waitForSelector("html[data-ez=ready]", { state: "attached", timeout: 60_000 });
    if (draft) await tab.getByLabel("Draft").fill(DRAFT);
    return new Page(tab, who);
}

const DRAFT = "half a tho";

/** What the tests of a file did: each of these was settled and shown once, or a test failed. */
const totals = { events: 0, longest: 0 };
after(() => console.log(`${totals.events} events, each settled and shown once; whole after ${totals.longest} ms at most`));

/** What a visitor did on a tab, and what must be seen of it. */
export class Page {
    words = [];
    lines = 0;
    /** The longest time from a click until its row was there. */
    longest = 0;

    constructor(tab, who) {
        this.tab = tab;
        this.who = who;
    }

    /** Types a word and clicks Add, in one task. */
    async add(...words) {
        this.words.push(...words);
        totals.events += words.length;
        await this.tab.evaluate((all) => {
            const field = [...document.querySelectorAll("label")].find((l) => l.textContent.startsWith("Word")).control;
            const add = [...document.querySelectorAll("button")].find((b) => b.textContent === "Add");
            for (const word of all) {
                field.value = word;
                field.dispatchEvent(new InputEvent("input", { bubbles: true }));
                add.click();
            }
        }, words);
        return Date.now();
    }

    click(name) {
        totals.events++;
        return this.tab.getByRole("button", { name, exact: true }).click();
    }

    /** Like a network that is there again: the page tries at once. */
    hurry() {
        return this.tab.evaluate(() => dispatchEvent(new Event("online")));
    }

    /** Rows and lines, in their order. */
    shown() {
        return this.tab.evaluate(() => {
            const texts = [...document.querySelectorAll(".ez-text")].map((e) => e.textContent);
            return { rows: texts.filter((t) => t.startsWith("row ")).map((t) => t.slice(4)), lines: texts.filter((t) => t.startsWith("line ")).map((t) => Number(t.slice(5))) };
        });
    }

    /** Nothing waits for the server any more, as far as the browser lets a page store what waits. */
    settled() {
        return this.tab.evaluate(() => {
            try {
                return !Object.keys(sessionStorage).some((k) => k.endsWith(":q"));
            } catch {
                return true;
            }
        });
    }

    /** All that was done is shown, once, in its order, and nothing waits any more; what is half typed is still there. */
    async whole({ draft = DRAFT, limit = 60_000 } = {}) {
        const began = Date.now();
        const done = async () => {
            const { rows, lines } = await this.shown();
            return rows.length >= this.words.length && lines.length >= this.lines && (await this.settled()) && !(await this.tab.evaluate(() => document.documentElement.dataset.state));
        };
        await until(done, `${this.words.length} rows and ${this.lines} lines`, limit).catch(async (e) => {
            assert.fail(`${e.message}; there are ${JSON.stringify(await this.shown())}`);
        });
        this.longest = Math.max(this.longest, Date.now() - began);
        totals.longest = Math.max(totals.longest, this.longest);
        const { rows, lines } = await this.shown();
        assert.deepEqual(rows, this.words, "each row once, in the order of the clicks");
        assert.deepEqual(lines, [...Array(this.lines).keys()], "each line once, in its order");
        if (draft !== null) assert.equal(await this.tab.getByLabel("Draft").inputValue(), draft, "what is half typed");
    }

    /** The server's page is the same as the shown one. */
    async wholeAfterReload() {
        await this.tab.reload();
        await this.tab.waitForSelector("html[data-ez=ready]", { state: "attached", timeout: 60_000 });
        await this.whole();
    }
}

/** Numbers that a seed repeats. */
export function random(seed) {
    let x = seed >>> 0 || 1;
    return (below) => {
        x ^= x << 13; x >>>= 0;
        x ^= x >>> 17;
        x ^= x << 5; x >>>= 0;
        return x % below;
    };
}
