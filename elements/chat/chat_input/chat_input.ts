// chat_input.ts: the composer: grows with the text, keeps the focus, offers suggestions and the way to the end.
// SPDX-License-Identifier: Apache-2.0
//
// Sending, Enter and Shift+Enter, drafts and their return after a refusal are the core's: data-ez-submit, data-ez-clear.

import { onFrame, trigger, type EzElement } from "easel";
import { toEnd } from "easel/follow.ts";

class ChatInput extends HTMLElement implements EzElement {
    #stop?: () => void;

    connectedCallback(): void {
        this.addEventListener("click", this.#clicked);
        this.addEventListener("input", this.#measure);
        this.#stop = onFrame(this.#measure);
        this.#measure();
    }
    connectedMoveCallback(): void {}
    disconnectedCallback(): void {
        this.#stop?.();
    }

    get #field(): HTMLTextAreaElement | null {
        return this.querySelector("textarea");
    }

    #clicked = (e: Event): void => {
        const t = e.target as Element, button = t.closest("button");
        if (button?.matches(".ez-chat-latest")) return toEnd(this);
        if (button?.matches(".ez-chat-suggestion")) {
            void trigger(this, "submit", button.textContent ?? "");
            return toEnd(this);
        }
        // Sent by a click, or clicked beside the text: on with writing. A phone's keyboard stays as it was.
        if (button?.matches(".ez-chat-send") ? !matchMedia("(pointer: coarse)").matches : !button && t.closest(".ez-composer")) this.#field?.focus();
    };

    /** The field's height where CSS cannot say it, and the count when the text comes near the limit. */
    #measure = (): void => {
        const field = this.#field, count = this.querySelector<HTMLElement>(".ez-chat-count");
        if (!field) return;
        if (!CSS.supports("field-sizing", "content")) {
            field.style.blockSize = "auto";
            field.style.blockSize = `${field.scrollHeight}px`;
        }
        if (!count) return;
        const length = [...field.value].length, max = Number(count.dataset.max);
        const text = length >= max * 0.8 ? `${length} / ${max}` : "";
        if (count.textContent !== text) count.textContent = text;
    };
}
customElements.define("ez-chat-input", ChatInput);
