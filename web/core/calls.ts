// calls.ts: what C code asks of the page: title, toasts, focus, theme, and what is wrong with a value.
// SPDX-License-Identifier: Apache-2.0

import { address, root } from "./boot.ts";
import { focusNode } from "./focus.ts";
import { jobNews } from "./jobs.ts";
import { openNode, PLAIN, setTheme, toastShow, type Toast } from "./page.ts";
import { own } from "./places.ts";
import { clearNode } from "./values.ts";
import type { Json } from "./wire.ts";

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
        case "job": jobNews(args); break;
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
