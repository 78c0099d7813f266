#!/usr/bin/env python3
# test_mcp.py: functions as tools of the official Python client `mcp`, in the present revision and with the handshake of those before.
# SPDX-License-Identifier: Apache-2.0

import asyncio
import base64
import contextlib
import os
import pathlib
import signal
import sys
import unittest

import httpx2 as httpx
from mcp import Client
from mcp_types import PromptReference

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "bench"))

from pictures import png  # noqa: E402
from programs import Program, find  # noqa: E402


class Server(unittest.IsolatedAsyncioTestCase):
    @classmethod
    def setUpClass(cls):
        cls.program = Program(find("tests/programs/functions"))
        cls.addClassCleanup(cls.program.stop)
        cls.url = cls.program.url + "mcp"

    def both(self):
        for mode in ("auto", "legacy"):
            yield mode, Client(self.url, mode=mode)

    # proves mcp: tools
    async def test_tools_are_the_functions_with_their_schemas(self):
        for mode, client in self.both():
            async with client:
                self.assertEqual(client.protocol_version, "2026-07-28" if mode == "auto" else "2025-11-25")
                tools = {tool.name: tool for tool in (await client.list_tools()).tools}
                self.assertEqual(list(tools), ["calculate", "repeat", "tell", "count", "crash", "day"])
                self.assertEqual(tools["calculate"].description, "Calculates with two numbers.")
                self.assertEqual(tools["calculate"].input_schema["properties"]["operation"]["enum"], ["add", "subtract", "multiply", "divide"])
                self.assertEqual(tools["calculate"].output_schema["properties"]["result"]["type"], "number")

    # proves mcp: structured results
    async def test_a_call_gives_structured_content_and_text(self):
        for _, client in self.both():
            async with client:
                got = await client.call_tool("calculate", {"a": 6, "b": 7, "operation": "multiply"})
                self.assertFalse(got.is_error)
                self.assertEqual(got.structured_content, {"result": 42})
                self.assertEqual(got.content[0].text, '{"result":42}')
                self.assertEqual((await client.call_tool("repeat", {"words": "é \"☃\""})).structured_content["words"], "é \"☃\"")

    # proves mcp: errors
    async def test_wrong_inputs_and_failures_are_told_to_the_model(self):
        for _, client in self.both():
            async with client:
                wrong = await client.call_tool("calculate", {"a": "six", "operation": "add"})
                self.assertTrue(wrong.is_error)
                self.assertIn('a must be a number, and is "six"', wrong.content[0].text)
                failed = await client.call_tool("calculate", {"a": 1, "b": 0, "operation": "divide"})
                self.assertTrue(failed.is_error)
                self.assertIn("1 cannot be divided by zero", failed.content[0].text)

    async def test_a_tool_that_is_none_is_an_error_of_the_protocol(self):
        for _, client in self.both():
            async with client:
                with self.assertRaisesRegex(Exception, "there is no tool nothing"):
                    await client.call_tool("nothing", {})

    # proves mcp: progress and position
    async def test_progress_is_told_while_it_goes_on(self):
        for _, client in self.both():
            told = []

            async def on(progress, total, message):
                told.append((round(progress, 2), total, message))

            async with client:
                got = await client.call_tool("tell", {"count": 4}, progress_callback=on)
                self.assertEqual(got.structured_content, {"text": "word1 word2 word3 word4", "words": 4})
            self.assertIn((1.0, 1.0, "word 4"), told)

    # proves mcp: cancel
    async def test_a_cancelled_call_ends(self):
        door = pathlib.Path(self.program.folder, "never")
        for _, client in self.both():
            async with client:
                task = asyncio.create_task(client.call_tool("tell", {"count": 1, "until": str(door)}, progress_callback=lambda *_: asyncio.sleep(0)))
                await asyncio.sleep(0.3)
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
                # One at a time: this ends only when the other has.
                got = await asyncio.wait_for(client.call_tool("tell", {"count": 1}), 20)
                self.assertEqual(got.structured_content["words"], 1)

    # proves mcp: many at once
    async def test_many_at_once_get_their_own_answers(self):
        async with Client(self.url) as client:
            got = await asyncio.gather(*(client.call_tool("calculate", {"a": i, "b": 1, "operation": "add"}) for i in range(50)))
            self.assertEqual([g.structured_content["result"] for g in got], [i + 1 for i in range(50)])

    async def test_what_is_no_message_is_refused(self):
        envelope = {"io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {}}
        call = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {"_meta": envelope}}
        modern = {"MCP-Protocol-Version": "2026-07-28", "Mcp-Method": "tools/list"}
        async with httpx.AsyncClient() as http:
            for body, headers, status, code in (
                ("{", {}, 400, -32700), ("[]", {}, 400, -32600), ("3", {}, 400, -32600), ({"jsonrpc": "2.0", "id": {}, "method": "ping"}, {}, 400, -32600),
                ({"jsonrpc": "2.0", "id": 1, "method": "nothing"}, {}, 200, -32601), (call, {"MCP-Protocol-Version": "1999-01-01"}, 400, -32022),
                (call, {"MCP-Protocol-Version": "2026-07-28", "Mcp-Method": "ping"}, 400, -32020), ({**call, "params": {}}, modern, 400, -32602),
                ({**call, "method": "nothing"}, {**modern, "Mcp-Method": "nothing"}, 404, -32601),
                ({**call, "method": "tools/call", "params": {"_meta": envelope, "name": "count"}}, {**modern, "Mcp-Method": "tools/call", "Mcp-Name": "crash"}, 400, -32020),
            ):
                got = await http.post(self.url, **({"content": body} if isinstance(body, str) else {"json": body}), headers=headers)
                self.assertEqual((got.status_code, got.json()["error"]["code"]), (status, code), body)
            self.assertEqual((await http.post(self.url, json=call, headers=modern)).json()["result"]["resultType"], "complete")
            self.assertEqual((await http.get(self.url)).status_code, 405)
            self.assertEqual((await http.delete(self.url)).status_code, 200)
            self.assertEqual((await http.post(self.url, json=call, headers={**modern, "Origin": "https://elsewhere.example"})).status_code, 403)
            self.assertEqual((await http.post(self.url, json={"jsonrpc": "2.0", "method": "notifications/initialized"})).status_code, 202)


