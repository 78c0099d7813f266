// share.test.mjs: `easel share`: what it prints leads to the program, only with the password, and only for a while.
// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import jsqr from "jsqr";
import { build, until } from "../program.mjs";

const easel = join(build, "easel"), hello = join(build, "examples/hello");
const folder = mkdtempSync(join(tmpdir(), "easel-share-"));
const running = new Set();
after(async () => {
    await Promise.all([...running].map((s) => s.stop()));
    rmSync(folder, { recursive: true, force: true });
});

/** `easel share` of a program in a data folder of its own. */
class Share {
    out = "";
    err = "";

    constructor(words, env = {}) {
        this.child = spawn(easel, ["share", hello, "--port", "0", "--data", mkdtempSync(join(folder, "data-")), ...words], { stdio: ["ignore", "pipe", "pipe"], cwd: folder, env: { ...process.env, EASEL_PASSWORD: "", ...env } });
        this.gone = once(this.child, "close");
        this.child.stdout.on("data", (d) => (this.out += d));
        this.child.stderr.on("data", (d) => (this.err += d));
        running.add(this);
    }

    /** What it prints of itself, when it is there. */
    async link() {
        await until(() => /^Link +\S+$/m.test(this.out) && /^Ends /m.test(this.out) || this.child.exitCode !== null, () => `a link; it says: ${this.out}${this.err}`);
        const said = (word) => new RegExp(`^${word} +(.*)$`, "m").exec(this.out)?.[1];
        assert.ok(said("Link"), this.err);
        return { link: said("Link"), password: said("Password"), ends: said("Ends") };
    }

