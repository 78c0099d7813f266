// files.test.mjs: files that a visitor drops, and what comes back: pictures, sounds, downloads.
// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { after, before, test } from "node:test";
import { png } from "../../clients/pictures.mjs";
import { launch, quit, ready, start, visit } from "./program.mjs";

let gallery, blur;
const folder = mkdtempSync(join(tmpdir(), "easel-files-"));
before(async () => {
    launch({ whole: true });
    gallery = (await start("gallery")).url;
    blur = (await start("examples/blur")).url;
});
after(async () => {
    await quit();
    rmSync(folder, { recursive: true, force: true });
});

function file(name, content) {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
}

const uploaded = (tab, name) => tab.locator(".ez-files li:not(:has(progress))", { hasText: name }).waitFor();

/** Drops files on an element, as a hand does. */
async function drop(tab, on, files) {
    const data = await tab.evaluateHandle((files) => {
        const all = new DataTransfer();
        for (const [name, type, text] of files) all.items.add(new File([text], name, { type }));
        return all;
    }, files);
    for (const kind of ["dragenter", "dragover", "drop"]) await tab.locator(on).first().dispatchEvent(kind, { dataTransfer: data });
}

test("a file that was chosen is there for C code, stays over a reload, and can be taken away", async (t) => {
    const tab = await visit(t, `${gallery}file_uploader`);
    await tab.getByLabel("A text").setInputFiles(file("poem.txt", "one\ntwo\nthree\n"));
    await tab.getByText("3 lines").waitFor();
    await tab.reload();
    await ready(tab);
    await tab.getByText("3 lines").waitFor();
    await tab.getByRole("button", { name: "Remove poem.txt" }).click();
    await tab.getByText("Nothing was uploaded yet.").waitFor();
    assert.deepEqual(tab.errors, []);
});

test("what does not fit is said at the file, and sent nowhere", async (t) => {
    const tab = await visit(t, `${gallery}file_uploader`), sent = [];
    tab.on("request", (r) => r.url().includes("_easel/upload") && sent.push(r.url()));
    await drop(tab, ".ez-upload", [["virus.exe", "application/x-msdownload", "x"]]);
    await tab.getByText("Not one of .txt,.md,.csv").waitFor();
    await drop(tab, ".ez-upload", [["empty.txt", "text/plain", ""]]);
    await tab.getByText("The file is empty").waitFor();
    assert.deepEqual(sent, []);
    await drop(tab, ".ez-upload", [["good.txt", "text/plain", "one\n"]]);
    await tab.getByText("1 lines").waitFor();
});

test("many files at once, in their order, each shown", async (t) => {
    const tab = await visit(t, `${gallery}files_uploader`);
    await tab.getByLabel("Pictures").setInputFiles([1, 2, 3].map((i) => file(`p${i}.png`, png(8 * i, 8))));
    await tab.getByText("3 pictures").waitFor();
    const widths = () => tab.locator("main figure img").evaluateAll((all) => all.map((i) => i.naturalWidth));
    for (const figure of await tab.locator("main figure img").all()) await figure.scrollIntoViewIfNeeded();
    await tab.waitForFunction(() => [...document.querySelectorAll("main figure img")].every((i) => i.naturalWidth));
    assert.deepEqual((await widths()).sort((a, b) => a - b), [8, 16, 24]);
    await tab.getByRole("button", { name: "Remove p2.png" }).click();
    await tab.getByText("2 pictures").waitFor();
    assert.deepEqual(tab.errors, []);
});

test("a function takes a picture and shows one, as PNG, JPEG and WebP", async (t) => {
    const tab = await visit(t, blur);
    for (const type of ["png", "jpeg", "webp"]) {
        const bytes = await tab.evaluate(async (type) => {
            const canvas = Object.assign(document.createElement("canvas"), { width: 40, height: 20 });
            canvas.getContext("2d").fillRect(0, 0, 20, 20);
            const blob = await new Promise((done) => canvas.toBlob(done, `image/${type}`));
            return [...new Uint8Array(await blob.arrayBuffer())];
        }, type);
        const before = await tab.locator("figure img").getAttribute("src").catch(() => null, { timeout: 1 });
        await tab.getByLabel("Photo").setInputFiles(file(`canvas.${type}`, Buffer.from(bytes)));
        await uploaded(tab, `canvas.${type}`);
        await tab.getByRole("button", { name: "Blur" }).click();
        await tab.waitForFunction((before) => {
            const img = document.querySelector("figure img");
            return img && img.getAttribute("src") !== before && img.naturalWidth === 40;
        }, before ?? "");
    }
    assert.deepEqual(tab.errors, []);
});

test("a picture of the program is drawn anew when it changes, and its link stays when it does not", async (t) => {
    const tab = await visit(t, `${gallery}image`), img = tab.locator("main figure img");
    await tab.waitForFunction(() => document.querySelector("main figure img")?.naturalWidth === 320);
    const before = await img.getAttribute("src");
    await tab.reload();
    await ready(tab);
    assert.equal(await img.getAttribute("src"), before);
    await tab.getByRole("slider").fill("12");
    await tab.getByText("12 rings").waitFor();
    assert.notEqual(await img.getAttribute("src"), before);
});

test("a sound of the program can be played and wound", async (t) => {
    const tab = await visit(t, `${gallery}audio`);
    await tab.waitForFunction(() => document.querySelector("main audio")?.duration > 1.9);
    assert.equal(await tab.locator("main audio").getAttribute("aria-label"), "440 Hz, two seconds");
    await tab.evaluate(() => (document.querySelector("main audio").currentTime = 1));
    await tab.waitForFunction(() => document.querySelector("main audio").readyState >= 2 && document.querySelector("main audio").currentTime === 1);
});

test("a download comes with its name and content, and its click is seen", async (t) => {
    const tab = await visit(t, `${gallery}download_button`);
    const [download] = await Promise.all([tab.waitForEvent("download"), tab.getByText("Download the letter").click()]);
    assert.equal(download.suggestedFilename(), "letter.txt");
    assert.equal(readFileSync(await download.path(), "utf8"), "Dear Ada,\n\nall is well.\n");
    await tab.getByText("It is yours now.").waitFor();
    assert.deepEqual(tab.errors, []);
});
