// advisories.test.mjs: what was found wrong in Gradio, by the number under which it was published, tried here.
// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer, request } from "node:http";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Program } from "../program.mjs";
import { png } from "./pictures.mjs";

const programs = [];
async function begin(name, ...args) {
    const program = await new Program(name, args).begin();
    programs.push(program);
    return program;
}
let blur, functions, trap, hits = 0;
before(async () => {
    blur = await begin("examples/blur", "--upload-max", "256K");
    functions = await begin("tests/programs/functions");
    trap = createServer((_, response) => (hits++, response.end("secret")));
    await new Promise((done) => trap.listen(0, "127.0.0.1", done));
});
after(async () => {
    for (const program of programs) await program.stop();
    trap.close();
});

/** As it is written, where fetch would tidy the address. */
function raw(program, path, { method = "GET", headers = {}, body } = {}) {
    return new Promise((done, fail) => {
        const asked = request(program.url, { path, method, headers }, (answer) => {
            let text = "";
            answer.setEncoding("utf8");
            answer.on("data", (d) => (text += d));
            answer.on("end", () => done({ status: answer.statusCode, headers: answer.headers, text }));
        });
        asked.on("error", fail);
        asked.end(body);
    });
}
const json = (program, path, body, headers = {}) => raw(program, path, { method: "POST", headers: { "Content-Type": "application/json", ...headers }, body: JSON.stringify(body) });
const file = (path, url) => ({ path, url, meta: { _type: "gradio.FileData" } });
const alive = async (program) => assert.equal((await raw(program, "/healthz")).status, 200);

test("GHSA-vwgg-rgg9-xx9q, CVE-2026-28415, CVE-2024-4940, CVE-2024-8021: nothing redirects elsewhere", async () => {
    for (const path of ["////evil.example", "//evil.example/%2f..", "/\\evil.example", "/%5cevil.example", "/login?_target_url=////evil.example", "/logout?_target_url=https://evil.example", "/gradio_api/file=https://evil.example/x", "/file=//evil.example"]) {
        const got = await raw(blur, path);
        assert.ok([undefined, "./"].includes(got.headers.location), `${path}: ${got.headers.location}`);      // a logout leads to this program's own page
        assert.ok(got.status >= 400 || path.includes("?"), `${path}: ${got.status}`);
    }
});

test("GHSA-qqr5-x4m8-g4gq, CVE-2021-43831, CVE-2023-34239, CVE-2023-51449, CVE-2026-28414: an input that names a path is no file", async () => {
    for (const path of ["/etc/passwd", "../../../../etc/passwd", "..\\..\\windows\\win.ini", "C:\\windows\\win.ini", "file:///etc/passwd", join(blur.data, "secret"), "\u0000", "%2e%2e/%2e%2e/etc/passwd"]) {
        const rest = await json(blur, "/api/blur", { photo: path });
        assert.equal(rest.status, 422, path);
        const joined = await json(blur, "/gradio_api/queue/join", { fn_index: 0, session_hash: "a", data: [file(path), 1] });
        assert.equal(joined.status, 422, path);
    }
    const secret = readFileSync(join(blur.data, "secret"), "latin1");
    for (const path of ["secret", "easel.db", "files", "..%2fsecret", "%2e%2e/secret", "....//secret"]) assert.ok(!(await raw(blur, `/_easel/f/${path}`)).text.includes(secret));
});

test("GHSA-3xvj-7669-6whx, CVE-2024-47167, PR 13596: a URL where a file is meant is not fetched, coming in or going out", async () => {
    const url = `http://127.0.0.1:${trap.address().port}/inside`;
    for (const photo of [url, file(url, url), file("x", url)]) {
        assert.equal((await json(blur, "/api/blur", { photo })).status, 422);
        assert.equal((await json(blur, "/gradio_api/queue/join", { fn_index: 0, session_hash: "b", data: [photo, 1] })).status, 422);
    }
    assert.ok((await raw(blur, `/gradio_api/file=${url}`)).status >= 400);
    await json(functions, "/api/repeat", { words: url });
    assert.equal(hits, 0);
});

test("GHSA-2mr9-9r47-px2g, GHSA-jmh7-g254-2cq9, CVE-2026-28416: there is no proxy", async () => {
    for (const path of [`/proxy=http://127.0.0.1:${trap.address().port}/`, `/gradio_api/proxy=http://127.0.0.1:${trap.address().port}/`, "/proxy=https://evil.hf.space/"]) assert.equal((await raw(blur, path)).status, 404, path);
    assert.equal(hits, 0);
});

test("PR 13580: an upload is limited wherever it goes in", async () => {
    const form = new FormData();
    form.append("photo", new Blob([new Uint8Array(400_000)]), "a.png");
    for (const path of ["api/blur", "gradio_api/upload"]) {
        const answer = await fetch(blur.url + path, { method: "POST", body: form }).catch((error) => error);
        assert.ok(answer.status === 413 || answer.cause, path);
    }
    for (const path of ["gradio_api/component_server", "gradio_api/process_recording", "component_server"]) assert.ok((await fetch(blur.url + path, { method: "POST", body: form }).catch(() => ({ status: 404 }))).status >= 400, path);
    await alive(blur);
});

