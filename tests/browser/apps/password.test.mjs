// password.test.mjs: the page that asks for a program's password, as visitors meet it.
// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { after, before } from "node:test";
import { axeFindings, field, it, press, Program, ready, says, until, visitor } from "./harness.mjs";

const PASSWORD = "correct horse battery";
let program;
before(async () => (program = await new Program("gallery", [], { env: { EASEL_PASSWORD: PASSWORD } }).begin()));
after(() => program.stop());

/** A tab that is refused first, of which browsers complain on the console. */
async function refused(t, path = "", options = {}) {
    const who = await visitor(t, program, { breaks: true, ...options }), tab = await who.context.newPage();
    await tab.goto(program.url + path);
    await tab.getByRole("heading", { level: 1 }).waitFor();
    return tab;
}

it("a wrong password is told at its field, and the right one leads to the page that was asked for", async (t) => {
    const tab = await refused(t, "slider?a=b");
    assert.equal(await field(tab, "Password").evaluate((e) => e === document.activeElement), true);
    await tab.keyboard.type("wrong horse");
    await tab.keyboard.press("Enter");
    await says(tab, "That is not the password.");
    assert.deepEqual(await axeFindings(tab), []);
    await field(tab, "Password").fill(PASSWORD);
    await press(tab, "Open");
    await ready(tab);
    assert.equal(tab.url(), `${program.url}slider?a=b`);
    await until(() => tab.ways.has("ws"), "a socket");
    await tab.goto(`${program.url}login`);
    await ready(tab);
    assert.equal(tab.url(), program.url);
});

it("a link with the password leads to the page, and stands neither in its address nor in the history", async (t) => {
    const who = await visitor(t, program), tab = await who.context.newPage();
    await tab.goto("about:blank");
    await tab.goto(`${program.url}login?t=${encodeURIComponent(PASSWORD)}`);
    await ready(tab);
    assert.equal(tab.url(), program.url);
    assert.deepEqual(await tab.evaluate(() => [document.referrer, history.length]), ["", 2]);
    await tab.goBack();
    assert.equal(tab.url(), "about:blank");
});

it("a page whose login is over asks for it again", async (t) => {
    const who = await visitor(t, program, { breaks: true }), tab = await who.context.newPage();
    await tab.goto(`${program.url}login?t=${encodeURIComponent(PASSWORD)}`);
    await ready(tab);
    await until(() => tab.ways.has("ws"), "a socket");
    await who.context.clearCookies();
    await program.kill("worker");
    await field(tab, "Password").waitFor({ timeout: 90_000 });
    await field(tab, "Password").fill(PASSWORD);
    await press(tab, "Open");
    await ready(tab);
});

it("the page menu logs out, in every tab, and what was typed stays nowhere", async (t) => {
    const who = await visitor(t, program, { breaks: true }), tab = await who.context.newPage(), other = await who.context.newPage();
    for (const each of [tab, other]) {
        await each.goto(`${program.url}login?t=${encodeURIComponent(PASSWORD)}`);
        await each.goto(`${program.url}text_input`);
        await ready(each);
        await until(() => each.ways.has("ws"), "a socket");
        await each.locator("input[type=text]").first().fill("a secret of mine");
    }
    await press(tab, "Page menu");
    await press(tab, "Log out");
    for (const each of [tab, other]) {
        await field(each, "Password").waitFor();
        assert.doesNotMatch(await each.evaluate(() => JSON.stringify({ ...sessionStorage })), /secret of mine/);
    }
    assert.equal(tab.url(), program.url);
    assert.equal(other.url(), `${program.url}text_input`);
    assert.deepEqual((await who.context.cookies()).filter((c) => c.name.endsWith("-in")), []);
    await tab.goBack();
    await field(tab, "Password").waitFor();
    await field(other, "Password").fill(PASSWORD);
    await press(other, "Open");
    await ready(other);
    assert.equal(other.url(), `${program.url}text_input`);
});

it("a tab without a socket hears of a logout, too", async (t) => {
    const who = await visitor(t, program, { way: "sse", breaks: true }), tab = await who.context.newPage(), other = await who.context.newPage();
    await tab.goto(`${program.url}login?t=${encodeURIComponent(PASSWORD)}`);
    await other.goto(`${program.url}slider?ez=sse`);
    await ready(other);
    await until(() => other.ways.has("sse"), "an event stream");
    await press(tab, "Page menu");
    await press(tab, "Log out");
    await field(other, "Password").waitFor();
});

for (const [name, options] of [["light", {}], ["dark", { colorScheme: "dark" }]]) {
    it(`the menu with the way out is made for reading: ${name}`, async (t) => {
        const who = await visitor(t, program, options), tab = await who.context.newPage();
        await tab.goto(`${program.url}login?t=${encodeURIComponent(PASSWORD)}`);
        await ready(tab);
        await press(tab, "Page menu");
        const [over, out] = await Promise.all(["Start over", "Log out"].map((each) => tab.getByRole("button", { name: each }).boundingBox()));
        assert.deepEqual([out.x, out.width, out.height], [over.x, over.width, over.height]);
        assert.deepEqual(await axeFindings(tab), []);
        if (process.env.EASEL_PICTURES) await tab.screenshot({ path: `${process.env.EASEL_PICTURES}/menu-${name}.png` });
    });
}

for (const [name, options] of [["light", {}], ["dark", { colorScheme: "dark" }], ["phone", { viewport: { width: 320, height: 560 }, hasTouch: true, isMobile: true }]]) {
    it(`the page that asks is made for reading: ${name}`, async (t) => {
        const tab = await refused(t, "", options);
        assert.deepEqual(await axeFindings(tab), []);
        assert.equal(await tab.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, "nothing stands out of it");
        const { width, height } = await tab.getByRole("button", { name: "Open" }).boundingBox();
        assert.ok(width > 200 && height >= 40);
        if (process.env.EASEL_PICTURES) await tab.screenshot({ path: `${process.env.EASEL_PICTURES}/password-${name}.png` });
        await field(tab, "Password").fill("wrong horse");
        await press(tab, "Open");
        await says(tab, "That is not the password.");
        if (process.env.EASEL_PICTURES) await tab.screenshot({ path: `${process.env.EASEL_PICTURES}/password-${name}-wrong.png` });
    });
}
