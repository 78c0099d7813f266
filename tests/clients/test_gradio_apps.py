#!/usr/bin/env python3
# test_gradio_apps.py: the demo apps of Gradio's own client tests in the official Python client: state, sessions, batches, long responses.
# SPDX-License-Identifier: Apache-2.0

import contextlib
import os
import pathlib
import sys
import unittest

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"

from gradio_client import Client  # noqa: E402
from gradio_client.exceptions import AppError  # noqa: E402

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "bench"))

from programs import Program, find  # noqa: E402


class Apps(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.program = Program(find("tests/programs/gradio"), "--ping-interval", "1s")
        cls.addClassCleanup(cls.program.stop)
        cls.client = Client(cls.program.url, verbose=False)
        cls.addClassCleanup(cls.client.close)

    def another(self):
        return contextlib.closing(Client(self.program.url, verbose=False))

    # proves gradio_client: state; sessions of their own
    def test_increment_demo(self):
        with self.another() as one, self.another() as two:
            self.assertEqual([one.predict(api_name="/increment_with_queue") for _ in range(2)], [1, 2])
            self.assertEqual(one.predict(api_name="/increment_without_queue"), 3)
            self.assertEqual(one.predict(fn_index=0), 4)
            self.assertEqual(two.predict(api_name="/increment_with_queue"), 1)
            one.reset_session()
            self.assertEqual([one.predict(api_name="/increment_with_queue") for _ in range(2)], [1, 2])
            self.assertEqual(two.predict(api_name="/increment_with_queue"), 2)
            self.assertEqual([two.predict(api_name="/forgets") for _ in range(2)], [1, 1])

    def test_state_is_no_input_and_no_output(self):
        say = self.client.view_api(return_format="dict")["named_endpoints"]["/say"]
        self.assertEqual([p["parameter_name"] for p in say["parameters"]], ["word", "seconds"])
        self.assertEqual(len(say["returns"]), 2)
        self.assertEqual(self.client.predict("one", api_name="/say"), ("one", 1))
        self.assertEqual(self.client.predict(word="two", seconds=0, api_name="/say"), ("one two", 2))
        job = self.client.submit("three", 0, api_name="/say")
        self.assertTrue(all(len(seen) == 2 for seen in job))
        self.assertEqual(job.result(20), ("one two three", 3))

    def test_calls_of_one_session_are_all_counted(self):
        with self.another() as client:
            jobs = [client.submit(api_name="/increment_with_queue") for _ in range(12)]
            self.assertEqual(sorted(job.result(30) for job in jobs), list(range(1, 13)))

    def test_a_call_that_fails_leaves_nothing(self):
        with self.another() as client:
            self.assertEqual(client.predict("x", api_name="/say"), ("x", 1))
            with self.assertRaisesRegex(AppError, "this is not said"):
                client.predict("fail", api_name="/say")
            self.assertEqual(client.predict("y", api_name="/say"), ("x y", 2))

    # proves gradio_client: batches
    def test_a_batch(self):
        jobs = [self.client.submit(word, times, api_name="/repeat") for word, times in (("a", 1), ("b", 2), ("bad", 1), ("c", 3))]
        self.assertEqual([jobs[i].result(30) for i in (0, 1, 3)], [("a", 4), ("b b", 4), ("c c c", 4)])
        with self.assertRaisesRegex(AppError, "bad is not repeated"):
            jobs[2].result(30)

    # proves gradio_client: long silence
    def test_a_function_that_is_silent_for_long(self):
        job = self.client.submit(2.5, api_name="/long_response")      # the stream's sign of life comes every second
        self.assertEqual(job.result(30), "done")
        self.assertEqual(self.client.predict(0, api_name="/long_response"), "done")


if __name__ == "__main__":
    unittest.main()
