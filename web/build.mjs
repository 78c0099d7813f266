// build.mjs: the browser's part, from TypeScript and CSS to a few hashed files and manifest.json.
// SPDX-License-Identifier: Apache-2.0
//
//   node web/build.mjs --out DIR [--check] [--dev]
//
// --check also runs the type checker and takes warnings as errors; --dev keeps the scripts readable.
//
// No list names an element. web/core and web/theme are the base, which every page has. What stands in elements/ and
// web/theme/parts is loaded by pages that show one of its names: `ez-<file or folder name>`, the tags that scripts define,
// and the classes that style sheets begin with. A class `ez-<name>-<piece>` stands inside of `ez-<name>` and needs no entry.
// Style sheets stay one by one: the server puts those of a page together. Scripts of a group make one part, but those of an
// element of some size are a part by themselves. What a script imports lazily (import("highlight.js/...")) becomes a chunk.
//
// DIR/manifest.json is an array of { role, file, names?, set? }: role is the name in the source ("easel.js", "easel.css",
// "head.js", "soft.css"), "sheet" and "part" for styles and scripts of elements, with their names, "chunk" for what scripts load
// when they need it; file is the hashed name in DIR; `set` is the hash of all sheets together. Sheets are numbered in the order of the manifest. tools/embed.py reads it.

import { build } from "esbuild";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, extname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";

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
const head = join(web, "core/head.ts");

// ---- parts --------------------------------------------------------------------------------------------------------------

/** Above this size, as brotli, scripts of an element are worth a request. */
const OWN_PART = 700;

const theme = files(join(web, "theme"), ".css").filter((f) => dirname(f) === join(web, "theme")).sort(themeOrder);
const classes = (text) => [...text.matchAll(/\.(ez-[\w-]+)/g)].map((m) => m[1]);
// What a site says about elements in its own theme/app.css does not make them the base's.
const ofBase = new Set(theme.filter((f) => basename(f) !== "app.css").flatMap((f) => classes(readFileSync(f, "utf8"))));

/** Selectors of a style sheet, one by one; what `:not()` holds needs not be there. */
function selectors(css) {
    const rules = css.replace(/\/\*[^]*?\*\//g, "").matchAll(/([^{};]+)\{/g);
    return [...rules].map((m) => m[1].trim()).filter((s) => !s.startsWith("@")).flatMap((s) => s.replace(/:not\([^()]*\)/g, "").split(/,(?![^()]*\))/));
}

/** The classes of which a page needs one before any rule of the sheet can match: of each selector the first that is not the base's. */
function sheetNames(css) {
    return selectors(css).flatMap((s) => {
        const steps = s.split(/[\s>+~]+(?![^()]*\))/).map((step) => classes(step).filter((c) => !ofBase.has(c)));
        return steps.find((step) => step.length > 0) ?? [];
    });
}

/** What belongs together on disk: the folder of an element, or the files of one name in a group. */
function unitsOf(folder) {
    const units = new Map();
    for (const file of files(folder, ".ts", ".css")) {
        const [group, inside] = relative(dirname(folder), file).split(/[\\/]/).slice(folder.endsWith("parts") ? 0 : 1);
        const name = (extname(inside) ? basename(inside, extname(inside)) : inside).replaceAll("_", "-");
        const key = `${group}/${name}`;
        if (!units.has(key)) units.set(key, { group, name, ".ts": [], ".css": [] });
        units.get(key)[extname(file)].push(file);
    }
    return [...units.values()];
}

const lengthOf = (file) => readFileSync(join(out, file)).length;

async function sizeOf(list) {
    let bytes = 0;
    for (const f of list) bytes += brotliCompressSync((await build({ entryPoints: [f], minify: true, write: false })).outputFiles[0].contents).length;
    return bytes;
}

const shortest = (names) => [...new Set(names)].sort().filter((n, _, all) => !all.some((o) => n.startsWith(o + "-")));

