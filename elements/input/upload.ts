// upload.ts: sends files while the page goes on, and shows how far each is.
// SPDX-License-Identifier: Apache-2.0

import { announce, icon, setValue, type EzElement, type Value } from "easel";
import { accepts, sendFile, type Kept } from "easel/upload.ts";

/** A file of the list. Without id it is on its way, or `why` says what became of it. */
interface Row extends Partial<Kept> {
    name: string;
    size: number;
    part?: number;
    why?: string;
    file?: File;
    line?: XMLHttpRequest;
}

const AT_ONCE = 3;
const said = (bytes: number): string =>
    bytes < 1e3 ? `${bytes} B` : bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;

export class Upload extends HTMLElement implements EzElement {
    #rows: Row[] = [];
    #told = "";

    connectedCallback(): void {
        for (const type of ["input", "change"]) this.addEventListener(type, this.#chosen);
        this.addEventListener("click", this.#clicked);
        for (const type of ["dragenter", "dragover", "dragleave", "drop"]) this.addEventListener(type, this.#dragged as (e: Event) => void);
        this.update();
    }
    connectedMoveCallback(): void {}
    disconnectedCallback(): void {
        for (const row of this.#rows) row.line?.abort();
    }

    get value(): Value {
        return this.#rows.map((r) => r.id).filter(Boolean).join("\n");
    }
    set value(v: Value) {
        const ids = String(v ?? "").split("\n").filter(Boolean);
        const before = this.#rows;
        this.#rows = [...ids.map((id) => before.find((r) => r.id === id) ?? this.#printed().find((r) => r.id === id) ?? { id, name: "file", size: 0 }), ...before.filter((r) => r.file)];
        this.#show();
    }

    /** The server says which files there are; those on their way stay. */
    update(): void {
        if (this.#told === (this.dataset.files ?? "")) return;
        this.#told = this.dataset.files ?? "";
        this.#rows = [...this.#printed(), ...this.#rows.filter((r) => r.file || r.why)];
        this.#show();
    }

    #printed(): Kept[] {
        return JSON.parse(this.dataset.files ?? "[]") as Kept[];
    }
    get #input(): HTMLInputElement | null {
        return this.querySelector("input");
    }
    get #most(): number {
        return Number(this.dataset.most ?? 1);
    }

    #chosen = (e: Event): void => {
        e.stopPropagation();
        const input = this.#input;
        if (e.type !== "change" || !input?.files?.length) return;
        this.#take([...input.files]);
        input.value = "";
    };

    #dragged = (e: DragEvent): void => {
        if (!e.dataTransfer?.types.includes("Files") || this.#input?.disabled) return;
        e.preventDefault();
        if (e.type === "drop") this.#take([...e.dataTransfer.files]);
        if (e.type === "dragenter" || e.type === "dragover") this.dataset.state = "over";
        else if (e.type === "drop" || !this.contains(e.relatedTarget as Node | null)) delete this.dataset.state;
    };

    #clicked = (e: Event): void => {
        const button = (e.target as Element).closest<HTMLElement>(".ez-file-remove");
        const row = button && this.#rows[Number(button.dataset.row)];
        if (!row) return;
        row.line?.abort();
        this.#rows = this.#rows.filter((r) => r !== row);
        this.#show();
        if (row.id) this.#commit();
        this.#start();
        this.#input?.focus();
    };

    #take(files: File[]): void {
        if (this.#most === 1) {
            for (const row of this.#rows) row.line?.abort();
            this.#rows = [];
            files.length = Math.min(files.length, 1);
        }
        this.#rows = this.#rows.filter((r) => !r.why);
        for (const file of files) {
            const row: Row = { name: file.name, size: file.size };
            if (!accepts(this.#input?.accept ?? "", file)) row.why = `Not one of ${this.#input?.accept ?? ""}`;
            else if (file.size > Number(this.dataset.maxMb) * 1048576) row.why = `Larger than ${this.dataset.maxMb} MB`;
            else if (!file.size) row.why = "The file is empty";
            else if (this.#rows.filter((r) => !r.why).length >= this.#most) row.why = `More than ${this.#most} files`;
            else row.file = file;
            this.#rows.push(row);
        }
        this.#show();
        this.#start();
    }

    #start(): void {
        for (const row of this.#rows) {
            if (this.#rows.filter((r) => r.line).length >= AT_ONCE) return;
            if (row.file && !row.line) this.#send(row, row.file);
        }
    }

    #send(row: Row, file: File): void {
        const over = (why: string, kept?: Kept): void => {
            delete row.line;
            delete row.file;
            if (kept) Object.assign(row, kept);
            else row.why = why;
            announce(kept ? `${row.name} is uploaded` : `${row.name}: ${why}`, !kept);
            this.#show();
            if (kept) this.#commit();
            this.#start();
        };
        const progress = (part: number): void => {
            row.part = part;
            this.#progress();
        };
        row.line = sendFile(file, progress, over);
    }

    #commit(): void {
        setValue(this, this.value);
    }

    #progress(): void {
        for (const bar of this.querySelectorAll<HTMLProgressElement>("progress")) bar.value = this.#rows[Number(bar.dataset.row)]?.part ?? 0;
    }

    #show(): void {
        const list = this.querySelector(".ez-files"), input = this.#input;
        list?.replaceChildren(...this.#rows.map((row, i) => this.#line(row, i)));
        const going = this.#rows.some((r) => r.file), none = !this.#rows.some((r) => r.id);
        input?.setCustomValidity(going ? "Please wait until the upload is finished." : none && "required" in this.dataset ? "Please choose a file." : "");
        this.#progress();
    }

    #line(row: Row, i: number): HTMLLIElement {
        const li = document.createElement("li"), name = document.createElement("span"), size = document.createElement("span"), remove = document.createElement("button");
        name.className = "ez-file-name";
        name.textContent = name.title = row.name;
        size.className = "ez-file-size";
        size.textContent = said(row.size);
        remove.type = "button";
        remove.className = "ez-icon-button ez-file-remove";
        remove.dataset.row = String(i);
        remove.ariaLabel = `Remove ${row.name}`;
        remove.append(icon("close"));
        remove.disabled = this.#input?.disabled ?? false;
        li.append(icon(row.why ? "warning" : "file"), name, size, remove);
        if (row.file) {
            const bar = document.createElement("progress");
            bar.dataset.row = String(i);
            bar.ariaLabel = `How much of ${row.name} is uploaded`;
            li.append(bar);
        } else if (row.why) {
            const why = document.createElement("span");
            why.className = "ez-file-why";
            why.textContent = row.why;
            li.append(why);
        }
        return li;
    }
}
if (!customElements.get("ez-upload")) customElements.define("ez-upload", Upload);
