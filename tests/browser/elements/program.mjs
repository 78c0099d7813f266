// program.mjs: a built program on a free port, and a browser that looks at it.
// SPDX-License-Identifier: Apache-2.0

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { launch as chromium } from "../chromium.mjs";

export const repository = process.env.EASEL_SOURCE ?? resolve(fileURLToPath(import.meta.url), "../../../..");
const build = process.env.EASEL_BUILD ?? join(repository, "build");

let browser;
const running = new Set();

/** Starts build/<name>; gives its address and a way to stop it. */
export async function start(name, ...args) {
    const data = mkdtempSync(join(tmpdir(), "easel-data-"));
    const child = spawn(join(build, name), ["--port", "0", "--data", data, "--log-level", "error", ...args], { stdio: ["ignore", "pipe", "inherit"] });
    const [line] = await once(child.stdout, "data");
    const program = {
        url: /http:\S+/.exec(String(line))[0],
        async stop() {
            running.delete(program);
            if (child.exitCode === null) {
                const gone = once(child, "exit");
                child.kill("SIGTERM");
                await gone;
            }
            rmSync(data, { recursive: true, force: true });
        },
    };
    running.add(program);
    return program;
}

/** The browser of a file: the first call says how it is started. */
export const launch = (options) => (browser ??= chromium(options));

/** A fresh visitor's tab. `errors` collects what the page complains about, `foreign` the requests to other hosts. */
export async function visit(t, url, options = {}) {
    const context = await (await launch()).newContext({ viewport: { width: 1100, height: 800 }, ...options });
    t?.after(() => context.close());
    const tab = await context.newPage();
    tab.setDefaultTimeout(5000);
    const errors = [], foreign = [], home = new URL(url).host;
    tab.on("pageerror", (e) => errors.push(e.message));
    tab.on("console", (m) => m.type() === "error" && errors.push(m.text()));
    tab.on("request", (r) => /^(http|ws)s?:/.test(r.url()) && new URL(r.url()).host !== home && foreign.push(r.url()));
    await tab.goto(url);
    await ready(tab);
    return Object.assign(tab, { errors, foreign });
}

/** The core is there and the page has settled. */
export async function ready(tab) {
    await tab.waitForFunction(() => document.documentElement.dataset.ez === "ready" && document.documentElement.dataset.state !== "busy");
}

export async function quit() {
    await (await browser)?.close();
    await Promise.all([...running].map((p) => p.stop()));
}
