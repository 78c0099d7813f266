// lines.mjs: the three lines of docs/wire.md between a visitor and the server: WebSocket, event stream with POST, polls.
// SPDX-License-Identifier: Apache-2.0
//
// A line is given `news`: hello(wait) is what it says first, part(s) hears one message or a part of one, lost() is called once, when it has ended.

import http from "node:http";
import { createRequire } from "node:module";

const WebSocket = createRequire(import.meta.url)("ws");
const POLL_PAUSE_MS = 50;

class SocketLine {
    constructor(url, cookie, view, news) {
        this.socket = new WebSocket(`${url.replace("http", "ws")}_easel/ws`, { headers: { cookie }, perMessageDeflate: false });
        this.socket.on("open", () => this.socket.send(news.hello(false)));
        this.socket.on("message", (data) => news.part(String(data)));
        this.socket.on("error", () => {});
        this.socket.on("close", () => news.lost());
    }

    send(text) {
        if (this.socket.readyState === WebSocket.OPEN) this.socket.send(text);
    }

    close() {
        this.socket.terminate();
    }
}

/** Requests that end with the line, one POST at a time. One that fails ends the line. */
class HttpLine {
    #outbox = [];
    #sending = false;
    open = true;
    requests = new Set();

    constructor(url, cookie, view, news) {
        Object.assign(this, { url, cookie, view, news });
    }

    request(method, path, body, heard) {
        return new Promise((done) => {
            const failed = () => (this.lost(), done(""));
            const headers = { cookie: this.cookie, ...(body === undefined ? {} : { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(body) }) };
            const request = http.request(new URL(path, this.url), { method, agent: false, headers }, (answer) => {
                let all = "";
                if (answer.statusCode >= 300) failed();
                answer.setEncoding("utf8");
                answer.on("data", (s) => (heard ? heard(s) : (all += s)));
                answer.on("end", () => done(all));
                answer.on("error", failed);
            });
            this.requests.add(request);
            request.on("error", failed);
            request.on("close", () => this.requests.delete(request));
            request.end(body);
        });
    }

    async send(text) {
        this.#outbox.push(text);
        if (this.#sending) return;
        this.#sending = true;
        while (this.open && this.#outbox.length) await this.request("POST", `_easel/send?view=${this.view}`, this.#outbox.shift());
        this.#sending = false;
    }

    lost() {
        if (!this.open) return;
        this.close();
        this.news.lost();
    }

    close() {
        this.open = false;
        for (const request of this.requests) request.destroy();
    }
}

class StreamLine extends HttpLine {
    constructor(...given) {
        super(...given);
        let rest = "";
        const heard = (s) => {
            const events = (rest + s).split("\n\n");
            rest = events.pop();
            for (const event of events) {
                const data = event.split("\n").filter((l) => l.startsWith("data:")).map((l) => l.slice(5).replace(/^ /, ""));
                if (data.length && this.open) this.news.part(data.join("\n"));
            }
        };
        this.request("GET", `_easel/sse?hello=${encodeURIComponent(this.news.hello(false))}`, undefined, heard).then(() => this.lost());
    }
}

class PollLine extends HttpLine {
    constructor(...given) {
        super(...given);
        void this.#poll();
    }

    async #poll() {
        for (let wait = false; this.open; wait = true) {
            const answer = await this.request("POST", "_easel/poll", this.news.hello(wait));
            for (const message of answer.split("\n")) if (message && this.open) this.news.part(message);
            await new Promise((done) => setTimeout(done, POLL_PAUSE_MS));
        }
    }
}

export const lines = { ws: SocketLine, sse: StreamLine, poll: PollLine };
