// boot.ts: what the page said about itself, and the tab's small memory.
// SPDX-License-Identifier: Apache-2.0

interface Boot {
    view: string;
    session: string;
    epoch: number;
    frame: number;
    build: string;
    base: string;
    busy: number;
    cookie: string;
    icons: string;
    /** How often an idle line is used, in ms. */
    ping: number;
}

export const boot = JSON.parse(document.getElementById("ez-boot")?.textContent || "{}") as Boot;

/** Id of the root node. */
export const root = "ez_________";

/** An address of the program, from its path below the base. */
export const address = (path: string): URL => new URL((boot.base ?? "./") + path, location.href);

/** The path of this page below the base, with its query: "/about?x=1". */
export const path = location.href.slice(address("").href.length - 1).split("#")[0] || "/";

/** What this tab kept under a name; null when nothing, or when the browser keeps nothing. */
export function kept(name: string): string | null {
    try {
        return sessionStorage.getItem(`${boot.cookie}:${name}`);
    } catch {
        return null;
    }
}

/** Keeps a text for this tab, over reloads; null forgets it. */
export function keep(name: string, text: string | null): void {
    try {
        if (text === null) sessionStorage.removeItem(`${boot.cookie}:${name}`);
        else sessionStorage.setItem(`${boot.cookie}:${name}`, text);
    } catch {
        // A browser that keeps nothing, or no more: then a reload forgets, and all else goes on.
    }
}
