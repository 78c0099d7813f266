// password.test.mjs: a program with a password: nothing is answered without it, and what those try who do not have it.
// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { once } from "node:events";
import { request } from "node:http";
import { after, before, test } from "node:test";
import { Client as Gradio } from "@gradio/client";
import OpenAI from "openai";
import WebSocket from "ws";
import { Program, until } from "../program.mjs";
import { addKey } from "./keys.mjs";

const PASSWORD = "correct horse battery", HTML = { Accept: "text/html,application/xhtml+xml" }, SUM = { a: 2, b: 3, operation: "add" };
const basic = (word, name = "anybody") => ({ Authorization: `Basic ${Buffer.from(`${name}:${word}`).toString("base64")}` });
const bearer = (word) => ({ Authorization: `Bearer ${word}` });

let program, key;
before(async () => {
    program = new Program("tests/programs/functions", [], { env: { EASEL_PASSWORD: PASSWORD } });
    key = addKey(program, "few", "--functions", "repeat");
    await program.begin();
});
after(() => program.stop());

/** A request of one who comes from 127.0.0.<from>: wrong passwords are counted by address, so each test has one. Redirects are not followed. */
async function ask(from, path, { method = "GET", headers = {}, body, to = program } = {}) {
    const asked = request(new URL(path, to.url), { method, headers: body === undefined ? headers : { "Content-Length": Buffer.byteLength(body), ...headers }, localAddress: `127.0.0.${from}`, agent: false });
    asked.end(body);
    const [answer] = await once(asked, "response");
    let text = "";
    // A stream that is opened stays open.
    if (/event-stream/.test(answer.headers["content-type"])) asked.destroy();
    else for await (const piece of answer.setEncoding("utf8")) text += piece;
    return { status: answer.statusCode, headers: answer.headers, text, cookie: answer.headers["set-cookie"]?.[0] };
}

const form = (from, fields, { headers = {}, ...more } = {}) =>
    ask(from, "login", { method: "POST", headers: { ...HTML, "Content-Type": "application/x-www-form-urlencoded", ...headers }, body: String(new URLSearchParams(fields)), ...more });

async function cookie(from, to = program) {
    const answer = await form(from, { password: PASSWORD }, { to });
    assert.equal(answer.status, 303);
    return { Cookie: answer.cookie.split(";")[0] };
}

async function upload(headers) {
    const files = new FormData();
    files.append("files", new Blob(["words"]), "x.txt");
    const answer = await fetch(`${program.url}gradio_api/upload`, { method: "POST", body: files, headers });
    return answer.status === 200 ? (await answer.json())[0] : answer.status;
}

const JSON_TYPE = { "Content-Type": "application/json" };
const ADDRESSES = [
    [""], ["api"], ["nothing/here"], ["metrics"], ["_easel/ws"], ["_easel/sse?hello=x"], ["_easel/nothing"], ["_easel/f/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA/x"],
    ["_easel/poll", "POST", "{}"], ["_easel/send?view=x", "POST", "{}"], ["_easel/upload?view=x&name=x", "POST", "bytes"], ["", "POST", ""],
    ["api/calculate", "POST", JSON.stringify(SUM)], ["api/openapi.json"], ["openapi.json"], ["api/jobs/x"], ["api/nothing", "POST", "{}"],
    ["mcp", "POST", '{"jsonrpc":"2.0","id":1,"method":"tools/list"}'], ["config"], ["gradio_api/info"], ["gradio_api/queue/data?session_hash=x"], ["gradio_api/call/calculate", "POST", '{"data":[1,2,"add"]}'],
    ["gradio_api/file=x"], ["v1/models"], ["v1/chat/completions", "POST", '{"model":"x","messages":[{"role":"user","content":"x"}]}'],
];

test("every address is closed, and open to who has the cookie or shows the password", async () => {
    const visitor = await cookie(2);
    for (const [path, method = "GET", body] of ADDRESSES) {
        const headers = body === undefined ? {} : JSON_TYPE, what = `${method} ${path}`;
        const shut = await ask(2, path, { method, body, headers });
        assert.equal(shut.status, 401, what);
        assert.match(shut.headers["www-authenticate"], /^Bearer/, what);
        assert.match(shut.text, /password is needed/, what);
        assert.doesNotMatch(shut.text, /calculate|They are called/, what);
        for (const pass of [visitor, bearer(PASSWORD), basic(PASSWORD), { "X-Api-Key": PASSWORD }, { "X-HF-Authorization": `Bearer ${PASSWORD}` }, { ...basic("a proxy's own"), ...visitor }])
            assert.notEqual((await ask(2, path, { method, body, headers: { ...headers, ...pass }, })).status, 401, `${what} with ${Object.keys(pass)}`);
    }
    assert.match((await ask(2, "", { headers: visitor })).text, /They are called over the network/);
    assert.deepEqual(JSON.parse((await ask(2, "api/calculate", { method: "POST", body: JSON.stringify(SUM), headers: { ...JSON_TYPE, ...basic(PASSWORD, "") } })).text), { result: 5 });
});

