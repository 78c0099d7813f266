// chat_failures.test.mjs: what goes wrong with a model is said on the page and in the log, and the server lives.
// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { both, build, Chat, it, modelFile, says, settled, start, until, visit } from "./harness.mjs";

const LONG = "Tell me a very long story about a lighthouse, its keeper, the sea and all the ships that pass by.";

// ---- processes that die -------------------------------------------------------------------------------------------------------

both("kill -9 of the worker while an answer streams: the answer goes on", async (t, way) => {
    const program = await start("examples/llama_chat_script", [], t);
    const chat = new Chat(await visit(t, program, { way, breaks: true }));
    const before = await chat.writes(LONG, 80);
    const count = await chat.answers.count();
    const words = (await chat.words()).slice(0, 60);
    await program.kill("worker");
    await chat.grown(before + 120);
    assert.equal(await chat.last.locator("ez-chat-text").getAttribute("data-state"), "streaming");
    await chat.end();
    assert.ok((await chat.words()).startsWith(words));
    assert.equal(await chat.answers.count(), count);
    await chat.hear("Say yes.");
    assert.equal(await chat.answers.count(), count + 1);
});

it("an answer that ends while its worker is away is complete afterwards", async (t) => {
    const program = await start("examples/llama_chat_script", [], t);
    const chat = new Chat(await visit(t, program, { breaks: true }));
    const from = program.log.length;
    await chat.writes("Write three sentences about rain.", 10);
    await program.kill("worker");
    await until(async () => (await chat.last.locator("ez-chat-text").getAttribute("data-state")) === "done" || (await chat.words()).length > 600, "the rest");
    await chat.end();
    const shown = await chat.words();
    await settled(chat.tab);
    await chat.tab.reload();
    assert.equal(await chat.words(), shown);
    await until(() => /Generated \d+ chars/.test(program.log.slice(from)), "the line in the log");
    assert.equal(program.log.match(/Generated \d+ chars/g).length, await chat.answers.count());
});

both("kill -9 of the engine: the message says so, and the next question works", async (t, way) => {
    const program = await start("examples/llama_chat_script", [], t);
    const chat = new Chat(await visit(t, program, { way }));
    await chat.writes(LONG, 40);
    const words = (await chat.words()).slice(0, 30);
    await program.kill("engine");
    await chat.state("failed");
    await says(chat.last, /^Model inference error: The engine that wrote this answer ended\./);
    assert.ok((await chat.words()).startsWith(words), "what was written stays");
    await program.said(/Answer failed: The engine that wrote this answer ended/);
    assert.ok((await chat.hear("Say yes.")).length > 0);
    await chat.regenerate(chat.answers.first());
    await says(chat.answers.first(), "2 / 2");
    assert.ok((await chat.words()).length > 0);
});

// ---- models that do not serve ---------------------------------------------------------------------------------------------------

/** Asks, sees the failure, sees it after a reload, and asks again. */
async function fails(t, program, words, way) {
    const chat = new Chat(await visit(t, program, { way }));
    for (const n of [1, 2]) {
        await chat.ask("Hello");
        await chat.state("failed", n);
        await says(chat.last, words);
    }
    await chat.tab.reload();
    assert.equal(await chat.tab.getByText(words).count(), 2);
    assert.equal(await chat.questions.count(), 2);
    await program.said(/Answer failed: /);
    assert.equal((await fetch(program.url + "healthz")).status, 200);
}

both("a model file that is not there is said, with what to do", async (t, way) => {
    const program = await start("examples/llama_chat_script", ["--model", "/nowhere/none.gguf"], t);
    await fails(t, program, /^Model file not found: the model \/nowhere\/none\.gguf is not there; run `?make model`? to fetch the first model, or pass another with --model FILE\.$/, way);
});

const scraps = mkdtempSync(join(tmpdir(), "easel-scraps-"));
process.on("exit", () => rmSync(scraps, { recursive: true, force: true }));

it("a GGUF that is cut short is said", async (t) => {
    const cut = join(scraps, "cut.gguf");
    copyFileSync(modelFile, cut);
    truncateSync(cut, 5_000_000);
    const program = await start("examples/llama_chat_script", ["--model", cut], t);
    await fails(t, program, /^Failed to load model: the model \S*cut\.gguf cannot be loaded: .*--model FILE/);
    assert.ok(program.pid("engine"), "the engine lives");
});

it("a file that is no GGUF is said, and works once it is one", async (t) => {
    const file = join(scraps, "text.gguf");
    writeFileSync(file, "This is no model.\n");
    const program = await start("examples/llama_chat_script", ["--model", file], t);
    await fails(t, program, /^Failed to load model: the model \S*text\.gguf is not a GGUF file; /);
    copyFileSync(modelFile, file);
    const chat = new Chat(await visit(t, program));
    await until(async () => {
        const n = await chat.answers.count();
        await chat.ask("Say yes.");
        await chat.tab.waitForFunction((n) => {
            const all = document.querySelectorAll("[data-role=assistant] ez-chat-text");
            return all.length > n && all[all.length - 1].dataset.state !== "streaming";
        }, n);
        return (await chat.last.locator("ez-chat-text").getAttribute("data-state")) === "done";
    }, "an answer of the mended file");
});

it("too little memory is said", async (t) => {
    const program = await start("examples/llama_chat_script", [], t, { memory: 170_000 });
    await fails(t, program, /^Insufficient memory to load the Llama 3\.1 model\. Use a smaller GGUF\.$/);
});

it("the event chat shows a failed answer as an answer", async (t) => {
    const program = await start("examples/llama_chat_events", ["--model", "/nowhere/none.gguf"], t);
    const chat = new Chat(await visit(t, program));
    await chat.ask("Hello");
    await chat.state("failed");
    await says(chat.last, /^No model: the model \/nowhere\/none\.gguf is not there; /);
    await chat.tab.reload();
    await says(chat.last, /^No model: /);
});

it("a wrong option is named and nothing starts", () => {
    const run = spawnSync(join(build, "examples/llama_chat_script"), ["--port", "banana"], { encoding: "utf8", timeout: 10_000 });
    assert.notEqual(run.status, 0);
    assert.equal(run.stdout, "");
    assert.match(run.stderr, /port.*banana/);
});
