// chat_events.test.mjs: the chat as a graph of events, with the real model, and its queue.
// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { before } from "node:test";
import { both, Chat, field, it, need, press, says, settled, start, until, visit } from "./harness.mjs";

const WebSocket = need("ws");
const QUESTION = "What can you help me with? Answer in three sentences.";
const LONG = "Tell me a very long story about a lighthouse, its keeper, the sea and all the ships that pass by.";
let program;
before(async () => (program = await start("examples/llama_chat_events")));

const open = async (t, options) => new Chat(await visit(t, program, options));

both("a question is answered in the chatbot, and then the box is cleared", async (t, way) => {
    const chat = await open(t, { way });
    assert.equal(await chat.tab.title(), "Llama 3.1 Chatbot");
    assert.equal(await chat.tab.locator("html").getAttribute("data-theme-name"), "soft");
    assert.equal(await chat.tab.getByRole("heading", { name: "Llama 3.1 Chatbot" }).count(), 1);
    await says(chat.tab, "Chat with Llama 3.1");
    assert.equal((await chat.tab.locator(".ez-chatbot").boundingBox()).height, 600);
    assert.equal(await field(chat.tab, "Your message").getAttribute("placeholder"), "Ask something...");
    const lengths = await chat.lengths();
    await chat.ask(QUESTION);
    await chat.state("streaming");
    assert.equal(await chat.field.inputValue(), QUESTION, "the box keeps the question while the answer streams");
    await chat.grown(30);
    await chat.end();
    await until(async () => (await chat.field.inputValue()) === "", "the empty box");
    const seen = await lengths();
    assert.ok(seen.length >= 5, `the answer grew ${seen.length} times`);
    assert.deepEqual(await chat.tab.locator("[data-role]").evaluateAll((all) => all.map((e) => e.dataset.role)), ["system", "user", "assistant"]);
    assert.equal((await chat.questions.innerText()).trim(), QUESTION);
    await program.said(/Generated \d+ chars in \d+\.\d\ds/);
    await settled(chat.tab);
    await chat.tab.reload();
    assert.equal(await chat.turns.count(), 2);
    assert.equal(await chat.field.inputValue(), "");
});

both("clear empties the conversation and the box", async (t, way) => {
    const chat = await open(t, { way });
    await chat.hear("Say yes.");
    await until(async () => (await chat.field.inputValue()) === "", "the empty box");
    await chat.field.fill("half a question");
    await press(chat.tab, "Clear");
    await chat.tab.locator(".ez-chatbot-empty").waitFor();
    await until(async () => (await chat.field.inputValue()) === "", "the empty box");
    assert.equal(await chat.tab.locator("[data-role]").count(), 0);
    await settled(chat.tab);
    await chat.tab.reload();
    assert.equal(await chat.tab.locator("[data-role]").count(), 0);
    await chat.hear("Say no.");
    assert.equal(await chat.turns.count(), 2);
});

it("clear stops an answer that is being written", async (t) => {
    const chat = await open(t);
    await chat.writes(LONG, 30);
    await press(chat.tab, "Clear");
    await chat.tab.locator(".ez-chatbot-empty").waitFor();
    await settled(chat.tab);
    assert.equal(await chat.tab.locator("[data-role]").count(), 0);
});

both("stop in the message ends its answer, and the box is free for the next question", async (t, way) => {
    const chat = await open(t, { way });
    await chat.writes(LONG, 30);
    const began = Date.now();
    await chat.act("stop").click();
    await chat.state("stopped");
    assert.ok(Date.now() - began < 3000, `stopped after ${Date.now() - began} ms`);
    await says(chat.last, "Stopped.");
    const before = await chat.answers.count();
    await chat.hear("Say yes.");
    assert.equal(await chat.answers.count(), before + 1);
});

it("regenerate and edit work in the chatbot too", async (t) => {
    const chat = await open(t);
    const first = await chat.hear("Name one animal.");
    await chat.regenerate();
    await says(chat.tab, "2 / 2");
    await chat.act("back").click();
    await says(chat.tab, "1 / 2");
    assert.equal(await chat.words(), first);
});

it("the box grows to five lines; Shift+Enter is a new line", async (t) => {
    const chat = await open(t);
    const height = async () => (await chat.field.boundingBox()).height;
    const one = await height();
    await chat.field.click();
    for (let i = 0; i < 5; i++) {
        await chat.tab.keyboard.type(`line ${i}`);
        await chat.field.press("Shift+Enter");
    }
    const most = await height();
    assert.ok(most > one * 2, `${one} -> ${most}`);
    await chat.tab.keyboard.type("and more");
    await chat.field.press("Shift+Enter");
    assert.equal(await height(), most);
    assert.equal(await chat.turns.count(), 0);
    await chat.field.press("Enter");
    await chat.questions.first().waitFor();
    await chat.end();
});

