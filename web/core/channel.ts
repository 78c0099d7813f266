// channel.ts: the connection of this page: hello, frames, heartbeat, and coming back after every loss.
// SPDX-License-Identifier: Apache-2.0
//
// WebSocket first; when it does not lead to a `hi` although the server is there, Server-Sent Events and POST, then long polls. Whatever is lost
// on the way is sent again from the queue, after the next `hi` or after a while, so nothing here needs to know what arrived.

import { address, boot, keep, kept, path } from "./boot.ts";
import { scrolls } from "./follow.ts";
import { setBusy, toastShow } from "./page.ts";
import { applier, loadApplier, loadMissing } from "./parts.ts";
import { forgetOlder, lastNumber, rejoin, resend, settled, unsettled } from "./queue.ts";
import { offline, online, warn } from "./status.ts";
import { ways, type Way } from "./transport.ts";
import { drafts } from "./values.ts";
import { type Down, written } from "./wire.ts";

/** An answer (hi; to a ping) may take so long, and a server may be asked so long whether it is there. */
const HI_MS = 5000, PONG_MS = 5000, THERE_MS = 3000;
/** Between attempts at most. */
const SLOWEST_MS = 5000;
/** A line that lives longer was a good one. */
const GOOD_MS = 3000;
/** A line that is not the best one is kept at least so long. */
const SETTLE_MS = 60000;
/** What is not settled is sent again after this time, then after twice that, and so on. */
const RESEND_MS = 5000, RESEND_SLOWEST_MS = 60000;
/** How long a page is not loaded again for the same reason: it is of another build, or something could not be shown. */
const REST_MS = { stale: 20000, broken: 600000 };

let session = kept("s") ?? boot.session;
/** Of the page that is shown; and of the server, which becomes that of the page with its first frame. */
let epoch = session === boot.session ? boot.epoch : 0, server = epoch;
let frame = session === boot.session ? boot.frame : -1;
let way: Way | null = null;
let live = false, fresh = true;
/** Messages that wait until what an earlier one brings can be shown. */
const inbox: Down[] = [];
let reading = false, read: Promise<void> = Promise.resolve();
let healed = 0, missing = 0;
/** Attempts since the last good line; when this line said hi, when something came, when something went. */
let failures = 0, since = 0, heard = 0, spoke = 0;
/** The last attempt failed while the server was there, or took so long that it must have been. */
let doubted = false;
/** When to send again what is not settled, and the time after that. */
let resendAt = 0, resendIn = RESEND_MS;
/** An idle line is used after this time: a proxy that cuts idle lines teaches us less. */
const pingMs = boot.ping || 25000;
let quiet = pingMs, idleCut = 0;
/** The next attempt; how long an answer (hi, pong, anything) may take; the next look after the line. */
let retry: ReturnType<typeof setTimeout> | undefined, patience: ReturnType<typeof setTimeout> | undefined, ticking: ReturnType<typeof setTimeout> | undefined;

/** `?ez=sse` or localStorage.ez ask for a way, for tests and for looking into a network. */
const forced = ways.findIndex(([name]) => name === (new URLSearchParams(location.search).get("ez") ?? stored("ez")));
let kind = forced >= 0 ? forced : Math.max(0, ways.findIndex(([name]) => name === kept("way")));
let lowered = 0;
keep("s", session);

/** Times of this page. The clock on the wall may be set, and tells only that the machine slept. */
const clock = (): number => performance.now();

