// proxy.mjs: a proxy between browser and program that does on purpose what real ones do by chance: cuts, holds back, doubles, forbids, swallows.
// SPDX-License-Identifier: Apache-2.0
//
// It knows where frames begin and end: of a WebSocket, and of an event stream. What it is told in `faults` holds for what comes
// from then on; `cut` is done once, on the next line that gets so far.

import { createServer, request as ask } from "node:http";
import { connect } from "node:net";

/** Splits bytes into whole WebSocket frames. */
function socketFrames() {
    let rest = Buffer.alloc(0);
    return (chunk) => {
        const frames = [];
        rest = Buffer.concat([rest, chunk]);
        for (;;) {
            if (rest.length < 2) return frames;
            const short = rest[1] & 127, head = short === 126 ? 4 : short === 127 ? 10 : 2;
            if (rest.length < head) return frames;
            const size = head + (rest[1] & 128 ? 4 : 0) + (short === 126 ? rest.readUInt16BE(2) : short === 127 ? Number(rest.readBigUInt64BE(2)) : short);
            if (rest.length < size) return frames;
            frames.push(rest.subarray(0, size));
            rest = rest.subarray(size);
        }
    };
}

/** Splits an event stream into whole events. */
function streamFrames() {
    let rest = "";
    return (chunk) => {
        const events = (rest + chunk.toString("latin1")).split("\n\n");
        rest = events.pop();
        return events.map((e) => Buffer.from(e + "\n\n", "latin1"));
    };
}

const isData = (frame, socket) => (socket ? (frame[0] & 15) < 3 : frame[0] !== 58);

/** One way of bytes of a line. */
class Pipe {
    frames = 0;
    bytes = 0;
    #last = Promise.resolve();
    #waiting = 0;

    constructor(proxy, line, direction, to, socket) {
        Object.assign(this, { proxy, line, direction, to, socket, split: socket ? socketFrames() : streamFrames() });
    }

    take(chunk) {
        this.line.used = Date.now();
        this.bytes += chunk.length;
        for (const frame of this.split(chunk)) if (!this.line.dead) this.#pass(frame);
    }

    #pass(frame) {
        const { faults } = this.proxy, { cut } = faults;
        if (isData(frame, this.socket)) this.frames++;
        if (cut && cut.direction === this.direction && this.frames === cut.frame) {
            delete faults.cut;
            this.proxy.cuts++;
            this.line.dead = true;
            return void this.#last.then(() => this.line.cut(this, frame, cut.where));
        }
        if ([this.direction, "both"].includes(this.line.swallow)) return void this.proxy.swallowed++;
        const write = () => this.to.destroyed || this.to.write(faults.double && isData(frame, this.socket) ? Buffer.concat([frame, frame]) : frame);
        const delay = faults.delay ?? 0;
        // Nothing overtakes what waits.
        if (!delay && !this.#waiting) return write();
        this.#waiting++;
        this.#last = this.#last.then(() => new Promise((done) => setTimeout(done, delay))).then(() => (this.#waiting--, write()));
    }
}

/** A WebSocket, or an event stream (which has no way up). */
class Line {
    dead = false;
    born = Date.now();
    used = Date.now();

    constructor(proxy, client, server, socket) {
        Object.assign(this, { proxy, client, server, kind: socket ? "ws" : "sse" });
        this.up = new Pipe(proxy, this, "up", server, socket);
        this.down = new Pipe(proxy, this, "down", client, socket);
        proxy.lines.push(this);
        proxy.begun[this.kind] = (proxy.begun[this.kind] ?? 0) + 1;
        const { idleMs, responseMs } = proxy.faults;
        if (idleMs) this.watch = setInterval(() => Date.now() - this.used > idleMs && this.end(), 100);
        if (responseMs) this.limit = setTimeout(() => this.end(), responseMs);
        for (const s of [client, server]) {
            s.on("error", () => this.end());
            s.on("close", () => this.swallow || this.end());
        }
    }

