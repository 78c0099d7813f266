// driver.mjs: what the scripts that drive Chromium share: its start, and commands as lines of JSON that are answered by lines of JSON.
// SPDX-License-Identifier: Apache-2.0

import { createRequire } from "node:module";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";

const { chromium } = createRequire(resolve(fileURLToPath(import.meta.url), "../../tests/package.json"))("playwright-core");

export function launch() {
    return chromium.launch({
        executablePath: process.env.CHROMIUM_SHELL || ["/usr/bin/chromium-headless-shell", "/usr/bin/chromium"].find(existsSync),
        args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
    });
}

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
