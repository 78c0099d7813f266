// harness.mjs: whole programs in a real browser: starts them, opens tabs, asks the chat, and leaves nothing behind.
// SPDX-License-Identifier: Apache-2.0
//
// A tab that visit() opened fails its test when the page asked another host, broke the content security policy, threw, or
// complained on the console. Nothing here sleeps for a fixed time: what a test waits for is a condition.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, test } from "node:test";
import { repository, running, until } from "../../program.mjs";
import { launch as chromium } from "../chromium.mjs";

export { build, modelFile, Program, repository, start, until } from "../../program.mjs";
export const need = createRequire(join(repository, "tests/package.json"));
const LONGEST = 120_000;

/** A test that hangs ends after two minutes: on a busy machine whole programs and a real model need more than they should. */
export const it = (name, body) => test(name, { timeout: LONGEST }, body);

/** The same test on both ways to the server. */
export function both(name, body) {
    for (const way of ["ws", "sse"]) it(`${name} (${way})`, (t) => body(t, way));
}

// ---- tabs ---------------------------------------------------------------------------------------------------------------

let browser;
const NETWORK = /ERR_|net::|Failed to load resource|WebSocket connection/;

/** The browser of a file: the first call says how it is started. */
export const launch = (options) => (browser ??= chromium(options));

/** A fresh visitor's context: `tab()` opens tabs in it. Options of Playwright; `breaks`: the server is going to be away. */
export async function visitor(t, program, { way = "ws", breaks = false, ...options } = {}) {
    const context = await (await launch()).newContext({ viewport: { width: 1100, height: 800 }, ...options });
    const errors = [], home = new URL(program.url).host;
    const url = (path = "") => program.url + path + (way === "sse" ? "?ez=sse" : "");
    await context.addInitScript(() => addEventListener("securitypolicyviolation", (e) => console.error(`policy: ${e.violatedDirective} ${e.blockedURI}`)));
    const watch = (tab) => {
        tab.ways = new Set();
        tab.setDefaultTimeout(20_000);
        tab.on("pageerror", (e) => errors.push(e.message));
        tab.on("console", (m) => (m.type() === "error" || m.type() === "warning") && !(breaks && NETWORK.test(m.text())) && errors.push(m.text()));
        tab.on("request", (r) => {
            if (/^(http|ws)/.test(r.url()) && new URL(r.url()).host !== home) errors.push(`asked another host: ${r.url()}`);
            if (r.url().includes("/_easel/sse")) tab.ways.add("sse");
        });
        tab.on("websocket", (w) => {
            if (new URL(w.url()).host !== home) errors.push(`asked another host: ${w.url()}`);
            tab.ways.add("ws");
        });
    };
    context.on("page", watch);
    program.contexts.add(context);
    t.after(async () => {
        program.contexts.delete(context);
        await context.close();
        assert.deepEqual(errors, [], "nothing to complain about");
    });
    return {
        context, url,
        async tab(path = "") {
            const tab = await context.newPage();
            await tab.goto(url(path));
            await ready(tab);
            assert.ok(await until(() => tab.ways.has(way), `a connection by ${way}`));
            if (!breaks) assert.deepEqual([...tab.ways], [way]);
            return tab;
        },
    };
}

/** One tab of a fresh visitor. */
export async function visit(t, program, options) {
    return (await visitor(t, program, options)).tab();
}

/** The core is there. */
export const ready = (tab) => tab.waitForSelector("html[data-ez=ready]", { state: "attached" });

/** No run goes on. */
export const settled = (tab) => tab.waitForSelector("html[data-ez=ready]:not([data-state=busy])", { state: "attached" });

/** These very words stand somewhere. */
export const says = (tab, words) => tab.getByText(words, { exact: typeof words === "string" }).first().waitFor();

export const field = (tab, label) => tab.getByLabel(label, { exact: true });
export const press = (tab, name) => tab.getByRole("button", { name, exact: true }).click();

const axe = readFileSync(need.resolve("axe-core/axe.min.js"), "utf8");
/** The rules of axe-core that see colours: what else it looks at is the same in every look. */
export const COLOURS = ["color-contrast", "link-in-text-block"];

