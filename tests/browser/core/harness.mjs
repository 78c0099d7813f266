// harness.mjs: a server that does exactly what a test tells it, and a browser that looks at it.
// SPDX-License-Identifier: Apache-2.0
//
// The page is docs/shell.html, filled in; the script and the styles are the real ones, built from web/. Only the server is a
// puppet: a test sends frames with say() and reads what the browser sent with next().

import { createHash } from "node:crypto";
import { readFileSync, readdirSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { launch as chromium } from "../chromium.mjs";

export const repository = resolve(fileURLToPath(import.meta.url), "../../../..");
const fromTests = createRequire(join(repository, "tests/package.json"));
const fromWeb = createRequire(join(repository, "web/package.json"));
const { WebSocketServer } = fromTests("ws");

let assets;

/** Builds the core once for a test file, together with windows into it that only tests have. */
async function build() {
    if (assets) return assets;
    const { build: esbuild } = await import(pathToFileURL(fromWeb.resolve("esbuild")));
    const web = join(repository, "web"), out = mkdtempSync(join(tmpdir(), "easel-core-"));
    const common = { bundle: true, target: "es2022", absWorkingDir: repository, tsconfig: join(web, "tsconfig.json"), nodePaths: [join(web, "node_modules")], write: false, outdir: out, minify: true };
    const entry = `
        import "./web/core/main.ts";
        import { applyFrame } from "./web/core/applier.ts";
        import { staying } from "./web/core/moves.ts";
        import * as easel from "easel";
        Object.assign(window, { core: { applyFrame, staying, easel } });`;
    const run = async (options) => (await esbuild({ ...common, ...options })).outputFiles[0].text;
    const script = await run({ stdin: { contents: entry, resolveDir: repository, loader: "ts" }, format: "esm" });
    const head = await run({ entryPoints: [join(web, "core/head.ts")], format: "iife" });
    const theme = join(web, "theme"), order = (f) => ["layers.css", "tokens.css", "base.css"].indexOf(f) >>> 0;
    const sheets = ["", "parts", "named"].flatMap((folder) => readdirSync(join(theme, folder)).filter((f) => f.endsWith(".css")).sort((a, b) => order(a) - order(b)).map((f) => join(theme, folder, f)));
    const style = sheets.map((f) => readFileSync(f, "utf8")).join("\n");
    rmSync(out, { recursive: true, force: true });
    assets = { script, head: head.trim(), style, icons: readFileSync(join(web, "static/icons.svg"), "utf8") };
    return assets;
}

/** Fills docs/shell.html. */
function shell({ main = "", side = "", bottom = "", over = "", title = "Test", theme = "", boot = {} }, head) {
    let html = readFileSync(join(repository, "docs/shell.html"), "utf8").replace(/<!--[^]*?-->/g, "");
    html = html.replace(/<nav[^]*?<\/nav>/, "").replace(/<link rel="icon"[^>]*>/, '<link rel="icon" href="data:,">').replace(/ data-theme="[^"]*" data-theme-name="[^"]*"/, theme);
    html = html.replace(' data-layout="{wide}" data-sidebar="{collapsed}"', "").replace(/>\n+</g, "><");
    const fill = { title, main, sidebar: side, "bottom bar": bottom, overlays: over, base: "./", icons: "./_easel/a/icons.svg" };
    for (const [name, text] of Object.entries(fill)) html = html.replaceAll(`{${name}}`, () => text);
    html = html.replace("easel-{hash}.css", "easel.css").replace("easel-{hash}.js", "easel.js").replace(/\{head.js[^}]*\}/, () => head);
    html = html.replace(/\{drawing of ([\w-]+)\}/g, (_, name) => new RegExp(`<symbol id="${name}"[^>]*>(.*?)</symbol>`).exec(assets.icons)[1]);
    return html.replace(/(id="ez-boot">)[^]*?(<\/script>)/, (_, a, b) => a + JSON.stringify(boot) + b);
}

/** A puppet server. page: what the shell is filled with, or a function of the request number that returns it. */
export class Fake {
    received = [];
    lines = [];
    auto = { hi: true, ack: true };
    views = 0;
    #waiting = [];
    #cutters = [];

