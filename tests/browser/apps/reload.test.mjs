// reload.test.mjs: a page that is being written: what is saved shows at once, and what is wrong with it shows too.
// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build, field, it, press, says, settled, start, until, visit } from "./harness.mjs";

/** A folder with a page; save() writes it anew, as an editor does. */
function folder(t) {
    const path = mkdtempSync(join(tmpdir(), "easel-reload-"));
    t.after(() => rmSync(path, { recursive: true, force: true }));
    const put = (name, text) => {
        writeFileSync(join(path, `${name}~`), text);
        renameSync(join(path, `${name}~`), join(path, name));
    };
    return { path, put, save: (body, more = "") => put("page.c", source(body, more)) };
}

const source = (body, more) => `#include <easel.h>
${more}
static void page(ez_ui *ui)
{
    int *count = ez_state(ui, int, "count");
    ez_text_input(ui, "Name");
    if (ez_button(ui, "Count"))
        ++*count;
    ez_text(ui, ez_fmt(ui, "count %d", *count));
    ${body}
}
int main(int argc, char **argv) { return ez_main(argc, argv, page); }
`;

async function served(t, body, more) {
    const files = folder(t);
    files.save(body, more);
    const program = await start("easel", [], t, { words: ["run", "page.c"], cwd: files.path });
    const tab = await visit(t, program, { breaks: true });
    await press(tab, "Count");
    await says(tab, "count 1");
    await settled(tab);
    await tab.evaluate(() => (globalThis.same = true));
    return { files, program, tab };
}

const problem = (tab) => tab.locator("#ez-problem");
/** The tab was not loaded again, and the session is the same. */
async function same(tab) {
    assert.equal(await tab.evaluate(() => globalThis.same), true, "the page was not loaded again");
    await says(tab, "count 1");
}

it("a saved page shows at once, and session, typed text, focus and scroll stay", async (t) => {
    const { files, tab } = await served(t, 'ez_title(ui, "One"); for (int i = 0; i < 80; i++) ez_text(ui, ez_fmt(ui, "row %d", i));');
    await field(tab, "Name").pressSequentially("half a na");
    await tab.evaluate(() => scrollTo(0, 500));
    for (let i = 2; i < 6; i++) {
        files.save(`ez_title(ui, "Number ${i}"); for (int i = 0; i < 80; i++) ez_text(ui, ez_fmt(ui, "row %d", i));`);
        await says(tab, `Number ${i}`);
    }
    assert.equal(await tab.evaluate(() => scrollY), 500);
    await tab.keyboard.type("me");
    assert.equal(await tab.evaluate(() => document.activeElement.value), "half a name");
    await same(tab);
});

it("a mistake shows with file, line and source while the page goes on, and goes when it is mended", async (t) => {
    const { files, program, tab } = await served(t, 'ez_title(ui, "One");');
    files.save('ez_tilte(ui, "Two");');
    await problem(tab).getByText(/page\.c:10:5: error: .*ez_tilte/).waitFor();
    await problem(tab).getByText('10 |     ez_tilte(ui, "Two");').first().waitFor();
    await says(tab, "One");
    const late = await visit(t, program, { breaks: true });
    await problem(late).getByText("page.c does not compile").waitFor();
    await press(late, "Count");
    await says(late, "count 1");
    files.save('ez_title(ui, "Two");');
    await says(tab, "Two");
    await problem(tab).waitFor({ state: "detached" });
    await problem(late).waitFor({ state: "detached" });
    await same(tab);
});

it("what cc finds after tcc has served it is said: warnings in the terminal, mistakes on the page", async (t) => {
    const { files, program, tab } = await served(t, 'ez_title(ui, "One");');
    files.save('ez_title(ui, "Two"); int unused;');
    await says(tab, "Two");
    await program.said(/page\.c:10:\d+: warning: unused variable/);
    assert.equal(await problem(tab).count(), 0);
    files.save('ez_title(ui, "Three"); const int fixed = 1; fixed = 2; ez_text(ui, ez_fmt(ui, "%d", fixed));');
    await problem(tab).getByText(/page\.c:10:\d+: error: assignment of read-only/).waitFor();
    files.save('ez_title(ui, "Four");');
    await says(tab, "Four");
    await problem(tab).waitFor({ state: "detached" });
    await same(tab);
});

it("a name that nobody defines is a mistake like any other", async (t) => {
    const { files, tab } = await served(t, 'ez_title(ui, "One");');
    files.save("absent();", "void absent(void);");
    await problem(tab).getByText(/undefined symbol: absent/).waitFor();
    await says(tab, "One");
    await press(tab, "Count");
    await says(tab, "count 2");
});

