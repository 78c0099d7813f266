// applier.test.mjs: operations change what they say, and what the person is doing goes on.
// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { area, box, button, id, main, open, paragraph, quit, text, until } from "./harness.mjs";

after(quit);

const order = (tab, place = main) => tab.evaluate((p) => [...document.querySelector(`[data-ez-place="${p}"]`).children].map((e) => e.id.replace(/_+$/, "")), place);
/** Sends a frame and waits until it is applied. */
async function apply({ fake, tab }, ...ops) {
    await tab.evaluate(() => (window.applied ??= 0, window.counting || (window.counting = core.easel.onFrame(() => window.applied++))));
    const before = await tab.evaluate(() => window.applied);
    fake.frame(...ops);
    await until(tab, (n) => window.applied > n, before);
}
const four = ["a", "b", "c", "d"];
const kids = (...names) => ["k", main, 0, 1000000, names.map(id)];

// ---- what operations do ----------------------------------------------------------------------------------------------

test("kids inserts, removes and moves nodes", async (t) => {
    const page = await open(t, { main: four.map((n) => paragraph(n)).join("") });
    await apply(page, ["p", id("e"), paragraph("e")], ["k", main, 1, 2, [id("e")]]);
    assert.deepEqual(await order(page.tab), ["a", "e", "d"]);
    await apply(page, ["k", main, 0, 3, ["d", "e", "a"].map(id)]);
    assert.deepEqual(await order(page.tab), ["d", "e", "a"]);
    assert.deepEqual(page.errors, []);
});

test("a node goes from one place to another, and indices count what the lists have at that moment", async (t) => {
    const page = await open(t, { main: box("x", paragraph("a") + paragraph("b")) + box("y", paragraph("c")) });
    await page.tab.evaluate((a) => (document.getElementById(a).mark = 1), id("a"));
    await apply(page, ["k", id("y"), 1, 0, [id("a")]], ["k", id("x"), 0, 1, []]);
    assert.deepEqual(await order(page.tab, id("y")), ["c", "a"]);
    assert.deepEqual(await order(page.tab, id("x")), []);
    assert.equal(await page.tab.evaluate((a) => document.getElementById(a).mark, id("a")), 1, "it is the same element");
});

test("children leave a container that goes", async (t) => {
    const page = await open(t, { main: box("x", paragraph("a") + paragraph("b")) });
    await apply(page, ["k", main, 0, 1, [id("b"), id("a")]]);
    assert.deepEqual(await order(page.tab), ["b", "a"]);
});

test("a container and its child change places with each other", async (t) => {
    const page = await open(t, { main: box("x", box("y", paragraph("a"))) });
    await apply(page, ["k", main, 0, 1, [id("y")]], ["k", id("y"), 0, 1, [id("x")]], ["k", id("x"), 0, 0, [id("a")]]);
    assert.deepEqual([await order(page.tab), await order(page.tab, id("y")), await order(page.tab, id("x"))], [["y"], ["x"], ["a"]]);
});

test("put changes the shell and leaves the children in its places alone", async (t) => {
    const page = await open(t, { main: `<section id="${id("x")}" class="a"><h2>Old</h2><div data-ez-place="${id("x")}">${text("f", "v")}</div><div data-ez-place="${id("x")}.1">${paragraph("q")}</div></section>` });
    await page.tab.evaluate((f) => (document.getElementById(f).mark = 1), id("f"));
    await apply(page, ["p", id("x"), `<section id="${id("x")}" class="b"><p>New line</p><div class="in" data-ez-place="${id("x")}.1"></div><h2>New</h2><div data-ez-place="${id("x")}"></div></section>`]);
    const html = await page.tab.evaluate((x) => document.getElementById(x).outerHTML, id("x"));
    assert.match(html, /^<section id="x__________" class="b"><p>New line<\/p><div data-ez-place="x__________.1" class="in"><p class="ez-text" id="q__________">q<\/p><\/div><h2>New<\/h2><div data-ez-place="x__________"><div class="ez-text-input"/);
    assert.equal(await page.tab.evaluate((f) => document.getElementById(f).mark, id("f")), 1);
});