test("what says whether the program is well, and its style sheets, stay open", async () => {
    for (const path of ["healthz", "readyz"]) assert.equal((await ask(3, path)).status, 200);
    const sheets = [...(await ask(3, "", { headers: HTML })).text.matchAll(/<link rel="stylesheet" href="([^"]+)"/g)];
    assert.ok(sheets.length >= 2);
    for (const [, href] of sheets) assert.equal((await ask(3, href)).status, 200);
});

test("a socket and an upload are closed, too", async () => {
    const socket = (headers) => new Promise((done) => {
        const ws = new WebSocket(new URL("_easel/ws", program.url.replace("http", "ws")), { headers, localAddress: "127.0.0.4" });
        ws.on("open", () => (ws.close(), done("open")));
        ws.on("unexpected-response", (_, answer) => done(answer.statusCode));
        ws.on("error", done);
    });
    assert.equal(await socket({}), 401);
    assert.equal(await socket(await cookie(4)), "open");
    assert.equal(await upload({}), 401);
    const path = await upload(bearer(PASSWORD));
    assert.match(path, /x\.txt$/);
    for (const [headers, status] of [[{}, 401], [bearer(PASSWORD), 200], [bearer(key), 200], [await cookie(4), 200]]) assert.equal((await ask(4, `_easel/f/${path}`, { headers })).status, status);
});

test("a browser sees a page that asks, with nothing of the program but its title, and comes to where it wanted to", async () => {
    const shut = await ask(5, 'api?a="<b>&c=d', { headers: HTML });
    assert.equal(shut.status, 401);
    assert.match(shut.text, /<input type="password"/);
    assert.doesNotMatch(shut.text, /<script|calculate|<b>/);
    assert.match(shut.headers["content-security-policy"], /default-src 'none'.*form-action 'self'.*frame-ancestors 'self'/);
    assert.equal(shut.headers["cache-control"], "no-store");
    const next = /name="next" value="([^"]*)"/.exec(shut.text)[1].replaceAll("&quot;", '"').replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
    const wrong = await form(5, { password: "wrong horse battery", next });
    assert.equal(wrong.status, 401);
    assert.equal(wrong.cookie, undefined);
    assert.match(wrong.text, /role="alert">That is not the password\./);
    assert.ok(wrong.text.includes(/name="next" value="[^"]*"/.exec(shut.text)[0]), "the place that was asked for is kept");
    const right = await form(5, { password: PASSWORD, next });
    assert.equal(right.status, 303);
    const to = new URL(right.headers.location, `${program.url}login`);
    assert.equal(to.pathname, "/api");
    assert.match(right.cookie, /^ez_\w+-in=[\w-]+; Path=\/; HttpOnly; SameSite=Lax$/);
    assert.equal(right.cookie.includes("horse"), false);
    assert.equal((await ask(5, `api${to.search}`, { headers: { ...HTML, Cookie: right.cookie.split(";")[0] } })).status, 200);
    assert.match((await form(5, { password: PASSWORD }, { headers: { "X-Forwarded-Proto": "https" } })).cookie, /; Secure$/);
    assert.equal((await ask(5, "login", { headers: HTML })).status, 200);
    assert.equal((await ask(5, "login", { headers: { ...HTML, ...(await cookie(5)) } })).headers.location, "./");
});

test("a login leads to no other site, and puts nothing else into the answer", async () => {
    for (const next of ["//evil.example/", "/\\evil.example", "\\\\evil.example", "https://evil.example/", "/\t/evil.example", "javascript:alert(1)", "/x\r\nSet-Cookie: stolen=1", "@evil.example", ".evil.example", ""]) {
        const { status, headers } = await form(6, { password: PASSWORD, next });
        assert.equal(status, 303, next);
        assert.equal(new URL(headers.location, `${program.url}login`).host, new URL(program.url).host, next);
        assert.equal(headers["set-cookie"].length, 1, next);
    }
});

