// chat_script.test.mjs: the chat that is written from top to bottom, with the real model, as people use it.
// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { before } from "node:test";
import { both, Chat, it, need, says, settled, start, until, visit, visitor } from "./harness.mjs";

const QUESTION = "What can you help me with? Answer in ten sentences.";
const LONG = "Tell me a very long story about a lighthouse, its keeper, the sea and all the ships that pass by.";
let program;
before(async () => (program = await start("examples/llama_chat_script")));

const open = async (t, options) => new Chat(await visit(t, program, options));
const focused = (chat) => chat.field.evaluate((f) => document.activeElement === f);

// ---- asking ---------------------------------------------------------------------------------------------------------------

both("an answer comes token by token, and its cost stands below it", async (t, way) => {
    const chat = await open(t, { way });
    assert.equal(await chat.tab.title(), "Llama 3.1 Chatbot");
    assert.equal(await chat.tab.locator("h1").innerText(), "Llama 3.1 Chatbot");
    const lengths = await chat.lengths();
    await chat.writes(QUESTION, 60);
    const seen = await lengths();
    assert.ok(seen.length >= 5, `the answer grew ${seen.length} times: ${seen}`);
    await chat.end();
    assert.match(await chat.last.locator(".ez-chat-figures").innerText(), /^\d+ tokens\/s\s+first token \d+\.\d\d s$/);
    assert.deepEqual(await chat.tab.locator("[data-role]").evaluateAll((all) => all.map((e) => e.dataset.role)), ["system", "user", "assistant"]);
    assert.equal((await chat.questions.innerText()).trim(), QUESTION);
    assert.ok(await focused(chat), "the focus stays in the field");
    assert.equal(await chat.field.inputValue(), "");
    await program.said(/Generated \d+ chars in \d+\.\d\ds/);
});

both("the history stands in its order, also after a reload, and the model knows it", async (t, way) => {
    const chat = await open(t, { way });
    await chat.hear("My name is Waldemar. Say hello.");
    await chat.hear("Answer with one word: what is two plus two?");
    const roles = ["system", "user", "assistant", "user", "assistant"];
    const read = async () => [await chat.tab.locator("[data-role]").evaluateAll((all) => all.map((e) => e.dataset.role)), (await chat.questions.allInnerTexts()).map((s) => s.trim()), await chat.words()];
    const shown = await read();
    assert.deepEqual(shown[0], roles);
    assert.deepEqual(shown[1], ["My name is Waldemar. Say hello.", "Answer with one word: what is two plus two?"]);
    await chat.tab.reload();
    await settled(chat.tab);
    assert.deepEqual(await read(), shown);
    await chat.tab.locator("[data-role=system] summary").click();
    await says(chat.tab, "You are a helpful AI assistant powered by Llama 3.1.");
});

it("the log says how much was generated and how long it took", async (t) => {
    const chat = await open(t);
    const from = program.log.length;
    await chat.hear("Count from one to five.");
    const [, chars, seconds] = await until(() => /Generated (\d+) chars in (\d+\.\d\d)s/.exec(program.log.slice(from)), "the line in the log");
    assert.ok(Number(chars) >= (await chat.words()).length * 0.8);
    assert.ok(Number(seconds) > 0 && Number(seconds) < 30);
});

both("a message that is too long is refused in one sentence, and nothing else happens", async (t, way) => {
    const chat = await open(t, { way });
    await chat.ask("ä".repeat(2001));
    await says(chat.tab, "Input too long. Please limit to 2000 characters.");
    await settled(chat.tab);
    assert.equal(await chat.turns.count(), 0);
    await chat.ask("Say yes. " + "ä".repeat(1991));
    await chat.state("streaming");
    assert.equal(await chat.tab.getByText("Input too long. Please limit to 2000 characters.").count(), 0);
    await chat.end();
});

