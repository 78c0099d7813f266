// cli.test.mjs: the command `easel`, as people type it.
// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { createServer } from "node:net";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Program } from "../program.mjs";

const source = resolve(fileURLToPath(import.meta.url), "../../..");
const build = process.env.EASEL_BUILD || join(source, "build");
const program = join(build, "easel");

function easel(words, { env = {}, cwd = source } = {}) {
    const got = spawnSync(program, words, { cwd, env: { ...process.env, ...env }, encoding: "utf8", timeout: 60000 });
    return { status: got.status, out: got.stdout, err: got.stderr };
}

function folder(t) {
    const path = mkdtempSync(join(tmpdir(), "easel-cli-"));
    t.after(async () => {
        await Promise.all(children.splice(0).map(stop));      // or they would write into it while it is removed
        rmSync(path, { recursive: true, force: true });
    });
    return path;
}

const children = [];

const stop = (child) => new Promise((done) => (child.exitCode === null && child.signalCode === null ? (child.once("exit", done), child.kill("SIGTERM")) : done()));

/** Starts `easel run …` in a folder of the test and gives the address that it prints; the program ends with the test. */
async function served(words, cwd, [command, ...first] = [program, "run"]) {
    const child = spawn(command, [...first, ...words], { cwd, stdio: ["ignore", "pipe", "pipe"] });
    children.push(child);
    let out = "", err = "";
    child.stderr.on("data", (d) => (err += d));
    return await new Promise((done, fail) => {
        child.stdout.on("data", (d) => {
            out += d;
            const where = out.match(/^Easel is listening on (http:\/\/127\.0\.0\.1:\d+\/)\n/);
            if (where) done(where[1]);
        });
        child.once("exit", (code) => fail(new Error(`ended with ${code}: ${err}`)));
    });
}

/** The page when its first run is over; on a slow machine it is served before that. */
async function shown(url) {
    for (const end = Date.now() + 20_000; ;) {
        const html = await (await fetch(url)).text();
        if (!/<html[^>]* data-state="busy"/.test(html) || Date.now() > end) return html;
    }
}

const page = (body, more = "") => `#include <easel.h>\n${more}\nstatic void page(ez_ui *ui) { ${body} }\nint main(int argc, char **argv) { return ez_main(argc, argv, page); }\n`;

test("help lists the commands and an unknown one is refused", () => {
    for (const words of [["--help"], ["help"], ["-h"], []]) {
        const { status, out } = easel(words);
        assert.equal(status, 0);
        for (const command of ["easel run", "easel doctor", "easel options", "easel version"]) assert.ok(out.includes(command), out);
    }
    const wrong = easel(["serve"]);
    assert.equal(wrong.status, 2);
    assert.match(wrong.err, /no command "serve".*easel help/);
    assert.match(easel(["hello.c"]).err, /easel run hello\.c/);
});