it("a crash shows and goes with the next build that does not crash", async (t) => {
    const { files, tab } = await served(t, 'ez_title(ui, "One");');
    files.save('ez_title(ui, "Two"); *(volatile int *)8 = 1;');
    await says(tab, /SIGSEGV.*page\.c:10/);
    await tab.locator(".ez-mistake > pre").getByText(/^10 \|     ez_title\(ui, "Two"\); \*\(volatile int \*\)8 = 1;/).waitFor();
    files.save('ez_title(ui, "Three");');
    await says(tab, "Three");
    await tab.locator(".ez-mistake").waitFor({ state: "detached" });
    await same(tab);
});

it("a build that dies at its start is told, and the one before goes on", async (t) => {
    const { files, tab } = await served(t, 'ez_title(ui, "One");');
    files.save('ez_title(ui, "Two");', "__attribute__((constructor)) static void begin(void) { extern void abort(void); extern char *getenv(const char *); if (getenv(\"EASEL_ROLE\")) abort(); }");
    await problem(tab).getByText(/signal 6/).waitFor();
    await press(tab, "Count");
    await says(tab, "count 2");
    await says(tab, "One");
});

it("of many saves in a row the last one is served", async (t) => {
    const { files, tab } = await served(t, 'ez_title(ui, "One");');
    for (let i = 1; i <= 25; i++) {
        files.save(i % 5 ? `ez_title(ui, "Number ${i}");` : "half a li");
        await new Promise((done) => setTimeout(done, (i * 7) % 40));
    }
    files.save('ez_title(ui, "The last one");');
    await says(tab, "The last one");
    await problem(tab).waitFor({ state: "detached" });
    await same(tab);
});

it("a state that gets another size begins anew, and all else stays", async (t) => {
    const box = (numbers) => [
        'ez_text(ui, ez_fmt(ui, "box %d", ++ez_state(ui, box, "box")->n)); ez_title(ui, "Version VERSION");'.replace("VERSION", numbers),
        `typedef struct box { int n, more[${numbers}]; } box;`,
    ];
    const { files, tab } = await served(t, ...box(1));
    await says(tab, "box 2");
    await field(tab, "Name").pressSequentially("half a na");
    files.save(...box(1).map((words) => words.replace("Version 1", "The same size")));
    await says(tab, "The same size");
    await says(tab, "box 3");
    files.save(...box(50));
    await says(tab, "Version 50");
    await says(tab, "box 1");
    assert.equal(await field(tab, "Name").inputValue(), "half a na");
    await same(tab);
});

it("a saved header counts too", async (t) => {
    const files = folder(t);
    files.put("words.h", '#define WORDS "from the header"\n');
    files.save("ez_text(ui, WORDS);", '#include "words.h"');
    const program = await start("easel", [], t, { words: ["run", "page.c"], cwd: files.path });
    const tab = await visit(t, program, { breaks: true });
    await says(tab, "from the header");
    files.put("words.h", '#define WORDS "another header"\n');
    await says(tab, "another header");
});

it("a compiled program is taken anew when it is built again", async (t) => {
    const files = folder(t), name = join(files.path, "mine");
    copyFileSync(join(build, "examples/counter"), name);
    const program = await start("easel", [], t, { words: ["run", "./mine"], cwd: files.path });
    const tab = await visit(t, program, { breaks: true });
    await press(tab, "Count");
    await says(tab, "count 1");
    copyFileSync(join(build, "examples/greet"), `${name}~`);
    renameSync(`${name}~`, name);
    await tab.getByText("Count", { exact: true }).waitFor({ state: "detached" });
    copyFileSync(join(build, "examples/counter"), `${name}~`);
    renameSync(`${name}~`, name);
    await says(tab, /^count \d$/);
});

it("SIGHUP brings in a new build under clicks, and each counts once", async (t) => {
    const program = await start("examples/counter", [], t);
    const tab = await visit(t, program, { breaks: true });
    for (let i = 0; i < 40; i++) {
        await press(tab, "Count");
        if (i % 8 === 4) {
            const was = program.pid("worker");
            process.kill(program.child.pid, "SIGHUP");
            await until(() => ![0, was].includes(program.pid("worker")), "another worker");
        }
    }
    await says(tab, "count 40");
    await settled(tab);
    assert.equal((await program.said(/a new build serves/)).length, 1);
});

it("a mistake is shown to nobody where visitors are not to see the source", async (t) => {
    const files = folder(t);
    files.save('ez_title(ui, "One");');
    const program = await start("easel", ["--show-error-details", "no"], t, { words: ["run", "page.c"], cwd: files.path }), tab = await visit(t, program, { breaks: true });
    await tab.evaluate(() => {
        globalThis.seen = 0;
        new MutationObserver(() => (globalThis.seen += document.querySelectorAll("#ez-problem").length)).observe(document.body, { childList: true, subtree: true });
    });
    files.save("ez_tilte(ui, 1 +);");
    await program.said(/page\.c:\d+:\d+: error/);
    files.save('ez_title(ui, "Two");');
    await says(tab, "Two");
    assert.equal(await tab.evaluate(() => globalThis.seen), 0);
});
