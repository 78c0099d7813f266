// slider.ts: the number beside the label and the filled part of the track follow the thumb.
// SPDX-License-Identifier: Apache-2.0

import { onFrame, type EzElement } from "easel";
import { figure } from "../figures.ts";

class Slider extends HTMLElement implements EzElement {
    #stop?: () => void;

    connectedCallback(): void {
        this.addEventListener("input", this.update);
        this.#stop = onFrame(this.update);
        this.update();
    }
    connectedMoveCallback(): void {}
    disconnectedCallback(): void {
        this.#stop?.();
    }

    update = (): void => {
        const range = this.querySelector("input"), out = this.querySelector("output");
        if (!range || !out) return;
        const min = Number(range.min), max = Number(range.max), v = Number(range.value);
        const text = figure(v, this.dataset.format, Number(this.dataset.digits)), at = String((v - min) / (max - min));
        if (out.textContent !== text) out.textContent = range.ariaValueText = text;
        if (range.style.getPropertyValue("--ez-at") !== at) range.style.setProperty("--ez-at", at);
    };
}
customElements.define("ez-slider", Slider);