const units = [...unitsOf(join(web, "theme/parts")), ...unitsOf(join(root, "elements"))];
const sheets = units.filter((u) => u[".css"].length > 0).map((u) => ({
    name: u.name, files: u[".css"], names: shortest([`ez-${u.name}`, ...u[".css"].flatMap((f) => sheetNames(readFileSync(f, "utf8")))]),
}));
const scripts = [];
for (const unit of units.filter((u) => u[".ts"].length > 0)) {
    const name = (await sizeOf(unit[".ts"])) > OWN_PART ? unit.name : unit.group;
    const tags = unit[".ts"].flatMap((f) => [...readFileSync(f, "utf8").matchAll(/customElements\.define\("([\w-]+)"/g)].map((m) => m[1]));
    let part = scripts.find((p) => p.name === name);
    if (!part) scripts.push((part = { name, files: [], names: [] }));
    part.files.push(...unit[".ts"]);
    part.names = shortest([...part.names, `ez-${unit.name}`, ...tags]);
}

const sheetOf = (list) => list.map((f) => `@import ${quoted(f)};`).join("\n");
const entries = { "easel.css": sheetOf(theme) };
for (const part of sheets) entries[`part-${part.name}.css`] = sheetOf(part.files);
for (const part of scripts) entries[`part-${part.name}.js`] = ['"easel.js"', ...part.files.map(quoted)].map((f) => `import ${f};`).join("\n");
// What every page has is imported by all, also by our files that are loaded when they are needed, so that it comes in one file.
entries["easel.js"] = `import "easel"; import "./web/core/main.ts";`;
/** What needs the list of parts takes it along. */
const WITH_LIST = /\bapplier\.ts$/;
const generated = {
    name: "generated-entries",
    setup(b) {
        b.onResolve({ filter: /^(easel\.(js|css)|part-.*)$/ }, (a) => ({ path: a.path, namespace: "generated" }));
        b.onResolve({ filter: /^\.\.?\/.*\.ts$/ }, (a) => (a.kind === "dynamic-import" ? { path: resolve(a.resolveDir, a.path), namespace: "late" } : undefined));
        b.onLoad({ filter: /.*/, namespace: "late" }, (a) => ({ contents: `import "easel.js"; ${WITH_LIST.test(a.path) ? 'import "part-list"; ' : ""}export * from ${quoted(a.path)};`, resolveDir: root }));
        b.onLoad({ filter: /.*/, namespace: "generated" }, (a) => ({
            contents: entries[a.path], loader: a.path.endsWith(".css") ? "css" : "js", resolveDir: root,
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
/** Notes what esbuild wrote, by the generated entry that it was made from; all else is loaded by scripts and sheets themselves. */
function note(result, roles) {
    warnings += result.warnings.length;
    const outputs = Object.entries(result.metafile.outputs);
    const roleOf = (info) => roles.find((r) => r.from === info.entryPoint?.replace("generated:", ""));
    const atOnce = new Set(outputs.filter(([, info]) => roleOf(info)?.role.startsWith("easel"))
        .flatMap(([, info]) => info.imports.filter((i) => i.kind === "import-statement").map((i) => basename(i.path))));
    for (const [path, info] of outputs) {
        const file = basename(path), role = roleOf(info);
        if (role) role.file = file;
        manifest.push(role ? { role: role.role, file, names: role.names } : { role: atOnce.has(file) ? "preload" : "chunk", file });
    }
}

const named = files(join(web, "theme/named"), ".css");
const sheetRoles = [{ from: "easel.css", role: "easel.css" }, ...sheets.map((p) => ({ from: `part-${p.name}.css`, role: "sheet", names: p.names })),
    ...named.map((f) => ({ from: relative(root, f).split("\\").join("/"), role: basename(f) }))];
note(await build({ ...common, plugins: [generated], entryNames: "[name]-[hash]",
    entryPoints: [...sheetRoles.slice(0, 1 + sheets.length).map((r) => ({ in: r.from, out: basename(r.from, ".css").replace("part-", "") })),
        ...named.map((f) => ({ in: f, out: basename(f, ".css") }))] }), sheetRoles);
const set = createHash("sha256");
for (const role of sheetRoles.slice(1, 1 + sheets.length)) set.update(readFileSync(join(out, role.file)));
const setName = set.digest("hex").slice(0, 8);

// What an element needs, for scripts that arrive after the page. The order of sheets is that of their numbers.
const list = scripts.map((p) => `{load:()=>import("part-${p.name}.js"),names:"${p.names.join(" ")}"}`);
entries["part-list"] = `import { known } from "./web/core/arriving.ts";
    Object.assign(known, { set: "${setName}", sheets: ${JSON.stringify(sheets.map((p) => p.names.join(" ")).join("|"))}.split("|"), scripts: [${list.join(",")}] });`;
note(await build({ ...common, plugins: [generated], entryPoints: [{ in: "easel.js", out: "easel" }], format: "esm", splitting: true,
    entryNames: "[name]-[hash]", chunkNames: "[name]-[hash]" }),
    [{ from: "easel.js", role: "easel.js" }, ...scripts.map((p) => ({ from: `part-${p.name}.js`, role: "part", names: p.names }))]);
note(await build({ ...common, entryPoints: [{ in: head, out: "head" }], format: "iife", entryNames: "[name]-[hash]" }),
    [{ from: "web/core/head.ts", role: "head.js" }]);

// esbuild's helper for CommonJS does nothing by itself: only who uses it need load it.
const helpers = manifest.filter((e) => e.role === "preload" && /^var (\w+)=.*;export\{\1 as \w+\};\s*$/.test(readFileSync(join(out, e.file), "utf8")));
for (const helper of helpers) {
    helper.role = "chunk";
    for (const { file } of manifest.filter((e) => /^(easel\.js|part|preload|chunk)$/.test(e.role) && e.file.endsWith(".js"))) {
        const text = readFileSync(join(out, file), "utf8"), less = text.replace(`import"./${helper.file}";`, "");
        if (less !== text) writeFileSync(join(out, file), less);
    }
}

// What every page has is a chunk for esbuild, and easel.js only a line that imports it. Pages load it itself, by that name.
const core = manifest.find((e) => e.role === "easel.js"), [shared, ...more] = manifest.filter((e) => e.role === "preload").sort((a, b) => lengthOf(b.file) - lengthOf(a.file));
if (!shared || (more.length > 0 && !dev)) throw new Error("what every page has is not in one file");
for (const helper of more) helper.role = "chunk";
rmSync(join(out, core.file));
core.file = shared.file.replace("chunk", "easel");
renameSync(join(out, shared.file), join(out, core.file));
manifest.splice(manifest.indexOf(shared), 1);
for (const { file } of manifest.filter((e) => e.file.endsWith(".js"))) writeFileSync(join(out, file), readFileSync(join(out, file), "utf8").replaceAll(`./${shared.file}"`, `./${core.file}"`));

// Files that are served as they are: icons, the page's picture. Their names get a hash, too.
for (const file of files(join(web, "static"), "")) {
    const end = extname(file), name = basename(file, end);
    const bytes = end === ".svg" ? readFileSync(file, "utf8").replace(/<!--[^]*?-->\n?/g, "").replaceAll(">\n<", "><") : readFileSync(file);
    const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 8);
    writeFileSync(join(out, `${name}-${hash}${end}`), bytes);
    manifest.push({ role: basename(file), file: `${name}-${hash}${end}` });
}

const numbered = sheetRoles.filter((r) => r.role === "sheet").map((r) => manifest.find((e) => e.file === r.file));
for (const entry of numbered) entry.set = setName;
const others = manifest.filter((e) => e.role !== "sheet").sort((a, b) => (a.role + a.file < b.role + b.file ? -1 : 1));
manifest.splice(0, manifest.length, ...others, ...numbered);
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