test("PR 13687, 13441: with a key required no address of functions answers without one", async () => {
    const locked = await begin("examples/blur", "--require-key");
    const asks = ["/config", "/info", "/api/openapi.json", "/openapi.json", "/api/jobs/x", "/gradio_api/info", "/gradio_api/queue/data?session_hash=a", "/gradio_api/heartbeat/a", "/gradio_api/upload_progress?upload_id=a", "/gradio_api/app_id", "/v1/models"];
    for (const path of asks) assert.ok([401, 404].includes((await raw(locked, path)).status), path);
    for (const path of ["/api/blur", "/gradio_api/queue/join", "/gradio_api/cancel", "/gradio_api/reset", "/gradio_api/upload", "/gradio_api/call/blur", "/gradio_api/run/blur", "/mcp", "/v1/chat/completions"]) assert.equal((await json(locked, path, {})).status, 401, path);
    const form = new FormData();
    form.append("files", new Blob([png()]), "a.png");
    assert.equal((await fetch(`${locked.url}gradio_api/upload`, { method: "POST", body: form })).status, 401);
});

test("PR 13750, 13756: what strangers name by themselves is bounded", async () => {
    let full = 0, next = 0;
    await Promise.all(Array.from({ length: 16 }, async () => {
        while (next < 5100 && !full) {
            const got = await fetch(`${functions.url}gradio_api/queue/join`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ fn_index: 3, session_hash: `s${next++}`, data: [] }) });
            await got.text();
            if (got.status === 503) full++;
        }
    }));
    assert.ok(full > 0 && next >= 5000, `${next} sessions`);
    await alive(functions);
});

test("PR 7444, 7453, 7598: paths of other machines are refused before anything looks for them", async () => {
    for (const path of ["//evil.example/share/x", "\\\\evil.example\\share\\x", "\\/evil.example/x", "/\\evil.example/x"]) {
        assert.equal((await json(blur, "/api/blur", { photo: path })).status, 422);
        assert.ok((await raw(blur, `/gradio_api/file=${encodeURI(path)}`)).status >= 400);
    }
});

test("PR 7503, 8743, 8959: a page of another site, or of none, calls nothing on this machine", async () => {
    for (const origin of ["https://evil.example", "null", "http://localhost.evil.example", "file://"]) {
        for (const path of ["/api/count", "/gradio_api/queue/join", "/gradio_api/run/count", "/mcp", "/v1/chat/completions", "/gradio_api/upload", "/_easel/upload?view=x"]) {
            const got = await json(functions, path, {}, { Origin: origin });
            assert.ok([403, 409].includes(got.status), `${origin} ${path}: ${got.status}`);
            assert.equal(got.headers["access-control-allow-origin"], undefined);
        }
    }
});

test("issue 13594: another name in Host defeats nothing", async () => {
    for (const host of ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example:80"]) assert.equal((await json(functions, "/api/count", {}, { Host: host, Origin: `http://${host}` })).status, 421);
});

test("PR 10304: names are compared as they are, whatever their case", async () => {
    const form = new FormData();
    form.append("files", new Blob(["kept"]), "a.txt");
    const [path] = await (await fetch(`${blur.url}gradio_api/upload`, { method: "POST", body: form })).json();
    assert.equal((await raw(blur, `/gradio_api/file=${path}`)).text, "kept");
    for (const other of [`/gradio_api/FILE=${path}`, `/_EASEL/f/${path}`, `/gradio_api/file=${path.toUpperCase()}`, `/gradio_api/file=${path.toLowerCase()}`]) assert.equal((await raw(blur, other)).status, 404, other);
});

test("PR 11433, 13767: forms made to keep a parser busy are refused", async () => {
    const type = { "Content-Type": "multipart/form-data; boundary=b" };
    const forms = {
        "a head that never ends": `--b\r\n${"X: y\r\n".repeat(3000)}`,
        "thousands of parts": "--b\r\nContent-Disposition: form-data; name=a\r\n\r\n\r\n".repeat(1100) + "--b--",
        "parameters without end": `--b\r\nContent-Disposition: form-data; ${"a=b; ".repeat(1500)}\r\n\r\n\r\n--b--`,
        "boundaries that nearly match": `--b\r\nContent-Disposition: form-data; name=a\r\n\r\n${"\r\n--".repeat(50000)}`,
    };
    for (const [what, body] of Object.entries(forms)) assert.ok([400, 413].includes((await raw(blur, "/gradio_api/upload", { method: "POST", headers: type, body })).status), what);
    assert.ok([400, 415].includes((await raw(blur, "/gradio_api/upload", { method: "POST", headers: { "Content-Type": `multipart/form-data; boundary=${"b".repeat(5000)}` }, body: "x" })).status));
    await alive(blur);
});

test("CVE-2023-41626, CVE-2024: an uploaded page or drawing runs nothing in the program's name", async () => {
    const form = new FormData();
    for (const name of ["a.html", "a.svg", "a.xhtml", "a.HTM", "a.js"]) form.append("files", new Blob(["<script>alert(1)</script>"]), name);
    for (const path of await (await fetch(`${blur.url}gradio_api/upload`, { method: "POST", body: form })).json()) {
        const got = await raw(blur, `/gradio_api/file=${path}`);
        assert.match(got.headers["content-disposition"], /^attachment/);
        assert.match(got.headers["content-security-policy"], /sandbox/);
        assert.equal(got.headers["x-content-type-options"], "nosniff");
    }
});