class Files(unittest.IsolatedAsyncioTestCase):
    """A tool that takes a picture and gives one."""

    @classmethod
    def setUpClass(cls):
        cls.program = Program(find("examples/blur"))
        cls.addClassCleanup(cls.program.stop)

    # proves mcp: pictures and files; resources
    async def test_a_picture_comes_along_and_can_be_read_by_its_link(self):
        for mode in ("auto", "legacy"):
            async with Client(self.program.url + "mcp", mode=mode) as client:
                got = await client.call_tool("blur", {"photo": {"path": "data:image/png;base64," + base64.b64encode(png(6, 3, b"\x40" * 18)).decode()}, "radius": 1})
                self.assertFalse(got.is_error, got.content)
                words, picture, link = got.content
                self.assertEqual((got.structured_content["width"], got.structured_content["height"]), (6, 3))
                self.assertEqual((picture.type, picture.mime_type, link.type, link.name), ("image", "image/png", "resource_link", "result.png"))
                read = (await client.read_resource(str(link.uri))).contents[0]
                self.assertEqual(read.blob, picture.data)
                self.assertEqual((await client.list_resources()).resources, [])
                self.assertIn("_easel/f/{path}", (await client.list_resource_templates()).resource_templates[0].uri_template)
                with self.assertRaisesRegex(Exception, "there is no resource"):
                    await client.read_resource("file:///etc/passwd")


class Line:
    """A line between client and program that can be cut."""

    def __init__(self, port):
        self.port, self.asked, self.said, self.writers, self.pumps = port, b"", b"", set(), []

    async def __aenter__(self):
        self.server = await asyncio.start_server(self.accept, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self.server.sockets[0].getsockname()[1]}/mcp"
        return self

    async def __aexit__(self, *_):
        self.cut()
        self.server.close()
        await asyncio.gather(*self.pumps)

    async def accept(self, reader, writer):
        from_program, to_program = await asyncio.open_connection("127.0.0.1", self.port)
        self.writers |= {writer, to_program}
        self.pumps += [asyncio.create_task(self.pump(reader, to_program, "asked")), asyncio.create_task(self.pump(from_program, writer, "said"))]

    async def pump(self, reader, writer, heard):
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                setattr(self, heard, getattr(self, heard) + data)
                writer.write(data)
                await writer.drain()
        writer.close()

    def cut(self):
        for writer in self.writers:
            writer.transport.abort()
        self.writers.clear()


