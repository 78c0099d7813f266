#!/usr/bin/env python3
# test_gradio.py: functions as endpoints of the official Python client `gradio_client`, and of curl as Gradio's documentation uses it.
# SPDX-License-Identifier: Apache-2.0

import json
import os
import pathlib
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"

from gradio_client import Client, handle_file  # noqa: E402
from gradio_client.exceptions import AppError, ValidationError  # noqa: E402

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "bench"))

from pictures import png  # noqa: E402
from programs import Program, find  # noqa: E402


class Endpoints(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.program = Program(find("tests/programs/functions"))
        cls.addClassCleanup(cls.program.stop)
        cls.url = cls.program.url
        cls.client = Client(cls.url, verbose=False)
        cls.addClassCleanup(cls.client.close)

    # proves gradio_client: predict; by name and by number
    def test_predict_by_position_by_name_and_by_number(self):
        self.assertEqual(self.client.predict(6, 7, "multiply", api_name="/calculate"), 42)
        self.assertEqual(self.client.predict(a=6, b=7, operation="subtract", api_name="/calculate"), -1)
        self.assertEqual(self.client.predict(6, 7, "add", fn_index=0), 13)
        self.assertEqual(self.client.predict(a=6, operation="add", api_name="/calculate"), 7, "b has a value of its own")
        self.assertEqual(self.client.predict(False, 9, 5, 0.25, "Ada", "é ☃", api_name="/repeat"), (False, 9, 5, 0.25, "Ada", "é ☃"))

    # proves gradio_client: description
    def test_view_api_says_what_there_is(self):
        api = self.client.view_api(return_format="dict")["named_endpoints"]
        self.assertEqual(list(api), ["/calculate", "/repeat", "/tell", "/count", "/crash", "/day"])
        a, b, operation = api["/calculate"]["parameters"]
        self.assertEqual((a["parameter_name"], b["parameter_default"], operation["python_type"]["type"]), ("a", 1, "Literal['add', 'subtract', 'multiply', 'divide']"))
        self.assertFalse(operation["parameter_has_default"])
        self.assertEqual(api["/calculate"]["description"], "Calculates with two numbers.")
        self.assertIn("predict(a, b, operation", self.client.view_api(return_format="str"))

    # proves gradio_client: errors; wrong inputs
    def test_what_is_wrong_is_raised(self):
        with self.assertRaisesRegex(ValidationError, "a: must be a number"):
            self.client.predict("six", 7, "add", api_name="/calculate")
        with self.assertRaisesRegex(AppError, "1 cannot be divided by zero"):
            self.client.predict(1, 0, "divide", api_name="/calculate")
        self.assertEqual(self.client.predict(1, 2, "add", api_name="/calculate"), 3)

    # proves gradio_client: streams
    def test_a_generator_is_iterated(self):
        job = self.client.submit(4, "", api_name="/tell")
        seen = list(job)
        self.assertEqual(job.result(), ("word1 word2 word3 word4", 4))
        self.assertTrue(all("word1 word2 word3 word4".startswith(text) for text, _ in seen), seen)
        self.assertEqual(job.status().code.value, "FINISHED")

    # proves gradio_client: log messages
    def test_lines_of_a_function_are_told_as_log_messages(self):
        other = Program(find("tests/programs/offers"))
        self.addCleanup(other.stop)
        client, door = Client(other.url, verbose=False), pathlib.Path(other.folder, "told")
        self.addCleanup(client.close)
        job = client.submit(2, str(door), api_name="/report")
        for _ in range(500):
            if (said := job.status().log) == ("one is old", "warning"):
                break
            time.sleep(0.02)
        self.assertEqual(said, ("one is old", "warning"))
        door.touch()
        self.assertEqual(job.result(timeout=20)[1], 2)

    # proves gradio_client: cancel
    def test_a_job_is_cancelled_and_makes_room(self):
        job = self.client.submit(1, str(pathlib.Path(self.program.folder, "never")), api_name="/tell")
        end = time.monotonic() + 10
        while job.status().code.value != "PROCESSING" and time.monotonic() < end:
            time.sleep(0.02)
        self.assertEqual(job.status().code.value, "PROCESSING")
        job.cancel()
        self.assertEqual(self.client.predict(1, "", api_name="/tell"), ("word1", 1))

    # proves gradio_client: many at once
    def test_many_at_once_and_others_clients(self):
        other = Client(self.url, verbose=False)
        jobs = [(i, c.submit(i, 1, "add", api_name="/calculate")) for i in range(20) for c in (self.client, other)]
        for i, job in jobs:
            self.assertEqual(job.result(20), i + 1)
        other.close()

    # proves curl: predict
    def test_curl_as_documented(self):
        def ask(path, body=None):
            request = urllib.request.Request(self.url + path, json.dumps(body).encode() if body is not None else None, {"Content-Type": "application/json"} if body is not None else {})
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.read().decode()
        event = json.loads(ask("gradio_api/call/calculate", {"data": [6, 7, "multiply"]}))["event_id"]
        self.assertIn("event: complete\ndata: [42]", ask(f"gradio_api/call/calculate/{event}"))
        event = json.loads(ask("gradio_api/call/v2/calculate", {"a": 6, "b": 7, "operation": "add"}))["event_id"]
        self.assertIn("event: complete\ndata: [13]", ask(f"gradio_api/call/calculate/{event}"))
        event = json.loads(ask("gradio_api/call/calculate", {"data": [1, 0, "divide"]}))["event_id"]
        self.assertIn("event: error\ndata: {\"error\":\"1 cannot be divided by zero\"", ask(f"gradio_api/call/calculate/{event}"))
        self.assertEqual(json.loads(ask("gradio_api/run/calculate", {"data": [6, 7, "add"]}))["data"], [13])

    def test_bad_input_is_answered(self):
        for path, body, status in (("queue/join", {"data": [], "fn_index": 0}, 400), ("queue/join", {"data": [], "fn_index": 99, "session_hash": "s"}, 404),
                                   ("queue/join", {"data": [1, 2, 3, 4], "fn_index": 0, "session_hash": "s"}, 422), ("queue/join", [], 422), ("call/nothing", {"data": []}, 404), ("nothing", {}, 404)):
            request = urllib.request.Request(f"{self.url}gradio_api/{path}", json.dumps(body).encode(), {"Content-Type": "application/json"})
            with self.assertRaises(urllib.error.HTTPError) as refused:
                urllib.request.urlopen(request, timeout=20)
            self.assertEqual(refused.exception.code, status, path)
            self.assertIn("detail", json.load(refused.exception))
        with urllib.request.urlopen(f"{self.url}gradio_api/queue/data?session_hash=nobody", timeout=20) as answer:
            self.assertIn('"session_not_found":true', answer.read().decode())


class Files(unittest.TestCase):
    """The official client sends files and gets files."""

    @classmethod
    def setUpClass(cls):
        cls.program = Program(find("examples/blur"))
        cls.addClassCleanup(cls.program.stop)
        cls.client = Client(cls.program.url, verbose=False)
        cls.addClassCleanup(cls.client.close)

    def picture(self, folder):
        path = pathlib.Path(folder) / "bild ü.png"
        path.write_bytes(png(10, 4, b"\0" * 15 + b"\xff" * 15))
        return path

    # proves gradio_client: files in; files out
    def test_a_file_goes_in_and_one_comes_out(self):
        with tempfile.TemporaryDirectory() as folder:
            result, width, height = self.client.predict(handle_file(self.picture(folder)), 1, api_name="/blur")
            self.assertEqual((width, height), (10, 4))
            self.assertTrue(pathlib.Path(result).read_bytes().startswith(b"\x89PNG"))
            self.assertEqual(pathlib.Path(result).name, "result.png")

    def test_a_file_of_another_address_is_not_fetched(self):
        with self.assertRaises((AppError, ValidationError)):
            self.client.predict(handle_file("http://127.0.0.1:1/secret.png"), 1, api_name="/blur")

    def test_the_endpoint_is_described(self):
        photo, radius = self.client.view_api(return_format="dict")["named_endpoints"]["/blur"]["parameters"]
        self.assertEqual((photo["python_type"]["type"], photo["component"], radius["parameter_default"]), ("filepath", "Image", 6))


if __name__ == "__main__":
    unittest.main()
