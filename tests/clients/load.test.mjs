// load.test.mjs: a crowd of jobs and of clients that listen; tests/soak/queue.mjs is the crowd, and its measure at full size stands in docs/functions.md.
// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { crowd } from "../soak/queue.mjs";

test("a thousand jobs and a hundred streams: memory is bounded, times come true, each hears of its end", async () => {
    const out = await crowd({ jobs: 1000, streams: 100 });
    assert.ok(out.bytesOfJob < 6000, JSON.stringify(out));
    assert.ok(out.bytesWithStreams - out.bytesEmpty < 20 << 20, JSON.stringify(out));
    assert.ok(out.etas > 100 && out.etaOff < 1, JSON.stringify(out));         // of a machine that may be busy
    assert.ok(out.told < 250, "nobody is told of everything that happens");
});
