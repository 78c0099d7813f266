// openai.test.mjs: the program's model as the official JavaScript client `openai` asks it.
// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import OpenAI from "openai";
import { Program } from "../program.mjs";

const MODEL = "SmolLM2-135M-Instruct.Q4_1";
let program, client;
before(async () => {
    program = await new Program("examples/llama_chat_script", []).begin();
    client = new OpenAI({ baseURL: `${program.url}v1`, apiKey: "none", maxRetries: 0 });
});
after(() => program.stop());

const ask = (more) => client.chat.completions.create({ model: MODEL, messages: [{ role: "user", content: "Say hello." }], temperature: 0, max_tokens: 24, ...more });

test("an answer whole and as a stream is the same", async () => {
    const whole = await ask();
    let said = "";
    for await (const chunk of await ask({ stream: true })) said += chunk.choices[0]?.delta?.content ?? "";
    assert.ok(said.trim());
    assert.equal(said, whole.choices[0].message.content);
    assert.ok(whole.usage.completion_tokens > 0);
});

test("models are listed, and what is wrong is an error of its kind", async () => {
    const names = [];
    for await (const model of client.models.list()) names.push(model.id);
    assert.deepEqual(names, [MODEL]);
    await assert.rejects(ask({ model: "gpt-none" }), OpenAI.NotFoundError);
    await assert.rejects(ask({ messages: [] }), OpenAI.BadRequestError);
});

test("an aborted stream is let go", async () => {
    const stream = await ask({ stream: true, max_tokens: 2000 });
    for await (const chunk of stream) if (chunk.choices[0]?.delta?.content) break;
    assert.ok((await ask()).choices[0].message.content);
});
