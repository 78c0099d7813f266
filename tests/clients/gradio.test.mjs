// gradio.test.mjs: functions as endpoints of the official JavaScript client @gradio/client.
// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Client } from "@gradio/client";
import { Program, start } from "../program.mjs";

let program, app;
before(async () => {
    program = await new Program("tests/programs/functions", []).begin();
    app = await Client.connect(program.url, { events: ["data", "status"] });
});
after(async () => {
    app.close();
    await program.stop();
});

// proves @gradio/client: predict; by name and by number
test("predict by position and by name", async () => {
    assert.deepEqual((await app.predict("/calculate", [6, 7, "multiply"])).data, [42]);
    assert.deepEqual((await app.predict("/calculate", { a: 6, b: 7, operation: "subtract" })).data, [-1]);
    assert.deepEqual((await app.predict("/calculate", { a: 6, operation: "add" })).data, [7]);
    assert.deepEqual((await app.predict("/repeat", [false, 9, 5, 0.25, "Ada", "é ☃"])).data, [false, 9, 5, 0.25, "Ada", "é ☃"]);
});

// proves @gradio/client: description
test("the api is described", async () => {
    const { named_endpoints } = await app.view_api();
    assert.deepEqual(Object.keys(named_endpoints), ["/calculate", "/repeat", "/tell", "/count", "/crash", "/day"]);
    assert.deepEqual(named_endpoints["/calculate"].parameters.map((p) => [p.parameter_name, p.parameter_has_default]), [["a", true], ["b", true], ["operation", false]]);
});

// proves @gradio/client: errors; wrong inputs
test("what is wrong is thrown", async () => {
    await assert.rejects(app.predict("/calculate", [1, 0, "divide"]), (e) => /1 cannot be divided by zero/.test(JSON.stringify(e) + e.message));
    await assert.rejects(app.predict("/calculate", ["six", 7, "add"]));
    assert.deepEqual((await app.predict("/calculate", [1, 2, "add"])).data, [3]);
});

// proves @gradio/client: streams
test("what a generator yields comes one after the other", async () => {
    const seen = [];
    let states = [];
    for await (const message of app.submit("/tell", [3, ""])) {
        if (message.type === "data") seen.push(message.data);
        if (message.type === "status") states.push(message.stage);
    }
    assert.deepEqual(seen.at(-1), ["word1 word2 word3", 3]);
    assert.ok(seen.every(([text]) => "word1 word2 word3".startsWith(text)), JSON.stringify(seen));
    assert.equal(states.at(-1), "complete");
});

// proves @gradio/client: log messages
test("lines that a function tells are log events", async (t) => {
    const other = await start("tests/programs/offers", [], t), app = await Client.connect(other.url, { events: ["data", "status", "log"] }), told = [];
    for await (const event of app.submit("/report", [2, ""])) if (event.type === "log") told.push([event.level, event.title, event.log]);
    app.close();
    assert.deepEqual(told, [["info", "Info", "“found” & more"], ["warning", "Warning", "one is old"], ["error", "Error", "one is broken"]]);
});

// proves @gradio/client: cancel
test("a job is cancelled and makes room", async () => {
    const job = app.submit("/tell", [1, join(program.data, "never")]);
    for await (const message of job) {
        if (message.type === "status" && message.position === 0) await job.cancel();       // it has its place in the queue, so it has a name
        if (message.type === "status" && message.stage !== "pending") break;
    }
    assert.deepEqual((await app.predict("/tell", [1, ""])).data, ["word1", 1]);
});
