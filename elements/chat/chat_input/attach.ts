// attach.ts: pictures that go with the next message: chosen, dropped or pasted, sent to the program at once, and said as Markdown.
// SPDX-License-Identifier: Apache-2.0

import { announce, icon, toast } from "easel";
import { accepts, fileAddress, sendFile, type Kept } from "easel/upload.ts";

const MOST = 10, MAX_MB = 20;

/** Without `kept` it is on its way. */
export interface Picture {
    name: string;
    preview: string;
    kept?: Kept;
    line?: XMLHttpRequest;
    bar?: HTMLProgressElement;
}

export class Pictures {
    #host: HTMLElement;
    #all: Picture[] = [];

    constructor(host: HTMLElement) {
        this.#host = host;
    }

    get #input(): HTMLInputElement | null {
        return this.#host.querySelector<HTMLInputElement>(".ez-chat-attach > input");
    }
    /** Some may be added. */
    get allowed(): boolean {
        return this.#input?.disabled === false;
    }
    get any(): boolean {
        return this.#all.length > 0;
    }
    get going(): boolean {
        return this.#all.some((p) => !p.kept);
    }
    get markdown(): string {
        return this.#all.map(({ kept }) => (kept ? `![${kept.name.replace(/[\\[\]!*_`<>&~$|]/g, "\\$&")}](<${fileAddress(kept)}>)` : "")).join("\n\n");
    }

    add(files: Iterable<File>): void {
        for (const file of files) {
            let why = "";
            if (!accepts(this.#input?.accept ?? "", file)) why = "is no picture that can be sent";
            else if (file.size > MAX_MB * 1048576) why = `is larger than ${MAX_MB} MB`;
            else if (this.#all.length >= MOST) why = `is one too many: ${MOST} go with a message`;
            if (why) toast(`${file.name} ${why}`, "warn");
            else this.#send(file);
        }
        this.#show();
    }

    /** Takes all of them away; what comes back may be given to `put` again. */
    take(): Picture[] {
        const all = this.#all;
        this.#all = [];
        this.#show();
        return all;
    }

    put(all: Picture[]): void {
        this.#all = [...all, ...this.#all];
        this.#show();
    }

    #send(file: File): void {
        const picture: Picture = { name: file.name, preview: URL.createObjectURL(file) };
        const progress = (part: number): void => {
            if (picture.bar) picture.bar.value = part;
        };
        this.#all.push(picture);
        picture.line = sendFile(file, progress, (why, kept) => {
            delete picture.line;
            delete picture.bar;
            if (kept) {
                picture.kept = kept;
                announce(`${picture.name} is added`);
            } else {
                this.#remove(picture);
                toast(`${picture.name}: ${why}`, "bad");
            }
            this.#show();
        });
    }

    #remove(picture: Picture): void {
        picture.line?.abort();
        this.#all = this.#all.filter((p) => p !== picture);
        forget([picture]);
        this.#show();
    }

    #show(): void {
        this.#host.querySelector(".ez-chat-pictures")?.replaceChildren(...this.#all.map((p) => this.#tile(p)));
    }

    #tile(picture: Picture): HTMLLIElement {
        const li = document.createElement("li"), image = document.createElement("img"), remove = document.createElement("button");
        image.src = picture.preview;
        image.alt = image.title = picture.name;
        remove.type = "button";
        remove.className = "ez-icon-button";
        remove.ariaLabel = `Remove ${picture.name}`;
        remove.append(icon("close"));
        remove.addEventListener("click", () => {
            this.#remove(picture);
            this.#host.querySelector("textarea")?.focus();
        });
        li.append(image, remove);
        if (!picture.kept) {
            picture.bar = document.createElement("progress");
            picture.bar.value = 0;
            picture.bar.ariaLabel = `How much of ${picture.name} is uploaded`;
            li.append(picture.bar);
        }
        return li;
    }
}

/** They are shown no more. */
export function forget(all: Picture[]): void {
    for (const p of all) URL.revokeObjectURL(p.preview);
}
