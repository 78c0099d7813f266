// head.ts: inline in the head: remembers what the visitor does before the core is there, and names the tab on leaving.
// SPDX-License-Identifier: Apache-2.0

{
    const d = document, q: Event[] = [], types = ["click", "input", "change", "keydown", "submit"];
    const note = (e: Event): void => {
        const t = e.target as HTMLElement, enter = (e as KeyboardEvent).key === "Enter";
        if (e.type === "keydown" && !enter) return;
        // What would leave the page, or write a line break into the message, is ours.
        if (t.closest(e.type === "submit" ? "[data-ez-form]" : enter ? "textarea[data-ez-submit]" : "a[data-ez-trigger]") && !(e as KeyboardEvent).shiftKey && !(e as KeyboardEvent).isComposing) e.preventDefault();
        q.push(e);
    };
    const turn = (how: "addEventListener" | "removeEventListener"): void => types.forEach((t) => d[how](t, note, true));
    turn("addEventListener");
    (window as { __ez?: object }).__ez = { q, off: () => turn("removeEventListener") };
    addEventListener("beforeunload", () => {
        try {
            const b = JSON.parse(d.getElementById("ez-boot")!.textContent!);
            d.cookie = `${b.cookie}-tab=${sessionStorage[b.cookie + ":s"]};max-age=5;samesite=lax;path=` + new URL(b.base, location.href).pathname;
        } catch {}
    });
}
