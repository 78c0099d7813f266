// chat_pictures.test.mjs: pictures from a visitor's hand, through a chat, to a model on another server.
// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { png } from "../../clients/pictures.mjs";
import { quit, ready, start, visit } from "./program.mjs";

const LATE = { timeout: 20_000 };
let program, asked = [], stand;
before(async () => {
    stand = createServer((request, response) => {
        let text = "";
        request.setEncoding("utf8");
        request.on("data", (d) => (text += d));
        request.on("end", () => {
            if (request.url === "/v1/models") return response.setHeader("Content-Type", "application/json").end(JSON.stringify({ data: [{ id: "stand-in" }] }));
            asked.push(JSON.parse(text));
            response.setHeader("Content-Type", "text/event-stream").end(`data: ${JSON.stringify({ choices: [{ delta: { content: `I see ${asked.length}.` }, finish_reason: "stop" }] })}\n\ndata: [DONE]\n\n`);
        });
    });
    await new Promise((done) => stand.listen(0, "127.0.0.1", done));
    program = await start("tests/programs/sees", "--model", `http://127.0.0.1:${stand.address().port}`);
});
after(async () => {
    await quit();
    stand.close();
});

const shows = (tab, count) => tab.waitForFunction((count) => [...document.querySelectorAll("main [data-role=user] img")].filter((i) => i.naturalWidth).length === count, count);
const dataUrl = (bytes) => ({ type: "image_url", image_url: { url: `data:image/png;base64,${bytes.toString("base64")}` } });
const file = (name, bytes) => ({ name, mimeType: "image/png", buffer: bytes });

test("a picture is added, seen, sent with the words, shown, and kept in the conversation", async (t) => {
    const tab = await visit(t, program.url), cat = png(16, 8), dog = png(8, 16);
    asked = [];
    await tab.getByLabel("Add pictures").setInputFiles([file("my (cat).png", cat), file("dog.png", dog)]);
    await tab.locator(".ez-chat-pictures li:not(:has(progress))").nth(1).waitFor(LATE);
    await tab.getByRole("button", { name: "Remove dog.png" }).click();
    assert.equal(await tab.locator(".ez-chat-pictures li").count(), 1);
    await tab.getByRole("textbox").fill("What is it?");
    await tab.keyboard.press("Enter");
    await tab.getByText("I see 1.").first().waitFor(LATE);
    await shows(tab, 1);
    assert.deepEqual(asked[0].messages, [{ role: "user", content: [{ type: "text", text: "What is it?" }, dataUrl(cat)] }]);
    assert.equal(await tab.locator(".ez-chat-pictures li").count(), 0);
    assert.equal(await tab.getByRole("textbox").inputValue(), "");
    await tab.reload();
    await ready(tab);
    await shows(tab, 1);
    await tab.getByRole("textbox").fill("And now?");
    await tab.getByRole("button", { name: "Send" }).click();
    await tab.getByText("I see 2.").first().waitFor(LATE);
    assert.deepEqual(asked[1].messages.map((m) => m.content), [asked[0].messages[0].content, "I see 1.", "And now?"]);
    await tab.getByLabel("Add pictures").setInputFiles([file("dog.png", dog)]);
    await tab.locator(".ez-chat-pictures li:not(:has(progress))").waitFor(LATE);
    await tab.getByRole("button", { name: "Send" }).click();
    await tab.getByText("I see 3.").first().waitFor(LATE);
    assert.deepEqual(asked[2].messages.at(-1).content, [dataUrl(dog)]);
    await shows(tab, 2);
    assert.deepEqual(tab.errors, []);
});

test("what is no picture is not taken, and what is dropped or pasted is", async (t) => {
    const tab = await visit(t, program.url);
    const transfer = (name, type) => tab.evaluateHandle(([name, type]) => {
        const all = new DataTransfer();
        all.items.add(new File(["x"], name, { type }));
        return all;
    }, [name, type]);
    await tab.locator(".ez-composer").dispatchEvent("drop", { dataTransfer: await transfer("notes.txt", "text/plain") });
    await tab.getByText("notes.txt is no picture that can be sent").first().waitFor(LATE);
    await tab.locator(".ez-composer").dispatchEvent("drop", { dataTransfer: await transfer("dropped.png", "image/png") });
    await tab.evaluate((data) => document.querySelector("textarea").dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true })), await transfer("pasted.webp", "image/webp"));
    await tab.locator(".ez-chat-pictures li:not(:has(progress))").nth(1).waitFor(LATE);
    assert.deepEqual(await tab.locator(".ez-chat-pictures img").evaluateAll((all) => all.map((i) => i.alt)), ["dropped.png", "pasted.webp"]);
});

test("a question that is edited keeps its picture", async (t) => {
    const tab = await visit(t, program.url), cat = png(16, 8);
    asked = [];
    await tab.getByLabel("Add pictures").setInputFiles([file("cat.png", cat)]);
    await tab.locator(".ez-chat-pictures li:not(:has(progress))").waitFor(LATE);
    await tab.getByRole("textbox").fill("First");
    await tab.keyboard.press("Enter");
    await tab.getByText("I see 1.").first().waitFor(LATE);
    await tab.locator("[data-role=user]").hover();
    await tab.locator("[data-act=edit]").click();
    const field = tab.locator(".ez-chat-edit textarea");
    await field.fill((await field.inputValue()).replace("First", "Second"));
    await field.press("Enter");
    await tab.getByText("I see 2.").first().waitFor(LATE);
    assert.deepEqual(asked[1].messages, [{ role: "user", content: [{ type: "text", text: "Second" }, dataUrl(cat)] }]);
});

test("pixels that the program drew are seen, also on a page that lies deeper", async (t) => {
    const tab = await visit(t, `${program.url}drawn/here`);
    asked = [];
    await tab.getByRole("button", { name: "Show" }).click();
    await tab.getByText("I see 1.").first().waitFor(LATE);
    const [words, picture] = asked[0].messages[0].content;
    assert.equal(words.text, "What did I draw?");
    assert.match(picture.image_url.url, /^data:image\/png;base64,iVBORw0KGgo/);
    await tab.waitForFunction(() => document.querySelector("main .ez-chat-text img")?.naturalWidth === 2);
});
