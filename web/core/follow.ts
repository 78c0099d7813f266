// follow.ts: a growing list stays at its end while the end is visible, and lets go as soon as somebody scrolls up.
// SPDX-License-Identifier: Apache-2.0

import { root } from "./boot.ts";

interface Watched {
    end: boolean;
    top: number;
}

const NEAR = 24;
const watched = new Map<Element, Watched>();

/** The page follows when a chat is at its foot. */
const pageFollows = (): boolean => Boolean(document.querySelector(`[data-ez-place="${root}.2"] [data-ez-submit]`));

const left = (e: Element): number => e.scrollHeight - e.clientHeight - e.scrollTop;

/** Boxes that somebody scrolled. */
const boxes = new Set<Element>();
export const scrolledBoxes = (): Element[] => [...boxes].filter((e) => e.isConnected && e.scrollTop > 0);
/** Whether a box follows its end just now. */
export const atEnd = (e: Element): boolean => watched.get(e)?.end ?? false;

function scrolled(e: Element): void {
    if (e.scrollTop > 0) boxes.add(e);
    else boxes.delete(e);
    const w = watched.get(e);
    if (!w) return;
    const top = e.scrollTop, rest = left(e);
    if (top < w.top - 1 && rest > 1) w.end = false;
    else if (rest < NEAR) w.end = true;
    w.top = top;
    mark();
}

/** The page says whether its end is out of sight, for the button that leads there. */
function mark(): void {
    const page = watched.get(document.documentElement);
    document.documentElement.toggleAttribute("data-ez-away", Boolean(page && !page.end));
}

function stick(e: Element, w: Watched): void {
    if (!w.end) return;
    e.scrollTop = e.scrollHeight;
    w.top = e.scrollTop;
}

const resized = new ResizeObserver((entries) => {
    for (const { target } of entries) {
        const e = target === document.body ? document.documentElement : target, w = watched.get(e);
        if (w) stick(e, w);
    }
});

/** After a frame: whoever was at the end is at the end. */
export function keepEnds(): void {
    const all = new Set<Element>(document.querySelectorAll("[data-ez-follow]"));
    if (pageFollows()) all.add(document.documentElement);
    for (const e of boxes) if (!e.isConnected) boxes.delete(e);
    for (const e of watched.keys()) {
        if (all.has(e)) continue;
        watched.delete(e);
        resized.unobserve(e === document.documentElement ? document.body : e);
    }
    for (const e of all) {
        let w = watched.get(e);
        if (!w) {
            watched.set(e, (w = { end: true, top: 0 }));
            resized.observe(e === document.documentElement ? document.body : e);
        }
        stick(e, w);
    }
    mark();
}

/** To the end, and on from there: somebody sent a message, or asked for it. */
export function toEnd(near: Element): void {
    for (const [e, w] of watched) {
        if (e !== document.documentElement && !e.contains(near) && !near.closest(`[data-ez-place^="${root}"]`)?.contains(e)) continue;
        w.end = true;
        stick(e, w);
    }
    mark();
}

/** Where somebody scrolled to, by the box's id; "" is the page. Who follows an end follows it again. */
export type Scrolled = [id: string, top: number];

export function scrolls(): Scrolled[] {
    return scrolledBoxes().filter((e) => !atEnd(e) && (e.id || e === document.documentElement)).map((e) => [e.id, e.scrollTop]);
}

/** Somebody reads elsewhere than at the end. */
export function letGo(e: Element): void {
    const w = watched.get(e);
    if (w) w.end = false;
    mark();
}

export function startFollowing(): void {
    document.addEventListener("scroll", (e) => scrolled(e.target instanceof Element ? e.target : document.documentElement), { capture: true, passive: true });
    document.addEventListener("wheel", (e) => {
        if (e.deltaY >= 0) return;
        for (const [box, w] of watched) if (box.contains(e.target as Node) && box.scrollTop > 0) w.end = false;
        mark();
    }, { passive: true });
    // Pictures that come late make the content grow without a frame.
    document.addEventListener("load", keepEnds, true);
    keepEnds();
}