    /** All that it started and those started, with it. */
    processes() {
        const parents = new Map(), all = [this.child.pid];
        for (const pid of readdirSync("/proc").filter((n) => /^\d+$/.test(n))) {
            try {
                parents.set(Number(pid), Number(readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").pop().split(" ")[1]));
            } catch {
                // Ended while we looked.
            }
        }
        for (const pid of all) for (const [child, parent] of parents) if (parent === pid) all.push(child);
        return all;
    }

    async stop(signal = "SIGTERM") {
        running.delete(this);
        if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill(signal);
        return (await this.gone)[0];
    }
}

/** A request to the port of an address, under whatever name. Redirects are not followed. */
async function ask(url, headers = {}) {
    const asked = request(url, { headers, agent: false });
    asked.end();
    const [answer] = await once(asked, "response");
    let text = "";
    for await (const piece of answer.setEncoding("utf8")) text += piece;
    return { status: answer.statusCode, headers: answer.headers, text };
}

/** Follows a link as a browser does, and gives the page when its first run is over. */
async function follow(link, host) {
    const first = await ask(link, host ? { Host: host } : {});
    assert.equal(first.status, 303, first.text);
    const headers = { Cookie: first.headers["set-cookie"][0].split(";")[0], ...(host ? { Host: host } : {}) };
    return until(async () => {
        const page = await ask(new URL(first.headers.location, link), headers);
        return !/<html[^>]* data-state="busy"/.test(page.text) && page;
    }, "the page");
}

const listens = (port) => new Promise((done) => {
    const line = connect(port, "127.0.0.1", () => (line.destroy(), done(true)));
    line.on("error", () => done(false));
});
function ended(pid) {
    try {
        return /^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
    } catch {
        return true;
    }
}

/** What a camera reads in blocks of text. */
function scan(text) {
    const rows = text.split("\n").filter((line) => /^[ ▀▄█]{20,}$/.test(line)), size = 4;
    const light = rows.flatMap((row) => [[...row].map((c) => c === "█" || c === "▀"), [...row].map((c) => c === "█" || c === "▄")]);
    const width = light[0].length * size, height = light.length * size, pixels = new Uint8ClampedArray(width * height * 4);
    for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++) pixels.fill(light[Math.floor(y / size)][Math.floor(x / size)] ? 255 : 0, (y * width + x) * 4, (y * width + x) * 4 + 3), (pixels[(y * width + x) * 4 + 3] = 255);
    return (jsqr.default ?? jsqr)(pixels, width, height)?.data;
}

test("the link that is printed, and scanned, leads to the page, and without it there is none", async () => {
    const share = new Share(["--address", "127.0.0.1"]), { link, password, ends } = await share.link(), { port } = new URL(link);
    assert.match(link, /^http:\/\/127\.0\.0\.1:\d+\/login\?t=([a-kmnp-z2-9]{4}-){3}[a-kmnp-z2-9]{4}$/);
    assert.equal(link.split("?t=")[1], password);
    assert.match(ends, /^\d{4}-\d\d-\d\d \d\d:\d\d \S+, or with Ctrl-C$/);
    await until(() => /█\n\n$/.test(share.out) || /▀\n\n$/.test(share.out), "the whole code");
    assert.equal(scan(share.out), link);
    assert.equal((await ask(new URL("/", link))).status, 401);
    assert.match((await follow(link)).text, /Compound interest/);
    for (const pid of share.processes()) assert.equal(readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(password), false, "nobody who lists the processes sees the password");
    assert.equal(share.err.includes(password), false);
    const second = new Share(["--address", "127.0.0.1"]);
    assert.notEqual((await second.link()).password, password);
    await second.stop();
    assert.equal(await share.stop("SIGINT"), 0);
    await until(async () => !(await listens(port)), "the program to be gone");
});

test("it ends when its time is over", async () => {
    const share = new Share(["--address", "127.0.0.1", "--for=1s"]);
    await until(() => share.child.exitCode !== null, "its end");
    assert.equal(share.child.exitCode, 0);
    assert.match(share.out, /^The time is over\.$/m);
    await share.stop();
});

test("the program ends with it, however that ends", async () => {
    const share = new Share(["--tunnel", "echo https://one.example.net; sleep 300 | sleep 300", "--public-url", "http://127.0.0.1"]);
    await share.link();
    const port = await until(() => share.processes().map(portOf).find(Boolean), "the port"), pids = await until(() => share.processes().length >= 8 && share.processes(), "all of them");
    await share.stop("SIGKILL");
    await until(() => pids.every(ended), "the end of all");
    assert.equal(await listens(port), false);
});

test("on all addresses the link names one that others reach, and one more line for each other", async () => {
    const share = new Share([], { EASEL_ADDRESS: "" });
    await until(() => /^Link /m.test(share.out) || share.child.exitCode !== null, "a link, or that there is none");
    if (share.child.exitCode !== null) {
        assert.match(share.err, /this machine has no address that others can reach/);
        return;
    }
    const { link } = await share.link();
    assert.doesNotMatch(link, /127\.0\.0\.|0\.0\.0\.0|localhost/);
    assert.match(share.out, /Without https, whoever can listen/);
    assert.match((await follow(link)).text, /Compound interest/);
    for (const [, other] of share.out.matchAll(/^Also at +(\S+)$/gm)) assert.match((await follow(other)).text, /Compound interest/);
    await share.stop();
});

test("a tunnel is started to the port, its address is found among others, and it ends with the rest", async () => {
    const told = join(folder, "told");
    writeFileSync(join(folder, "tunnel.sh"), `echo "$$ $1" > '${told}'
echo "Welcome! See https://docs.example.org/tunnels/ and [https://social.example.org/us], or go to https://admin.example.org/ for more." >&2
printf '|  https://one-two.tunn'; sleep 0.2; echo 'els.example.net  |'
echo "https://later.example.net"
exec sleep 300\n`);
    const share = new Share(["--tunnel", `sh ${join(folder, "tunnel.sh")} {port}`]), { link, password } = await share.link();
    assert.equal(link, `https://one-two.tunnels.example.net/login?t=${password}`);
    const [pid, port] = readFileSync(told, "utf8").trim().split(" ");
    assert.match((await follow(`http://127.0.0.1:${port}/login?t=${password}`, "one-two.tunnels.example.net")).text, /Compound interest/);
    assert.equal(await share.stop(), 0);
    await until(() => ended(pid), "the end of the tunnel");
});

test("an address with only a slash behind it is taken when no better one comes", async () => {
    const share = new Share(["--tunnel", "echo Available at https://machine.example.net/ now; exec sleep 300"]);
    assert.match((await share.link()).link, /^https:\/\/machine\.example\.net\/login\?t=/);
    await share.stop();
});

test("a tunnel that ends ends the share, with what it said", async () => {
    const share = new Share(["--tunnel", "echo no route to {port}; exit 3"]);
    await until(() => share.child.exitCode !== null, "its end");
    assert.equal(share.child.exitCode, 1);
    assert.match(share.err, /^no route to \d+$/m);
    assert.match(share.err, /the tunnel has ended/);
    assert.equal(share.out, "");
    await share.stop();
});

test("behind a proxy the link is the address that it is told, and other names are refused", async () => {
    const probe = new Share(["--public-url", "https://demo.example.org/app", "--base-path", "/app"]), { link, password } = await probe.link();
    assert.equal(link, `https://demo.example.org/app/login?t=${password}`);
    const port = await until(() => probe.processes().map(portOf).find(Boolean), "the port");
    const local = (path, host) => ask(`http://127.0.0.1:${port}${path}`, { Host: host });
    assert.equal((await local(`/app/login?t=${password}`, "demo.example.org")).status, 303);
    assert.equal((await local(`/app/login?t=${password}`, "evil.example.org")).status, 421);
    await probe.stop();
});

/** The port on which a process listens on 127.0.0.1; 0. */
function portOf(pid) {
    try {
        const sockets = new Set(readdirSync(`/proc/${pid}/fd`).map((fd) => {
            try {
                return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1];
            } catch {
                return undefined;
            }
        }));
        for (const line of readFileSync(`/proc/${pid}/net/tcp`, "utf8").split("\n").slice(1)) {
            const at = line.trim().split(/\s+/);
            if (at[3] === "0A" && at[1].startsWith("0100007F:") && sockets.has(at[9])) return parseInt(at[1].slice(9), 16);
        }
    } catch {
        // Ended while we looked.
    }
    return 0;
}

