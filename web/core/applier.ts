// applier.ts: one frame of operations, applied whole, in one task.
// SPDX-License-Identifier: Apache-2.0
//
// `k` operations work on lists of ids while the frame is read. The document changes once, at the end, place by place from the
// root down, so that a node goes straight from where it was to where it belongs: it is never out of the document in between,
// and what runs inside it goes on.

// Not used here: so that what this file and the elements share comes as one file.
import "./element.ts";
import { root } from "./boot.ts";
import { pageCall } from "./calls.ts";
import { FocusGuard } from "./focus.ts";
import { keepEnds } from "./follow.ts";
import { frames } from "./hooks.ts";
import { morph, parse, tail } from "./morph.ts";
import { arrange } from "./moves.ts";
import { own, placeIn } from "./places.ts";
import { serverValue, settle } from "./values.ts";
import type { EzElement } from "./element.ts";
import type { Json, Op } from "./wire.ts";

const limbo = document.createElement("div");
limbo.hidden = true;

class Frame {
    /** Nodes of this frame that are not placed yet. */
    stash = new Map<string, HTMLElement>();
    lists = new Map<string, string[]>();
    /** The place that an id went to in this frame; null: taken out. */
    home = new Map<string, string | null>();
    /** New elements, and those with a new shell (false). */
    arrived = new Map<HTMLElement, boolean>();
    guard = new FocusGuard();

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
            list = [...(this.place(name)?.children ?? [])].map((e) => e.id).filter((id) => !this.home.has(id));
            this.lists.set(name, list);
        }
        return list;
    }

    kids(name: string, at: number, remove: number, ids: string[]): void {
        const list = this.list(name);
        if (at > list.length) throw new Error(`no index ${at} in ${name}`);
        for (const id of list.splice(at, remove)) this.home.set(id, null);
        for (const id of ids) {
            const was = this.home.get(id) ?? document.getElementById(id)?.parentElement?.dataset.ezPlace;
            const from = was === undefined || this.home.get(id) === null ? undefined : this.list(was), index = from?.indexOf(id) ?? -1;
            if (index >= 0) from?.splice(index, 1);
            this.home.set(id, name);
        }
        list.splice(Math.min(at, list.length), 0, ...ids);
    }

    put(id: string, html: string): void {
        const fragment = parse(html), fresh = fragment.firstElementChild;
        if (!(fresh instanceof HTMLElement) || fresh.id !== id || fragment.childElementCount > 1) throw new Error(`put ${id} is not one element with that id`);
        const known = this.stash.has(id) ? null : document.getElementById(id);
        if (known) {
            this.arrived.set(morph(known, fresh, limbo), false);
        } else {
            this.stash.set(id, fresh);
        }
    }

    /** How deep a place stands in the page that this frame makes. */
    depth(name: string): number {
        let depth = 0;
        for (let owner = name.slice(0, 11); owner !== root && depth < 1000; depth++) {
            const home = this.home.has(owner) ? this.home.get(owner) : document.getElementById(owner)?.parentElement?.dataset.ezPlace;
            if (!home) return 1000;
            owner = home.slice(0, 11);
        }
        return depth;
    }

    /** Makes the document what the lists say. */
    commit(): void {
        const leaving = new Set<Element>(limbo.children);
        for (const name of [...this.lists.keys()].sort((a, b) => this.depth(a) - this.depth(b))) {
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
        this.guard.leaving(gone);
        for (const e of gone) e.remove();
        limbo.remove();
    }

    /** Whether a node that stood in a changed place is in none of the lists now. */
    dropped(e: Element): boolean {
        const place = e.parentElement?.dataset.ezPlace;
        return !place || !this.lists.get(place)?.includes(e.id);
    }
}

/** Applies a frame, or throws at the first operation that does not fit. */
export function applyFrame(ops: readonly Op[]): void {
    const frame = new Frame();
    const later: (() => void)[] = [];
    document.body.append(limbo);
    try {
        for (const op of ops) {
            switch (op[0]) {
                case "k": frame.kids(op[1], op[2], op[3], op[4]); break;
                case "p": frame.put(op[1], op[2]); break;
                case "t": append(frame.node(op[1]), op[2]); break;
                case "l": tail(endOf(frame.node(op[1])), op[2], op[3]); break;
                // Values and calls are for what stands in the document.
                case "v": later.push(() => serverValue(frame.node(op[1]), op[2], op[3])); break;
                case "c": later.push(() => call(op[1], op[2], op[3])); break;
                default: throw new Error(`unknown operation ${String(op[0])}`);
            }
        }
        frame.commit();
        for (const [node, anew] of frame.arrived) settle(node, anew);
        for (const action of later) action();
    } finally {
        limbo.replaceChildren();
        limbo.remove();
        frame.guard.settle();
    }
    frames.tell();
    keepEnds();
}

const endOf = (node: HTMLElement): HTMLElement => own(node, "[data-ez-end]") ?? node;

/** Where the last word stands: down the last children, into the open paragraph, item or cell. */
function append(node: HTMLElement, text: string): void {
    let end: Element = endOf(node);
    while (end.lastChild instanceof Element) end = end.lastChild;
    if (end.lastChild instanceof Text) end.lastChild.appendData(text);
    else end.append(text);
}

function call(id: string, method: string, args: Json): void {
    if (!id) return pageCall(method, args);
    const node = document.getElementById(id) as EzElement | null;
    if (!node) throw new Error(`no node ${id}`);
    const target = node.ezCall ? node : [...node.querySelectorAll<EzElement>("*")].find((e) => e.ezCall);
    target?.ezCall?.(method, args);
}
