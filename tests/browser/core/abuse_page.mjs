// abuse_page.mjs: a page that holds at once everything that a person can have under way, and a server's idea of it.
// SPDX-License-Identifier: Apache-2.0
//
// Tree is what the server thinks that the page shows; its methods are what C code may do next, and give operations. hold() is what
// the person does. look() runs in the page and says what of it was lost.

import { id, main } from "./harness.mjs";

/** What random tests begin with; EASEL_SEED repeats one. */
export const seed = Number(process.env.EASEL_SEED ?? Date.now() % 1e9);

/** The same numbers for the same seed. */
export function numbers(seed) {
    let state = seed >>> 0;
    return (n) => {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        return Math.floor((state / 2 ** 32) * n);
    };
}

/** A browser that does not anchor scrolling by itself. */
export const noAnchor = (tab) => tab.addInitScript(() => addEventListener("DOMContentLoaded", () => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync("* { overflow-anchor: none !important; }");
    document.adoptedStyleSheets.push(sheet);
}));

/** What is held, each in a node of its own: the control in it, as a selector inside the node. */
export const held = {
    field: "input", notes: "textarea", words: "*", more: "*", list: "*", log: "*", chat: "*", pop: "[popover]", tip: "[popover]", film: "video", sound: "audio",
    frame: "iframe", fold: "*", pick: "select", tick: "input", file: "input", own: "[data-ez-own]",
};
const overlays = "ez_________.3", side = "ez_________.1", bottom = "ez_________.2";
export const places = { main, side, bottom, overlays };

/** The shell of a node in its n-th version: attributes and words change, and what stands before the control comes and goes. */
export function shell(name, version = 0) {
    const node = id(name), n = version, label = `<label for="${node}-c">${name} ${n}</label>${n % 3 === 1 ? `<i>note ${n}</i>` : ""}`;
    const more = ` title="version ${n}"`, place = ` data-ez-place="${node}"`, head = `id="${node}" class="v${n}" data-n="${n}"`;
    const tall = (height) => ` style="height:${height}px;overflow:auto;display:block;flex:none"`;
    switch (name) {
        case "field": return `<div ${head}>${label}<input id="${node}-c" data-ez-value="text" value="printed ${n}"${more}></div>`;
        case "notes": return `<div ${head}>${label}<textarea id="${node}-c" data-ez-value="text"${more}>printed ${n}</textarea></div>`;
        case "words": case "more": return `<p ${head}>The steady ${name} of a text, <b>version ${n}</b></p>`;
        case "list": return `<div ${head}${more}${place}${tall(160)}></div>`;
        case "chat": case "log": return `<div ${head}${more}${place}${tall(140)} data-ez-follow></div>`;
        case "pop": return `<div ${head}>${label}<div popover="manual" id="${node}-p"${more}>Help ${n}</div></div>`;
        case "tip": return `<div ${head}>${label}<button popovertarget="${node}-p">?</button><div popover id="${node}-p"${more}>Tip ${n}</div></div>`;
        case "film": return `<div ${head}>${label}<video muted width="160" height="90"${more}></video></div>`;
        case "sound": return `<div ${head}>${label}<audio controls loop${more}></audio></div>`;
        case "frame": return `<div ${head}>${label}<iframe src="/frame" height="60"${more}></iframe></div>`;
        case "fold": return `<details ${head} data-ez-value="open"><summary>More ${n}</summary><div${place}></div></details>`;
        case "pick": return `<div ${head}>${label}<select id="${node}-c" data-ez-value="choice"${more}><option value="a" selected>A ${n}</option>${n % 2 ? '<option value="n">N</option>' : ""}<option value="b">B</option></select></div>`;
        case "tick": return `<div ${head}>${label}<input id="${node}-c" type="checkbox" data-ez-value="bool"${more}></div>`;
        case "file": return `<div ${head}>${label}<input id="${node}-c" type="file"${more}></div>`;
        case "own": return `<ez-held ${head}${more}><script type="application/json">{"n":${n}}</script><div data-ez-own></div></ez-held>`;
        case "dialog": return `<dialog ${head}${more} data-ez-value="open"><h2>Dialog ${n}</h2>${n % 2 ? "<p>More of it</p>" : ""}<div${place}></div></dialog>`;
        case "inner": return `<div ${head}>${label}<input id="${node}-c" data-ez-value="text"${more}></div>`;
        case "help": return `<div ${head}><div popover id="${node}-p"${more}>Help ${n}</div></div>`;
        case "answer": return `<div ${head}><div data-ez-end><p>So</p></div></div>`;
        case "tall": case "foot": return `<div ${head} style="height:${name === "tall" ? 700 : 900}px;flex:none">${name} ${n}</div>`;
    }
    if (/^box/.test(name)) return n % 4 === 3 ? `<section ${head}${place}></section>` : `<div ${head}${place}></div>`;
    return `<p ${head}>${name}, version ${n}</p>`;
}

