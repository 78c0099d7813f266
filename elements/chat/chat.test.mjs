// chat.test.mjs: what the scripts of the chat elements do, in a browser, against a puppet server.
// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { id, main, open, quit, repository, until } from "../../tests/browser/core/harness.mjs";

const built = mkdtempSync(join(tmpdir(), "easel-chat-"));
execFileSync("node", [join(repository, "web/build.mjs"), "--out", built]);
const manifest = JSON.parse(readFileSync(join(built, "manifest.json"), "utf8"));
after(async () => {
    rmSync(built, { recursive: true });
    await quit();
});

const filesOf = (...roles) => manifest.filter((m) => roles.includes(m.role) && /\.(js|css)$/.test(m.file)).map((m) => m.file);

/** The real scripts and styles of all elements, instead of the core alone. */
async function withElements(tab) {
    await tab.route("**/_easel/a/*", (route) => {
        const name = new URL(route.request().url()).pathname.split("/").pop();
        if (name.startsWith("icons")) return route.continue();
        const style = (files) => route.fulfill({ body: files.map((f) => readFileSync(join(built, f), "utf8")).join("\n"), contentType: "text/css" });
        if (name === "easel.css") return style(filesOf("easel.css", "sheet"));
        if (name.startsWith("sheet-")) return style([]);
        const body = name === "easel.js" ? filesOf("easel.js").concat(filesOf("part")).map((f) => `import "./${f}";`).join("\n") : readFileSync(join(built, name));
        return route.fulfill({ body, contentType: "text/javascript" });
    });
}
const opened = (t, page, more = {}) => open(t, page, { before: withElements, ...more });

// ---- markup as the elements print it ---------------------------------------------------------------------------------------

const act = (name, more = "") => `<button type="button" class="ez-icon-button" data-act="${name}" aria-label="${name}"${more}></button>`;
const shown = (name, html, { state = "done", more = "", foot = "" } = {}) =>
    `<ez-chat-text id="${id(name)}" class="ez-chat-text" data-state="${state}" data-ez-message="m"><div class="ez-prose" dir="auto" data-ez-end>${html}</div>${more}<div class="ez-chat-foot">${foot}</div></ez-chat-text>`;
const turn = (name, role, inside) => `<article id="${id(name)}" class="ez-chat-message" data-role="${role}"><div class="ez-chat-body ez-place" data-ez-place="${id(name)}">${inside}</div></article>`;
const slot = '<div class="ez-chat-edit" data-ez-own></div>';
const code = (lang, text) => `<div class="ez-code"><div class="ez-code-bar"><span class="ez-code-lang">${lang}</span><button type="button" class="ez-code-copy" data-ez-copy>Copy</button></div><pre tabindex="0"><code data-lang="${lang}">${text}</code></pre></div>`;
const composer = (more = "") => `<ez-chat-input id="${id("input")}" class="ez-chat-input" role="form" aria-label="New message"><button type="button" class="ez-chat-latest ez-icon-button" aria-label="Jump to the latest message"></button>${more}` +
    `<div class="ez-composer"><textarea rows="1" data-ez-submit data-ez-clear placeholder="Ask" aria-label="Ask" maxlength="20"></textarea><span class="ez-composer-end"><span class="ez-chat-count" data-max="20" data-ez-own></span>` +
    `<button type="button" class="ez-chat-send" data-ez-submit aria-label="Send"></button><button type="button" class="ez-chat-stop" data-ez-page="stop" aria-label="Stop"></button></span></div></ez-chat-input>`;
const suggestions = '<div class="ez-chat-suggestions"><button type="button" class="ez-chat-suggestion">One?</button><button type="button" class="ez-chat-suggestion">Two?</button></div>';
const trigger = (m) => m.t === "e" && m.x, signal = (m) => m.t === "s";

const clipboard = async (tab) => tab.evaluate(() => window.copied);
const fakeClipboard = async (tab) => {
    await tab.addInitScript(() => Object.defineProperty(navigator, "clipboard", { value: { writeText: async (t) => void (window.copied = t) } }));
    await withElements(tab);
};

// ---- messages ------------------------------------------------------------------------------------------------------------------

