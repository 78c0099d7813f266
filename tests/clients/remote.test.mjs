// remote.test.mjs: a chat whose model another server has: another Easel, and a stand-in that does what servers do wrong.
// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import OpenAI from "openai";
import { Program, until } from "../program.mjs";

const programs = [];
async function begin(name, args, more) {
    const program = await new Program(name, args, more).begin();
    programs.push(program);
    return program;
}
const clientOf = (program) => new OpenAI({ baseURL: `${program.url}v1`, apiKey: "none", maxRetries: 0, timeout: 60_000 });
const ask = (client, words, more = {}) => client.chat.completions.create({ model: "stand-in", messages: [{ role: "user", content: words }], ...more });

/** A server whose answers the test decides: answer(body, response, number). */
let answer, asked = [], stand;
const send = (response, status, body, headers = {}) => response.writeHead(status, { "Content-Type": "application/json", ...headers }).end(typeof body === "string" ? body : JSON.stringify(body));
const event = (o) => `data: ${typeof o === "string" ? o : JSON.stringify(o)}\n\n`;
const piece = (content, finish_reason = null) => event({ choices: [{ index: 0, delta: { content }, finish_reason }] });
function stream(response, ...parts) {
    response.writeHead(200, { "Content-Type": "text/event-stream" });
    for (const part of parts) response.write(part);
    response.end();
}

let remote, client;
before(async () => {
    stand = createServer((request, response) => {
        let text = "";
        request.setEncoding("utf8");
        request.on("data", (d) => (text += d));
        request.on("end", () => {
            if (request.url === "/v1/models") return send(response, 200, { object: "list", data: [{ id: "stand-in", object: "model" }] });
            const body = JSON.parse(text);
            asked.push({ body, headers: request.headers, at: Date.now() });
            answer(body, response, asked.length);
        });
    });
    await new Promise((done) => stand.listen(0, "127.0.0.1", done));
    remote = await begin("examples/llama_chat_script", ["--model", `http://127.0.0.1:${stand.address().port}`], { env: { EASEL_MODEL_KEY: "secret" } });
    client = clientOf(remote);
    for (let i = 0; i < 100 && (await client.models.list()).data[0]?.id !== "stand-in"; i++) await new Promise((done) => setTimeout(done, 50));
});
after(async () => {
    for (const program of programs) await program.stop();
    stand.close();
});

function says(what) {
    asked = [];
    answer = what;
}

test("words come one after the other, with what was asked and the key", async () => {
    says((body, response) => stream(response, piece("Hel"), piece("lo ☃"), piece("", "stop"), event({ choices: [], usage: { prompt_tokens: 7, completion_tokens: 3 } }), event("[DONE]")));
    const got = await ask(client, "Hi", { temperature: 0.25, max_tokens: 20, seed: 5 });
    assert.equal(got.choices[0].message.content, "Hello ☃");
    assert.equal(got.choices[0].finish_reason, "stop");
    const { body, headers } = asked[0];
    assert.equal(headers.authorization, "Bearer secret");
    assert.deepEqual([body.model, body.stream, body.max_tokens, body.temperature, body.seed], ["stand-in", true, 20, 0.25, 5]);
    assert.deepEqual(body.messages.at(-1), { role: "user", content: "Hi" });
});

test("characters and events that are cut anywhere become whole, and a whole answer does, too", async () => {
    const bytes = Buffer.from(piece("ü☃") + piece("💡\n", "length") + event("[DONE]"));
    says(async (body, response) => {
        response.writeHead(200, { "Content-Type": "text/event-stream" });
        for (let i = 0; i < bytes.length; i += 5) {
            response.write(bytes.subarray(i, i + 5));
            await new Promise((done) => setImmediate(done));
        }
        response.end();
    });
    const got = await ask(client, "Hi");
    assert.deepEqual([got.choices[0].message.content, got.choices[0].finish_reason], ["ü☃💡\n", "length"]);
    says((body, response) => send(response, 200, { choices: [{ message: { role: "assistant", content: "all at once" }, finish_reason: "stop" }] }));
    assert.equal((await ask(client, "Hi")).choices[0].message.content, "all at once");
});

test("what fails before the first word is asked again, and what comes too often later", async () => {
    says((body, response, n) => (n < 3 ? send(response, n === 1 ? 500 : 429, { error: { message: "busy" } }, n === 2 ? { "Retry-After": "1" } : {}) : stream(response, piece("at last", "stop"), event("[DONE]"))));
    assert.equal((await ask(client, "Hi")).choices[0].message.content, "at last");
    assert.equal(asked.length, 3);
    assert.ok(asked[2].at - asked[1].at >= 990, "Retry-After is heeded");
});

