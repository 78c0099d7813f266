// infer.test.mjs: a function whose work an inference server does, by the Open Inference Protocol, and a stand-in that does what servers do wrong.
// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { Program, until } from "../program.mjs";
import { Functions } from "./functions.mjs";

/** A server as the protocol's text has it, whose answers to questions the test decides: infer(body, response, number of the question). */
let infer, asked = [], left = 0, stand;
const metadata = { name: "iris", versions: ["1"], platform: "stand-in", inputs: [{ name: "sizes", datatype: "FP32", shape: [-1, 4] }], outputs: [{ name: "probabilities", datatype: "FP32", shape: [-1, 3] }] };
const send = (response, status, body, headers = {}) => response.writeHead(status, { "Content-Type": "application/json", ...headers }).end(typeof body === "string" ? body : JSON.stringify(body));
const output = (more) => ({ name: "probabilities", datatype: "FP32", shape: [1, 3], data: [0.125, 0.75, 0.125], ...more });
const answer = (...outputs) => ({ model_name: "iris", model_version: "1", id: "1", outputs });
const well = (body, response) => send(response, 200, answer(output()));

const programs = [];
async function begin(server, ...more) {
    const program = await new Program("examples/infer", ["--set", `server=${server}`, ...more]).begin();
    programs.push(program);
    return new Functions(program);
}
const flower = { sepal_length: 6.1, sepal_width: 2.8, petal_length: 4, petal_width: 1.3 };
const ask = (f, more) => f.call("classify", flower, more);

let functions, address;
before(async () => {
    stand = createServer((request, response) => {
        let text = "";
        response.on("close", () => (left += !response.writableFinished));
        request.setEncoding("utf8");
        request.on("data", (d) => (text += d));
        request.on("end", () => {
            if (request.url === "/v2/health/ready" || request.url === "/v2/models/iris/ready") return send(response, 200, {});
            if (request.method === "GET" && request.url === "/v2/models/iris") return send(response, 200, metadata);
            if (request.method !== "POST" || request.url !== "/v2/models/iris/infer") return send(response, 404, { error: `there is nothing at ${request.url}` });
            asked.push({ body: JSON.parse(text), headers: request.headers, at: Date.now(), line: request.socket.remotePort });
            infer(asked.at(-1).body, response, asked.length);
        });
    });
    await new Promise((done) => stand.listen(0, "127.0.0.1", done));
    address = `http://127.0.0.1:${stand.address().port}`;
    functions = await begin(`${address}/`);
});
after(async () => {
    for (const program of programs) await program.stop();
    stand.closeAllConnections();
    stand.close();
});

function does(what) {
    asked = [];
    left = 0;
    infer = what;
}

test("inputs go out as tensors, outputs come back, and the connection is kept", async () => {
    does(well);
    const got = await ask(functions);
    assert.deepEqual(await got.json(), { kind: "Iris versicolor", sure: 0.75 });
    const { body, headers } = asked[0];
    assert.deepEqual(body, { inputs: [{ name: "sizes", shape: [1, 4], datatype: "FP32", data: [6.1, 2.8, 4, 1.3] }], outputs: [{ name: "probabilities" }] });
    assert.equal(headers["content-type"], "application/json");
    await ask(functions);
    assert.equal(asked[0].line, asked[1].line);
});

test("a page sees whether the model is ready", async () => {
    assert.doesNotMatch(await (await fetch(functions.program.url)).text(), /not ready/);
    const other = await begin(address, "--set", "model=tulip");
    await until(async () => /not ready/.test(await (await fetch(other.program.url)).text()), "the page to say that the model is not ready");
    await other.problem(await ask(other), 500, /the inference server http:\/\/127\.0\.0\.1:\d+ has no model tulip: there is nothing at \/v2\/models\/tulip\/infer/);
});

test("what is refused is told with what the model wants", async () => {
    const given = { ...metadata };
    does((body, response) => send(response, 400, { error: "unexpected shape for input 'sizes'" }));
    metadata.inputs = [{ name: "sizes", datatype: "FP64", shape: [-1, 5] }];
    await functions.problem(await ask(functions), 500, /answered 400 for the model iris: unexpected shape for input 'sizes'; the model wants "sizes" as FP64 \[-1, 5\] and was given FP32 \[1, 4\]/);
    Object.assign(metadata, given);
    assert.equal(asked.length, 1);
    does((body, response) => send(response, 500, "<html>oops</html>"));
    await functions.problem(await ask(functions), 500, /answered 500 for the model iris$/);
    does((body, response) => send(response, 401, { error: "who are you" }));
    await functions.problem(await ask(functions), 500, /answered 401 for the model iris: who are you; the token that it wants is given in \.token/);
    does((body, response) => send(response, 302, "", { Location: "/elsewhere" }));
    await functions.problem(await ask(functions), 500, /answered 302 for the model iris/);
});

