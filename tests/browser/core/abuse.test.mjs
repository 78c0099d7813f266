// abuse.test.mjs: whatever the server does around it, what the person has under way goes on.
// SPDX-License-Identifier: Apache-2.0
//
// One page holds everything at once (abuse_page.mjs). A scripted server sends it every operation after every other one, then
// random ones. EASEL_SEED repeats a random run, EASEL_SEEDS=100 takes that one and the 99 after it, EASEL_ABUSE=10 makes each ten times
// as long, EASEL_SLOW=6 makes the browser's processor six times as slow.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { catalog, held, hold, look, noAnchor, note, numbers, pairs, places, seed, Tree } from "./abuse_page.mjs";
import { Fake, id, open, quit } from "./harness.mjs";

after(async () => {
    await quit();
    for (const [browser, { frames, operations, promises }] of tallies) {
        console.log(`${browser}: ${operations} operations in ${frames} frames`);
        for (const [promise, [looks, losses]] of promises) console.log(`  ${promise}: looked at ${looks} times, lost ${losses}`);
    }
});
const length = Number(process.env.EASEL_ABUSE ?? 1), seeds = [...Array(Number(process.env.EASEL_SEEDS ?? 1)).keys()].map((i) => seed + i);
const targets = Object.keys(held).map(id);
const postures = ["field", "composing", "words", "dialog"];

/** What was tried, by browser: frames, operations, and for each promise how often it was looked at, and lost. */
const tallies = new Map();
async function count(page, browser) {
    if (!tallies.has(browser)) tallies.set(browser, { frames: 0, operations: 0, promises: new Map() });
    const tally = tallies.get(browser);
    tally.frames += page.sent;
    tally.operations += page.operations;
    for (const [promise, [looks, losses]] of Object.entries(await page.tab.evaluate(() => window.held?.tally ?? {}))) {
        const [before, lost] = tally.promises.get(promise) ?? [0, 0];
        tally.promises.set(promise, [before + looks, lost + losses]);
    }
}

/** Opens the abuse page. In the page, frame(n) waits until n frames are applied. */
async function abuse(t, before) {
    const tree = new Tree(), fake = await new Fake(tree.page()).start();
    let page;
    // Before the page closes.
    t.after(() => page && count(page, before ? "without moveBefore" : "with moveBefore"));
    page = await open(t, fake, {
        before: async (tab, context) => {
            await tab.addInitScript(() => {
                // Long enough for a page to be healed anew.
                const now = performance.now.bind(performance);
                performance.now = () => now() + (window.later ?? 0);
                customElements.define("ez-held", class extends HTMLElement {
                    connectedMoveCallback() {}
                    disconnectedCallback() { this.leaves = (this.leaves ?? 0) + 1; }
                    update() { this.updates = (this.updates ?? 0) + 1; }
                    ezCall() {}
                });
            });
            await before?.(tab, context);
        },
    });
    Object.assign(page, { tree, sent: 0, operations: 0 });
    page.cdp = await page.context.newCDPSession(page.tab);
    if (process.env.EASEL_SLOW) await page.cdp.send("Emulation.setCPUThrottlingRate", { rate: Number(process.env.EASEL_SLOW) });
    await page.tab.evaluate(() => {
        let shown = 0, told;
        core.easel.onFrame(() => (shown++, told?.()));
        window.frame = (n) => new Promise((done) => (told = () => shown >= n && done())());
    });
    await page.tab.setInputFiles("input[type=file]", { name: "chosen.txt", mimeType: "text/plain", buffer: Buffer.from("mine") });
    await page.tab.fill(`#${id("field")}-c`, "half typed words");
    return page;
}

async function take(page, posture) {
    page.posture = posture;
    await page.tab.evaluate(hold, { posture, held });
    if (posture === "composing") await compose(page, "に");
    // The field was left: what was typed in it is sent.
    if (posture === "dialog" || posture === "words") page.tree.known.set(id("field"), await page.tab.inputValue(`#${id("field")}-c`));
    page.kept = new Set(await page.tab.evaluate(note));
}
async function compose(page, text) {
    await page.cdp.send("Input.imeSetComposition", { selectionStart: text.length, selectionEnd: text.length, text });
}

