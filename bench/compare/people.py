# people.py: users without a browser, who speak each system's own protocol. One class a system, all with the same verbs.
# SPDX-License-Identifier: Apache-2.0
#
#   open()          loads the page as its browser part would, and is connected
#   look()          waits for what the page brings after it has loaded, if anything
#   click()         presses "Count" and waits until the new count has come; seconds
#   echo(word)      enters a word and waits until it is said back; seconds
#   ask(question)   asks the model; {"first": seconds to the first words, "total": to the end, "chars": length of the answer}
#   rest()          does nothing but what keeps the connection: a server drops a line on which nobody answers its pings
#   close()
#
# All of them block, so that Locust can run many as greenlets.

import html
import http.client
import json
import re
import time
import uuid

import beside  # noqa: F401
from wire import Broken, Visitor, readable

PATIENCE = 120           # seconds for whatever is awaited


class EaselPerson:
    """docs/wire.md over a WebSocket."""

    def __init__(self, port):
        self.visitor, self.count, self.known = Visitor(port), 0, set()

    def open(self):
        self.visitor.open()
        self.nodes = self.visitor.nodes

    def look(self):
        pass

    def rest(self):
        self.visitor.rest()

    def close(self):
        self.visitor.close()

    def _until(self, seen, **event):
        """Sends an event and waits for an operation that passes; seconds."""
        began = time.perf_counter()
        self.visitor.event(**event)
        end = began + PATIENCE
        while time.perf_counter() < end:
            for message in self.visitor.receive(PATIENCE):
                if message.get("no"):
                    raise Broken(f"refused: {message['no']}")
                if any(seen(op) for op in message.get("o", [])):
                    return time.perf_counter() - began
        raise Broken("what was awaited did not come")

    def click(self):
        self.count += 1
        return self._until(lambda op: f"count {self.count}" in str(op[-1]), trigger=(self.nodes.button("Count"), "click", None))

    def echo(self, word):
        return self._until(lambda op: f"echo {word}" in str(op), values=[(self.nodes.field("Say"), word)])

    def asking(self, box, question):
        """The event by which the page's field sends a question."""
        return {"trigger": (box, "submit", question)}

    def ask(self, question):
        box = self.nodes.one(lambda e: e["tag"] == "textarea")["node"]
        began, first, answer, chars, asked = time.perf_counter(), None, None, 0, False
        self.visitor.event(**self.asking(box, question))
        while time.perf_counter() - began < PATIENCE:
            for message in self.visitor.receive(PATIENCE):
                for op in message.get("o", []):
                    kind, node, words = op[0], op[1], str(op[-1])
                    asked = asked or question in html.unescape(words)
                    if kind == "p" and 'data-state="streaming"' in words and "ez-chat-text" in words and node not in self.known:
                        answer = node
                        self.known.add(node)
                    if answer is None or node != answer:
                        continue
                    chars += len(words) if kind == "t" else 0
                    shown = kind in ("t", "l") or re.search(r"data-ez-end>\s*<?[^<]*[^<\s]", words.replace("data-ez-end></div>", ""))
                    if shown and first is None:
                        first = time.perf_counter() - began
                    if kind == "p" and 'data-state="streaming"' not in words:
                        if 'data-state="done"' not in words:
                            raise Broken(f"the answer ended badly: {re.sub('<[^>]*>', ' ', words)[-200:]}")
                        if not asked:
                            raise Broken("the page answers, but does not show the question: something else was asked")
                        return {"first": first, "total": time.perf_counter() - began, "chars": len(re.sub("<[^>]*>", "", words))}
        raise Broken("the answer did not end")


class EaselEventsPerson(EaselPerson):
    """Where the field is an input of the bound function, its value is sent with the event."""

    def asking(self, box, question):
        return {**super().asking(box, question), "values": [(box, question)]}


