// browser.mjs: one Chromium for all rows; takes a command as a line of JSON and answers with a line of JSON.
// SPDX-License-Identifier: Apache-2.0
//
// What is measured is stamped by a script inside the page, after the paint, so the driver's own time does not count. Each
// load has a new context: its cache is empty and its renderer starts anew.

import { readFileSync, writeFileSync } from "node:fs";
import { asking, launch, serve } from "./driver.mjs";

const browser = await launch();

/** Runs in the page before anything else: notes the wall clock of what happens, after the paint that shows it. */
function stamper({ last, socket }) {
    const stamps = (window.__stamps = {});
    const clock = () => performance.timeOrigin + performance.now();
    const painted = (name) => {
        if (name in stamps) return;
        stamps[name] = 0;
        requestAnimationFrame(() => {
            const door = new MessageChannel();
            door.port1.onmessage = () => (stamps[name] = clock());
            door.port2.postMessage(0);
        });
    };
    const look = () => {
        if (last && !("shown" in stamps) && document.querySelector(last)) painted("shown");
    };
    new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true });
    addEventListener("load", () => painted("load"));
    if (!socket) return;
    const wire = (window.__wire = {});
    window.WebSocket = class extends WebSocket {
        constructor(...a) {
            super(...a);
            this.addEventListener("message", () => setTimeout(() => painted("socket")), { once: true });
            this.addEventListener("message", () => (wire.got = performance.now()));
        }
        send(...a) {
            wire.sent = performance.now();
            super.send(...a);
        }
    };
}

const wanted = (o) => ["load", ...(o.last ? ["shown"] : []), ...(o.socket ? ["socket"] : [])];
const stamps = (page, names) => page.waitForFunction((names) => names.every((n) => window.__stamps?.[n]) && window.__stamps, names, { timeout: 30000, polling: 5 }).then((h) => h.jsonValue());

async function fresh(...script) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
    const page = await context.newPage();
    await page.addInitScript(...script);
    return { context, page };
}

const latest = (s, names) => Math.max(...names.map((n) => s[n]));

