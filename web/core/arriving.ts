// arriving.ts: scripts and styles of elements, loaded when the page gets such an element. web/build.mjs fills the list.
// SPDX-License-Identifier: Apache-2.0

import { attempt, soon } from "./parts.ts";

export const known = {
    /** Hash of all sheets, a part of the address of any selection of them. */
    set: "",
    /** Names, with spaces between: classes and tags of which one is enough. The server numbers sheets in this order. */
    sheets: [] as string[],
    scripts: [] as { load: () => Promise<unknown>; names: string }[],
};

const seen = new Set<string>();
/** Numbers of the sheets that the page has. */
let have = -1n;

const bits = (address: string): bigint => BigInt("0x" + (/sheet-\w+-(\w+)/.exec(address)?.[1] ?? "0"));
const has = (names: string, name: string): boolean => ` ${names} `.includes(` ${name} `);

/** A link to the sheets of these numbers, done when they are there. */
function style(wanted: bigint): Promise<unknown> {
    const link = document.createElement("link");
    const done = new Promise((settle, fail) => {
        link.onload = settle;
        link.onerror = () => {
            link.remove();
            fail(new Error(link.href));
        };
    });
    link.rel = "stylesheet";
    link.href = new URL(`sheet-${known.set}-${wanted.toString(16)}.css`, import.meta.url).href;
    document.head.append(link);
    return done;
}

/** Loads what elements in this HTML need. Undefined: all of it is there, or was asked for before. */
export function arriving(html: string): Promise<unknown> | undefined {
    const all: Promise<unknown>[] = [];
    if (have < 0n) have = [...document.querySelectorAll<HTMLLinkElement>("link[rel=stylesheet]")].reduce((sum, l) => sum | bits(l.href), 0n);
    let wanted = 0n;
    for (const [, name = ""] of html.matchAll(/[\s"'<](ez-[\w-]+)/g)) {
        if (seen.has(name)) continue;
        seen.add(name);
        known.sheets.forEach((names, i) => has(names, name) && (wanted |= 1n << BigInt(i)));
        // A module that is there already answers at once.
        for (const { names, load } of known.scripts) if (has(names, name)) all.push(attempt(load));
    }
    wanted &= ~have;
    have |= wanted;
    if (wanted) all.push(attempt(() => style(wanted)));
    return all.length ? soon(Promise.all(all)) : undefined;
}
