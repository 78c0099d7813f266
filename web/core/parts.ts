// parts.ts: what is loaded only when the page needs it.
// SPDX-License-Identifier: Apache-2.0

const PATIENCE_MS = 300;
/** What did not come. */
const missing = new Set<() => Promise<unknown>>();
/** The applier and the morph: a page that never changes does without them. */
export let applier: typeof import("./applier.ts") | undefined;

/** Loads something, or puts it down among what is missing. */
export async function attempt(load: () => Promise<unknown>): Promise<void> {
    try {
        await load();
    } catch {
        missing.add(load);
    }
}

/** There is a line again: what did not come is asked for once more. */
export function loadMissing(): void {
    const all = [...missing];
    missing.clear();
    for (const load of all) void attempt(load);
}

/** Nobody waits for long: what is late is seen without it for a moment. */
export const soon = (loaded: Promise<unknown>): Promise<unknown> => Promise.race([loaded, new Promise((done) => setTimeout(done, PATIENCE_MS))]);

export async function loadApplier(): Promise<NonNullable<typeof applier>> {
    return (applier ??= await import("./applier.ts"));
}

/** Loads what elements in this HTML need; the list of that comes with what applies frames. Undefined: all of it is there, or was asked for before. */
export function arriving(html: string): Promise<unknown> | undefined {
    return applier ? applier.arriving(html) : soon(attempt(async () => (await loadApplier()).arriving(html)));
}

/** Loads the scripts of the printed page, for which the server left hints in the head. */
export function arrived(): Promise<unknown> {
    return Promise.allSettled([...document.querySelectorAll<HTMLLinkElement>("link[rel=modulepreload]")].map((l) => attempt(() => import(l.href))));
}
