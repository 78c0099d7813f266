// openai.test.mjs: the program's model as the official JavaScript client `openai` asks it.
// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import OpenAI from "openai";
import { Program, until } from "../program.mjs";
import { addKey, listKeys } from "./keys.mjs";

const MODEL = "SmolLM2-135M-Instruct.Q4_1";
let program, client;
before(async () => {
    program = await new Program("examples/llama_chat_script", []).begin();
    client = new OpenAI({ baseURL: `${program.url}v1`, apiKey: "none", maxRetries: 0 });
});
after(() => program.stop());

const ask = (more) => client.chat.completions.create({ model: MODEL, messages: [{ role: "user", content: "Say hello." }], temperature: 0, max_tokens: 24, ...more });

// proves openai (npm): chat; streams
test("an answer whole and as a stream is the same", async () => {
    const whole = await ask();
    let said = "";
    for await (const chunk of await ask({ stream: true })) said += chunk.choices[0]?.delta?.content ?? "";
    assert.ok(said.trim());
    assert.equal(said, whole.choices[0].message.content);
    assert.ok(whole.usage.completion_tokens > 0);
});

// proves openai (npm): response_format; logprobs
test("an answer has the form of its schema, and its tokens their probabilities", async () => {
    const schema = { type: "object", properties: { name: { type: "string", maxLength: 9 }, old: { type: "boolean" } }, required: ["name", "old"], additionalProperties: false };
    const got = await ask({ response_format: { type: "json_schema", json_schema: { name: "person", schema } }, max_tokens: 60, logprobs: true, top_logprobs: 2 });
    const person = JSON.parse(got.choices[0].message.content);
    assert.deepEqual([typeof person.name, typeof person.old, Object.keys(person).length], ["string", "boolean", 2]);
    assert.equal(got.choices[0].logprobs.content.map((t) => t.token).join(""), got.choices[0].message.content);
});

// proves openai (npm): tools
test("a function is called, and its result is read", async () => {
    const tools = [{ type: "function", function: { name: "add", parameters: { type: "object", properties: { a: { type: "integer" }, b: { type: "integer" } }, required: ["a", "b"] } } }];
    const seen = [];
    const runner = client.chat.completions.runTools({ model: MODEL, messages: [{ role: "user", content: "What is 2 plus 3?" }], temperature: 0, max_tokens: 80, tool_choice: { type: "function", function: { name: "add" } },
        tools: [{ type: "function", function: { ...tools[0].function, parse: JSON.parse, function: ({ a, b }) => { seen.push(a, b); return String(a + b); } } }] });
    await runner.done();
    assert.equal(seen.length, 2);
    assert.ok(seen.every(Number.isInteger));
    const stream = client.chat.completions.stream({ model: MODEL, messages: [{ role: "user", content: "What is 2 plus 3?" }], temperature: 0, max_tokens: 80, tool_choice: "required", tools });
    const whole = await stream.finalChatCompletion();
    assert.equal(whole.choices[0].finish_reason, "tool_calls");
    assert.equal(whole.choices[0].message.tool_calls[0].function.name, "add");
});

// proves openai (npm): completions; embeddings
test("texts are gone on with, and have vectors", async () => {
    const got = await client.completions.create({ model: MODEL, prompt: "The capital of France is", temperature: 0, max_tokens: 8 });
    assert.match(got.choices[0].text, /Paris/);
    const { data } = await client.embeddings.create({ model: MODEL, input: ["one", "two"] });
    assert.deepEqual(data.map((d) => d.embedding.length), [576, 576]);
    assert.ok(Math.abs(data[0].embedding.reduce((sum, x) => sum + x * x, 0) - 1) < 1e-4);
});

// proves openai (npm): responses
test("a response is the same whole and as a stream", async () => {
    const asked = { model: MODEL, input: "Say hello.", temperature: 0, max_output_tokens: 24 };
    const whole = await client.responses.create(asked);
    assert.ok(whole.output_text.trim());
    const stream = client.responses.stream(asked);
    let said = "";
    for await (const event of stream) if (event.type === "response.output_text.delta") said += event.delta;
    assert.equal(said, whole.output_text);
    assert.equal((await stream.finalResponse()).usage.output_tokens, whole.usage.output_tokens);
});

// proves openai (npm): models; errors
test("models are listed, and what is wrong is an error of its kind", async () => {
    const names = [];
    for await (const model of client.models.list()) names.push(model.id);
    assert.deepEqual(names, [MODEL]);
    await assert.rejects(ask({ model: "gpt-none" }), OpenAI.NotFoundError);
    await assert.rejects(ask({ messages: [] }), OpenAI.BadRequestError);
});

// proves openai (npm): leaving a stream
test("an aborted stream is let go", async () => {
    const stream = await ask({ stream: true, max_tokens: 2000 });
    for await (const chunk of stream) if (chunk.choices[0]?.delta?.content) break;
    assert.ok((await ask()).choices[0].message.content);
});

// proves openai (npm): quotas
test("a key whose quota of tokens is used up is told so, and until when", async () => {
    const key = addKey(program, "talker", "--tokens", "10/month"), talker = new OpenAI({ baseURL: `${program.url}v1`, apiKey: key, maxRetries: 0 });
    const say = () => talker.chat.completions.create({ model: MODEL, messages: [{ role: "user", content: "Say hello to everybody who is here." }], temperature: 0, max_tokens: 8 });
    await until(async () => (await talker.models.list().catch(() => null))?.data.length, "the key to be known");
    const { usage } = await say();
    assert.ok(usage.total_tokens > 10, JSON.stringify(usage));
    await assert.rejects(say(), (e) => e instanceof OpenAI.RateLimitError && e.code === "insufficient_quota" && e.type === "insufficient_quota" && /has used its 10 tokens of this month; the next begins at/.test(e.message) && Number(e.headers.get("retry-after")) > 0);
    assert.equal((await talker.models.list()).data.length, 1, "to ask what there is costs nothing");
    await until(() => new RegExp(`^ +${usage.total_tokens} of 10 tokens/month used`, "m").test(listKeys(program)), "the tokens to be written");
});
