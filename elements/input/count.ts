// count.ts: how many characters of how many a text field holds.
// SPDX-License-Identifier: Apache-2.0

import { onFrame, type EzElement } from "easel";

class Count extends HTMLElement implements EzElement {
    #stop?: () => void;

    connectedCallback(): void {
        this.closest(".ez-field")?.addEventListener("input", this.update);
        this.#stop = onFrame(this.update);
        this.update();
    }
    connectedMoveCallback(): void {}
    disconnectedCallback(): void {
        this.#stop?.();
    }

    update = (): void => {
        const field = this.closest(".ez-field")?.querySelector<HTMLInputElement | HTMLTextAreaElement>("input,textarea");
        const count = [...(field?.value ?? "")].length, max = Number(this.dataset.max);
        const text = `${count}/${max}`;
        if (text === this.textContent) return;
        this.textContent = text;
        this.dataset.state = count >= max ? "full" : "";
    };
}
customElements.define("ez-count", Count);
