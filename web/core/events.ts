// events.ts: what the visitor does, by delegation from the document, as docs/wire.md says.
// SPDX-License-Identifier: Apache-2.0

import { toEnd } from "./follow.ts";
import { pending } from "./hooks.ts";
import { pageAction } from "./menu.ts";
import { openNode } from "./page.ts";
import { hostOf, own } from "./places.ts";
import { postTrigger } from "./queue.ts";
import { clearNode, edited, isDraft, touch } from "./values.ts";

type TextControl = HTMLInputElement | HTMLTextAreaElement;
const BUSY_MS = 150;

const isText = (e: Element | null): e is TextControl =>
    e instanceof HTMLTextAreaElement || (e instanceof HTMLInputElement && !/^(checkbox|radio|range|button|submit|color|file)$/.test(e.type));
const formOf = (e: Element): HTMLFormElement | null => e.closest<HTMLFormElement>("form[data-ez-form]");
/** Events of before the core were kept from their default already. */
let replaying = false;
const off = (e: Element): boolean => e.matches(":disabled,[aria-disabled=true]");

/** A button shows at once that it was pressed, and after a moment that it works. It stays usable. */
function press(button: HTMLElement, done: Promise<boolean>): void {
    const turn = (pending.get(button) ?? 0) + 1;
    const set = (state: string): void => {
        button.dataset.state = state;
        button.ariaBusy = state === "busy" ? "true" : null;
    };
    pending.set(button, turn);
    if (turn === 1) set("pressed");
    const soon = setTimeout(set, BUSY_MS, "busy");
    void done.then(() => {
        clearTimeout(soon);
        if (pending.get(button) !== turn) return;
        pending.delete(button);
        button.ariaBusy = null;
        delete button.dataset.state;
    });
}

function fire(e: HTMLElement, type: string): void {
    const node = hostOf(e);
    const value = e instanceof HTMLButtonElement && e.value ? e.value : null;
    if (node) press(e, postTrigger(node.id, type, value, formOf(e)));
}

async function submitForm(form: HTMLFormElement, button: HTMLElement | null): Promise<void> {
    const node = hostOf(form), submit = button && hostOf(button);
    if (!node) return;
    const done = postTrigger(node.id, "submit", submit?.id ?? null, form);
    if (button) press(button, done);
    if (!(await done) || !("ezClear" in form.dataset)) return;
    for (const control of form.querySelectorAll<HTMLElement>("[data-ez-value]")) {
        const owner = hostOf(control);
        if (owner && !edited(owner.id)) clearNode(owner);
    }
}

async function submitText(control: TextControl): Promise<void> {
    const node = hostOf(control), text = control.value, clears = "ezClear" in control.dataset;
    if (!node || off(control) || (clears && !text.trim()) || !control.reportValidity()) return;
    touch(control, false);
    const done = postTrigger(node.id, "submit", text, formOf(control));
    if (clears) fill(control, "");
    toEnd(control);
    if (!(await done) && clears && !control.value) fill(control, text);
}

/** Sets the text of a draft; whoever sizes the field listens to input. */
function fill(control: TextControl, text: string): void {
    control.value = text;
    control.dispatchEvent(new Event("input", { bubbles: true }));
}

function clicked(e: MouseEvent): void {
    const t = e.target as Element;
    const button = t.closest<HTMLElement>("[data-ez-trigger],button[data-ez-submit],[data-ez-opens],[data-ez-page]");
    if (!button || (e.defaultPrevented && !replaying)) return;
    const { ezTrigger, ezOpens, ezPage, ezSubmit } = button.dataset;
    if (off(button)) return e.preventDefault();
    if (button.localName === "a" && (e.ctrlKey || e.metaKey || e.shiftKey || e.button)) return;
    if (ezSubmit !== undefined) {
        const form = formOf(button);
        if (form) {
            // A real submit button goes on by itself, with the browser's own checks.
            if ((button as HTMLButtonElement).type !== "submit" && form.reportValidity()) void submitForm(form, button);
            return;
        }
        const node = hostOf(button), control = node && own(node, "textarea[data-ez-submit],input[data-ez-submit]");
        if (isText(control)) void submitText(control);
    }
    if (!button.hasAttribute("download")) e.preventDefault();
    if (ezPage) pageAction(ezPage);
    if (ezOpens) openNode(ezOpens, true);
    if (ezTrigger) fire(button, ezTrigger);
}

