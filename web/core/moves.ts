// moves.ts: the order of children in a place, with the fewest moves, never of what is in use.
// SPDX-License-Identifier: Apache-2.0

import { selected } from "./focus.ts";

/** The list of a select that is open closes when it is moved. */
const OPEN = CSS.supports("selector(select:open)") ? ",select:open" : "";

type Mover = Element & { moveBefore?(node: Node, before: Node | null): void };

/** Branches that changed their place in the frame that is applied now. */
export const moved = new Set<Node>();

/** Puts a node before another one; where the browser can, without disturbing what goes on inside it. */
export function put(place: Element, node: Node, before: Node | null): void {
    const mover = place as Mover;
    if (!place.isConnected || !node.isConnected) return void place.insertBefore(node, before);
    moved.add(node);
    if (mover.moveBefore) {
        try {
            return mover.moveBefore(node, before);
        } catch {
            // Some pairs cannot be moved this way; the plain one always works.
        }
    }
    const again = node instanceof Element ? carry(node) : undefined;
    place.insertBefore(node, before);
    again?.();
}

/** What a branch loses when it leaves the document for a moment, and can be given back: scroll, modal dialogs, popovers. */
function carry(branch: Element): () => void {
    const all = [branch, ...branch.querySelectorAll<HTMLElement>("*")] as HTMLElement[];
    const scrolled = all.filter((e) => e.scrollTop || e.scrollLeft).map((e) => [e, e.scrollTop, e.scrollLeft] as const);
    const dialogs = all.filter((e) => e.matches("dialog:modal")) as HTMLDialogElement[], popovers = all.filter((e) => e.matches(":popover-open"));
    return () => {
        for (const dialog of dialogs) {
            dialog.removeAttribute("open");
            dialog.showModal();
        }
        for (const popover of popovers) popover.showPopover();
        for (const [e, top, left] of scrolled) e.scrollTo({ top, left, behavior: "instant" });
    };
}

/** Elements that must not be moved: focus and composition, what is open, frames, playing media, the selection, what is pressed. */
function inUse(): { element: Element; weight: number }[] {
    const all: { element: Element; weight: number }[] = [];
    const add = (element: Element | null | undefined, weight: number): void => void (element && all.push({ element, weight }));
    if (document.activeElement !== document.body) add(document.activeElement, 1e9);
    for (const e of document.querySelectorAll(`:popover-open,dialog:modal,iframe${OPEN}`)) add(e, 1e6);
    for (const e of document.querySelectorAll<HTMLMediaElement>("video,audio")) if (!e.paused) add(e, 1e6);
    add([...document.querySelectorAll(":active")].at(-1), 1e6);
    for (const end of selected() ?? []) if (end instanceof Node) add(end instanceof Element ? end : end.parentElement, 1e6);
    return all;
}

/**
 * The heaviest increasing subsequence of the old positions: those children stay where they are. `old` holds -1 for
 * children that come from elsewhere. A tree of prefix maxima keeps it at n log n.
 */
export function staying(old: readonly number[], weight: readonly number[]): Set<number> {
    const size = Math.max(0, ...old) + 2;
    const best = new Float64Array(size + 1), from = new Int32Array(size + 1).fill(-1), previous = new Int32Array(old.length).fill(-1);
    let top = -1, topWeight = 0;
    old.forEach((position, i) => {
        if (position < 0) return;
        let sum = 0, last = -1;
        for (let k = position; k > 0; k -= k & -k) {
            if ((best[k] ?? 0) > sum) {
                sum = best[k] ?? 0;
                last = from[k] ?? -1;
            }
        }
        sum += weight[i] ?? 1;
        previous[i] = last;
        for (let k = position + 1; k <= size; k += k & -k) {
            if (sum > (best[k] ?? 0)) {
                best[k] = sum;
                from[k] = i;
            }
        }
        if (sum > topWeight) {
            topWeight = sum;
            top = i;
        }
    });
    const stay = new Set<number>();
    for (; top >= 0; top = previous[top] ?? -1) stay.add(top);
    return stay;
}

/** Makes these the children of the place, in this order. Other children are left to the caller. */
export function arrange(place: Element, want: readonly Element[]): void {
    const at = new Map<Element, number>();
    let n = 0;
    for (const child of place.children) at.set(child, n++);
    const old = want.map((e) => at.get(e) ?? -1);
    let highest = -1;
    const sorted = old.every((p) => p < 0 || (p > highest && ((highest = p), true)));
    const live = sorted ? [] : inUse().filter((u) => place.contains(u.element));
    const weight = live.length ? want.map((e) => live.reduce((w, u) => w + (e.contains(u.element) ? u.weight : 0), 1)) : [];
    const stay = sorted ? null : staying(old, weight);
    let next: Element | null = null;
    for (let i = want.length - 1; i >= 0; i--) {
        const e = want[i];
        if (!e) continue;
        if ((old[i] ?? -1) < 0 || (stay && !stay.has(i))) put(place, e, next);
        next = e;
    }
}