test("put with another tag keeps the children", async (t) => {
    const page = await open(t, { main: box("x", text("a")) });
    await page.tab.focus(`#${id("a")}-c`);
    await apply(page, ["p", id("x"), `<section id="${id("x")}" data-ez-place="${id("x")}"></section>`]);
    assert.equal(await page.tab.evaluate((x) => document.getElementById(x).localName + document.activeElement.id, id("x")), `section${id("a")}-c`);
});

test("a place that changes its tag keeps its children", async (t) => {
    const page = await open(t, { main: `<div id="${id("x")}"><div data-ez-place="${id("x")}">${paragraph("a")}</div></div>` });
    await apply(page, ["p", id("x"), `<div id="${id("x")}"><ul data-ez-place="${id("x")}"></ul></div>`]);
    assert.equal(await page.tab.evaluate((x) => document.getElementById(x).innerHTML, id("x")), `<ul data-ez-place="${id("x")}">${paragraph("a")}</ul>`);
});

test("nothing inside data-ez-own is entered, and its host is told of a put", async (t) => {
    const page = await open(t, { main: "" });
    await page.tab.evaluate(() => customElements.define("ez-plot", class extends HTMLElement {
        connectedCallback() { this.querySelector("[data-ez-own]").innerHTML = "<b>drawn</b>"; }
        update() { this.updates = (this.updates ?? 0) + 1; }
    }));
    const plot = (cls) => `<ez-plot id="${id("x")}" class="${cls}"><div data-ez-own></div></ez-plot>`;
    await apply(page, ["p", id("x"), plot("one")], ["k", main, 0, 0, [id("x")]]);
    await apply(page, ["p", id("x"), plot("two")]);
    assert.deepEqual(await page.tab.evaluate((x) => [document.getElementById(x).className, document.getElementById(x).textContent, document.getElementById(x).updates], id("x")), ["two", "drawn", 1]);
});

test("text goes to where the last word stands, tail keeps the first nodes", async (t) => {
    const page = await open(t, { main: `<div id="${id("m")}"><i>by</i><div data-ez-end><p>First.</p><p>Sec</p></div></div>` });
    const shown = () => page.tab.evaluate((m) => document.getElementById(m).querySelector("[data-ez-end]").innerHTML, id("m"));
    await page.tab.evaluate((m) => (document.querySelector(`#${m} p`).mark = 1), id("m"));
    await apply(page, ["t", id("m"), "ond & <more>"]);
    assert.equal(await shown(), "<p>First.</p><p>Second &amp; &lt;more&gt;</p>");
    await apply(page, ["l", id("m"), 1, "<p>Second <b>block</b></p><ul><li>one</li></ul>"], ["t", id("m"), "!"]);
    assert.equal(await shown(), "<p>First.</p><p>Second <b>block</b></p><ul><li>one!</li></ul>");
    await apply(page, ["l", id("m"), 1, ""]);
    assert.equal(await shown(), "<p>First.</p>");
    assert.equal(await page.tab.evaluate((m) => document.querySelector(`#${m} p`).mark, id("m")), 1);
});

test("highlighted code keeps its colours while its text stays", async (t) => {
    const code = (words) => `<div id="${id("x")}" class="ez-code"><pre><code>${words}</code></pre></div>`;
    const page = await open(t, { main: code("let a") });
    await page.tab.evaluate(() => { const c = document.querySelector("code"); c.innerHTML = "<b>let</b> a"; c.dataset.ezKept = ""; });
    await apply(page, ["p", id("x"), code("let a").replace("ez-code", "ez-code more")]);
    assert.equal(await page.tab.innerHTML("code"), "<b>let</b> a");
    await apply(page, ["p", id("x"), code("let b")]);
    assert.equal(await page.tab.innerHTML("code"), "let b");
});

