// chat_input.ts: the composer: grows with the text, keeps the focus, offers suggestions and the way to the end, and takes pictures.
// SPDX-License-Identifier: Apache-2.0
//
// Sending, Enter and Shift+Enter, drafts and their return after a refusal are the core's: data-ez-submit, data-ez-clear. A message with pictures is sent here.

import { onFrame, toast, trigger, type EzElement } from "easel";
import { toEnd } from "easel/follow.ts";
import { forget, Pictures } from "./attach.ts";

class ChatInput extends HTMLElement implements EzElement {
    #stop?: () => void;
    #pictures = new Pictures(this);

    connectedCallback(): void {
        this.addEventListener("click", this.#clicked);
        this.addEventListener("input", this.#measure);
        this.addEventListener("keydown", this.#keyed);
        this.addEventListener("change", this.#chosen);
        this.addEventListener("paste", this.#pasted);
        for (const type of ["dragenter", "dragover", "dragleave", "drop"]) this.addEventListener(type, this.#dragged as (e: Event) => void);
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
        if (button?.matches(".ez-chat-send") && this.#pictures.any) {
            e.preventDefault();
            void this.#send();
        }
        // Sent by a click, or clicked beside the text: on with writing. A phone's keyboard stays as it was.
        if (button?.matches(".ez-chat-send") ? !matchMedia("(pointer: coarse)").matches : !button && t.closest(".ez-composer") && !t.closest("label")) this.#field?.focus();
    };

    #keyed = (e: KeyboardEvent): void => {
        if (e.key !== "Enter" || e.shiftKey || e.isComposing || e.keyCode === 229 || e.target !== this.#field || !this.#pictures.any) return;
        e.preventDefault();
        void this.#send();
    };

    #chosen = (e: Event): void => {
        const input = e.target as HTMLInputElement;
        if (input.type !== "file" || !input.files) return;
        this.#pictures.add([...input.files]);
        input.value = "";
        this.#field?.focus();
    };

    #pasted = (e: ClipboardEvent): void => {
        if (!this.#pictures.allowed || !e.clipboardData?.files.length) return;
        e.preventDefault();
        this.#pictures.add([...e.clipboardData.files]);
    };

    #dragged = (e: DragEvent): void => {
        if (!this.#pictures.allowed || !e.dataTransfer?.types.includes("Files")) return;
        e.preventDefault();
        if (e.type === "drop") this.#pictures.add([...e.dataTransfer.files]);
        if (e.type === "dragenter" || e.type === "dragover") this.dataset.state = "over";
        else if (e.type === "drop" || !this.contains(e.relatedTarget as Node | null)) delete this.dataset.state;
    };

    /** The text with its pictures below. What is refused comes back, unless something else was written meanwhile. */
    async #send(): Promise<void> {
        const field = this.#field;
        if (!field || field.disabled) return;
        if (this.#pictures.going) return toast("Please wait until the pictures are uploaded.");
        const text = field.value, message = [text.trim(), this.#pictures.markdown].filter(Boolean).join("\n\n"), pictures = this.#pictures.take();
        this.#fill(field, "");
        const done = trigger(this, "submit", message);
        toEnd(this);
        if (await done) return forget(pictures);
        if (!field.value) this.#fill(field, text);
        this.#pictures.put(pictures);
    }

    #fill(field: HTMLTextAreaElement, text: string): void {
        field.value = text;
        field.dispatchEvent(new Event("input", { bubbles: true }));
    }

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
