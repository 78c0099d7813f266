// files.test.mjs: files in and out of functions: by form, by data URL, by Gradio's client; and what nobody may get.
// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Client } from "@gradio/client";
import { Program } from "../program.mjs";
import { png } from "./pictures.mjs";

let program;
before(async () => (program = await new Program("examples/blur", []).begin()));
after(() => program.stop());

const form = (fields) => {
    const f = new FormData();
    for (const [name, value] of Object.entries(fields)) value instanceof Blob ? f.append(name, value, value.name ?? "a.png") : f.append(name, value);
    return f;
};
const blur = (fields, headers = {}) => fetch(`${program.url}api/blur`, { method: "POST", body: form(fields), headers });
const upload = async (blob) => (await (await fetch(`${program.url}gradio_api/upload`, { method: "POST", body: form({ files: blob }) })).json())[0];
const named = (bytes, name) => Object.assign(new Blob([bytes]), { name });
/** As it is written, where fetch would tidy the address. */
const get = (path) => new Promise((done) => request(program.url, { path }, (r) => done(r.resume())).end());

// proves curl: files in; files out
test("a picture by curl, in and out", async () => {
    const path = join(program.data, "in.png");
    writeFileSync(path, png());
    const said = JSON.parse(execFileSync("curl", ["-sS", `${program.url}api/blur`, "-F", `photo=@${path}`, "-F", "radius=2"], { encoding: "utf8" }));
    assert.deepEqual([said.width, said.height, said.result.orig_name, said.result.mime_type], [16, 8, "result.png", "image/png"]);
    const got = await fetch(said.result.url);
    assert.equal(got.headers.get("content-type"), "image/png");
    assert.match(got.headers.get("content-disposition"), /^inline/);
    assert.match(got.headers.get("content-security-policy"), /sandbox/);
    const bytes = Buffer.from(await got.arrayBuffer());
    assert.equal(bytes.length, said.result.size);
    assert.equal(bytes.toString("latin1", 1, 4), "PNG");
    const part = await fetch(said.result.url, { headers: { Range: "bytes=1-3" } });
    assert.deepEqual([part.status, await part.text()], [206, "PNG"]);
    assert.match((await fetch(`${said.result.url}?download=1`)).headers.get("content-disposition"), /^attachment/);
});

test("a result goes in again by its path, and content by a data URL", async () => {
    const json = async (photo) => (await fetch(`${program.url}api/blur`, { method: "POST", body: JSON.stringify({ photo }) })).json();
    const first = await json(`data:image/png;base64,${png(20, 10).toString("base64")}`);
    assert.equal(first.width, 20);
    assert.equal((await json(first.result)).width, 20);
    assert.equal((await json(first.result.path)).height, 10);
});

test("what is no picture, no file, or no form is named", async () => {
    const problem = async (answer, status, pattern) => {
        const p = await answer.json();
        assert.equal(answer.status, status, JSON.stringify(p));
        assert.match(p.detail, pattern);
    };
    await problem(await blur({ photo: named("no picture", "a.png") }), 500, /this is no picture that can be read here; PNG, JPEG and WebP can/);
    await problem(await blur({ photo: named(png().subarray(0, 60), "a.png") }), 500, /the PNG picture is damaged/);
    await problem(await blur({ photo: named(png(), "a.png"), radius: "far" }), 422, /radius must be a whole number from 0 to 50, and is "far"/);
    await problem(await blur({ radius: "2" }), 422, /photo is missing/);
    await problem(await fetch(`${program.url}api/blur`, { method: "POST", body: "--b\r\nnonsense", headers: { "Content-Type": "multipart/form-data; boundary=b" } }), 400, /The form has no end/);
});

test("a picture that claims to be huge is refused before it takes memory", async () => {
    const bomb = png();
    bomb.writeUInt32BE(2 ** 30, 16);
    assert.equal((await blur({ photo: named(bomb, "a.png") })).status, 500);
    assert.equal((await blur({ photo: named(png(), "a.png") })).status, 200);
});

