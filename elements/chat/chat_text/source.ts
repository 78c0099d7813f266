// source.ts: the Markdown that makes what is shown, for copying an answer and for editing a question.
// SPDX-License-Identifier: Apache-2.0

const around: Record<string, string> = { STRONG: "**", EM: "*", DEL: "~~" };

function inline(e: Node): string {
    if (e instanceof Text) return e.data;
    if (!(e instanceof Element)) return "";
    const inside = [...e.childNodes].map(inline).join("");
    switch (e.tagName) {
        case "BR": return "\n";
        case "IMG": return `![${e.getAttribute("alt") ?? ""}](${e.getAttribute("src") ?? ""})`;
        case "A": return inside === e.getAttribute("href") ? inside : `[${inside}](${e.getAttribute("href") ?? ""})`;
        case "CODE": {
            const math = e.classList.contains("ez-math"), mark = math ? (e.hasAttribute("data-display") ? "$$" : "$") : inside.includes("`") ? "``" : "`";
            return mark + inside + mark;
        }
        default: return `${around[e.tagName] ?? ""}${inside}${around[e.tagName] ?? ""}`;
    }
}

const cells = (row: Element): string => `| ${[...row.children].map((c) => inline(c).replaceAll("|", "\\|")).join(" | ")} |`;
const indent = (text: string, first: string, rest: string): string => first + text.replace(/\n(?!\n|$)/g, `\n${rest}`);

function list(e: Element): string {
    const ordered = e.tagName === "OL", start = Number(e.getAttribute("start") ?? 1), loose = e.querySelector(":scope > li > p") !== null;
    return [...e.children].map((item, i) => {
        const mark = ordered ? `${start + i}. ` : "- ", check = item.querySelector(":scope > .ez-check");
        const task = check ? (check.hasAttribute("data-done") ? "[x] " : "[ ] ") : "";
        return indent(blocks(item), mark + task, " ".repeat(mark.length));
    }).join(loose ? "\n\n" : "\n");
}

function block(e: Element): string {
    switch (e.tagName) {
        case "UL": case "OL": return list(e);
        case "HR": return "---";
        case "BLOCKQUOTE": return blocks(e).replace(/^/gm, "> ");
        case "H1": case "H2": case "H3": case "H4": case "H5": case "H6":
            // The headings of a message stand two levels lower than they were written.
            return `${"#".repeat(Math.max(1, Number(e.tagName[1]) - 2))} ${inline(e)}`;
        case "DIV": {
            const code = e.querySelector("code"), rows = [...e.querySelectorAll("tr")];
            if (e.classList.contains("ez-code")) return `\`\`\`${code?.dataset.lang ?? ""}\n${code?.textContent ?? ""}\n\`\`\``;
            const rule = cells(rows[0] ?? e).replace(/[^|]+/g, " --- ");
            return [...rows.slice(0, 1).map(cells), rule, ...rows.slice(1).map(cells)].join("\n");
        }
        default: return inline(e);
    }
}

/** Blocks below each other; what stands between them in a tight list is a paragraph without a mark. */
function blocks(e: Element): string {
    const parts: string[] = [];
    let words = "";
    const flush = (): void => {
        if (words.trim()) parts.push(words.trim());
        words = "";
    };
    for (const child of e.childNodes) {
        if (child instanceof Element && /^(UL|OL|HR|BLOCKQUOTE|H[1-6]|DIV|P)$/.test(child.tagName)) {
            flush();
            parts.push(block(child));
        } else words += inline(child);
    }
    flush();
    return parts.join(e.tagName === "LI" && !e.querySelector(":scope > p") ? "\n" : "\n\n");
}

/** Markdown of an element whose children are printed Markdown. */
export const source = (e: Element): string => blocks(e);
