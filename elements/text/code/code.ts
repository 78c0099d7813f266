// code.ts: copy buttons of code blocks, and highlighting once a block is closed. Serves the element code and all Markdown.
// SPDX-License-Identifier: Apache-2.0
//
// highlight.js and the grammar of a language load when the first block of that language is there; a page without code loads
// neither. A block of an answer that is still being written is plain until something follows it.

import { announce, copyText, onFrame } from "easel";
import type { HLJSApi, LanguageFn } from "highlight.js";

const grammars: Record<string, () => Promise<{ default: LanguageFn }>> = {
    bash: () => import("highlight.js/lib/languages/bash"),
    c: () => import("highlight.js/lib/languages/c"),
    cpp: () => import("highlight.js/lib/languages/cpp"),
    csharp: () => import("highlight.js/lib/languages/csharp"),
    css: () => import("highlight.js/lib/languages/css"),
    diff: () => import("highlight.js/lib/languages/diff"),
    go: () => import("highlight.js/lib/languages/go"),
    java: () => import("highlight.js/lib/languages/java"),
    javascript: () => import("highlight.js/lib/languages/javascript"),
    json: () => import("highlight.js/lib/languages/json"),
    kotlin: () => import("highlight.js/lib/languages/kotlin"),
    lua: () => import("highlight.js/lib/languages/lua"),
    markdown: () => import("highlight.js/lib/languages/markdown"),
    php: () => import("highlight.js/lib/languages/php"),
    python: () => import("highlight.js/lib/languages/python"),
    r: () => import("highlight.js/lib/languages/r"),
    ruby: () => import("highlight.js/lib/languages/ruby"),
    rust: () => import("highlight.js/lib/languages/rust"),
    sql: () => import("highlight.js/lib/languages/sql"),
    swift: () => import("highlight.js/lib/languages/swift"),
    typescript: () => import("highlight.js/lib/languages/typescript"),
    xml: () => import("highlight.js/lib/languages/xml"),
    yaml: () => import("highlight.js/lib/languages/yaml"),
};
const aliases: Record<string, string> = {
    "c++": "cpp", cc: "cpp", hpp: "cpp", h: "c", "c#": "csharp", cs: "csharp", golang: "go", html: "xml", svg: "xml", js: "javascript", jsx: "javascript",
    mjs: "javascript", node: "javascript", kt: "kotlin", md: "markdown", patch: "diff", py: "python", python3: "python", rb: "ruby", rs: "rust",
    sh: "bash", shell: "bash", console: "bash", zsh: "bash", ts: "typescript", tsx: "typescript", yml: "yaml",
};
const LONGEST = 60_000;
let core: Promise<HLJSApi> | undefined;

/** The highlighter with this language, or undefined when we have no grammar for it. */
async function highlighter(language: string): Promise<HLJSApi | undefined> {
    const grammar = grammars[language];
    if (!grammar) return undefined;
    core ??= import("highlight.js/lib/core").then((m) => m.default);
    const [hljs, rules] = await Promise.all([core, grammar()]);
    if (!hljs.getLanguage(language)) hljs.registerLanguage(language, rules.default);
    return hljs;
}

/** Whether nothing more comes: the block is not the last one of an answer that is being written. */
function closed(code: Element): boolean {
    const end = code.closest(".ez-chat-text[data-state=streaming] [data-ez-end]");
    let block: Element | null = code;
    while (end && block && block.parentElement !== end) block = block.parentElement;
    return !end || block?.nextElementSibling != null;
}

async function highlight(code: HTMLElement): Promise<void> {
    const name = code.dataset.lang?.toLowerCase() ?? "", text = code.textContent ?? "";
    code.dataset.ezKept = "";
    if (text.length > LONGEST) return;
    const language = aliases[name] ?? name, hljs = await highlighter(language);
    // While the grammar loaded the server may have put another text there.
    if (hljs && code.isConnected && code.textContent === text) code.innerHTML = hljs.highlight(text, { language, ignoreIllegals: true }).value;
}

function highlightAll(): void {
    for (const code of document.querySelectorAll<HTMLElement>("pre > code[data-lang]:not([data-lang=''],[data-ez-kept])")) {
        if (closed(code)) void highlight(code);
    }
}

async function copy(button: HTMLElement): Promise<void> {
    const code = button.closest(".ez-code")?.querySelector("code");
    if (!code || !(await copyText(code.textContent ?? ""))) return;
    button.textContent = "Copied";
    announce("Copied");
    setTimeout(() => button.isConnected && (button.textContent = "Copy"), 1500);
}

document.addEventListener("click", (e) => {
    const button = (e.target as Element).closest<HTMLElement>("[data-ez-copy]");
    if (button) void copy(button);
});
onFrame(highlightAll);
// The page as it came: after the core is at work, so that highlighting never delays it.
setTimeout(highlightAll);