test("a password of one's own is in no link, and is asked for", async () => {
    for (const [words, env] of [[["--password", "my own words"], {}], [[], { EASEL_PASSWORD: "my own words" }]]) {
        const share = new Share(["--address", "127.0.0.1", ...words], env), { link, password } = await share.link();
        assert.match(link, /^http:\/\/127\.0\.0\.1:\d+\/$/);
        assert.equal(password, "the one that you chose");
        assert.equal((await ask(link)).status, 401);
        assert.match((await follow(`${link}login?t=my+own+words`)).text, /Compound interest/);
        await share.stop();
    }
});

test("what cannot be shared is refused with what to do", () => {
    const refused = (...words) => {
        const got = spawnSync(easel, ["share", ...words], { encoding: "utf8", cwd: folder, timeout: 60000, env: { ...process.env, EASEL_PASSWORD: "" } });
        return [got.status, got.stderr + got.stdout];
    };
    for (const [words, pattern] of [
        [[], /easel share examples\/hello\.c/], [["--for", "2h"], /name a page's C file/], [[hello, "--for", "long"], /--for needs a whole number/], [[hello, "--for"], /--for needs/], [[hello, "--tunnel="], /--tunnel needs a command/],
        [[hello, "--public-url", "example.org"], /--public-url needs the address/], [[hello, "--public-url", "https://a b/"], /--public-url needs/], [[hello, "--password", "short"], /--password: what was given is not allowed/],
        [[hello, "--prot", "1"], /did you mean --port\?/], [["no-such.c", "--address", "127.0.0.1"], /no-such\.c: No such file/],
    ]) {
        const [status, said] = refused(...words);
        assert.equal(status, 2, said);
        assert.match(said, pattern);
    }
    assert.match(refused("--help")[1], /Usage: easel share/);
    assert.equal(refused("--help")[0], 0);
});