it("Shift+Enter is a new line, Enter sends", async (t) => {
    const chat = await open(t);
    await chat.field.click();
    await chat.tab.keyboard.type("one");
    await chat.field.press("Shift+Enter");
    await chat.tab.keyboard.type("two");
    assert.equal(await chat.field.inputValue(), "one\ntwo");
    assert.equal(await chat.turns.count(), 0);
    await chat.field.press("Enter");
    await chat.questions.waitFor();
    await chat.end();
    assert.equal((await chat.questions.locator("[data-ez-end]").innerText()).trim(), "one\ntwo");
    await chat.field.press("Enter");
    await chat.tab.keyboard.type("   ");
    await chat.field.press("Enter");
    await settled(chat.tab);
    assert.equal(await chat.questions.count(), 1, "an empty message is not sent");
});

both("the next question can be typed while an answer streams, and is asked after it", async (t, way) => {
    const chat = await open(t, { way });
    await chat.ask("Write three sentences about rain.");
    await chat.state("streaming");
    await chat.tab.keyboard.type("Say yes.");
    await chat.end();
    assert.equal(await chat.field.inputValue(), "Say yes.");
    assert.ok(await focused(chat));
    await chat.tab.keyboard.press("Enter");
    await chat.questions.nth(1).waitFor();
    await chat.state("streaming", 2).catch(() => 0);
    await chat.end();
    assert.deepEqual((await chat.questions.allInnerTexts()).map((s) => s.trim()), ["Write three sentences about rain.", "Say yes."]);
});

it("a suggestion asks at a click", async (t) => {
    const chat = await open(t);
    await chat.tab.getByRole("button", { name: "Write a haiku about the sea" }).click();
    await chat.grown(5);
    await chat.end();
    assert.equal((await chat.questions.innerText()).trim(), "Write a haiku about the sea");
});

// ---- what people do with answers --------------------------------------------------------------------------------------------

for (const [where, button] of [["beside the field", ".ez-composer .ez-chat-stop"], ["at the top", "#ez-run [data-ez-page=stop]"]])
    both(`stop ${where} ends the answer within a moment and keeps what was written`, async (t, way) => {
        const chat = await open(t, { way });
        await chat.writes(LONG, 20);
        await chat.tab.locator(button).waitFor();
        const began = Date.now();
        await chat.tab.click(button);
        await chat.state("stopped");
        assert.ok(Date.now() - began < 3000, `stopped after ${Date.now() - began} ms`);
        await says(chat.last, "Stopped.");
        await settled(chat.tab);
        const words = await chat.words(), nth = (await chat.answers.count()) - 1;
        assert.ok(words.length >= 20);
        assert.ok((await chat.hear("Say yes.")).length > 0, "the next question is answered");
        await chat.tab.reload();
        assert.equal(await chat.answers.nth(nth).locator("[data-ez-end]").innerText(), words);
    });

both("stop pressed again and again is one stop", async (t, way) => {
    const chat = await open(t, { way });
    await chat.writes(LONG, 20);
    const from = program.log.length;
    await chat.tab.evaluate(async () => {
        for (let i = 0; i < 40; i++) {
            document.querySelector(".ez-composer .ez-chat-stop").click();
            await new Promise((done) => setTimeout(done, 5));
        }
    });
    await chat.state("stopped");
    await until(() => /Generated \d+ chars/.test(program.log.slice(from)), "what follows an answer");
});

both("regenerate writes another answer beside the first, and both can be read", async (t, way) => {
    const chat = await open(t, { way });
    const first = await chat.hear("Name one animal.");
    await chat.regenerate();
    await says(chat.tab, "2 / 2");
    const second = await chat.words();
    assert.equal(await chat.answers.count(), 1);
    await chat.act("back").click();
    await says(chat.tab, "1 / 2");
    assert.equal(await chat.words(), first);
    await chat.tab.reload();
    await says(chat.tab, "1 / 2");
    await chat.act("on").click();
    await says(chat.tab, "2 / 2");
    assert.equal(await chat.words(), second);
    await chat.hear("Name another one.");
    assert.equal(await chat.answers.count(), 2);
});