    constructor(page = {}, options = {}) {
        this.page = page;
        this.options = options;
    }

    async start() {
        const { script, head, style, icons } = await build();
        const hash = createHash("sha256").update(head).digest("base64");
        const csp = `default-src 'none'; script-src 'self' 'sha256-${hash}'; style-src 'self'; style-src-attr 'unsafe-inline'; img-src 'self' data:; media-src 'self' data:; ` +
            "connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'";
        this.http = createServer((request, response) => {
            const url = new URL(request.url, "http://fake");
            const answer = (type, body, more = {}) => response.writeHead(200, { "Content-Type": type, "Cache-Control": "no-store", ...more }).end(body);
            if (url.pathname === "/_easel/a/easel.js") return void Promise.resolve(this.options.scriptAfter).then(() => answer("text/javascript", script));
            if (url.pathname === "/_easel/a/easel.css") return answer("text/css", style);
            if (url.pathname === "/_easel/a/icons.svg") return answer("image/svg+xml", icons);
            if (url.pathname === "/_easel/sse") return this.#stream(url, request, response);
            if (url.pathname === "/_easel/send") return this.#posted(request, response);
            if (url.pathname === "/healthz") return answer("text/plain", "ok");
            if (url.pathname === "/frame") return answer("text/html", "<!doctype html><title>frame</title>inside");
            const page = typeof this.page === "function" ? this.page(this.views) : this.page;
            this.cookies = request.headers.cookie ?? "";
            this.views++;
            const boot = { view: `view${this.views}`, session: "session1", epoch: 1, frame: 0, build: "b1", base: "./", busy: 0, cookie: "ez", icons: "./_easel/a/icons.svg", ...page.boot };
            answer("text/html; charset=utf-8", shell({ ...page, boot }, head), { "Content-Security-Policy": csp });
        });
        this.sockets = new WebSocketServer({ noServer: true });
        this.http.on("upgrade", (request, socket, first) => {
            if (this.options.noSocket) return socket.destroy();
            this.sockets.handleUpgrade(request, socket, first, (ws) => {
                const line = { kind: "ws", send: (text) => ws.send(text), close: () => ws.terminate() };
                this.#opened(line);
                ws.on("message", (data) => this.#heard(String(data), line));
                ws.on("close", () => (line.closed = true));
            });
        });
        await new Promise((done) => this.http.listen(this.port ?? 0, "127.0.0.1", done));
        this.port = this.http.address().port;
        this.url = `http://127.0.0.1:${this.port}/`;
        return this;
    }

    /** Ends everything at once, as a crash does; start() comes back on the same port. */
    async stop() {
        for (const line of this.lines) line.close();
        this.lines = [];
        this.sockets.close();
        this.http.closeAllConnections();
        await new Promise((done) => this.http.close(done));
    }

    #opened(line) {
        this.lines.push(line);
        this.line = line;
    }

