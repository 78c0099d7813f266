// abuse_contract.test.mjs: the applier's other promises, each attacked: fewest moves, heirs of focus, reading, healing, calm.
// SPDX-License-Identifier: Apache-2.0
//
// abuse.test.mjs says that nothing held is lost; this file says the rest of what the page promises. EASEL_SEED repeats a run.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { noAnchor, numbers, seed } from "./abuse_page.mjs";
import { area, box, button, Fake, id, main, open, paragraph, quit, text, until } from "./harness.mjs";

after(quit);
const paint = (tab) => tab.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
const kids = (ids, place = main) => ["k", place, 0, 1000000, ids];
/** Sends a frame and waits until it is applied. */
async function apply({ fake, tab }, ...ops) {
    const done = tab.evaluate(() => new Promise((done) => { const stop = core.easel.onFrame(() => (stop(), done())); }));
    await tab.evaluate(() => 0);
    fake.frame(...ops);
    await done;
}

// ---- moves -----------------------------------------------------------------------------------------------------------

/** In the page: random orders of one place; counts what moved, and compares it with what had to. */
function reorder({ seed, rounds, hold }) {
    let state = seed >>> 0;
    const random = (n) => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0, Math.floor((state / 2 ** 32) * n));
    const place = document.getElementById("ez-main"), moved = new Set();
    const real = Element.prototype.moveBefore, plain = Node.prototype.insertBefore;
    place.moveBefore = function (node, before) { moved.add(node); return real.call(this, node, before); };
    place.insertBefore = function (node, before) { moved.add(node); return plain.call(this, node, before); };
    /** Length of the longest increasing subsequence, the slow and certain way; with one that must be part of it, if any. */
    const longest = (list, part) => {
        const run = (l) => { const best = []; for (const [i, v] of l.entries()) best[i] = 1 + Math.max(0, ...best.slice(0, i).filter((_, k) => l[k] < v)); return Math.max(0, ...best); };
        const at = list.indexOf(part);
        return at < 0 ? run(list) : run(list.slice(0, at).filter((v) => v < part)) + 1 + run(list.slice(at + 1).filter((v) => v > part));
    };
    const total = { rounds, moves: 0 };
    for (let round = 0; round < rounds; round++) {
        const old = [...place.children].map((e) => e.id), want = [...old];
        // Some rounds shift one or two, others shuffle.
        for (let i = random(2) ? 1 + random(2) : old.length; i > 0; i--) want.splice(random(want.length), 0, ...want.splice(random(want.length), 1));
        const held = hold ? old[random(old.length)] : null;
        if (held) document.getElementById(held).querySelector("button").focus({ preventScroll: true });
        moved.clear();
        core.applyFrame([["k", "ez_________", 0, 1000000, want]]);
        const least = old.length - longest(want.map((x) => old.indexOf(x)), held ? old.indexOf(held) : undefined);
        total.moves += moved.size;
        if (moved.size !== least || (held && moved.has(document.getElementById(held)))) return { round, old, want, held, moved: [...moved].map((e) => e.id), least };
        if ([...place.children].some((e, i) => e.id !== want[i])) return { round, wrong: "order" };
    }
    return total;
}

for (const hold of [false, true]) {
    test(`moves use the fewest nodes${hold ? " that leave the one with focus where it is" : ""}`, async (t) => {
        const { tab } = await open(t, { main: [..."abcdefghijklmnopqrst"].map((n) => button(n)).join("") });
        const result = await tab.evaluate(reorder, { seed, rounds: 400, hold });
        assert.equal(result.rounds, 400, `EASEL_SEED=${seed}: ${JSON.stringify(result)}`);
        t.diagnostic(`EASEL_SEED=${seed}, ${result.moves} moves in ${result.rounds} orders of 20`);
    });
}

