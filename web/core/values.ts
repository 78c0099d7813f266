// values.ts: the values of controls: read, written, edited by the visitor, and not yet sent.
// SPDX-License-Identifier: Apache-2.0
//
// An edit is counted (rev) and waits here until an event takes it. `ready` edits go out by themselves; the others (text
// being typed, an expander opened) travel with the next trigger. Edits in a form leave only with its submit.

import { hostOf, own, shell } from "./places.ts";
import { commitValues, inFlight } from "./queue.ts";
import type { Up, Value } from "./wire.ts";

interface Edit {
    value: Value;
    rev: number;
    form: Element | null;
    ready: boolean;
}

type Custom = HTMLElement & { value?: Value };

const edits = new Map<string, Edit>();
const revs = new Map<string, number>();
/** What browser and server agree on, once it is something else than what the page was printed with. */
const known = new Map<string, Value>();
/** How details and dialogs were when they came: the platform has no default for them. */
const cameOpen = new WeakMap<Element, boolean>();

const same = (a: Value | undefined, b: Value | undefined): boolean => JSON.stringify(a) === JSON.stringify(b);
const numberOf = (text: string): Value => (text === "" ? null : Number(text));
const radios = (group: Element): HTMLInputElement[] => [...group.querySelectorAll<HTMLInputElement>("input[type=radio]")];

/** The control of a node: the part of its shell that carries the value. */
export const controlOf = (node: Element): HTMLElement | null => own(node, "[data-ez-value]");

/** Text in a control that is emptied when it is sent is a draft, not a value. */
export const isDraft = (control: HTMLElement): boolean => "ezClear" in control.dataset || !("ezValue" in control.dataset);

/** The value that a control shows, or the one that it was printed with; undefined: no legal value. */
export function read(control: HTMLElement, printed = false): Value | undefined {
    if (control instanceof HTMLSelectElement) {
        const options = [...control.options];
        if (control.multiple) return options.filter((o) => (printed ? o.defaultSelected : o.selected)).map((o) => o.value);
        const chosen = printed ? options.find((o) => o.defaultSelected) ?? options[0] : control.selectedOptions[0];
        return chosen?.value || null;
    }
    switch (control.dataset.ezValue) {
        case "choice":
            return radios(control).find((r) => (printed ? r.defaultChecked : r.checked))?.value ?? null;
        case "open":
            if ("open" in control) return printed ? cameOpen.get(control) ?? false : Boolean(control.open);
    }
    if (control instanceof HTMLInputElement) {
        if (control.type === "checkbox") return printed ? control.defaultChecked : control.checked;
        if (!printed && control.validity.badInput) return undefined;
        const text = printed ? control.defaultValue : control.value;
        // A slider printed without a value stands in its middle.
        if (printed && control.type === "range" && text === "") return Number(control.value);
        return control.dataset.ezValue === "text" ? text : numberOf(text);
    }
    if (control instanceof HTMLTextAreaElement) return printed ? control.defaultValue : control.value;
    return printed ? undefined : (control as Custom).value;
}

/** Makes a control show a value, without an event. */
export function write(control: HTMLElement, value: Value): void {
    if (same(read(control), value)) return;
    if (control instanceof HTMLSelectElement) {
        for (const o of control.options) o.selected = Array.isArray(value) ? value.includes(o.value) : o.value === (value ?? "");
    } else if (control.dataset.ezValue === "choice" && !("value" in control)) {
        for (const r of radios(control)) r.checked = r.value === value;
    } else if (control instanceof HTMLDialogElement) {
        if (!value) control.close();
        else if (control.isConnected) control.showModal();
    } else if (control instanceof HTMLDetailsElement) {
        control.open = Boolean(value);
    } else if (control instanceof HTMLInputElement && control.type === "checkbox") {
        control.checked = Boolean(value);
    } else if (control.localName.includes("-") && !customElements.get(control.localName)) {
        // Its script is on the way; a property that is set before would hide the one that it brings.
        void customElements.whenDefined(control.localName).then(() => write(control, value));
    } else if (control instanceof HTMLInputElement || control instanceof HTMLTextAreaElement) {
        fill(control, String(value ?? ""));
    } else {
        (control as Custom).value = value;
    }
}

/** Sets the text of a field and leaves the caret where it is; one that stands at the end stays at the end. */
function fill(field: HTMLInputElement | HTMLTextAreaElement, text: string): void {
    // What a person chose from the own files cannot be written, only given up.
    if (field.type === "file") return void (text || (field.value = ""));
    const { selectionStart: from, selectionEnd: to, selectionDirection: way } = field, end = from === field.value.length;
    field.value = text;
    if (from !== null && !end && field === document.activeElement) field.setSelectionRange(from, to, way ?? "none");
}

