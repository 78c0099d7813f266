// applier.ts: one frame of operations, applied whole, in one task.
// SPDX-License-Identifier: Apache-2.0
//
// `k` operations work on lists of ids while the frame is read. The document changes once, at the end, place by place from the
// root down, so that a node goes straight from where it was to where it belongs: it is never out of the document in between,
// and what runs inside it goes on.
//
// A frame is read before anything is changed: one that does not fit changes nothing.

import { root } from "./boot.ts";
import { pageCall } from "./calls.ts";
import { FocusGuard } from "./focus.ts";
import { keepEnds } from "./follow.ts";
import { frames, safely } from "./hooks.ts";
import { morph, parse, tail } from "./morph.ts";
import { arrange, moved } from "./moves.ts";
import { own, placeIn, shell } from "./places.ts";
import { Reading } from "./reading.ts";
import { leave, serverValue, settle } from "./values.ts";
import type { EzElement } from "./element.ts";
import type { Json, Op, Value } from "./wire.ts";

export { arriving } from "./arriving.ts";

const limbo = document.createElement("div");
limbo.hidden = true;

const DEEPEST = 1000;
type Action = () => void;

class Frame {
    /** Nodes of this frame that are not placed yet. */
    stash = new Map<string, HTMLElement>();
    lists = new Map<string, string[]>();
    /** The place that an id went to in this frame; null: taken out. */
    home = new Map<string, string | null>();
    /** New elements, and those with a new shell (false). */
    arrived = new Map<HTMLElement, boolean>();
    /** Places that the new shells of this frame bring. */
    coming = new Set<string>();
    /** Nodes that values and calls are for. */
    meant = new Set<string>();
    /** How many child nodes the end of a node has after what was read of the frame. */
    ends = new Map<string, number>();

    node(id: string): HTMLElement {
        const node = this.stash.get(id) ?? document.getElementById(id);
        if (!node) throw new Error(`no node ${id}`);
        return node;
    }

    place(name: string): HTMLElement | null {
        const owner = name.slice(0, 11), node = this.stash.get(owner) ?? document.getElementById(owner);
        return (node && placeIn(node, name)) ?? document.querySelector<HTMLElement>(`[data-ez-place="${name}"]`);
    }

    list(name: string): string[] {
        let list = this.lists.get(name);
        if (!list) {
            const place = this.place(name);
            if (!place && !this.coming.has(name)) throw new Error(`no place ${name}`);
            list = [...(place?.children ?? [])].map((e) => e.id).filter((id) => !this.home.has(id));
            this.lists.set(name, list);
        }
        return list;
    }

    kids(name: string, at: number, remove: number, ids: string[]): void {
        const list = this.list(name);
        if (new Set(ids).size < ids.length || ids.includes(root)) throw new Error(`not nodes for ${name}`);
        if (!(at >= 0 && at <= list.length && remove >= 0)) throw new Error(`no index ${at} in ${name}`);
        for (const id of list.splice(at, remove)) this.home.set(id, null);
        for (const id of ids) {
            const was = this.home.get(id) ?? this.node(id).parentElement?.dataset.ezPlace;
            const from = was === undefined || this.home.get(id) === null ? undefined : this.list(was), index = from?.indexOf(id) ?? -1;
            if (index >= 0) from?.splice(index, 1);
            this.home.set(id, name);
        }
        list.splice(Math.min(at, list.length), 0, ...ids);
    }

    // These three read an operation, and add what is to be done for it when the whole frame fits.

    put(id: string, html: string, now: Action[]): void {
        const fragment = parse(html), fresh = fragment.firstElementChild;
        if (!(fresh instanceof HTMLElement) || fresh.id !== id || fragment.childElementCount > 1) throw new Error(`put ${id} is not one element with that id`);
        for (const e of shell(fresh)) if (e.dataset.ezPlace) this.coming.add(e.dataset.ezPlace);
        this.ends.set(id, endOf(fresh).childNodes.length);
        const known = this.stash.has(id) ? null : document.getElementById(id);
        if (known) now.push(() => this.arrived.set(morph(document.getElementById(id) ?? known, fresh, limbo), false));
        else this.stash.set(id, fresh);
    }

    /** How many child nodes the end of a node will have by then. */
    length(id: string): number {
        return this.ends.get(id) ?? endOf(this.node(id)).childNodes.length;
    }

    text(id: string, words: string, now: Action[]): void {
        this.ends.set(id, Math.max(1, this.length(id)));
        now.push(() => append(this.node(id), words));
    }

