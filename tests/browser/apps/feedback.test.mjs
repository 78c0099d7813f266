// feedback.test.mjs: what visitors flag is kept, shown page by page to those who run the program, and exported.
// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { axeFindings, build, field, it, press, says, settled, start, until, visit } from "./harness.mjs";

function exported(program, ...words) {
    const got = spawnSync(join(build, "easel"), ["feedback", "export", "--data", program.data, ...words], { encoding: "utf8", timeout: 60_000 });
    assert.equal(got.status, 0, got.stderr);
    return got.stdout;
}

/** Rows leave the program with its next write. */
const rows = (program, count) => until(() => {
    const lines = exported(program, "--format", "jsonl").split("\n").filter(Boolean).map((l) => JSON.parse(l));
    return lines.length >= count && lines;
}, `${count} rows`);

it("labelling: what is flagged is exported as JSONL and CSV", async (t) => {
    const program = await start("examples/labelling"), tab = await visit(t, program);
    await field(tab, "Report from sea").fill("=1+1, \"a gale\"");
    await press(tab, "Submit");
    await tab.locator(".ez-class-label-top", { hasText: "rough" }).waitFor();
    await settled(tab);
    assert.deepEqual(await axeFindings(tab), []);
    await press(tab, "It is calm");
    await says(tab, "Thank you: it is noted.");
    const [row] = await rows(program, 1);
    assert.deepEqual([row.function, row.choice, row.score, row.model], ["label", "It is calm", 0, ""]);
    assert.deepEqual(row.input, { report: '=1+1, "a gale"' });
    assert.equal(row.output.rough, 0.75);
    assert.ok(row.visitor && row.session && !Number.isNaN(Date.parse(row.time)));

    const csv = exported(program);
    assert.match(csv, /^time,visitor,session,function,choice,score,model,input,output\r\n/);
    assert.ok(csv.includes(',label,It is calm,0,,"{""report"":""=1+1, \\""a gale\\""""}",'), csv);
    assert.equal(csv.split("\r\n").length, 3);
});

it("labelling: a question that begins like a formula stays text in a spreadsheet", async (t) => {
    const program = await start("examples/labelling"), tab = await visit(t, program);
    await field(tab, "Report from sea").fill("calm");
    await press(tab, "Submit");
    await settled(tab);
    await press(tab, "Neither");
    await rows(program, 1);
    const insert = "INSERT INTO feedback VALUES ('s', 'm', 'v', 'smol', '=HYPERLINK(\"http://x\")', '-1', 1, 1, '', '')";
    const got = spawnSync("python3", ["-c", "import sqlite3, sys; d = sqlite3.connect(sys.argv[1], 20); d.execute(sys.argv[2]); d.commit()", join(program.data, "easel.db"), insert], { encoding: "utf8" });
    assert.equal(got.status, 0, got.stderr);
    const csv = exported(program).split("\r\n");
    assert.equal(csv[1], '1970-01-01T00:00:00.001Z,v,s,,,1,smol,"\'=HYPERLINK(""http://x"")","\'-1"');
});

it("labelling: those who run the program read it page by page", async (t) => {
    const program = await start("examples/labelling"), tab = await visit(t, program);
    await field(tab, "Report from sea").fill("a calm");
    await press(tab, "Submit");
    await says(tab, "calm");
    for (let i = 0; i < 22; i++) await press(tab, i % 2 ? "It is rough" : "Neither");
    await settled(tab);
    await rows(program, 22);
    await tab.goto(program.url + "said");
    await says(tab, "1 to 20 of 22");
    assert.equal(await tab.getByRole("row").count(), 21);
    assert.deepEqual(await axeFindings(tab), []);
    await press(tab, "Older");
    await says(tab, "21 to 22 of 22");
    assert.equal(await tab.getByRole("row").count(), 3);
    assert.ok(await tab.getByRole("button", { name: "Older" }).isDisabled());
    await press(tab, "Newer");
    await says(tab, "1 to 20 of 22");
});

it("labelling: others than this machine are told, not shown", async (t) => {
    const program = await start("examples/labelling", ["--address", "0.0.0.0"]);
    program.url = program.url.replace("0.0.0.0", "127.0.0.1");
    const tab = await visit(t, program);
    await tab.goto(program.url + "said");
    await tab.getByText("What visitors said is not shown here").waitFor();
});

it("easel feedback export says what is wrong with its words", async () => {
    const run = (...words) => spawnSync(join(build, "easel"), ["feedback", ...words], { encoding: "utf8", timeout: 60_000 });
    for (const [words, why] of [[[], "say what to do"], [["export"], "--data"], [["export", "--data", "x", "--format", "xml"], "csv and jsonl"], [["export", "--date", "x"], "does not know"]]) {
        const got = run(...words);
        assert.equal(got.status, 2);
        assert.ok(got.stderr.includes(why), got.stderr);
    }
    const missing = run("export", "--data", "/nowhere/at/all");
    assert.equal(missing.status, 1);
    assert.ok(missing.stderr.includes("/nowhere/at/all"));
});
