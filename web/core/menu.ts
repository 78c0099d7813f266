// menu.ts: the page menu (theme, rerun, start over), Stop, and the sidebar as a drawer.
// SPDX-License-Identifier: Apache-2.0

import { leave } from "./channel.ts";
import { forgetEdits } from "./values.ts";
import { markTheme, setTheme } from "./page.ts";
import { rootSignal, rootTrigger } from "./queue.ts";

export function pageAction(name: string): void {
    document.getElementById("ez-menu")?.hidePopover();
    if (name === "startover") forgetEdits();
    if (name === "rerun") void rootTrigger(name);
    else void rootSignal(name);
}

export function startMenu(): void {
    markTheme();
    const menu = document.getElementById("ez-menu");
    menu?.addEventListener("change", (e) => setTheme((e.target as HTMLInputElement).value));
    menu?.addEventListener("submit", leave);
    // Wide enough for a column: an open drawer would stay above it.
    matchMedia("(min-width: 60rem)").addEventListener("change", (e) => e.matches && document.getElementById("ez-side")?.hidePopover());
}