/** Typing and sliding. */
function input(e: Event): void {
    const control = (e.target as Element).closest<HTMLElement>("[data-ez-value]");
    if (!control || control.dataset.ezValue === "open") return;
    const composing = e instanceof InputEvent && e.isComposing;
    if (isText(control)) touch(control, "ezLive" in control.dataset && !composing);
    else if (control instanceof HTMLInputElement && control.type === "range") touch(control, true);
}

/** A choice was made, or a field was left. */
function changed(e: Event): void {
    const control = (e.target as Element).closest<HTMLElement>("[data-ez-value]");
    if (control && control.dataset.ezValue !== "open") touch(control, true);
}

/** Opened or closed. */
function toggled(e: Event): void {
    const control = e.target as HTMLElement;
    if (control.dataset?.ezValue === "open" && "open" in control) touch(control, "ezRun" in control.dataset);
}

function submitted(e: SubmitEvent): void {
    const form = formOf(e.target as Element);
    if (!form) return;
    e.preventDefault();
    const button = e.submitter?.hasAttribute("data-ez-submit") ? e.submitter : form.querySelector<HTMLElement>("button[data-ez-submit]:not(:disabled)");
    void submitForm(form, button);
}

function shortcut(e: KeyboardEvent): void {
    const keys = [e.ctrlKey || e.metaKey ? "ctrl" : "", e.altKey ? "alt" : "", e.shiftKey ? "shift" : "", e.key.toLowerCase()].filter(Boolean).join("+");
    const typing = isText(e.target as Element) || (e.target as HTMLElement).isContentEditable;
    if (typing && !e.ctrlKey && !e.metaKey && !e.altKey && !/^(escape|f\d+)$/i.test(e.key)) return;
    const room: ParentNode = document.querySelector("dialog:modal") ?? document;
    for (const button of room.querySelectorAll<HTMLElement>("[data-ez-shortcut]")) {
        if (button.dataset.ezShortcut?.toLowerCase().replace("cmd", "ctrl") !== keys || off(button) || !button.checkVisibility()) continue;
        e.preventDefault();
        // A button that has focus takes Enter by itself.
        button.click();
        return;
    }
}

function keyed(e: KeyboardEvent): void {
    // 229 is what some browsers report for the key that ends a composition.
    if ((e.defaultPrevented && !replaying) || e.isComposing || e.keyCode === 229) return;
    const t = e.target as Element;
    if (e.key === "Enter" && isText(t)) {
        const area = t instanceof HTMLTextAreaElement, strong = e.ctrlKey || e.metaKey;
        if ("ezSubmit" in t.dataset && !(area && e.shiftKey)) {
            e.preventDefault();
            return void submitText(t);
        }
        if (area && strong && "ezValue" in t.dataset && !formOf(t)) {
            touch(t, true);
        } else if (area && strong && formOf(t)) {
            formOf(t)?.requestSubmit();
            return;
        } else if (!area && !formOf(t) && !isDraft(t)) {
            touch(t, true);
        }
    }
    if (!e.repeat) shortcut(e);
}

const handlers: Record<string, (e: never) => void> = {
    click: clicked, input, change: changed, compositionend: input, keydown: keyed, submit: submitted, toggle: toggled, close: toggled,
};

/** Listens, and takes up what the head script recorded before this script was there. */
export function startEvents(): void {
    const page = window as { __ez?: Event[] | 0 }, early = page.__ez || [];
    page.__ez = 0;
    for (const [type, handler] of Object.entries(handlers)) document.addEventListener(type, handler as (e: Event) => void, type === "toggle" || type === "close");
    replaying = true;
    for (const e of early) if ((e.target as Element).isConnected) handlers[e.type]?.(e as never);
    replaying = false;
}