class StreamlitPerson:
    """Protobuf over a WebSocket, with Streamlit's own message classes (reference: its frontend's connection)."""

    def __init__(self, port):
        from streamlit.proto.BackMsg_pb2 import BackMsg
        from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
        self.port, self.BackMsg, self.ForwardMsg = port, BackMsg, ForwardMsg
        self.ids, self.values, self.count, self.page, self.known = {}, {}, 0, "", set()

    def open(self):
        import websocket
        # What its page fetches before it connects: the document, and the health check that gives the XSRF cookie.
        for path in ("/", "/_stcore/health", "/_stcore/host-config"):
            line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
            line.request("GET", path)
            line.getresponse().read()
            line.close()
        self.socket = websocket.create_connection(f"ws://127.0.0.1:{self.port}/_stcore/stream", subprotocols=["streamlit", "PLACEHOLDER_AUTH_TOKEN"],
                                                  origin=f"http://127.0.0.1:{self.port}", timeout=PATIENCE)
        self._rerun()
        self._until(lambda m: False)

    def look(self):
        pass

    def rest(self):
        while readable(self.socket.sock, 0):
            self.socket.recv_data_frame(control_frame=True)

    def close(self):
        self.socket.close()

    def _rerun(self, **trigger):
        """Every rerun says the values of all widgets, as the browser does."""
        message = self.BackMsg()
        message.rerun_script.query_string = ""
        message.rerun_script.page_script_hash = self.page
        for name, value in {**self.values, **trigger}.items():
            state = message.rerun_script.widget_states.widgets.add(id=self.ids[name])
            if name == "button":
                state.trigger_value = True
            elif name == "chat_input":
                state.chat_input_value.data = value
            elif isinstance(value, bool):
                state.bool_value = value
            else:
                state.string_value = value
        self.socket.send_binary(message.SerializeToString())

    def _until(self, test):
        """Reads messages until one passes, or the script has ended; seconds, or None when it ended."""
        began = time.perf_counter()
        while True:
            data = self.socket.recv()
            if not isinstance(data, bytes) or not data:
                raise Broken("the socket was closed")
            message = self.ForwardMsg.FromString(data)
            kind = message.WhichOneof("type")
            if kind == "new_session":
                self.page = message.new_session.page_script_hash
            if kind == "delta":
                element = message.delta.new_element
                name = element.WhichOneof("type")
                if name == "exception":
                    raise Broken(f"the script failed: {element.exception.message}")
                if name in ("button", "text_input", "chat_input"):
                    self.ids.setdefault(name, getattr(element, name).id)
            if test(message):
                return time.perf_counter() - began
            if kind == "script_finished":
                return None

    def _text(self, message, words):
        element = message.delta.new_element if message.WhichOneof("type") == "delta" else None
        return element is not None and element.WhichOneof("type") == "text" and element.text.body == words

    def _await(self, words):
        took = self._until(lambda m: self._text(m, words))
        if took is None:
            raise Broken(f"the script ended without {words!r}")
        self._until(lambda m: False)
        return took

    def click(self):
        self.count += 1
        self._rerun(button=True)
        return self._await(f"count {self.count}")

    def echo(self, word):
        self.values["text_input"] = word
        self._rerun()
        return self._await(f"echo {word}")

    def ask(self, question):
        began, state = time.perf_counter(), {"first": None, "chars": 0, "block": None}
        self._rerun(chat_input=question)

        def look(message):
            if message.WhichOneof("type") != "delta":
                return False
            path, delta = tuple(message.metadata.delta_path), message.delta
            if delta.WhichOneof("type") == "add_block" and delta.add_block.chat_message.name == "assistant" and path not in self.known:
                state["block"] = path
            elif state["block"] and path[:len(state["block"])] == state["block"] and delta.new_element.WhichOneof("type") == "markdown" and delta.new_element.markdown.body.strip("▌ \n"):
                state["chars"] = len(delta.new_element.markdown.body)
                state["first"] = state["first"] or time.perf_counter() - began
            return False

        self._until(look)
        if state["first"] is None:
            raise Broken("the script ended without an answer")
        self.known.add(state["block"])
        return {"first": state["first"], "total": time.perf_counter() - began, "chars": state["chars"]}