test("what goes wrong after the first word, or cannot be mended, is told at once", async () => {
    const fails = async (what, pattern, times) => {
        says(what);
        await assert.rejects(ask(client, "Hi"), pattern);
        assert.equal(asked.length, times, String(pattern));
        says((body, response) => stream(response, piece("fine", "stop")));
        assert.equal((await ask(client, "Hi")).choices[0].message.content, "fine");
    };
    await fails((body, response) => send(response, 401, { error: { message: "Incorrect API key" } }), /answered 401: Incorrect API key; give the key that it wants in EASEL_MODEL_KEY/, 1);
    await fails((body, response) => send(response, 400, { error: { message: "the context is full" } }), /answered 400: the context is full/, 1);
    await fails((body, response) => (response.writeHead(200, { "Content-Type": "text/event-stream" }), response.write(piece("half")), setTimeout(() => response.destroy(), 50)), /does not answer|broke off/, 1);
    await fails((body, response) => stream(response, piece("half"), event({ error: { message: "out of memory" } })), /broke off: out of memory/, 1);
    await fails((body, response) => stream(response, "data: {nonsense\n\n"), /answered what is no answer of a model/, 1);
    await fails((body, response) => send(response, 200, "<html>a login page</html>"), /answered what is no answer of a model/, 1);
});

const picture = "data:image/png;base64,iVBORw0KGgo=";
const look = (client, content, more = {}) => ask(client, "", { messages: [{ role: "user", content }], ...more });
const done = (words) => (body, response) => stream(response, piece(words, "stop"), event("[DONE]"));

test("pictures go on to the server where they stand, whatever the endpoint and whatever is put before them", async () => {
    says(done("a cat and a dog"));
    const content = [
        { type: "text", text: "What is ☃ " },
        { type: "image_url", image_url: { url: picture, detail: "low" } },
        { type: "text", text: " and " },
        { type: "image_url", image_url: { url: "https://example.org/dog.jpg" } },
    ];
    await ask(client, "", { messages: [{ role: "user", content }, { role: "assistant", content: "Cats." }, { role: "user", content: [{ type: "text", text: "Look again." }] }] });
    assert.deepEqual(asked[0].body.messages, [{ role: "user", content }, { role: "assistant", content: "Cats." }, { role: "user", content: "Look again." }]);
    await look(client, content, { tools: [{ type: "function", function: { name: "zoom" } }] });
    assert.deepEqual(asked[1].body.messages.map((m) => m.role), ["system", "user"]);
    assert.deepEqual(asked[1].body.messages[1].content, content);
    await client.responses.create({ model: "stand-in", instructions: "Be brief.", input: [{ role: "user", content: [{ type: "input_image", image_url: picture, detail: "auto" }] }] });
    assert.deepEqual(asked[2].body.messages, [{ role: "system", content: "Be brief." }, { role: "user", content: [{ type: "image_url", image_url: { url: picture, detail: "auto" } }] }]);
    const large = `data:image/png;base64,${"A".repeat(4 << 20)}`;
    await look(client, [{ type: "image_url", image_url: { url: large } }]);
    assert.equal(asked[3].body.messages[0].content[0].image_url.url, large);
});

