// sound.test.mjs: every example asks no other host, breaks no policy, reads well for everybody and fits every screen.
// SPDX-License-Identifier: Apache-2.0
//
// That nothing asks another host and nothing breaks the policy is what visit() looks at in every test of this folder.

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { before } from "node:test";
import { faded } from "../chromium.mjs";
import { axeFindings, Chat, COLOURS, field, it, need, press, repository, says, settled, start, visit } from "./harness.mjs";

const names = readdirSync(join(repository, "examples")).filter((f) => f.endsWith(".c")).map((f) => f.slice(0, -2));
const phone = { viewport: { width: 390, height: 800 }, hasTouch: true, isMobile: true };
/** What only a look of its own can show: colours in the dark, and on a phone what is too small to touch or does not scroll. All else is the same page. */
const TOUCH = ["target-size", "scrollable-region-focusable", "meta-viewport"];
const chats = /^llama/;
const at = {};
before(() => Promise.all(names.map(async (name) => (at[name] = await start(`examples/${name}`)))));

/** Something happened on the page before it is looked at. */
const used = {
    counter: (tab) => press(tab, "Count"),
    echo: async (tab) => (await field(tab, "Text").fill("hello"), await field(tab, "Text").press("Enter"), await says(tab, "echo hello")),
    greet: async (tab) => (await field(tab, "Name").fill("Ada"), await press(tab, "Greet")),
    state: async (tab) => (await field(tab, "From 1 to 100").fill("42"), await press(tab, "Guess"), await says(tab, "42 is right, after 1 guess.")),
    crash: (tab) => press(tab, "Count"),
};
async function chatted(tab) {
    const chat = new Chat(tab);
    await chat.ask("Is **this** right?\n\n- one\n- two\n\n```c\nint main(void) { return 0; }\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |");
    await chat.state("done");
    await tab.locator("span[class^=hljs]").first().waitFor();
}

/** Somebody has used the page, and colours have faded in: what is halfway has no contrast yet. */
async function usedBySomebody(tab, name) {
    await (chats.test(name) ? chatted : used[name])?.(tab);
    await settled(tab);
    await faded(tab);
}
const fits = async (tab) => assert.ok(await tab.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "no sideways scrolling");

for (const name of names) {
    it(`${name}: axe-core finds nothing, also in the dark, one h1, no id twice, no mistake, no wider than its window`, async (t) => {
        const tab = await visit(t, at[name]);
        if (chats.test(name)) assert.deepEqual(await axeFindings(tab), []);
        await usedBySomebody(tab, name);
        assert.deepEqual(await axeFindings(tab), []);
        assert.equal(await tab.locator("h1").count(), 1);
        assert.equal(await tab.locator(".ez-mistake").count(), 0);
        const ids = await tab.$$eval("[id]", (all) => all.map((e) => e.getAttribute("id")));
        assert.deepEqual(ids.filter((id, i) => ids.indexOf(id) !== i), []);
        await fits(tab);
        await tab.emulateMedia({ colorScheme: "dark" });
        await faded(tab);
        assert.deepEqual(await axeFindings(tab, COLOURS), []);
    });

    it(`${name}, on a phone: what is touched is large enough, what scrolls can be reached, no wider than the window`, async (t) => {
        const tab = await visit(t, at[name], phone);
        await usedBySomebody(tab, name);
        assert.deepEqual(await axeFindings(tab, TOUCH), []);
        assert.equal(await tab.locator(".ez-mistake").count(), 0);
        await fits(tab);
    });
}

it("a page that fits its window does not scroll", async (t) => {
    for (const name of ["counter", "hello", "llama_chat_script"]) {
        const tab = await visit(t, at[name], { viewport: { width: 900, height: 700 } });
        assert.equal(await tab.evaluate(() => document.documentElement.scrollHeight), 700, name);
    }
});

it("a page is served with a strict policy and a cookie that scripts do not see", async () => {
    for (const name of names) {
        const answer = await fetch(at[name].url), policy = answer.headers.get("content-security-policy"), cookie = answer.headers.get("set-cookie");
        assert.match(policy, /default-src 'none'/);
        assert.doesNotMatch(policy.replace("style-src-attr 'unsafe-inline'", ""), /unsafe|https?:|\*/);
        assert.equal(answer.headers.get("x-content-type-options"), "nosniff");
        assert.match(cookie, /HttpOnly/);
        assert.match(cookie, /SameSite=Lax/);
    }
});

it("a socket or a POST from another site is refused", async () => {
    const WebSocket = need("ws"), { url } = at.counter;
    const status = await new Promise((done) => {
        const socket = new WebSocket(url.replace("http", "ws") + "_easel/ws", { origin: "https://elsewhere.example" });
        socket.on("unexpected-response", (_, response) => done(response.statusCode)).on("open", () => done(101)).on("error", () => 0);
    });
    assert.equal(status, 403);
    const posted = await fetch(url + "_easel/send?view=x&session=y", { method: "POST", body: "{}", headers: { origin: "https://elsewhere.example", "content-type": "application/json" } });
    assert.equal(posted.status, 403);
});

it("what is not there is answered 404, and nothing outside is served", async () => {
    const { url } = at.counter;
    for (const path of ["none", "_easel/a/none.js", "..%2f..%2fetc%2fpasswd", "_easel/a/..%2f..%2f..%2fetc%2fpasswd", "%00", "_easel"]) {
        const answer = await fetch(url + path);
        assert.ok([400, 404].includes(answer.status), `${path}: ${answer.status}`);
        assert.doesNotMatch(await answer.text(), /root:/);
    }
});
