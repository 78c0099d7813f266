// driver.mjs: what the scripts that drive Chromium share: its start, and commands as lines of JSON that are answered by lines of JSON.
// SPDX-License-Identifier: Apache-2.0

import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { launch as start } from "../tests/browser/chromium.mjs";

/** The whole browser, which people have. */
export const launch = () => start({ whole: true });

const script = readFileSync(new URL("page.js", import.meta.url), "utf8").replace(/^(\/\/.*\n|\n)*/, "").trim().replace(/;$/, "");

/** What makes a page ask by itself and stamp what is seen, for addInitScript. */
export const asking = (o) => `(${script})(${JSON.stringify(o)})`;

/** Carries out one command after the other until the input ends; `version` is always there. */
export async function serve(browser, commands) {
    const all = { ...commands, version: async () => ({ version: browser.version() }) };
    for await (const line of createInterface({ input: process.stdin })) {
        const { cmd, ...o } = JSON.parse(line);
        let answer;
        try {
            answer = await all[cmd](o);
        } catch (error) {
            answer = { error: String(error.message).split("\n")[0] };
        }
        process.stdout.write(`${JSON.stringify(answer)}\n`);
    }
    await browser.close();
}
