// upload.ts: how elements send files. Not part of the core: it comes with the scripts that use it.
// SPDX-License-Identifier: Apache-2.0

import { address, boot } from "./boot.ts";

/** A file that was sent: its id is a value. */
export interface Kept {
    id: string;
    name: string;
    size: number;
}

/** As browsers do for the attribute accept. */
export function accepts(rule: string, file: File): boolean {
    const words = rule.split(",").map((w) => w.trim().toLowerCase()).filter(Boolean), name = file.name.toLowerCase();
    return !words.length || words.some((w) => (w.startsWith(".") ? name.endsWith(w) : w.endsWith("/*") ? file.type.startsWith(w.slice(0, -1)) : file.type === w));
}

/** Sends a file and says how far it is, and in the end what was kept, or why it was not. abort() of what comes back ends it without a word. */
export function sendFile(file: File, progress: (part: number) => void, over: (why: string, kept?: Kept) => void): XMLHttpRequest {
    const line = new XMLHttpRequest();
    line.open("POST", String(address(`_easel/upload?view=${encodeURIComponent(boot.view)}&name=${encodeURIComponent(file.name)}`)));
    line.upload.onprogress = (e) => progress(e.loaded / e.total);
    line.onload = () => over(line.responseText.trim() || `The server answers with ${line.status}`, line.status === 200 ? (JSON.parse(line.responseText) as Kept[])[0] : undefined);
    line.onerror = () => over("The upload broke off. Please try again.");
    line.send(file);
    return line;
}

/** Where the page gets it, relative to the page as all its addresses are. */
export function fileAddress(file: Kept): string {
    const name = encodeURIComponent(file.name).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
    return `${boot.base ?? "./"}_easel/f/${file.id}/${name}`;
}