const rows = (stem, count) => [...Array(count).keys()].map((i) => stem + i);

/** What the server thinks that the page shows. */
export class Tree {
    kids = new Map();
    version = new Map();
    fresh = 0;
    /** Values that the page has sent. */
    known = new Map([[id("pick"), "b"], [id("tick"), true]]);

    constructor() {
        const h = Object.keys(held);
        this.kids.set(main, ["top0", "top1", "top2", "mark", "tall", ...h.flatMap((name, i) => [name, `n${i}`]), "answer", "foot"].map(id));
        this.kids.set(side, [id("aside")]);
        this.kids.set(bottom, []);
        this.kids.set(overlays, [id("dialog")]);
        this.kids.set(id("dialog"), ["inner", "help"].map(id));
        for (const name of ["list", "log", "chat"]) this.kids.set(id(name), rows(name[1], 30).map(id));
        this.kids.set(id("fold"), [id("within")]);
    }

    nth = (node) => this.version.get(node) ?? 0;
    html = (node) => shell(node.replace(/_+$/, ""), this.nth(node));
    /** The place in which a node stands. */
    where = (node) => [...this.kids].find(([, list]) => list.includes(node))?.[0];
    inside = (node, name) => node === name || (this.kids.get(node) ?? []).some((kid) => this.inside(kid, name));

    print(place) {
        return (this.kids.get(place) ?? []).map((node) => this.html(node).replace(` data-ez-place="${node}"`, "$&\0").replace(/\0([^>]*>)/, (_, rest) => rest + this.print(node))).join("");
    }
    page() {
        return { main: this.print(main), side: this.print(side), bottom: this.print(bottom), over: this.print(overlays) };
    }

    /** One `k`: what stands where, and what the operation says. */
    splice(place, at, remove, ...nodes) {
        const list = this.kids.get(place);
        list.splice(at, remove);
        for (const node of nodes) for (const other of this.kids.values()) if (other.includes(node)) other.splice(other.indexOf(node), 1);
        list.splice(Math.min(at, list.length), 0, ...nodes);
        return ["k", place, at, remove, nodes];
    }
    /** After a frame: what nothing shows any more is gone. */
    sweep() {
        const shown = new Set([...Object.values(places), ...this.all()]);
        for (const place of this.kids.keys()) if (!shown.has(place)) this.kids.delete(place);
    }
    put(node, change = 1) {
        this.version.set(node, this.nth(node) + change);
        return ["p", node, this.html(node)];
    }
    /** A new node with this name's beginning; not placed yet. */
    make(stem, container = false) {
        const node = id(`${stem}${(this.fresh++).toString(36)}`);
        if (container) this.kids.set(node, []);
        return [node, ["p", node, this.html(node)]];
    }
    at(node) {
        const place = this.where(node), list = this.kids.get(place);
        return { place, list, index: list.indexOf(node) };
    }
    /** Every node that is shown, parents first. */
    all(place) {
        const from = place ? [place] : [main, side, bottom, overlays];
        return from.flatMap((p) => (this.kids.get(p) ?? []).flatMap((node) => [node, ...(this.kids.has(node) ? this.all(node) : [])]));
    }
    whole() {
        const nodes = this.all();
        return [...nodes.map((node) => ["p", node, this.html(node)]), ...[...this.kids].map(([place, list]) => ["k", place, 0, 1000000, [...list]])];
    }
}

