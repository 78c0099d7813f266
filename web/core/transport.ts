// transport.ts: two ways to the server, with one face: WebSocket, and Server-Sent Events with POST.
// SPDX-License-Identifier: Apache-2.0

import { address, boot } from "./boot.ts";

/** A way to the server. After close() it says nothing any more. */
export interface Way {
    send(text: string): void;
    close(): void;
}

export interface WayNews {
    text(message: string): void;
    lost(): void;
}

/** Puts the parts of a cut message together. */
function joiner(whole: (message: string) => void): (part: string) => void {
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

export function socketWay(hello: string, news: WayNews): Way {
    const url = address("_easel/ws");
    url.protocol = url.protocol.replace("http", "ws");
    const socket = new WebSocket(url);
    const join = joiner((m) => news.text(m));
    let open = true;
    socket.onopen = () => socket.send(hello);
    socket.onmessage = (e) => open && join(String(e.data));
    socket.onclose = socket.onerror = () => {
        if (open) {
            open = false;
            news.lost();
        }
    };
    return {
        send: (text) => socket.readyState === 1 && socket.send(text),
        close() {
            open = false;
            socket.close();
        },
    };
}

export function streamWay(hello: string, session: string, news: WayNews): Way {
    const query = `?view=${encodeURIComponent(boot.view)}&session=${encodeURIComponent(session)}`;
    const source = new EventSource(address(`_easel/sse${query}&hello=${encodeURIComponent(hello)}`));
    const join = joiner((m) => news.text(m));
    const outbox: string[] = [];
    let open = true, sending = false;

    function lost(): void {
        if (!open) return;
        open = false;
        source.close();
        news.lost();
    }

    async function pump(): Promise<void> {
        if (sending) return;
        sending = true;
        for (let text = outbox.shift(); text !== undefined && open; text = outbox.shift()) {
            try {
                const answer = await fetch(address(`_easel/send${query}`), { method: "POST", body: text, headers: { "Content-Type": "application/json" } });
                if (!answer.ok) lost();
            } catch {
                lost();
            }
        }
        sending = false;
    }

    source.onmessage = (e) => open && join(String(e.data));
    source.onerror = lost;
    return {
        send(text) {
            outbox.push(text);
            void pump();
        },
        close() {
            open = false;
            source.close();
        },
    };
}
