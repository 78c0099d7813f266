#!/usr/bin/env python3
# test_keys.py: keys in the official Python clients of OpenAI, MCP and Gradio: the right one, none, a wrong one, a revoked one, one for another function, one over its rate.
# SPDX-License-Identifier: Apache-2.0

import asyncio
import contextlib
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import unittest

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"

import httpx2  # noqa: E402
import mcp  # noqa: E402
import openai  # noqa: E402
from gradio_client import Client as Gradio  # noqa: E402
from gradio_client.exceptions import AuthenticationError  # noqa: E402
from mcp.client.streamable_http import streamable_http_client  # noqa: E402

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "bench"))

from programs import Program, find  # noqa: E402

WRONG = "ez_" + "A" * 43


def easel(*words):
    return subprocess.run([find("easel"), "keys", *words], check=True, capture_output=True, text=True, timeout=60).stdout.strip()


def comes(look, what):
    end = time.monotonic() + 20
    while not look():
        assert time.monotonic() < end, what
        time.sleep(0.05)


class Keys(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="easel-keys-")
        cls.addClassCleanup(folder.cleanup)
        cls.data = folder.name
        cls.full, cls.few = cls.add("full"), cls.add("few", "--functions", "repeat")
        cls.slow, cls.lost = cls.add("slow", "--rate", "1/h"), cls.add("lost")
        cls.program = Program(find("tests/programs/functions"), "--require-key", data=cls.data)
        cls.addClassCleanup(cls.program.stop)
        cls.url = cls.program.url

    @classmethod
    def add(cls, name, *more):
        return easel("add", "--data", cls.data, "--name", name, *more)

    # proves openai: keys
    def test_openai(self):
        def client(key):
            made = openai.OpenAI(base_url=self.url + "v1", api_key=key, max_retries=0)
            self.addCleanup(made.close)
            return made

        def ask(key):
            return client(key).chat.completions.create(model="x", messages=[{"role": "user", "content": "Hello"}])
        self.assertEqual(list(client(self.full).models.list()), [])
        for key in (WRONG, "none"):
            with self.assertRaises(openai.AuthenticationError) as wrong:
                ask(key)
            self.assertEqual(wrong.exception.code, "invalid_api_key")
        with self.assertRaises(openai.PermissionDeniedError):
            ask(self.few)
        with self.assertRaises(openai.APIStatusError) as none:
            ask(self.slow)
        self.assertNotIn(none.exception.status_code, (401, 403, 429), "this program has no model, and says that")
        with self.assertRaises(openai.RateLimitError) as often:
            ask(self.slow)
        self.assertGreater(int(often.exception.response.headers["retry-after"]), 3000)

    # proves mcp: keys
    def test_mcp(self):
        async def run(key, mode, work):
            async with httpx2.AsyncClient(headers={"Authorization": f"Bearer {key}"} if key else {}) as http:
                async with mcp.Client(streamable_http_client(self.url + "mcp", http_client=http), mode=mode) as client:
                    return await work(client)

        async def names(client):
            return [tool.name for tool in (await client.list_tools()).tools]

        async def repeat(client):
            return (await client.call_tool("repeat", {"words": "é"})).structured_content["words"]

        async def calculate(client):
            return (await client.call_tool("calculate", {"a": 1, "b": 2, "operation": "add"})).structured_content["result"]
        for mode in ("auto", "legacy"):
            self.assertEqual(asyncio.run(run(self.few, mode, names)), ["repeat"])
            self.assertEqual(asyncio.run(run(self.few, mode, repeat)), "é")
            self.assertEqual(asyncio.run(run(self.full, mode, calculate)), 3)
            for key, work in ((None, names), (WRONG, names), (self.few, calculate)):
                with self.assertRaises(BaseException, msg=f"{key} {mode}"):
                    asyncio.run(run(key, mode, work))

    def gradio(self, **how):
        return contextlib.closing(Gradio(self.url, verbose=False, **how))

    # proves gradio_client: keys; login
    def test_gradio(self):
        with self.gradio(token=self.full) as client:
            self.assertEqual(client.predict(6, 7, "multiply", api_name="/calculate"), 42)
        with self.gradio(headers={"x-api-key": self.few}) as client:
            self.assertEqual(list(client.view_api(print_info=False, return_format="dict")["named_endpoints"]), ["/repeat"])
            self.assertEqual(client.predict(False, 9, 5, 0.25, "Ada", "é", api_name="/repeat"), (False, 9, 5, 0.25, "Ada", "é"))
        with self.gradio(auth=("few", self.few)) as client:
            self.assertEqual(client.predict(False, 9, 5, 0.25, "Ada", "é", api_name="/repeat"), (False, 9, 5, 0.25, "Ada", "é"))
        for auth in (("few", WRONG), ("full", self.few)):
            with self.assertRaises(AuthenticationError):
                self.gradio(auth=auth)
        for key in (None, WRONG):
            with self.assertRaises(AuthenticationError):
                self.gradio(token=key)

    # proves gradio_client: login
    def test_gradio_with_the_password_of_the_program(self):
        program = Program(find("tests/programs/functions"), env={"EASEL_PASSWORD": "correct horse battery"})
        self.addCleanup(program.stop)
        for how in ({"auth": ("anybody", "correct horse battery")}, {"token": "correct horse battery"}):
            with contextlib.closing(Gradio(program.url, verbose=False, **how)) as client:
                self.assertEqual(client.predict(6, 7, "multiply", api_name="/calculate"), 42)
        for how in ({}, {"auth": ("anybody", "wrong horse")}, {"token": "wrong horse"}):
            with self.assertRaises(AuthenticationError):
                Gradio(program.url, verbose=False, **how)

    # proves openai: quotas
    # proves gradio_client: quotas
    def test_a_quota_that_is_used_up(self):
        key = self.add("counted", "--quota", "2/month")

        def known():
            try:
                with self.gradio(token=key):
                    return True
            except AuthenticationError:
                return False
        comes(known, "the key to be known")
        with self.gradio(token=key) as client:
            self.assertEqual([client.predict(n, 2, "add", api_name="/calculate") for n in (1, 2)], [3, 4])
            with self.assertRaisesRegex(Exception, "429"):
                client.predict(1, 2, "add", api_name="/calculate")
        with contextlib.closing(openai.OpenAI(base_url=self.url + "v1", api_key=key, max_retries=0)) as client, self.assertRaises(openai.RateLimitError) as over:
            client.chat.completions.create(model="x", messages=[{"role": "user", "content": "Hello"}])
        self.assertEqual(over.exception.code, "insufficient_quota")
        self.assertRegex(over.exception.message, "has used its 2 calls of this month")

    def test_a_key_that_is_revoked_ends_a_client_that_is_connected(self):
        with self.gradio(token=self.lost) as client, self.gradio(auth=("lost", self.lost)) as other:
            self.assertEqual(other.predict(1, 2, "add", api_name="/calculate"), 3)
            self.assertEqual(client.predict(1, 2, "add", api_name="/calculate"), 3)
            easel("revoke", "lost", "--data", self.data)

            def refused(client):
                try:
                    client.predict(1, 2, "add", api_name="/calculate")
                except Exception as e:
                    return "401" in str(e)
                return False
            for connected in (client, other):
                comes(lambda c=connected: refused(c), "the client to be refused")


if __name__ == "__main__":
    unittest.main()
