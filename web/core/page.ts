// page.ts: what the page itself can do: toasts, announcements, icons, the running mark, and calls from C.
// SPDX-License-Identifier: Apache-2.0

import { address, boot, root } from "./boot.ts";
import { focusNode } from "./focus.ts";
import { busyWatch } from "./hooks.ts";
import { own } from "./places.ts";
import { setTheme } from "./menu.ts";
import { clearNode, controlOf, touch, write } from "./values.ts";
import type { Json } from "./wire.ts";

export type ToastKind = "info" | "ok" | "warn" | "bad";
export interface Toast {
    text?: string;
    html?: string;
    kind?: ToastKind;
    icon?: string;
    seconds?: number;
}

const RUNNING_MS = 500, PLAIN = /^[a-z-]+$/;
const icons: Record<ToastKind, string> = { info: "info", ok: "success", warn: "warning", bad: "error" };
let runningSoon: ReturnType<typeof setTimeout> | undefined;
let busy = false;

/** Makes an element with a class and children. */
export function make<K extends keyof HTMLElementTagNameMap>(tag: K, cls: string, ...inside: (Node | string)[]): HTMLElementTagNameMap[K] {
    const e = document.createElement(tag);
    e.className = cls;
    e.append(...inside);
    return e;
}

export function sprite(name: string): SVGSVGElement {
    const ns = "http://www.w3.org/2000/svg";
    const svg = document.createElementNS(ns, "svg"), use = document.createElementNS(ns, "use");
    svg.setAttribute("class", "ez-icon");
    svg.setAttribute("aria-hidden", "true");
    use.setAttribute("href", `${boot.icons}#${name}`);
    svg.append(use);
    return svg;
}

export function announceText(text: string, alert: boolean): void {
    const region = document.getElementById(alert ? "ez-alert" : "ez-polite");
    if (!region) return;
    // The same sentence twice is no change for a screen reader, unless it is a new node.
    region.replaceChildren(make("span", "", text));
}

export async function copy(text: string): Promise<boolean> {
    try {
        await navigator.clipboard.writeText(text);
        return true;
    } catch {
        // No permission, or a page without https: the old way, which needs a selection.
        const area = make("textarea", "ez-vh"), active = document.activeElement;
        area.value = text;
        (document.querySelector("dialog:modal") ?? document.body).append(area);
        area.select();
        const done = document.execCommand("copy");
        area.remove();
        if (active instanceof HTMLElement) active.focus({ preventScroll: true });
        return done;
    }
}

export function toastShow({ text, html, kind = "info", icon, seconds = 4 }: Toast): void {
    const region = document.getElementById("ez-toasts");
    if (!region) return;
    const words = make("div", "ez-toast-text", text ?? "");
    if (html) words.innerHTML = html;
    const close = make("button", "ez-icon-button", sprite("close"));
    close.ariaLabel = "Dismiss";
    const name = icon?.replace(/^:|:$/g, "") || icons[kind];
    const toast = make("div", `ez-toast ez-toast-${kind}`, PLAIN.test(name) ? sprite(name) : make("span", "ez-icon", name), words, close);
    const leave = (): void => {
        toast.remove();
        if (!region.childElementCount && region.matches(":popover-open")) region.hidePopover();
    };
    close.onclick = leave;
    region.append(toast);
    // Shown again, so that it lies above a dialog that came in the meantime.
    if (region.matches(":popover-open")) region.hidePopover();
    region.showPopover();
    announceText(words.textContent ?? "", kind === "bad");
    if (!seconds) return;
    // Leaves by itself, but not while somebody reads it with the pointer or the keyboard on it.
    const later = (): void => void setTimeout(() => (toast.matches(":hover,:focus-within") ? later() : leave()), seconds * 1000);
    later();
}

export function setBusy(now: boolean): void {
    if (now === busy) return;
    busy = now;
    clearTimeout(runningSoon);
    const mark = document.getElementById("ez-run");
    if (busy) document.documentElement.dataset.state = "busy";
    else delete document.documentElement.dataset.state;
    if (busy) runningSoon = setTimeout(() => mark && (mark.hidden = false), RUNNING_MS);
    else if (mark) mark.hidden = true;
    busyWatch.tell(busy);
}

/** Opens or closes a dialog or expander as the visitor would. */
export function openNode(id: string, open: boolean): void {
    const node = document.getElementById(id), control = node && controlOf(node);
    if (!control) return;
    write(control, open);
    touch(control, "ezRun" in control.dataset);
}

/** Marks the control of a node with a reason, until the visitor changes it; "" takes the mark back. */
function invalid(id: string, why: string): void {
    const node = document.getElementById(id), control = node && own(node, "input,select,textarea"), place = node && own(node, ".ez-invalid");
    if (!control || !place) return;
    control.ariaInvalid = why ? "true" : null;
    place.textContent = why;
    if (!why) return;
    control.focus();
    control.addEventListener("input", () => invalid(id, ""), { once: true });
}

/** What page_config says, when it changes while the page is shown. */
function config({ title, icon, layout, sidebar }: Record<string, string | null>): void {
    const page = document.getElementById(root), picture = document.querySelector<HTMLLinkElement>("link[rel=icon]");
    if (title) document.title = title;
    if (page) Object.assign(page.dataset, { layout, sidebar });
    if (icon && picture && !PLAIN.test(icon)) picture.href = "data:image/svg+xml," + encodeURIComponent(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 20"><text y="16" font-size="16">${icon}</text></svg>`);
}

/** A call operation to the page. */
export function pageCall(method: string, args: Json): void {
    const text = String(args), list = Array.isArray(args) ? args.map(String) : [text];
    switch (method) {
        case "title": document.title = text; break;
        case "config": config(args as Record<string, string | null>); break;
        case "navigate": location.assign(address(text.replace(/^\//, ""))); break;
        case "reload": location.reload(); break;
        case "toast": toastShow(args as Toast); break;
        case "focus": focusNode(document.getElementById(text)); break;
        case "invalid": invalid(list[0] ?? "", list[1] ?? ""); break;
        case "theme": setTheme(text); break;
        case "open": case "close": openNode(text, method === "open"); break;
        case "clear":
            for (const id of list) {
                const node = document.getElementById(id);
                if (node) clearNode(node);
            }
    }
}
