#!/usr/bin/env node
// storm.mjs: many visitors click, type, ask and send large texts while random processes die; in the end every acknowledged event is looked for.
// SPDX-License-Identifier: Apache-2.0
//
//   node tests/storm/storm.mjs --kills 1000 --visitors 200 --seed 7 [--model FILE] [--pause 600] [--opening 30] [--minutes 10]
//
// Through the first half workers and pages die, and every answer has to come whole; then engines and supervisors do, too. A supervisor is started
// again by the storm, as a service manager would do it. The exit status is 0 only when nothing was lost or doubled.

import { readFileSync } from "node:fs";
import { availableParallelism, loadavg } from "node:os";
import { parseArgs } from "node:util";
import { Program, until } from "../program.mjs";
import { Dice } from "./dice.mjs";
import { Person, sleep, Weather } from "./person.mjs";

const names = ["kills", "visitors", "seed", "model", "pause", "opening", "minutes"];
const { values: given } = parseArgs({ options: Object.fromEntries(names.map((name) => [name, { type: "string" }])) });
const kills = Number(given.kills ?? 50), wanted = Number(given.visitors ?? 200), pause = Number(given.pause ?? 500), opening = Number(given.opening ?? 60);
/** Nobody dies any more after this time, though there were fewer deaths than wanted. */
const minutes = Number(given.minutes ?? Infinity);
const seed = Number(given.seed ?? Math.floor(Math.random() * 2 ** 31));

/** A page that crashes three times within a minute rests, so the same person does it seldom. */
const CRASH_PAUSE_MS = 35_000;
const FIRST_HALF = [[80, "worker"], [20, "page"]];
const ALL = [[45, "worker"], [15, "page"], [22, "engine"], [6, "worker and engine"], [12, "supervisor"]];
const ROLES = { worker: ["worker"], engine: ["engine"], "worker and engine": ["worker", "engine"], supervisor: ["worker", "engine"] };

const weather = new Weather(new Dice(seed)), deaths = {}, orphans = [];

// ---- deaths -----------------------------------------------------------------------------------------------------------------------

function lives(pid) {
    try {
        return !/\) [ZX]/.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
    } catch {
        return false;
    }
}

/** The visitor whose page crashes by itself; false when all of them are busy. */
function crash(people) {
    const ready = people.filter((p) => p.greeted && !p.waiting.size && performance.now() - p.crashedAt > CRASH_PAUSE_MS);
    if (!ready.length) return false;
    struck("page");
    ready[Math.floor(weather.dice.roll() * ready.length)].crash();
    return true;
}

function struck(kind) {
    [weather.struckAt, weather.struckBy] = [performance.now(), kind];
}

/** What the supervisor leaves behind ends by itself, and the port is free for the next one. */
async function killSupervisor(program, pids) {
    const gone = new Promise((done) => program.child.once("exit", done));
    program.child.kill("SIGKILL");
    await gone;
    orphans.push(...pids);
    await program.begin();
}

async function strike(program, people, kinds) {
    const kind = weather.dice.choose(kinds);
    if (kind === "page") {
        if (!crash(people)) return;
    } else {
        const pids = ROLES[kind].map((role) => program.pid(role)).filter((pid) => pid);
        if (!pids.length) return;
        if (kind !== "engine") struck(kind);               // an engine's death cuts no line
        if (kind === "supervisor") await killSupervisor(program, pids);
        else for (const pid of pids) process.kill(pid, "SIGKILL");
    }
    deaths[kind] = (deaths[kind] ?? 0) + 1;
}

const count = (of) => Object.values(of).reduce((a, b) => a + b, 0);

async function storm(program, people, upTo, kinds) {
    const end = performance.now() + minutes * 30_000;
    while (count(deaths) < upTo && performance.now() < end) {
        await sleep(pause * (0.3 + 1.4 * weather.dice.roll()));
        await strike(program, people, kinds);
    }
}

// ---- visitors -----------------------------------------------------------------------------------------------------------------------