/** What axe-core finds, one line each; by all of its rules, or by some. */
export async function axeFindings(tab, rules) {
    if (!(await tab.evaluate(() => "axe" in globalThis))) await tab.evaluate(axe);
    const options = { resultTypes: ["violations"], ...(rules && { runOnly: rules }) };
    const { violations } = await tab.evaluate((how) => globalThis.axe.run(how), options);
    return violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html.slice(0, 200)).join(" | ")}`);
}

// ---- the chat -----------------------------------------------------------------------------------------------------------

/** What a person does with a chat page. */
export class Chat {
    constructor(tab) {
        this.tab = tab;
        this.field = tab.getByPlaceholder(/^Ask /);
        this.turns = tab.locator("[data-role=user], [data-role=assistant]");
        this.questions = tab.locator("[data-role=user]");
        this.answers = tab.locator("[data-role=assistant]");
    }

    get last() {
        return this.answers.last();
    }

    async ask(words) {
        await this.field.fill(words);
        await this.field.press("Enter");
    }

    /** Waits until there are so many answers and the last is in this state. */
    state(wanted, answers = 1) {
        return this.tab.waitForFunction(([s, n]) => {
            const all = document.querySelectorAll("[data-role=assistant] ez-chat-text");
            return all.length >= n && all[all.length - 1].dataset.state === s;
        }, [wanted, answers]);
    }

    /** [state, length] of the last answer, when there are more than so many. */
    #look(more) {
        return this.tab.evaluate((n) => {
            const all = document.querySelectorAll("[data-role=assistant] ez-chat-text"), last = all[all.length - 1];
            return all.length > n ? [last.dataset.state, last.querySelector("[data-ez-end]").textContent.length] : null;
        }, more);
    }

    /** A small model chatters: asks until an answer is as wanted. `enough` tells of its state and length: true, false, or not yet. */
    async #until(words, enough, what) {
        for (let i = 0; i < 5; i++) {
            const before = await this.answers.count();
            await this.ask(words);
            const good = await until(async () => {
                const now = await this.#look(before);
                const is = now && enough(...now);
                return typeof is === "boolean" ? [is] : null;
            }, what);
            if (good[0]) return;
            await this.end();
        }
        throw new Error(`five answers, and none was ${what}`);
    }

    /** Asks, and waits until the answer is over; a long one is stopped. Gives the answer. */
    async hear(words) {
        const before = await this.answers.count();
        await this.ask(words);
        await until(async () => {
            const now = await this.#look(before);
            return now && (now[0] !== "streaming" || now[1] > 200);
        }, "an answer");
        await this.end();
        return this.words();
    }

    /** Asks until an answer ended by itself. */
    async whole(words) {
        await this.#until(words, (state, length) => (state === "done" ? length > 0 : length > 900 ? false : undefined), "whole");
        return this.words();
    }

    /** Asks until an answer is being written and has so many characters. Gives its length. */
    async writes(words, chars) {
        await this.#until(words, (state, length) => (state !== "streaming" ? false : length >= chars || undefined), `of ${chars} characters and more to come`);
        return (await this.#look(0))[1];
    }

    /** The last answer is over: by itself, or stopped. */
    async end() {
        await until(async () => {
            const now = await this.#look(0);
            if (now?.[0] === "streaming") await this.tab.evaluate(() => [...document.querySelectorAll(".ez-composer .ez-chat-stop, [data-role=assistant] [data-act=stop]")].at(-1)?.click());
            return now && now[0] !== "streaming";
        }, "the end of the answer");
        await settled(this.tab);
    }

    /** The last answer. */
    words() {
        return this.last.locator("[data-ez-end]").innerText();
    }

    /** Waits until the last answer has at least so many characters. */
    async grown(chars) {
        await this.tab.waitForFunction((n) => {
            const all = document.querySelectorAll("[data-role=assistant] [data-ez-end]");
            return all.length && all[all.length - 1].textContent.length >= n;
        }, chars);
        return (await this.last.locator("[data-ez-end]").textContent()).length;
    }

    /** From now on, notes each length that the last answer has; call what it gives for the list. */
    async lengths() {
        await this.tab.evaluate(() => {
            globalThis.seen = [];
            new MutationObserver(() => {
                const end = [...document.querySelectorAll("[data-role=assistant] [data-ez-end]")].at(-1);
                const n = end?.textContent.length ?? 0;
                if (n && globalThis.seen.at(-1) !== n) globalThis.seen.push(n);
            }).observe(document.body, { childList: true, characterData: true, subtree: true });
        });
        return () => this.tab.evaluate(() => globalThis.seen);
    }

    /** Another version of an answer, cut short when it is long. */
    async regenerate(of = this.last) {
        const before = await this.tab.locator("[data-role=assistant] ez-chat-text").last().getAttribute("data-ez-message");
        await of.hover();
        await this.act("regenerate", of).click();
        await until(async () => {
            const now = await this.tab.evaluate(() => {
                const last = [...document.querySelectorAll("[data-role=assistant] ez-chat-text")].at(-1);
                return [last?.dataset.ezMessage, last?.dataset.state, last?.querySelector("[data-ez-end]").textContent.length];
            });
            return now[0] && now[0] !== before && (now[1] !== "streaming" || now[2] > 100);
        }, "another answer");
        await this.end();
    }

    act(name, of = this.last) {
        return of.locator(`[data-act=${name}]`);
    }
}

// ---- the end ------------------------------------------------------------------------------------------------------------

after(async () => {
    await (await browser)?.close();
    await Promise.all([...running].map((p) => p.stop()));
});
