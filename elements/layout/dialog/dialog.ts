// dialog.ts: closing beside the dialog and refusing to close, for browsers that do not know `closedby`.
// SPDX-License-Identifier: Apache-2.0

if (!("closedBy" in HTMLDialogElement.prototype)) {
    const dialogOf = (e: Event): HTMLDialogElement | null => (e.target instanceof HTMLDialogElement && e.target.matches(".ez-dialog") ? e.target : null);
    document.addEventListener("click", (e) => {
        const dialog = dialogOf(e), box = dialog?.getBoundingClientRect();
        if (!dialog || !box || dialog.getAttribute("closedby") !== "any") return;
        if (e.clientX < box.left || e.clientX > box.right || e.clientY < box.top || e.clientY > box.bottom) dialog.close();
    });
    document.addEventListener("cancel", (e) => {
        if (dialogOf(e)?.getAttribute("closedby") === "none") e.preventDefault();
    }, true);
}