    tail(id: string, keep: number, html: string, now: Action[]): void {
        const fresh = [...parse(html).childNodes], had = this.length(id);
        if (!(keep >= 0 && keep <= had)) throw new Error(`${id} keeps ${keep} of ${had}`);
        this.ends.set(id, keep + fresh.length);
        now.push(() => tail(endOf(this.node(id)), keep, fresh));
    }

    /** How deep a place stands in the page that this frame makes. */
    depth(name: string): number {
        let depth = 0;
        for (let owner = name.slice(0, 11); owner !== root && depth < DEEPEST; depth++) {
            const home = this.home.has(owner) ? this.home.get(owner) : document.getElementById(owner)?.parentElement?.dataset.ezPlace;
            if (!home) return DEEPEST;
            if (depth === DEEPEST - 1) throw new Error(`${name} stands in itself`);
            owner = home.slice(0, 11);
        }
        return depth;
    }

    /** The places that change, from the root down. */
    order(): string[] {
        const depth = new Map([...this.lists.keys()].map((name) => [name, this.depth(name)]));
        return [...depth.keys()].sort((a, b) => (depth.get(a) ?? 0) - (depth.get(b) ?? 0));
    }

    /** Makes the document what the lists say. */
    commit(order: string[], guard: FocusGuard): void {
        const leaving = new Set<Element>(limbo.children);
        for (const name of order) {
            const place = this.place(name);
            if (!place?.isConnected) continue;
            const want = this.list(name).map((id) => this.node(id));
            for (const e of place.children) leaving.add(e);
            arrange(place, want);
            for (const e of want) {
                leaving.delete(e);
                if (this.stash.delete(e.id)) this.arrived.set(e, true);
            }
        }
        const gone = [...leaving].filter((e) => e.isConnected && this.dropped(e));
        for (const e of gone) for (const d of e.querySelectorAll<HTMLDialogElement>("dialog[open]")) d.close();
        for (const e of gone) if (e instanceof HTMLDialogElement) e.close();
        guard.leaving(gone);
        for (const e of gone) {
            leave(e);
            e.remove();
        }
        limbo.remove();
    }

    /** Whether a node that stood in a changed place is in none of the lists now. */
    dropped(e: Element): boolean {
        const place = e.parentElement?.dataset.ezPlace;
        return !place || !this.lists.get(place)?.includes(e.id);
    }
}

/** Applies a frame, or throws and leaves everything as it was when an operation does not fit. */
export function applyFrame(ops: readonly Op[]): void {
    const frame = new Frame(), now: Action[] = [], later: Action[] = [];
    for (const op of ops) read(frame, op, now, later);
    for (const id of frame.meant) frame.node(id);
    const order = frame.order(), guard = new FocusGuard(), reading = new Reading();
    moved.clear();
    document.body.append(limbo);
    try {
        for (const action of now) action();
        frame.commit(order, guard);
        guard.keep();
        for (const [node, anew] of frame.arrived) settle(node, anew);
        reading.keep();
        for (const action of later) action();
    } finally {
        limbo.replaceChildren();
        limbo.remove();
        guard.settle();
    }
    frames.tell();
    keepEnds();
}

/** Reads one operation: what it does to the document `now`, and what it says to those who stand in it, `later`. */
function read(frame: Frame, op: Op, now: Action[], later: Action[]): void {
    const id = op[1];
    switch (op[0]) {
        case "k": return frame.kids(id, op[2], op[3], op[4]);
        case "p": return frame.put(id, op[2], now);
        case "t": return frame.text(id, op[2], now);
        case "l": return frame.tail(id, op[2], op[3], now);
    }
    // Values and calls are for what stands there when the frame does.
    if (id) frame.meant.add(id);
    switch (op[0]) {
        case "v": return void later.push(() => value(id, op[2], op[3]));
        case "c": return void later.push(() => call(id, op[2], op[3]));
    }
    throw new Error(`unknown operation ${String(op[0])}`);
}

const endOf = (node: HTMLElement): HTMLElement => own(node, "[data-ez-end]") ?? node;

/** Where the last word stands: down the last children, into the open paragraph, item or cell. */
function append(node: HTMLElement, text: string): void {
    let end: Element = endOf(node);
    while (end.lastChild instanceof Element) end = end.lastChild;
    if (end.lastChild instanceof Text) end.lastChild.appendData(text);
    else end.append(text);
}

function value(id: string, value: Value, rev: number): void {
    const node = document.getElementById(id);
    if (node) serverValue(node, value, rev);
}

function call(id: string, method: string, args: Json): void {
    if (!id) return pageCall(method, args);
    const node = document.getElementById(id) as EzElement | null;
    if (!node) return;
    const target = node.ezCall ? node : [...node.querySelectorAll<EzElement>("*")].find((e) => e.ezCall);
    safely(() => target?.ezCall?.(method, args));
}