test("copy gives the Markdown that made the answer", async (t) => {
    const html = "<h3>Head</h3><p>a <strong>b</strong> <em>c</em> <code>d</code><br>e <a href=\"https://x.org\">f</a></p><ol><li>one</li><li>two<ul><li>in</li></ul></li></ol>" +
        code("c", "int a;\n\nint b;") + "<blockquote><p>q</p><p>r</p></blockquote>" +
        '<div class="ez-table-wrap"><table><thead><tr><th>A</th><th>B</th></tr></thead><tbody><tr><td>1</td><td>2</td></tr></tbody></table></div>' +
        '<ul><li class="ez-task"><span class="ez-check" data-done></span>done</li></ul><p><code class="ez-math">x^2</code></p><hr>';
    const { tab, fake } = await opened(t, { main: turn("t", "assistant", shown("m", html, { foot: act("copy") })) }, { before: fakeClipboard });
    await tab.click("[data-act=copy]");
    assert.deepEqual((await fake.next(signal)).x, [id("m"), "copy", null]);
    assert.equal(await clipboard(tab), [
        "# Head", "a **b** *c* `d`\ne [f](https://x.org)", "1. one\n2. two\n   - in", "```c\nint a;\n\nint b;\n```", "> q\n> \n> r",
        "| A | B |\n| --- | --- |\n| 1 | 2 |", "- [x] done", "$x^2$", "---"].join("\n\n"));
});

test("a question is edited in place: Enter sends, Escape takes it back", async (t) => {
    const { tab, fake } = await opened(t, { main: turn("t", "user", shown("m", "<p>Why <em>is</em><br>it?</p>", { more: slot, foot: act("edit") })) });
    await tab.click("[data-act=edit]");
    assert.equal(await tab.inputValue(".ez-chat-edit textarea"), "Why *is*\nit?");
    await tab.keyboard.press("Escape");
    assert.equal(await tab.locator(".ez-chat-edit textarea").count(), 0);
    assert.equal(await tab.evaluate(() => document.activeElement.dataset.act), "edit", "focus goes back");
    await tab.click("[data-act=edit]");
    await tab.fill(".ez-chat-edit textarea", "And now?");
    await tab.keyboard.press("Shift+Enter");
    await tab.keyboard.type("Or later?");
    await tab.keyboard.press("Enter");
    assert.deepEqual((await fake.next(trigger)).x, [id("m"), "edit", "And now?\nOr later?"]);
    assert.equal(await tab.locator(".ez-chat-edit textarea").count(), 0);
});

test("what is being edited survives a put of the message", async (t) => {
    const message = (state) => shown("m", "<p>Why?</p>", { state, more: slot, foot: act("edit") });
    const { tab, fake } = await opened(t, { main: turn("t", "user", message("done")) });
    await tab.click("[data-act=edit]");
    await tab.keyboard.type(" Really");
    fake.frame(["p", id("m"), message("done").replace("data-state", 'data-last data-state')]);
    await until(tab, () => document.querySelector("[data-last]"));
    assert.equal(await tab.inputValue(".ez-chat-edit textarea"), "Why? Really");
    assert.equal(await tab.evaluate(() => document.activeElement.tagName), "TEXTAREA");
});

test("regenerate is a trigger; thumbs, versions and stop are signals", async (t) => {
    const foot = act("regenerate") + act("good", ' aria-pressed="false"') + act("bad", ' aria-pressed="true"') +
        `<span class="ez-chat-branch" data-branch="2" data-branches="3">${act("back")}${act("on")}</span>` + act("stop", ' style="display:block"');
    const { tab, fake } = await opened(t, { main: turn("t", "assistant", shown("m", "<p>x</p>", { foot })) });
    const click = async (name, kind) => {
        await tab.click(`[data-act=${name}]`);
        return (await fake.next(kind)).x.slice(1);
    };
    assert.deepEqual(await click("regenerate", trigger), ["regenerate", null]);
    assert.deepEqual(await click("good", signal), ["feedback", 1]);
    assert.equal(await tab.getAttribute("[data-act=good]", "aria-pressed"), "true");
    assert.equal(await tab.getAttribute("[data-act=bad]", "aria-pressed"), "false");
    assert.deepEqual(await click("good", signal), ["feedback", 0]);
    assert.deepEqual(await click("bad", signal), ["feedback", -1]);
    assert.deepEqual(await click("back", signal), ["branch", 1]);
    assert.deepEqual(await click("on", signal), ["branch", 3]);
    assert.deepEqual(await click("stop", signal), ["stop", null]);
});