test("a link logs in at once, and is told to no site that is visited from there", async () => {
    const path = `login?t=${encodeURIComponent(PASSWORD)}`;
    for (const headers of [HTML, {}, { ...HTML, "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate" }]) {
        const answer = await ask(7, path, { headers });
        assert.deepEqual([answer.status, answer.headers.location, answer.headers["referrer-policy"], answer.headers["cache-control"]], [303, "./", "no-referrer", "no-store"]);
        assert.equal((await ask(7, "", { headers: { Cookie: answer.cookie.split(";")[0] } })).status, 200);
    }
    const wrong = await ask(7, "login?t=wrong", { headers: HTML });
    assert.deepEqual([wrong.status, wrong.cookie], [401, undefined]);
    assert.match(wrong.text, /This link does not open the page/);
    assert.doesNotMatch(wrong.text, /value="wrong"/);
    assert.equal(program.log.includes("horse"), false, "nor does the log know it");
});

test("a page of another site logs nobody in", async () => {
    const fields = { password: PASSWORD };
    for (const headers of [{ "Sec-Fetch-Site": "cross-site" }, { "Sec-Fetch-Site": "same-site" }, { Origin: "https://evil.example" }, { Origin: "null" }]) {
        const answer = await form(8, fields, { headers });
        assert.deepEqual([answer.status, answer.cookie], [403, undefined], JSON.stringify(headers));
    }
    const picture = await ask(8, `login?t=${encodeURIComponent(PASSWORD)}`, { headers: { "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors" } });
    assert.deepEqual([picture.status, picture.cookie], [403, undefined]);
    assert.equal((await form(8, fields, { headers: { "Sec-Fetch-Site": "same-origin", Origin: program.url.slice(0, -1) } })).status, 303);
});

test("a cookie that the program has not made opens nothing", async () => {
    const { Cookie } = await cookie(9), [name, value] = Cookie.split("="), not = (c) => (c === "A" ? "E" : "A");
    const visitor = /ez_\w+=([\w-]+)/.exec((await ask(9, "", { headers: { Cookie } })).cookie)[1];
    for (const wrong of [`${name}=`, `${name}=1`, `${name}=${value.slice(0, -1)}`, `${name}=${value.slice(0, -1)}${not(value.at(-1))}`, `${name}=${not(value[0])}${value.slice(1)}`, `${name}=${visitor}`, `${name}=${encodeURIComponent(PASSWORD)}`])
        assert.equal((await ask(9, "", { headers: { Cookie: wrong } })).status, 401, wrong);
    assert.equal((await ask(9, "", { headers: { Cookie } })).status, 200);
    assert.match((await form(9, { password: PASSWORD }, { headers: { Cookie: `${name}=planted` } })).cookie, /-in=[\w-]{33};/, "one that was there before the login is not kept");
    assert.notEqual((await cookie(9)).Cookie, Cookie, "each login is one of its own");
});

const leave = (from, headers, more) => ask(from, "logout", { method: "POST", body: "", headers: { ...HTML, "Content-Type": "application/x-www-form-urlencoded", ...headers }, ...more });

test("who logs out is out, with a copy of the cookie, too, and nobody else is", async () => {
    const mine = await cookie(15), other = await cookie(15), status = async (headers, path = "", more) => (await ask(15, path, { headers, ...more })).status;
    assert.match((await ask(15, "", { headers: mine })).text, /<form method="post" action=".\/logout"><button>.*Log out<\/button>/);
    assert.doesNotMatch((await ask(15, "", { headers: basic(PASSWORD) })).text, /logout/, "who has no cookie can take none back");
    const left = await leave(15, mine);
    assert.deepEqual([left.status, left.headers.location], [303, "./"]);
    assert.ok(left.headers["set-cookie"].some((c) => /^ez_\w+-in=; Path=\/; Max-Age=0; HttpOnly; SameSite=Lax$/.test(c)), left.headers["set-cookie"].join());
    for (const [path, method = "GET", body] of ADDRESSES) assert.equal(await status({ ...JSON_TYPE, ...mine }, path, { method, body }), 401, path);
    assert.equal(await status(other), 200);
    assert.equal((await leave(15, mine)).status, 303, "once more does no harm");
    assert.equal((await leave(15, {})).status, 303);
    assert.equal(await status(other), 200);
});

