// chromium.mjs: the one Chromium of a comparison; takes a command as a line of JSON and answers with a line of JSON.
// SPDX-License-Identifier: Apache-2.0

import { connect } from "node:net";
import { asking, launch, serve } from "../driver.mjs";

const browser = await launch();

/** The page that was prepared for the next contestant. */
let context, page, errors;

async function fresh(o) {
    await context?.close();
    context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
    page = await context.newPage();
    errors = [];
    page.on("pageerror", (e) => errors.push(String(e.message)));
    await page.addInitScript(asking(o));
}

const wall = () => performance.timeOrigin + performance.now();

async function stamps(names, seconds) {
    try {
        const handle = await page.waitForFunction((names) => names.every((n) => window.__stamps?.[n]) && window.__stamps, names, { timeout: seconds * 1000, polling: 10 });
        return await handle.jsonValue();
    } catch {
        const got = await page.evaluate(() => ({ ...window.__stamps, text: document.body?.innerText.slice(-300) })).catch(() => ({}));
        const lacks = names.filter((n) => !got[n]);
        throw new Error(`the page had no ${lacks.join(", ")} within ${seconds} s; it shows: ${(got.text ?? "nothing").replace(/\s+/g, " ").trim()} ${errors.slice(0, 2).join("; ")}`);
    }
}

/** ms until something listens there. */
async function listening(port, seconds) {
    for (const until = wall() + seconds * 1000; wall() < until;) {
        const there = await new Promise((done) => {
            const socket = connect(port, "127.0.0.1");
            socket.once("connect", () => (socket.destroy(), done(true)));
            socket.once("error", () => done(false));
        });
        if (there) return wall();
        await new Promise((done) => setTimeout(done, 2));
    }
    throw new Error(`nothing listened on its port within ${seconds} s`);
}

const commands = {
    /** A new context whose page waits, so that only the navigation is left to do. */
    async prepare(o) {
        await fresh(o);
        return {};
    },

    /** From the moment that something listens: goes there, lets the page ask, and gives all stamps (wall clock, ms). */
    async cold({ url, port, question, seconds }) {
        const heard = await listening(port, seconds);
        await page.goto(url, { waitUntil: "commit", timeout: seconds * 1000 });
        const got = await stamps(question ? ["ready", "answer"] : ["ready"], seconds);
        const byte = await page.evaluate(() => performance.timeOrigin + performance.getEntriesByType("navigation")[0].responseStart);
        return { listening: heard, byte, ...got };
    },

    /** The next question on the same page: ms until the first painted words of its answer. */
    async again({ question, seconds }) {
        // Some say in their log that the answer has ended before their page takes another question.
        await page.waitForFunction(() => window.__input(), null, { timeout: seconds * 1000, polling: 10 });
        await page.evaluate((q) => window.__ask(q), question);
        const got = await stamps(["answer"], seconds);
        return { first: got.answer - got.asked };
    },

    async click({ times }) {
        return { times: await page.evaluate((n) => window.__click(n), times) };
    },

    /** Everything that one load brings: bytes over the wire with headers and frames, and requests. */
    async bytes({ url, seconds, ...o }) {
        await fresh(o);
        const wire = await context.newCDPSession(page);
        let bytes = 0, requests = 0;
        await wire.send("Network.enable");
        wire.on("Network.requestWillBeSent", (e) => (requests += !e.request.url.startsWith("data:")));
        wire.on("Network.loadingFinished", (e) => (bytes += e.encodedDataLength));
        wire.on("Network.webSocketCreated", () => requests++);
        wire.on("Network.webSocketHandshakeResponseReceived", (e) => (bytes += (e.response.headersText ?? "").length));
        wire.on("Network.webSocketFrameReceived", (e) => (bytes += e.response.payloadData.length + 4));
        await page.goto(url, { waitUntil: "commit", timeout: seconds * 1000 });
        const got = await stamps(["ready", "load"], seconds);
        const origin = await page.evaluate(() => performance.timeOrigin);
        await page.waitForTimeout(1500);
        return { bytes, requests, usable: Math.max(got.ready, got.load) - origin };
    },
};

await serve(browser, commands);
