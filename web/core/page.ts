// page.ts: what the page itself can do: toasts, announcements, icons, the running mark.
// SPDX-License-Identifier: Apache-2.0

import { address, boot } from "./boot.ts";
import { busyWatch } from "./hooks.ts";
import { controlOf, touch, write } from "./values.ts";
import { arriving } from "./parts.ts";

export type ToastKind = "info" | "ok" | "warn" | "bad";
export interface Toast {
    text?: string;
    html?: string;
    kind?: ToastKind;
    icon?: string;
    seconds?: number;
}

const RUNNING_MS = 500;
/** A name of the sprite, not an emoji. */
export const PLAIN = /^[a-z-]+$/;
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
    announceText(words.textContent ?? "", kind === "bad");
    const show = (): void => {
        region.append(toast);
        // Shown again, so that it lies above a dialog that came in the meantime.
        if (region.matches(":popover-open")) region.hidePopover();
        region.showPopover();
        // Leaves by itself, but not while somebody reads it with the pointer or the keyboard on it.
        const later = (): void => void setTimeout(() => (toast.matches(":hover,:focus-within") ? later() : leave()), seconds * 1000);
        if (seconds) later();
    };
    const wait = arriving('"ez-toast"');
    if (wait) void wait.then(show);
    else show();
}

/** Shows or hides the running mark. */
export function markRunning(shown: boolean): void {
    const mark = document.getElementById("ez-run");
    if (mark) mark.hidden = !shown;
}

export function setBusy(now: boolean): void {
    if (now === busy) return;
    busy = now;
    clearTimeout(runningSoon);
    if (busy) document.documentElement.dataset.state = "busy";
    else delete document.documentElement.dataset.state;
    if (busy) {
        void arriving('"ez-run"');
        runningSoon = setTimeout(markRunning, RUNNING_MS, true);
    } else {
        markRunning(false);
    }
    busyWatch.tell(busy);
}

/** Opens or closes a dialog or expander as the visitor would. */
export function openNode(id: string, open: boolean): void {
    const node = document.getElementById(id), control = node && controlOf(node);
    if (!control) return;
    write(control, open);
    touch(control, "ezRun" in control.dataset);
}

/** Light, dark, or what the system says: a cookie that the server prints as data-theme, so that dark needs no script. */
export function setTheme(theme: string): void {
    const chosen = theme === "light" || theme === "dark";
    if (chosen) document.documentElement.dataset.theme = theme;
    else delete document.documentElement.dataset.theme;
    document.cookie = `${boot.cookie}-theme=${chosen ? theme : ""};path=${address("").pathname};samesite=lax;max-age=${chosen ? 31536000 : 0}`;
    markTheme();
}

export function markTheme(): void {
    const theme = document.documentElement.dataset.theme ?? "system";
    for (const r of document.querySelectorAll<HTMLInputElement>("[name=ez-theme]")) r.checked = r.value === theme;
}
