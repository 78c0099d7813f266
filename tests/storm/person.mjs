// person.mjs: a visitor of tests/programs/storm.c who acts at random, knows what was acknowledged, and compares it with what there is.
// SPDX-License-Identifier: Apache-2.0

import { until } from "../program.mjs";
import { Document, textOf } from "./document.mjs";
import { get, Visitor } from "./visitor.mjs";

const WHOLE_ANSWER = `${Array.from({ length: 40 }, (_, j) => `w${j}`).join(" ")} end`;
const ACTS = [[10, "clicked"], [4, "typed"], [0.5, "large"], [2, "worked"], [0.7, "asked"]];
/** More than this many unacknowledged events nobody makes. */
const HURRY = 5;

export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const sumOf = (s) => [...Buffer.from(s)].reduce((sum, byte) => Math.imul(sum ^ byte, 16777619) >>> 0, 2166136261);

/** What all visitors of a storm share: chance, the last death, and what came of it all. */
export class Weather {
    over = false;
    struckAt = 0;
    struckBy = "";
    facts = { clicked: 0, worked: 0, typed: 0, large: 0, asked: 0, crashed: 0 };
    interruptions = [];
    totals = { lost: 0, doubled: 0, answers: 0, holes: 0, cut: 0, followed: 0, functionsEnded: 0 };
    wrong = [];

    constructor(dice) {
        this.dice = dice;
    }
}

/** {count, twice, of: the set of numbers} of a line such as "clicked 3 0 x0e". */
function marks(line) {
    const [, count, twice, hex] = /^\w+ (\d+) (\d+) x([0-9a-f]*)$/.exec(line);
    const of = new Set();
    [...Buffer.from(hex, "hex")].forEach((byte, i) => [0, 1, 2, 3, 4, 5, 6, 7].filter((bit) => (byte >> bit) & 1).forEach((bit) => of.add(i * 8 + bit)));
    return { count: Number(count), twice: Number(twice), of };
}

export class Person extends Visitor {
    acknowledged = { clicked: [], worked: [] };
    text = { typed: "", large: "" };
    asked = 0;
    crashedAt = -Infinity;

    constructor(url, weather) {
        super(url, "/", weather.dice.choose([[80, "ws"], [12, "sse"], [8, "poll"]]));
        this.weather = weather;
    }

    // ---- what he does --------------------------------------------------------------------------------------------------------------

    act(what) {
        const { dice } = this.weather;
        if (what === "typed" || what === "large") {
            // One event of values alone is under way at a time.
            if ([...this.waiting.values()].some((one) => one.what in this.text)) return;
            this.text[what] = `${this.n} ${"lorem ipsum ".repeat(what === "large" ? Math.ceil(dice.roll() ** 4 * 8000) : 1)}`.slice(0, 99_000);
            this.set(what, this.text[what], { what });
        } else if (what === "asked") {
            this.event([], [this.document.keyed("ask").attrs.id, "submit", `question ${this.n + 1}`], { what });
        } else {
            this.click({ clicked: "count", worked: "work", crashed: "crash" }[what], [], { what });
        }
    }

    async live(restMs) {
        const { weather } = this;
        await sleep(weather.dice.roll() * 1000);
        while (!weather.over) {
            if (this.waiting.size < HURRY) this.act(weather.dice.choose(ACTS));
            await sleep(200 + weather.dice.roll() * restMs);
        }
    }

    crash() {
        this.crashedAt = performance.now();
        this.act("crashed");
    }

    /** An interruption lasts from a death to his next acknowledged event; he acts at once. */
    lost() {
        const { weather } = this;
        if (weather.over) return;
        if (this.since === undefined) [this.since, this.by] = [weather.struckAt, weather.struckBy];
        if (!this.waiting.size) this.act("clicked");
    }

    acked(n, { what }) {
        const { facts, interruptions } = this.weather;
        facts[what]++;
        if (what === "clicked" || what === "asked") this.acknowledged.clicked.push(n);
        if (what === "worked") this.acknowledged.worked.push(n);
        if (what === "asked") this.asked++;
        if (this.since === undefined) return;
        interruptions.push({ ms: performance.now() - this.since, by: this.by });
        this.since = undefined;
    }