test("what is held in a branch weighs for the branch: dialog, popover, film, frame, selection, open list", async (t) => {
    const things = {
        popover: `<div popover="manual">x</div>`, film: "<video muted></video>", frame: '<iframe src="/frame"></iframe>', selection: "<p>selected words</p>", list: "<select><option>a</option><option>b</option></select>",
    };
    const { tab, fake } = await open(t, { main: Object.entries(things).map(([name, html]) => `<div id="${id(name)}"><div>${html}</div></div>`).join("") + [..."abc"].map((n) => paragraph(n)).join("") });
    await tab.evaluate(async () => {
        document.querySelector("main [popover]").showPopover();
        const canvas = document.createElement("canvas"), film = document.querySelector("video");
        canvas.getContext("2d").fillRect(0, 0, 9, 9);
        film.srcObject = canvas.captureStream(25);
        await film.play();
        const words = document.querySelector("main p").firstChild;
        getSelection().setBaseAndExtent(words, 0, words, 8);
        window.moved = [];
        new MutationObserver((all) => all.forEach((m) => m.addedNodes.forEach((n) => moved.push(n.id)))).observe(document.getElementById("ez-main"), { childList: true });
    });
    // Each thing goes, one after the other, before and behind the three others, which move instead of it.
    for (const name of Object.keys(things)) {
        const rest = [..."abc"].map(id), others = Object.keys(things).filter((n) => n !== name).map(id);
        if (name === "list") await tab.click("select");
        for (const order of [[...rest, id(name), ...others], [id(name), ...rest, ...others]]) {
            await apply({ tab, fake }, kids(order));
            await tab.evaluate(() => moved.splice(0));
            await apply({ tab, fake }, kids([...order].sort((a, b) => (order.indexOf(a) < 4 && order.indexOf(b) < 4 ? order.indexOf(b) - order.indexOf(a) : 0))));
            assert.ok(!(await tab.evaluate(() => moved.splice(0))).includes(id(name)), name);
        }
        if (name === "list") {
            await paint(tab);
            assert.ok(await tab.evaluate(() => document.querySelector("select").matches(":open")), "the list of the select is open");
        }
    }
});

// ---- focus -----------------------------------------------------------------------------------------------------------

test("a removed node with focus hands it to the next control, else the one before, and never to the body", async (t) => {
    const names = [..."abcdefghijkl"], page = await open(t, { main: names.map((n) => (n < "g" ? button(n) : text(n))).join("") });
    const random = numbers(seed);
    let shown = [...names];
    for (let round = 0; round < 60; round++) {
        // The last round takes everything.
        const at = random(shown.length), focused = shown[at], going = new Set([focused, ...shown.filter(() => round === 59 || !random(3))]), left = shown.filter((n) => !going.has(n));
        await page.tab.focus(`#${id(focused)} :is(button,input)`);
        await apply(page, kids(left.map(id)));
        const heir = shown.slice(at).find((n) => !going.has(n)) ?? left.at(-1);
        assert.equal(await page.tab.evaluate(() => document.activeElement.closest("[id$=_],#ez-main").id), heir ? id(heir) : "ez-main", `EASEL_SEED=${seed}, round ${round}: ${shown.join("")} without ${[...going].join("")}, focus was at ${focused}`);
        shown = left.length > 3 ? left : names;
        if (shown === names) await apply(page, ...names.filter((n) => !left.includes(n)).map((n) => ["p", id(n), n < "g" ? button(n) : text(n)]), kids(names.map(id)));
    }
});