/** The line, as the queue sees it. */
export const line = {
    get frame(): number {
        return frame;
    },
    /** Sends now or not at all: what waits is sent again after the next hi. */
    send(message: object): void {
        if (!live) return;
        const now = clock();
        spoke = now;
        if ("n" in message) resendAt = now + resendIn;
        way?.send(written(message));
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

function hello(wait: boolean): string {
    spoke = clock();
    return JSON.stringify({ t: "hello", view: boot.view, session, epoch, frame, build: boot.build, path, n: lastNumber(), u: unsettled(), wait: wait && live ? 1 : undefined });
}

export function connect(): void {
    clearTimeout(retry);
    if (way) return;
    try {
        way = ways[kind]?.[1]({ hello, text: receive, lost, shut: () => void reloadOnce() }) ?? null;
    } catch {
        return lost();
    }
    patience = setTimeout(() => {
        doubted = true;
        lost();
    }, HI_MS);
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

/** moved: the server goes on in another process, which answers already. */
function lost(moved = false): void {
    const now = clock(), met = live, good = met && !moved && now - since > GOOD_MS;
    hangUp();
    offline();
    if (good) {
        failures = 0;
        doubted = false;
        learn(now - Math.max(heard, spoke));
        // Perhaps the network is another one by now.
        if (lowered && now - lowered > SETTLE_MS) kind = lowered = 0;
    } else if (!moved) {
        failures++;
    }
    const doubtful = !met || failures > 2;
    const wait = (moved ? 20 : Math.min(SLOWEST_MS, 50 * 2 ** failures)) * (0.5 + Math.random() / 2);
    retry = setTimeout(() => void (good || !doubtful ? connect() : another()), wait);
}

/** Whether the server answers a plain request. */
async function there(): Promise<boolean> {
    try {
        return (await fetch(address("healthz"), { cache: "no-store", signal: AbortSignal.timeout(THERE_MS) })).ok;
    } catch {
        return false;
    }
}

/** A way that fails although the server is there, and not only since a moment ago, is one that this network does not allow. */
async function another(): Promise<void> {
    const answers = forced < 0 && (await there());
    if (answers && doubted) {
        kind = (kind + 1) % ways.length;
        lowered = kind ? clock() : 0;
    }
    doubted = answers && !doubted;
    connect();
}

/** Idle lines that are cut after the same time twice are cut by somebody: from now on no line is idle so long. */
function learn(idle: number): void {
    const again = idleCut && Math.abs(idle - idleCut) < idle / 4;
    idleCut = idle > 1000 && idle < quiet ? idle : 0;
    if (!again || !idleCut) return;
    quiet = Math.max(1000, idle / 2);
    tick(Date.now());
}

function again(): void {
    if (way) ping();
    else connect();
}

function ping(): void {
    if (!live || patience) return;
    line.send({ t: "ping" });
    patience = setTimeout(() => lost(), PONG_MS);
}

function receive(text: string): Promise<void> {
    heard = clock();
    clearTimeout(patience);
    patience = undefined;
    try {
        const m = JSON.parse(text) as Down;
        if (m.who) line.send({ t: "ping" });
        inbox.push(m);
        if (!reading) read = readAll();
    } catch {
        // Half a message: somebody between here and there cut it.
        lost();
    }
    return read;
}

/** Reads what came, one after the other, and at once unless something is still to be loaded. */
async function readAll(): Promise<void> {
    reading = true;
    for (let m = inbox.shift(); m; m = inbox.shift()) {
        const from = way;
        try {
            if (m.o) {
                if (!applier) await prepare();
                const wait = applier?.arriving(m.o.map((o) => (o[0] === "p" ? o[2] : o[0] === "l" ? o[3] : "")).join("\n"));
                if (wait) await wait;
            }
            if (way === from) take(m);
        } catch (error) {
            console.error("easel:", error);
            if (m.o && way === from) heal();
        }
    }
    reading = false;
}

/** Loads what applies frames. When it does not come the line is made anew, which brings the frame again; then only a new page helps: the
 *  server may have other files by now. */
async function prepare(): Promise<void> {
    try {
        await loadApplier();
    } catch {
        if (++missing > 1) void reloadOnce();
        else if (way) lost();
    }
}

function take(m: Down): void {
    if (m.o && !applier) return;
    const anew = m.hi && !live;
    if (m.hi) welcome(m.hi);
    if (m.reload !== undefined) return void reloadOnce();
    if (m.out !== undefined) return leaveToo();
    if (m.o) show(m.f ?? frame, m.o, Boolean(m.whole));
    if (m.no) {
        // One that was settled before is told again only because the server could not know.
        if (settled(m.of ?? boot.view, m.no[0], true) || !m.no[0]) toastShow({ text: m.no[1], kind: "bad" });
    }
    if (m.a !== undefined) settled(m.of ?? boot.view, m.a, false);
    // After the acknowledgement that came with it, so that only what is really missing goes again.
    if (anew) resend();
    if (m.busy !== undefined) setBusy(m.busy > 0);
    if (m.w !== undefined) warn(m.w);
    if (anew || m.dev === null) document.getElementById("ez-problem")?.remove();
    const problem = m.dev;
    if (problem) void import("./problem.ts").then((p) => p.showProblem(problem));
}

function welcome(hi: NonNullable<Down["hi"]>): void {
    if (hi.new) forgetOlder();
    session = hi.session;
    keep("s", session);
    server = hi.epoch;
    epoch = hi.frame < 0 ? 0 : server;
    if (!live) {
        since = clock();
        resendIn = RESEND_MS;
        // A network that does not let everything through is remembered for this tab, so that its next page need not find out again.
        if (forced < 0) keep("way", kind ? ways[kind]![0] : null);
        // What the server has to warn of it says anew.
        warn(null);
        loadMissing();
    }
    live = fresh = true;
    online();
}

/** The first frame after a hi, and a whole page, count from what the server knows; others are left out unless they are newer. */
function show(f: number, ops: NonNullable<Down["o"]>, whole: boolean): void {
    if (!fresh && !whole && f <= frame) return;
    try {
        applier?.applyFrame(ops);
        frame = f;
        epoch = server;
        fresh = false;
    } catch (error) {
        console.error("easel: frame", f, "could not be applied:", error);
        heal();
    }
}

/** Asks for the whole page; when that did not help either, the page is loaded again. */
function heal(): void {
    const now = clock();
    if (healed && now - healed < 30000) return void reloadOnce("broken");
    healed = now;
    frame = -1;
    hangUp();
    connect();
}

/** Another build, or nothing else helps: loads the page again, but never in a circle, and never into nothing. */
export async function reloadOnce(why: keyof typeof REST_MS = "stale"): Promise<void> {
    const recent = Math.abs(Date.now() - Number(kept(why) ?? 0)) < REST_MS[why];
    if (recent) warn({ s: why });
    if (recent || !(await there())) {
        // The next line may lead to a server that has this page's build.
        if (way && !live) lost();
        return;
    }
    keep(why, String(Date.now()));
    saveDrafts();
    location.reload();
}

let left = false;

/** The visitor logs out: nothing of what was typed stays behind for who sits there next. */
export function leave(): void {
    left = true;
    for (const name of ["d", "q"]) keep(name, null);
}

/** …in another tab. The one that sent the form goes where its answer leads. */
function leaveToo(): void {
    if (left) return;
    leave();
    location.reload();
}

export function saveDrafts(): void {
    if (left) return;
    keep("d", JSON.stringify([path, drafts(), scrolls()]));
}

/** Looks after the line now and then. */
function tick(last: number): void {
    const now = clock(), time = Date.now(), slept = Math.abs(time - last) > 15000;
    if (live && unsettled() && now > resendAt) {
        // Lost on its way, or its answer was, or its run takes long: a repeat does no harm, and shows whether the line works.
        resendIn = Math.min(2 * resendIn, RESEND_SLOWEST_MS);
        resend();
        ping();
    } else if (slept || (live && (now - heard > quiet || (kind === 1 && now - spoke > pingMs)))) {
        again();
    }
    clearTimeout(ticking);
    ticking = setTimeout(tick, Math.min(5000, quiet / 4), time);
}

/** Starts the line and everything that wakes it. */
export function startChannel(): void {
    connect();
    tick(Date.now());
    addEventListener("online", again);
    document.addEventListener("visibilitychange", () => {
        if (document.visibilityState === "visible" && clock() - heard > 5000) again();
    });
    addEventListener("pagehide", () => {
        saveDrafts();
        clearTimeout(retry);
        hangUp();
    });
    addEventListener("pageshow", (e) => {
        if (!e.persisted) return;
        const now = kept("s") ?? session;
        // The tab went on with another session meanwhile.
        if (now !== session) [session, frame] = [now, -1];
        rejoin();
        connect();
    });
}
