// text_input.ts: shows what was typed into a password field, while it is asked to.
// SPDX-License-Identifier: Apache-2.0

import { icon } from "easel";

class Reveal extends HTMLElement {
    connectedCallback(): void {
        this.addEventListener("click", () => this.#turn());
    }
    connectedMoveCallback(): void {}

    #turn(): void {
        const input = this.parentElement?.querySelector("input"), button = this.querySelector("button");
        if (!input || !button) return;
        const shown = input.type === "password";
        input.type = shown ? "text" : "password";
        button.ariaPressed = String(shown);
        button.replaceChildren(icon(shown ? "eye-off" : "eye"));
        input.focus();
    }
}
customElements.define("ez-reveal", Reveal);