    #stream(url, request, response) {
        response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
        const line = { kind: "sse", send: (text) => response.write(`data: ${text}\n\n`), close: () => response.destroy() };
        this.#opened(line);
        request.on("close", () => (line.closed = true));
        this.#heard(url.searchParams.get("hello"), line);
    }

    #posted(request, response) {
        let body = "";
        request.on("data", (part) => (body += part));
        request.on("end", () => {
            this.posting = (this.posting ?? 0) + 1;
            this.mostPosts = Math.max(this.mostPosts ?? 0, this.posting);
            setTimeout(() => {
                this.posting--;
                response.writeHead(204).end();
                this.#heard(body, this.line);
            }, 20);
        });
    }

    #heard(text, line) {
        const message = JSON.parse(text);
        this.received.push(message);
        if (message.t === "hello" && this.auto.hi) line.send(JSON.stringify({ hi: { session: message.session, epoch: 1, frame: Math.max(0, message.frame) } }));
        if (message.t === "ping") line.send('{"pong":1}');
        if ((message.t === "e" || message.t === "s") && this.auto.ack) line.send(JSON.stringify({ a: message.n, ...(message.of ? { of: message.of } : {}) }));
        this.#waiting = this.#waiting.filter((w) => !(w.match(message) && (w.done(message), true)));
    }

    /** The next message that matches and was not returned before. */
    async next(match = (m) => m.t === "e", what = "an event") {
        const seen = this.taken ?? (this.taken = new Set());
        const had = this.received.find((m) => !seen.has(m) && match(m));
        const message = had ?? (await new Promise((done, fail) => {
            const timer = setTimeout(() => fail(new Error(`waited for ${what}; had ${JSON.stringify(this.received)}`)), 8000);
            this.#waiting.push({ match: (m) => !seen.has(m) && match(m), done: (m) => (clearTimeout(timer), done(m)) });
        }));
        seen.add(message);
        return message;
    }

    hello() {
        return this.next((m) => m.t === "hello", "hello");
    }

    events() {
        return this.received.filter((m) => m.t === "e" || m.t === "s");
    }

    /** Sends a message; with parts, cut into pieces of that many characters. */
    say(message, parts = 0) {
        const text = typeof message === "string" ? message : JSON.stringify(message);
        if (!parts) return this.line.send(text);
        const letters = [...text];
        for (let i = 0; i < letters.length; i += parts) this.line.send((i + parts < letters.length ? "+" : "") + letters.slice(i, i + parts).join(""));
    }

    #frame = 0;
    /** Sends a frame of operations. */
    frame(...ops) {
        this.say({ f: ++this.#frame, o: ops });
        return this.#frame;
    }

    /** Sends a frame that holds the whole page. */
    whole(...ops) {
        this.say({ f: ++this.#frame, whole: 1, o: ops });
        return this.#frame;
    }
}

let browser;
export const launch = () => (browser ??= chromium({ args: ["--autoplay-policy=no-user-gesture-required"] }));
export async function quit() {
    await (await browser)?.close();
    browser = undefined;
}

/** Opens a page of a puppet server, connected and ready. Everything is closed when the test ends. */
export async function open(t, page, { path = "", server = {}, context: settings = {}, before, ready = true } = {}) {
    const fake = page instanceof Fake ? page : await new Fake(page, server).start();
    const context = await (await launch()).newContext({ viewport: { width: 1000, height: 700 }, ...settings });
    const tab = await context.newPage();
    const errors = [];
    tab.on("pageerror", (e) => errors.push(String(e)));
    tab.on("console", (m) => (m.type() === "error" && !/ERR_|net::|Failed to load|WebSocket connection/.test(m.text()) ? errors.push(m.text()) : 0));
    t.after(async () => {
        await context.close();
        await fake.stop().catch(() => {});
    });
    await before?.(tab, context);
    await tab.goto(fake.url + path);
    if (ready) {
        await tab.waitForSelector("html[data-ez=ready]", { state: "attached" });
        await fake.hello();
    }
    return { fake, tab, errors, context };
}

/** Waits until an expression in the page is true. */
export const until = (tab, expression, argument) => tab.waitForFunction(expression, argument, { timeout: 5000 });

// ---- markup as elements print it -------------------------------------------------------------------------------------

/** A node id from a short name: 11 characters. */
export const id = (name) => (name + "___________").slice(0, 11);
export const button = (name, label = name, more = "") => `<div class="ez-button" id="${id(name)}"><button type="button" data-ez-trigger="click"${more}>${label}</button></div>`;
export const text = (name, value = "", more = "") => `<div class="ez-text-input" id="${id(name)}"><label for="${id(name)}-c">${name}</label><input id="${id(name)}-c" data-ez-value="text" value="${value}"${more}></div>`;
export const area = (name, value = "", more = "") => `<div class="ez-text-area" id="${id(name)}"><textarea id="${id(name)}-c" aria-label="${name}" data-ez-value="text"${more}>${value}</textarea></div>`;
export const paragraph = (name, words = name) => `<p class="ez-text" id="${id(name)}">${words}</p>`;
export const box = (name, inside = "", more = "") => `<div class="ez-container" id="${id(name)}" data-ez-place="${id(name)}"${more}>${inside}</div>`;
export const main = "ez_________";