test("focus goes to what came instead with the same id, and leaves what is hidden, disabled or closed", async (t) => {
    const field = (tag) => `<div id="${id("a")}"><b>x</b><${tag} id="${id("a")}-c" aria-label="A"></${tag}></div>`;
    const fold = `<details id="${id("d")}" data-ez-value="open" open><summary>More</summary><div data-ez-place="${id("d")}">${button("in")}</div></details>`;
    const page = await open(t, { main: button("first") + `<div id="${id("a")}"><b>x</b><input id="${id("a")}-c" aria-label="A"></div>` + button("b") + box("x", button("c")) + fold + button("last") });
    const focus = () => page.tab.evaluate(() => [document.activeElement.localName, document.activeElement.closest("[id$=_]")?.id]);
    await page.tab.focus(`#${id("a")}-c`);
    await apply(page, ["p", id("a"), field("textarea")]);
    assert.deepEqual(await focus(), ["textarea", id("a")]);
    await page.tab.focus(`#${id("b")} button`);
    await apply(page, ["p", id("b"), button("b", "b", " hidden")]);
    await paint(page.tab);
    assert.deepEqual(await focus(), ["button", id("c")]);
    await apply(page, ["p", id("x"), box("x", "", " hidden")]);
    await paint(page.tab);
    assert.deepEqual(await focus(), ["summary", id("d")]);
    await page.tab.focus(`#${id("in")} button`);
    await apply(page, ["v", id("d"), false, 0]);
    await paint(page.tab);
    assert.deepEqual(await focus(), ["summary", id("d")]);
});

test("a removed field in a modal dialog hands focus on inside the dialog", async (t) => {
    const page = await open(t, { main: button("under"), over: `<dialog id="${id("d")}" open data-ez-value="open"><div data-ez-place="${id("d")}">${text("f")}${button("ok")}</div></dialog>` });
    await page.tab.focus(`#${id("f")}-c`);
    await apply(page, kids([id("ok")], id("d")));
    assert.equal(await page.tab.evaluate(() => document.activeElement.closest("[id$=_]").id), id("ok"));
});

// ---- what is read, typed, chosen ---------------------------------------------------------------------------------------

for (const how of ["with", "without"]) {
    test(`scroll stays where somebody reads, ${how} the browser's own anchoring`, async (t) => {
        const names = [...Array(60).keys()].map((i) => `r${i}`), random = numbers(seed);
        const page = await open(t, { main: names.map((n) => paragraph(n)).join("") }, { before: how === "without" ? noAnchor : undefined });
        await page.tab.evaluate(() => scrollTo(0, 900));
        await paint(page.tab);
        const first = await page.tab.evaluate(() => [...document.getElementById("ez-main").children].findIndex((e) => e.getBoundingClientRect().bottom > 0));
        const read = names[first], top = () => page.tab.evaluate((r) => document.getElementById(r).getBoundingClientRect().top, id(read));
        let shown = [...names], fresh = 0;
        for (let round = 0; round < 40; round++) {
            const before = await top(), at = shown.indexOf(read), ops = [];
            // Above: rows come, go, change places and grow; the row that is read stays.
            const above = shown.slice(0, at), below = shown.slice(at + 1);
            for (let i = random(4); i > 0; i--) {
                const n = `n${fresh++}`;
                ops.push(["p", id(n), paragraph(n, "new<br>".repeat(1 + random(3)))]);
                above.splice(random(above.length), 0, n);
            }
            if (above.length > 15 && random(2)) above.splice(random(above.length), 1 + random(2));
            if (random(2)) above.push(...above.splice(random(above.length), 1));
            if (random(3) === 0) below.push(above.splice(random(above.length), 1)[0]);
            if (random(3) === 0) above.unshift(below.splice(random(below.length), 1)[0]);
            ops.push(["p", id(above[0]), paragraph(above[0], "grown<br>".repeat(random(4)))]);
            shown = [...above, read, ...below];
            await apply(page, ...ops, kids(shown.map(id)));
            await paint(page.tab);
            assert.ok(Math.abs((await top()) - before) <= 1, `EASEL_SEED=${seed}, round ${round}: the row went from ${before} to ${await top()}`);
        }
    });
}

test("a row that the upper edge cuts stays when the one below it goes up, out of sight", async (t) => {
    const names = [...Array(60).keys()].map((i) => `r${i}`), page = await open(t, { main: names.map((n) => paragraph(n)).join("") });
    const top = () => page.tab.evaluate((r) => document.getElementById(r).getBoundingClientRect().top, id("r20"));
    await page.tab.evaluate((r) => scrollBy(0, document.getElementById(r).getBoundingClientRect().top + 5), id("r20"));
    await paint(page.tab);
    const before = await top();
    await apply(page, kids(["r21", ...names.filter((n) => n !== "r21")].map(id)));
    await paint(page.tab);
    assert.ok(before < 0 && Math.abs((await top()) - before) < 1, `${before} became ${await top()}`);
});