both("a question can be edited: a new branch, and the old one is a click away", async (t, way) => {
    const chat = await open(t, { way });
    const first = await chat.hear("Name one animal.");
    await chat.hear("And one city.");
    await chat.questions.first().hover();
    await chat.act("edit", chat.questions.first()).click();
    const box = chat.tab.getByLabel("Edit the question");
    assert.equal(await box.inputValue(), "Name one animal.");
    await box.fill("Name one colour.");
    await chat.tab.getByRole("button", { name: "Send", exact: true }).first().click();
    await chat.questions.filter({ hasText: "Name one colour." }).waitFor();
    await chat.grown(1);
    await chat.end();
    assert.equal(await chat.questions.count(), 1, "what followed belongs to the old branch");
    await chat.act("back", chat.questions).click();
    await chat.questions.filter({ hasText: "Name one animal." }).waitFor();
    await chat.questions.filter({ hasText: "And one city." }).waitFor();
    assert.equal(await chat.answers.first().locator("[data-ez-end]").innerText(), first);
});

it("an edit can be given up", async (t) => {
    const chat = await open(t);
    await chat.hear("Say yes.");
    await chat.questions.hover();
    await chat.act("edit", chat.questions).click();
    await chat.tab.getByLabel("Edit the question").fill("Something else");
    await chat.tab.keyboard.press("Escape");
    assert.equal(await chat.tab.getByLabel("Edit the question").count(), 0);
    assert.equal((await chat.questions.locator("[data-ez-end]").innerText()).trim(), "Say yes.");
});

it("copy puts the answer's Markdown on the clipboard", async (t) => {
    const chat = await open(t, { permissions: ["clipboard-read", "clipboard-write"] });
    await chat.hear("Is **this** `code`?\n\n```c\nint main(void) { return 0; }\n```");
    await chat.questions.hover();
    await chat.act("copy", chat.questions).click();
    const copied = () => chat.tab.evaluate(() => navigator.clipboard.readText());
    assert.equal((await until(copied, "something copied")).trim(), "Is **this** `code`?\n\n```c\nint main(void) { return 0; }\n```");
    await chat.act("copy").click();
    // What a small model says may begin with a list or with code, whose marks and labels are not words of the page: each word counts.
    const words = await chat.answers.last().locator("[data-ez-end]").evaluate((end) => {
        const shown = end.cloneNode(true);
        for (const bar of shown.querySelectorAll(".ez-code-bar")) bar.remove();
        return [...shown.querySelectorAll("p, li, code, h3, h4, td")].flatMap((e) => e.textContent.match(/[a-z]{3,}/gi) ?? []).slice(0, 20);
    });
    await until(async () => {
        const now = await copied();
        return !now.startsWith("Is **this**") && words.filter((word) => now.includes(word)).length * 2 >= words.length;
    }, `the answer copied, with ${words.join(" ")}`);
});

it("code blocks are coloured, and have a copy button of their own", async (t) => {
    const chat = await open(t, { permissions: ["clipboard-read", "clipboard-write"] });
    await chat.ask("What is this?\n\n```c\nint main(void) { return 0; }\n```");
    const code = chat.questions.locator("pre code");
    assert.equal((await code.innerText()).trim(), "int main(void) { return 0; }");
    await code.locator("span[class^=hljs]").first().waitFor();
    await chat.questions.locator("[data-ez-copy]").click();
    await until(async () => (await chat.tab.evaluate(() => navigator.clipboard.readText())).trim() === "int main(void) { return 0; }", "the code copied");
    await chat.end();
});

both("thumbs are kept: on the page, and as a row with question and answer", async (t, way) => {
    const chat = await open(t, { way });
    await chat.hear(`Say yes. (${way})`);
    const rows = async () => {
        const { execFileSync } = await import("node:child_process");
        const read = "import json, sqlite3, sys\nprint(json.dumps(sqlite3.connect(sys.argv[1]).execute('SELECT question, score, answer, model FROM feedback').fetchall()))";
        return JSON.parse(execFileSync("python3", ["-c", read, `${program.data}/easel.db`])).filter((r) => r[0].includes(`(${way})`));
    };
    await chat.act("good").click();
    await until(async () => (await rows())[0]?.[1] === 1, "a row that says good");
    const [[, , answer, model]] = await rows();
    assert.ok(answer.length > 0);
    assert.match(model, /SmolLM2/);
    assert.equal(await chat.act("good").getAttribute("aria-pressed"), "true");
    await chat.act("bad").click();
    await until(async () => (await rows())[0]?.[1] === -1, "a row that says bad");
    await chat.tab.reload();
    assert.equal(await chat.act("bad").getAttribute("aria-pressed"), "true");
    assert.equal(await chat.act("good").getAttribute("aria-pressed"), "false");
    await chat.act("bad").click();
    await until(async () => !(await rows())[0]?.[1], "no judgement any more");
});

