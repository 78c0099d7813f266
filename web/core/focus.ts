// focus.ts: focus never falls to the body when the element that has it goes away.
// SPDX-License-Identifier: Apache-2.0

import { hostOf } from "./places.ts";

const TABBABLE = "a[href],button,input,select,textarea,summary,[tabindex]:not([tabindex='-1']),[contenteditable],audio[controls],video[controls],iframe";

const able = (e: Element): boolean => e.matches(TABBABLE) && !e.matches(":disabled,[inert] *,[inert]") && e.checkVisibility();

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

/** Where focus stands before a frame, to look after it afterwards. */
export class FocusGuard {
    #had = document.activeElement;
    #host = this.#had && hostOf(this.#had);
    #heir: Element | null = null;

    get element(): Element | null {
        return this.#had && this.#had !== document.body ? this.#had : null;
    }

    /** These branches go: whoever has focus in one of them names an heir while it still stands among the others. */
    leaving(branches: Element[]): void {
        const had = this.element;
        if (had && branches.some((b) => b.contains(had))) this.#heir = next(had, branches);
    }

    /** After the frame. */
    settle(): void {
        const had = this.element, now = document.activeElement, host = this.#host;
        if (!had || (now && now !== document.body && !now.matches(":disabled"))) return;
        if (had.isConnected && able(had)) return (had as HTMLElement).focus({ preventScroll: true });
        if (focusNode(this.#heir)) return;
        if (host?.isConnected && (focusNode(host) || focusNode(next(host, [host])))) return;
        document.getElementById("ez-main")?.focus({ preventScroll: true });
    }
}

/** What takes focus after this element, else before it, outside of the branches; in the same dialog as long as that stays. */
function next(from: Element, branches: Element[]): Element | null {
    const inside = (e: Element): boolean => branches.some((b) => b.contains(e));
    const dialog = from.closest("dialog:modal");
    let before: Element | null = null;
    for (const e of (dialog && !inside(dialog) ? dialog : document).querySelectorAll(TABBABLE)) {
        if (inside(e) || !able(e)) continue;
        if (from.compareDocumentPosition(e) & Node.DOCUMENT_POSITION_FOLLOWING) return e;
        before = e;
    }
    return before;
}
