// morph.ts: a node's shell becomes the one that the server printed, and what belongs to the person stays.
// SPDX-License-Identifier: Apache-2.0
//
// idiomorph does the work; this file says what it must not enter: places (children are nodes of their own), data-ez-own,
// and everything that the person decides: value, checked, selected, open.

import { Idiomorph } from "idiomorph";
import { pending, safely } from "./hooks.ts";
import { put } from "./moves.ts";
import { placeIn, shell } from "./places.ts";
import { controlOf, read, write } from "./values.ts";
import type { EzElement } from "./element.ts";

/** Whether the server may write an attribute of an element that is there. */
function serverOwns(name: string, e: Element): boolean {
    switch (name) {
        case "open":
            return !e.matches("details,dialog,[data-ez-value=open]");
        case "checked": case "selected":
            return false;
        case "value":
            return !e.matches("textarea,select") && !(e instanceof HTMLInputElement && !/^(radio|checkbox|submit|button|hidden)$/.test(e.type));
        case "data-state": case "aria-busy":
            return !pending.has(e);
        case "data-ez-kept":
            return false;
    }
    return true;
}

function attributes(old: Element, fresh: Element): void {
    for (const a of fresh.attributes) if (old.getAttribute(a.name) !== a.value && serverOwns(a.name, old)) old.setAttributeNode(a.cloneNode() as Attr);
    for (const a of [...old.attributes]) if (!fresh.hasAttribute(a.name) && serverOwns(a.name, old)) old.removeAttribute(a.name);
}

/** Changes only the middle of a text that differs, so that what is selected in the rest stays selected. */
function reword(old: Text, { data }: Text): void {
    const was = old.data, shorter = Math.min(was.length, data.length);
    let head = 0, tail = 0;
    while (head < shorter && was[head] === data[head]) head++;
    while (tail < shorter - head && was.at(-1 - tail) === data.at(-1 - tail)) tail++;
    if (head + tail < was.length || head + tail < data.length) old.replaceData(head, was.length - head - tail, data.slice(head, data.length - tail));
}

/** False: the inside is not ours to change, or is changed already. */
function enters(old: Node, fresh: Node): boolean {
    if (old instanceof Text && fresh instanceof Text) {
        reword(old, fresh);
        return false;
    }
    if (!(old instanceof Element) || !(fresh instanceof Element)) return true;
    const both = (name: string): boolean => old.hasAttribute(name) && old.getAttribute(name) === fresh.getAttribute(name);
    if (both("data-ez-own") || both("data-ez-place") || old instanceof HTMLTextAreaElement) {
        attributes(old, fresh);
        return false;
    }
    return !(old.hasAttribute("data-ez-kept") && old.textContent === fresh.textContent);
}

const config = {
    restoreFocus: false,
    head: { style: "none" as const },
    callbacks: {
        beforeNodeMorphed: enters,
        beforeAttributeUpdated: (name: string, e: Element) => serverOwns(name, e),
    },
};

/** The nodes that a text of HTML makes. Nothing runs and nothing loads before they stand in the document. */
export function parse(html: string): DocumentFragment {
    const template = document.createElement("template");
    template.innerHTML = html;
    return template.content;
}

/** Places and data-ez-own have no id of their own; with one, idiomorph finds them wherever they went in the shell. */
function named(node: Element): Element[] {
    const given: Element[] = [];
    let i = 0;
    for (const e of shell(node)) {
        if (e === node || e.id || !e.matches("[data-ez-place],[data-ez-own]")) continue;
        e.id = `${node.id}-ez-${e.dataset.ezPlace ?? i++}`;
        given.push(e);
    }
    return given;
}

/** Morphs a node into its new shell and returns the element that is the node now: another one when its tag changed. */
export function morph(node: HTMLElement, fresh: HTMLElement, limbo: Element): HTMLElement {
    const control = controlOf(node), value = control && read(control);
    // Children of places that go, or that become another tag, wait aside, connected, so that they lose nothing.
    const carried: [string, Element[]][] = [];
    for (const place of [...shell(node)]) {
        const name = place.dataset.ezPlace, next = name && placeIn(fresh, name);
        if (!name || (next && next.localName === place.localName && node.localName === fresh.localName && (next === fresh) === (place === node))) continue;
        const children = [...place.children];
        for (const child of children) put(limbo, child, null);
        if (next) carried.push([name, children]);
    }
    let now = node;
    if (node.localName !== fresh.localName) {
        now = fresh;
        node.replaceWith(now);
    } else {
        const given = [...named(node), ...named(fresh)];
        Idiomorph.morph(node, fresh, config);
        for (const e of given) e.removeAttribute("id");
        for (const e of now.querySelectorAll(`[id^="${node.id}-ez-"]`)) e.removeAttribute("id");
    }
    for (const [name, children] of carried) {
        const place = placeIn(now, name);
        if (place) for (const child of children) put(place, child, null);
    }
    const after = controlOf(now);
    if (after && value !== undefined) write(after, value);
    for (const e of shell(now)) {
        if (e.localName.includes("-") && !e.parentElement?.closest("[data-ez-own]")) safely(() => (e as EzElement).update?.());
    }
    return now;
}

/** Keeps the first nodes of an element and makes the rest like these. */
export function tail(end: Element, keep: number, fresh: readonly ChildNode[]): void {
    const old = [...end.childNodes].slice(keep);
    fresh.forEach((f, i) => {
        const o = old[i];
        if (!o) end.append(f);
        else if (o.nodeType !== f.nodeType || o.nodeName !== f.nodeName) o.replaceWith(f);
        else if (o.nodeType === Node.ELEMENT_NODE) Idiomorph.morph(o, f, config);
        else if (o instanceof Text && f instanceof Text) reword(o, f);
    });
    for (const o of old.slice(fresh.length)) o.remove();
}