test("the page stays when all that is seen of it goes, also to the sidebar", async (t) => {
    const tall = (name) => paragraph(name, `<span style="display:block;height:1500px">${name}</span>`);
    const page = await open(t, { main: tall("a") + paragraph("b") + tall("c"), side: paragraph("s") });
    await page.tab.evaluate(() => scrollTo(0, 1300));
    await paint(page.tab);
    await apply(page, ["p", id("d"), tall("d")], ["p", id("e"), tall("e")], ["k", "ez_________.1", 0, 0, [id("b"), id("a")]], kids(["d", "e"].map(id)));
    await paint(page.tab);
    assert.equal(await page.tab.evaluate(() => scrollY), 1300);
});

test("a field in which somebody types stays where it is on the screen", async (t) => {
    const lines = (stem, count) => [...Array(count).keys()].map((n) => paragraph(`${stem}${n}`)).join("");
    const page = await open(t, { main: lines("a", 40) + text("f") + lines("b", 40) });
    await page.tab.evaluate((f) => { scrollTo(0, document.getElementById(f).getBoundingClientRect().top - 300); document.querySelector("input[data-ez-value]").focus({ preventScroll: true }); }, id("f"));
    await paint(page.tab);
    const top = () => page.tab.evaluate((f) => document.getElementById(f).getBoundingClientRect().top, id("f")), before = await top();
    for (let i = 0; i < 5; i++) {
        // What stands between the upper edge and the field grows, too.
        await apply(page, ["p", id(`n${i}`), paragraph(`n${i}`, "new<br>words")], ["k", main, 38, 0, [id(`n${i}`)]]);
        await page.tab.keyboard.type("x");
        await paint(page.tab);
        assert.ok(Math.abs((await top()) - before) <= 1 + i, `${before} became ${await top()}`);
    }
    assert.equal(await page.tab.inputValue(`#${id("f")}-c`), "xxxxx");
});

test("a file picker that is open takes its file through every operation around it", async (t) => {
    const shell = (n) => `<div id="${id("f")}" class="v${n}"><label for="${id("f")}-c">File ${n}</label><input type="file" id="${id("f")}-c" accept=".txt" title="v${n}"></div>`;
    const page = await open(t, { main: paragraph("a") + shell(0) + paragraph("b") });
    const [chooser] = await Promise.all([page.tab.waitForEvent("filechooser"), page.tab.click("input[type=file]")]);
    await apply(page, kids(["b", "f", "a"].map(id)));
    await apply(page, ["p", id("f"), shell(1)], ["p", id("w"), box("w")], ["k", main, 0, 0, [id("w")]], ["k", id("w"), 0, 0, [id("f")]]);
    await apply(page, ["k", main, 0, 1000000, ["a", "f", "b"].map(id)]);
    await chooser.setFiles({ name: "mine.txt", mimeType: "text/plain", buffer: Buffer.from("1") });
    await apply(page, ["p", id("f"), shell(2)], kids(["f", "b"].map(id)));
    assert.equal(await page.tab.evaluate(() => document.querySelector("input[type=file]").files[0].name), "mine.txt");
});

test("words selected in an answer that is being written stay selected while its open block is written anew", async (t) => {
    const page = await open(t, { main: `<div id="${id("m")}"><div data-ez-end><p>The answer is</p></div></div>` });
    const words = (await page.tab.evaluate(() => { const p = document.querySelector("main p").firstChild; getSelection().setBaseAndExtent(p, 4, p, 10); return String(getSelection()); }));
    for (const tail of ["<p>The answer is 4</p>", "<p>The answer is <b>42</b></p>", "<p>The answer is <b>42</b>, and</p><ul><li>more</li></ul>"]) {
        await apply(page, ["l", id("m"), 0, tail]);
        assert.equal(await page.tab.evaluate(() => String(getSelection())), words);
    }
    await apply(page, ["t", id("m"), " words"]);
    assert.equal(await page.tab.evaluate(() => String(getSelection())), "answer");
});

