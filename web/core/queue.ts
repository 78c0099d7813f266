// queue.ts: events and signals, numbered, kept until the server has settled them.
// SPDX-License-Identifier: Apache-2.0
//
// Each event exists once, under its number in its view: in memory, and in sessionStorage for the case that this page goes
// away before the acknowledgement comes. At most one values-only event is under way; newer values wait in values.ts.

import { boot, keep, kept, root } from "./boot.ts";
import { line } from "./channel.ts";
import { toastShow } from "./page.ts";
import { hasReady, takeEdits } from "./values.ts";
import { type Json, type Up, type Value, written } from "./wire.ts";

interface Waiting {
    message: Up;
    view: string;
    settle?: (done: boolean) => void;
}

const stored = (): Waiting[] => (JSON.parse(kept("q") || "[]") as Up[]).map((message) => ({ message, view: message.of ?? boot.view }));

/** Bytes of a message that the server takes; a character has three at most. */
const LARGEST = 1_000_000;
const tooLarge = (text: string): boolean => text.length > LARGEST / 3 && new TextEncoder().encode(text).length > LARGEST;

let waiting = stored();
let last = 0;
let planned = false;

/** Number of the last event given. */
export const lastNumber = (): number => last;
/** How many triggers wait for their run. */
export const triggersWaiting = (): number => waiting.filter((w) => w.message.t === "e" && w.message.x).length;
/** The newest value of this node that was sent, is not settled, and is a later edit than this one. */
export const inFlight = (id: string, rev: number): Value | undefined => waiting.flatMap((w) => w.message.v ?? []).findLast((v) => v[0] === id && v[2] > rev)?.[1];

function save(): void {
    keep("q", waiting.length ? JSON.stringify(waiting.map((w) => ({ ...w.message, of: w.view }))) : null);
}

function post(t: "e" | "s", v: Up["v"], x: Up["x"]): Promise<boolean> {
    const message: Up = { t, n: last + 1, f: line.frame };
    if (v?.length) message.v = v;
    if (x) message.x = x;
    // A larger message ends the line, and would end the next one.
    if (tooLarge(written(message))) {
        toastShow({ kind: "bad", text: "This is too much to send at once. Please make it shorter." });
        return Promise.resolve(false);
    }
    last++;
    return new Promise((settle) => {
        waiting.push({ message, view: boot.view, settle });
        // Both before anything else can happen to this page, and nobody has to wait for the disk.
        line.send(message);
        save();
    });
}

export function postTrigger(id: string, type: string, value: Json, form: Element | null): Promise<boolean> {
    return post("e", takeEdits(form, false), [id, type, value]);
}

export function postSignal(id: string, type: string, value: Json): Promise<boolean> {
    return post("s", undefined, [id, type, value]);
}

export const rootTrigger = (type: string): Promise<boolean> => postTrigger(root, type, null, null);
export const rootSignal = (type: string): Promise<boolean> => postSignal(root, type, null);

/** Sends what is ready, soon: all edits of one task make one event. */
export function commitValues(): void {
    if (planned) return;
    planned = true;
    queueMicrotask(() => {
        planned = false;
        if (!hasReady() || waiting.some((w) => w.message.t === "e" && !w.message.x)) return;
        void post("e", takeEdits(null, true), undefined);
    });
}

/** Connected: everything that is not settled goes again, in its order. */
export function resend(): void {
    for (const w of waiting) line.send(w.message);
}

/** For each view the first event that is not settled; undefined when all are. */
export function unsettled(): [view: string, n: number][] | undefined {
    const first = new Map<string, number>();
    for (const { view, message } of waiting) first.set(view, Math.min(message.n, first.get(view) ?? message.n));
    return first.size ? [...first] : undefined;
}

/** This page comes back from the browser's memory: what the pages after it left behind is sent by it. */
export function rejoin(): void {
    waiting = [...stored().filter((w) => w.view !== boot.view), ...waiting.filter((w) => w.view === boot.view)];
    save();
}

/** The server settled every event of a view up to n; or refused exactly n. False: it was settled before. */
export function settled(view: string, n: number, refused: boolean): boolean {
    const hit = (w: Waiting): boolean => w.view === view && (refused ? w.message.n === n : w.message.n <= n);
    const done = waiting.filter(hit);
    if (!done.length) return false;
    waiting = waiting.filter((w) => !hit(w));
    save();
    for (const w of done) w.settle?.(!refused);
    commitValues();
    return true;
}

/** Another session than the tab asked for: what older views left behind does not belong to it. */
export function forgetOlder(): void {
    waiting = waiting.filter((w) => w.view === boot.view);
    save();
}
