// harness.mjs: whole programs in a real browser: starts them, opens tabs, asks the chat, and leaves nothing behind.
// SPDX-License-Identifier: Apache-2.0
//
// A tab that visit() opened fails its test when the page asked another host, broke the content security policy, threw, or
// complained on the console. Nothing here sleeps for a fixed time: what a test waits for is a condition.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { repository } from "../elements/program.mjs";

export { repository };
export const need = createRequire(join(repository, "tests/package.json"));
const { chromium } = need("playwright-core");
export const build = process.env.EASEL_BUILD ?? join(repository, "build");
const LONGEST = 30_000;

/** Where llama.cpp and the model are, for a build folder that has no models/ of its own. */
const environment = { ...process.env };
for (const [name, folder] of [["EASEL_MODELS", "models"], ["EASEL_LLAMA", "llama"]])
    if (!environment[name] && !existsSync(join(build, folder)) && existsSync(join(repository, ".cache", folder))) environment[name] = join(repository, ".cache", folder);
export const modelFile = join(environment.EASEL_MODELS ?? join(build, "models"), "SmolLM2-135M-Instruct.Q4_1.gguf");

/** A test that may not take longer than half a minute. */
export const it = (name, body) => test(name, { timeout: LONGEST }, body);

/** The same test on both ways to the server. */
export function both(name, body) {
    for (const way of ["ws", "sse"]) it(`${name} (${way})`, (t) => body(t, way));
}

/** Looks until something is there; says what it waited for when it never comes. */
export async function until(look, what, limit = 20_000) {
    const end = Date.now() + limit;
    for (;;) {
        const found = await look();
        if (found) return found;
        if (Date.now() > end) throw new Error(`waited ${limit} ms for ${what}`);
        await new Promise((done) => setTimeout(done, 20));
    }
}

// ---- programs -----------------------------------------------------------------------------------------------------------

const running = new Set();

/** A built program with a data folder of its own. */
export class Program {
    #gone;
    log = "";
    contexts = new Set();

    constructor(name, args, { memory } = {}) {
        this.name = name;
        this.args = args;
        this.memory = memory;
        this.data = mkdtempSync(join(tmpdir(), "easel-app-"));
    }

    async begin() {
        let out = "";
        let command = [join(build, this.name), "--port", String(this.port ?? 0), "--data", this.data, ...this.args];
        if (this.memory) command = ["sh", "-c", `ulimit -v ${this.memory}; exec "$@"`, "sh", ...command];
        this.child = spawn(command[0], command.slice(1), { stdio: ["ignore", "pipe", "pipe"], env: environment });
        running.add(this);
        this.#gone = new Promise((done) => this.child.once("close", done));
        this.child.stderr.on("data", (d) => (this.log += d));
        this.url = await new Promise((done, fail) => {
            const late = setTimeout(() => fail(new Error(`${this.name} does not listen: ${this.log}`)), 15_000);
            this.child.once("error", fail);
            this.child.once("exit", () => fail(new Error(`${this.name} ended: ${this.log}`)));
            this.child.stdout.on("data", (d) => {
                const line = /^Easel is listening on (http:\S+)\n/.exec((out += d));
                if (line) clearTimeout(late), done(line[1]);
            });
        });
        this.port = new URL(this.url).port;
        return this;
    }

    /** Pid of the child that plays a role: "worker" or "engine". 0 while there is none. */
    pid(role) {
        for (const pid of readdirSync("/proc").filter((n) => /^\d+$/.test(n))) {
            try {
                const parent = Number(readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").pop().split(" ")[1]);
                if (parent === this.child.pid && readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").some((v) => v.startsWith(`EASEL_ROLE=${role} `))) return Number(pid);
            } catch {
                // Ended while we looked.
            }
        }
        return 0;
    }

    /** kill -9, and what runs in its place. */
    async kill(role) {
        const was = this.pid(role);
        assert.ok(was, `${this.name} has no ${role}`);
        process.kill(was, "SIGKILL");
        return until(() => this.pid(role) !== was && this.pid(role), `another ${role}`);
    }

    /** A line of the log. */
    said(pattern) {
        return until(() => pattern.exec(this.log), `${pattern} in the log, which says: ${this.log}`);
    }

    async stop() {
        // First the visitors: a page whose server is gone has something to complain about.
        await Promise.all([...this.contexts].map((c) => c.close()));
        if (this.child?.exitCode === null && this.child.signalCode === null) {
            this.child.kill("SIGTERM");
            const late = setTimeout(() => this.child.kill("SIGKILL"), 8000);
            await this.#gone;
            clearTimeout(late);
        }
        running.delete(this);
        rmSync(this.data, { recursive: true, force: true });
    }
}

/** Starts build/<name>. It is stopped at the end of the file, or with `t` at the end of that test. `memory`: address space in kB. */
export async function start(name, args = [], t = undefined, options = {}) {
    const program = new Program(name, args, options);
    t?.after(() => program.stop());
    return program.begin();
}

// ---- tabs ---------------------------------------------------------------------------------------------------------------

let browser;
const NETWORK = /ERR_|net::|Failed to load resource|WebSocket connection/;

export async function launch() {
    const choices = ["/usr/bin/chromium-headless-shell", process.env.CHROMIUM, "/usr/bin/chromium"];
    browser ??= chromium.launch({ executablePath: choices.find((p) => p && existsSync(p)), args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"] });
    return browser;
}

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
/** What axe-core finds, one line each. */
export async function axeFindings(tab) {
    await tab.evaluate(axe);
    const { violations } = await tab.evaluate(() => globalThis.axe.run({ resultTypes: ["violations"] }));
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
process.on("exit", () => {
    for (const p of running) {
        p.child?.kill("SIGKILL");
        rmSync(p.data, { recursive: true, force: true });
    }
});