test("what is no picture, or stands where none may, is refused", async () => {
    says(done("never"));
    const wrong = [
        [{ role: "user", content: [{ type: "image_url", image_url: { url: "file:///etc/passwd" } }] }],
        [{ role: "user", content: [{ type: "image_url", image_url: { url: "data:text/html,x" } }] }],
        [{ role: "user", content: [{ type: "image_url" }] }],
        [{ role: "user", content: [{ type: "image_url", image_url: { url: picture, detail: 7 } }] }],
        [{ role: "user", content: [{ type: "input_audio", input_audio: { data: "", format: "wav" } }] }],
        [{ role: "system", content: [{ type: "image_url", image_url: { url: picture } }] }],
    ];
    for (const messages of wrong) await assert.rejects(ask(client, "", { messages }), (e) => e.status === 400 && /messages\[0\] has something else than text and, in a user's message, pictures/.test(e.message));
    assert.equal(asked.length, 0);
});

test("with --model-cache, a question that would be answered alike is asked once", async () => {
    const keeps = await begin("examples/llama_chat_script", ["--model", `http://127.0.0.1:${stand.address().port}`, "--model-cache", "10"]), client = clientOf(keeps);
    const told = async (more, words = "Hi") => (await ask(client, words, more)).choices[0].message.content;
    says((body, response, n) => stream(response, piece("answer "), piece(String(n), n === 1 ? "length" : "stop"), event({ choices: [], usage: { prompt_tokens: 7, completion_tokens: 3 } }), event("[DONE]")));
    await until(async () => (await client.models.list()).data[0]?.id === "stand-in", "the model");
    assert.equal(await told({ temperature: 0 }), "answer 1");
    const again = await ask(client, "Hi", { temperature: 0 });
    assert.deepEqual([again.choices[0].message.content, again.choices[0].finish_reason], ["answer 1", "length"]);
    assert.deepEqual([again.usage.prompt_tokens, again.usage.completion_tokens, again.usage.prompt_tokens_details.cached_tokens], [7, 3, 7]);
    let streamed = "";
    for await (const chunk of await ask(client, "Hi", { temperature: 0, stream: true })) streamed += chunk.choices[0]?.delta.content ?? "";
    assert.equal(streamed, "answer 1");
    assert.equal(asked.length, 1);
    assert.deepEqual([await told({ temperature: 0, max_tokens: 9 }), await told({ temperature: 0 }, "Ho"), await told({ temperature: 0.5 }), await told({ temperature: 0.5 })], ["answer 2", "answer 3", "answer 4", "answer 5"]);
    assert.deepEqual([await told({ seed: 9 }), await told({ seed: 9 }), await told({ seed: 8 })], ["answer 6", "answer 6", "answer 7"]);
    assert.equal(asked[5].body.seed, 9);
    says((body, response) => stream(response, piece("half"), event({ error: { message: "out of memory" } })));
    await assert.rejects(told({ temperature: 0 }, "Broken"), /out of memory/);
    says(done("whole"));
    assert.equal(await told({ temperature: 0 }, "Broken"), "whole");
    const metrics = await until(async () => (/^easel_model_cache_misses_total 7$/m.exec(await (await fetch(`${keeps.url}metrics`)).text()) ?? {}).input, "seven questions that were not kept");
    assert.match(metrics, /^easel_model_cache_hits_total 3$/m);
});

test("a server that fails again and again is left alone, and who asks is told so at once", async () => {
    says((body, response) => send(response, 404, "no"));
    const other = await begin("examples/llama_chat_script", ["--model", "http://127.0.0.1:1/v1#somebody"]);
    await assert.rejects(ask(clientOf(other), "Hi", { model: "somebody" }), /the model server http:\/\/127.0.0.1:1\/v1 does not answer: /);
    says((body, response) => stream(response, event({ error: { message: "broken" } })));
    for (let i = 0; i < 5; i++) await assert.rejects(ask(client, "Hi"), /broken/);
    const before = asked.length;
    await assert.rejects(ask(client, "Hi"), /failed again and again; it is asked again in 1\d s/);
    assert.equal(asked.length, before);
});

test("an Easel is the model of another, with stop, many at once, and its page", async () => {
    const behind = await begin("examples/llama_chat_script", []), front = await begin("examples/llama_chat_script", ["--model", `${behind.url}v1`]), client = clientOf(front);
    let name;
    for (let i = 0; i < 200 && !(name = (await client.models.list()).data[0]?.id)?.startsWith("SmolLM2"); i++) await new Promise((done) => setTimeout(done, 100));
    const all = await Promise.all([1, 2, 3, 4].map((seed) => client.chat.completions.create({ model: name, seed, temperature: 0.5, max_tokens: 16, messages: [{ role: "user", content: "What is a lighthouse?" }] })));
    for (const got of all) assert.ok(got.choices[0].message.content.length > 10, got.choices[0].message.content);
    const direct = await clientOf(behind).chat.completions.create({ model: name, seed: 1, temperature: 0, max_tokens: 16, messages: [{ role: "user", content: "Count to five." }] });
    const through = await client.chat.completions.create({ model: name, seed: 1, temperature: 0, max_tokens: 16, messages: [{ role: "user", content: "Count to five." }] });
    assert.equal(through.choices[0].message.content, direct.choices[0].message.content);
    for (const one of [behind, front])
        await assert.rejects(look(clientOf(one), [{ type: "image_url", image_url: { url: picture } }], { model: name }), (e) => e.status === 400 && /reads text alone, and the conversation has a picture/.test(e.message));
});
