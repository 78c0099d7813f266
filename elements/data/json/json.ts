// json.ts: the copy button of a tree of JSON.
// SPDX-License-Identifier: Apache-2.0

import { announce, copyText } from "easel";

/** What the tree shows, with the line breaks that people like. */
function readable(shown: string): string {
    try {
        return JSON.stringify(JSON.parse(shown), null, 2);
    } catch {
        return shown;
    }
}

class JsonTree extends HTMLElement {
    connectedCallback(): void {
        this.addEventListener("click", this.#clicked);
    }
    connectedMoveCallback(): void {}

    #clicked = (e: Event): void => {
        const button = (e.target as Element).closest<HTMLElement>("[data-act=copy]");
        if (button) void this.#copy(button);
    };

    async #copy(button: HTMLElement): Promise<void> {
        const tree = this.querySelector(".ez-json-tree");
        if (!tree || !(await copyText(readable(tree.textContent ?? "")))) return;
        button.textContent = "Copied";
        announce("Copied");
        setTimeout(() => button.isConnected && (button.textContent = "Copy"), 1500);
    }
}
customElements.define("ez-json", JsonTree);