    // ---- what there is -------------------------------------------------------------------------------------------------------------

    #wrong(total, count, words) {
        if (!count) return;
        this.weather.totals[total] += count;
        this.weather.wrong.push(`${this.boot.view} (${this.kind}): ${words}`);
    }

    /** While engines live, each question has a whole answer, whatever became of workers. */
    async answersAreWhole() {
        await this.rest(60_000);
        const said = this.document.text, ended = said.split("w39 end").length - 1, failed = said.split("that wrote this answer ended").length - 1;
        this.#wrong("lost", failed, `${failed} answers were cut though no engine died`);
        this.#wrong("lost", this.asked - failed - ended, `${this.asked} questions, ${ended} whole answers`);
    }

    #fieldsAreRight() {
        const wanted = `typed ${this.text.typed.length} ${sumOf(this.text.typed)}, large ${this.text.large.length} ${sumOf(this.text.large)}.`;
        this.#wrong("lost", Number(!this.document.text.includes(wanted)), `the page shows ${/typed \d+ .*?\./.exec(this.document.text)}, not ${wanted}`);
    }

    #eventsAreRight(line) {
        const clicked = marks(line("clicked")), worked = marks(line("worked")), answered = marks(line("answered"));
        const missing = this.acknowledged.clicked.filter((n) => !clicked.of.has(n)), more = [...clicked.of].filter((n) => !this.acknowledged.clicked.includes(n));
        this.#wrong("lost", missing.length, `clicks ${missing} were acknowledged and are missing`);
        this.#wrong("doubled", more.length, `clicks ${more} count and were never acknowledged`);
        this.#wrong("doubled", clicked.twice + worked.twice, `${clicked.twice} clicks and ${worked.twice} functions are doubled`);
        this.#wrong("doubled", Math.max(0, answered.count - this.asked), `${answered.count} answers were followed, to ${this.asked} questions`);
        this.weather.totals.followed += answered.count;
        // Functions are not stored: one that died with its worker was told to its visitor as ended.
        this.weather.totals.functionsEnded += this.acknowledged.worked.length - worked.of.size;
    }

    #talkIsRight(document, line, scripted) {
        const { totals } = this.weather;
        let said = 0;
        for (let i = 0; document.keyed(`said-${i}`); i++) {
            const [, role, state, words] = /^(\w+) (\w+) ?(.*)$/.exec(line(`said-${i}`));
            if (role === "user") said++;
            if (role !== "assistant") continue;
            totals.answers++;
            if (state !== "done") totals.cut++;
            const right = state === "done" ? words === WHOLE_ANSWER : WHOLE_ANSWER.startsWith(words);
            this.#wrong("holes", Number(state === "streaming" || (scripted && !right)), `answer ${i} (${state}) is "${words}"`);
        }
        this.#wrong(said < this.asked ? "lost" : "doubled", Math.abs(said - this.asked), `${said} questions, not ${this.asked}`);
    }

    /** Everything that was acknowledged, against what his page and his session hold in the end. */
    async check(scripted) {
        await this.rest(60_000);
        this.#fieldsAreRight();
        this.close();
        // The tab's own cookie names the session to the server, as after a reload.
        const cookie = `${this.cookie}; ${this.boot.cookie}-tab=${this.session}`;
        const page = await until(async () => {
            const answer = await get(new URL("/proof", this.url), { cookie });
            return answer.body.includes("answered") && answer.body;
        }, "the proof");
        const document = new Document(page), line = (key) => textOf(document.keyed(key)).replace(/\s+/g, " ").trim();
        this.#eventsAreRight(line);
        this.#talkIsRight(document, line, scripted);
    }

    /** A look that itself fails is a fact lost. */
    async looked(look) {
        await look.catch((error) => this.#wrong("lost", 1, error.message));
    }
}