class GradioPerson:
    """queue/join and the event stream of queue/data (protocol sse_v3), as its JavaScript client does."""

    def __init__(self, port):
        self.port, self.session, self.count = port, uuid.uuid4().hex[:11], 0

    def _request(self, method, path, body=None):
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        line.request(method, path, json.dumps(body) if body is not None else None, {"Content-Type": "application/json"} if body is not None else {})
        answer = line.getresponse()
        if answer.status != 200:
            raise Broken(f"{method} {path}: {answer.status} {answer.read()[:200].decode('utf-8', 'replace')}")
        return line, answer

    def open(self):
        self._request("GET", "/")[1].read()
        config = json.loads(self._request("GET", "/config")[1].read())
        self.functions = {d.get("api_name"): d["id"] for d in config["dependencies"]}
        # The page holds this stream open; its end tells the server that the session is over.
        self.heartbeat = self._request("GET", f"/gradio_api/heartbeat/{self.session}")

    def rest(self):
        pass                                   # its stream asks for nothing

    def close(self):
        self.heartbeat[0].close()

    def _call(self, name, data):
        """Yields (seconds, message) until the function has ended."""
        if name not in self.functions:
            raise Broken(f"there is no endpoint {name!r}, but {', '.join(map(str, self.functions))}")
        began = time.perf_counter()
        self._request("POST", "/gradio_api/queue/join", {"data": data, "event_data": None, "fn_index": self.functions[name], "trigger_id": None, "session_hash": self.session})[1].read()
        line, stream = self._request("GET", f"/gradio_api/queue/data?session_hash={self.session}")
        while (text := stream.readline()):
            if not text.startswith(b"data:"):
                continue
            message = json.loads(text[5:])
            if message["msg"] == "process_completed" and not message.get("success", True):
                raise Broken(f"the function failed: {message['output']}")
            yield time.perf_counter() - began, message
            if message["msg"] in ("process_completed", "close_stream"):
                break
        line.close()

    def look(self):
        for _ in self._call("history", []):
            pass

    def _await(self, name, data, words):
        for took, message in self._call(name, data):
            if words in json.dumps(message.get("output", "")):
                return took
        raise Broken(f"the function ended without {words!r}")

    def click(self):
        self.count += 1
        return self._await("count", [None], f"count {self.count}")

    def echo(self, word):
        return self._await("echo", [word], f"echo {word}")

    def ask(self, question):
        first, chars, took = None, 0, 0
        for took, message in self._call("chat", [question, None]):
            if message["msg"] == "process_generating":
                first = first or took
            elif message["msg"] == "process_completed":               # holds the whole answer, where what came before were differences
                chars = len(str(message["output"]["data"][0]))
        if first is None:
            raise Broken("the function ended without an answer")
        return {"first": first, "total": took, "chars": chars}


def completion(port, body):
    """The pieces of a streamed answer by OpenAI's protocol, as objects."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    line.request("POST", "/v1/chat/completions", json.dumps({**body, "stream": True}), {"Content-Type": "application/json"})
    stream = line.getresponse()
    if stream.status != 200:
        raise Broken(f"{stream.status} {stream.read()[:200].decode('utf-8', 'replace')}")
    while (text := stream.readline()):
        if text.startswith(b"error:"):
            raise Broken(text.decode("utf-8", "replace")[:200])
        if text.startswith(b"data:") and b"[DONE]" not in text:
            yield json.loads(text[5:])
    line.close()


class LlamaServerPerson:
    """The OpenAI API with a stream of events, as llama-server's page uses it: the page holds what was said, and sends all of it."""

    def __init__(self, port):
        self.port, self.said = port, [{"role": "system", "content": "You are a helpful AI assistant powered by Llama 3.1."}]

    def _get(self, path):
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        line.request("GET", path)
        answer = line.getresponse()
        answer.read()
        line.close()
        return answer.status

    def open(self):
        """Its page can be used when the model is loaded: until then every question is refused."""
        until = time.perf_counter() + PATIENCE
        for path in ("/", "/props"):
            while self._get(path) == 503 and time.perf_counter() < until:
                time.sleep(0.1)

    def rest(self):
        pass

    def close(self):
        pass

    def ask(self, question):
        self.said.append({"role": "user", "content": question})
        began, first, answer = time.perf_counter(), None, ""
        for said in completion(self.port, {"messages": self.said, "max_tokens": 512}):
            for choice in said.get("choices", []):
                words = choice["delta"].get("content") or ""
                first = first or (time.perf_counter() - began if words else None)
                answer += words
        if first is None:
            raise Broken("the stream ended without an answer")
        self.said.append({"role": "assistant", "content": answer})
        return {"first": first, "total": time.perf_counter() - began, "chars": len(answer)}


class BareEcho:
    """A socket that says back what it hears."""

    def __init__(self, port):
        self.port = port

    def open(self):
        import websocket
        self.socket = websocket.create_connection(f"ws://127.0.0.1:{self.port}/", timeout=PATIENCE)

    def close(self):
        self.socket.close()

    def echo(self, word):
        began = time.perf_counter()
        self.socket.send(word)
        while self.socket.recv() != word:
            pass
        return time.perf_counter() - began


PEOPLE = {"bare_echo": BareEcho, "easel": EaselPerson, "easel_events": EaselEventsPerson, "streamlit": StreamlitPerson, "streamlit_published": StreamlitPerson, "gradio": GradioPerson, "llama_server": LlamaServerPerson}