test("a value from the server is set, unless the visitor has typed since", async (t) => {
    const page = await open(t, { main: text("a", "old") });
    const field = `#${id("a")}-c`;
    await apply(page, ["v", id("a"), "set", 0]);
    assert.equal(await page.tab.inputValue(field), "set");
    await page.tab.focus(field);
    await page.tab.keyboard.type("!");
    await apply(page, ["v", id("a"), "late", 0]);
    assert.equal(await page.tab.inputValue(field), "set!");
    await page.tab.keyboard.press("Enter");
    await page.fake.next();
    await apply(page, ["v", id("a"), "", 1]);
    assert.equal(await page.tab.inputValue(field), "");
});

test("what the person chose stays through a put: value, checked, selected, open", async (t) => {
    const shells = {
        a: (label) => `<div id="${id("a")}"><label>${label}<input data-ez-value="text" value="printed"></label></div>`,
        b: (label) => `<div id="${id("b")}"><label>${label}<input type="checkbox" data-ez-value="bool"></label></div>`,
        c: (label, more = "") => `<div id="${id("c")}"><label>${label}<select data-ez-value="choice"><option value="x" selected>x</option>${more}<option value="y">y</option></select></label></div>`,
        d: (label) => `<details id="${id("d")}" data-ez-value="open"><summary>${label}</summary><div data-ez-place="${id("d")}"></div></details>`,
        e: (label, more = "") => `<div id="${id("e")}" data-ez-value="choice" role="radiogroup">${label}<label><input type="radio" name="e" value="x" checked>x</label>${more}<label><input type="radio" name="e" value="y">y</label></div>`,
        f: (label) => `<div id="${id("f")}"><label>${label}<textarea data-ez-value="text">printed</textarea></label></div>`,
    };
    const page = await open(t, { main: Object.values(shells).map((s) => s("One")).join("") });
    const { tab } = page;
    await tab.fill("input:not([type])", "mine");
    await tab.fill("textarea", "my words");
    await tab.check("[type=checkbox]");
    await tab.selectOption("select", "y");
    await tab.check("[value=y][type=radio]");
    await tab.click("summary");
    await apply(page, ...Object.entries(shells).map(([name, s]) => ["p", id(name), s("Two", name === "c" ? '<option value="n">n</option>' : name === "e" ? '<label><input type="radio" name="e" value="n">n</label>' : "")]));
    assert.equal(await tab.locator("text=Two").count(), 6);
    assert.deepEqual(await tab.evaluate(() => [document.querySelector("input:not([type]):not([name])").value, document.querySelector("textarea").value, document.querySelector("[type=checkbox]").checked, document.querySelector("select").value, document.querySelector("main [type=radio]:checked").value, document.querySelector("details").open]),
        ["mine", "my words", true, "y", "y", true]);
    // And what the server sets, is set.
    await apply(page, ["v", id("b"), false, 9], ["v", id("c"), "n", 9], ["v", id("e"), "n", 9]);
    assert.deepEqual(await tab.evaluate(() => [document.querySelector("[type=checkbox]").checked, document.querySelector("select").value, document.querySelector("main [type=radio]:checked").value]), [false, "n", "n"]);
});

test("calls reach the page and the element, after the frame stands", async (t) => {
    const page = await open(t, { main: text("a") });
    await page.tab.evaluate(() => customElements.define("ez-thing", class extends HTMLElement { ezCall(method, args) { this.got = [method, args]; } }));
    await apply(page, ["c", id("n"), "say", { x: 1 }], ["p", id("n"), `<ez-thing id="${id("n")}"></ez-thing>`], ["k", main, 1, 0, [id("n")]],
        ["c", "", "title", "New title"], ["c", "", "focus", id("a")], ["c", "", "toast", { html: "<b>Done</b>", kind: "ok" }]);
    assert.equal(await page.tab.title(), "New title");
    assert.equal(await page.tab.evaluate(() => document.activeElement.id), `${id("a")}-c`);
    assert.deepEqual(await page.tab.evaluate((n) => document.getElementById(n).got, id("n")), ["say", { x: 1 }]);
    assert.equal(await page.tab.innerHTML(".ez-toast-text"), "<b>Done</b>");
});

