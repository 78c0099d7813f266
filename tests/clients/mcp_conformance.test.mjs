// mcp_conformance.test.mjs: the conformance tools of the Model Context Protocol against a program that has what they ask for (tests/programs/conformance.c), in the present revision and the one before.
// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Program, repository } from "../program.mjs";

const own = join(repository, "tests/clients/older_node.mjs"), tools = join(repository, "tests/node_modules/@modelcontextprotocol/conformance/dist/index.js");

const asks = "a function has all its inputs before it begins, and asks its caller for nothing while it runs";
const watch = "what stands at an address is made when it is read, so nobody knows when it changes";

/** Scenarios that C functions have no use for, and checks of scenarios, by revision. One that passes all the same is a mistake in this table, and the tools say so. */
const others = {
    "2025-11-25": {
        "tools-call-sampling": asks, "tools-call-elicitation": asks, "elicitation-sep1034-defaults": asks, "elicitation-sep1330-enums": asks,
        "resources-subscribe": watch, "resources-unsubscribe": watch,
    },
    "2026-07-28": {
        "server-stateless:sep-2575-server-rejects-undeclared-capability": asks, "server-stateless:sep-2575-missing-capability-http-400": asks,
        "input-required-result-basic-elicitation": asks, "input-required-result-basic-sampling": asks, "input-required-result-basic-list-roots": asks, "input-required-result-request-state": asks,
        "input-required-result-multiple-input-requests": asks, "input-required-result-multi-round": asks, "input-required-result-non-tool-request": asks, "input-required-result-result-type": asks,
        "input-required-result-tampered-state": asks, "input-required-result-capability-check": asks, "input-required-result-missing-input-response": asks, "input-required-result-ignore-extra-params": asks,
    },
};
/** Not required by a revision, and passed. Of what is not required either, tasks, schemas with $defs and headers made of inputs are not there. */
const beyond = { "2025-11-25": ["server-session-lifecycle", "server-sse-polling"], "2026-07-28": ["http-header-validation"] };

let program, folder;
before(async () => {
    folder = mkdtempSync(join(tmpdir(), "easel-conformance-"));
    program = await new Program("tests/programs/conformance", []).begin();
});
after(async () => {
    await program.stop();
    rmSync(folder, { recursive: true, force: true });
});

function conform(revision) {
    const expected = join(folder, `${revision}.yml`);
    writeFileSync(expected, `server:\n${Object.keys(others[revision]).map((name) => `  - ${name}\n`).join("")}`);
    const words = ["--import", own, tools, "server", "--url", `${program.url}mcp`, "--requirements", revision, "--expected-failures", expected];
    return new Promise((done) => execFile(process.execPath, words, { cwd: folder, timeout: 120_000, maxBuffer: 64 << 20 }, (error, out, more) => done({ failed: Boolean(error), out: out + more })));
}

for (const revision of Object.keys(others))
    test(`what revision ${revision} requires passes, but for what functions have no use for`, async () => {
        const { failed, out } = await conform(revision);
        const summary = out.slice(out.indexOf("=== SUMMARY ==="));
        assert.ok(!failed, summary);
        const passed = [...summary.matchAll(/^✓ (\S+): (\d+) passed, 0 failed/gm)].map(([, name]) => name);
        for (const name of beyond[revision]) assert.ok(passed.includes(name), `${name}\n${summary}`);
        assert.ok(passed.length >= 22, summary);
    });
