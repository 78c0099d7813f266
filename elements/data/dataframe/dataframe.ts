// dataframe.ts: a table sorts by its heads and is copied for a spreadsheet.
// SPDX-License-Identifier: Apache-2.0

import { announce, copyText, icon, type EzElement } from "easel";

type Order = "ascending" | "descending" | "none";
const after: Record<Order, Order> = { none: "ascending", ascending: "descending", descending: "none" };
const words = new Intl.Collator(undefined, { numeric: true });

const shown = (cell: Element | undefined): string => cell?.textContent ?? "";

/** Empty cells come last in any order. */
function compare(a: HTMLElement | undefined, b: HTMLElement | undefined, way: number): number {
    const x = shown(a), y = shown(b);
    if (!x || !y) return Number(!x) - Number(!y);
    const v = a?.dataset.v, w = b?.dataset.v;
    return way * (v !== undefined && w !== undefined ? Number(v) - Number(w) : words.compare(x, y));
}

class DataFrame extends HTMLElement implements EzElement {
    /** The rows as the server printed them. */
    #rows: HTMLTableRowElement[] = [];
    #column = -1;
    #order: Order = "none";

    connectedCallback(): void {
        this.addEventListener("click", this.#clicked);
        this.#rows = [...(this.#body?.rows ?? [])];
    }
    connectedMoveCallback(): void {}

    /** A put made the rows those of the server again, in its order. */
    update(): void {
        this.#rows = [...(this.#body?.rows ?? [])];
        this.#sort();
    }

    get #body(): HTMLTableSectionElement | undefined {
        return this.querySelector("table")?.tBodies[0];
    }

    #clicked = (e: Event): void => {
        const button = (e.target as Element).closest<HTMLElement>("[data-act]"), head = button?.closest("th");
        if (button?.dataset.act === "copy") void this.#copy(button);
        if (!head) return;
        this.#order = this.#column === head.cellIndex ? after[this.#order] : "ascending";
        this.#column = head.cellIndex;
        this.#sort();
        announce(this.#order === "none" ? "In the order of the table" : `Sorted by ${shown(head)}, ${this.#order}`);
    };

    #sort(): void {
        const way = this.#order === "descending" ? -1 : 1, column = this.#column;
        for (const head of this.querySelectorAll("th")) if (head.ariaSort) head.ariaSort = head.cellIndex === column ? this.#order : "none";
        const cell = (row: HTMLTableRowElement): HTMLElement | undefined => row.cells[column];
        const rows = this.#order === "none" ? this.#rows : this.#rows.toSorted((a, b) => compare(cell(a), cell(b), way));
        const body = this.#body;
        if (body && rows.some((row, i) => body.rows[i] !== row)) body.append(...rows);
    }

    async #copy(button: HTMLElement): Promise<void> {
        const line = (row: HTMLTableRowElement): string => [...row.cells].map((c) => shown(c).replace(/[\t\n\r]+/g, " ")).join("\t");
        if (!(await copyText([...this.querySelectorAll("tr")].map(line).join("\n")))) return;
        announce("Copied");
        const was = [...button.childNodes];
        button.replaceChildren(icon("check"));
        setTimeout(() => button.isConnected && button.replaceChildren(...was), 1500);
    }
}
customElements.define("ez-dataframe", DataFrame);
