// head.ts: inline in the head: opens the socket and remembers what the visitor does before the core is there, and names the tab on leaving.
// SPDX-License-Identifier: Apache-2.0

export {};
const d = document, page = window as { __ez?: Event[] | 0; __ezWs?: WebSocket; "ez-boot"?: Element };
page.__ez = [];
try {
    // While the scripts load, the line is made, unless this network needs another way, or somebody asks for one. Where an address must be absolute, the core makes it.
    if (!/[?&]ez=/.test(location.search) && !localStorage.ez && !Object.keys(sessionStorage).some((key) => key.endsWith(":way"))) page.__ezWs = new WebSocket(d.currentScript!.dataset.ws!);
} catch {}
const note = (e: Event): void => {
    const t = e.target as Element, k = e as KeyboardEvent, enter = k.key == "Enter";
    if (!page.__ez || (k.key && !enter)) return;
    // What would leave the page, or write a line break into the message, is ours.
    if (!k.shiftKey && !k.isComposing && t.closest(e.type[0] == "s" ? "[data-ez-form]" : enter ? "textarea[data-ez-submit]" : "a[data-ez-trigger]")) e.preventDefault();
    page.__ez.push(e);
};
for (const type of "click input change keydown submit".split(" ")) d.addEventListener(type, note, true);
// The core did not come: the page is loaded anew when the script can be had, or when the server has other ones by now.
d.addEventListener("error", (e) => {
    const script = e.target as HTMLScriptElement;
    const again = (): void => void setTimeout(() => fetch(script.src).then((r) => (r.ok || r.status == 404 ? location.reload() : again()), again), 1000);
    if (script.localName == "script") again();
}, true);
addEventListener("beforeunload", () => {
    try {
        const b = JSON.parse(page["ez-boot"]!.textContent!);
        d.cookie = `${b.cookie}-tab=${sessionStorage[b.cookie + ":s"]};max-age=5;samesite=lax;path=` + new URL(b.base, d.baseURI).pathname;
    } catch {}
});
