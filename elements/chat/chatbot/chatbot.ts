// chatbot.ts: shows the way to the latest message while the end is out of sight. Following the end is the core's: data-ez-follow.
// SPDX-License-Identifier: Apache-2.0

import { onFrame, type EzElement } from "easel";
import { toEnd } from "easel/follow.ts";

const NEAR = 48;

class Chatbot extends HTMLElement implements EzElement {
    #stop?: () => void;

    connectedCallback(): void {
        this.addEventListener("scroll", this.#look, { capture: true, passive: true });
        this.addEventListener("click", this.#clicked);
        this.#stop = onFrame(() => requestAnimationFrame(this.#look));
        this.#look();
    }
    connectedMoveCallback(): void {}
    disconnectedCallback(): void {
        this.#stop?.();
    }

    #clicked = (e: Event): void => {
        if ((e.target as Element).closest(".ez-chat-latest")) toEnd(this);
    };

    #look = (): void => {
        const box = this.querySelector(".ez-chatbot-scroll"), latest = this.querySelector<HTMLElement>(":scope > .ez-chat-latest");
        if (box && latest) latest.hidden = box.scrollHeight - box.clientHeight - box.scrollTop < NEAR;
    };
}
customElements.define("ez-chatbot", Chatbot);
