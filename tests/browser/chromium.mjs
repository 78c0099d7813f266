// chromium.mjs: the browser of the tests: which Chromium, and how it is started.
// SPDX-License-Identifier: Apache-2.0
//
// Pages are tested in chromium-headless-shell where it is installed: the same engine without windows, at less than half the CPU time. What the browser
// itself does, as Back, reloads and downloads, is tested in the whole one.

import { existsSync } from "node:fs";
import { createRequire } from "node:module";

export const { chromium } = createRequire(new URL("../package.json", import.meta.url))("playwright-core");
const WHOLE = [process.env.CHROMIUM, "/usr/bin/chromium"], SHELL = [process.env.CHROMIUM_SHELL, "/usr/bin/chromium-headless-shell"];

/** What Playwright starts it with. `whole`: with windows and all; `args`: more switches; more options of Playwright. */
export function how({ whole = false, args = [], ...options } = {}) {
    const executablePath = [...(whole ? [] : SHELL), ...WHOLE].find((p) => p && existsSync(p));
    return { executablePath, args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", ...args], ...options };
}

export const launch = (options) => chromium.launch(how(options));

/** Colours have faded in: what is halfway has no contrast yet. */
export const faded = (tab) => tab.evaluate(() => Promise.all(document.getAnimations().filter((a) => a.effect.getComputedTiming().endTime < Infinity).map((a) => a.finished.catch(() => 0))));