test("a page of another site logs nobody out", async () => {
    const mine = await cookie(16);
    for (const headers of [{ "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate" }, { "Sec-Fetch-Site": "same-site" }, { Origin: "https://evil.example" }, { Origin: "null" }]) {
        assert.equal((await leave(16, { ...mine, ...headers })).status, 403, JSON.stringify(headers));
        if (headers["Sec-Fetch-Site"]) assert.equal((await ask(16, "logout", { headers: { ...HTML, ...mine, ...headers } })).status, 403, `GET ${JSON.stringify(headers)}`);
    }
    assert.equal((await ask(16, "logout", { method: "PUT", headers: mine })).status, 405);
    assert.equal((await ask(16, "", { headers: mine })).status, 200);
});

test("Gradio's way out is the address alone, and ends a login by a key, too", async () => {
    const mine = await cookie(17), keyed = (await form(17, { username: "few", password: key }, { headers: { Accept: "*/*" } })).cookie.split(";")[0];
    const call = async (Cookie) => (await ask(17, "api/repeat", { method: "POST", body: "{}", headers: { ...JSON_TYPE, Cookie } })).status;
    assert.equal(await call(keyed), 200);
    const left = await ask(17, "logout?all_session=true", { headers: { ...HTML, Cookie: `${mine.Cookie}; ${keyed}` } });
    assert.deepEqual([left.status, left.headers.location, left.headers["set-cookie"].length], [303, "./", 2]);
    assert.equal(await call(keyed), 401);
    assert.equal(await call(mine.Cookie), 401);
    assert.equal(await call((await form(17, { username: "few", password: key }, { headers: { Accept: "*/*" } })).cookie.split(";")[0]), 200, "who has the key comes in again");
});

test("open tabs of one who logs out are told, and their sockets end", async () => {
    const mine = await cookie(18), other = await cookie(18), socket = async (headers) => {
        const page = (await ask(18, "", { headers })).text, boot = JSON.parse(/id="ez-boot">(.*?)<\/script>/s.exec(page)[1]), ws = new WebSocket(new URL("_easel/ws", program.url.replace("http", "ws")), { headers, localAddress: "127.0.0.18" });
        const line = { ws, said: [], closed: once(ws, "close"), hello: () => ws.send(JSON.stringify({ t: "hello", view: boot.view, session: boot.session, build: boot.build, epoch: boot.epoch, frame: boot.frame, path: "/", query: "", sent: 0, marks: [] })) };
        ws.on("message", (m) => line.said.push(JSON.parse(m)));
        await once(ws, "open");
        return line;
    };
    const shown = await socket(mine), silent = await socket(mine), stays = await socket(other);
    for (const line of [shown, stays]) line.hello();
    await until(() => shown.said.length && stays.said.length, () => `both to be greeted: ${JSON.stringify([shown.said, stays.said])}`);
    await leave(18, mine);
    assert.equal((await shown.closed)[0], 1008);
    assert.deepEqual(shown.said.at(-1), { out: 1 });
    silent.hello();                                                   // one that had said nothing before
    assert.equal((await silent.closed)[0], 1008);
    assert.deepEqual(silent.said, []);
    assert.equal(stays.ws.readyState, WebSocket.OPEN);
    stays.ws.close();
});

test("who guesses waits, by whichever way, and nobody else does", async () => {
    const inside = await cookie(10), guess = [() => form(10, { password: "a guess" }), () => ask(10, "login?t=guess"), () => ask(10, "v1/models", { headers: bearer("guess") }), () => ask(10, "", { headers: basic("guess") }),
        () => form(10, { username: "x", password: "guess" }, { headers: { Accept: "*/*" } })];
    for (let i = 0; i < 10; i++) assert.equal((await guess[i % guess.length]()).status, 401, `guess ${i}`);
    const late = await form(10, { password: PASSWORD });
    assert.equal(late.status, 429);
    assert.match(late.text, /Too many wrong passwords came from your address\. Try again in \d+ s\./);
    assert.ok(Number(late.headers["retry-after"]) >= 1);
    for (const [path, headers] of [[`login?t=${encodeURIComponent(PASSWORD)}`, HTML], ["v1/models", bearer(PASSWORD)], ["", basic(PASSWORD)]]) assert.equal((await ask(10, path, { headers })).status, 429, path);
    assert.equal((await form(10, { username: "x", password: PASSWORD }, { headers: { Accept: "*/*" } })).status, 429);
    assert.equal((await ask(10, "", { headers: inside })).status, 200, "who is in stays in");
    assert.equal((await ask(10, "", { headers: { ...HTML } })).status, 401, "to look is no guess");
    await cookie(11);
    await until(async () => (await form(10, { password: PASSWORD })).status === 303, "the wait to be over");
});

