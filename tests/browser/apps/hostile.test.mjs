// hostile.test.mjs: what a visitor types stands in every argument of every element, and stays text.
// SPDX-License-Identifier: Apache-2.0
//
// visit() fails a test on a breach of the policy, an error or a request elsewhere; here it is also looked at that the document holds no
// element or attribute that the words asked for, and that no script of theirs ran.

import assert from "node:assert/strict";
import { before, test } from "node:test";
import { field, says, settled, start, visitor } from "./harness.mjs";

const words = {
    "a tag": "<img src=x onerror=stranger()>",
    "the end of an attribute": `"><svg/onload=stranger()><b x="`,
    "the end of a quoted attribute": `' onmouseover='stranger()' x='`,
    "a blank and a handler": "x onfocus=stranger() autofocus tabindex=1",
    "the end of what surrounds it": "</title></textarea></style></template></script><script>stranger()</script>",
    "a script's address": "javascript:stranger()//https://a.org",
    "a hidden script's address": "java\tscript:stranger()",
    "an address that is a page": "data:text/html,<script>parent.stranger()</script>",
    "Markdown with addresses": `[a](javascript:stranger()) ![b](x"onerror="stranger\\(\\)) <javascript:stranger()> [c](<data:text/html,x> "t"onclick="stranger()")`,
    "Markdown with HTML": "<iframe srcdoc='<script>parent.stranger()</script>'></iframe>\n\n<div onclick=stranger()>\n\n<!-- --><object data=x>",
    "entities": "&lt;img src=x onerror=stranger()&gt; &#60;script&#62;stranger()&#60;/script&#62; &#x3c;b&#x3e;",
    "signs of templates and formats": "${stranger()} {{stranger()}} %s%n%999999d <%= stranger() %>",
    "signs that turn and hide": "\u202eevil\u2066 \u2028\u2029 \ufeff\u200b\u0085 \u{e0001}",
    "brackets a hundred deep": "[".repeat(150) + "*".repeat(150) + "> ".repeat(150) + "x",
    "addresses elsewhere": "https://elsewhere.example/a.png",
    "addresses elsewhere that look like ours": "/\\elsewhere.example/a.png",
    "addresses elsewhere, with what browsers leave out": " \t/\t/elsewhere.example/a.png",
    "pictures elsewhere": "![a](https://elsewhere.example/a) ![a](//elsewhere.example/a) ![a](/\\elsewhere.example/a) ![a](\\\\elsewhere.example/a) ![a](/&#9;/elsewhere.example/a) ![a](&#10;//elsewhere.example/a) " +
        "![a](https:elsewhere.example/a) ![a](http:/elsewhere.example/a) ![a](HTTPS:\\\\elsewhere.example\\a) <img src=//elsewhere.example/a> ![a](&#x2f;&#x5c;elsewhere.example)\n\n![a]\n\n[a]: //elsewhere.example/a",
    "bytes that are no characters": `hex:${Buffer.from("<b \xff\xc0\xaf\xed\xa0\x80\xf4\x90\x80\x80\xe2\"onload=stranger() \xe2\x80<i>\xf0\x9f\x98", "latin1").toString("hex")}`,
    "control characters": `hex:${Buffer.from([...Array(31).keys(), 126, 128, 159].map((n) => n + 1)).toString("hex")}`,
    "the ends of scripts and comments": "--><script>stranger()</script><!--> ]]> <![CDATA[ <?x ?> </xmp><plaintext><noscript><p title='</noscript><img src=x onerror=stranger()>'>",
    "names of places and ids": `data-ez-place="ez_________" id="ez-boot" ez_________.1`,
};

// Twenty pages and more, one after the other.
const it = (name, body) => test(name, { timeout: 180_000 }, body);

let program;
before(async () => (program = await start("tests/programs/hostile")));

/** What no element of ours prints, and what the words would have made. */
const look = (tab) =>
    tab.evaluate(() => {
        const ours = "link,svg,use,title", bad = [];
        for (const e of document.querySelectorAll("*"))
            for (const { name, value } of e.attributes) {
                if (name.startsWith("on") || name === "srcdoc") bad.push(`${e.localName} ${name}=${value}`);
                if (/^(href|src|action|formaction|data|xlink:href)$/.test(name) && /^[\s\0-\x20]*(javascript|vbscript|data):/i.test(value) && !e.matches(ours)) bad.push(`${e.localName} ${name}=${value}`);
            }
        // Whatever is loaded comes from here, also what a lazy picture would ask for when somebody scrolls to it.
        for (const e of document.querySelectorAll("[src],link[href],[srcset],[poster],use,image"))
            for (const said of [e.getAttribute("src"), e.localName !== "a" && e.getAttribute("href"), e.getAttribute("poster"), e.getAttribute("srcset")].filter(Boolean)) {
                const to = URL.canParse(said, location.href) ? new URL(said, location.href) : null;
                if (to && to.protocol !== "data:" && to.host !== location.host) bad.push(`${e.localName} would load ${said}`);
            }
        for (const e of document.querySelectorAll("iframe,object,embed,base,style,form:not(.ez-form,[method=dialog]),template")) bad.push(`<${e.localName}>`);
        const count = (what) => document.querySelectorAll(what).length;
        return { bad, scripts: count("script:not([src])"), metas: count("meta"), roots: count("#ez_________, #ez-boot"), ran: window.strangers ?? 0 };
    });

async function open(t) {
    // A picture that Markdown names is not there; that it is asked for here and nowhere else is what visitor() looks at.
    const who = await visitor(t, program, { breaks: true });
    await who.context.addInitScript(() => (window.stranger = () => (window.strangers = (window.strangers ?? 0) + 1)));
    return who;
}

it("words of a stranger stay text in the page that is served", async (t) => {
    const who = await open(t), tab = await who.tab(), clean = await look(tab);
    for (const [what, said] of Object.entries(words)) {
        await tab.goto(who.url(`?w=${encodeURIComponent(said)}`));
        await settled(tab);
        assert.ok((await tab.title()).length > 0);
        assert.deepEqual(await look(tab), clean, what);
    }
});

it("words of a stranger stay text in what arrives afterwards", async (t) => {
    const tab = await (await open(t)).tab(), clean = await look(tab);
    for (const [what, said] of Object.entries(words)) {
        await field(tab, "Typed").fill(said);
        await field(tab, "Typed").press("Control+Enter");
        await says(tab, `${[...said].length} bytes`);
        await settled(tab);
        assert.deepEqual(await look(tab), clean, what);
    }
});
