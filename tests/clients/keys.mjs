// keys.mjs: keys of a program, made and revoked by `easel keys`.
// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from "node:child_process";
import assert from "node:assert/strict";
import { join } from "node:path";
import { build } from "../program.mjs";

function easel(...words) {
    const got = spawnSync(join(build, "easel"), ["keys", ...words], { encoding: "utf8", timeout: 60000 });
    assert.equal(got.status, 0, got.stderr);
    return got.stdout.trim();
}

/** The words of a new key. */
export const addKey = (program, name, ...more) => easel("add", "--data", program.data, "--name", name, ...more);
export const revokeKey = (program, name) => easel("revoke", name, "--data", program.data);
export const listKeys = (program) => easel("list", "--data", program.data);
