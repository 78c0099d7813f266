// pictures.mjs: takes the pictures of the chat for the docs, with an answer that the real model wrote: light, dark, and on a phone.
// SPDX-License-Identifier: Apache-2.0
//
//   EASEL_BUILD=build node tests/browser/apps/pictures.mjs [NAME…]        writes docs/pictures/*.png
//
// One picture of each example is made by tests/browser/pictures.mjs.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Chat, launch, ready, repository, settled, start } from "./harness.mjs";

const out = join(repository, "docs/pictures");
const screen = { viewport: { width: 1000, height: 720 } }, phone = { viewport: { width: 390, height: 860 }, hasTouch: true, isMobile: true };
const wanted = { chat: screen, "chat-dark": { ...screen, colorScheme: "dark" }, "chat-phone": phone };

/** A small model does not always write what makes a good picture: asks again until it does. */
async function good(chat, words, fits) {
    for (let i = 0; i < 40; i++) {
        const last = chat.last;
        if (i) await chat.act("regenerate").click();
        else await chat.ask(words);
        await chat.state("streaming").catch(() => 0);
        await chat.tab.waitForFunction(() => {
            const text = [...document.querySelectorAll("[data-role=assistant] ez-chat-text")].at(-1);
            return text && (text.dataset.state !== "streaming" || text.querySelector("[data-ez-end]").textContent.length > 1400);
        });
        await chat.end();
        if (await last.evaluate(fits)) return;
    }
    console.log(`"${words}": took what came`);
}

mkdirSync(out, { recursive: true });
for (const [name, options] of Object.entries(wanted)) {
    if (process.argv.length > 2 && !process.argv.includes(name)) continue;
    const server = await start("examples/llama_chat_script");
    const context = await (await launch()).newContext({ reducedMotion: "reduce", ...options }), tab = await context.newPage();
    await tab.goto(server.url);
    await ready(tab);
    const chat = new Chat(tab);
    await good(chat, "Write a Python function that adds two numbers", (m) => {
        const text = m.querySelector("[data-ez-end]"), length = text.textContent.length;
        return m.querySelector("ez-chat-text").dataset.state === "done" && text.querySelectorAll("pre").length === 1 && length > 120 && scrollY === 0;
    });
    await settled(tab);
    await tab.evaluate(() => document.activeElement?.blur());
    await tab.mouse.move(0, 0);
    await tab.evaluate(() => Promise.all([document.fonts.ready, ...document.getAnimations().filter((a) => a.effect.getComputedTiming().endTime < Infinity).map((a) => a.finished.catch(() => 0))]));
    await tab.screenshot({ path: join(out, `${name}.png`) });
    await context.close();
    await server.stop();
    console.log(`docs/pictures/${name}.png`);
}
await (await launch()).close();
