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

    /** These branches go: whoever has focus in one of them names an heir, the next after it, else the one before. */
    leaving(branches: Element[]): void {
        const had = this.element;
        if (!had || !branches.some((b) => b.contains(had))) return;
        const stay = (e: Element): boolean => able(e) && !branches.some((b) => b.contains(e));
        const room = had.closest("dialog:modal") ?? document;
        let before: Element | null = null;
        for (const e of (branches.some((b) => room !== document && b.contains(room as Element)) ? document : room).querySelectorAll(TABBABLE)) {
            if (!stay(e)) continue;
            if (had.compareDocumentPosition(e) & Node.DOCUMENT_POSITION_FOLLOWING) {
                this.#heir = e;
                return;
            }
            before = e;
        }
        this.#heir = before;
    }

    /** After the frame. */
    settle(): void {
        const had = this.element, now = document.activeElement;
        if (!had || (now && now !== document.body && !now.matches(":disabled"))) return;
        if (had.isConnected && able(had)) (had as HTMLElement).focus({ preventScroll: true });
        else if (!focusNode(this.#heir) && !(this.#host?.isConnected && focusNode(this.#host))) document.getElementById("ez-main")?.focus({ preventScroll: true });
    }
}