test("half a message comes back with a chat input that was gone for a moment", async (t) => {
    const input = `<div id="${id("c")}"><textarea aria-label="Say" data-ez-submit data-ez-clear></textarea></div>`;
    const page = await open(t, { main: paragraph("a"), bottom: input });
    await page.tab.fill("textarea", "half a thought");
    await apply(page, kids([], "ez_________.2"));
    assert.equal(await page.tab.locator("textarea").count(), 0);
    await apply(page, ["p", id("c"), input], kids([id("c")], "ez_________.2"));
    assert.equal(await page.tab.inputValue("textarea"), "half a thought");
});

test("a value that the server changes leaves the caret where it is", async (t) => {
    const page = await open(t, { main: text("a", "twelve words") });
    await page.tab.evaluate(() => { const a = document.querySelector("input[data-ez-value]"); a.focus(); a.setSelectionRange(2, 5, "forward"); });
    await apply(page, ["v", id("a"), "twenty words", 0]);
    assert.deepEqual(await page.tab.evaluate(() => { const a = document.activeElement; return [a.value, a.selectionStart, a.selectionEnd]; }), ["twenty words", 2, 5]);
});

test("what an element's script throws stops nothing else", async (t) => {
    const bad = (n) => `<ez-bad id="${id("x")}" class="v${n}"></ez-bad>`;
    const page = await open(t, { main: "" }, { before: (tab) => tab.addInitScript(() => customElements.define("ez-bad", class extends HTMLElement {
        connectedMoveCallback() {}
        update() { throw new Error("update"); }
        ezCall() { throw new Error("call"); }
    })) });
    await page.tab.evaluate(() => core.easel.onFrame(() => { throw new Error("frame"); }));
    await apply(page, ["p", id("x"), bad(0)], kids([id("x")]));
    await apply(page, ["p", id("x"), bad(1)], ["c", id("x"), "say", 1], ["p", id("q"), paragraph("q")], kids(["q", "x"].map(id)));
    assert.equal(await page.tab.locator("p").count(), 1);
    assert.equal(page.fake.received.filter((m) => m.t === "hello").length, 1, "nobody asked for the page anew");
    for (const what of ["update", "call", "frame"]) assert.ok(page.errors.some((e) => e.includes(what)), what);
});

// ---- healing -----------------------------------------------------------------------------------------------------------

/** Operations that do not fit. */
const broken = {
    "text for an unknown node": ["t", id("nobody"), "x"],
    "tail for an unknown node": ["l", id("nobody"), 0, "x"],
    "value for an unknown node": ["v", id("nobody"), 1, 1],
    "call to an unknown node": ["c", id("nobody"), "say", 1],
    "unknown node in a place": ["k", main, 0, 0, [id("nobody")]],
    "a node twice in a place": ["k", main, 0, 0, [id("a"), id("a")]],
    "unknown place": ["k", id("nowhere"), 0, 0, [id("a")]],
    "index behind the end": ["k", main, 9, 0, [id("a")]],
    "a container in itself": ["k", id("x"), 0, 0, [id("x")]],
    "a container in its child": ["k", id("y"), 0, 0, [id("x")]],
    "put of two elements": ["p", id("a"), paragraph("a") + paragraph("b")],
    "put of another id": ["p", id("a"), paragraph("b")],
    "put of nothing": ["p", id("a"), ""],
    "tail that keeps more than there is": ["l", id("a"), 9, "x"],
    "unknown operation": ["z", id("a"), 1],
    "no operation": null,
    "ids that are none": ["k", main, 0, 0, 7],
};

