// storm.test.mjs: fifty deaths of `make storm`. What is acknowledged is neither lost nor doubled.
// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

test("fifty processes die under visitors who click, type, ask and call functions: nothing is lost or doubled", { timeout: 240_000 }, async (t) => {
    const storm = spawn(process.execPath, [fileURLToPath(new URL("storm.mjs", import.meta.url)), "--kills", "50", "--visitors", "200", "--pause", "400", "--opening", "10"], { stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    for (const out of [storm.stdout, storm.stderr]) out.on("data", (some) => (said += some));
    t.after(() => storm.kill());
    const status = await new Promise((done) => storm.once("close", done));
    t.diagnostic(said);
    assert.equal(status, 0, said);
    assert.match(said, /^lost {11}0$/m);
});