test("a dialog opens as a modal one when the server says so, and closing it is an event", async (t) => {
    const dialog = `<dialog id="${id("d")}" data-ez-value="open" data-ez-run><h2>Sure?</h2><div data-ez-place="${id("d")}"></div></dialog>`;
    const page = await open(t, { main: button("go"), over: dialog });
    await page.tab.focus("[data-ez-trigger]");
    await apply(page, ["p", id("y"), button("y")], ["k", id("d"), 0, 0, [id("y")]], ["v", id("d"), true, 0]);
    assert.ok(await page.tab.evaluate(() => document.querySelector("dialog").matches(":modal")));
    await page.tab.keyboard.press("Escape");
    assert.deepEqual((await page.fake.next()).v, [[id("d"), false, 1]]);
    assert.ok(await page.tab.evaluate(() => document.activeElement.matches("[data-ez-trigger]")), "focus is back where it was");
    // Opened by the server and taken away by it: no event, and focus goes back, too.
    await apply(page, ["v", id("d"), true, 1]);
    await apply(page, ["k", "ez_________.3", 0, 1, []]);
    assert.ok(await page.tab.evaluate(() => document.activeElement.matches("[data-ez-trigger]")));
    assert.equal(page.fake.events().length, 1);
});

test("a dialog printed open is modal from the start", async (t) => {
    const { tab, fake } = await open(t, { over: `<dialog id="${id("d")}" open data-ez-value="open" data-ez-run>Hi</dialog>` });
    assert.ok(await tab.evaluate(() => document.querySelector("dialog").matches(":modal")));
    assert.equal(fake.events().length, 0);
});

// ---- what goes on around operations --------------------------------------------------------------------------------

/** Everything that operations can do to a page around one node: insert, move, remove, put, wrap, text. */
async function storm(page, node) {
    await apply(page, ["p", id("n"), paragraph("n", "new before")], ["k", main, 0, 0, [id("n")]]);
    await apply(page, kids("c", node, "b", "a", "n"));
    await apply(page, kids(node, "a", "b"));
    await apply(page, kids("a", "b", node));
    await apply(page, ["p", id("w"), box("w")], kids("a", "w", "b"), ["k", id("w"), 0, 0, [id(node)]]);
    await apply(page, ["p", id("w"), box("w", "", ' class="more"'.replace("class", "data-x"))], ["t", id("a"), " more"]);
    await apply(page, kids("b", node, "a"));
    await apply(page, ["k", main, 2, 1, []], ["k", main, 0, 1, []]);
    assert.deepEqual(await order(page.tab), [node]);
}
const around = (middle) => ({ main: paragraph("a") + middle + paragraph("b") + paragraph("c") });

