// transport.ts: the ways to the server, with one face: WebSocket, and what fallback.ts has for networks that let none through.
// SPDX-License-Identifier: Apache-2.0

import { address } from "./boot.ts";

/** A way to the server. After close() it says nothing any more. */
export interface Way {
    send(text: string): void;
    close(): void;
}

export interface WayNews {
    /** What the page says first; `wait`: it has heard the answer before, and wants to know when there is more. */
    hello(wait: boolean): string;
    /** A whole message. Done when the page has read it. */
    text(message: string): Promise<void>;
    /** moved: told so by the server, which goes on in another process. */
    lost(moved?: boolean): void;
    /** The server wants the program's password first: a page that is loaded anew asks for it. */
    shut(): void;
}

/** Puts the parts of a cut message together. */
export function joiner(whole: (message: string) => void): (part: string) => void {
    let parts = "";
    return (part) => {
        if (part[0] === "+") parts += part.slice(1);
        else {
            const message = parts + part;
            parts = "";
            whole(message);
        }
    };
}

/** The socket that head.ts has opened, for the first who asks. */
function early(): WebSocket | undefined {
    const page = window as { __ezWs?: WebSocket }, socket = page.__ezWs;
    page.__ezWs = undefined;
    return socket && socket.readyState < 2 ? socket : undefined;
}

function socketWay(news: WayNews): Way {
    const url = address("_easel/ws");
    url.protocol = url.protocol.replace("http", "ws");
    const socket = early() ?? new WebSocket(url);
    const join = joiner((m) => void news.text(m));
    let open = true;
    const greet = (): void => socket.send(news.hello(false));
    if (socket.readyState) greet();
    else socket.onopen = greet;
    socket.onmessage = (e) => open && join(String(e.data));
    const ended = (moved: boolean): void => {
        if (open) {
            open = false;
            news.lost(moved);
        }
    };
    socket.onerror = () => ended(false);
    socket.onclose = (e) => ended(e.code === 1012);
    return {
        send: (text) => socket.readyState === 1 && socket.send(text),
        close() {
            open = false;
            socket.close();
        },
    };
}

/** A way whose script comes when it is needed, which is seldom. */
function later(load: () => Promise<new (news: WayNews) => Way>): (news: WayNews) => Way {
    return (news) => {
        let way: Way | undefined, open = true;
        early()?.close();
        load().then((Kind) => open && (way = new Kind(news)), () => open && news.lost());
        return {
            send: (text) => way?.send(text),
            close() {
                open = false;
                way?.close();
            },
        };
    };
}

/** The best first. */
export const ways: [name: string, begin: (news: WayNews) => Way][] = [
    ["ws", socketWay],
    ["sse", later(async () => (await import("./fallback.ts")).StreamWay)],
    ["poll", later(async () => (await import("./fallback.ts")).PollWay)],
];