// proves @gradio/client: files in; files out
test("Gradio's client sends files and gets files", async () => {
    const app = await Client.connect(program.url);
    try {
        const { data } = await app.predict("/blur", [new Blob([png(12, 6)], { type: "image/png" }), 3]);
        assert.deepEqual(data.slice(1), [12, 6]);
        assert.equal(Buffer.from(await (await fetch(data[0].url)).arrayBuffer()).toString("latin1", 1, 4), "PNG");
        const api = await app.view_api();
        assert.deepEqual(api.named_endpoints["/blur"].parameters.map((p) => p.component), ["Image", "Number"]);
        await assert.rejects(app.predict("/blur", [{ path: "http://127.0.0.1:1/secret.png", meta: { _type: "gradio.FileData" } }, 3]), /./, "it fetches nothing from elsewhere");
    } finally {
        app.close();
    }
});

test("no path leads out of the folder of files", async () => {
    const path = await upload(named("kept", "a.txt"));
    assert.equal(await (await fetch(`${program.url}gradio_api/file=${path}`)).text(), "kept");
    const id = path.split("/")[0];
    for (const trick of [`/etc/passwd`, `${id}/../../../../secret`, `..%2f..%2fsecret`, `%2e%2e/%2e%2e/secret`, `${id.slice(0, -1)}/a.txt`, `${id}x/a.txt`, `file:///etc/passwd`, `C:/windows/win.ini`, `//etc/passwd`, "", "."]) {
        const answer = await get(`/gradio_api/file=${trick}`);
        const own = await get(`/_easel/f/${trick}`);
        assert.ok([400, 404].includes(answer.statusCode) && [400, 404].includes(own.statusCode), `${trick}: ${answer.statusCode}, ${own.statusCode}`);
    }
    assert.equal((await get(`/gradio_api/file=${id}/any-name-at-all`)).statusCode, 200, "what follows the id is for people");
});

test("a page or a picture with a script is given to be kept, not shown", async () => {
    for (const [name, type] of [["evil.html", "text/html"], ["evil.svg", "image/svg+xml"], ["evil.xml", "application/xml"], ["evil.js", "text/javascript"]]) {
        const answer = await fetch(`${program.url}gradio_api/file=${await upload(named("<script>alert(1)</script>", name))}`);
        assert.equal(answer.headers.get("content-type"), type);
        assert.match(answer.headers.get("content-disposition"), /^attachment/);
        assert.match(answer.headers.get("content-security-policy"), /default-src 'none'.*sandbox/);
        assert.equal(answer.headers.get("x-content-type-options"), "nosniff");
    }
});

test("names that could do harm become names", async () => {
    for (const [name, kept] of [["../../../tmp/x.txt", "x.txt"], ["a\r\nSet-Cookie: b=1.txt", /^a.*b=1.txt$/], [".htaccess", "htaccess"], ["ünï cødé ☃.txt", "ünï cødé ☃.txt"]]) {
        const path = await upload(named("x", name));
        const got = path.slice(path.indexOf("/") + 1);
        typeof kept === "string" ? assert.equal(got, kept) : assert.match(got, kept);
        const answer = await fetch(`${program.url}gradio_api/file=${path.split("/").map(encodeURIComponent).join("/")}`);
        assert.equal(answer.status, 200);
        assert.equal(answer.headers.get("set-cookie"), null);
    }
});

test("another site's page brings no files", async () => {
    const answer = await fetch(`${program.url}gradio_api/upload`, { method: "POST", body: form({ files: named("x", "a.txt") }), headers: { Origin: "https://elsewhere.example" } });
    assert.equal(answer.status, 403);
});

test("an upload larger than allowed is refused while it comes, and an empty view brings none", async () => {
    const small = await new Program("examples/blur", ["--upload-max", "64K"]).begin();
    try {
        const answer = await fetch(`${small.url}gradio_api/upload`, { method: "POST", body: form({ files: named(new Uint8Array(100000), "a.bin") }) }).catch((e) => e);
        assert.ok(answer.status === 413 || answer.cause, "refused");
        assert.equal((await fetch(`${small.url}gradio_api/upload`, { method: "POST", body: form({ files: named(new Uint8Array(1000), "a.bin") }) })).status, 200);
        assert.equal((await fetch(`${small.url}_easel/upload?view=nobody&name=a`, { method: "POST", body: "x" })).status, 409);
    } finally {
        await small.stop();
    }
});