for (const how of ["with moveBefore", "without moveBefore"]) {
    const before = how === "with moveBefore" ? undefined : (tab) => tab.addInitScript(() => { delete Element.prototype.moveBefore; });

    test(`focus and text selection survive every operation around them, ${how}`, async (t) => {
        const page = await open(t, around(area("x", "some words here")), { before });
        await page.tab.evaluate(() => { const a = document.querySelector("textarea"); a.focus(); a.setSelectionRange(5, 10, "backward"); a.addEventListener("blur", () => window.blurred = (window.blurred ?? 0) + 1); });
        await storm(page, "x");
        assert.deepEqual(await page.tab.evaluate(() => { const a = document.activeElement; return [a.localName, a.selectionStart, a.selectionEnd, a.selectionDirection]; }), ["textarea", 5, 10, "backward"]);
        if (!before) assert.equal(await page.tab.evaluate(() => window.blurred ?? 0), 0);
    });

    test(`scroll of a box survives operations around it, ${how}`, async (t) => {
        const page = await open(t, around(`<div id="${id("x")}" tabindex="0" style="overflow:auto;height:100px"><div style="height:1000px">tall</div></div>`), { before });
        await page.tab.evaluate((x) => { const e = document.getElementById(x); e.scrollTop = 333; e.focus(); }, id("x"));
        await apply(page, kids("c", "x", "b", "a"));
        await apply(page, kids("x", "a", "b", "c"));
        await apply(page, kids("a", "b", "c", "x"));
        assert.equal(await page.tab.evaluate((x) => document.getElementById(x).scrollTop, id("x")), 333);
    });
}

