// status.ts: the one line at the foot of the page that says when something is not as it should be.
// SPDX-License-Identifier: Apache-2.0

import { announceText } from "./page.ts";
import { triggersWaiting } from "./queue.ts";

const WAIT_MS = 2000;
const sentences: Record<string, string> = {
    notsaved: "Changes are not being saved at the moment.",
    broken: "Something on this page cannot be shown. Please reload it.",
    stale: "This page is out of date. Please reload it.",
};

let since = 0, warning = "", said = "";
let timer: ReturnType<typeof setInterval> | undefined;

function show(): void {
    const bar = document.getElementById("ez-status");
    if (!bar) return;
    let text = warning;
    if (since && performance.now() - since >= WAIT_MS) {
        const n = triggersWaiting();
        text = "Not connected. Trying again…" + (n ? ` ${n} ${n > 1 ? "actions wait" : "action waits"}.` : "");
    }
    if (bar.textContent !== text) bar.textContent = text;
    bar.hidden = !text;
    const heading = text.split("…")[0] ?? "";
    if (heading !== said && heading) announceText(heading, false);
    said = heading;
}

/** The line is down, since now or since earlier. */
export function offline(): void {
    since ||= performance.now();
    timer ??= setInterval(show, 500);
}

export function online(): void {
    since = 0;
    clearInterval(timer);
    timer = undefined;
    show();
}

/** A warning of the server; null takes it back. */
export function warn(w: { s: string; text?: string } | null): void {
    warning = w ? w.text ?? sentences[w.s] ?? w.s : "";
    show();
}
