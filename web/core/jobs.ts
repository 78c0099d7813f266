// jobs.ts: what the running mark says of jobs: the place in line, how far one is.
// SPDX-License-Identifier: Apache-2.0

import { busyWatch } from "./hooks.ts";
import { announceText, make, markRunning } from "./page.ts";
import type { Json } from "./wire.ts";

interface News {
    job: number;
    position?: number;
    fraction?: number | null;
    text?: string | null;
    done?: boolean;
}

/** A screen reader hears of progress, but not of each step. */
const SAY_MS = 4000;
const endings: Record<string, string> = { one: "st", two: "nd", few: "rd" };
const ordinals = new Intl.PluralRules("en", { type: "ordinal" });
/** The jobs of this page, the one that last had news at the end. */
const jobs = new Map<number, News>();
let said = "", saidAt = 0;

const part = (selector: string): HTMLElement | null => document.querySelector<HTMLElement>(`#ez-run > ${selector}`);

function bar(): HTMLProgressElement | null {
    const old = part("progress") as HTMLProgressElement | null, label = part(".ez-run-text");
    if (old || !label) return old;
    const made = make("progress", "");
    label.after(made);
    return made;
}

function show(): void {
    const job = [...jobs.values()].at(-1), label = part(".ez-run-text");
    if (!label) return;
    const line = job?.position ?? 0;
    const text = line > 0 ? `Waiting: ${line}${endings[ordinals.select(line)] ?? "th"} in line` : job?.text || "Running";
    if (label.textContent !== text) label.textContent = text;
    const fraction = line > 0 ? undefined : job?.fraction;
    if (typeof fraction === "number") {
        const progress = bar();
        if (progress) Object.assign(progress, { value: Math.min(1, Math.max(0, fraction)), ariaLabel: text });
    } else {
        part("progress")?.remove();
    }
    if (!job) return void (said = "");
    markRunning(true);
    // The place in line at once, and what a job says of itself now and then.
    const now = Date.now();
    if (text === said || (line === 0 && said && !said.startsWith("Waiting") && now - saidAt < SAY_MS)) return;
    said = text;
    saidAt = now;
    announceText(text, false);
}

/** A call `job` of the server. */
export function jobNews(args: Json): void {
    const news = args as unknown as News, was = jobs.get(news.job);
    jobs.delete(news.job);
    if (!news.done) jobs.set(news.job, { ...was, ...news, position: news.position ?? 0 });
    show();
    if (jobs.size === 0) markRunning(document.documentElement.dataset.state === "busy");
}

busyWatch.add((busy) => {
    if (busy || jobs.size === 0) return;
    jobs.clear();
    show();
});
