#!/usr/bin/env python3
# test_openai.py: the program's model as the official Python client `openai` asks it.
# SPDX-License-Identifier: Apache-2.0

import concurrent.futures
import pathlib
import re
import sys
import threading
import unittest

import openai

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "bench"))

from programs import Program, find  # noqa: E402

MODEL = "SmolLM2-135M-Instruct.Q4_1"
HELLO = [{"role": "system", "content": "You are a helpful assistant."}, {"role": "user", "content": "Say hello."}]


class Completions(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        program = Program(find("examples/llama_chat_script"))
        cls.addClassCleanup(program.stop)
        cls.client = openai.OpenAI(base_url=program.url + "v1", api_key="none", max_retries=0, timeout=120)
        cls.addClassCleanup(cls.client.close)

    def ask(self, messages=HELLO, **more):
        return self.client.chat.completions.create(**{"model": MODEL, "messages": messages, "temperature": 0, "max_tokens": 24, **more})

    def test_models(self):
        self.assertEqual([m.id for m in self.client.models.list()], [MODEL])
        self.assertEqual(self.client.models.retrieve(MODEL).owned_by, "easel")

    def test_a_whole_answer_with_its_usage(self):
        got = self.ask()
        self.assertRegex(got.id, "^chatcmpl-")
        self.assertEqual((got.object, got.model, got.choices[0].message.role), ("chat.completion", MODEL, "assistant"))
        self.assertTrue(got.choices[0].message.content.strip())
        self.assertGreater(got.usage.prompt_tokens, 10)
        self.assertTrue(0 < got.usage.completion_tokens <= 24)
        self.assertEqual(got.usage.total_tokens, got.usage.prompt_tokens + got.usage.completion_tokens)

    def test_a_stream_says_the_same_piece_by_piece(self):
        whole = self.ask().choices[0]
        chunks = list(self.ask(stream=True, stream_options={"include_usage": True}))
        self.assertEqual("".join(c.choices[0].delta.content or "" for c in chunks if c.choices), whole.message.content)
        self.assertEqual(chunks[0].choices[0].delta.role, "assistant")
        self.assertEqual([c.choices[0].finish_reason for c in chunks if c.choices][-1], whole.finish_reason)
        self.assertGreater(chunks[-1].usage.completion_tokens, 0)
        self.assertGreater(len(chunks), 4)

    def test_the_limit_is_told(self):
        got = self.ask([{"role": "user", "content": "Tell me a long story about the sea."}], max_tokens=5)
        self.assertEqual((got.choices[0].finish_reason, got.usage.completion_tokens), ("length", 5))
        self.assertEqual(self.ask([{"role": "user", "content": "Tell me a long story about the sea."}], max_tokens=openai.omit, max_completion_tokens=6).usage.completion_tokens, 6)

    def test_stop_words_end_it_and_are_not_said(self):
        question = [{"role": "user", "content": "Count from 1 to 10, with commas."}]
        whole = self.ask(question, max_tokens=60).choices[0].message.content
        word = whole[len(whole) // 2:len(whole) // 2 + 3]
        for stream in (False, True):
            if stream:
                got = "".join(c.choices[0].delta.content or "" for c in self.ask(question, max_tokens=60, stop=["never said", word], stream=True))
            else:
                got = self.ask(question, max_tokens=60, stop=word).choices[0].message.content
            self.assertEqual(got, whole[:whole.index(word)])

    def test_seeds_repeat_and_choices_differ(self):
        question = [{"role": "user", "content": "Invent a name for a ship."}]
        twice = [self.ask(question, temperature=1.5, seed=7).choices[0].message.content for _ in range(2)]
        self.assertEqual(twice[0], twice[1])
        got = self.ask(question, temperature=1.5, seed=7, n=3)
        self.assertEqual([c.index for c in got.choices], [0, 1, 2])
        self.assertGreater(len({c.message.content for c in got.choices}), 1)

    def test_sixteen_at_once(self):
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            got = list(pool.map(lambda i: self.ask([{"role": "user", "content": f"What is {i} plus {i}?"}]).choices[0], range(16)))
        self.assertTrue(all(c.message.content for c in got))

    def test_who_leaves_a_stream_makes_room(self):
        done = threading.Event()
        for _ in range(20):                        # more than the engine has places
            stream = self.ask([{"role": "user", "content": "Write a very long story."}], max_tokens=2000, stream=True)
            next(iter(stream))
            stream.close()
        threading.Thread(target=lambda: (self.ask(), done.set())).start()
        self.assertTrue(done.wait(60))

    def test_what_is_wrong_is_named(self):
        for more, error, words in (
            ({"model": "gpt-none"}, openai.NotFoundError, f"there is {MODEL}"), ({"messages": []}, openai.BadRequestError, "no list with a message"),
            ({"messages": [{"role": "wizard", "content": "x"}]}, openai.BadRequestError, "no role that is known"), ({"temperature": 3}, openai.BadRequestError, "temperature must be a number from 0 to 2"),
            ({"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}]}, openai.BadRequestError, "something else than text"),
            ({"logprobs": True}, openai.BadRequestError, "logprobs is not offered"), ({"stop": ["a", "b", "c", "d", "e"]}, openai.BadRequestError, "up to 4"), ({"n": 9}, openai.BadRequestError, "from 1 to 8"),
            ({"response_format": {"type": "json_object"}}, openai.BadRequestError, "response_format is not offered"),
            ({"tools": [{"type": "function", "function": {"name": "f"}}]}, openai.BadRequestError, "tools is not offered"),
        ):
            with self.assertRaisesRegex(error, re.escape(words)):
                self.ask(**more)
        with self.assertRaises(openai.NotFoundError):
            self.client.embeddings.create(model=MODEL, input="x")

    def test_parts_of_text_are_one_text(self):
        parts = [{"role": "user", "content": [{"type": "text", "text": "Say "}, {"type": "text", "text": "hello."}]}]
        self.assertEqual(self.ask(parts).choices[0].message.content, self.ask([{"role": "user", "content": "Say hello."}]).choices[0].message.content)


if __name__ == "__main__":
    unittest.main()
