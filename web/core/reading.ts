// reading.ts: what a person reads stays where it is on the screen while a frame changes what is above it.
// SPDX-License-Identifier: Apache-2.0
//
// Browsers that anchor scrolling lose their anchor when it is moved, some do not anchor at all, and a moved field with focus is
// scrolled into view. So each scrolled box remembers what stands at its upper edge, and after the frame puts it back there.

import { atEnd, scrolledBoxes } from "./follow.ts";
import { moved } from "./moves.ts";

interface Place {
    box: Element;
    /** What scrolls in the box. */
    room: Element;
    top: number;
    /** What is seen, the best to hold on to first, with the distance from the box's upper edge. */
    seen: { e: Element; at: number; height: number }[];
}

const ENOUGH = 8;
const edge = (box: Element): number => (box === document.documentElement ? 0 : box.getBoundingClientRect().top);
const heightOf = (e: Element): number => e.getBoundingClientRect().height;
/** Of the page, only the main part scrolls. */
const roomOf = (box: Element): Element => (box === document.documentElement && document.getElementById("ez-main")) || box;

export class Reading {
    #places: Place[] = scrolledBoxes().filter((box) => !atEnd(box)).map((box) => {
        const room = roomOf(box);
        return { box, room, top: box.scrollTop, seen: seen(box, room) };
    });

    /** Puts everything back to where it was seen. */
    keep(): void {
        for (const { box, room, top, seen } of this.#places) {
            const left = seen.filter(({ e }) => room.contains(e) && e.checkVisibility() && heightOf(e));
            const held = left.filter(({ e }) => still(e, box));
            // What is cut by the edge and has another height may have changed above the edge.
            const hold = held.find(({ e, at, height }) => at >= 0 || Math.abs(heightOf(e) - height) < 1) ?? held[0] ?? left[0];
            if (hold) {
                const by = hold.e.getBoundingClientRect().top - edge(box) - hold.at;
                if (Math.abs(by) >= 1) box.scrollBy({ top: by, behavior: "instant" });
            } else if (box.isConnected && box.scrollTop !== top) {
                box.scrollTo({ top, behavior: "instant" });
            }
        }
    }
}

/** Whether neither the element nor what it stands in was moved inside its box. */
function still(e: Element, box: Element): boolean {
    for (let up: Element | null = e; up && up !== box; up = up.parentElement) if (moved.has(up)) return false;
    return true;
}

/** What stands in such a box comes and goes with the box. */
const scrollsItself = (e: Element): boolean => /auto|scroll/.test(getComputedStyle(e).overflowY);

/** The field with focus, when it is seen, and the first elements at the upper edge, each as deep as it is cut by the edge. */
function seen(box: Element, room: Element): Place["seen"] {
    const upper = edge(box), lower = upper + box.clientHeight, found: Place["seen"] = [];
    const look = (e: Element): boolean => {
        const { top, bottom, height } = e.getBoundingClientRect();
        if (!height || bottom <= upper) return false;
        if (top >= lower) return true;
        if (top < upper && !scrollsItself(e)) for (const child of e.children) if (look(child)) return true;
        found.push({ e, at: top - upper, height });
        return found.length >= ENOUGH;
    };
    const active = document.activeElement;
    if (active && active !== room && room.contains(active)) {
        const { top, bottom, height } = active.getBoundingClientRect();
        if (top >= upper && bottom <= lower && active.matches("input,textarea,select,[contenteditable]")) found.push({ e: active, at: top - upper, height });
    }
    for (const child of room.children) if (look(child)) break;
    return found;
}