test("a screen reader hears that an answer begins, and what it says when it is there", async (t) => {
    const { tab, fake } = await opened(t, { main: turn("t", "assistant", shown("m", "", { state: "streaming" })) });
    const said = () => tab.textContent("#ez-polite");
    assert.equal(await said(), "The answer is being written.");
    fake.frame(["l", id("m"), 0, "<p>Forty"], ["t", id("m"), "-two"]);
    await until(tab, () => document.querySelector("[data-ez-end]").textContent === "Forty-two");
    assert.equal(await said(), "The answer is being written.", "nothing is said for each word");
    fake.frame(["p", id("m"), shown("m", "<p>Forty-two</p>")]);
    await until(tab, () => document.getElementById("ez-polite").textContent === "Forty-two");
});

// ---- code ------------------------------------------------------------------------------------------------------------------------

test("code is highlighted once its block is closed, and stays so while more comes", async (t) => {
    const { tab, fake, errors } = await opened(t, { main: turn("t", "assistant", shown("m", "", { state: "streaming" })) });
    const spans = () => tab.locator("code .hljs-keyword").count();
    fake.frame(["l", id("m"), 0, code("c", "int f(void)")]);
    fake.frame(["t", id("m"), "\n{ return 1; }"]);
    await until(tab, () => document.querySelector("code")?.textContent.endsWith("1; }"));
    await tab.waitForTimeout(150);
    assert.equal(await spans(), 0, "it is still open");
    fake.frame(["l", id("m"), 0, code("c", "int f(void)\n{ return 1; }") + "<p>It</p>"]);
    await until(tab, () => document.querySelector("code .hljs-keyword"));
    await tab.evaluate(() => (document.querySelector("code .hljs-keyword").mark = 1));
    fake.frame(["l", id("m"), 1, "<p>It returns</p>"], ["t", id("m"), " one."]);
    fake.frame(["p", id("m"), shown("m", code("c", "int f(void)\n{ return 1; }") + "<p>It returns one.</p>")]);
    await until(tab, () => document.querySelector("ez-chat-text").dataset.state === "done");
    assert.equal(await tab.evaluate(() => document.querySelector("code .hljs-keyword").mark), 1);
    assert.equal(await tab.textContent("code"), "int f(void)\n{ return 1; }");
    assert.deepEqual(errors, []);
});

test("a language that nobody knows stays plain, and markup in code stays text", async (t) => {
    const { tab, errors } = await opened(t, { main: turn("t", "assistant", shown("m", code("klingon", "a &lt;b&gt;") + code("html", "&lt;img src=x onerror=alert(1)&gt;"))) });
    await until(tab, () => document.querySelector("[data-lang=html] .hljs-name"));
    assert.equal(await tab.locator("code img").count(), 0);
    assert.equal(await tab.locator("[data-lang=klingon] *").count(), 0);
    assert.deepEqual(errors, []);
});

test("the button of a block copies its code, with and without the clipboard's leave", async (t) => {
    const page = { main: turn("t", "assistant", shown("m", code("c", "a &lt; b;\n"))) };
    const first = await opened(t, page, { before: fakeClipboard });
    await first.tab.click(".ez-code-copy");
    assert.equal(await clipboard(first.tab), "a < b;\n");
    assert.equal(await first.tab.textContent(".ez-code-copy"), "Copied");
    const refuse = async (tab) => {
        await tab.addInitScript(() => {
            Object.defineProperty(navigator, "clipboard", { value: { writeText: () => Promise.reject(new Error("no")) } });
            document.execCommand = () => ((window.copied = document.activeElement.value), true);
        });
        await withElements(tab);
    };
    const second = await opened(t, page, { before: refuse });
    await second.tab.click(".ez-code-copy");
    await until(second.tab, () => document.querySelector(".ez-code-copy").textContent === "Copied");
    assert.equal(await clipboard(second.tab), "a < b;\n");
});

// ---- the composer ----------------------------------------------------------------------------------------------------------------

test("Enter sends and keeps the focus, Shift+Enter breaks the line, a click on send does the same", async (t) => {
    const { tab, fake } = await opened(t, { bottom: composer() });
    await tab.click("textarea");
    await tab.keyboard.type("one");
    await tab.keyboard.press("Shift+Enter");
    await tab.keyboard.type("two");
    await tab.keyboard.press("Enter");
    assert.deepEqual((await fake.next(trigger)).x, [id("input"), "submit", "one\ntwo"]);
    assert.equal(await tab.inputValue("textarea"), "");
    await tab.keyboard.type("three");
    await tab.click(".ez-chat-send");
    assert.deepEqual((await fake.next(trigger)).x, [id("input"), "submit", "three"]);
    assert.equal(await tab.evaluate(() => document.activeElement.tagName), "TEXTAREA");
});

