// cors.test.mjs: pages of other sites, in a browser that keeps to the rules: those that --cors-origins lists call functions, others do not, and none reads a page.
// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { quit, repository, start, visit } from "../elements/program.mjs";

const SUM = { a: 2, b: 3, operation: "add" };
let site, friend, stranger, open, closed;
before(async () => {
    const client = readFileSync(join(repository, "tests/node_modules/@gradio/client/dist/index.min.js"));
    site = createServer((asked, answer) => {
        const script = asked.url.endsWith(".js");
        answer.writeHead(200, { "Content-Type": script ? "text/javascript" : "text/html" });
        answer.end(script ? client : "<!doctype html><title>Elsewhere</title>");
    }).listen(0);
    await once(site, "listening");
    friend = `http://localhost:${site.address().port}`;                 // one server, and two origins for a browser
    stranger = `http://127.0.0.1:${site.address().port}`;
    open = await start("tests/programs/functions", "--cors-origins", `https://example.org,${friend}`);
    closed = await start("tests/programs/functions", "--cors-origins", friend, "--require-key");
});
after(async () => {
    await quit();
    site.closeAllConnections();
    site.close();
});

async function page(t, origin) {
    const tab = await (await visit(t, open.url)).context().newPage();      // it has been to the program, so it has its cookie
    await tab.goto(origin);
    /** What a script of the page gets to see. */
    tab.asks = (url, how = {}) =>
        tab.evaluate(async ([url, how]) => {
            try {
                const got = await fetch(url, how);
                return { status: got.status, type: got.type, text: await got.text(), headers: Object.fromEntries(got.headers) };
            } catch (e) {
                return { failed: e.name };
            }
        }, [url, how]);
    return tab;
}

const posts = (body, headers = {}) => ({ method: "POST", headers: { "Content-Type": "application/json", ...headers }, body: JSON.stringify(body) });
const calls = async () => (await (await fetch(`${open.url}api/count`, { method: "POST", body: "{}" })).json()).calls;

test("a page that is listed calls, hears what is wrong, follows a stream, and ends a job", async (t) => {
    const tab = await page(t, friend);
    const sum = await tab.asks(`${open.url}api/calculate`, posts(SUM));
    assert.deepEqual([sum.status, JSON.parse(sum.text)], [200, { result: 5 }]);
    assert.equal((await tab.asks(`${open.url}api/nothing`, posts({}))).status, 404);
    assert.match((await tab.asks(`${open.url}api/tell`, posts({ count: 2 }, { Accept: "text/event-stream" }))).text, /event: done\ndata: .*word1 word2/);
    const job = await tab.asks(`${open.url}api/tell`, posts({ count: 1 }, { Prefer: "respond-async", "Idempotency-Key": "7" }));
    assert.equal(job.status, 202);
    assert.equal((await tab.asks(new URL(job.headers.location, open.url).href, { method: "DELETE" })).status, 200);
    assert.equal((await tab.asks(`${open.url}_easel/f/nothing`)).status, 404, "files may be asked for");
    assert.equal((await tab.asks(`${open.url}v1/models`)).status, 200);
    assert.equal(JSON.parse((await tab.asks(`${open.url}mcp`, posts({ jsonrpc: "2.0", id: 1, method: "ping" }, { "MCP-Protocol-Version": "2025-06-18" }))).text).id, 1);
});

test("a page that is listed needs a key where one is required, and no cookie goes along", async (t) => {
    const tab = await page(t, friend);
    const refused = await tab.asks(`${closed.url}api/calculate`, posts(SUM, { Authorization: "Bearer none" }));
    assert.deepEqual([refused.status, refused.headers["www-authenticate"]], [401, 'Bearer error="invalid_token"']);
    assert.deepEqual(await tab.asks(`${open.url}api/calculate`, { ...posts(SUM), credentials: "include" }), { failed: "TypeError" });
});

test("a page that is listed reads no page, and no part of one", async (t) => {
    const tab = await page(t, friend);
    for (const path of ["", "api", "healthz", "_easel/upload", "_easel/send"]) assert.deepEqual(await tab.asks(open.url + path), { failed: "TypeError" }, path);
    assert.deepEqual(await tab.asks(`${open.url}_easel/send`, posts({})), { failed: "TypeError" });
});

test("a page that is not listed calls nothing", async (t) => {
    const tab = await page(t, stranger), before = await calls();
    assert.deepEqual(await tab.asks(`${open.url}api/count`, posts({})), { failed: "TypeError" });
    assert.deepEqual(await tab.asks(`${open.url}api/count`, { method: "POST", body: "{}" }), { failed: "TypeError" });
    assert.equal((await tab.asks(`${open.url}api/count`, { method: "POST", body: "{}", mode: "no-cors" })).type, "opaque");
    assert.deepEqual(await tab.asks(`${open.url}api/openapi.json`), { failed: "TypeError" });
    assert.equal(await calls(), before + 1);
});

test("Gradio's client works in a page that is listed", async (t) => {
    const tab = await page(t, friend);
    const got = await tab.evaluate(async (url) => {
        const { Client } = await import("/client.js");
        const app = await Client.connect(url);
        const { data } = await app.predict("/calculate", [6, 7, "multiply"]);
        app.close();
        return data;
    }, open.url);
    assert.deepEqual(got, [42]);
});
