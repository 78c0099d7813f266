#!/usr/bin/env python3
# test_mcp.py: functions as tools of the official Python client `mcp`, in the present revision and with the handshake of those before.
# SPDX-License-Identifier: Apache-2.0

import asyncio
import base64
import pathlib
import sys
import unittest

import httpx2 as httpx
from mcp import Client

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


if __name__ == "__main__":
    unittest.main()