test("a frame that does not fit changes nothing, and one whole page heals it, whatever is wrong and wherever", async (t) => {
    const page = await open(t, { main: paragraph("a") + box("x", box("y", text("f"))) + paragraph("b") }, {
        before: (tab) => tab.addInitScript(() => { const now = performance.now.bind(performance); performance.now = () => now() + (window.later ?? 0); }),
    });
    const { fake, tab } = page, good = [["p", id("n"), paragraph("n")], ["k", main, 0, 0, [id("n")]], ["p", id("b"), paragraph("b", "changed")], ["t", id("a"), " more"], ["v", id("f"), "server", 0]];
    const whole = [["p", id("a"), paragraph("a")], ["p", id("x"), box("x")], ["p", id("y"), box("y")], ["p", id("f"), text("f")], ["p", id("b"), paragraph("b")], kids(["a", "x", "b"].map(id)), kids([id("y")], id("x")), kids([id("f")], id("y"))];
    await tab.evaluate((x) => (document.getElementById(x).mark = 1), id("x"));
    await tab.fill(`#${id("f")}-c`, "half typed");
    const shown = () => tab.evaluate(() => document.getElementById("ez-main").innerHTML), before = await shown();
    let cases = 0;
    for (const [what, op] of Object.entries(broken)) {
        for (const at of [0, 2, good.length]) {
            await tab.evaluate(() => { window.later = (window.later ?? 0) + 31000; });
            fake.frame(...good.slice(0, at), op, ...good.slice(at));
            assert.equal((await fake.hello()).frame, -1, what);
            assert.equal(await shown(), before, `${what}, at ${at}`);
            const done = tab.evaluate(() => new Promise((done) => { const stop = core.easel.onFrame(() => (stop(), done())); }));
            await tab.evaluate(() => 0);
            fake.whole(...whole);
            await done;
            cases++;
        }
    }
    t.diagnostic(`${cases} frames that do not fit`);
    assert.deepEqual(await tab.evaluate((x) => [document.getElementById(x).mark, document.activeElement.value], id("x")), [1, "half typed"]);
    assert.equal(fake.views, 1);
});

test("what no whole page heals is loaded anew once, with drafts and scroll, and never in a circle", async (t) => {
    const list = `<div id="${id("l")}" data-ez-place="${id("l")}" style="height:100px;overflow:auto">${[...Array(40).keys()].map((i) => paragraph(`r${i}`)).join("")}</div>`;
    const chat = list.replaceAll(id("l"), id("m")).replaceAll('id="r', 'id="s').replace("style", "data-ez-follow style");
    const fake = await new Fake({ main: area("note") + list + chat + [...Array(40).keys()].map((i) => paragraph(`p${i}`)).join("") }).start();
    const { tab } = await open(t, fake, { before: (tab) => tab.addInitScript(() => {
        for (const clock of [Date, performance]) {
            const now = clock.now.bind(clock);
            clock.now = () => now() + Number(sessionStorage.later ?? 0);
        }
    }) });
    await tab.fill("textarea", "half a thought");
    await tab.evaluate(([l, m]) => { document.getElementById(l).scrollTop = 210; document.getElementById(m).scrollTop = 320; scrollTo(0, 400); }, [id("l"), id("m")]);
    await paint(tab);
    const bad = ["t", id("nobody"), "x"];
    fake.frame(bad);
    assert.equal((await fake.hello()).frame, -1, "one whole page");
    fake.whole(bad);
    assert.equal((await fake.hello()).view, "view2", "one reload");
    await until(tab, ([l, m]) => document.getElementById(l).scrollTop === 210 && document.getElementById(m).scrollTop === 320 && scrollY === 400, [id("l"), id("m")]);
    assert.equal(await tab.inputValue("textarea"), "half a thought");
    for (let i = 0; i < 4; i++) {
        // Every half minute the same again: asked for anew, and said; not loaded anew.
        fake.frame(bad);
        assert.equal((await fake.hello()).frame, -1);
        fake.whole(bad);
        await until(tab, () => /cannot be shown/.test(document.getElementById("ez-status").textContent));
        await tab.evaluate(() => { sessionStorage.later = Number(sessionStorage.later ?? 0) + 35000; });
    }
    assert.equal(fake.views, 2);
    // Half an hour later a reload may help again.
    await tab.evaluate(() => { sessionStorage.later = Number(sessionStorage.later) + 1800000; });
    fake.frame(bad);
    assert.equal((await fake.hello()).frame, -1);
    fake.whole(bad);
    assert.equal((await fake.hello()).view, "view3");
});

