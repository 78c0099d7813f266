// hooks.ts: who wants to know of what: one list of callbacks for each kind of news.
// SPDX-License-Identifier: Apache-2.0

/** Runs code of an element: what it throws is told to the console, and everything else goes on. */
export function safely(run: () => void): void {
    try {
        run();
    } catch (error) {
        reportError(error);
    }
}

export class Watch<T> {
    #all = new Set<(news: T) => void>();

    /** Adds a callback and returns the way to take it back. */
    add(callback: (news: T) => void): () => void {
        this.#all.add(callback);
        return () => void this.#all.delete(callback);
    }

    tell(news: T): void {
        for (const callback of this.#all) safely(() => callback(news));
    }
}

/** Buttons whose events are under way, with the number of presses: their state is the core's, not the server's. */
export const pending = new WeakMap<Element, number>();

/** A frame was applied. */
export const frames = new Watch<void>();
/** The page became busy or settled. */
export const busyWatch = new Watch<boolean>();