test("the version is that of the build", () => {
    const wanted = readFileSync(join(source, "CMakeLists.txt"), "utf8").match(/project\(easel VERSION (\S+)/)[1];
    assert.equal(easel(["version"]).out, `easel ${wanted}\n`);
    assert.equal(easel(["--version"]).out, `easel ${wanted}\n`);
});

test("docs/options.md is what the table of options says", () => {
    const { status, out } = easel(["options", "--markdown"]);
    assert.equal(status, 0);
    assert.equal(readFileSync(join(source, "docs/options.md"), "utf8"), out, "write it anew with: build/easel options --markdown > docs/options.md");
    assert.match(easel(["options"]).out, /--session-ttl TIME/);
});

test("the doctor says of each thing whether it is there", () => {
    const { status, out } = easel(["doctor", "--port", "0"]);
    assert.equal(status, 0, out);
    for (const thing of ["easel", "library", "C compiler", "tcc", "browser part", "llama.cpp", "model", "data folder", "port", "open files"])
        assert.match(out, new RegExp(`^(ok |-- ) ${thing} +\\S`, "m"));
});

test("the doctor finds a taken port, a missing compiler and a data folder that is none", async (t) => {
    const taken = createServer().listen(0, "127.0.0.1");
    t.after(() => taken.close());
    await new Promise((done) => taken.once("listening", done));
    const busy = easel(["doctor", "--port", String(taken.address().port)]);
    assert.equal(busy.status, 1);
    assert.match(busy.out, /^no +port .*\n +-> .*--port 0/m);
    const bare = easel(["doctor", "--port", "0"], { env: { CC: "no-such-compiler" } });
    assert.equal(bare.status, 1);
    assert.match(bare.out, /^no +C compiler +no-such-compiler is not installed.*\n +-> apt-get install gcc/m);
    const file = join(folder(t), "file");
    writeFileSync(file, "");
    const data = easel(["doctor", "--port", "0", "--data", join(file, "data")]);
    assert.equal(data.status, 1);
    assert.match(data.out, /^no +data folder .*file is no folder/m);
});

test("the doctor tells a model from another file, and lives without one", (t) => {
    const path = join(folder(t), "model.gguf");
    writeFileSync(path, "not a model");
    const { status, out } = easel(["doctor", "--port", "0", "--model", path]);
    assert.equal(status, 0);
    assert.match(out, /^-- +model +.*model\.gguf is no GGUF file\n +-> make model/m);
    assert.match(easel(["doctor", "--port", "0", "--model", "no-such.gguf"]).out, /^-- +model +.*no-such\.gguf/m);
});

test("a wrong option of the doctor is refused as a program refuses it", () => {
    const { status, err } = easel(["doctor", "--prot", "1"]);
    assert.equal(status, 2);
    assert.match(err, /did you mean --port\?/);
});

test("run serves a page from its C file", async (t) => {
    const cwd = folder(t);
    writeFileSync(join(cwd, "mine.c"), page('ez_title(ui, "Mine"); ez_text(ui, ez_setting(ui, "word", "none"));'));
    const url = await served(["mine.c", "--port", "0", "--set", "word=told"], cwd);
    const html = await shown(url);
    assert.match(html, /<h1[^>]*>.*Mine/);
    assert.match(html, /told/);
});

test("run serves a file whose name is neither a word nor text, with settings that are neither", async (t) => {
    const cwd = folder(t), name = Buffer.concat([Buffer.from('a "b <i>%n$(touch x) \n'), Buffer.from([0xff]), Buffer.from(".c")]);
    writeFileSync(Buffer.concat([Buffer.from(`${cwd}/`), name]), page('ez_title(ui, "Mine"); ez_slider(ui, "Wrong", 5, 1); ez_text(ui, ez_setting(ui, "word", "none"));'));
    const url = await served([`exec '${program}' run a*.c --port 0 --set "$(printf 'word=\\377<i>\\033\\302')"`], cwd, ["sh", "-c"]);
    const html = await shown(url);
    assert.match(html, /<h1[^>]*>.*Mine/);
    assert.match(html, /a &quot;b &lt;i&gt;%n\$\(touch x\)\s+\ufffd\.c:\d/, "the mistake names the file");
    assert.match(html, /\ufffd&lt;i&gt;\s?.?\ufffd</, "the setting is shown as text");
    assert.ok(!existsSync(join(cwd, "x")));
});

test("run serves what tcc does not know", async (t) => {
    const cwd = folder(t);
    writeFileSync(join(cwd, "mine.c"), page('ez_title(ui, "Mine"); seen++;', "#include <stdatomic.h>\nstatic _Atomic int seen;"));
    assert.match(await shown(await served(["mine.c", "--port", "0"], cwd)), /Mine/);
});

test("run starts a program that is already compiled", async (t) => {
    const cwd = folder(t);
    assert.match(await shown(await served([join(build, "examples/hello"), "--port", "0"], cwd)), /Compound interest/);
});

test("run names the line of a mistake and serves nothing", (t) => {
    const cwd = folder(t);
    writeFileSync(join(cwd, "mine.c"), page("\n\nez_tilte(ui, 1 +);"));
    const { status, err, out } = easel(["run", "mine.c", "--port", "0"], { cwd });
    assert.equal(status, 1);
    assert.match(err, /mine\.c:5:\d+: error/);
    assert.match(err, /does not compile, so nothing is served/);
    assert.equal(out, "");
});

test("run refuses what it cannot run, and says what to do", (t) => {
    const cwd = folder(t);
    writeFileSync(join(cwd, "notes.txt"), "");
    assert.match(easel(["run"]).err, /easel run examples\/hello\.c/);
    assert.match(easel(["run", "no-such.c"]).err, /no-such\.c: No such file/);
    assert.match(easel(["run", "notes.txt"], { cwd }).err, /neither a C or C\+\+ file nor a program/);
    assert.match(easel(["run", cwd]).err, /is a folder/);
    for (const words of [["run"], ["run", "no-such.c"]]) assert.equal(easel(words).status, 2);
});

test("run passes a wrong option on to the program, which refuses it", (t) => {
    const cwd = folder(t);
    writeFileSync(join(cwd, "mine.c"), page('ez_title(ui, "Mine");'));
    const { status, err } = easel(["run", "mine.c", "--port", "many"], { cwd });
    assert.equal(status, 2);
    assert.match(err, /--port: "many" is not allowed \(set by the flag --port\); allowed: a whole number from 0 to 65535/);
});

test("the address that a program prints works on this machine, whatever it listens on, with a worker and without", async () => {
    for (const [address, host] of [["127.0.0.1", "127.0.0.1"], ["0.0.0.0", "127.0.0.1"], ["::1", "[::1]"], ["::", "127.0.0.1"]])
        for (const workers of ["0", "1"]) {
            const hello = await new Program("examples/hello", ["--address", address, "--workers", workers]).begin();
            try {
                assert.equal(new URL(hello.url).hostname, host);
                assert.equal((await fetch(hello.url)).status, 200, `${address}, ${workers} workers`);
            } finally {
                await hello.stop();
            }
        }
});

test("keys are shown once, listed without their words, and revoked, also by many commands at once", async (t) => {
    const data = join(folder(t), "new", "data"), keys = (...words) => easel(["keys", ...words, "--data", data]);
    const made = await Promise.all([...Array(8).keys()].map((i) => new Promise((done) => {
        let out = "";
        const child = spawn(program, ["keys", "add", "--name", `key${i}`, "--functions", "greet,sum_2", "--rate", "10/m", "--expires", "30d", "--data", data], { stdio: ["ignore", "pipe", "ignore"] });
        child.stdout.on("data", (d) => (out += d)).on("end", () => done(out));
    })));
    for (const words of made) assert.match(words, /^ez_[\w-]{43}\n$/);
    assert.equal(new Set(made).size, 8);
    const listed = keys("list");
    assert.equal(listed.out.match(/^key\d .* 10\/m +greet,sum_2$/gm).length, 8);
    for (const words of made) assert.equal((listed.out + readFileSync(join(data, "keys"), "utf8")).includes(words.slice(3, 20)), false);
    assert.equal(statSync(join(data, "keys")).mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(data), ["keys"]);
    assert.equal(keys("revoke", "key3").status, 0);
    assert.equal(keys("list").out.includes("key3"), false);
    assert.match(keys("add", "--name", "model", "--models").out, /^ez_/);
    assert.match(keys("list").out, /^model .* never .* the model$/m);
});

test("keys that cannot be made say why, and nothing is lost", (t) => {
    const data = folder(t), keys = (...words) => easel(["keys", ...words, "--data", data]);
    assert.equal(keys("add", "--name", "one").status, 0);
    for (const [words, status, pattern] of [
        [["add", "--name", "one"], 1, /there is a key one already/], [["add"], 2, /say --name NAME/], [["add", "--name", "a b"], 2, /--name needs/], [["add", "--name", "b", "--rate", "10"], 2, /--rate needs/],
        [["add", "--name", "b", "--functions", "greet,"], 2, /--functions needs/], [["add", "--name", "b", "--expires", "0d"], 2, /--expires needs/], [["revoke", "two"], 1, /there is no key two/], [["revoke"], 2, /say which key/],
        [["list", "--rate", "1/s"], 2, /"--rate" is not understood/], [["list", "one"], 2, /all keys are listed/], [["burn"], 2, /there are add, list and revoke/],
    ]) {
        const got = keys(...words);
        assert.deepEqual([got.status, got.out], [status, ""], words.join(" "));
        assert.match(got.err, pattern);
    }
    assert.match(easel(["keys", "list"], { env: { EASEL_DATA: "" } }).err, /say --data DIR/);
    assert.match(easel(["keys", "list"], { env: { EASEL_DATA: data } }).out, /^one /m);
    writeFileSync(join(data, "keys"), `${readFileSync(join(data, "keys"), "utf8")}half of a li`);
    assert.match(keys("add", "--name", "two").err, /line 2 is no key/);
    assert.match(readFileSync(join(data, "keys"), "utf8"), /"one".*\nhalf of a li$/);
});
