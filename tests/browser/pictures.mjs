// pictures.mjs: takes the pictures of the docs: each example, and the gallery light, dark and on a phone.
// SPDX-License-Identifier: Apache-2.0
//
//   EASEL_BUILD=build node tests/browser/pictures.mjs [NAME…]        writes docs/pictures/*.png

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { quit, ready, repository, start, visit } from "./elements/program.mjs";

const out = join(repository, "docs/pictures");
const press = (name) => (tab) => tab.getByRole("button", { name, exact: true }).click();
/** Asks, and waits for the end of the answer: it is the model's own, so no two pictures are alike. */
const ask = (placeholder, ...questions) => async (tab) => {
    for (const question of questions) {
        const answers = tab.locator('[data-role="assistant"]'), before = await answers.count();
        await tab.getByPlaceholder(placeholder).fill(question);
        await tab.getByPlaceholder(placeholder).press("Enter");
        await answers.nth(before).waitFor({ timeout: 60000 });
        await tab.waitForTimeout(500);
        tab.setDefaultTimeout(60000);
        await ready(tab);
    }
};
const wanted = [
    { name: "hello", program: "examples/hello" },
    { name: "counter", program: "examples/counter", act: press("Count") },
    { name: "echo", program: "examples/echo", act: async (tab) => (await tab.getByLabel("Text").fill("hello"), await tab.getByLabel("Text").press("Enter")) },
    { name: "greet", program: "examples/greet", act: async (tab) => (await tab.getByLabel("Name").fill("Ada"), await press("Greet")(tab)) },
    { name: "calculator", program: "examples/calculator", act: async (tab) => (await tab.getByRole("row", { name: /144/ }).getByRole("button").focus(), await tab.keyboard.press("Enter")), options: { viewport: { width: 820, height: 820 } } },
    { name: "count", program: "examples/count", act: async (tab) => (await press("Count")(tab), await tab.getByText("1 2 3 4").waitFor({ timeout: 20000 })) },
    { name: "labelling", program: "examples/labelling", act: async (tab) => (await tab.getByLabel("Report from sea").fill("A gale blew spray over the deck, then the sea lay calm."), await press("Submit")(tab), await tab.getByText("Because of").waitFor()), options: { viewport: { width: 820, height: 640 } } },
    { name: "pattern", program: "examples/pattern", act: async (tab) => (await tab.getByRole("row", { name: /7 ships/ }).getByRole("button").focus(), await tab.keyboard.press("Enter"), await press("Find")(tab), await tab.getByLabel("These").waitFor()), options: { viewport: { width: 820, height: 760 } } },
    { name: "batch", program: "examples/batch", act: async (tab) => (await tab.getByLabel("Word").fill("lighthouse"), await press("Submit")(tab)), options: { viewport: { width: 820, height: 560 } } },
    { name: "state", program: "examples/state", act: async (tab) => (await tab.getByLabel("From 1 to 100").fill("42"), await press("Guess")(tab)) },
    { name: "layout", program: "examples/layout", wide: true },
    { name: "llama_chat_script", program: "examples/llama_chat_script", act: ask("Ask Llama 3.1 something...", "Give me three tips for learning to program."), options: { viewport: { width: 900, height: 720 } } },
    { name: "llama_chat_events", program: "examples/llama_chat_events", act: ask("Ask something...", "Give me three tips for learning to program."), options: { viewport: { width: 900, height: 940 } } },
    { name: "page50", program: "examples/page50" },
    { name: "crash", program: "examples/crash", act: press("Count") },
    { name: "gallery", program: "gallery", wide: true },
    { name: "gallery-dark", program: "gallery", page: "slider", wide: true, options: { colorScheme: "dark" } },
    { name: "gallery-phone", program: "gallery", page: "form", options: { viewport: { width: 390, height: 720 }, hasTouch: true, isMobile: true } },
];

mkdirSync(out, { recursive: true });
for (const { name, program, page = "", act, wide, options } of wanted) {
    if (process.argv.length > 2 && !process.argv.includes(name)) continue;
    const { url, stop } = await start(program);
    const tab = await visit(null, url + page, { viewport: wide ? { width: 1120, height: 700 } : { width: 820, height: 520 }, ...options });
    await act?.(tab);
    await tab.waitForTimeout(600);
    await tab.evaluate(() => document.activeElement?.blur());
    await tab.mouse.move(0, 0);
    await tab.screenshot({ path: join(out, `${name}.png`) });
    await tab.context().close();
    await stop();
    console.log(`docs/pictures/${name}.png`);
}
await quit();