const commands = {
    /** Loads a page: ms from before the new context, and from the start of the navigation, until it is usable. */
    async load(o) {
        const from = performance.timeOrigin + performance.now();
        const { context, page } = await fresh(stamper, o);
        await page.goto(o.url, { waitUntil: "commit" });
        const s = await stamps(page, wanted(o));
        const origin = await page.evaluate(() => performance.timeOrigin);
        await context.close();
        const usable = latest(s, wanted(o));
        return { usable: usable - from, inside: usable - origin, at: usable, shown: (s.shown ?? s.load) - from };
    },

    /** Everything that came over the wire for one load, headers and frames of the socket included. */
    async bytes(o) {
        const { context, page } = await fresh(stamper, o);
        const wire = await context.newCDPSession(page);
        let bytes = 0, frames = 0;
        const requests = new Map();
        await wire.send("Network.enable");
        wire.on("Network.requestWillBeSent", (e) => requests.set(e.requestId, e.request.url));
        const sizes = {};
        wire.on("Network.loadingFinished", (e) => {
            bytes += e.encodedDataLength;
            const name = new URL(requests.get(e.requestId) ?? o.url).pathname.split("/").at(-1).replace(/-[^.-]*(?=\.\w+$)/, "") || "page";
            sizes[name] = (sizes[name] ?? 0) + e.encodedDataLength;
        });
        wire.on("Network.webSocketHandshakeResponseReceived", (e) => (bytes += (e.response.headersText ?? "").length));
        wire.on("Network.webSocketFrameReceived", (e) => (frames += e.response.payloadData.length + 4));
        await page.goto(o.url, { waitUntil: "commit" });
        await stamps(page, wanted(o));
        await page.waitForTimeout(1000);
        const hosts = [...requests.values()].filter((u) => !u.startsWith("data:") && new URL(u).host !== new URL(o.url).host);
        await context.close();
        return { bytes: bytes + frames, frames, requests: [...requests.values()].filter((u) => !u.startsWith("data:")).length, hosts, sizes };
    },

    /** Clicks a button n times inside the page: ms from the click to the change of the element that shows its effect; and the parts of that: until the message
     *  is given to the socket, from there until the answer comes out of it, from there until the change is seen. */
    async click(o) {
        const { context, page } = await fresh(stamper, o);
        await page.goto(o.url, { waitUntil: "commit" });
        await stamps(page, wanted(o));
        const seen = await page.evaluate(async ({ button, text, times }) => {
            const find = (word, selector) => [...document.querySelectorAll(selector)].find((e) => e.textContent.trim().startsWith(word));
            const out = { times: [], leaving: [], wire: [], applying: [] };
            for (let i = 0; i < times; i++) {
                const target = find(button, "button");
                const before = find(text, "p").textContent;
                await new Promise((done, fail) => {
                    const late = setTimeout(() => fail(new Error(`no change after click ${i + 1}`)), 5000);
                    const eye = new MutationObserver(() => {
                        if (find(text, "p")?.textContent === before) return;
                        const now = performance.now(), { sent, got } = window.__wire;
                        out.times.push(now - from);
                        out.leaving.push(sent - from);
                        out.wire.push(got - sent);
                        out.applying.push(now - got);
                        clearTimeout(late);
                        eye.disconnect();
                        done();
                    });
                    eye.observe(document.body, { subtree: true, childList: true, characterData: true });
                    const from = performance.now();
                    target.click();
                });
                await new Promise((done) => setTimeout(done, 20));
            }
            return out;
        }, o);
        await context.close();
        return seen;
    },

    /** The floor under a click: n messages there and back over a bare WebSocket, from a page of the same browser. */
    async echo(o) {
        const { context, page } = await fresh(stamper, {});
        await page.goto(o.page, { waitUntil: "load" });
        const seen = await page.evaluate(async ({ url, times, size }) => {
            const socket = new WebSocket(url), out = { times: [], wire: [], applying: [] };
            await new Promise((done, fail) => ((socket.onopen = done), (socket.onerror = () => fail(new Error("the echo server does not answer")))));
            const note = document.body.appendChild(document.createElement("p"));
            for (let i = 0; i < times; i++) {
                await new Promise((done) => {
                    const from = performance.now();
                    let got;
                    const eye = new MutationObserver(() => {
                        const now = performance.now();
                        out.times.push(now - from);
                        out.wire.push(got - from);
                        out.applying.push(now - got);
                        eye.disconnect();
                        done();
                    });
                    eye.observe(document.body, { subtree: true, childList: true, characterData: true });
                    socket.onmessage = (e) => {
                        got = performance.now();
                        note.textContent = `${i} ${e.data}`;
                    };
                    socket.send("x".repeat(size));
                });
                await new Promise((done) => setTimeout(done, 20));
            }
            socket.close();
            return out;
        }, o);
        await context.close();
        return seen;
    },

    /** Loads a chat page that asks as soon as its input can be used, or `pause` ms later; waits for the first painted text of the answer. */
    async ask({ url, input, answer, question, pause }) {
        const { context, page } = await fresh(asking({ ready: input, answer, question: pause ? "" : question }));
        await page.goto(url, { waitUntil: "commit" });
        if (pause) {
            await stamps(page, ["ready"]);
            await page.waitForTimeout(pause);
            await page.evaluate((question) => window.__ask(question), question);
        }
        const s = await stamps(page, ["ready", "answer"]);
        await context.close();
        return { asked: s.asked, answered: s.answer };
    },

    /** Saves a page's source again and again: ms from the write to the change that the open page shows. */
    async saved(o) {
        const { context, page } = await fresh(stamper, o);
        await page.goto(o.url, { waitUntil: "commit" });
        await stamps(page, wanted(o));
        const source = readFileSync(o.file, "utf8"), times = [];
        for (let i = 0; i < o.times; i++) {
            const words = `Saved ${i}`;
            await page.evaluate((words) => {
                window.__changed = new Promise((done) => new MutationObserver((_, eye) => {
                    if (document.querySelector("h1")?.textContent !== words) return;
                    eye.disconnect();
                    done(performance.timeOrigin + performance.now());
                }).observe(document.body, { subtree: true, childList: true, characterData: true }));
            }, words);
            const from = performance.timeOrigin + performance.now();
            writeFileSync(o.file, source.replace(o.text, words));
            times.push((await page.evaluate(() => window.__changed)) - from);
            await page.waitForTimeout(500);
        }
        await context.close();
        return { times };
    },

    /** Clicks again and again while something is killed outside: ms during which clicks had no effect. */
    async outage(o) {
        const { context, page } = await fresh(stamper, o);
        await page.goto(o.url, { waitUntil: "commit" });
        await stamps(page, wanted(o));
        process.stdout.write(`${JSON.stringify({ ready: true })}\n`);
        const gap = await page.evaluate(async ({ button, text, ms }) => {
            const find = (word, selector) => [...document.querySelectorAll(selector)].find((e) => e.textContent.trim().startsWith(word));
            let last = performance.now(), longest = 0, seen = find(text, "p").textContent;
            const end = last + ms;
            const clicks = setInterval(() => find(button, "button").click(), 20);
            while (performance.now() < end) {
                await new Promise((done) => setTimeout(done, 1));
                const now = find(text, "p")?.textContent;
                if (now === seen) continue;
                longest = Math.max(longest, performance.now() - last);
                last = performance.now();
                seen = now;
            }
            clearInterval(clicks);
            return { longest, open: performance.now() - last };
        }, o);
        await page.waitForTimeout(1500);
        const shown = await page.evaluate((text) => [...document.querySelectorAll("p")].find((e) => e.textContent.trim().startsWith(text))?.textContent, o.text);
        await context.close();
        return { ...gap, shown };
    },
};

await serve(browser, commands);