/** Runs in the page: what the person does, apart from what only the keyboard can do. */
export function hold({ posture, held }) {
    const $ = (name, selector) => {
        const node = document.getElementById((name + "___________").slice(0, 11));
        return selector === "*" ? node : node.querySelector(selector);
    };
    const state = (window.held ??= { lost: [], control: {}, posture: "" });
    const tell = (name, e, ...types) => types.forEach((type) => e.addEventListener(type, (event) => event.target === e && state.lost.push(`${name}: ${type}`)));
    const silence = (seconds) => {
        const n = 8000 * seconds, b = new DataView(new ArrayBuffer(44 + n)), put = (at, s) => [...s].forEach((c, i) => b.setUint8(at + i, c.charCodeAt(0)));
        put(0, "RIFF"), b.setUint32(4, 36 + n, true), put(8, "WAVEfmt "), b.setUint32(16, 16, true), b.setUint16(20, 1, true), b.setUint16(22, 1, true);
        b.setUint32(24, 8000, true), b.setUint32(28, 8000, true), b.setUint16(32, 1, true), b.setUint16(34, 8, true), put(36, "data"), b.setUint32(40, n, true);
        for (let i = 0; i < n; i++) b.setUint8(44 + i, 128);
        let text = "";
        for (let i = 0; i < b.byteLength; i += 8192) text += String.fromCharCode(...new Uint8Array(b.buffer, i, Math.min(8192, b.byteLength - i)));
        return "data:audio/wav;base64," + btoa(text);
    };
    const show = (popover) => {
        popover.showPopover();
        return new Promise((done) => popover.addEventListener("toggle", done, { once: true }));
    };
    const first = async () => {
        for (const [name, selector] of Object.entries(held)) state.control[name] = $(name, selector);
        const c = state.control;
        // A film that has no end: what a canvas draws.
        const canvas = document.createElement("canvas"), pen = canvas.getContext("2d");
        setInterval(() => pen.fillRect(Math.random() * 100, 0, 9, 99), 40);
        c.film.srcObject = canvas.captureStream(25);
        c.sound.src = silence(20);
        await Promise.all([c.film.play(), c.sound.play()]);
        tell("film", c.film, "pause", "emptied", "loadstart", "ended"), tell("sound", c.sound, "pause", "emptied", "loadstart");
        if (!c.frame.contentDocument?.body?.textContent.includes("inside")) await new Promise((done) => c.frame.addEventListener("load", done, { once: true }));
        const inside = c.frame.contentDocument;
        inside.body.append(inside.createElement("input"));
        inside.querySelector("input").value = state.inFrame = "typed in the frame";
        tell("frame", c.frame, "load");
        await Promise.all([show(c.pop), show(c.tip)]);
        for (const name of ["pop", "tip"]) tell(name, c[name], "beforetoggle", "toggle");
        c.own.innerHTML = '<input><div style="height:30px;overflow:auto"><p style="height:300px">drawn</p></div>';
        c.own.querySelector("input").value = "mine";
        c.own.querySelector("div").scrollTop = 77;
        c.pick.value = "b";
        c.tick.checked = true;
        for (const name of ["pick", "tick"]) c[name].dispatchEvent(new Event("change", { bubbles: true }));
        c.notes.value = "half typed notes";
        c.notes.dispatchEvent(new InputEvent("input", { bubbles: true }));
        c.notes.setSelectionRange(3, 7, "forward");
        c.fold.querySelector("summary").click();
        c.list.scrollTop = 300;
        c.log.scrollTop = 200;
        scrollTo(0, $("mark", "*").getBoundingClientRect().top + scrollY - 20);
    };
    const paint = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    // What is seen of the page, and between which heights; of a place that scrolls by itself, the place.
    const box = "#list_______,#log________,#chat_______";
    const single = (e) => !e.closest("[popover]") && (e.matches(box) || !(e.querySelector("[id$=_]") || e.parentElement.closest(box)));
    state.see = () => new Map([...document.querySelectorAll("#ez-main [id]")].filter(single).map((e) => {
        const { top, bottom } = e.getBoundingClientRect();
        return [e, [top, bottom]];
    }).filter(([, [top, bottom]]) => bottom > top && bottom > 0 && top < innerHeight));
    return (async () => {
        if (!state.posture) await first();
        state.posture = posture;
        const dialog = $("dialog", "*"), top = scrollY;
        if (posture !== "dialog" && dialog.open) dialog.close();
        if (posture === "field") {
            $("field", "input").focus({ preventScroll: true });
            $("field", "input").setSelectionRange(2, 6, "backward");
        } else if (posture === "words") {
            document.activeElement.blur();
            getSelection().setBaseAndExtent($("words", "*").firstChild, 4, $("more", "*").firstChild, 10);
            if (getSelection().isCollapsed) throw new Error("no words are selected");
        } else if (posture === "composing") {
            $("field", "input").focus({ preventScroll: true });
            $("field", "input").setSelectionRange(4, 4);
            if (!state.composing) tell("composition", $("field", "input"), "compositionend"), (state.composing = true);
        } else if (posture === "dialog") {
            // A modal dialog closes what was opened lightly; what it opens itself is held with it.
            dialog.showModal();
            $("help", "[popover]").showPopover();
            $("inner", "input").focus({ preventScroll: true });
            $("inner", "input").value = "words in a dialog";
            $("inner", "input").dispatchEvent(new InputEvent("input", { bubbles: true }));
            $("inner", "input").setSelectionRange(1, 5, "forward");
            await paint();
        }
        scrollTo(0, top);
        await paint();
    })();
}