// ---- the page follows, or lets go -------------------------------------------------------------------------------------------

it("the page follows a growing answer, lets go when the reader scrolls up, and finds back", async (t) => {
    const chat = await open(t, { viewport: { width: 700, height: 420 } });
    const fromEnd = () => chat.tab.evaluate(() => document.documentElement.scrollHeight - innerHeight - scrollY);
    await chat.writes(LONG + " Write at least a thousand words.", 700);
    await until(async () => (await fromEnd()) < 60, "the end in sight");
    await chat.tab.mouse.move(300, 200);
    await chat.tab.mouse.wheel(0, -250);
    await until(async () => (await fromEnd()) > 100, "the reader is above the end");
    const at = await chat.tab.evaluate(() => scrollY);
    const now = await chat.grown((await chat.words()).length + 60);
    assert.ok(now > 700);
    assert.ok(Math.abs((await chat.tab.evaluate(() => scrollY)) - at) < 5, "the page stays where the reader is");
    await chat.tab.getByRole("button", { name: "Jump to the latest message" }).click();
    await until(async () => (await fromEnd()) < 60, "the end again");
    await chat.end();
});

// ---- many at once -----------------------------------------------------------------------------------------------------------

it("four people ask at once, and all answers begin before any ends", async (t) => {
    const chats = await Promise.all([1, 2, 3, 4].map(() => open(t)));
    for (const chat of chats)
        await chat.tab.evaluate(() => new MutationObserver(() => {
            const text = [...document.querySelectorAll("[data-role=assistant] ez-chat-text")].at(-1);
            if (text?.querySelector("[data-ez-end]").textContent) globalThis.began ??= Date.now();
            if (text && text.dataset.state !== "streaming") globalThis.ended ??= Date.now();
        }).observe(document.body, { childList: true, characterData: true, attributes: true, subtree: true }));
    // The model may say so little that an answer is over before the others are asked for.
    await until(async () => {
        await Promise.all(chats.map((chat) => chat.tab.evaluate(() => (globalThis.began = globalThis.ended = undefined))));
        await Promise.all(chats.map((chat) => chat.ask(LONG)));
        const times = await Promise.all(chats.map((chat) => until(() => chat.tab.evaluate(() => globalThis.began && [globalThis.began, globalThis.ended ?? Infinity]), "the first word")));
        await Promise.all(chats.map((chat) => chat.end()));
        return Math.max(...times.map(([began]) => began)) < Math.min(...times.map(([, ended]) => ended));
    }, "four answers that begin before any ends");
});

both("a reload while an answer streams goes on where it is", async (t, way) => {
    const chat = await open(t, { way });
    await chat.writes(LONG, 60);
    const before = (await chat.words()).slice(0, 40);
    await chat.tab.reload();
    assert.ok((await chat.words()).startsWith(before), "the page is printed with what is there");
    const length = (await chat.words()).length;
    await chat.grown(length + 60);
    assert.equal(await chat.last.locator("ez-chat-text").getAttribute("data-state"), "streaming");
    await chat.end();
    assert.ok((await chat.words()).startsWith(before));
});

it("an answer goes on while nobody looks", async (t) => {
    const who = await visitor(t, program);
    const chat = new Chat(await who.tab());
    const before = await chat.writes(LONG, 10);
    await chat.tab.close();
    const again = new Chat(await until(async () => {
        const tab = await who.tab();
        if (await tab.locator("[data-role=assistant]").count()) return tab;
        await tab.close();
    }, "the session of the closed tab"));
    await again.grown(before + 40);
    await again.end();
});
