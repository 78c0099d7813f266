#!/usr/bin/env python3
# test_openai.py: the program's model as the official Python client `openai` asks it.
# SPDX-License-Identifier: Apache-2.0

import concurrent.futures
import json
import pathlib
import re
import sys
import threading
import typing
import unittest

import jsonschema
import openai
import pydantic

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "bench"))

from programs import Program, find  # noqa: E402

MODEL = "SmolLM2-135M-Instruct.Q4_1"
HELLO = [{"role": "system", "content": "You are a helpful assistant."}, {"role": "user", "content": "Say hello."}]


PEOPLE = {"type": "object", "properties": {"name": {"type": "string", "maxLength": 12}, "age": {"type": "integer", "minimum": 18, "maximum": 120}, "colour": {"enum": ["red", "green"]},
          "tags": {"type": "array", "items": {"type": "string", "maxLength": 6}, "minItems": 1, "maxItems": 2}, "friend": {"anyOf": [{"$ref": "#/$defs/friend"}, {"type": "null"}]}},
          "required": ["name", "age", "colour", "tags", "friend"], "additionalProperties": False,
          "$defs": {"friend": {"type": "object", "properties": {"name": {"type": "string", "minLength": 1, "maxLength": 8}}, "required": ["name"], "additionalProperties": False}}}


def schema_of(schema):
    return {"type": "json_schema", "json_schema": {"name": "answer", "strict": True, "schema": schema}}


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

    def test_an_answer_has_the_form_of_its_schema(self):
        question = [{"role": "user", "content": "Describe a person as JSON."}]
        for seed in range(1, 3):
            for stream in (False, True):
                got = self.ask(question, temperature=1, seed=seed, max_tokens=300, response_format=schema_of(PEOPLE), stream=stream)
                said = "".join(c.choices[0].delta.content or "" for c in got) if stream else got.choices[0].message.content
                jsonschema.validate(json.loads(said), PEOPLE)

    def test_the_client_reads_its_own_types(self):
        class Step(pydantic.BaseModel):
            words: typing.Annotated[str, pydantic.Field(max_length=10)]
            more: typing.Optional[bool]

        class Plan(pydantic.BaseModel):
            steps: typing.Annotated[list[Step], pydantic.Field(min_length=1, max_length=2)]
            cost: typing.Annotated[float, pydantic.Field(ge=0, le=9)]

        got = self.client.chat.completions.parse(model=MODEL, messages=HELLO, max_tokens=300, temperature=0.8, seed=3, response_format=Plan)
        self.assertIsInstance(got.choices[0].message.parsed, Plan)

    def test_json_of_any_form_and_a_grammar(self):
        got = self.ask([{"role": "user", "content": "A short JSON object with a name."}], max_tokens=60, response_format={"type": "json_object"}).choices[0]
        if got.finish_reason == "stop":
            self.assertIsInstance(json.loads(got.message.content), dict)
        self.assertTrue(got.message.content.startswith("{"))
        self.assertEqual(self.ask(extra_body={"grammar": 'root ::= "yes" | "no"'}).choices[0].message.content in ("yes", "no"), True)

    def test_a_grammar_that_is_none_or_leads_nowhere_fails_its_answer_only(self):
        for grammar in ("root ::= (", "toor ::= \"a\"", "root ::= \"a\" nothing\nnothing ::= [^\\x00-\\U0010FFFF]", "root ::= root \"a\""):
            with self.assertRaisesRegex(openai.InternalServerError, "grammar"):
                self.ask(extra_body={"grammar": grammar})
        self.assertTrue(self.ask().choices[0].message.content)

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
            ({"response_format": {"type": "xml"}}, openai.BadRequestError, "response_format.type must be"), ({"response_format": schema_of({"type": "string", "pattern": "a"})}, openai.BadRequestError, "/pattern is a keyword"),
            ({"extra_body": {"grammar": "root ::= \"a\"{0,99999}"}}, openai.BadRequestError, "grammar repeats too much"), ({"extra_body": {"wizardry": 1}}, openai.BadRequestError, "wizardry is no parameter"),
            ({"presence_penalty": 1}, openai.BadRequestError, "presence_penalty is not offered"), ({"n": 1.5}, openai.BadRequestError, "whole number"),
            ({"tools": [{"type": "function", "function": {"name": "f"}}]}, openai.BadRequestError, "tools is not offered"),
        ):
            with self.assertRaisesRegex(error, re.escape(words)) as caught:
                self.ask(**more)
            self.assertIn(caught.exception.param, {*more, *more.get("extra_body", {}), "response_format"})
        with self.assertRaises(openai.NotFoundError):
            self.client.embeddings.create(model=MODEL, input="x")

    def test_parts_of_text_are_one_text(self):
        parts = [{"role": "user", "content": [{"type": "text", "text": "Say "}, {"type": "text", "text": "hello."}]}]
        self.assertEqual(self.ask(parts).choices[0].message.content, self.ask([{"role": "user", "content": "Say hello."}]).choices[0].message.content)


if __name__ == "__main__":
    unittest.main()
