// build.mjs: the browser's part, from TypeScript and CSS to a few hashed files and manifest.json.
// SPDX-License-Identifier: Apache-2.0
//
//   node web/build.mjs --out DIR [--check] [--dev]
//
// --check also runs the type checker and takes warnings as errors; --dev keeps the scripts readable.
//
// No list names an element: every elements/**/*.ts is imported after web/core/main.ts, and every .css follows
// web/theme/*.css. What a script imports lazily (import("highlight.js/...")) becomes a chunk of its own.
//
// DIR/manifest.json is an array of { role, file }: role is the name in the source ("easel.js", "easel.css", "head.js"),
// "preload" for what easel.js imports at once, "chunk" for what scripts load when they need it; file is the hashed name in
// DIR. tools/embed.py reads it.

import { build } from "esbuild";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, extname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const web = dirname(fileURLToPath(import.meta.url));
const root = dirname(web);
const options = process.argv.slice(2);
const out = resolve(options[options.indexOf("--out") + 1] ?? join(root, "build/web"));
const dev = options.includes("--dev");

/** All files below a folder whose name ends so, in an order that does not depend on the machine. */
function files(folder, ...endings) {
    if (!existsSync(folder)) return [];
    return readdirSync(folder, { withFileTypes: true })
        .sort((a, b) => (a.name < b.name ? -1 : 1))
        .flatMap((e) => (e.isDirectory() ? files(join(folder, e.name), ...endings) : [join(folder, e.name)]))
        .filter((f) => endings.some((e) => f.endsWith(e)) && !f.endsWith(".test.ts") && !f.endsWith(".d.ts"));
}

/** The file that declares the order of layers comes first, then tokens; the rest by name. */
function themeOrder(a, b) {
    const rank = (f) => ["layers.css", "tokens.css", "base.css"].indexOf(basename(f)) >>> 0;
    return rank(a) - rank(b) || (a < b ? -1 : 1);
}

const quoted = (f) => JSON.stringify("./" + relative(root, f).split("\\").join("/"));
const scripts = [join(web, "core/main.ts"), ...files(join(root, "elements"), ".ts")];
const sheets = [...files(join(web, "theme"), ".css").sort(themeOrder), ...files(join(root, "elements"), ".css")];
const head = join(web, "core/head.ts");

const entries = {
    "easel-entry.js": scripts.map((f) => `import ${quoted(f)};`).join("\n"),
    "easel-entry.css": sheets.map((f) => `@import ${quoted(f)};`).join("\n"),
};
const generated = {
    name: "generated-entries",
    setup(b) {
        b.onResolve({ filter: /^easel-entry\.(js|css)$/ }, (a) => ({ path: a.path, namespace: "generated" }));
        b.onLoad({ filter: /.*/, namespace: "generated" }, (a) => ({
            contents: entries[a.path], loader: extname(a.path).slice(1), resolveDir: root,
        }));
    },
};

const common = {
    absWorkingDir: root,
    bundle: true,
    minify: !dev,
    sourcemap: dev ? "inline" : false,
    target: "es2022",
    charset: "utf8",
    legalComments: "none",
    logLevel: "warning",
    metafile: true,
    outdir: out,
    tsconfig: join(web, "tsconfig.json"),
    nodePaths: [join(web, "node_modules")],
    define: { "process.env.NODE_ENV": JSON.stringify(dev ? "development" : "production") },
    loader: { ".svg": "dataurl", ".woff2": "file" },
    assetNames: "[name]-[hash]",
};

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
const manifest = [];
let warnings = 0;
/** Notes what esbuild wrote; `role` belongs to the entry point, all else is loaded by scripts and sheets themselves. */
function note(result, role) {
    warnings += result.warnings.length;
    const outputs = Object.entries(result.metafile.outputs);
    const isEntry = (info) => info.entryPoint !== undefined && info.entryPoint.startsWith(role.from);
    const atOnce = new Set(outputs.filter(([, info]) => isEntry(info))
        .flatMap(([, info]) => info.imports.filter((i) => i.kind === "import-statement").map((i) => basename(i.path))));
    for (const [path, info] of outputs) {
        const file = basename(path);
        manifest.push({ role: isEntry(info) ? role.to : atOnce.has(file) ? "preload" : "chunk", file });
    }
}

note(await build({ ...common, plugins: [generated], entryPoints: [{ in: "easel-entry.js", out: "easel" }], format: "esm", splitting: true,
    entryNames: "[name]-[hash]", chunkNames: "[name]-[hash]" }), { from: "generated:", to: "easel.js" });
note(await build({ ...common, plugins: [generated], entryPoints: [{ in: "easel-entry.css", out: "easel" }], entryNames: "[name]-[hash]" }),
    { from: "generated:", to: "easel.css" });
if (existsSync(head)) {
    note(await build({ ...common, entryPoints: [{ in: head, out: "head" }], format: "iife", entryNames: "[name]-[hash]" }),
        { from: "web/core/head", to: "head.js" });
}

// Files that are served as they are: icons, the page's picture. Their names get a hash, too.
for (const file of files(join(web, "static"), "")) {
    const bytes = readFileSync(file), end = extname(file), name = basename(file, end);
    const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 8);
    writeFileSync(join(out, `${name}-${hash}${end}`), bytes);
    manifest.push({ role: basename(file), file: `${name}-${hash}${end}` });
}

manifest.sort((a, b) => (a.role + a.file < b.role + b.file ? -1 : 1));
writeFileSync(join(out, "manifest.json.new"), JSON.stringify(manifest, null, 1) + "\n");
renameSync(join(out, "manifest.json.new"), join(out, "manifest.json"));

if (options.includes("--check")) {
    if (warnings > 0) process.exitCode = 1;
    try {
        execFileSync(join(web, "node_modules/.bin/tsc"), ["--noEmit", "-p", web], { stdio: "inherit" });
    } catch {
        process.exit(1);
    }
}
