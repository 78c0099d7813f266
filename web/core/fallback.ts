// fallback.ts: ways to the server over plain HTTP, for networks that let no WebSocket through: an event stream, and polls.
// SPDX-License-Identifier: Apache-2.0

// Not used here: so that what this file and the elements share comes as one file.
import "./element.ts";
import { address, boot } from "./boot.ts";
import { joiner, type Way, type WayNews } from "./transport.ts";

/** The server answers a poll within 8 s. */
const POLL_MS = 15000;
/** From the beginning of one poll to that of the next. */
const POLL_PAUSE_MS = 50;
/** A message that is not taken within this time, and a moment for each kB, is lost. */
const POST_MS = 10000, POST_BYTES_A_MS = 20;

/** What both ways over plain HTTP share: requests that end with the way, and one POST at a time. */
abstract class HttpWay implements Way {
    protected open = true;
    #stop = new AbortController();
    #outbox: string[] = [];
    #sending = false;

    constructor(protected news: WayNews) {}

    /** The answer's text. A request that fails, or takes too long, is the end of the way. */
    protected async post(path: string, body: string, ms: number): Promise<string> {
        const late = setTimeout(() => this.lost(), ms);
        try {
            const answer = await fetch(address(path), { method: "POST", body, headers: { "Content-Type": "application/json" }, cache: "no-store", signal: this.#stop.signal });
            const text = await answer.text();
            if (answer.status === 401) this.news.shut();
            if (!answer.ok) this.lost();
            return text;
        } catch {
            this.lost();
            return "";
        } finally {
            clearTimeout(late);
        }
    }

    async #pump(): Promise<void> {
        if (this.#sending) return;
        this.#sending = true;
        for (let text = this.#outbox.shift(); text !== undefined && this.open; text = this.#outbox.shift()) {
            await this.post(`_easel/send?view=${encodeURIComponent(boot.view)}`, text, POST_MS + text.length / POST_BYTES_A_MS);
        }
        this.#sending = false;
    }

    protected lost(): void {
        if (!this.open) return;
        this.close();
        this.news.lost();
    }

    send(text: string): void {
        this.#outbox.push(text);
        void this.#pump();
    }

    close(): void {
        this.open = false;
        this.#stop.abort();
    }
}

/** Server-Sent Events, and POST. */
export class StreamWay extends HttpWay {
    #source: EventSource;

    constructor(news: WayNews) {
        super(news);
        const join = joiner((m) => void news.text(m));
        this.#source = new EventSource(address(`_easel/sse?hello=${encodeURIComponent(news.hello(false))}`));
        this.#source.onmessage = (e) => this.open && join(String(e.data));
        this.#source.onerror = () => this.lost();
    }

    override close(): void {
        super.close();
        this.#source.close();
    }
}

/** One poll after the other, and POST. Each poll says what the page shows, and is answered with what is missing, whole: a proxy may hold answers back, or cut them. */
export class PollWay extends HttpWay {
    constructor(news: WayNews) {
        super(news);
        void this.#poll();
    }

    async #poll(): Promise<void> {
        for (let wait = false; this.open; wait = true) {
            const pause = new Promise((done) => setTimeout(done, POLL_PAUSE_MS));
            const answer = await this.post("_easel/poll", this.news.hello(wait), POLL_MS);
            for (const message of answer.split("\n")) if (message && this.open) await this.news.text(message);
            await pause;
        }
    }
}