// ---- calm --------------------------------------------------------------------------------------------------------------

test("a button shows in the same frame that it is pressed, then that it works; nothing dims, moves or is disabled", async (t) => {
    const { fake, tab } = await open(t, { main: text("f") + button("go", "Go") + button("other") + paragraph("p") });
    fake.auto.ack = false;
    const before = await tab.evaluate(() => {
        window.look = () => [...document.querySelectorAll("main, main *")].map((e) => {
            const { opacity, filter, pointerEvents } = getComputedStyle(e), { x, y, width, height } = e.getBoundingClientRect();
            return [e.localName, opacity, filter, pointerEvents, x, y, width, height].join(" ");
        });
        window.off = [];
        new MutationObserver((all) => all.forEach((m) => off.push(m.target.outerHTML))).observe(document, { subtree: true, attributeFilter: ["disabled", "aria-disabled", "inert"] });
        return look();
    });
    // From the click to the first picture after it.
    assert.equal(await tab.evaluate((go) => new Promise((done) => {
        const b = document.querySelector(`#${go} button`);
        b.addEventListener("click", () => requestAnimationFrame(() => done(b.dataset.state)));
        b.click();
    }), id("go")), "pressed");
    await tab.waitForSelector(`#${id("go")} [data-state=busy][aria-busy=true]`);
    fake.say({ busy: 1 });
    await tab.waitForSelector("#ez-run:not([hidden])");
    assert.deepEqual(await tab.evaluate(() => look()), before);
    await tab.click(`#${id("go")} button`);
    assert.equal((await fake.next()).x[1], "click");
    assert.equal((await fake.next()).n, 2, "it is usable while it works");
    fake.say({ a: 2, busy: 0 });
    await tab.waitForSelector(`#${id("go")} button:not([data-state])`);
    assert.deepEqual(await tab.evaluate(() => off), []);
});

test("nothing jumps while an answer is written and the page runs again: no layout shift is recorded", async (t) => {
    const chat = `<div id="${id("c")}" style="min-height:60px"><textarea aria-label="Say" data-ez-submit data-ez-clear></textarea></div>`, long = [...Array(40).keys()].map((i) => paragraph(`l${i}`)).join("");
    const answer = (html = "") => `<div id="${id("m")}" class="ez-prose"><div data-ez-end>${html}</div></div>`;
    const page = await open(t, { main: text("f") + button("go") + long + answer(), bottom: chat });
    const { fake, tab } = page;
    await tab.evaluate(() => {
        window.shifts = [];
        const add = (list) => list.getEntries().forEach((e) => !e.hadRecentInput && shifts.push([e.value, ...e.sources.map((s) => s.node?.outerHTML?.slice(0, 60))]));
        window.shiftsSeen = new PerformanceObserver(add);
        shiftsSeen.observe({ type: "layout-shift", buffered: true });
    });
    assert.ok(await tab.evaluate(() => PerformanceObserver.supportedEntryTypes.includes("layout-shift")));
    fake.say({ busy: 1 });
    for (let i = 0; i < 40; i++) {
        if (i % 8 === 0) fake.frame(["l", id("m"), 0, `<p>Block ${i}</p>`.repeat(1 + i / 8)]);
        else fake.frame(["t", id("m"), " some words of it".repeat(3)]);
        if (i % 10 === 5) fake.frame(["p", id("go"), button("go")], ["p", id("l3"), paragraph("l3", `l${i}`)], ["p", id("f"), text("f", "", ` title="${i}"`)]);
        await paint(tab);
    }
    await tab.waitForSelector("#ez-run:not([hidden])");
    fake.say({ busy: 0 });
    fake.frame(["c", "", "toast", { text: "Done" }], ["p", id("m"), answer("<p>The whole answer.</p>".repeat(20))]);
    await tab.waitForSelector(".ez-toast");
    await tab.waitForSelector("#ez-run", { state: "hidden" });
    await paint(tab);
    assert.deepEqual(await tab.evaluate(() => (shiftsSeen.takeRecords(), shifts)), []);
    assert.ok(await tab.evaluate(() => document.documentElement.scrollHeight - innerHeight - scrollY < 2), "the page is at its end");
});

