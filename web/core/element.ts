// element.ts: all that the script of an element may use. import { trigger, setValue } from "easel".
// SPDX-License-Identifier: Apache-2.0
//
// An element's script lives beside its C file, elements/<group>/<name>/<name>.ts, and is loaded by pages that show the element. It
// defines a custom element: a plain HTMLElement subclass in light DOM, no framework, no shadow root.
//
//     import { setValue, type EzElement } from "easel";
//
//     class Stars extends HTMLElement implements EzElement {
//         connectedCallback() { this.addEventListener("click", (e) => …setValue(this, 3)); }
//         get value() { return Number(this.dataset.stars); }           // what the visitor sees
//         set value(v) { this.dataset.stars = String(v); }             // the server set it; do not call setValue here
//         update() { … }                                               // the patcher changed my attributes or my JSON
//         ezCall(method, args) { … }                                   // a call operation from C
//     }
//     customElements.define("ez-stars", Stars);
//
// Who owns what. The server owns the markup that C printed: attributes that a script sets there are lost with the next
// put. The script owns everything inside an element marked data-ez-own: nothing in there is ever entered by the patcher.
// The person owns value, checked, selected, open, scroll, selection, media position: nobody writes them but `v` operations.
// An element marked data-ez-kept (a highlighted code block) keeps its children as long as their text stays the same.
//
// Lifecycle. connectedCallback runs once for each insertion; implement connectedMoveCallback() {} as well, then a move
// keeps state and calls neither connectedCallback nor disconnectedCallback. update() follows each put of the node and
// must be cheap when nothing changed. Plain controls (input, select, textarea, details, dialog) need no script at all:
// data-ez-value and its companions in docs/wire.md do it.

import { announceText, copy, sprite, toastShow, type ToastKind } from "./page.ts";
import { editValue } from "./values.ts";
import { frames, busyWatch } from "./hooks.ts";
import { hostOf } from "./places.ts";
import { postSignal, postTrigger } from "./queue.ts";
import type { Json, Value } from "./wire.ts";

export { toEnd } from "./follow.ts";
export type { Json, Value, ToastKind };

/** What the core looks for on a custom element; all optional. */
export interface EzElement extends HTMLElement {
    value?: Value;
    update?(): void;
    ezCall?(method: string, args: Json): void;
}

/** The node (an element that C code made) in which el stands, el itself included; null outside of every node. */
export function nodeOf(el: Element): HTMLElement | null {
    return hostOf(el);
}

/** The id of the node in which el stands, "" outside of every node. */
export function idOf(el: Element): string {
    return hostOf(el)?.id ?? "";
}

/**
 * Sends a trigger of the node in which host stands: C code sees it as node_fired(n, type). All uncommitted values travel
 * with it. The promise becomes true when the run that it caused is committed, false when it was refused (the visitor is
 * told by the core). It waits while the page is not connected.
 */
export function trigger(host: Element, type: string, value: Json = null): Promise<boolean> {
    return postTrigger(idOf(host), type, value, host.closest<HTMLElement>("[data-ez-form]"));
}

/** Sends a signal (copy, feedback, stop): as trigger, but it carries no values and never interrupts a run. */
export function signal(host: Element, type: string, value: Json = null): Promise<boolean> {
    return postSignal(idOf(host), type, value);
}

/**
 * The visitor changed the value of this custom control: counts an edit and sends it, merged with newer ones. With
 * commit = false it only travels with the next event (text while it is being typed). In a form it leaves with the submit.
 */
export function setValue(host: Element, value: Value, commit = true): void {
    editValue(hostOf(host) ?? (host as HTMLElement), value, commit);
}

/** Calls back after each frame that was applied, before the paint. Returns the way to stop it. */
export function onFrame(callback: () => void): () => void {
    return frames.add(callback);
}

/** Calls back when the page becomes busy (a run or job goes on) and when it settles. Returns the way to stop it. */
export function onBusy(callback: (busy: boolean) => void): () => void {
    return busyWatch.add(callback);
}

/** Lets screen readers say a sentence: politely, or at once when it is an alert. Never for each token of a stream. */
export function announce(text: string, alert = false): void {
    announceText(text, alert);
}

/** Shows a short plain-text notice that leaves by itself. */
export function toast(text: string, kind: ToastKind = "info"): void {
    toastShow({ text, kind });
}

/** An icon of the sprite, as <svg class="ez-icon">, hidden from screen readers. */
export function icon(name: string): SVGSVGElement {
    return sprite(name);
}

/** Puts text on the clipboard; false when the browser refused. */
export function copyText(text: string): Promise<boolean> {
    return copy(text);
}
