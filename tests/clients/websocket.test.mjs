// websocket.test.mjs: our WebSocket against npm's ws, a client that others wrote.
// SPDX-License-Identifier: Apache-2.0
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import http from "node:http";
import WebSocket from "ws";

const build = process.env.EASEL_BUILD ?? new URL("../../build", import.meta.url).pathname;
let server, url;

before(async () => {
    server = spawn(`${build}/bench/ws_echo`, ["--port", "0"], { stdio: ["ignore", "pipe", "inherit"] });
    const [line] = await once(server.stdout, "data");
    url = /ws:\S+/.exec(String(line))[0];
});
after(() => server.kill());

async function open(options) {
    const socket = new WebSocket(url, options);
    await once(socket, "open");
    return socket;
}

async function answer(socket, message) {
    const heard = once(socket, "message");
    socket.send(message);
    const [data, binary] = await heard;
    assert.equal(binary, false);
    return String(data);
}

test("text of every length comes back", async () => {
    const socket = await open();
    for (const size of [0, 1, 125, 126, 127, 65535, 65536, 1 << 20, 5 << 20]) assert.equal((await answer(socket, "x".repeat(size))).length, size);
    assert.equal(await answer(socket, "grüße 你好 😀"), "grüße 你好 😀");
    socket.close();
    await once(socket, "close");
});

test("a client that offers compression is served without", async () => {
    const socket = await open({ perMessageDeflate: true });
    assert.equal(socket.extensions, "");
    assert.equal(await answer(socket, "hello"), "hello");
    socket.close();
    await once(socket, "close");
});

test("fragments arrive as one message", async () => {
    const socket = await open();
    const heard = once(socket, "message");
    socket.send("one ", { fin: false });
    socket.send("two ", { fin: false });
    socket.ping("between");
    socket.send("three", { fin: true });
    const [[data], [pong]] = await Promise.all([heard, once(socket, "pong")]);
    assert.equal(String(data), "one two three");
    assert.equal(String(pong), "between");
    socket.close();
    await once(socket, "close");
});

test("a thousand messages keep their order", async () => {
    const socket = await open();
    const heard = [];
    const all = new Promise((done) => socket.on("message", (data) => heard.push(String(data)) === 1000 && done()));
    for (let i = 0; i < 1000; i++) socket.send(`message ${i}`);
    await all;
    assert.deepEqual(heard, Array.from({ length: 1000 }, (_, i) => `message ${i}`));
    socket.close();
    await once(socket, "close");
});

test("the client's close code is echoed", async () => {
    const socket = await open();
    socket.close(3001, "done");
    const [code] = await once(socket, "close");
    assert.equal(code, 3001);
});

test("the server's close code and reason arrive", async () => {
    const socket = await open();
    socket.send("close 4000");
    const [code, reason] = await once(socket, "close");
    assert.equal(code, 4000);
    assert.equal(String(reason), "as asked");
});

test("binary messages are refused with 1003", async () => {
    const socket = await open();
    socket.send(Buffer.from([1, 2, 3]));
    const [code] = await once(socket, "close");
    assert.equal(code, 1003);
});

test("text that is not UTF-8 is refused with 1007", async () => {
    const socket = await open();
    socket.send(Buffer.from([0x66, 0xff]), { binary: false });
    const [code] = await once(socket, "close");
    assert.equal(code, 1007);
});

test("a hundred sockets at once are all served", async () => {
    const sockets = await Promise.all(Array.from({ length: 100 }, () => open()));
    const answers = await Promise.all(sockets.map((socket, i) => answer(socket, `socket ${i}`)));
    answers.forEach((text, i) => assert.equal(text, `socket ${i}`));
    await Promise.all(sockets.map((socket) => (socket.close(), once(socket, "close"))));
});

test("node's own HTTP client reads the event stream", async () => {
    const [response] = await once(http.get(url.replace("ws:", "http:") + "gr%C3%BC%C3%9Fe"), "response");
    assert.equal(response.headers["content-type"], "text/event-stream");
    const [piece] = await once(response, "data");
    assert.equal(String(piece), "data: /grüße\n\n");
    response.destroy();
});
