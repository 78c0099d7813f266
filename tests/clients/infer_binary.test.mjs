// infer_binary.test.mjs: tensors in binary form, by the Open Inference Protocol's extension, and a stand-in that does what servers do wrong with it.
// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, beforeEach, test } from "node:test";
import { Program } from "../program.mjs";
import { Functions } from "./functions.mjs";

/** What GET /v2 is answered with, and what a question is, when its JSON and its bytes were taken apart: infer(question, response). */
let metadata, infer, asked, looked;
const HEADER = "inference-header-content-length";
const extended = (response) => response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify({ name: "stand-in", version: "1", extensions: ["statistics", "binary_tensor_data"] }));

/** JSON, and bytes behind it; `head`: what the header says, when it is not the truth, or null for none. */
function send(response, json, bytes = Buffer.alloc(0), head) {
    const text = Buffer.from(JSON.stringify(json));
    const headers = { "Content-Type": bytes.length ? "application/octet-stream" : "application/json" };
    if (head !== null && (bytes.length || head !== undefined)) headers["Inference-Header-Content-Length"] = head ?? text.length;
    response.writeHead(200, headers).end(Buffer.concat([text, bytes]));
}
const output = (datatype, shape, more) => ({ name: "y", datatype, shape, ...more });
const sized = (size) => ({ parameters: { binary_data_size: size } });
/** Gives back what it got, in the same form. */
const pass = ({ input, bytes }, response) => send(response, { model_name: "pass", outputs: [{ ...input, name: "y" }] }, bytes);

function take(request, body, response) {
    const size = request.headers[HEADER], head = size === undefined ? body.length : Number(size);
    const json = JSON.parse(body.subarray(0, head)), bytes = body.subarray(head);
    const wanted = json.inputs.reduce((sum, i) => sum + (i.parameters?.binary_data_size ?? 0), 0);
    assert.equal(bytes.length, wanted);
    assert.equal(request.headers["content-type"], size === undefined ? "application/json" : "application/octet-stream");
    asked.push({ json, bytes, input: json.inputs[0], headers: request.headers });
    infer(asked.at(-1), response);
}

const programs = [];
let stand, address;
/** Each program is a process of its own, which has asked the server nothing. */
async function begin() {
    const program = await new Program("tests/programs/tensors", ["--set", `server=${address}`, "--session-memory", "256M"]).begin();
    programs.push(program);
    return new Functions(program);
}
const call = (f, type, count, value) => f.call("pass", { type, count, value });

before(async () => {
    stand = createServer((request, response) => {
        const pieces = [];
        request.on("data", (d) => pieces.push(d));
        request.on("end", () => {
            if (request.method === "GET" && request.url === "/v2") return (looked++, metadata(response));
            if (request.url !== "/v2/models/pass/infer") return response.writeHead(404).end("{}");
            take(request, Buffer.concat(pieces), response);
        });
    });
    await new Promise((done) => stand.listen(0, "127.0.0.1", done));
    address = `http://127.0.0.1:${stand.address().port}`;
});
beforeEach(() => {
    [metadata, infer, asked, looked] = [extended, pass, [], 0];
});
after(async () => {
    for (const program of programs) await program.stop();
    stand.closeAllConnections();
    stand.close();
});

test("large data goes and comes in binary form, and the server is asked for its extensions once", async () => {
    const f = await begin();
    assert.deepEqual(await (await call(f, "FP32", 3 * 640 * 640, "0.1")).json(), { count: 1228800, first: "0.100000001", last: "0.100000001" });
    const { json, bytes, headers } = asked[0];
    assert.deepEqual(json, { inputs: [{ name: "x", shape: [1, 1228800], datatype: "FP32", parameters: { binary_data_size: 4915200 } }], outputs: [{ name: "y" }], parameters: { binary_data_output: true } });
    assert.equal(bytes.readFloatLE(4915196), Math.fround(0.1));
    assert.match(headers.accept, /application\/octet-stream/);
    await Promise.all([1, 2, 3].map(() => call(f, "FP32", 1000, "1")));
    assert.equal(asked.length, 4);
    assert.equal(looked, 1);
});

test("each type comes back as it went, in whichever form it is", async () => {
    const f = await begin();
    const cases = [
        ["FP16", 2, "1.0009765625", "1.00097656"], ["FP16", 1, "5.9604645e-08", "5.96046448e-08"], ["FP16", 1, "-inf", "-inf"], ["FP16", 1, "nan", "nan"], ["BF16", 3, "1e-40", "9.18354962e-41"], ["BF16", 1, "1.001", "1"],
        ["FP32", 1, "inf", "inf"], ["FP64", 300, "1e-310", "9.9999999999999694e-311"], ["UINT8", 5000, "255", "255"], ["UINT8", 1, "7", "7"], ["BYTES", 2, "für \"dich\"", "für \"dich\""], ["BYTES", 200, "für dich", "für dich"],
        ["BYTES", 300, "", ""],
    ];
    for (const [type, count, value, comes] of cases) assert.deepEqual(await (await call(f, type, count, value)).json(), { count, first: comes, last: comes }, `${type} ${value}`);
    const forms = asked.map(({ bytes }) => bytes.length > 0);
    assert.deepEqual(forms, [true, true, true, true, true, true, true, true, true, false, false, true, true]);
    assert.deepEqual([...asked[0].bytes], [0x01, 0x3c, 0x01, 0x3c]);
    assert.deepEqual([...asked[3].bytes.subarray(1)], [0x7e]);
});

