// page.js: runs in every page before anything else; asks by itself, and stamps the wall clock of what a person sees.
// SPDX-License-Identifier: Apache-2.0
//
// A stamp is taken after the paint in which the thing was first there. The question is typed by the page itself as soon as the input can
// be used, so no driver's delay is in between.

(options) => {
    const { ready, answer, question, button, shown, clicks } = options;
    const stamps = (window.__stamps = {});
    const offset = Date.now() - (performance.timeOrigin + performance.now());      // to the millisecond; the steady clock may have drifted from the wall's
    const clock = () => performance.timeOrigin + performance.now() + (Math.abs(offset) > 2 ? offset : 0);
    const painted = (name, then) => {
        if (name in stamps) return;
        stamps[name] = 0;
        requestAnimationFrame(() => {
            const door = new MessageChannel();
            door.port1.onmessage = () => {
                stamps[name] = clock();
                then?.();
            };
            door.port2.postMessage(0);
        });
    };
    const visible = (e) => e.getClientRects().length > 0;
    const input = () => [...document.querySelectorAll(ready)].find(visible);

    /** Types into a field as frameworks expect it: by the native setter, an input event, and Enter. */
    const type = (field, text) => {
        field.focus();
        Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), "value").set.call(field, text);
        field.dispatchEvent(new InputEvent("input", { bubbles: true, inputType: "insertText", data: text }));
        setTimeout(() => {
            for (const kind of ["keydown", "keypress", "keyup"])
                field.dispatchEvent(new KeyboardEvent(kind, { key: "Enter", code: "Enter", keyCode: 13, which: 13, bubbles: true, cancelable: true, composed: true }));
        });
    };
    window.__input = input;
    window.__ask = (text) => {
        for (const name of ["asked", "answer"]) delete stamps[name];
        window.__before = new Set([...document.querySelectorAll(answer)].filter((e) => e.textContent.trim()));
        type(input(), text);
        stamps.asked = clock();
    };
    const look = () => {
        if (!("ready" in stamps) && input()) painted("ready", () => question && window.__ask(question));
        if (answer && stamps.asked && !("answer" in stamps))
            for (const e of document.querySelectorAll(answer)) if (e.textContent.trim() && visible(e) && !window.__before.has(e)) painted("answer");
    };
    new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
    addEventListener("load", () => painted("load"));

    /** Clicks so many times: ms from each click to the change that it makes. */
    window.__click = async (times) => {
        const find = (word, selector) => [...document.querySelectorAll(selector)].reverse().find((e) => e.childElementCount === 0 && e.textContent.trim().startsWith(word));
        const press = () => [...document.querySelectorAll("button")].find((e) => e.textContent.trim() === button);
        const out = [];
        for (let i = 0; i < times; i++) {
            const before = find(shown, "*").textContent;
            await new Promise((done, fail) => {
                const late = setTimeout(() => fail(new Error(`no change within 15 s after click ${i + 1}`)), 15000);
                const eye = new MutationObserver(() => {
                    const now = find(shown, "*")?.textContent;
                    if (now === undefined || now === before) return;
                    out.push(performance.now() - from);
                    clearTimeout(late);
                    eye.disconnect();
                    done();
                });
                eye.observe(document.body, { subtree: true, childList: true, characterData: true });
                const from = performance.now();
                press().click();
            });
            await new Promise((done) => setTimeout(done, 50));
        }
        return out;
    };
}