/** A node came into the document: notes what is open, and makes printed dialogs modal. */
export function settle(node: Element, anew: boolean): void {
    const edit = edits.get(node.id), carrier = controlOf(node);
    // An id that comes back has the value that was printed, unless something typed before it went is still to be sent.
    if (anew && edit && carrier) write(carrier, edit.value);
    else if (anew) known.delete(node.id);
    const draft = anew && left.get(node.id);
    if (draft) restore([node.id, draft, false]);
    if (anew) left.delete(node.id);
    for (const control of shell(node)) {
        if (control.dataset.ezValue !== "open" || cameOpen.has(control)) continue;
        cameOpen.set(control, control.hasAttribute("open"));
        if (control instanceof HTMLDialogElement && control.open && !control.matches(":modal")) {
            control.removeAttribute("open");
            control.showModal();
        }
    }
}

/** The visitor changed a value. */
export function editValue(node: HTMLElement, value: Value, ready: boolean): void {
    const rev = (revs.get(node.id) ?? 0) + 1;
    revs.set(node.id, rev);
    edits.set(node.id, { value, rev, form: node.closest("[data-ez-form]"), ready: ready || (edits.get(node.id)?.ready ?? false) });
    if (ready) commitValues();
}

/** Something happened at a control: an edit, when it shows another value than both sides know. */
export function touch(control: HTMLElement, ready: boolean): void {
    const node = hostOf(control), value = read(control);
    if (!node || value === undefined || isDraft(control)) return;
    const edit = edits.get(node.id);
    const before = edit ? edit.value : known.has(node.id) ? known.get(node.id) : read(control, true);
    if (!same(before, value)) editValue(node, value, ready);
    else if (edit && ready && !edit.ready) {
        edit.ready = true;
        commitValues();
    }
}

/** Takes the edits that a new event carries: all outside of forms and in this form, or only those that are ready. */
export function takeEdits(form: Element | null, readyOnly: boolean): Up["v"] {
    const taken: NonNullable<Up["v"]> = [];
    for (const [id, e] of edits) {
        if ((e.form && e.form !== form && e.form.isConnected) || (readyOnly && !e.ready)) continue;
        taken.push([id, e.value, e.rev]);
        known.set(id, e.value);
        edits.delete(id);
    }
    return taken;
}

export const hasReady = (): boolean => [...edits.values()].some((e) => e.ready && !e.form);
export const edited = (id: string): boolean => edits.has(id);

/** A `v` operation: the visitor wins who typed since. Edits to come count on from what the server knows, of other views, too. */
export function serverValue(node: HTMLElement, value: Value, rev: number): void {
    const local = revs.get(node.id) ?? 0;
    revs.set(node.id, Math.max(local, rev));
    if (edits.has(node.id)) return;
    // Something else may have been written over it since, by a server that lost its session.
    const sent = local > rev ? inFlight(node.id, rev) : undefined;
    if (sent !== undefined) value = sent;
    const control = controlOf(node) ?? node;
    known.set(node.id, value);
    write(control, value);
}

/** Back to what was printed, unless edited since. */
export function clearNode(node: HTMLElement): void {
    const control = own(node, "[data-ez-value],[data-ez-submit]"), value = control && read(control, true);
    if (!control || value === undefined || edits.has(node.id)) return;
    known.set(node.id, value);
    write(control, value);
}

// ---- drafts: what is typed and not sent survives a reload ------------------------------------------------------------

export type Draft = [id: string, value: Value, ready: boolean];

/** Drafts of nodes that went: they may come back. */
const left = new Map<string, string>();

function* written(within: ParentNode): Generator<[id: string, text: string]> {
    for (const e of within.querySelectorAll<HTMLTextAreaElement>("textarea[data-ez-submit],input[data-ez-submit]")) {
        const id = hostOf(e)?.id;
        if (id && isDraft(e) && e.value) yield [id, e.value];
    }
}

export function drafts(): Draft[] {
    return [...[...edits].map(([id, e]): Draft => [id, e.value, e.ready]), ...[...left, ...written(document)].map(([id, text]): Draft => [id, text, false])];
}

/** A node goes: what is written in it and not sent is kept for the case that it comes back. */
export function leave(node: Element): void {
    for (const [id, text] of written(node)) left.set(id, text);
}

export function restore([id, value, ready]: Draft): void {
    const node = document.getElementById(id), control = node && own(node, "[data-ez-value],[data-ez-submit]");
    if (!node || !control) return;
    write(control, value);
    if (isDraft(control)) control.dispatchEvent(new Event("input", { bubbles: true }));
    else editValue(node, value, ready);
}

/** The session starts over: what is typed and not sent belongs to the old one. */
export function forgetEdits(): void {
    edits.clear();
    left.clear();
    for (const e of document.querySelectorAll<HTMLTextAreaElement>("[data-ez-submit][data-ez-clear]")) write(e, "");
}
