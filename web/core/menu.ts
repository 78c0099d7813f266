// menu.ts: the page menu (theme, rerun, start over), Stop, and the sidebar as a drawer.
// SPDX-License-Identifier: Apache-2.0

import { address, boot } from "./boot.ts";
import { forgetEdits } from "./values.ts";
import { rootSignal, rootTrigger } from "./queue.ts";

/** Light, dark, or what the system says: a cookie that the server prints as data-theme, so that dark needs no script. */
export function setTheme(theme: string): void {
    const chosen = theme === "light" || theme === "dark";
    if (chosen) document.documentElement.dataset.theme = theme;
    else delete document.documentElement.dataset.theme;
    document.cookie = `${boot.cookie}-theme=${chosen ? theme : ""};path=${address("").pathname};samesite=lax;max-age=${chosen ? 31536000 : 0}`;
    markTheme();
}

function markTheme(): void {
    const theme = document.documentElement.dataset.theme ?? "system";
    for (const r of document.querySelectorAll<HTMLInputElement>("[name=ez-theme]")) r.checked = r.value === theme;
}

export function pageAction(name: string): void {
    document.getElementById("ez-menu")?.hidePopover();
    if (name === "startover") forgetEdits();
    if (name === "rerun") void rootTrigger(name);
    else void rootSignal(name);
}

export function startMenu(): void {
    markTheme();
    document.getElementById("ez-menu")?.addEventListener("change", (e) => setTheme((e.target as HTMLInputElement).value));
    // Wide enough for a column: an open drawer would stay above it.
    matchMedia("(min-width: 60rem)").addEventListener("change", (e) => e.matches && document.getElementById("ez-side")?.hidePopover());
}