test("a composition of an input method goes on through every operation around it", async (t) => {
    const page = await open(t, around(text("x", "")));
    await page.tab.focus(`#${id("x")}-c`);
    const cdp = await page.context.newCDPSession(page.tab);
    await page.tab.evaluate(() => { window.log = []; for (const n of ["compositionstart", "compositionend"]) document.addEventListener(n, (e) => log.push(e.type + e.data)); });
    await cdp.send("Input.imeSetComposition", { selectionStart: 2, selectionEnd: 2, text: "にほ" });
    await apply(page, kids("c", "x", "b", "a"));
    await apply(page, kids("x", "a", "b"));
    await apply(page, ["p", id("x"), text("x", "server words", ' placeholder="more"')], ["v", id("x"), "server words", 7]);
    await apply(page, ["p", id("n"), paragraph("n")], ["k", main, 0, 0, [id("n")]]);
    assert.deepEqual(await page.tab.evaluate(() => log), ["compositionstart"]);
    await cdp.send("Input.imeSetComposition", { selectionStart: 3, selectionEnd: 3, text: "にほん" });
    // The Enter that ends a composition is no Enter for the page.
    await page.tab.evaluate(() => document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", isComposing: true, bubbles: true })));
    await cdp.send("Input.insertText", { text: "日本" });
    assert.deepEqual(await page.tab.evaluate(() => log), ["compositionstart", "compositionend日本"]);
    assert.equal(await page.tab.inputValue(`#${id("x")}-c`), "日本");
    assert.equal(page.fake.events().length, 0);
});

test("an open popover stays open through every operation around it", async (t) => {
    const page = await open(t, around(`<div id="${id("x")}"><button popovertarget="${id("x")}-p">?</button><div popover id="${id("x")}-p">Help</div></div>`));
    await page.tab.evaluate((x) => document.getElementById(x + "-p").addEventListener("toggle", () => (window.toggles = (window.toggles ?? 0) + 1)), id("x"));
    await page.tab.click("button:text('?')");
    await until(page.tab, () => window.toggles === 1);
    await storm(page, "x");
    assert.deepEqual(await page.tab.evaluate((x) => [document.getElementById(x + "-p").matches(":popover-open"), window.toggles], id("x")), [true, 1]);
});

test("playing media go on through every operation around them", async (t) => {
    const page = await open(t, around(`<div id="${id("x")}"><audio controls loop></audio></div>`));
    await page.tab.evaluate(async () => {
        // Two seconds of silence, made here.
        const n = 16000, b = new DataView(new ArrayBuffer(44 + n)), put = (at, s) => [...s].forEach((c, i) => b.setUint8(at + i, c.charCodeAt(0)));
        put(0, "RIFF"); b.setUint32(4, 36 + n, true); put(8, "WAVEfmt "); b.setUint32(16, 16, true); b.setUint16(20, 1, true); b.setUint16(22, 1, true);
        b.setUint32(24, 8000, true); b.setUint32(28, 8000, true); b.setUint16(32, 1, true); b.setUint16(34, 8, true); put(36, "data"); b.setUint32(40, n, true);
        for (let i = 0; i < n; i++) b.setUint8(44 + i, 128);
        const audio = document.querySelector("audio");
        audio.src = "data:audio/wav;base64," + btoa(String.fromCharCode(...new Uint8Array(b.buffer)));
        audio.onpause = () => (window.paused = true);
        await audio.play();
    });
    await storm(page, "x");
    assert.deepEqual(await page.tab.evaluate(() => [document.querySelector("audio").paused, window.paused ?? false]), [false, false]);
});

test("a frame keeps its document through every operation around it", async (t) => {
    const page = await open(t, around(`<div id="${id("x")}"><iframe src="/frame"></iframe></div>`));
    await page.tab.frameLocator("iframe").locator("text=inside").waitFor();
    await page.tab.evaluate(() => (document.querySelector("iframe").contentWindow.mark = 7));
    await storm(page, "x");
    assert.equal(await page.tab.evaluate(() => document.querySelector("iframe").contentWindow.mark), 7);
});

test("an open dialog stays open and keeps its focus while the page below it changes", async (t) => {
    const page = await open(t, { ...around(paragraph("x")), over: `<dialog id="${id("d")}" open data-ez-value="open"><div data-ez-place="${id("d")}">${text("f")}</div></dialog>` });
    await page.tab.focus(`#${id("f")}-c`);
    await storm(page, "x");
    await apply(page, ["p", id("g"), paragraph("g")], ["k", id("d"), 0, 0, [id("g")]], ["p", id("d"), `<dialog id="${id("d")}" class="new" data-ez-value="open"><div data-ez-place="${id("d")}"></div></dialog>`]);
    assert.deepEqual(await page.tab.evaluate(() => [document.querySelector("dialog").matches(":modal.new"), document.activeElement.id]), [true, `${id("f")}-c`]);
});

test("selected words of the page stay selected while nodes around them move", async (t) => {
    const page = await open(t, { main: four.map((n) => paragraph(n, `words of ${n}`)).join("") });
    await page.tab.evaluate((c) => getSelection().setBaseAndExtent(document.getElementById(c).firstChild, 0, document.getElementById(c).firstChild, 5), id("c"));
    await apply(page, kids("c", "a", "b", "d"));
    await apply(page, kids("d", "b", "c"));
    assert.equal(await page.tab.evaluate(() => String(getSelection())), "words");
});

test("moves use the fewest nodes, and never the one with focus", async (t) => {
    const names = [..."abcdefgh"];
    const page = await open(t, { main: names.map((n) => button(n)).join("") });
    await page.tab.evaluate(() => { window.moved = []; new MutationObserver((all) => all.forEach((m) => m.addedNodes.forEach((n) => moved.push(n.id[0])))).observe(document.getElementById("ez-main"), { childList: true }); });
    await apply(page, kids("h", ..."abcdefg"));
    assert.deepEqual(await page.tab.evaluate(() => moved.splice(0)), ["h"]);
    await page.tab.focus(`#${id("h")} button`);
    await apply(page, kids(..."abcdefgh"));
    assert.deepEqual((await page.tab.evaluate(() => moved.splice(0))).sort(), [..."abcdefg"]);
});

test("a removed node with focus hands it on: to the next, else the one before, else the page", async (t) => {
    const page = await open(t, { main: four.map((n) => button(n)).join("") });
    const focus = () => page.tab.evaluate(() => document.activeElement.closest("[id]").id.replace(/_+$/, ""));
    await page.tab.focus(`#${id("b")} button`);
    await apply(page, ["k", main, 1, 1, []]);
    assert.equal(await focus(), "c");
    await page.tab.focus(`#${id("d")} button`);
    await apply(page, ["k", main, 2, 1, []]);
    assert.equal(await focus(), "c");
    await apply(page, ["k", main, 0, 2, []]);
    assert.notEqual(await page.tab.evaluate(() => document.activeElement.localName), "body");
});

test("a control with focus that a put removes or disables hands it on", async (t) => {
    const page = await open(t, { main: button("a") + button("b") });
    await page.tab.focus(`#${id("a")} button`);
    await apply(page, ["p", id("a"), button("a", "a", " disabled")]);
    assert.equal(await page.tab.evaluate(() => document.activeElement.parentElement.id), id("b"));
    await apply(page, ["p", id("b"), `<div class="ez-button" id="${id("b")}"><a href="#x">link</a></div>`]);
    assert.equal(await page.tab.evaluate(() => document.activeElement.localName), "a");
});

// ---- scrolling -------------------------------------------------------------------------------------------------------

test("a list that is followed stays at its end, lets go when somebody scrolls up, and takes up again at the end", async (t) => {
    const line = (n) => paragraph(`l${n}`, `line ${n}`);
    const list = `<div id="${id("x")}" data-ez-follow style="height:120px;overflow:auto" data-ez-place="${id("x")}">${[...Array(20).keys()].map(line).join("")}</div>`;
    const page = await open(t, { main: list });
    const left = () => page.tab.evaluate((x) => { const e = document.getElementById(x); return Math.round(e.scrollHeight - e.clientHeight - e.scrollTop); }, id("x"));
    assert.equal(await left(), 0);
    await apply(page, ["p", id("l20"), line(20)], ["k", id("x"), 20, 0, [id("l20")]]);
    assert.equal(await left(), 0);
    await page.tab.hover("text=line 20");
    await page.tab.mouse.wheel(0, -60);
    await until(page.tab, (x) => { const e = document.getElementById(x); return e.scrollHeight - e.clientHeight - e.scrollTop > 40; }, id("x"));
    await apply(page, ["p", id("l21"), line(21)], ["k", id("x"), 21, 0, [id("l21")]]);
    assert.ok((await left()) > 40);
    await page.tab.mouse.wheel(0, 5000);
    await until(page.tab, (x) => { const e = document.getElementById(x); return e.scrollHeight - e.clientHeight - e.scrollTop < 2; }, id("x"));
    await page.tab.waitForTimeout(100);
    await apply(page, ["p", id("l22"), line(22)], ["k", id("x"), 22, 0, [id("l22")]]);
    assert.equal(await left(), 0);
});

test("the page follows its end when a chat is at its foot, and only then", async (t) => {
    const long = [...Array(60).keys()].map((n) => paragraph(`l${n}`, `line ${n}`)).join("");
    const chat = await open(t, { main: long, bottom: `<div id="${id("c")}"><textarea aria-label="Say" data-ez-submit data-ez-clear></textarea></div>` });
    const left = (p) => p.tab.evaluate(() => { const e = document.documentElement; return Math.round(e.scrollHeight - e.clientHeight - e.scrollTop); });
    assert.equal(await left(chat), 0);
    await apply(chat, ["p", id("n"), paragraph("n", "new")], ["k", main, 60, 0, [id("n")]]);
    assert.equal(await left(chat), 0);
    await chat.tab.mouse.move(300, 300);
    await chat.tab.mouse.wheel(0, -300);
    await until(chat.tab, () => document.documentElement.hasAttribute("data-ez-away"));
    const top = await chat.tab.evaluate(() => scrollY);
    await apply(chat, ["p", id("m"), paragraph("m", "newer")], ["k", main, 61, 0, [id("m")]]);
    assert.ok(Math.abs((await chat.tab.evaluate(() => scrollY)) - top) < 3);
    const plain = await open(t, { main: long });
    await apply(plain, ["p", id("n"), paragraph("n", "new")], ["k", main, 60, 0, [id("n")]]);
    assert.equal(await plain.tab.evaluate(() => scrollY), 0);
});