test("a server without the extension gets JSON", async () => {
    for (const none of [(r) => r.writeHead(404).end("{}"), (r) => r.writeHead(200).end('{"name":"other","extensions":["statistics"]}'), (r) => r.writeHead(200).end("<html>")]) {
        const f = await begin();
        metadata = none;
        assert.equal((await (await call(f, "FP32", 1000, "0.1")).json()).last, "0.100000001");
        assert.equal((await (await call(f, "FP16", 1, "0.1")).json()).last, "0.100000001");
        assert.equal(asked.at(-2).json.inputs[0].data.length, 1000);
        assert.equal(asked.at(-2).json.parameters, undefined);
        assert.equal(looked, 1);
        looked = 0;
        await f.problem(await call(f, "FP32", 1, "inf"), 500, /number 0 of the input "x" is infinite, which JSON cannot say/);
    }
});

test("a server that does not answer what it can do does not get the question", async () => {
    const f = await begin();
    metadata = (response) => response.destroy();
    await f.problem(await call(f, "FP32", 1000, "1"), 500, /the inference server http:\S+ does not answer: /);
    assert.equal(looked, 3);
    assert.equal(asked.length, 0);
    metadata = extended;
    assert.equal((await call(f, "FP32", 1000, "1")).status, 200);
});

test("a server that refuses binary data is asked anew what it has", async () => {
    const f = await begin();
    infer = (_, response) => response.writeHead(400).end('{"error":"no bytes please"}');
    await f.problem(await call(f, "FP32", 1000, "1"), 500, /answered 400 for the model pass: no bytes please/);
    metadata = (response) => response.writeHead(200).end('{"extensions":[]}');
    infer = pass;
    assert.equal((await call(f, "FP32", 1000, "1")).status, 200);
    assert.equal(looked, 2);
    assert.equal(asked.at(-1).bytes.length, 0);
});

test("both forms in one answer, and bytes of outputs that nobody wants", async () => {
    const f = await begin();
    const bytes = Buffer.from("aaaa\x05\0\0\0hello\0\0\0\0bbbb", "latin1");
    infer = (_, response) => send(response, { outputs: [{ ...output("UINT8", [4], sized(4)), name: "w" }, { ...output("INT64", [2], { data: [1, 2] }), name: "v" }, output("BYTES", [2], sized(13)), { ...output("FP32", [1], sized(4)), name: "z" }] }, bytes);
    assert.deepEqual(await (await call(f, "FP32", 1000, "1")).json(), { count: 2, first: "hello", last: "" });
    infer = (_, response) => send(response, { outputs: [output("FP64", [1], { data: [0.5] })] }, undefined, undefined);
    assert.deepEqual(await (await call(f, "FP32", 1000, "1")).json(), { count: 1, first: "0.5", last: "0.5" });
});

test("an answer whose bytes are wrong is named with server, model, tensor, and what was expected", async () => {
    const f = await begin();
    const four = Buffer.from("1234"), one = output("FP32", [1], sized(4)), cases = [
        [[one], four, null, /the model pass on http:\S+: .*the output "y" is to have 4 bytes of binary data, and no header Inference-Header-Content-Length says where they begin/],
        [[one], Buffer.from([255, 0, 1, 2]), null, /the answer is no text in UTF-8, and no header Inference-Header-Content-Length says that binary data begins in it/],
        [[one], four, 9999, /the model pass on http:\S+: Inference-Header-Content-Length says that the JSON has 9999 bytes, and the whole answer has \d+/],
        [[one], four, 20, /no JSON, or was cut off/],
        [[one], four, "abc", /the model pass on http:\S+: the header Inference-Header-Content-Length of the answer is no number/],
        [[one], four, "-1", /is no number/], [[one], four, "99999999999999999999999", /is no number/], [[one], four, "", /is no number/],
        [[one], four.subarray(1), undefined, /the output "y" is to have 4 bytes of binary data, and 3 came/],
        [[output("FP32", [3], sized(4))], four, undefined, /the output "y" is to be FP32 \[3\], 4 bytes for each, and came in 4 bytes/],
        [[output("FP32", [1], sized(3))], four, undefined, /1 bytes of binary data came that belong to no output/],
        [[output("FP32", [1], sized(-1))], four, undefined, /the binary_data_size of the output "y" is no size/],
        [[output("FP32", [1], sized(1e30))], four, undefined, /the binary_data_size of the output "y" is no size/],
        [[output("FP32", [1], { ...sized(4), data: [1] })], four, undefined, /has both a list of data and a binary_data_size/],
        [[output("BOOL", [4], sized(4))], four, undefined, /value 0 of the output "y" is the byte 49, which is no BOOL/],
        [[output("BYTES", [1], sized(4))], four, undefined, /string 0 of the output "y" is to have 875770417 bytes, and 0 are left/],
    ];
    for (const [outputs, bytes, head, pattern] of cases) {
        infer = (_, response) => send(response, { outputs }, bytes, head);
        await f.problem(await call(f, "FP32", 1000, "1"), 500, pattern);
    }
    await f.problem(await call(f, "FP16", 1, "70000"), 500, /the model pass on http:\S+ is not asked: number 0 of the input "x" is 70000, more than FP16 can hold/);
});