class Offers(unittest.IsolatedAsyncioTestCase):
    """Prompts and resources, and streams that break."""

    @classmethod
    def setUpClass(cls):
        cls.program = Program(find("tests/programs/offers"))
        cls.addClassCleanup(cls.program.stop)
        cls.url = cls.program.url + "mcp"

    # proves mcp: prompts
    async def test_prompts_are_listed_and_filled(self):
        for mode in ("auto", "legacy"):
            async with Client(self.url, mode=mode) as client:
                self.assertIsNotNone(client.server_capabilities.prompts)
                prompts = {prompt.name: prompt for prompt in (await client.list_prompts()).prompts}
                self.assertEqual(list(prompts), ["explain", "greet", "review"])
                self.assertEqual([(a.name, a.required) for a in prompts["explain"].arguments], [("topic", True), ("reader", True), ("words", False), ("brief", False)])
                got = await client.get_prompt("explain", {"topic": "<salt> & \"é\"", "reader": "a cook"})
                self.assertEqual([(m.role, m.content.text) for m in got.messages], [("user", 'Explain <salt> & "é" to a cook in 100 words. Brief: false. {"as": {}}')])
                self.assertEqual((await client.get_prompt("greet")).messages[0].content.text, "Say hello.")
                source, question = (await client.get_prompt("review", {"code": "int x", "lines": "3"})).messages
                self.assertEqual((source.content.type, source.content.resource.text), ("resource", "int x"))
                self.assertEqual(question.content.text, "What is wrong with it, in at most 3 lines?")
                for name, arguments, says in (("explain", {"topic": "salt", "reader": "a cook", "words": "few"}, 'words must be a whole number from 10 to 500, and is "few"'),
                                              ("explain", {}, "topic is missing"), ("greet", {"x": "1"}, "x is no input"), ("nothing", {}, "there is no prompt nothing"),
                                              ("tell", {}, "there is no prompt tell"), ("review", {"code": ""}, "there is nothing to review")):
                    with self.assertRaisesRegex(Exception, says):
                        await client.get_prompt(name, arguments)

    # proves mcp: completion
    async def test_arguments_are_completed(self):
        for mode in ("auto", "legacy"):
            async with Client(self.url, mode=mode) as client:
                of = PromptReference(type="ref/prompt", name="explain")
                got = (await client.complete(of, {"name": "reader", "value": "a c"})).completion
                self.assertEqual((got.values, got.total), (["a child", "a chemist", "a cook"], 3))
                self.assertEqual((await client.complete(of, {"name": "brief", "value": "t"})).completion.values, ["true"])
                self.assertEqual((await client.complete(of, {"name": "topic", "value": "s"})).completion.values, [])
                with self.assertRaisesRegex(Exception, "names no prompt or resource"):
                    await client.complete(PromptReference(type="ref/prompt", name="tell"), {"name": "count", "value": ""})

    # proves mcp: resources
    async def test_what_functions_give_is_read_by_its_address(self):
        for mode in ("auto", "legacy"):
            async with Client(self.url, mode=mode) as client:
                self.assertEqual([str(r.uri) for r in (await client.list_resources()).resources], ["note://today"])
                self.assertIn("note://{day}/{name}", [r.uri_template for r in (await client.list_resource_templates()).resource_templates])
                self.assertEqual((await client.read_resource("note://today")).contents[0].text, "Nothing is noted today.")
                self.assertEqual((await client.read_resource("note://2026-11-21/a%20chemist")).contents[0].text, "a chemist, 2026")
                for uri, says in (("note://2026-11-21/a%20dog", "name must be"), ("note://2026-11-21/", "there is no resource"), ("note://1999-11-21/a%20cook", "nothing is kept of 1999")):
                    with self.assertRaisesRegex(Exception, says):
                        await client.read_resource(uri)

    # proves mcp: log messages
    async def test_lines_of_a_function_are_log_messages(self):
        told = []

        async def on(params):
            told.append((params.level, params.logger, params.data))

        async def report(client):
            told.clear()
            self.assertEqual((await client.call_tool("report", {"count": 2})).structured_content["words"], 2)
            return [level for level, _, _ in told]

        async with Client(self.url, mode="legacy", logging_callback=on) as client:
            self.assertIsNotNone(client.server_capabilities.logging)
            self.assertEqual(await report(client), ["info", "warning", "error"])
            self.assertEqual(told[0], ("info", "report", "“found” & more"))
            await client.set_logging_level("warning")
            self.assertEqual(await report(client), ["warning", "error"])
        for level, wanted in ((None, []), ("debug", ["debug", "info", "warning", "error"]), ("critical", [])):
            async with Client(self.url, logging_callback=on, log_level=level) as client:
                self.assertEqual(await report(client), wanted)

    # proves mcp: a stream that breaks
    async def test_a_call_goes_on_when_its_line_breaks(self):
        door, told = pathlib.Path(self.program.folder, "door"), []

        async def on(progress, total, message):
            told.append(message)

        async with Line(self.program.port) as line, Client(line.url, mode="legacy") as client:
            task = asyncio.create_task(client.call_tool("tell", {"count": 2, "until": str(door)}, progress_callback=on))
            async with asyncio.timeout(20):
                while b"\nid: " not in line.said:
                    await asyncio.sleep(0.02)
                line.cut()
                door.touch()
                self.assertEqual((await task).structured_content, {"text": "word1 word2", "words": 2})
            self.assertIn(b"last-event-id: ", line.asked.lower())
            self.assertIn("word 2", told)

    # proves mcp: a program that begins again
    async def test_a_call_goes_on_when_its_worker_is_killed(self):
        door = pathlib.Path(self.program.folder, "second door")

        def worker():
            return next((pid for pid, role in self.program.roles().items() if role == "worker"), None)

        async with Client(self.url, mode="legacy") as client:
            for name, again in (("tell", True), ("alone", False)):
                task = asyncio.create_task(client.call_tool(name, {"count": 2, "until": str(door)}, progress_callback=lambda *_: asyncio.sleep(0)))
                await asyncio.sleep(1)
                os.kill(worker(), signal.SIGKILL)
                if again:
                    door.touch()
                    self.assertEqual((await task).structured_content, {"text": "word1 word2", "words": 2})
                    door.unlink()
                else:
                    got = await task
                    self.assertTrue(got.is_error)
                    self.assertRegex(got.content[0].text, "The program ended: the program died of signal 9 .* call again")


if __name__ == "__main__":
    unittest.main()