/** Runs in the page: notes how everything is now, for look(); gives the rows that the person reads in scrolled places. */
export function note() {
    const state = window.held, $ = (name, selector) => document.querySelector(`#${(name + "___________").slice(0, 11)} ${selector}`);
    const s = getSelection(), active = document.activeElement;
    state.selected = [s.anchorNode, s.anchorOffset, s.focusNode, s.focusOffset];
    state.typed = { field: $("field", "input").value, notes: $("notes", "textarea").value, inner: $("inner", "input").value };
    state.times = [state.control.film.currentTime, state.control.sound.currentTime];
    state.active = active;
    state.caret = [active.selectionStart, active.selectionEnd, active.selectionDirection];
    // What a person reads in each scrolled place: the first row that is seen whole.
    state.read = ["list", "log"].map((name) => {
        const box = state.control[name], edge = box.getBoundingClientRect().top;
        const row = [...box.children].find((r) => r.getBoundingClientRect().top >= edge);
        return { name, box, row, at: row.getBoundingClientRect().top - edge };
    });
    state.seen = state.see();
    state.scrolled = scrollY;
    state.lost.length = 0;
    return state.read.map((r) => r.row.id);
}

/** Runs in the page: waits until frame n is applied (and painted), and says what was lost. Counts each promise that was looked at. */
export async function look({ applied, painted, order, posture }) {
    const state = window.held, c = state.control, wrong = [], tally = (state.tally ??= {});
    const late = await Promise.race([window.frame(applied), new Promise((done) => setTimeout(done, 20000, true))]);
    if (late) return [`frame ${applied} did not come`];
    if (painted) await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    const is = (promise, what, fact) => {
        const [looks, losses] = tally[promise] ?? [0, 0];
        tally[promise] = [looks + 1, losses + (fact ? 0 : 1)];
        if (!fact) wrong.push(what);
    };
    const same = (promise, what, got, want) => is(promise, `${what}: ${JSON.stringify(got)} instead of ${JSON.stringify(want)}`, JSON.stringify(got) === JSON.stringify(want));
    const told = state.lost.splice(0), silent = (promise, ...names) => {
        const events = told.filter((event) => names.includes(event.split(":")[0]));
        is(promise, events.join("; "), !events.length);
    };
    for (const [name, e] of Object.entries(c)) is("every control is the same element", `${name} is another element`, e.isConnected && document.getElementById((name + "___________").slice(0, 11)).contains(e));
    is("focus", `focus went to ${document.activeElement?.outerHTML.slice(0, 80)}`, document.activeElement === state.active);
    if (state.active !== document.body) same("caret and selection in the field", "caret", [state.active.selectionStart, state.active.selectionEnd, state.active.selectionDirection], state.caret);
    same("caret and selection in the field", "caret of the notes", [c.notes.selectionStart, c.notes.selectionEnd], [3, 7]);
    if (posture === "words") {
        const s = getSelection(), now = [s.anchorNode, s.anchorOffset, s.focusNode, s.focusOffset];
        is("selected words of the page", `selection: ${now.map((x) => x?.nodeName ?? x)}`, now.every((x, i) => x === state.selected[i]));
    }
    if (posture === "composing") silent("composition of an input method", "composition");
    same("half-typed text", "typed", { field: c.field.value, notes: c.notes.value, inner: document.getElementById("inner______-c")?.value }, state.typed);
    same("choices, open expander", "choices", [c.pick.value, c.tick.checked, c.fold.open], ["b", true, true]);
    same("chosen file", "file", c.file.files[0]?.name, "chosen.txt");
    same("inside of data-ez-own", "inside of own", [c.own.querySelector("input")?.value, c.own.querySelector("div")?.scrollTop, c.own.parentElement.leaves ?? 0], ["mine", 77, 0]);
    // What is lost is lost once.
    c.own.parentElement.leaves = 0;
    const inFrame = c.frame.contentDocument?.querySelector("input")?.value;
    same("frame and what is typed in it", "frame", inFrame, state.inFrame);
    state.inFrame = inFrame;
    silent("frame and what is typed in it", "frame");
    same("open popovers", "popovers", [c.pop.matches(":popover-open"), c.tip.matches(":popover-open")], [true, posture !== "dialog"]);
    silent("open popovers", "pop", "tip");
    if (posture === "dialog") same("open modal dialog, and a popover over it", "dialog", [document.getElementById("dialog_____").matches(":modal"), document.getElementById("help_______-p").matches(":popover-open")], [true, true]);
    is("playing film and sound", "film or sound stands still", !c.film.paused && !c.sound.paused);
    silent("playing film and sound", "film", "sound");
    // Browsers scroll by whole pixels: each frame may be wrong by less than one.
    const near = (by) => Math.abs(by) <= 1;
    for (const r of state.read) {
        const was = r.at;
        r.at = r.row.getBoundingClientRect().top - r.box.getBoundingClientRect().top;
        is("scrolled lists", `${r.name} jumped by ${r.at - was}`, near(r.at - was));
    }
    // The page jumps when nothing of what was seen and is still there stands where it stood, although the page could be scrolled so.
    const { seen, scrolled } = state, left = [...seen.keys()].filter((e) => e.checkVisibility() && document.getElementById("ez-main").contains(e));
    const by = left.map((e) => {
        const { top, bottom } = e.getBoundingClientRect(), [wasTop, wasBottom] = seen.get(e);
        return Math.abs(top - wasTop) < Math.abs(bottom - wasBottom) ? top - wasTop : bottom - wasBottom;
    });
    const limited = !scrolled || !scrollY || scrollY >= document.documentElement.scrollHeight - innerHeight - 1;
    if (left.length && !limited) is("scrolled page", `page jumped by ${by}`, by.some(near));
    state.seen = state.see();
    state.scrolled = scrollY;
    if (painted) {
        is("a chat at its end", `chat left its end by ${c.chat.scrollHeight - c.chat.clientHeight - c.chat.scrollTop}`, c.chat.scrollHeight - c.chat.clientHeight - c.chat.scrollTop <= 1);
        const [film, sound] = [c.film.currentTime, c.sound.currentTime];
        is("playing film and sound", `film went back from ${state.times[0]} to ${film}`, film >= state.times[0]);
        state.times = [film, sound];
    }
    for (const [place, want] of Object.entries(order)) same("every node in its place", `order of ${place}`, [...document.querySelector(`[data-ez-place="${place}"]`).children].map((e) => e.id), want);
    wrong.push(...told.filter((event) => !wrong.some((w) => w.includes(event))));
    return wrong;
}