/** Sends an operation of the catalog around x, or several, and says what was lost. */
async function step(page, what, x, painted) {
    const { fake, tab, tree } = page;
    page.operations += Array.isArray(what) ? what.length : 1;
    // Where a field cannot be moved without leaving the document for a moment, it is left, and what was typed in it is sent.
    for (const event of fake.events()) for (const [node, value] of event.v ?? []) tree.known.set(node, value);
    if (what === "broken") {
        await tab.evaluate(() => { window.later = (window.later ?? 0) + 31000; });
        const hello = fake.next((m) => m.t === "hello", "hello");
        fake.frame(...catalog[what](tree, x));
        assert.equal((await hello).frame, -1);
        fake.whole(...tree.whole());
    } else if (what === "whole") {
        fake.whole(...tree.whole());
    } else {
        const all = Array.isArray(what) ? what : [[what, x]];
        fake.frame(...all.flatMap(([name, x]) => catalog[name](tree, x, page.kept)));
    }
    page.sent++;
    tree.sweep();
    const order = Object.fromEntries([...Object.values(places), ...tree.kids.keys()].map((place) => [place, tree.kids.get(place)]));
    return tab.evaluate(look, { applied: page.sent, painted, order, posture: page.posture });
}

const report = (found) => [...found].map(([what, wrong]) => `${what}: ${wrong.join("; ")}`);

for (const [i, posture] of postures.entries()) {
    test(`every operation after every other one, around each held thing: ${posture}`, async (t) => {
        const page = await abuse(t), found = new Map(), turn = new Map();
        await take(page, posture);
        // All pairs are shared between the postures; a longer run meets them all in each.
        const all = pairs(Object.keys(catalog)), share = Math.ceil(all.length / postures.length), path = length > 1 ? all : all.slice(i * share, (i + 1) * share + 1);
        for (const [at, name] of path.entries()) {
            const n = turn.get(name) ?? i * 4, x = targets[n % targets.length];
            turn.set(name, n + 1);
            const wrong = await step(page, name, x, at % 5 === 0 || at === path.length - 1);
            if (wrong.length) found.set(`${path[at - 1]}, then ${name} at ${x}`, wrong);
            if (found.size > 5) break;
        }
        t.diagnostic(`${path.length} operations, all pairs of ${Object.keys(catalog).length}`);
        assert.deepEqual(report(found), []);
        if (posture === "composing") await finish(page);
        assert.deepEqual(page.errors.filter((e) => !/could not be applied/.test(e)), []);
    });
}

/** The composition goes on, and its text is the one that the person chose. */
async function finish(page) {
    await compose(page, "にほん");
    await page.cdp.send("Input.insertText", { text: "日本" });
    assert.equal(await page.tab.inputValue(`#${id("field")}-c`), "half日本 typed words");
}

/** Random frames of up to four operations; `forgive` says what this browser cannot keep. */
async function randomly(page, seed, posture, frames, names, forgive = () => false) {
    const random = numbers(seed + postures.indexOf(posture)), said = [];
    await take(page, posture);
    for (let i = 0; i < frames; i++) {
        const chosen = [...Array(1 + random(4))].map(() => [names[random(names.length)], targets[random(targets.length)]]);
        const wrong = await step(page, chosen, null, i % 4 === 0 || i === frames - 1);
        said.push(chosen.map(([name, x]) => `${name} at ${x}`).join(", "));
        assert.deepEqual(wrong.filter((w) => !forgive(w)), [], `EASEL_SEED=${seed}, ${posture}, frame ${i}: ${said.slice(-2).join(" | ")}`);
    }
    if (posture === "composing") await finish(page);
}
const whole = ["whole", "broken"], within = Object.keys(catalog).filter((name) => !whole.includes(name));

/** An element with a script leaves and comes again when it is moved, and keeps what is inside. */
const leaves = (w) => /^inside of own: \["mine",77,/.test(w);
/** A browser of some years ago. */
async function old(tab) {
    await tab.addInitScript(() => { delete Element.prototype.moveBefore; });
    await noAnchor(tab);
}
/** Those that take a held thing to another place, or past another held one. */
const far = ["to the sidebar", "to the page", "wrap", "unwrap", "move the ancestor", "put the ancestor", "reverse", "move first", "move last"];

for (const seed of seeds) {
    test("random frames of several operations lose nothing", async (t) => {
        const page = await abuse(t);
        t.diagnostic(`EASEL_SEED=${seed}`);
        for (const posture of postures) await randomly(page, seed, posture, 60 * length, within);
        assert.deepEqual(page.errors, []);
    });

    test("without moveBefore nothing is lost as long as nothing held must go to another place", async (t) => {
        const page = await abuse(t, old);
        t.diagnostic(`EASEL_SEED=${seed}`);
        for (const posture of postures) await randomly(page, seed, posture, 40 * length, within.filter((name) => !far.includes(name)), leaves);
        assert.deepEqual(page.errors, []);
    });

    test("without moveBefore a held thing that must go to another place loses only its frame's document", async (t) => {
        const page = await abuse(t, old);
        t.diagnostic(`EASEL_SEED=${seed}`);
        for (const posture of ["field", "words", "dialog"]) await randomly(page, seed, posture, 40 * length, within, (w) => leaves(w) || /^frame: |toggle$/.test(w));
        assert.deepEqual(page.errors, []);
    });
}
