// focus.ts: focus never falls to the body when the element that has it goes away, and what is selected stays.
// SPDX-License-Identifier: Apache-2.0

// An heir is, in this order: what came instead with the same id; the next control after it, in the same modal dialog as long as
// that stays, else the one before; something else in its node; the summary of the expander that closed; the page's main part.

import { hostOf } from "./places.ts";

const TABBABLE = "a[href],button,input,select,textarea,summary,[tabindex]:not([tabindex='-1']),[contenteditable],audio[controls],video[controls],iframe";

const usable = (e: Element): boolean => !e.matches(":disabled,[inert] *,[inert]") && e.checkVisibility();
const able = (e: Element): boolean => e.matches(TABBABLE) && usable(e);

/** Gives focus to the first thing in a node that takes it; true when it was taken. */
export function focusNode(node: Element | null): boolean {
    if (!node) return false;
    for (const e of [node, ...node.querySelectorAll(TABBABLE)]) {
        if (!(e instanceof HTMLElement) || !able(e)) continue;
        e.focus({ preventScroll: true });
        if (document.activeElement === e) return true;
    }
    return false;
}

/** Where focus and selection stand before a frame, to look after them afterwards. */
export class FocusGuard {
    #had = document.activeElement;
    #host = this.#had && hostOf(this.#had);
    #heir: Element | null = null;
    #selected = selected();

    get element(): Element | null {
        return this.#had && this.#had !== document.body ? this.#had : null;
    }

    /** These branches go: whoever has focus in one of them names an heir while it still stands among the others. */
    leaving(branches: Element[]): void {
        const had = this.element;
        if (had && branches.some((b) => b.contains(had))) this.#heir = next(had, branches);
    }

    /** The document stands, and nobody asked for focus yet: whoever had it has it, and what was selected is. */
    keep(): void {
        const had = this.element;
        if (had && had !== document.activeElement && had.isConnected && usable(had)) (had as HTMLElement).focus({ preventScroll: true });
        if (!this.#selected) return;
        const [anchor, from, focus, to] = this.#selected, now = selected();
        if (!anchor.isConnected || !focus.isConnected || (now && now[0] === anchor && now[2] === focus)) return;
        getSelection()?.setBaseAndExtent(anchor, Math.min(from, lengthOf(anchor)), focus, Math.min(to, lengthOf(focus)));
    }

    /** After the frame: focus that nobody can use any more goes to the heir. */
    settle(): void {
        const had = this.element, now = document.activeElement, host = this.#host;
        if (!had || (now && now !== document.body && usable(now))) return;
        const closed = had.closest("details:not([open])")?.querySelector("summary") ?? null;
        for (const heir of [had.id ? document.getElementById(had.id) : null, this.#heir, host, closed]) if (heir?.isConnected && focusNode(heir)) return;
        const lost = [had, host].find((e) => e?.isConnected);
        if (lost && focusNode(next(lost, [lost]))) return;
        document.getElementById("ez-main")?.focus({ preventScroll: true });
    }
}

const lengthOf = (node: Node): number => (node instanceof CharacterData ? node.length : node.childNodes.length);

/** Whether something may be selected. Where nothing is, asking for it makes Chromium lay out the page, as `isCollapsed` always does. */
let selecting = true;
document.addEventListener("selectionchange", () => (selecting = true));

/** Both ends of what is selected in the page; null when nothing is. Fields keep their own. */
export function selected(): [Node, number, Node, number] | null {
    const s = selecting ? getSelection() : null;
    selecting = Boolean(s?.rangeCount);
    if (!s?.anchorNode || !s.focusNode || (s.anchorNode === s.focusNode && s.anchorOffset === s.focusOffset)) return null;
    return [s.anchorNode, s.anchorOffset, s.focusNode, s.focusOffset];
}

/** What takes focus in the nodes after this element, else before it, outside of the branches; in the same dialog as long as that stays. */
function next(from: Element, branches: Element[]): Element | null {
    const inside = (e: Element): boolean => branches.some((b) => b.contains(e));
    const dialog = from.closest("dialog:modal");
    let before: Element | null = null;
    for (const e of (dialog && !inside(dialog) ? dialog : document).querySelectorAll(TABBABLE)) {
        if (inside(e) || !hostOf(e) || !able(e)) continue;
        if (from.compareDocumentPosition(e) & Node.DOCUMENT_POSITION_FOLLOWING) return e;
        before = e;
    }
    return before;
}
