// field.ts: why a value was refused, in words below its control instead of in the browser's bubble.
// SPDX-License-Identifier: Apache-2.0

type Control = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;
let first: Control | null = null;

const reasonOf = (control: Element): HTMLElement | null => control.closest(".ez-field")?.querySelector<HTMLElement>(":scope > .ez-invalid") ?? null;

function refused(e: Event): void {
    const control = e.target as Control, reason = reasonOf(control);
    if (!reason) return;
    e.preventDefault();
    reason.textContent = control.validationMessage;
    control.ariaInvalid = "true";
    if (first) return;
    // All invalid controls of a form report in one task; the person is taken to the first.
    first = control;
    queueMicrotask(() => {
        first?.focus();
        first = null;
    });
}

function mended(e: Event): void {
    const control = e.target as Control, reason = control instanceof Element ? reasonOf(control) : null;
    if (!reason || control.ariaInvalid !== "true" || !control.validity?.valid) return;
    reason.textContent = "";
    control.ariaInvalid = null;
}

document.addEventListener("invalid", refused, true);
document.addEventListener("input", mended);
document.addEventListener("change", mended);