// ---- what a server may do around a held node x -----------------------------------------------------------------------

const plain = (node) => /^(p|top\d|n\d)/.test(node) && !/^pop_|^pick_/.test(node);
const isBox = (node) => /^box/.test(node);
const start = (tree, place) => (place === main ? tree.kids.get(main).indexOf(id("tall")) + 1 : 0);

/** Takes x (or what it is given) out of its container, or puts one around it. */
function wrap(tree, x) {
    const [box, put] = tree.make("box", true), { place, index } = tree.at(x);
    return [put, tree.splice(place, index, 1, box), tree.splice(box, 0, 0, x)].map((op, i, all) => (i === 1 ? ["k", place, index, 0, [box]] : all[i]));
}
function unwrap(tree, x) {
    const box = tree.where(x);
    if (!isBox(box)) return [...wrap(tree, x), ...unwrap(tree, x)];
    const { place, index } = tree.at(box);
    return [tree.splice(place, index, 1, ...tree.kids.get(box))];
}
const wrapped = (tree, x) => (isBox(tree.where(x)) ? [] : wrap(tree, x));

function insert(tree, place, index) {
    const [node, put] = tree.make("p");
    return [put, tree.splice(place, index, 0, node)];
}
function neighbour(tree, x, step) {
    const { list, index } = tree.at(x), other = list[index + step];
    return other && plain(other) ? other : undefined;
}
function drop(tree, x, step) {
    const other = neighbour(tree, x, step), { place, index } = tree.at(x);
    return other ? [tree.splice(place, index + step, 1)] : insert(tree, place, index + (step > 0 ? 1 : 0));
}
const home = { list: 1, log: 1, chat: 1, fold: 1 };
const container = (x) => (home[x.replace(/_+$/, "")] ? x : id("list"));

