// llama.test.mjs: both Llama chats in a browser, with the real model: ask, stop, regenerate, edit, judge, reload, clear, fail.
// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { quit, start, visit } from "../../tests/browser/elements/program.mjs";

after(quit);

const SCRIPT = "Ask Llama 3.1 something...", EVENTS = "Ask something...";
const answers = (tab) => tab.locator("[data-role=assistant] ez-chat-text");
const last = (tab) => answers(tab).last();

async function begin(t, name, ...args) {
    const program = await start(`examples/${name}`, ...args);
    t.after(() => program.stop());
    const tab = await visit(t, program.url);
    tab.setDefaultTimeout(60_000);
    return tab;
}
async function ask(tab, words) {
    const field = tab.getByPlaceholder(/^Ask /);
    await field.fill(words);
    await field.press("Enter");
}
const state = (tab, wanted) => tab.waitForFunction((s) => [...document.querySelectorAll("[data-role=assistant] ez-chat-text")].at(-1)?.dataset.state === s, wanted);
const words = (tab) => last(tab).locator("[data-ez-end]").innerText();

for (const [name, placeholder] of [["llama_chat_script", SCRIPT], ["llama_chat_events", EVENTS]]) {
    test(`${name}: an answer streams, and then says what it cost`, async (t) => {
        const tab = await begin(t, name);
        assert.equal(await tab.getByPlaceholder(placeholder).count(), 1);
        await ask(tab, "Name three colours.");
        await tab.locator("[data-role=user]").waitFor();
        assert.equal((await tab.locator("[data-role=user]").innerText()).trim(), "Name three colours.");
        await state(tab, "streaming");
        await state(tab, "done");
        assert.ok((await words(tab)).length > 2);
        assert.match(await last(tab).locator(".ez-chat-figures").innerText(), /^\d+ tokens\/s\s+first token \d+\.\d\d s$/);
        assert.equal(await tab.locator("[data-role=system]").count(), 1);
        assert.equal(await tab.getByPlaceholder(placeholder).inputValue(), "");
        assert.equal(await tab.evaluate(() => document.activeElement.tagName), "TEXTAREA", "the focus stays");
        assert.deepEqual([tab.errors, tab.foreign], [[], []]);
    });
}

test("stop ends an answer within a moment, and what was written stays", async (t) => {
    const tab = await begin(t, "llama_chat_script");
    await ask(tab, "Tell me a very long story about a lighthouse and the people who lived in it.");
    await last(tab).locator("[data-ez-end] > *").first().waitFor();
    await tab.click(".ez-chat-stop");
    const at = Date.now();
    await state(tab, "stopped");
    assert.ok(Date.now() - at < 3000);
    const said = await words(tab);
    await tab.reload();
    assert.equal(await words(tab), said);
});

test("regenerate and edit open branches, thumbs stay with their answer", async (t) => {
    const tab = await begin(t, "llama_chat_script");
    await ask(tab, "Name one animal.");
    await state(tab, "done");
    const first = await words(tab);
    await last(tab).locator("[data-act=good]").click();
    await last(tab).locator("[data-act=regenerate]").click();
    await tab.getByText("2 / 2", { exact: true }).waitFor();
    await state(tab, "done");
    assert.equal(await last(tab).locator("[data-act=good]").getAttribute("aria-pressed"), "false");
    await last(tab).locator("[data-act=back]").click();
    await tab.getByText("1 / 2", { exact: true }).waitFor();
    assert.equal(await words(tab), first);
    await tab.reload();
    assert.equal(await last(tab).locator("[data-act=good]").getAttribute("aria-pressed"), "true");

    await tab.locator("[data-role=user]").hover();
    await tab.locator("[data-role=user] [data-act=edit]").click();
    await tab.getByLabel("Edit the question").fill("Name one city.");
    await tab.keyboard.press("Enter");
    await tab.locator("[data-role=user]", { hasText: "Name one city." }).waitFor();
    await state(tab, "done");
    assert.equal(await tab.locator("[data-role=user]").count(), 1);
    await tab.locator("[data-role=user] [data-act=back]").click();
    await tab.locator("[data-role=user]", { hasText: "Name one animal." }).waitFor();
    assert.equal(await words(tab), first);
    assert.deepEqual(tab.errors, []);
});

test("what is typed while an answer streams stays in the field", async (t) => {
    const tab = await begin(t, "llama_chat_script");
    await ask(tab, "Write three sentences about rain.");
    await state(tab, "streaming");
    await tab.keyboard.type("the next ");
    await state(tab, "done");
    await tab.keyboard.type("question");
    assert.equal(await tab.getByPlaceholder(SCRIPT).inputValue(), "the next question");
});

test("more than 2000 characters are refused with one sentence and nothing else", async (t) => {
    const tab = await begin(t, "llama_chat_script");
    await ask(tab, "x".repeat(2001));
    await tab.getByText("Input too long. Please limit to 2000 characters.", { exact: true }).waitFor();
    assert.equal(await tab.locator("[data-role=user]").count(), 0);
    assert.equal(await answers(tab).count(), 0);
    await ask(tab, "y".repeat(2000));
    await tab.locator("[data-role=user]").waitFor();
});

test("a missing model is said in the chat, and the page lives on", async (t) => {
    for (const [name, said] of [["llama_chat_script", /^Model file not found: .*--model FILE\.$/], ["llama_chat_events", /^No model: .*--model FILE$/]]) {
        const tab = await begin(t, name, "--model", "/nowhere/none.gguf");
        await ask(tab, "Hello");
        await tab.getByText(said).first().waitFor();
        await tab.reload();
        await tab.getByText(said).first().waitFor();
        assert.deepEqual(tab.errors, []);
    }
});

test("the clear button empties the conversation and the field", async (t) => {
    const tab = await begin(t, "llama_chat_events");
    await ask(tab, "Hi");
    await state(tab, "done");
    await tab.getByPlaceholder(EVENTS).fill("more");
    await tab.getByRole("button", { name: "Clear" }).click();
    await tab.locator(".ez-chatbot-empty").waitFor();
    assert.equal(await tab.locator("[data-role]").count(), 0);
    await tab.waitForFunction(() => document.querySelector("textarea").value === "");
});