    /** before: the frame is lost; inside: half of it arrives; after: it arrives, and nothing else; late: as before, but what was sent arrives after all. */
    cut(pipe, frame, where) {
        if (where === "late") {
            // The other end keeps its line for a while, and gets the frame when nobody waits for an answer any more.
            this.client.destroy();
            setTimeout(() => pipe.to.write(frame), 400);
            return void setTimeout(() => this.end(), 600);
        }
        const sent = where === "after" ? frame : where === "inside" ? frame.subarray(0, Math.ceil(frame.length / 2)) : null;
        const other = pipe.to === this.client ? this.server : this.client;
        if (sent) pipe.to.end(sent);
        else pipe.to.destroy();
        other.destroy();
        this.end(500);
    }

    end(in_ms = 0) {
        this.dead = true;
        clearInterval(this.watch);
        clearTimeout(this.limit);
        this.proxy.lines = this.proxy.lines.filter((l) => l !== this);
        setTimeout(() => {
            this.client.destroy();
            this.server.destroy();
        }, in_ms);
    }
}

export class Proxy {
    lines = [];
    /** How many lines of each kind there were, and requests of each address; and these in their order. */
    begun = {};
    asked = {};
    order = [];
    cuts = 0;
    swallowed = 0;
    posts = 0;
    lost = 0;

    constructor(target, faults = {}) {
        this.target = new URL(target);
        this.faults = faults;
    }

    async start() {
        this.server = createServer((request, response) => this.#http(request, response));
        this.server.on("upgrade", (request, socket, first) => this.#upgrade(request, socket, first));
        this.server.keepAliveTimeout = 60_000;
        await new Promise((done) => this.server.listen(0, "127.0.0.1", done));
        this.url = `http://127.0.0.1:${this.server.address().port}/`;
        return this;
    }

    #count(name) {
        this.asked[name] = (this.asked[name] ?? 0) + 1;
        this.order.push(name);
    }

    /** Cuts every line at once. */
    cutAll() {
        for (const line of [...this.lines]) line.end();
    }

    /** The lines that there are swallow what goes this way from now on, and tell nobody of an end; so does the next post. All: and what begins now. */
    swallow(direction, all = false) {
        for (const line of this.lines) line.swallow = direction;
        if (direction !== "down") this.faults.post = ["hang"];
        this.faults.silent = all;
    }

    async stop() {
        this.cutAll();
        for (const s of this.held ?? []) s.destroy();
        this.server.closeAllConnections();
        await new Promise((done) => this.server.close(done));
    }

    #headers(request) {
        return { ...request.headers, host: this.target.host, origin: request.headers.origin ? this.target.origin : undefined };
    }

    // ---- WebSocket ------------------------------------------------------------------------------------------------------

