// visitor.mjs: a browser without a screen: it loads a page, speaks docs/wire.md, and keeps events until they are settled.
// SPDX-License-Identifier: Apache-2.0

import http from "node:http";
import { until } from "../program.mjs";
import { Document } from "./document.mjs";
import { lines } from "./lines.mjs";

const AGAIN_MS = [20, 50, 100, 200];

/** One GET, redirected nowhere: {status, body, cookies}. */
export function get(url, { cookie } = {}) {
    return new Promise((done, fail) => {
        http.get(url, { agent: false, headers: cookie ? { cookie } : {} }, (answer) => {
            let body = "";
            answer.setEncoding("utf8");
            answer.on("data", (part) => (body += part));
            answer.on("end", () => done({ status: answer.statusCode, body, cookies: answer.headers["set-cookie"] ?? [] }));
            answer.on("error", fail);
        }).on("error", fail);
    });
}

export class Visitor {
    n = 0;
    settled = 0;
    waiting = new Map();                   // n -> {message, made}
    refused = [];                          // [n, why]
    edits = new Map();
    #parts = "";
    #tries = 0;
    #stopped = false;

    /** line: "ws", "sse" or "poll" */
    constructor(url, path = "/", line = "ws") {
        Object.assign(this, { url, path, kind: line });
    }

    /** Loads the page, again while the program is away, and connects. */
    async open() {
        const answer = await until(async () => {
            const one = await get(new URL(this.path, this.url), { cookie: this.cookie }).catch(() => null);
            return one?.status === 200 && one;
        }, `the page ${this.path}`);
        for (const one of answer.cookies) this.cookie = one.split(";")[0];
        this.boot = JSON.parse(/id="ez-boot">(.*?)<\/script>/s.exec(answer.body)[1]);
        this.document = new Document(answer.body);
        Object.assign(this, { epoch: this.boot.epoch, frame: this.boot.frame, session: this.boot.session, busy: this.boot.busy });
        this.#connect();
        await until(() => this.greeted, "hi");
        return this;
    }

    close() {
        this.#stopped = true;
        this.line?.close();
    }

    #hello(wait) {
        return JSON.stringify({ t: "hello", view: this.boot.view, session: this.session, epoch: this.epoch, frame: this.frame, build: this.boot.build, path: this.path, n: this.n,
            u: this.waiting.size ? [[this.boot.view, Math.min(...this.waiting.keys())]] : [], ...(wait ? { wait: 1 } : {}) });
    }

    #connect() {
        this.line = new lines[this.kind](this.url, this.cookie, this.boot.view, { hello: (wait) => this.#hello(wait), part: (s) => this.#part(s), lost: () => this.#lost() });
    }

    #lost() {
        const was = this.greeted;
        this.greeted = false;
        this.#parts = "";
        if (this.#stopped) return;
        if (was) this.lost?.();
        setTimeout(() => !this.#stopped && this.#connect(), AGAIN_MS[Math.min(this.#tries++, AGAIN_MS.length - 1)] * (0.5 + Math.random()));
    }

    #part(s) {
        if (s[0] === "+") {
            this.#parts += s.slice(1);
            return;
        }
        const message = JSON.parse(this.#parts + s);
        this.#parts = "";
        if (message.hi) this.#hi(message.hi);
        if (message.o) {
            this.document.apply(message.o);
            this.frame = message.f;
            this.framed?.(message);
        }
        if (message.no) this.refused.push(message.no);
        if (message.no?.[0]) this.waiting.get(message.no[0])?.refused?.(message.no[1]);
        if (message.a !== undefined && !message.of) this.#acknowledged(message.a);
        if (message.busy !== undefined) this.busy = message.busy;
        if (message.w !== undefined) this.warning = message.w;
        if (message.who) this.line.send('{"t":"ping"}');
        if (message.reload) this.reloads = (this.reloads ?? 0) + 1;
    }

    #hi(hi) {
        const first = !this.greeted;           // each poll is answered with one
        this.greeted = true;
        this.#tries = 0;
        this.epoch = hi.epoch;
        if (hi.session !== this.session) this.moved = (this.moved ?? 0) + 1;
        this.session = hi.session;
        if (first) for (const { message } of this.waiting.values()) this.#send(message);
    }

    #acknowledged(upTo) {
        if (upTo > this.settled) this.settled = upTo;
        for (const [n, one] of this.waiting)
            if (n <= upTo) {
                this.waiting.delete(n);
                this.acked?.(n, one);
            }
    }

    #send(message) {
        if (this.greeted) this.line.send(JSON.stringify(message));
    }

    /** An event; its number. */
    event(values, x, more = {}) {
        const n = ++this.n;
        const v = values.map(([key, value]) => {
            const id = this.document.keyed(key)?.attrs.id;
            if (!id) throw new Error(`no element has the key ${key}: ${this.document.text}`);
            this.edits.set(id, (this.edits.get(id) ?? 0) + 1);
            return [id, value, this.edits.get(id)];
        });
        const message = { t: "e", n, f: this.frame, v, ...(x ? { x } : {}) };
        this.waiting.set(n, { message, made: performance.now(), ...more });
        this.#send(message);
        return n;
    }

    /** A click on the element with this key, with values that were typed before. */
    click(key, values = [], more) {
        const el = this.document.keyed(key);
        if (!el) throw new Error(`no element has the key ${key}: ${this.document.text}`);
        return this.event(values, [el.attrs.id, el.attrs["data-ez-trigger"] ?? "submit", more?.value ?? null], more);
    }

    set(key, value, more) {
        return this.event([[key, value]], undefined, more);
    }

    /** Waits until the page says this. */
    says(pattern, limit) {
        return until(() => (this.document.text.match(pattern) ?? false), () => `${pattern} on the page, which says: ${this.document.text}`, limit);
    }

    /** Waits until nothing is under way. */
    rest(limit) {
        return until(() => this.greeted && !this.waiting.size && !this.busy, () => `the end of events ${[...this.waiting.keys()]} (busy ${this.busy})`, limit);
    }
}