/** Name of an operation, and the frame that it makes. `kept` are rows that somebody reads. */
export const catalog = {
    "insert before": (t, x) => insert(t, t.at(x).place, t.at(x).index),
    "insert after": (t, x) => insert(t, t.at(x).place, t.at(x).index + 1),
    "insert at the top": (t) => insert(t, main, 0),
    "remove at the top": (t) => (plain(t.kids.get(main)[0]) ? [t.splice(main, 0, 1)] : insert(t, main, 0)),
    "remove before": (t, x) => drop(t, x, -1),
    "remove after": (t, x) => drop(t, x, 1),
    "move first": (t, x) => [t.splice(t.at(x).place, start(t, t.at(x).place), 0, x)],
    "move last": (t, x) => [t.splice(t.at(x).place, 1000000, 0, x)].map(([k, place, , remove, ids]) => [k, place, t.kids.get(place).length - 1, remove, ids]),
    "a sibling jumps over": (t, x) => {
        const { place, list, index } = t.at(x), other = list.slice(index + 1).find(plain);
        return other ? [t.splice(place, index, 0, other)] : insert(t, place, index);
    },
    "a sibling from below goes to the top": (t, x) => {
        const other = t.kids.get(main).slice(start(t, main)).find(plain);
        return other ? [t.splice(main, 0, 0, other)] : insert(t, main, 0);
    },
    "reverse": (t, x) => {
        const place = t.where(x), from = start(t, place), list = t.kids.get(place).slice(from).reverse();
        return [["k", place, from, 1000000, list], void t.kids.get(place).splice(from, 1000000, ...list)].slice(0, 1);
    },
    "to the sidebar": (t, x) => [t.splice(side, 0, 0, x)],
    "to the page": (t, x) => [t.splice(main, start(t, main), 0, x)],
    "wrap": (t, x) => wrap(t, x),
    "unwrap": (t, x) => unwrap(t, x),
    "move the ancestor": (t, x) => {
        const around = wrapped(t, x), box = t.where(x), place = t.where(box);
        return [...around, t.splice(place, start(t, place), 0, box)];
    },
    "put the same": (t, x) => [t.put(x, 0)],
    "put changed": (t, x) => [t.put(x)],
    "put the ancestor": (t, x) => [...wrapped(t, x), t.put(t.where(x))],
    "put the dialog": (t) => [t.put(id("dialog"))],
    "put a sibling": (t, x) => {
        const { list, index } = t.at(x), other = list[index + 1] ?? list[index - 1];
        return [t.put(other ?? x)];
    },
    "value": (t, x) => {
        // What is typed and not sent overtakes it; of what was sent and settled the server knows the value.
        const known = t.known.get(x);
        return [["v", x, known ?? "from the server", known === undefined ? 0 : 1]];
    },
    "text": () => [["t", id("answer"), " word"]],
    "tail": () => [["l", id("answer"), 1, "<p>an <b>open</b> block</p><ul><li>one</li></ul>"]],
    "call": (t) => [["c", "", "title", "Title"], ["c", id("own"), "say", [1]]],
    "whole": (t) => t.whole(),
    "go and come back": (t, x) => {
        const { place, index } = t.at(x);
        return [["k", place, index, 1, []], t.put(x), ["k", place, index, 0, [x]]];
    },
    "grow inside": (t, x) => insert(t, container(x), 0),
    "shrink inside": (t, x, kept) => {
        // A place that is scrolled by less than what goes cannot stand still.
        const place = container(x), list = t.kids.get(place), read = list.findIndex((row) => kept.has(row));
        return list.length > 15 && (read < 0 || read > 3) ? [t.splice(place, 0, 1)] : insert(t, place, 0);
    },
    "grow at the end": (t, x) => insert(t, container(x), t.kids.get(container(x)).length),
    "broken": (t, x) => [t.put(x), ["t", "nosuchnode_", "x"], ["p", id("answer"), t.html(id("answer"))]],
};

/** Every ordered pair of these, one after the other: the next begins where the last one ended. */
export function pairs(names) {
    const left = new Map(names.map((a) => [a, [...names]])), path = [], stack = [names[0]];
    while (stack.length) {
        const next = left.get(stack.at(-1)).pop();
        if (next) stack.push(next);
        else path.push(stack.pop());
    }
    return path.reverse();
}
