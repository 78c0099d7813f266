// main.ts: the core comes to life: what was typed comes back, what was clicked is done, the line opens.
// SPDX-License-Identifier: Apache-2.0

import { boot, keep, kept, path } from "./boot.ts";
import { reloadOnce, startChannel } from "./channel.ts";
import { startEvents } from "./events.ts";
import { startFollowing, type Scrolled } from "./follow.ts";
import { startMenu } from "./menu.ts";
import { setBusy } from "./page.ts";
import { arrived } from "./parts.ts";
import { restore, settle, touch, type Draft } from "./values.ts";

for (const e of document.querySelectorAll<HTMLElement>("[data-ez-value]")) {
    settle(e, false);
    // Typed before this script came, or put back by the browser after a reload.
    if (e.dataset.ezValue !== "open" && !e.localName.includes("-")) touch(e, false);
}
const [where, drafts, scrolled] = JSON.parse(kept("d") ?? "[]") as [string?, Draft[]?, Scrolled[]?];
if (where === path) {
    drafts?.forEach(restore);
    if (scrolled?.[0]) void import("./rescroll.ts").then((m) => m.rescroll(scrolled));
}
keep("d", null);
setBusy(boot.busy > 0);
startMenu();
startEvents();
startFollowing();
// A page that came only in part, or an old copy out of some cache, whose events have had their numbers: a new one is needed.
const whole = boot.view !== undefined && kept("v") !== boot.view;
keep("v", boot.view ?? null);
if (whole) startChannel();
else void reloadOnce();
void arrived().finally(() => (document.documentElement.dataset.ez = "ready"));