test("the field grows with the text, up to 40 % of the height, and counts near the limit", async (t) => {
    const { tab } = await opened(t, { bottom: composer().replace('maxlength="20"', "") });
    const height = async () => (await tab.locator("textarea").boundingBox()).height;
    const one = await height();
    await tab.fill("textarea", "a\nb\nc\nd");
    assert.ok((await height()) > one * 2);
    await tab.fill("textarea", "a\n".repeat(80));
    const most = (await height()) / tab.viewportSize().height;
    assert.ok(most > 0.35 && most <= 0.41, `${most}`);
    await tab.fill("textarea", "x".repeat(10));
    assert.equal(await tab.textContent(".ez-chat-count"), "");
    await tab.fill("textarea", "x".repeat(18));
    assert.equal(await tab.textContent(".ez-chat-count"), "18 / 20");
});

test("a suggestion asks its question, and all leave when somebody has asked", async (t) => {
    const { tab, fake } = await opened(t, { bottom: composer(suggestions) });
    await tab.click("text=Two?");
    assert.deepEqual((await fake.next(trigger)).x, [id("input"), "submit", "Two?"]);
    fake.frame(["p", id("t"), turn("t", "user", "")], ["k", main, 0, 0, [id("t")]]);
    await until(tab, () => document.querySelector("[data-role=user]"));
    assert.equal(await tab.isVisible(".ez-chat-suggestion >> nth=0"), false);
});

test("stop stands where send is while the page is busy", async (t) => {
    const { tab, fake } = await opened(t, { bottom: composer() });
    assert.equal(await tab.isVisible(".ez-chat-stop"), false);
    fake.say({ busy: 1 });
    await tab.waitForSelector(".ez-chat-stop", { state: "visible" });
    assert.equal(await tab.isVisible(".ez-chat-send"), false);
    await tab.click(".ez-chat-stop");
    assert.deepEqual((await fake.next(signal)).x, [main, "stop", null]);
    fake.say({ busy: 0 });
    await tab.waitForSelector(".ez-chat-send", { state: "visible" });
});

const long = "<p>line</p>".repeat(120);

test("the page follows an answer until somebody scrolls up, and a button leads back", async (t) => {
    const { tab, fake } = await opened(t, { main: turn("t", "assistant", shown("m", long, { state: "streaming" })), bottom: composer() });
    const rest = () => tab.evaluate(() => document.documentElement.scrollHeight - innerHeight - scrollY);
    const grow = async () => {
        const before = await tab.locator("[data-ez-end] > p").count();
        fake.frame(["l", id("m"), before, "<p>more</p>".repeat(10)]);
        await until(tab, (n) => document.querySelectorAll("[data-ez-end] > p").length > n, before);
    };
    await until(tab, () => scrollY > 100);
    await grow();
    assert.ok((await rest()) < 5, "it follows");
    await tab.mouse.move(300, 300);
    await tab.mouse.wheel(0, -600);
    await until(tab, () => document.documentElement.hasAttribute("data-ez-away"));
    const at = await tab.evaluate(() => scrollY);
    await grow();
    assert.ok(Math.abs((await tab.evaluate(() => scrollY)) - at) < 5, "it let go");
    await tab.click(".ez-chat-latest");
    await until(tab, () => document.documentElement.scrollHeight - innerHeight - scrollY < 5);
    await grow();
    assert.ok((await rest()) < 5, "it follows again");
});

test("a chatbot follows inside its box and shows the way back", async (t) => {
    const bot = `<ez-chatbot id="${id("bot")}" class="ez-chatbot" style="--ez-chatbot-height:300px"><div class="ez-chatbot-scroll" data-ez-follow tabindex="0"><div class="ez-chatbot-messages ez-place" data-ez-place="${id("bot")}">` +
        `${turn("t", "assistant", shown("m", long, { state: "streaming" }))}</div></div><button type="button" class="ez-chat-latest ez-icon-button" aria-label="Jump to the latest message" data-ez-own hidden></button></ez-chatbot>`;
    const { tab } = await opened(t, { main: bot });
    await until(tab, () => document.querySelector(".ez-chatbot-scroll").scrollTop > 100);
    assert.equal(await tab.isVisible(".ez-chat-latest"), false);
    await tab.hover(".ez-chatbot-scroll");
    await tab.mouse.wheel(0, -500);
    await tab.waitForSelector(".ez-chat-latest", { state: "visible" });
    await tab.click(".ez-chat-latest");
    await tab.waitForSelector(".ez-chat-latest", { state: "hidden" });
});
