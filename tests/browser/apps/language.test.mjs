// language.test.mjs: the example that learned from lists of words guesses right, on its page and by its address.
// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { quit, start, visit } from "../elements/program.mjs";

let url;
before(async () => ({ url } = await start("examples/language")));
after(quit);

test("sentences are told apart by their letters", async () => {
    for (const [text, language] of [
        ["The lighthouse is older than the harbour.", "English"], ["we all live in a yellow submarine", "English"], ["Der Leuchtturm ist älter als der Hafen.", "German"], ["das Haus ist groß und schön", "German"],
        ["Le phare est plus vieux que le port.", "French"], ["bonjour tout le monde", "French"], ["El faro es más viejo que el puerto.", "Spanish"], ["buenos días a todos", "Spanish"],
    ]) {
        const said = await (await fetch(`${url}api/guess`, { method: "POST", body: JSON.stringify({ text }) })).json();
        assert.equal(said.language, language, text);
        assert.ok(Math.abs(said.english + said.german + said.french + said.spanish - 1) < 1e-9);
    }
});

test("the page says it while one types", async (t) => {
    const tab = await visit(t, url);
    await tab.getByRole("textbox").fill("Der Leuchtturm ist älter als der Hafen.");
    await tab.locator("main").getByText("German").first().waitFor();
    await tab.getByRole("textbox").fill("El faro es más viejo que el puerto.");
    await tab.waitForFunction(() => document.querySelector(".ez-class-label")?.textContent.trim().replace(/^It is probably\s*/, "").startsWith("Spanish"));
    assert.deepEqual(tab.errors, []);
});
