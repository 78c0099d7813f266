// problem.ts: what is wrong with the page's source, shown over the page while it is being written (`easel run`).
// SPDX-License-Identifier: Apache-2.0

import { announceText, make, sprite } from "./page.ts";
import { arriving } from "./parts.ts";
import type { Down } from "./wire.ts";

/** Lines of a compiler with the mistakes set off. */
function lines(text: string): (Node | string)[] {
    return text.split(/^(.*: (?:fatal )?error: .*)$/m).map((part, i) => (i % 2 ? make("strong", "", part) : part));
}

export function showProblem(problem: NonNullable<Down["dev"]>): void {
    document.getElementById("ez-problem")?.remove();
    const close = make("button", "ez-icon-button", sprite("close"));
    const panel = make("section", "ez-problem", make("header", "", sprite("error"), make("h2", "", problem.title), close), make("pre", "", ...lines(problem.text.trim())));
    panel.id = "ez-problem";
    panel.popover = "manual";
    panel.ariaLabel = problem.title;
    close.ariaLabel = "Dismiss";
    close.onclick = () => panel.remove();
    announceText(problem.title, true);
    const show = (): void => {
        document.body.append(panel);
        panel.showPopover();
    };
    const wait = arriving('"ez-problem"');
    if (wait) void wait.then(show);
    else show();
}
