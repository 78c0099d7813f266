// mcp.test.mjs: functions as tools of the official JavaScript client @modelcontextprotocol/sdk.
// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { Program } from "../program.mjs";

let program, client;
before(async () => {
    program = await new Program("tests/programs/functions", []).begin();
    client = new Client({ name: "easel-tests", version: "1" });
    await client.connect(new StreamableHTTPClientTransport(new URL("mcp", program.url)));
});
after(async () => {
    await client.close();
    await program.stop();
});

// proves @modelcontextprotocol/sdk: tools; structured results
test("tools are listed and called", async () => {
    const { tools } = await client.listTools();
    assert.deepEqual(tools.map((t) => t.name), ["calculate", "repeat", "tell", "count", "crash", "day"]);
    const got = await client.callTool({ name: "calculate", arguments: { a: 6, b: 7, operation: "multiply" } });
    assert.deepEqual(got.structuredContent, { result: 42 });
    const wrong = await client.callTool({ name: "calculate", arguments: { a: 1 } });
    assert.ok(wrong.isError);
    assert.match(wrong.content[0].text, /operation is missing/);
    await assert.rejects(client.callTool({ name: "nothing" }), /there is no tool nothing/);
});

// proves @modelcontextprotocol/sdk: progress and position; cancel
test("progress is told, and a cancelled call makes room", async () => {
    const told = [];
    const got = await client.callTool({ name: "tell", arguments: { count: 3 } }, undefined, { onprogress: (p) => told.push(p.message) });
    assert.deepEqual(got.structuredContent, { text: "word1 word2 word3", words: 3 });
    assert.ok(told.includes("word 3"));
    const leave = new AbortController();
    const long = client.callTool({ name: "tell", arguments: { count: 1, until: join(program.data, "never") } }, undefined, { signal: leave.signal });
    setTimeout(() => leave.abort(), 200);
    await assert.rejects(long);
    assert.equal((await client.callTool({ name: "tell", arguments: { count: 1 } })).structuredContent.words, 1);
});
