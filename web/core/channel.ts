// channel.ts: the connection of this page: hello, frames, heartbeat, and coming back after every loss.
// SPDX-License-Identifier: Apache-2.0
//
// WebSocket first; when it does not lead to a `hi`, Server-Sent Events and POST, in turns. Whatever is lost on the way is sent
// again from the queue after the next `hi`, so nothing here needs to know what arrived.

import { boot, keep, kept, path } from "./boot.ts";
import { setBusy, toastShow } from "./page.ts";
import { arriving } from "./parts.ts";
import { forgetOlder, lastNumber, resend, settled } from "./queue.ts";
import { offline, online, warn } from "./status.ts";
import { socketWay, streamWay, type Way } from "./transport.ts";
import { drafts } from "./values.ts";
import type { Down } from "./wire.ts";

const HI_MS = 5000, PING_MS = 25000, PONG_MS = 5000, SLOWEST_MS = 5000;

let session = kept("s") ?? boot.session;
let epoch = session === boot.session ? boot.epoch : 0;
let frame = session === boot.session ? boot.frame : -1;
let way: Way | null = null;
let live = false, fresh = true, ever = false;
/** Messages that wait until what an earlier one brings can be shown. */
const inbox: Down[] = [];
let reading = false;
/** The applier and the morph: a page that never changes does without them. */
let applier: typeof import("./applier.ts") | undefined;
let failures = 0, heard = 0, healed = 0;
/** The next attempt; and how long an answer (hi, pong, anything) may take. */
let retry: ReturnType<typeof setTimeout> | undefined, patience: ReturnType<typeof setTimeout> | undefined;

const forced = location.search.includes("ez=sse") || stored("ez") === "sse";
let stream = forced || kept("sse") !== null;
keep("s", session);

/** The line, as the queue sees it. */
export const line = {
    get frame(): number {
        return frame;
    },
    /** Sends now or not at all: what waits is sent again after the next hi. */
    send(message: object): void {
        if (!live) return;
        way?.send(JSON.stringify(message));
        // The answer will be a frame: what applies it comes while the server works.
        if (!applier && "n" in message) void prepare();
    },
};

function stored(name: string): string | null {
    try {
        return localStorage.getItem(name);
    } catch {
        return null;
    }
}

export function connect(): void {
    clearTimeout(retry);
    if (way) return;
    const hello = JSON.stringify({ t: "hello", view: boot.view, session, epoch, frame, build: boot.build, path, n: lastNumber() });
    const news = { text: receive, lost };
    try {
        way = stream ? streamWay(hello, session, news) : socketWay(hello, news);
    } catch {
        return lost();
    }
    patience = setTimeout(lost, HI_MS);
}

/** Closes the line without planning a new one. */
function hangUp(): void {
    clearTimeout(patience);
    patience = undefined;
    way?.close();
    way = null;
    live = false;
    // The next hello asks for what was not read.
    inbox.length = 0;
}

function lost(): void {
    const was = live;
    hangUp();
    offline();
    if (was) failures = 0;
    else if (!forced) stream = !stream;
    retry = setTimeout(connect, Math.min(SLOWEST_MS, 100 * 2 ** failures++) * (0.5 + Math.random() / 2));
}

function again(): void {
    if (way) ping();
    else connect();
}

function ping(): void {
    if (!live || patience) return;
    line.send({ t: "ping" });
    patience = setTimeout(lost, PONG_MS);
}

function receive(text: string): void {
    heard = Date.now();
    clearTimeout(patience);
    patience = undefined;
    const m = JSON.parse(text) as Down;
    if (m.who) line.send({ t: "ping" });
    inbox.push(m);
    if (!reading) void readAll();
}

/** Reads what came, one after the other, and at once unless something is still to be loaded. */
async function readAll(): Promise<void> {
    reading = true;
    for (let m = inbox.shift(); m; m = inbox.shift()) {
        const from = way;
        if (m.o) {
            const wait = arriving(m.o.map((o) => (o[0] === "p" ? o[2] : o[0] === "l" ? o[3] : "")).join("\n"));
            if (!applier) await prepare();
            if (wait) await wait;
        }
        try {
            if (way === from) read(m);
        } catch (error) {
            console.error("easel:", error);
        }
    }
    reading = false;
}

/** Loads what applies frames. Without it only a new page helps: the server may have other files by now. */
async function prepare(): Promise<void> {
    try {
        applier ??= await import("./applier.ts");
    } catch {
        reloadOnce();
    }
}

function read(m: Down): void {
    if (m.o && !applier) return;
    if (m.hi) welcome(m.hi);
    if (m.reload !== undefined) return reloadOnce();
    if (m.o) show(m.f ?? frame, m.o, Boolean(m.whole));
    if (m.no) {
        toastShow({ text: m.no[1], kind: "bad" });
        settled(m.of ?? boot.view, m.no[0], true);
    }
    if (m.a !== undefined) settled(m.of ?? boot.view, m.a, false);
    // After the acknowledgement that came with it, so that only what is really missing goes again.
    if (m.hi) resend();
    if (m.busy !== undefined) setBusy(m.busy > 0);
    if (m.w !== undefined) warn(m.w);
}

function welcome(hi: NonNullable<Down["hi"]>): void {
    if (hi.new) forgetOlder();
    session = hi.session;
    keep("s", session);
    epoch = hi.epoch;
    // A network that lets no socket through is remembered for this tab, so that its next page need not find out again.
    if (stream && !ever && failures === 1) keep("sse", "1");
    live = fresh = ever = true;
    failures = 0;
    online();
}

/** The first frame after a hi, and a whole page, count from what the server knows; others are left out unless they are newer. */
function show(f: number, ops: NonNullable<Down["o"]>, whole: boolean): void {
    if (!fresh && !whole && f <= frame) return;
    try {
        applier?.applyFrame(ops);
        frame = f;
        fresh = false;
    } catch (error) {
        console.error("easel: frame", f, "could not be applied:", error);
        heal();
    }
}

/** Asks for the whole page; when that did not help either, the page is loaded again. */
function heal(): void {
    const now = Date.now();
    if (healed && now - healed < 30000) return reloadOnce();
    healed = now;
    frame = -1;
    hangUp();
    connect();
}

/** Another build, or nothing else helps: loads the page again, but never in a circle. */
export function reloadOnce(): void {
    if (Date.now() - Number(kept("r") ?? 0) < 20000) return warn({ s: "stale" });
    keep("r", String(Date.now()));
    saveDrafts();
    location.reload();
}

export function saveDrafts(): void {
    const all = drafts();
    keep("d", all.length ? JSON.stringify([path, all]) : null);
}

/** Starts the line and everything that wakes it. */
export function startChannel(): void {
    connect();
    let tick = Date.now();
    setInterval(() => {
        const now = Date.now(), slept = now - tick > 15000;
        tick = now;
        if (slept || (live && now - heard > PING_MS)) again();
    }, 5000);
    addEventListener("online", again);
    document.addEventListener("visibilitychange", () => {
        if (document.visibilityState === "visible" && Date.now() - heard > 5000) again();
    });
    addEventListener("pagehide", () => {
        saveDrafts();
        clearTimeout(retry);
        hangUp();
    });
    addEventListener("pageshow", (e) => {
        if (e.persisted) connect();
    });
}