/** As many as wanted, or as this machine can open in the given time. */
async function open(program) {
    const people = [], end = performance.now() + opening * 1000;
    while (people.length < wanted && (performance.now() < end || people.length < 20)) {
        const more = Array.from({ length: Math.min(10, wanted - people.length) }, () => new Person(program.url, weather));
        await Promise.all(more.map((p) => p.open()));
        people.push(...more);
    }
    await Promise.all(people.map((p) => p.rest(60_000)));
    return people;
}

async function each(people, look) {
    for (let i = 0; i < people.length; i += 5) await Promise.all(people.slice(i, i + 5).map((p) => p.looked(look(p))));
}

/** They live through some deaths, and come to rest. */
async function half(program, people, upTo, kinds) {
    weather.over = false;
    const living = people.map((p) => p.live(20 * people.length));
    await storm(program, people, upTo, kinds);
    weather.over = true;
    await Promise.all(living);
}

// ---- the report -----------------------------------------------------------------------------------------------------------------------

function span(list) {
    const sorted = list.map((one) => one.ms).sort((a, b) => a - b), at = (p) => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * p))] ?? 0);
    return `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, longest ${at(1)} ms (of ${sorted.length})`;
}

const listed = (of) => Object.entries(of).map(([kind, n]) => `${kind} ${n}`).join(", ");

function report(people, seconds, late) {
    const { facts, totals, interruptions } = weather;
    const sum = (of) => people.reduce((all, p) => all + of(p), 0), lines = people.reduce((all, p) => ({ ...all, [p.kind]: (all[p.kind] ?? 0) + 1 }), {});
    console.log(`seed           ${seed}`);
    console.log(`visitors       ${people.length}: ${listed(lines)}; ${Math.round(seconds)} s`);
    console.log(`kills          ${count(deaths)}: ${listed(deaths)}`);
    console.log(`acknowledged   ${count(facts)}: ${listed(facts)}`);
    console.log(`lost           ${totals.lost}`);
    console.log(`doubled        ${totals.doubled}`);
    console.log(`answers        ${totals.answers}, with a hole or a doubled byte ${totals.holes}, cut short with their engine ${totals.cut}, followed by their function ${totals.followed}`);
    console.log(`functions      ${facts.worked}, ended with their worker ${totals.functionsEnded}`);
    console.log(`refused        ${sum((p) => p.refused.length)}, sessions that changed ${sum((p) => p.moved ?? 0)}`);
    console.log(`interruption   ${span(interruptions)}`);
    for (const kind of new Set(interruptions.map((one) => one.by))) console.log(`  by ${kind.padEnd(20)} ${span(interruptions.filter((one) => one.by === kind))}`);
    console.log(`machine        ${availableParallelism()} processors, load ${loadavg()[0].toFixed(1)}; a timer of the visitors was late by ${span(late)}`);
    for (const words of weather.wrong.slice(0, 20)) console.log(`wrong: ${words}`);
}

/** How late a timer comes tells how much of an interruption is the machine's. */
function watchTimers() {
    const late = [];
    let at = performance.now();
    const timer = setInterval(() => {
        late.push({ ms: Math.max(0, performance.now() - at - 50) });
        at = performance.now();
    }, 50);
    return { late, stop: () => clearInterval(timer) };
}

async function main() {
    const scripted = !given.model;
    const program = new Program("tests/programs/storm", [...(scripted ? [] : ["--model", given.model]), "--log-level", "error"], { env: scripted ? { STORM_SCRIPT: "script" } : {}, patience: 120_000 });
    await program.begin();
    const people = await open(program), began = performance.now(), timers = watchTimers();
    await half(program, people, Math.floor(kills / 2), FIRST_HALF);
    if (scripted) await each(people, (p) => p.answersAreWhole());
    await half(program, people, kills, ALL);
    timers.stop();
    await each(people, (p) => p.check(scripted));
    await until(() => !orphans.some(lives), () => `the end of ${orphans.filter(lives)}, whose supervisor died`).catch((error) => weather.wrong.push(error.message));
    report(people, (performance.now() - began) / 1000, timers.late);
    if (weather.wrong.length) console.log(program.log.split("\n").slice(-40).join("\n"));
    await program.stop();
    process.exit(weather.wrong.length || people.some((p) => p.moved) ? 1 : 0);
}

await main();
