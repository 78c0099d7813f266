// wire.ts: the messages of docs/wire.md as types.
// SPDX-License-Identifier: Apache-2.0

export type Json = string | number | boolean | null | Json[] | { [name: string]: Json };
export type Value = string | number | boolean | null | string[];

export type Op =
    | ["k", place: string, at: number, remove: number, ids: string[]]
    | ["p", id: string, html: string]
    | ["v", id: string, value: Value, rev: number]
    | ["t", id: string, text: string]
    | ["l", id: string, keep: number, html: string]
    | ["c", id: string, method: string, args: Json];

/** What the server sends; every member is a fact of its own. */
export interface Down {
    hi?: { session: string; epoch: number; frame: number; new?: boolean };
    f?: number;
    whole?: number;
    o?: Op[];
    a?: number;
    no?: [number, string];
    of?: string;
    busy?: number;
    w?: { s: string; text?: string } | null;
    reload?: Json;
    out?: Json;
    who?: string;
    dev?: { title: string; text: string } | null;
}

/** An event ("e") or signal ("s") of the browser. */
export interface Up {
    t: "e" | "s";
    n: number;
    f: number;
    v?: [id: string, value: Value, rev: number][];
    x?: [id: string, type: string, value: Json];
    of?: string;
}

/** A message as it is sent. Half of a surrogate pair, which a field may hold, is no text for anybody else. */
export const written = (message: object): string => JSON.stringify(message, (_, v: unknown) => (typeof v === "string" ? v.replace(/\p{Surrogate}/gu, "\ufffd") : v));
