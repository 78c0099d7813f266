// number_input.ts: steps by the two buttons and the arrow keys, and writes the number as its format says.
// SPDX-License-Identifier: Apache-2.0

import { digitsOf, figure } from "../figures.ts";

const HOLD_MS = 400, REPEAT_MS = 60;

class NumberField extends HTMLElement {
    #timer: ReturnType<typeof setTimeout> | undefined;

    connectedCallback(): void {
        this.addEventListener("pointerdown", (e) => this.#hold(e));
        for (const type of ["pointerup", "pointerleave", "pointercancel"]) this.addEventListener(type, () => this.#release());
        this.addEventListener("click", (e) => {
            // A press was counted when it began; what comes without one is a screen reader or a script.
            const button = (e.target as Element).closest<HTMLElement>(".ez-step");
            if (button && !e.detail) this.#step(Number(button.dataset.step), true);
        });
        this.addEventListener("keydown", (e) => {
            if (e.key !== "ArrowUp" && e.key !== "ArrowDown") return;
            e.preventDefault();
            this.#step((e.key === "ArrowUp" ? 1 : -1) * (e.shiftKey ? 10 : 1), true);
        });
        this.addEventListener("change", () => this.#tidy());
    }
    connectedMoveCallback(): void {}

    get #input(): HTMLInputElement {
        return this.querySelector("input")!;
    }

    #hold(e: PointerEvent): void {
        const button = (e.target as Element).closest<HTMLButtonElement>(".ez-step");
        if (!button || button.disabled || e.button) return;
        const way = Number(button.dataset.step);
        const again = (): void => {
            this.#step(way, false);
            this.#timer = setTimeout(again, REPEAT_MS);
        };
        this.#step(way, false);
        this.#timer = setTimeout(again, HOLD_MS);
    }

    #release(): void {
        if (this.#timer === undefined) return;
        clearTimeout(this.#timer);
        this.#timer = undefined;
        this.#input.dispatchEvent(new Event("change", { bubbles: true }));
    }

    #step(by: number, settled: boolean): void {
        const input = this.#input, step = Number(this.dataset.step);
        if (input.disabled) return;
        const low = input.min === "" ? -Infinity : Number(input.min), high = input.max === "" ? Infinity : Number(input.max);
        const from = input.value === "" ? Math.min(Math.max(0, low), high) - by * step : Number(input.value);
        const digits = Math.min(Math.max(digitsOf(from), digitsOf(step)), 15);
        const v = Math.min(Math.max(from + by * step, low), high);
        input.value = figure(Number(v.toFixed(digits)), undefined, this.dataset.format ? -1 : digits);
        if (this.dataset.format) this.#tidy();
        input.dispatchEvent(new InputEvent("input", { bubbles: true }));
        if (settled) input.dispatchEvent(new Event("change", { bubbles: true }));
    }

    /** Only figures that the field takes back: a format with other words in it is for reading elsewhere. */
    #tidy(): void {
        const input = this.#input;
        if (!this.dataset.format || input.value === "") return;
        const text = figure(Number(input.value), this.dataset.format, -1).trim();
        if (Number.isFinite(Number(text))) input.value = text;
    }
}
customElements.define("ez-number", NumberField);
