// chat_text.ts: what a visitor does with a message, and what a screen reader says while it grows.
// SPDX-License-Identifier: Apache-2.0

import { announce, copyText, icon, signal, trigger, type EzElement } from "easel";
import { source } from "./source.ts";

const SAID_WHOLE = 400;

class ChatText extends HTMLElement implements EzElement {
    #state = "";

    connectedCallback(): void {
        this.addEventListener("click", this.#clicked);
        this.update();
    }
    connectedMoveCallback(): void {}

    /** The state is the server's; what is said of it is said once. */
    update(): void {
        const was = this.#state;
        this.#state = this.dataset.state ?? "";
        if (was === this.#state) return;
        if (this.#state === "streaming") announce("The answer is being written.");
        else if (was === "streaming") announce(this.#outcome());
    }

    #outcome(): string {
        const text = this.#end?.textContent ?? "";
        if (this.#state === "failed") return "The answer failed.";
        if (this.#state === "stopped") return "The answer was stopped.";
        return text.length <= SAID_WHOLE ? text : "The answer is complete.";
    }

    get #end(): HTMLElement | null {
        return this.querySelector<HTMLElement>("[data-ez-end]");
    }

    #clicked = (e: Event): void => {
        const button = (e.target as Element).closest<HTMLElement>("[data-act]");
        if (!button || button.matches(":disabled")) return;
        const branches = button.closest<HTMLElement>("[data-branch]"), branch = Number(branches?.dataset.branch);
        switch (button.dataset.act) {
            case "copy": void this.#copy(button); break;
            case "edit": this.#edit(button); break;
            case "regenerate": void trigger(this, "regenerate"); break;
            case "stop": void signal(this, "stop"); break;
            case "good": this.#judge(button, 1); break;
            case "bad": this.#judge(button, -1); break;
            case "back": void signal(this, "branch", branch - 1); break;
            case "on": void signal(this, "branch", branch + 1); break;
        }
    };

    async #copy(button: HTMLElement): Promise<void> {
        if (!this.#end || !(await copyText(source(this.#end)))) return;
        void signal(this, "copy");
        announce("Copied");
        const was = [...button.childNodes];
        button.replaceChildren(icon("check"));
        setTimeout(() => button.isConnected && button.replaceChildren(...was), 1500);
    }

    /** Shown at once; the server says the same when it prints the row again. */
    #judge(button: HTMLElement, score: number): void {
        const on = button.ariaPressed !== "true";
        for (const b of this.querySelectorAll("[data-act=good],[data-act=bad]")) b.ariaPressed = String(on && b === button);
        void signal(this, "feedback", on ? score : 0);
    }

    #edit(button: HTMLElement): void {
        const slot = this.querySelector<HTMLElement>(".ez-chat-edit"), end = this.#end;
        if (!slot || !end || slot.firstElementChild) return;
        const field = document.createElement("textarea"), row = document.createElement("div");
        field.value = source(end);
        field.ariaLabel = "Edit the question";
        row.className = "ez-chat-edit-row";
        const close = (): void => {
            slot.replaceChildren();
            button.focus();
        };
        const send = (): void => {
            const text = field.value.trim();
            close();
            if (text) void trigger(this, "edit", text);
        };
        row.append(this.#button("Cancel", "secondary", close), this.#button("Send", "primary", send));
        field.addEventListener("keydown", (e) => {
            if (e.isComposing || e.keyCode === 229) return;
            if (e.key === "Escape") close();
            else if (e.key === "Enter" && !e.shiftKey) send();
            else return;
            e.preventDefault();
            e.stopPropagation();
        });
        slot.append(field, row);
        field.focus();
        field.setSelectionRange(field.value.length, field.value.length);
    }

    #button(label: string, kind: string, action: () => void): HTMLButtonElement {
        const b = document.createElement("button");
        b.type = "button";
        b.className = "ez-button";
        b.dataset.kind = kind;
        b.textContent = label;
        b.addEventListener("click", action);
        return b;
    }
}
customElements.define("ez-chat-text", ChatText);
