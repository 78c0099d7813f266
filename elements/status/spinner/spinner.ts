// spinner.ts: counts the seconds that something takes.
// SPDX-License-Identifier: Apache-2.0

class Elapsed extends HTMLElement {
    #began = 0;
    #timer: ReturnType<typeof setInterval> | undefined;

    connectedCallback(): void {
        this.#began ||= performance.now();
        this.#timer = setInterval(() => (this.textContent = `${Math.floor((performance.now() - this.#began) / 1000)} s`), 1000);
    }
    connectedMoveCallback(): void {}
    disconnectedCallback(): void {
        clearInterval(this.#timer);
    }
}
customElements.define("ez-elapsed", Elapsed);
