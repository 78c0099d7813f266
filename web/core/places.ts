// places.ts: which node an element belongs to, and what stands in a node's own shell.
// SPDX-License-Identifier: Apache-2.0

/** The node in which el stands, el included. A node is what stands in a place, or is not placed yet. */
export function hostOf(el: Element): HTMLElement | null {
    for (let e: Element | null = el; e; e = e.parentElement) {
        // getAttribute, because a control named "id" shadows the property of its form.
        if (e.getAttribute("id")?.length === 11 && (!e.parentElement || e.parentElement.hasAttribute("data-ez-place"))) return e as HTMLElement;
    }
    return null;
}

/** Walks the shell of a node: itself and all inside, without entering places. */
export function* shell(node: Element): Generator<HTMLElement> {
    yield node as HTMLElement;
    if (!node.hasAttribute("data-ez-place")) for (const child of node.children) yield* shell(child);
}

/** The first element of the shell that matches. */
export function own(node: Element, selector: string): HTMLElement | null {
    if (node.matches(selector)) return node as HTMLElement;
    for (const e of shell(node)) if (e.matches(selector)) return e;
    return null;
}

/** The place of that name inside a node that may not stand in the document yet. */
export function placeIn(node: Element, name: string): HTMLElement | null {
    return own(node, `[data-ez-place="${name}"]`);
}
