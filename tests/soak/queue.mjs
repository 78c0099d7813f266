// queue.mjs: many jobs wait at once, many clients listen: what that takes, how right the told times are, how quick one of them is cancelled.
// By itself: node tests/soak/queue.mjs [--jobs 10000] [--streams 1000]. tests/clients/load.test.mjs does the same with fewer.
// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Program, until } from "../program.mjs";

/** Bytes of the worker that no file stands behind. */
const memory = (program) => Number(/RssAnon:\s+(\d+)/.exec(readFileSync(`/proc/${program.pid("worker")}/status`, "utf8"))[1]) * 1024;

const agent = new Agent({ keepAlive: true, maxSockets: 32 });

function ask(url, method, headers = {}, body = "", socket = agent) {
    return new Promise((done, fail) => {
        const rq = request(url, { method, headers, agent: socket }, (answer) => {
            let text = "";
            answer.setEncoding("utf8");
            answer.on("data", (d) => (text += d));
            answer.on("end", () => done({ status: answer.statusCode, json: () => JSON.parse(text) }));
        });
        rq.on("error", fail);
        rq.end(body);
    });
}

/** A client that listens to a job: what it was told, and when. */
function listen(url) {
    const heard = { told: [], end: null };
    heard.over = new Promise((done, fail) => {
        const rq = request(url, { headers: { Accept: "text/event-stream" }, agent: false }, (answer) => {
            let text = "";
            answer.setEncoding("utf8");
            answer.on("data", (d) => {
                text += d;
                for (let at; (at = text.indexOf("\n\n")) >= 0; text = text.slice(at + 2)) {
                    const event = /^event: (.*)$/m.exec(text.slice(0, at)), data = /^data: (.*)$/m.exec(text.slice(0, at));
                    if (!event) continue;
                    if (event[1] === "queued") heard.told.push({ at: Date.now(), ...JSON.parse(data[1]) });
                    if (["done", "failed", "cancelled"].includes(event[1])) heard.end = { at: Date.now(), name: event[1] };
                }
            });
            answer.on("end", () => done(heard));
            answer.on("error", fail);
        });
        rq.on("error", fail);
        rq.end();
    });
    heard.over.catch(() => {});
    return heard;
}

const middle = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];

export async function crowd({ jobs, streams }) {
    const program = await new Program("tests/programs/queued", []).begin(), door = join(program.data, "door"), out = { jobs, streams };
    try {
        const start = async (name, inputs) => (await ask(`${program.url}api/${name}`, "POST", { Prefer: "respond-async" }, JSON.stringify(inputs))).json().id;
        const state = async (id) => (await ask(`${program.url}api/jobs/${id}`, "GET")).json();
        const length = { seconds: 0.002 };
        for (let i = 0; i < 20; i++) await ask(`${program.url}api/step`, "POST", {}, JSON.stringify(length));        // so that it is known how long one takes
        const gate = await start("gate", { until: door });
        await until(async () => (await state(gate)).status === "running", "the gate to be shut");
        const empty = memory(program), ids = [];
        let from = performance.now();
        for (let i = 0; i < jobs; i += 32) ids.push(...(await Promise.all(Array.from({ length: Math.min(32, jobs - i) }, () => start("step", length)))));
        out.acceptMs = (performance.now() - from) / jobs;
        out.bytesWithJobs = memory(program);
        out.bytesOfJob = (out.bytesWithJobs - empty) / jobs;
        const last = await until(async () => ((j) => j.position && j)(await state(ids.at(-1))), "the last to know its place");
        assert.ok(last.position > jobs * 0.9 && last.position <= jobs + 1, JSON.stringify(last));

        const every = Math.floor(jobs / streams), heard = [];
        for (let i = 0; i < streams; i++) {
            heard.push(listen(`${program.url}api/jobs/${ids[i * every]}`));
            if (i % 50 === 49) await until(() => heard.at(-1).told.length, "the stream to begin");
        }
        await until(() => heard.every((h) => h.told.length), "all streams to begin", 60_000);
        out.bytesWithStreams = memory(program);

        const cancelled = [];
        for (let i = 1; i <= 21; i++) {
            const id = ids[Math.floor((i * jobs) / 23)], at = performance.now();
            assert.equal((await ask(`${program.url}api/jobs/${id}`, "DELETE")).json().status, "cancelled");
            cancelled.push(performance.now() - at);
        }
        out.cancelMs = middle(cancelled);

        from = Date.now();
        writeFileSync(door, "");
        const ends = await Promise.all(heard.map((h) => h.over));
        out.drainMs = (Date.now() - from) / jobs;
        assert.ok(ends.every((h) => ["done", "cancelled"].includes(h.end?.name)), "every stream heard the end of its job");
        for (const h of ends) for (let i = 1; i < h.told.length; i++) assert.ok(h.told[i].position <= h.told[i - 1].position, "nobody goes back in the line");
        out.told = ends.reduce((sum, h) => sum + h.told.length, 0) / streams;
        // What was told when at least half a second was still to come.
        const waits = ends.filter((h) => h.end.name === "done").flatMap((h) => h.told.filter((t) => t.eta !== undefined).map((t) => ({ told: t.eta * 1000, was: h.end.at - t.at }))).filter((w) => w.was > 500);
        out.etas = waits.length;
        out.etaOff = waits.length ? middle(waits.map((w) => Math.abs(w.told - w.was) / w.was)) : null;
        await until(async () => ["done", "cancelled"].includes((await state(ids.at(-1))).status), "the last job", 120_000);
        out.bytesAtTheEnd = memory(program);           // a thousand answers among them, and the store's cache
        out.bytesEmpty = empty;
        return out;
    } finally {
        agent.destroy();
        await program.stop();
    }
}

if (import.meta.filename === process.argv[1]) {
    const { values } = parseArgs({ options: { jobs: { type: "string", default: "10000" }, streams: { type: "string", default: "1000" } } });
    console.log(await crowd({ jobs: Number(values.jobs), streams: Number(values.streams) }));
}