// ---- the queue --------------------------------------------------------------------------------------------------------------

/** A session without a browser: reads the page, connects, asks, and collects what it hears. */
class Visitor {
    heard = "";
    #n = 0;

    async begin(url) {
        let cookie, html;
        // A run that takes long is answered with what there is; the field comes later.
        await until(async () => {
            const response = await fetch(url, cookie && { headers: { cookie } });
            cookie ??= response.headers.get("set-cookie").split(";")[0];
            html = await response.text();
            return (this.node = /<textarea[^>]*placeholder="Ask something\.\.\."[^>]* id="([\w-]{11})-c"/.exec(html)?.[1]);
        }, "the field");
        const boot = JSON.parse(/id="ez-boot">(.*?)<\/script>/s.exec(html)[1]);
        this.socket = new WebSocket(url.replace("http", "ws") + "_easel/ws", { headers: { cookie, origin: url.slice(0, -1) } });
        await new Promise((done, fail) => this.socket.once("open", done).once("error", fail));
        let parts = "";
        const hi = new Promise((done) => this.socket.on("message", (data) => {
            const part = String(data);
            if (part[0] === "+") return (parts += part.slice(1));
            const whole = parts + part;
            parts = "";
            if (whole.includes('"hi"')) done();
            this.heard += whole;
        }));
        this.socket.send(JSON.stringify({ t: "hello", view: boot.view, session: boot.session, epoch: boot.epoch, frame: boot.frame, build: boot.build, path: "/", n: 0 }));
        await hi;
        return this;
    }
    ask(words) {
        this.socket.send(JSON.stringify({ t: "e", n: ++this.#n, f: 1, v: [[this.node, words, 1]], x: [this.node, "submit", words] }));
    }
    stop() {
        this.socket.send(JSON.stringify({ t: "s", n: ++this.#n, f: 1, x: ["ez_________", "stop", null] }));
    }
    /** Its answer was stopped, or ended by itself before. */
    get over() {
        const heard = [...this.heard.matchAll(/data-state=\\"(\w+)\\" data-ez-message=\\"([\w-]+)\\"/g)], now = new Map(heard.map(([, state, id]) => [id, state]));
        const answers = heard.filter(([, state]) => state === "streaming").map(([, , id]) => id);
        return /"stopped|Stopped\./.test(this.heard) || (answers.length > 0 && answers.every((id) => now.get(id) === "done"));
    }
    get refused() {
        return /The queue is full/.test(this.heard);
    }
    get position() {
        return Number([...this.heard.matchAll(/number (\d+) in the queue/g)].at(-1)?.[1] ?? 0);
    }
}

it("sixteen are answered at once, fifty wait and see their position, and the next is told that the queue is full", async (t) => {
    const all = [];
    t.after(() => all.forEach((v) => v.socket.terminate()));
    for (let i = 0; i < 7; i++) all.push(...(await Promise.all(Array.from({ length: i < 6 ? 10 : 6 }, () => new Visitor().begin(program.url)))));
    assert.equal(all.length, 66);
    const answering = () => all.filter((v) => /\["[tl]",/.test(v.heard));
    all.slice(0, 16).forEach((v) => v.ask(LONG));
    await until(() => answering().length === 16, "sixteen answers");
    all.slice(16).forEach((v) => v.ask(LONG));
    await until(() => all.filter((v) => v.position > 0).length >= 45, "the positions");
    // An answer may end by itself at any moment: somebody else takes the room that it leaves, until there is none, and then the next one asks.
    const more = async () => {
        const visitor = await new Visitor().begin(program.url);
        all.push(visitor);
        visitor.ask(LONG);
        await until(() => visitor.refused || visitor.position, "a refusal or a position");
        return visitor.refused;
    };
    let chat, said;
    do {
        chat = await open(t);
        while (!(await more()));
        await chat.ask("Am I in?");
        said = await until(async () => /The queue is full|number \d+ in the queue/.exec(await chat.tab.innerText("body"))?.[0], "a refusal or a position");
    } while (said !== "The queue is full");
    all.forEach((v) => v.stop());
    await until(() => all.every((v) => v.refused || v.over), "all to stop");
    assert.ok((await chat.hear("Say yes.")).length > 0, "the next one is answered when there is room");
});
