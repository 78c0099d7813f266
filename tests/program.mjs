// program.mjs: a built program with a data folder of its own: started, killed in part, listened to, stopped.
// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const repository = resolve(fileURLToPath(import.meta.url), "../..");
export const build = process.env.EASEL_BUILD ?? join(repository, "build");

/** Where llama.cpp and the model are, for a build folder that has no models/ of its own. */
const environment = { ...process.env };
for (const [name, folder] of [["EASEL_MODELS", "models"], ["EASEL_LLAMA", "llama"]])
    if (!environment[name] && !existsSync(join(build, folder)) && existsSync(join(repository, ".cache", folder))) environment[name] = join(repository, ".cache", folder);
export const modelFile = join(environment.EASEL_MODELS ?? join(build, "models"), "SmolLM2-135M-Instruct.Q4_1.gguf");

/** Looks until something is there; says what it waited for (words, or a function that finds them) when it never comes. */
export async function until(look, what, limit = 20_000) {
    const end = Date.now() + limit;
    for (;;) {
        const found = await look();
        if (found) return found;
        if (Date.now() > end) throw new Error(`waited ${limit} ms for ${typeof what === "function" ? what() : what}`);
        await new Promise((done) => setTimeout(done, 20));
    }
}

export const running = new Set();

/** A built program with a data folder of its own. */
export class Program {
    #gone;
    log = "";
    contexts = new Set();

    constructor(name, args, { memory, env, words = [], cwd, patience = 15_000 } = {}) {
        this.patience = patience;
        this.name = name;
        this.args = args;
        this.memory = memory;
        this.words = words;
        this.cwd = cwd;
        this.env = env;
        this.data = mkdtempSync(join(tmpdir(), "easel-app-"));
    }

    async begin() {
        let out = "";
        let command = [join(build, this.name), ...this.words, "--port", String(this.port ?? 0), "--data", this.data, ...this.args];
        if (this.memory) command = ["sh", "-c", `ulimit -v ${this.memory}; exec "$@"`, "sh", ...command];
        this.child = spawn(command[0], command.slice(1), { stdio: ["ignore", "pipe", "pipe"], env: { ...environment, ...this.env }, cwd: this.cwd });
        running.add(this);
        this.#gone = new Promise((done) => this.child.once("close", done));
        this.child.stderr.on("data", (d) => (this.log += d));
        this.url = await new Promise((done, fail) => {
            const late = setTimeout(() => fail(new Error(`${this.name} does not listen: ${this.log}`)), this.patience);
            const failed = (why) => (clearTimeout(late), fail(why));
            this.child.once("error", failed);
            this.child.once("close", () => failed(new Error(`${this.name} ended: ${this.log}`)));
            this.child.stdout.on("data", (d) => {
                const line = /^Easel is listening on (http:\S+)\n/.exec((out += d));
                if (line) clearTimeout(late), done(line[1]);
            });
        });
        this.port = new URL(this.url).port;
        return this;
    }

    /** Pid of the child that plays a role: "worker" or "engine". 0 while there is none. */
    pid(role) {
        for (const pid of readdirSync("/proc").filter((n) => /^\d+$/.test(n))) {
            try {
                const parent = Number(readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").pop().split(" ")[1]);
                if (parent === this.child.pid && readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").some((v) => v.startsWith(`EASEL_ROLE=${role} `))) return Number(pid);
            } catch {
                // Ended while we looked.
            }
        }
        return 0;
    }

    /** kill -9, and what runs in its place. */
    async kill(role) {
        const was = this.pid(role);
        assert.ok(was, `${this.name} has no ${role}`);
        process.kill(was, "SIGKILL");
        return until(() => this.pid(role) !== was && this.pid(role), `another ${role}`);
    }

    /** A line of the log. */
    said(pattern) {
        return until(() => pattern.exec(this.log), `${pattern} in the log, which says: ${this.log}`);
    }

    async stop() {
        // First the visitors: a page whose server is gone has something to complain about.
        await Promise.all([...this.contexts].map((c) => c.close()));
        if (this.child?.exitCode === null && this.child.signalCode === null) {
            this.child.kill("SIGTERM");
            const late = setTimeout(() => this.child.kill("SIGKILL"), 8000);
            await this.#gone;
            clearTimeout(late);
        }
        running.delete(this);
        rmSync(this.data, { recursive: true, force: true });
    }
}

/** Starts build/<name>. It is stopped at the end of the file, or with `t` at the end of that test. `memory`: address space in kB; `env`: more
 * variables; `words`: what comes before the options; `cwd`: the working folder; `patience`: ms until it listens. */
export async function start(name, args = [], t = undefined, options = {}) {
    const program = new Program(name, args, options);
    t?.after(() => program.stop());
    return program.begin();
}

process.on("exit", () => {
    for (const p of running) {
        p.child?.kill("SIGKILL");
        rmSync(p.data, { recursive: true, force: true });
    }
});
