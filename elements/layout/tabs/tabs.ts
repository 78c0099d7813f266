// tabs.ts: choosing a tab, by pointer and keyboard; exactly one is open.
// SPDX-License-Identifier: Apache-2.0

import { onFrame, setValue, type EzElement } from "easel";

/** One tab: open is a value of the visitor, so what a put prints does not count once the tab is there. */
class Tab extends HTMLElement implements EzElement {
    #open = false;

    connectedCallback(): void {
        this.#open = this.hasAttribute("open");
        this.button?.addEventListener("click", () => (this.parentElement?.parentElement as Tabs).choose(this));
    }
    connectedMoveCallback(): void {}

    get button(): HTMLButtonElement | null {
        return this.querySelector<HTMLButtonElement>(":scope > .ez-tab-button");
    }
    get open(): boolean {
        return this.#open;
    }
    set open(open: boolean) {
        this.#open = open;
        this.update();
    }
    get value(): boolean {
        return this.#open;
    }
    set value(open: boolean) {
        this.open = open;
    }

    update(): void {
        const button = this.button;
        this.toggleAttribute("open", this.#open);
        if (!button) return;
        button.ariaSelected = String(this.#open);
        button.tabIndex = this.#open ? 0 : -1;
    }
}

class Tabs extends HTMLElement implements EzElement {
    #stop?: () => void;

    connectedCallback(): void {
        this.addEventListener("keydown", (e) => this.#keyed(e));
        this.#stop = onFrame(() => this.update());
        this.update();
    }
    connectedMoveCallback(): void {}
    disconnectedCallback(): void {
        this.#stop?.();
    }

    get #tabs(): Tab[] {
        return [...this.querySelectorAll<Tab>(":scope > .ez-tabs-line > ez-tab")];
    }

    /** The newest of several open ones stays, as after ez_open; without any the first opens. */
    update(): void {
        const tabs = this.#tabs, open = tabs.filter((t) => t.open);
        if (!open.length && tabs[0]) tabs[0].open = true;
        for (const tab of open.slice(0, -1)) this.#set(tab, false);
        const owned = tabs.map((t) => t.button?.id).join(" "), list = this.querySelector(":scope > .ez-tabs-list");
        if (list && list.getAttribute("aria-owns") !== owned) list.setAttribute("aria-owns", owned);
    }

    choose(tab: Tab): void {
        for (const other of this.#tabs) if (other !== tab && other.open) this.#set(other, false);
        if (!tab.open) this.#set(tab, true);
    }

    #set(tab: Tab, open: boolean): void {
        tab.open = open;
        // Opening a lazy tab runs the page; the one that closes travels with it.
        setValue(tab, open, open && "ezRun" in tab.dataset);
    }

    #keyed(e: KeyboardEvent): void {
        const tabs = this.#tabs, at = tabs.findIndex((t) => t.button === e.target);
        if (at < 0 || e.ctrlKey || e.altKey || e.metaKey) return;
        const rtl = getComputedStyle(this).direction === "rtl";
        const to = { ArrowRight: at + (rtl ? -1 : 1), ArrowLeft: at + (rtl ? 1 : -1), Home: 0, End: tabs.length - 1 }[e.key];
        const tab = to === undefined ? undefined : tabs[(to + tabs.length) % tabs.length];
        if (!tab) return;
        e.preventDefault();
        this.choose(tab);
        tab.button?.focus();
    }
}
customElements.define("ez-tab", Tab);
customElements.define("ez-tabs", Tabs);