test("an answer that is none is named with what was expected", async () => {
    const cases = [
        [answer(output({ shape: [3, 1] })), /the model iris on http:\S+: the output "probabilities" was to be FP32 \[1, 3\], and is FP32 \[3, 1\]/],
        [answer(output({ datatype: "FP64" })), /was to be FP32 \[1, 3\], and is FP64 \[1, 3\]/],
        [answer(output({ name: "p" })), /no output "probabilities"; it has "p"/],
        [answer(output({ data: [1, 2] })), /has fewer than the 3 values of its shape/],
        [answer(output({ data: [1, 2, 3, 4] })), /has more than the 3 values of its shape/],
        [answer(output({ data: [1, 2, "3"] })), /number 2 of the output "probabilities" is "3", which is no FP32/],
        [answer(output({ data: undefined })), /has no list of data/],
        [answer(output({ data: undefined, parameters: { binary_data_size: 12 } })), /is to have 12 bytes of binary data, and no header Inference-Header-Content-Length says where they begin/],
        [JSON.stringify(answer(output())).slice(0, -1), /no JSON, or was cut off/],
        ["<html>a login page</html>", /the answer is no object of JSON/],
        ["", /the answer is no object of JSON/],
        ["[".repeat(100_000), /the answer is no object of JSON/],
        [`{"a":${"[".repeat(100_000)}`, /no JSON, or was cut off/],
    ];
    for (const [body, pattern] of cases) {
        does((_, response) => send(response, 200, body));
        await functions.problem(await ask(functions), 500, pattern);
        assert.equal(asked.length, 1);
    }
    does((_, response) => {
        response.writeHead(200, { "Content-Type": "application/json" });
        const more = () => {
            while (!response.destroyed && response.write("1,".repeat(1 << 19)));
            if (!response.destroyed) response.once("drain", more);
        };
        more();
    });
    await functions.problem(await ask(functions), 500, /the answer of the model iris on http:\S+ is larger than 64 MB/);
});

test("what was busy or broke off is asked again", async () => {
    does((body, response, n) => {
        if (n === 1) return send(response, 503, { error: "busy" }, { "Retry-After": "1" });
        if (n === 3) return well(body, response);
        response.writeHead(200, { "Content-Type": "application/json", "Content-Length": "1000" }).write('{"outputs":');
        setTimeout(() => response.destroy(), 20);
    });
    assert.equal((await (await ask(functions)).json()).kind, "Iris versicolor");
    assert.equal(asked.length, 3);
    assert.ok(asked[1].at - asked[0].at >= 990, "Retry-After is heeded");
});

test("a call that is cancelled leaves the server at once", async () => {
    does(() => {});
    const { id } = await (await ask(functions, { Prefer: "respond-async" })).json();
    await until(() => asked.length === 1, "the question");
    await functions.job(id, "DELETE");
    await until(() => left >= 1, "the line to break");
    await until(async () => (await functions.job(id)).status === "cancelled", "the job to be cancelled");
});

test("a server that is too slow is told apart", async () => {
    const hasty = await begin(address, "--set", "timeout=1");
    does(() => {});
    await hasty.problem(await ask(hasty), 500, /the inference server http:\S+ did not answer for the model iris within 1 s/);
});

test("a server that fails again and again is left alone", async () => {
    const lost = await begin("http://127.0.0.1:1", "--set", "timeout=1");
    const first = await Promise.all([1, 2, 3, 4, 5].map(() => ask(lost)));
    for (const one of first) await lost.problem(one, 500, /the inference server http:\/\/127\.0\.0\.1:1 does not answer: /);
    await lost.problem(await ask(lost), 500, /failed again and again; it is asked again in 1?\d s/);
    const nonsense = await begin("localhost:8080");
    await nonsense.problem(await ask(nonsense), 500, /"localhost:8080" is no address of an inference server/);
});
