// rescroll.ts: after a reload every box is scrolled as it was before.
// SPDX-License-Identifier: Apache-2.0

// Not used here: so that what this file and the core share stays in one file.
import "./element.ts";
import { letGo, type Scrolled } from "./follow.ts";
import { frames } from "./hooks.ts";

/** What is not that long yet gets there with a later frame. */
export function rescroll(all: Scrolled[]): void {
    const late = all.filter(([id, top]) => {
        const box = id ? document.getElementById(id) : document.documentElement;
        if (!box || box.scrollHeight - box.clientHeight < top) return true;
        letGo(box);
        box.scrollTo({ top, behavior: "instant" });
        return false;
    });
    if (!late.length) return;
    const stop = frames.add(() => {
        stop();
        rescroll(late);
    });
}
