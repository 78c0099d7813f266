// document.mjs: as much of a document as a page's operations need, so that hundreds of visitors fit into one process.
// SPDX-License-Identifier: Apache-2.0
//
// It applies frames as docs/wire.md says, and tells what a visitor would read. An operation that does not fit throws.

const VOID = new Set("area base br col embed hr img input link meta source track wbr".split(" "));
const NAMED = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };
const decode = (s) => s.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (all, hex, number, name) => (hex ? String.fromCodePoint(parseInt(hex, 16)) : number ? String.fromCodePoint(+number) : (NAMED[name] ?? all)));

/** Elements {tag, attrs, kids, up} and strings, as they stand in the markup. */
export function parse(html) {
    const top = { tag: "", attrs: {}, kids: [] };
    let at = top;
    const add = (kid) => at.kids.push(kid);
    for (const [all, close, tag, attrs, text] of html.matchAll(/<!(?:--[^]*?--|[^>]*)>|<\/(\w[\w-]*)\s*>|<(\w[\w-]*)((?:[^>"']|"[^"]*"|'[^']*')*)>|([^<]+)/g)) {
        if (text !== undefined) {
            add(decode(text));
        } else if (close) {
            let up = at;
            while (up && up.tag !== close.toLowerCase()) up = up.up;
            if (up) at = up.up;
        } else if (tag) {
            const el = { tag: tag.toLowerCase(), attrs: {}, kids: [], up: at };
            for (const [, name, a, b] of attrs.matchAll(/([^\s=/"']+)(?:="([^"]*)"|='([^']*)')?/g)) el.attrs[name] = decode(a ?? b ?? "");
            add(el);
            if (!VOID.has(el.tag) && !/\/$/.test(attrs)) at = el;
        }
        void all;
    }
    return top.kids;
}

export const textOf = (el) => (typeof el === "string" ? el : el.kids.map(textOf).join(/^(?:span|a|b|i|em|strong|code|label)$/.test(el.tag) ? "" : " "));

function* within(el) {
    if (typeof el === "string") return;
    yield el;
    for (const kid of el.kids) yield* within(kid);
}

export class Document {
    nodes = new Map();
    places = new Map();
    values = new Map();
    calls = [];

    constructor(html) {
        const top = parse(html).flatMap((el) => [...within(el)]).find((el) => el.attrs.id === "ez_________");
        this.top = top;
        for (const el of within(top)) if (el.attrs["data-ez-place"]) this.#place(el);
    }

    /** Nodes stand in places only, so what stands in a place is a node. */
    #place(el) {
        this.places.set(el.attrs["data-ez-place"], el);
        el.kids = el.kids.filter((kid) => typeof kid !== "string");
        for (const kid of el.kids) {
            kid.at = el;
            this.nodes.set(kid.attrs.id, kid);
        }
    }

    #put(id, html) {
        const [el] = parse(html), old = this.nodes.get(id);
        for (const place of [...within(el)].filter((x) => x.attrs["data-ez-place"])) {
            const before = old && this.places.get(place.attrs["data-ez-place"]);
            place.kids = before ? before.kids : [];
            for (const kid of place.kids) kid.at = place;
            this.places.set(place.attrs["data-ez-place"], place);
        }
        if (old?.at) {
            el.at = old.at;
            el.at.kids[el.at.kids.indexOf(old)] = el;
        }
        this.nodes.set(id, el);
    }

    #kids(name, at, remove, ids) {
        const place = this.places.get(name);
        if (!place) throw new Error(`no place ${name}`);
        for (const gone of place.kids.splice(at, remove)) gone.at = null;
        for (const id of ids) {
            const el = this.nodes.get(id);
            if (!el) throw new Error(`${id} is placed, but was never put`);
            if (el.at) {
                const i = el.at.kids.indexOf(el);
                el.at.kids.splice(i, 1);
                if (el.at === place && i < at) at--;
            }
            place.kids.splice(at++, 0, el);
            el.at = place;
        }
    }

    /** Where `t` and `l` write. */
    #end(id) {
        const el = this.nodes.get(id);
        if (!el) throw new Error(`no node ${id}`);
        return [...within(el)].find((x) => "data-ez-end" in x.attrs) ?? el;
    }

    #text(id, s) {
        let el = this.#end(id);
        while (el.kids.length && typeof el.kids.at(-1) !== "string") el = el.kids.at(-1);
        if (el.kids.length) el.kids[el.kids.length - 1] += s;
        else el.kids.push(s);
    }

    #tail(id, keep, html) {
        const el = this.#end(id);
        el.kids = [...el.kids.slice(0, keep), ...parse(html)];
    }

    #sweep() {
        for (const [id, el] of this.nodes) if (!el.at) this.nodes.delete(id);
    }

    apply(ops) {
        for (const [kind, id, a, b, c] of ops) {
            if (kind === "k") this.#kids(id, a, b, c);
            else if (kind === "p") this.#put(id, a);
            else if (kind === "t") this.#text(id, a);
            else if (kind === "l") this.#tail(id, a, b);
            else if (kind === "v") this.values.set(id, a);
            else if (kind === "c") this.calls.push([id, a, b]);
            else throw new Error(`unknown operation ${kind}`);
        }
        this.#sweep();
    }

    /** All words of the page, with single spaces. */
    get text() {
        return textOf(this.top).replace(/\s+/g, " ");
    }

    /** The node with this key. */
    keyed(key) {
        for (const el of this.nodes.values()) if ((el.attrs.class ?? "").split(" ").includes(`ez-key-${key}`)) return el;
        return undefined;
    }

    /** Whole elements that a test looks for. */
    all(wanted) {
        return [...within(this.top)].filter(wanted);
    }
}