    #upgrade(request, client, first) {
        // One fate for all, or a list for the next ones.
        const { socket: fate = "pass" } = this.faults, socket = Array.isArray(fate) ? fate.shift() ?? "pass" : fate;
        client.on("error", () => {});
        this.#count("upgrade");
        if (typeof socket === "number") return client.end(`HTTP/1.1 ${socket} No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
        if (socket === "hang") return void (this.held ??= []).push(client);
        if (socket === "strip") {
            // As a proxy that knows nothing of Upgrade: the hop-by-hop headers stay here.
            const { upgrade, connection, ...headers } = this.#headers(request);
            return void ask({ host: this.target.hostname, port: this.target.port, path: request.url, headers: clean(headers) }, (answer) => {
                answer.resume();
                client.end(`HTTP/1.1 ${answer.statusCode} As the server says\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
            }).end();
        }
        const server = connect(this.target.port, this.target.hostname, () => {
            const lines = Object.entries(clean(this.#headers(request))).map(([k, v]) => `${k}: ${v}\r\n`);
            server.write(`GET ${request.url} HTTP/1.1\r\n${lines.join("")}\r\n`);
            server.write(first);
        });
        let line, head = Buffer.alloc(0);
        server.on("error", () => client.destroy());
        server.on("data", (chunk) => {
            if (line) return line.down.take(chunk);
            head = Buffer.concat([head, chunk]);
            const end = head.indexOf("\r\n\r\n");
            if (end < 0) return;
            client.write(head.subarray(0, end + 4));
            line = new Line(this, client, server, true);
            if (socket === "die") return line.end();
            client.on("data", (up) => line.up.take(up));
            if (head.length > end + 4) line.down.take(head.subarray(end + 4));
        });
    }

    // ---- everything else ------------------------------------------------------------------------------------------------

    #http(request, response) {
        const { faults } = this, name = /_easel\/(\w+)|(?<=\/)(?:healthz|readyz)$/.exec(request.url)?.[0].split("/").pop() ?? "page";
        this.#count(name);
        const body = [];
        request.on("data", (d) => body.push(d));
        request.on("end", () => {
            const bytes = Buffer.concat(body);
            if (faults.silent) return void this.swallowed++;
            if (faults.assets && name === "a" && request.url.includes(".js")) {
                this.lost++;
                return typeof faults.assets === "number" ? response.writeHead(faults.assets).end() : response.destroy();
            }
            if (name === "send") return this.#send(request, response, bytes);
            if (faults.http10) return this.#old(request, response, bytes);
            const poll = name === "poll" && faults.poll ? faults.poll.shift() : undefined;
            if (poll === "double") this.#forward(request, null, bytes);
            this.#forward(request, poll === "lose" ? null : response, bytes);
            if (poll === "lose") setTimeout(() => response.destroy(), 100);
        });
    }

    /** The next post may be doubled, late, lost, or lose its answer. */
    #send(request, response, bytes) {
        const fate = this.faults.post?.length ? this.faults.post.shift() : "pass";
        this.posts++;
        if (fate === "hang") return void this.swallowed++;
        if (fate === "swallow") return response.writeHead(204).end();
        if (fate === "late") {
            setTimeout(() => this.#forward(request, null, bytes), 700);
            return response.destroy();
        }
        if (fate === "unanswered") {
            this.#forward(request, null, bytes);
            return void setTimeout(() => response.destroy(), 50);
        }
        if (fate === "double") this.#forward(request, null, bytes);
        if (this.faults.http10) return this.#old(request, response, bytes);
        this.#forward(request, response, bytes);
    }

    /** response null: the answer goes nowhere. */
    #forward(request, response, bytes) {
        const { faults } = this;
        const up = ask({ host: this.target.hostname, port: this.target.port, path: request.url, method: request.method, headers: clean(this.#headers(request)) }, (answer) => {
            if (!response) return answer.resume();
            answer.on("error", () => response.destroy());
            let line;
            const stream = String(answer.headers["content-type"]).startsWith("text/event-stream");
            response.on("close", () => faults.silent || line?.swallow || answer.destroy());
            if (stream && faults.buffer) {
                // Held back until it is whole, which an event stream never is.
                const held = [];
                answer.on("data", (d) => held.push(d));
                return void answer.on("end", () => response.writeHead(answer.statusCode, answer.headers).end(Buffer.concat(held)));
            }
            // Other rules for pages: a browser keeps only what it may store, whole, for Back.
            if (faults.cache && String(answer.headers["content-type"]).startsWith("text/html")) answer.headers["cache-control"] = faults.cache;
            response.writeHead(answer.statusCode, answer.headers);
            if (!stream) {
                const limit = faults.responseMs ? setTimeout(() => response.destroy(), faults.responseMs) : 0;
                return void answer.on("end", () => clearTimeout(limit)).pipe(response);
            }
            response.flushHeaders();
            line = new Line(this, response, answer, false);
            answer.on("data", (d) => line.down.take(d));
        });
        up.on("error", () => response?.destroy());
        up.end(bytes);
    }

    /** HTTP/1.0 to the program: no kept connections, no chunks, the end of an answer is the end of the connection. */
    #old(request, response, bytes) {
        const { connection, upgrade, ...headers } = this.#headers(request);
        const server = connect(this.target.port, this.target.hostname, () => {
            const lines = Object.entries(clean(headers)).map(([k, v]) => `${k}: ${v}\r\n`);
            server.write(`${request.method} ${request.url} HTTP/1.0\r\n${lines.join("")}\r\n`);
            server.write(bytes);
        });
        server.on("error", () => response.destroy());
        response.socket.on("close", () => server.destroy());
        server.pipe(response.socket);
    }
}

const clean = (headers) => Object.fromEntries(Object.entries(headers).filter(([, v]) => v !== undefined));
