// random.test.mjs: on random trees, what the operations say is what the document becomes.
// SPDX-License-Identifier: Apache-2.0
//
// The operations are made as src/page/diff.c makes them: the old places are simulated, parents before children, and each place
// gets at most one `k` that replaces what differs. Some frames have needless operations on top, which must not hurt.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { open, quit } from "./harness.mjs";

after(quit);

/** Runs in the page: `rounds` random trees one after the other, each made out of the one before by operations. */
function run({ seed, rounds }) {
    let state = seed;
    const random = (n) => {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        return Math.floor((state / 2 ** 32) * n);
    };
    const root = "ez_________", name = (i) => `n${String(i).padStart(10, "_")}`;
    const place = (id, slot) => (slot ? `${id}.${slot}` : id);

    /** A tree: nodes in document order, parents first; shells differ by tag, words, places and their order. */
    function grow() {
        const nodes = [], free = [...Array(24).keys()];
        const rows = [{ id: root, places: 1 }];
        for (let i = random(16); i > 0; i--) {
            const id = name(free.splice(random(free.length), 1)[0]);
            const parent = rows[random(rows.length)];
            if (!parent.places) continue;
            const node = { id, parent: parent.id, slot: random(parent.places), places: random(3), tag: random(8) ? "div" : "section", words: random(3), turned: random(2), inner: random(3) };
            nodes.push(node);
            rows.push(node);
        }
        return nodes;
    }
    function shell(n) {
        const holes = [...Array(n.places).keys()].map((slot) => `<div data-ez-place="${place(n.id, slot)}"></div>`);
        if (n.turned) holes.reverse();
        const words = `<b>words ${n.words}</b>`;
        // A node of one place may be that place itself.
        if (n.places === 1 && n.inner === 0) return `<${n.tag} id="${n.id}" data-ez-place="${n.id}"></${n.tag}>`;
        return `<${n.tag} id="${n.id}" class="w${n.words}">${n.inner === 1 ? words : ""}${holes.join(n.inner === 2 ? "<hr>" : "")}<i>${n.words}</i></${n.tag}>`;
    }
    function print(nodes, id, slot) {
        return nodes.filter((n) => n.parent === id && n.slot === slot).map((n) => {
            let html = shell(n);
            for (let s = 0; s < n.places; s++) html = html.replace(new RegExp(`(data-ez-place="${place(n.id, s).replace(".", "\\.")}">)`), (_, tag) => tag + print(nodes, n.id, s));
            return html;
        }).join("");
    }
    function diff(a, b) {
        const ops = [], now = new Map(), at = (id, slot) => now.get(place(id, slot)) ?? (now.set(place(id, slot), []), now.get(place(id, slot)));
        for (const n of a) at(n.parent, n.slot).push(n.id);
        const old = new Map(a.map((n) => [n.id, shell(n)]));
        for (const n of b) if (old.get(n.id) !== shell(n) || !random(12)) ops.push(["p", n.id, shell(n)]);
        const places = [[root, 0], ...b.flatMap((n) => [...Array(n.places).keys()].map((s) => [n.id, s]))];
        for (const [id, slot] of places) {
            const want = b.filter((n) => n.parent === id && n.slot === slot).map((n) => n.id), have = at(id, slot);
            let head = 0, tail = 0;
            while (head < have.length && head < want.length && have[head] === want[head]) head++;
            while (tail < have.length - head && tail < want.length - head && have.at(-1 - tail) === want.at(-1 - tail)) tail++;
            if (head + tail === have.length && head + tail === want.length) continue;
            const added = want.slice(head, want.length - tail);
            ops.push(["k", place(id, slot), head, have.length - head - tail, added]);
            have.splice(head, have.length - head - tail);
            for (const x of added) for (const list of now.values()) if (list.includes(x)) list.splice(list.indexOf(x), 1);
            now.set(place(id, slot), want);
        }
        return ops;
    }

    const target = document.getElementById("ez-main");
    target.replaceChildren();
    let tree = [], marks = 0;
    for (let round = 0; round < rounds; round++) {
        const next = grow(), whole = !random(10);
        const ops = whole
            ? [...next.map((n) => ["p", n.id, shell(n)]), ...[[root, 0], ...next.flatMap((n) => [...Array(n.places).keys()].map((s) => [n.id, s]))]
                .map(([id, slot]) => ["k", place(id, slot), 0, 1000000, next.filter((n) => n.parent === id && n.slot === slot).map((n) => n.id)])]
            : diff(tree, next);
        const before = new Map(tree.map((n) => [n.id, document.getElementById(n.id)]));
        core.applyFrame(ops);
        const expected = document.createElement("div");
        expected.innerHTML = print(next, root, 0);
        const plain = (e) => e.innerHTML.replace(/<(\w+)((?: [\w-]+="[^"]*")*)>/g, (_, tag, attributes) => `<${tag}${attributes.match(/ [\w-]+="[^"]*"/g)?.sort().join("") ?? ""}>`);
        if (plain(expected) !== plain(target)) return { round, ops: JSON.stringify(ops), expected: plain(expected), actual: plain(target) };
        // Same node, same element: nothing is made anew that can stay.
        const tags = new Map(tree.map((n) => [n.id, n.tag]));
        for (const n of next) {
            if (!before.has(n.id) || tags.get(n.id) !== n.tag) continue;
            if (before.get(n.id) !== document.getElementById(n.id)) return { round, made: n.id, ops: JSON.stringify(ops) };
            marks++;
        }
        tree = next;
    }
    return { marks };
}

test("apply(diff(A, B), A) is B on 3000 random trees, and nodes keep their elements", async (t) => {
    const { tab, errors } = await open(t, { main: "" });
    for (const seed of [1, 2, 3, Date.now() >>> 0]) {
        const result = await tab.evaluate(run, { seed, rounds: 750 });
        assert.ok(result.marks > 500, `seed ${seed}: ${JSON.stringify(result, null, 1)}`);
    }
    assert.deepEqual(errors, []);
});

test("the same holds where the browser has no moveBefore", async (t) => {
    const { tab } = await open(t, { main: "" }, { before: (tab) => tab.addInitScript(() => { delete Element.prototype.moveBefore; }) });
    const result = await tab.evaluate(run, { seed: 77, rounds: 500 });
    assert.ok(result.marks > 300, JSON.stringify(result, null, 1));
});

test("what stays in place is an increasing sequence that cannot be longer or heavier", async (t) => {
    const { tab } = await open(t, { main: "" });
    const wrong = await tab.evaluate(() => {
        for (let round = 0; round < 2000; round++) {
            const n = 1 + (round % 7), old = [...Array(n).keys()].sort(() => Math.random() - 0.5).map((p) => (Math.random() < 0.2 ? -1 : p));
            const weight = old.map(() => (Math.random() < 0.2 ? 10 : 1));
            const stay = [...core.staying(old, weight)].sort((a, b) => a - b);
            const increasing = stay.every((i, k) => old[i] >= 0 && (!k || old[stay[k - 1]] < old[i]));
            let best = 0;
            for (let bits = 0; bits < 1 << n; bits++) {
                const some = old.map((_, i) => i).filter((i) => bits & (1 << i));
                if (some.every((i, k) => old[i] >= 0 && (!k || old[some[k - 1]] < old[i]))) best = Math.max(best, some.reduce((w, i) => w + weight[i], 0));
            }
            if (!increasing || stay.reduce((w, i) => w + weight[i], 0) !== best) return { old, weight, stay, best };
        }
        return null;
    });
    assert.equal(wrong, null);
});