test("a key opens its functions in place of the password, and no page", async () => {
    assert.equal((await ask(12, "api/repeat", { method: "POST", body: "{}", headers: { ...JSON_TYPE, ...bearer(key) } })).status, 200);
    assert.equal((await ask(12, "api/repeat", { method: "POST", body: "{}", headers: { ...JSON_TYPE, ...basic(key) } })).status, 200);
    assert.equal((await ask(12, "api/calculate", { method: "POST", body: "{}", headers: { ...JSON_TYPE, ...bearer(key) } })).status, 403);
    for (const path of ["", "api", "metrics"]) assert.equal((await ask(12, path, { headers: bearer(key) })).status, 401, path);
    const both = await new Program("tests/programs/functions", ["--require-key"], { env: { EASEL_PASSWORD: PASSWORD } }).begin();
    try {
        const visitor = await cookie(12, both), call = (headers) => ask(12, "api/repeat", { to: both, method: "POST", body: "{}", headers: { ...JSON_TYPE, ...headers } });
        assert.equal((await ask(12, "", { to: both, headers: visitor })).status, 200);
        for (const headers of [visitor, bearer(PASSWORD), basic(PASSWORD)]) assert.equal((await call(headers)).status, 401);
    } finally {
        await both.stop();
    }
});

test("a page that --cors-origins lists uses no cookie of a visitor, and the program's own does", async () => {
    const open = await new Program("tests/programs/functions", ["--cors-origins", "*"], { env: { EASEL_PASSWORD: PASSWORD } }).begin();
    try {
        const visitor = await cookie(13, open), own = open.url.slice(0, -1);
        const call = (headers) => ask(13, "api/calculate", { to: open, method: "POST", body: JSON.stringify(SUM), headers: { ...JSON_TYPE, ...headers } });
        assert.equal((await call({ ...visitor, Origin: "http://localhost:1234", "Sec-Fetch-Site": "same-site" })).status, 401);
        assert.equal((await call({ ...bearer(PASSWORD), Origin: "http://localhost:1234", "Sec-Fetch-Site": "same-site" })).status, 200);
        assert.equal((await call({ ...visitor, Origin: own, "Sec-Fetch-Site": "same-origin" })).status, 200);
        assert.equal((await ask(13, "api/calculate", { to: open, method: "OPTIONS", headers: { Origin: "http://localhost:1234", "Access-Control-Request-Method": "POST" } })).status, 204);
    } finally {
        await open.stop();
    }
});

test("a cookie outlives a restart with the same password, and no other", async () => {
    const again = new Program("tests/programs/functions", [], { env: { EASEL_PASSWORD: PASSWORD } });
    const restart = async (password) => {
        if (again.child) {
            const gone = once(again.child, "close");
            again.child.kill("SIGTERM");
            await gone;
        }
        again.env = { EASEL_PASSWORD: password };
        await again.begin();
    };
    try {
        await restart(PASSWORD);
        const visitor = await cookie(14, again), look = async () => (await ask(14, "", { to: again, headers: visitor })).status;
        const left = await cookie(14, again);
        await leave(14, left, { to: again });
        again.child.kill("SIGKILL");                                  // nothing has time to be saved but what was answered
        await until(async () => ask(14, "healthz", { to: again }).then(() => false, () => true), "the program to be gone");
        again.child = undefined;
        await restart(PASSWORD);
        assert.equal(await look(), 200);
        assert.equal((await ask(14, "", { to: again, headers: left })).status, 401, "who has logged out stays out");
        await restart(`${PASSWORD} staple`);
        assert.equal(await look(), 401);
    } finally {
        await again.stop();
    }
});

// proves @gradio/client: login
test("Gradio's client logs in with any name and the password, or shows it as its token", async () => {
    for (const how of [{ auth: ["anybody", PASSWORD] }, { token: PASSWORD }]) {
        const app = await Gradio.connect(program.url, how);
        assert.deepEqual((await app.predict("/calculate", [6, 7, "multiply"])).data, [42]);
        app.close();
    }
    for (const how of [{}, { auth: ["anybody", "wrong horse"] }, { token: "wrong horse" }]) await assert.rejects(Gradio.connect(program.url, how));
});

test("OpenAI's client shows it as its key", async () => {
    const client = (apiKey) => new OpenAI({ baseURL: `${program.url}v1`, apiKey, maxRetries: 0 });
    assert.deepEqual((await client(PASSWORD).models.list()).data, []);
    await assert.rejects(client("wrong horse").models.list(), OpenAI.AuthenticationError);
});
