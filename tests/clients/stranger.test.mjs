// stranger.test.mjs: what somebody who is no page of ours may send over the network: names, origins, paths, cookies, forged hellos, noise.
// SPDX-License-Identifier: Apache-2.0
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import WebSocket from "ws";

const build = process.env.EASEL_BUILD ?? new URL("../../build", import.meta.url).pathname;
const LONG = 20_000;
const folders = [], children = [];

async function start(name, ...args) {
    const data = mkdtempSync(join(tmpdir(), "easel-stranger-"));
    folders.push(data);
    const child = spawn(`${build}/${name}`, ["--port", "0", "--data", data, ...args], { stdio: ["ignore", "pipe", "pipe"] });
    const program = { child, log: "", data };
    children.push(child);
    child.stderr.on("data", (d) => (program.log += d));
    const [line] = await once(child.stdout, "data");
    program.url = /http:\S+/.exec(String(line))[0];
    program.port = Number(new URL(program.url).port);
    return program;
}

async function stop(child) {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill("SIGTERM");
    await gone;
}

let program;
before(async () => (program = await start("examples/echo")));
after(async () => {
    await Promise.all(children.map(stop));
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** Bytes to the server and all that comes back until it hangs up or has answered. */
function raw(port, bytes) {
    return new Promise((done) => {
        let heard = "";
        const socket = net.connect(port, "127.0.0.1", () => socket.write(bytes));
        socket.setTimeout(LONG, () => socket.destroy());
        socket.on("data", (d) => (heard += d.toString("latin1")));
        socket.on("error", () => {});
        socket.on("close", () => done({ status: Number(/^HTTP\/1\.1 (\d+)/.exec(heard)?.[1] ?? 0), heard }));
    });
}

const ask = (target, headers = {}, { method = "GET", body = "", to = program } = {}) =>
    raw(to.port, `${method} ${target} HTTP/1.1\r\n${Object.entries({ Host: `127.0.0.1:${to.port}`, Connection: "close", "Content-Length": body.length, ...headers }).filter(([, v]) => v !== null).flatMap(([k, v]) => [v].flat().map((one) => `${k}: ${one}\r\n`)).join("")}\r\n${body}`);

const cookieOf = (heard) => /^Set-Cookie: ([^;]+)/im.exec(heard)?.[1];

/** A visitor: the page is asked for, and what it says of itself is read. */
async function visit(cookie) {
    const { heard, status } = await ask("/", cookie ? { Cookie: cookie } : {});
    assert.equal(status, 200);
    return { boot: JSON.parse(/id="ez-boot">([^<]*)</.exec(heard)[1]), cookie: cookieOf(heard) ?? cookie, fresh: cookieOf(heard) !== undefined, heard };
}

async function connect(cookie, headers = {}) {
    const socket = new WebSocket(`${program.url.replace("http", "ws")}_easel/ws`, { headers: { ...(cookie ? { cookie } : {}), ...headers } });
    const line = { socket, heard: [], code: 0 };
    socket.on("message", (m) => line.heard.push(JSON.parse(String(m))));
    socket.on("close", (code) => (line.code = code));
    socket.on("error", () => {});
    await Promise.race([once(socket, "open"), once(socket, "close")]);
    return line;
}

async function until(look, what) {
    for (const end = Date.now() + LONG; ;) {
        const found = await look();
        if (found) return found;
        if (Date.now() > end) assert.fail(`waited for ${what}`);
        await new Promise((done) => setTimeout(done, 10));
    }
}

const hello = (boot, more = {}) => JSON.stringify({ t: "hello", view: boot.view, session: boot.session, epoch: boot.epoch, frame: boot.frame, build: boot.build, path: "/", n: 0, ...more });
const hi = (line) => until(() => line.heard.find((m) => m.hi)?.hi, "hi");

async function person(cookie) {
    const page = await visit(cookie), line = await connect(page.cookie);
    line.socket.send(hello(page.boot));
    return { ...page, line, session: (await hi(line)).session };
}

// ---- names --------------------------------------------------------------------------------------------------------------------

test("a program on loopback answers to no foreign name, and says how to allow one", async () => {
    for (const host of ["evil.org", `evil.org:${program.port}`, "localhost.evil.org", "", "127.0.0.1.evil.org", "evil.org\\@127.0.0.1", "%31%32%37.0.0.1"]) {
        const { status, heard } = await ask("/", { Host: host });
        assert.ok(status === 421 || status === 400, `${host}: ${status}`);
        assert.ok(!heard.includes("ez-boot"));
    }
    assert.match((await ask("/", { Host: "demo.example.org" })).heard, /--allowed-hosts demo\.example\.org/);
    for (const host of ["localhost", `LOCALHOST:${program.port}`, "127.0.0.1", "[::1]", "10.1.2.3:80"]) assert.equal((await ask("/", { Host: host })).status, 200, host);
    assert.equal((await ask("/", { Host: ["127.0.0.1", "evil.org"] })).status, 400);
    assert.equal((await ask("http://evil.org/", { Host: "127.0.0.1" })).status, 200, "the name in the target counts for nothing");
    assert.equal((program.log.match(/does not answer to that name/g) ?? []).length, 1, "one line for all of them");
});

test("--allowed-hosts names more", async () => {
    const other = await start("examples/hello", "--allowed-hosts", "demo.example.org,*.example.net");
    assert.equal((await ask("/", { Host: "demo.example.org" }, { to: other })).status, 200);
    assert.equal((await ask("/", { Host: "a.example.net:8080" }, { to: other })).status, 200);
    assert.equal((await ask("/", { Host: "example.net" }, { to: other })).status, 421);
    assert.equal((await ask("/", { Host: "evil.org" }, { to: other })).status, 421);
    await stop(other.child);
});

// ---- other sites ---------------------------------------------------------------------------------------------------------------

const foreign = () => [
    { Origin: "https://evil.org" }, { Origin: "null" }, { Origin: `http://127.0.0.1:${program.port + 1}` }, { Origin: "http://127.0.0.1" }, { Origin: `http://127.0.0.1:${program.port}.evil.org` },
    { Origin: `http://evil.org#127.0.0.1:${program.port}` }, { Origin: `file://127.0.0.1:${program.port}` }, { Origin: "" }, { "Sec-Fetch-Site": "cross-site" }, { "Sec-Fetch-Site": "same-site" },
    { "Sec-Fetch-Site": "cross-site", Origin: `http://127.0.0.1:${program.port}` },
];

test("a page of another site opens no socket, no stream and no poll, and posts nothing", async () => {
    const me = await person();
    const where = `view=${me.boot.view}&session=${me.boot.session}`, event = JSON.stringify({ t: "ping" });
    const shake = { Connection: "Upgrade, close", Upgrade: "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==" };
    for (const from of foreign()) {
        const told = JSON.stringify(from), headers = { ...from, Cookie: me.cookie };
        assert.equal((await ask("/_easel/ws", { ...shake, ...headers })).status, 403, told);
        assert.equal((await ask(`/_easel/sse?${where}&hello=${encodeURIComponent(hello(me.boot))}`, headers)).status, 403, told);
        assert.equal((await ask(`/_easel/send?${where}`, headers, { method: "POST", body: event })).status, 403, told);
        assert.equal((await ask(`/_easel/poll?${where}`, headers, { method: "POST", body: hello(me.boot) })).status, 403, told);
    }
    assert.equal((await ask(`/_easel/send?${where}`, { Cookie: me.cookie, Origin: `http://127.0.0.1:${program.port}` }, { method: "POST", body: event })).status, 204);
    assert.equal(me.line.code, 0, "the visitor's own line is as it was");
    me.line.socket.close();
});

test("a link from another site shows the page, as links do; as a picture or for a script it is not run", async () => {
    for (const site of ["cross-site", "same-site"]) {
        assert.equal((await ask("/", { "Sec-Fetch-Site": site, "Sec-Fetch-Mode": "navigate" })).status, 200);
        for (const mode of ["no-cors", "cors", "same-origin", "websocket", "", null]) assert.equal((await ask("/", { "Sec-Fetch-Site": site, "Sec-Fetch-Mode": mode })).status, 403, mode);
    }
    for (const site of ["same-origin", "none", null]) assert.equal((await ask("/", { "Sec-Fetch-Site": site, "Sec-Fetch-Mode": "cors" })).status, 200);
});

test("the policy lets nobody frame the page but itself, and no content be guessed", async () => {
    const { heard } = await visit();
    assert.match(heard, /frame-ancestors 'self'/);
    assert.match(heard, /default-src 'none'/);
    assert.match(heard, /X-Content-Type-Options: nosniff/);
    assert.match(heard, /Set-Cookie: [^\r]*HttpOnly; SameSite=Lax/);
    assert.doesNotMatch(heard, /Access-Control-Allow/);
});

// ---- paths ----------------------------------------------------------------------------------------------------------------------

test("no path leads out of the program, and none ends it", async () => {
    const asset = /_easel\/a\/(easel-\w+\.js)/.exec((await visit()).heard)[1];
    const paths = ["/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/%252e%252e/etc/passwd", "/..%2f..%2fetc/passwd", "/..%5c..%5cetc", "/..\\..\\etc", "/_easel/a/../../../etc/passwd", "/_easel/a/..%2f..%2fetc/passwd",
        "/_easel/a/%2e%2e", "/_easel/a/", "/_easel/a//", `/_easel/a/${asset}/`, `/_easel/a/${asset}%00`, `/_easel/a/${asset}.br`, `/_easel/a/${asset.replace(/-\w+/, "-00000000")}`, `/_easel/a/${asset.toUpperCase()}`,
        "/_easel/a/sheet-", "/_easel/a/sheet-x-ff.css", `/_easel/a/sheet-x-${"f".repeat(5000)}.css`, "/_easel/a/secret", "/_easel/secret", "/easel.db", "/secret", "/%00", "/a%00b", "/%", "/%zz", "/%c0%af", "/%ff", "/\u007f",
        "//", "//evil.org", "///", "/;", "/;a=b", "/.", "/./", "/index.html", "/_easel", "/_easel/", "/_easel/ws/", "/_easel/send", "/HEALTHZ", "/healthz/", `/${"a".repeat(7000)}`, `/${"../".repeat(500)}etc/passwd`, "*", "http://", "https://evil.org/..", "evil", "?", "/#x"];
    for (const path of paths) {
        const { status, heard } = await ask(path);
        assert.ok([400, 404, 414, 426, 431].includes(status), `${path.slice(0, 60)}: ${status}`);
        assert.ok(!heard.includes("ez-boot") && !heard.includes("root:"), path.slice(0, 60));
    }
    for (const method of ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "POST", "get"]) assert.ok((await ask("/", {}, { method })).status >= 400, method);
    assert.equal((await ask(`/?${"a".repeat(5000)}=%00%ff%zz&<script>=1`)).status, 200);
});

test("below a base path there is nothing above it", async () => {
    const deep = `/${"demo/".repeat(40)}`, far = await start("examples/hello", "--base-path", deep);
    assert.ok((await ask(deep, {}, { to: far })).heard.includes(`; Path=${deep}; Max-Age=31536000; HttpOnly; SameSite=Lax\r\n`), "however long the path is");
    await stop(far.child);
    const other = await start("examples/hello", "--base-path", "/demo");
    for (const path of ["/", "/demox", "/healthz", "/_easel/ws", "/demo/../", "/demo/..", "/DEMO/", "//demo/", "/demo//", "/demo/demo/", "/demo;/"]) assert.ok([400, 404].includes((await ask(path, {}, { to: other })).status), path);
    assert.equal((await ask("/demo/", {}, { to: other })).status, 200);
    assert.match((await ask("/demo/", {}, { to: other })).heard, /Set-Cookie: [^\r]*Path=\/demo\//);
    await stop(other.child);
});

// ---- cookies --------------------------------------------------------------------------------------------------------------------

test("a cookie that this program has not made makes a new visitor", async () => {
    const me = await visit(), [name, value] = me.cookie.split("=");
    assert.equal((await visit(me.cookie)).fresh, false);
    const bad = ["", "x", value.slice(0, 22), value.slice(1), `${value}A`, `AAAA${value.slice(4)}`, `${value.slice(0, -4)}AAAA`, "A".repeat(33), "A".repeat(5000), `${value},${value}`, "%00", "\xff\xfe", "'; drop table sessions --"];
    for (const one of bad) {
        const they = await visit(`${name}=${one}`);
        assert.ok(they.fresh, one.slice(0, 40));
        assert.notEqual(they.cookie.split("=")[1].slice(0, 22), value.slice(0, 22));
    }
    assert.equal((await visit(`a=b; ${name}=${value}; ${name}=other`)).fresh, false, "of two of one name the first counts");
    assert.ok((await ask("/", { Cookie: `${name}=${"A".repeat(100_000)}` })).status >= 400);
});

test("behind a proxy that ends TLS the cookie is for TLS alone", async () => {
    assert.match((await ask("/", { "X-Forwarded-Proto": "https" })).heard, /Set-Cookie: [^\r]*HttpOnly; SameSite=Lax; Secure\r/);
    for (const other of ["http", "", "https, http", "httpsx"]) assert.match((await ask("/", { "X-Forwarded-Proto": other })).heard, /Set-Cookie: [^\r]*SameSite=Lax\r/);
});

test("nothing that a request says becomes a header of the answer", async () => {
    const { heard } = await ask("/?a=%0d%0aSet-Cookie:%20x=1&ez=%0aX: 1", { Cookie: "ez-theme=%0d%0aX-Forged: 1", Referer: "http://a\t b" });
    assert.doesNotMatch(heard.split("\r\n\r\n")[0], /X-Forged|x=1/);
    assert.doesNotMatch((await ask("/%0d%0aX-Forged:%201")).heard.split("\r\n\r\n")[0], /X-Forged/);
    assert.doesNotMatch((await ask("/", { Host: "evil.org\tX-Forged: 1" })).heard.split("\r\n\r\n")[0], /X-Forged/);
});

// ---- hellos ---------------------------------------------------------------------------------------------------------------------

test("who knows a session's name and not its visitor's cookie gets another session", async () => {
    const me = await person(), they = await visit();
    for (const cookie of [they.cookie, undefined, `${they.cookie.split("=")[0]}=${me.cookie.split("=")[1].slice(0, 22)}`]) {
        const thief = await connect(cookie);
        thief.socket.send(hello({ ...they.boot, session: me.session }));
        const got = await hi(thief);
        assert.notEqual(got.session, me.session);
        assert.equal(got.new, true);
        thief.socket.close();
        await until(() => thief.code, "the thief's end");
    }
    me.line.socket.send(JSON.stringify({ t: "ping" }));
    await until(() => me.line.heard.some((m) => m.pong), "the visitor's own line");
    me.line.socket.close();
});

test("who knows a view's name and not its visitor's cookie neither ends its line nor speaks for it", async () => {
    const me = await person(), they = await visit();
    for (const cookie of [they.cookie, undefined]) {
        const thief = await connect(cookie);
        thief.socket.send(hello({ ...they.boot, view: me.boot.view }));
        assert.equal(await until(() => thief.code, "the thief's end"), 1013);
        const headers = cookie ? { Cookie: cookie } : {};
        assert.equal((await ask("/_easel/poll", headers, { method: "POST", body: hello({ ...they.boot, view: me.boot.view }) })).status, 503);
        assert.equal((await ask(`/_easel/send?view=${me.boot.view}`, headers, { method: "POST", body: '{"t":"ping"}' })).status, 409);
    }
    assert.equal(me.line.code, 0);
    assert.equal((await ask(`/_easel/send?view=${me.boot.view}`, { Cookie: me.cookie }, { method: "POST", body: '{"t":"ping"}' })).status, 204);
    await until(() => me.line.heard.some((m) => m.pong), "the visitor's own line");
    const again = await connect(me.cookie);
    again.socket.send(hello(me.boot, { session: me.session }));
    await hi(again);
    assert.equal(await until(() => me.line.code, "the end of the line before"), 1001);
    again.socket.close();
});

test("a line says hello once; what else it names is not remembered", async () => {
    const me = await visit(), name = (c) => c.repeat(22);
    // Two hellos in one packet, for sessions that have to be looked for: the second comes while the first is not answered.
    const line = await connect(me.cookie);
    line.socket.send(hello({ ...me.boot, view: name("A"), session: name("S") }));
    line.socket.send(hello({ ...me.boot, view: name("B"), session: name("T") }));
    assert.equal(await until(() => line.code, "the end of the line"), 1008);
    for (const view of ["A", "B"]) {
        const next = await connect(me.cookie);
        next.socket.send(hello({ ...me.boot, view: name(view), session: name("S") }));
        await hi(next);
        next.socket.close();
    }
});

test("a hello that is none closes the line with a reason", async () => {
    const me = await visit();
    const bad = ["", "x", "[]", "{}", "null", '{"t":5}', '{"t":"hello"}', hello(me.boot, { view: "../../x" }), hello(me.boot, { session: 5 }), hello(me.boot, { path: "/nowhere" }), "[".repeat(100_000), `{"t":"hello","view":${"[".repeat(2000)}`, '{"t":"\\ud800"}'];
    for (const words of bad) {
        const line = await connect(me.cookie);
        line.socket.send(words);
        assert.ok([1007, 1008].includes(await until(() => line.code, `the end after ${words.slice(0, 40)}`)), words.slice(0, 40));
    }
    const large = await connect(me.cookie);
    large.socket.send(`{"t":"e","n":1,"v":"${"x".repeat(16_000_000)}"}`);
    assert.ok([1009, 1006].includes(await until(() => large.code, "the end of what is too large")));
});

// ---- noise ----------------------------------------------------------------------------------------------------------------------

test("a thousand random messages of one visitor harm nobody else", { timeout: 120_000 }, async (t) => {
    const seed = Number(process.env.SEED ?? (Date.now() & 0xffff)), log = program.log;
    t.diagnostic(`SEED=${seed}`);
    let state = seed;
    const pick = (of) => ((state = (Math.imul(state, 1664525) + 1013904223) >>> 0) >>> 8) % of;
    const one = (list) => list[pick(list.length)];
    const calm = await person();
    const scrap = () => one([null, true, -1, 0, 1, 7, 1e308, 4294967295, 9007199254740991, "", "click", "\u0000", "\ud83d\ude00", "ez_________", "AAAAAAAAAAE", [], {}, [["AAAAAAAAAAE", 1, 1]], ["ez_________", one(["stop", "rerun", "startover", "click"]), null], calm.boot.view, calm.session, "x".repeat(pick(5000))]);
    let line, me, n = 0, posts = [];
    const post = async (where, body) => {
        const { status } = await ask(where, { Cookie: pick(5) ? me.cookie : "x=y" }, { method: "POST", body });
        assert.ok(status === 0 || (status >= 200 && status < 510), `${where.slice(0, 100)}: ${status}`);
    };
    for (let i = 0; i < 1000; i++) {
        if (!line || line.code || line.socket.readyState !== 1) {
            if (pick(3) || !me) me = await visit(pick(2) ? me?.cookie : undefined);
            line = await connect(me.cookie);
            if (pick(5)) line.socket.send(hello(me.boot, pick(4) ? {} : { [one(["view", "session", "frame", "epoch", "path", "n"])]: scrap() }));
            n = 0;
        }
        const message = { t: one(["e", "e", "e", "s", "ping", "hello", scrap()]), n: pick(4) ? ++n : scrap() };
        for (const member of ["f", "v", "x", "of", "view", "session"]) if (!pick(3)) message[member] = scrap();
        const words = pick(20) ? JSON.stringify(message) : JSON.stringify(message).slice(pick(20));
        line.socket.send(words);
        if (!pick(10)) posts.push(post(`/_easel/send?view=${encodeURIComponent(one([me.boot.view, calm.boot.view, "x"]))}`, words));
        // A poll may be answered after 8 s, and a stream never ends: nobody waits for them.
        const greeting = () => hello(me.boot, { [one(["view", "session", "wait", "frame", "u"])]: scrap() });
        if (!pick(30)) void ask("/_easel/poll", { Cookie: me.cookie }, { method: "POST", body: greeting() });
        if (!pick(40)) void ask(`/_easel/sse?hello=${encodeURIComponent(greeting())}`, { Cookie: me.cookie });
        if (posts.length > 20) await Promise.all(posts.splice(0));
        if (!pick(30)) line.socket.terminate();
        if (!pick(25)) await new Promise((done) => setImmediate(done));
    }
    line.socket.terminate();
    await Promise.all(posts);
    calm.line.socket.send(JSON.stringify({ t: "ping" }));
    await until(() => calm.line.heard.some((m) => m.pong), `the calm visitor's answer (SEED=${seed})`);
    assert.equal(calm.line.code, 0);
    assert.equal((await visit()).fresh, true);
    assert.doesNotMatch(program.log, /died|ended with status/, `SEED=${seed}`);
    assert.ok(program.log.slice(log.length).split("\n").length < 20, `the log is not filled: ${program.log.slice(log.length).slice(0, 2000)}`);
    calm.line.socket.close();
});

// ---- the data folder ---------------------------------------------------------------------------------------------------------------

test("a data folder that cannot be used is named, with the reason and what to do, and the page works all the same", async () => {
    const root = mkdtempSync(join(tmpdir(), "easel-folder-"));
    folders.push(root);
    writeFileSync(join(root, "file"), "");
    symlinkSync(join(root, "nowhere/deeper"), join(root, "dangling"));
    mkdirSync(join(root, "real"));
    symlinkSync(join(root, "real"), join(root, "link"));
    const cases = { [join(root, "file")]: /Not a directory/, [join(root, "file/below")]: /Not a directory/, [join(root, "dangling")]: /No such file/, [join(root, "x".repeat(300))]: /File name too long/, [join(root, "long/".repeat(1000))]: /File name too long/, "/proc/easel": /No such file|Permission denied|Operation not permitted/ };
    for (const [folder, why] of Object.entries(cases)) {
        const other = await start("examples/hello", "--data", folder);
        await until(() => /sessions are kept in memory only/.test(other.log), `a word about ${folder.slice(0, 80)}: ${other.log}`);
        assert.match(other.log, why);
        assert.ok(other.log.includes(folder.slice(0, 60)) && other.log.includes("--data"), other.log);
        assert.equal((await ask("/", {}, { to: other })).status, 200);
        await stop(other.child);
    }
    for (const folder of [join(root, "new/and/deep"), join(root, "link")]) {
        const other = await start("examples/hello", "--data", folder);
        assert.equal((await ask("/", {}, { to: other })).status, 200);
        await stop(other.child);
        assert.equal(other.log.replace(/^.*listening.*\n/, ""), "", folder);
    }
});