test("without a line nothing is said for two seconds, then one line; values merge, triggers wait and are counted", async (t) => {
    const { fake, tab } = await open(t, { main: text("f") + button("a") + button("b") }, { before: (tab) => tab.clock.install() });
    const status = () => tab.evaluate(() => [document.getElementById("ez-status").hidden, document.getElementById("ez-status").textContent]), now = () => tab.evaluate(() => Date.now());
    // From here on the page's time passes only when it is told to.
    await tab.clock.pauseAt((await now()) + 5000);
    await fake.stop();
    const cut = await now();
    for (const words of ["one", "one two", "one two three"]) {
        await tab.fill(`#${id("f")}-c`, words);
        await tab.keyboard.press("Enter");
    }
    for (const name of ["a", "b", "a"]) await tab.click(`button:text-is("${name}")`);
    for (let i = 0; i < 100 && (await status())[0]; i++) await tab.clock.runFor(100);
    assert.ok((await now()) - cut >= 2000, "not before two seconds");
    assert.deepEqual(await status(), [false, "Not connected. Trying again… 3 actions wait."]);
    assert.equal(await tab.textContent("#ez-polite"), "Not connected. Trying again");
    await tab.click('button:text-is("b")');
    await tab.clock.runFor(600);
    assert.match((await status())[1], /4 actions wait/);
    await fake.start();
    for (const end = performance.now() + 20000; performance.now() < end && !fake.events().some((m) => m.n === 5);) await tab.clock.runFor(500);
    // The page's time runs ahead of the network's, so an event may go twice; a number counts once.
    const numbered = new Map(fake.events().map((m) => [m.n, m])), events = [...numbered.values()];
    assert.deepEqual([...numbered.keys()], [1, 2, 3, 4, 5]);
    assert.deepEqual(events.map((e) => e.x?.[0] ?? "values"), ["values", ...["a", "b", "a", "b"].map(id)]);
    assert.deepEqual(events.flatMap((e) => e.v ?? []).map((v) => v.slice(0, 2)), [[id("f"), "one"], [id("f"), "one two three"]], "what was typed in between is not sent");
    await tab.clock.runFor(1000);
    assert.ok((await status())[0]);
});

test("there are two live regions, and an answer that is written changes neither for its words", async (t) => {
    const page = await open(t, { main: `<div id="${id("m")}"><div data-ez-end></div></div>` });
    const { tab } = page;
    assert.deepEqual(await tab.evaluate(() => [...document.querySelectorAll("[aria-live],[role=status],[role=alert],[role=log],output")].map((e) => [e.id, e.getAttribute("role")])), [["ez-polite", "status"], ["ez-alert", "alert"]]);
    await tab.evaluate(() => {
        window.said = [];
        for (const name of ["ez-polite", "ez-alert"]) new MutationObserver(() => said.push(document.getElementById(name).textContent)).observe(document.getElementById(name), { childList: true, subtree: true, characterData: true });
        core.easel.announce("The answer is being written.");
    });
    for (let i = 0; i < 30; i++) page.fake.frame(["t", id("m"), " word"]);
    await until(tab, () => document.querySelector("[data-ez-end]").textContent.length === 150);
    await tab.evaluate(() => core.easel.announce("The answer is complete."));
    await until(tab, () => window.said.length >= 2);
    assert.deepEqual(await tab.evaluate(() => said), ["The answer is being written.", "The answer is complete."]);
});
