// callers.test.mjs: what functions keep for their callers when the worker is killed, the program ends, or a new build takes over: nothing that was told is lost, and nothing that was forgotten comes back.
// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { request } from "node:http";
import { test } from "node:test";
import { Client } from "@gradio/client";
import { Client as McpClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { events } from "./functions.mjs";
import { addKey } from "./keys.mjs";
import { start, until } from "../program.mjs";

async function begin(t, args = []) {
    const program = await start("tests/programs/gradio", args, t);
    /** Posts until somebody answers: the line may break with the worker. */
    const ask = (path, body, headers = {}) =>
        until(async () => {
            const got = await fetch(program.url + path, { method: "POST", headers: { "Content-Type": "application/json", ...headers }, body: JSON.stringify(body) }).catch(() => null);
            return got && { status: got.status, body: await got.json().catch(() => null) };
        }, "an answer");
    return {
        program, ask,
        number: async (session, name = "increment_with_queue", headers = {}) => (await ask(`api/${name}`, {}, { "Easel-Session": session, ...headers })).body.number,
        restart: async (signal = "SIGTERM") => {
            const gone = new Promise((done) => program.child.once("close", done));
            program.child.kill(signal);
            await gone;
            await program.begin();
        },
    };
}

// proves @gradio/client: a program that begins again
// proves @modelcontextprotocol/sdk: a program that begins again
// proves curl: a program that begins again
test("a session is there after kill -9 of the worker, of the program, and after a restart, for whichever client has it", async (t) => {
    const at = await begin(t), app = await Client.connect(at.program.url), mcp = new McpClient({ name: "easel-tests", version: "1" });
    await mcp.connect(new StreamableHTTPClientTransport(new URL("mcp", at.program.url)));
    t.after(async () => (app.close(), await mcp.close()));
    const numbers = async () => [
        await at.number("rest"),
        (await until(() => app.predict("/increment_with_queue", []).catch(() => null), "Gradio's answer")).data[0],
        (await until(() => mcp.callTool({ name: "increment_with_queue", arguments: {} }).catch(() => null), "MCP's answer")).structuredContent.number,
    ];
    assert.deepEqual(await numbers(), [1, 1, 1]);
    assert.deepEqual(await numbers(), [2, 2, 2]);
    await at.program.kill("worker");
    assert.deepEqual(await numbers(), [3, 3, 3]);
    await at.restart("SIGKILL");
    assert.deepEqual(await numbers(), [4, 4, 4]);
    await at.restart();
    assert.deepEqual(await numbers(), [5, 5, 5]);
    assert.equal(await at.number("another"), 1);
});

test("what was told is kept, however soon the worker is killed after it, and a call that was under way counts once at most", async (t) => {
    const at = await begin(t);
    let told = 0;
    for (let death = 0; death < 4; death++) {
        const calls = 1 + death * 2;
        for (let i = 0; i < calls; i++) told = await at.number("s");
        const lost = fetch(`${at.program.url}api/increment_with_queue`, { method: "POST", headers: { "Easel-Session": "s" }, body: "{}" }).then((a) => a.json(), () => null);
        await at.program.kill("worker");
        const heard = (await lost)?.number, next = await at.number("s");
        assert.ok(heard ? next === heard + 1 : next === told + 1 || next === told + 2, `${told} was told, then ${heard}, then ${next}`);
        told = next;
    }
    const running = at.ask("api/say", { word: "lost", seconds: 60 }, { "Easel-Session": "s", Prefer: "respond-async" });
    const { id } = (await running).body;
    await until(async () => (await (await fetch(`${at.program.url}api/jobs/${id}`)).json()).status === "running", "a call to run");
    await at.program.kill("worker");
    assert.equal((await at.ask("api/say", { word: "a", seconds: 0 }, { "Easel-Session": "s" })).body.all, "a");
    assert.equal(await at.number("s"), told + 1);
});

test("a session that somebody forgets, or that is over, does not come back", async (t) => {
    const at = await begin(t), mcp = new McpClient({ name: "easel-tests", version: "1" }), transport = new StreamableHTTPClientTransport(new URL("mcp", at.program.url));
    await mcp.connect(transport);
    const name = transport.sessionId;
    assert.equal((await mcp.callTool({ name: "increment_with_queue", arguments: {} })).structuredContent.number, 1);
    assert.deepEqual([await at.number("r"), await at.number("later"), await at.number("kept"), await at.number("over", "brief")], [1, 1, 1, 1]);
    await transport.terminateSession();
    await mcp.close();
    await at.ask("gradio_api/reset", { session_hash: "r" });
    await at.program.kill("worker");
    assert.deepEqual([await at.number(name), await at.number("r")], [1, 1]);
    await at.ask("gradio_api/reset", { session_hash: "later" });          // which this worker has not seen
    await at.restart("SIGKILL");
    assert.deepEqual([await at.number("later"), await at.number("kept")], [1, 2]);
    await new Promise((done) => setTimeout(done, 3500));                  // .session_ttl is 1 s
    assert.equal(await at.number("over", "brief"), 1);
    assert.equal(await at.number("over", "brief"), 2);
});

test("a session lasts as long as its client's heart beats, and as its function says from then on", async (t) => {
    const at = await begin(t), brief = async (name) => (await at.ask("gradio_api/run/brief", { data: [], session_hash: name })).body.data[0];
    const heart = (await fetch(`${at.program.url}gradio_api/heartbeat/alive`)).body.getReader();          // what nobody refers to any more is closed
    t.after(() => heart.cancel().catch(() => null));
    assert.deepEqual([await brief("alive"), await brief("dead")], [1, 1]);
    await new Promise((done) => setTimeout(done, 4500));
    await at.program.kill("worker");
    assert.deepEqual([await brief("alive"), await brief("dead")], [2, 1]);
});

test("what is named with a key is found with the same key alone, also after a restart", async (t) => {
    const at = await begin(t), [one, two] = ["one", "two"].map((name) => ({ Authorization: `Bearer ${addKey(at.program, name)}` }));
    await until(async () => (await at.ask("api/forgets", {}, two)).status === 200, "the keys to be known");
    const number = (headers) => at.number("k", "increment_with_queue", headers);
    assert.deepEqual([await number(one), await number(one), await number(two)], [1, 2, 1]);
    await at.restart("SIGKILL");
    assert.deepEqual([await number({}), await number(two), await number(one)], [1, 2, 3]);
});

test("a new build finds what the one before has told, and a call that goes on there is told that its session is elsewhere now", async (t) => {
    const at = await begin(t), session = { "Easel-Session": "s" };
    /** On a connection of its own: one that was open is the old worker's. */
    const newly = (method, path, body = "") => new Promise((done, fail) => {
        const asked = request(at.program.url + path, { method, agent: false, headers: session }, (answer) => answer.toArray().then((all) => done(Buffer.concat(all).toString()), fail));
        asked.on("error", fail).end(body);
    });
    /** When the worker that answers began, in seconds: at the earliest, and at the latest. */
    const began = async () => {
        const before = Date.now() / 1000, uptime = Number(/^easel_uptime_seconds (\S+)$/m.exec(await newly("GET", "metrics"))[1]);
        return [before - uptime, Date.now() / 1000 - uptime];
    };
    assert.equal((await at.ask("api/say", { word: "a", seconds: 0 }, session)).body.all, "a");
    const behind = events(await fetch(`${at.program.url}api/say`, { method: "POST", headers: { ...session, Accept: "text/event-stream" }, body: JSON.stringify({ word: "b", seconds: 2 }) }));
    await until(async () => (await behind.next()).value[0] === "append", "a call to run");
    const [, old] = await began();
    at.program.child.kill("SIGHUP");
    await until(async () => (await began())[0] > old, "the new worker");
    assert.equal(JSON.parse(await newly("POST", "api/say", JSON.stringify({ word: "c", seconds: 0 }))).all, "a c");
    let last;
    for await (const event of behind) last = event;
    assert.deepEqual([last[0], last[1].status], ["failed", 503], JSON.stringify(last));
    assert.match(last[1].title, /Another process has its session|The program ends/);      // the latter when it took more than the old worker's two seconds
    assert.equal(JSON.parse(await newly("POST", "api/say", JSON.stringify({ word: "d", seconds: 0 }))).all, "a c d");
});
