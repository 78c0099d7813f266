#!/usr/bin/env python3
# test_openai.py: the program's model as the official Python client `openai` asks it.
# SPDX-License-Identifier: Apache-2.0

import concurrent.futures
import json
import pathlib
import re
import sys
import threading
import time
import typing
import unittest
import urllib.request

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
WEATHER = {"type": "function", "function": {"name": "get_weather", "description": "The weather of a city", "parameters": {"type": "object", "properties": {
    "city": {"type": "string", "maxLength": 12}, "unit": {"enum": ["celsius", "fahrenheit"]}}, "required": ["city", "unit"], "additionalProperties": False}}}
TIME = {"type": "function", "function": {"name": "get-time", "parameters": {"type": "object", "properties": {"zone": {"type": "integer", "minimum": -12, "maximum": 12}}, "required": ["zone"]}}}


WORD = {"type": "string", "maxLength": 5}
SCHEMAS = (
    {"type": "array", "prefixItems": [{"type": "number", "exclusiveMinimum": -1.5, "maximum": 2}, {"enum": ["a\"b", None, 3, {"x": [True]}]}], "minItems": 2, "maxItems": 2},
    {"type": "object", "properties": {"a": WORD, "b": WORD, "c": {"type": ["integer", "null"], "minimum": 7, "maximum": 1234}}, "required": ["b"], "additionalProperties": False},
    {"type": "object", "properties": {"when": {"type": "string", "format": "date-time"}, "day": {"type": "string", "format": "date"}, "id": {"type": "string", "format": "uuid"}}, "required": ["when", "day", "id"]},
    {"oneOf": [{"$ref": "#/$defs/cat"}, {"$ref": "#/$defs/dog"}], "$defs": {"cat": {"type": "object", "properties": {"is": {"const": "cat"}, "name": WORD}, "required": ["is", "name"]},
                                                                      "dog": {"type": "object", "properties": {"is": {"const": "dog"}, "age": {"type": "integer", "minimum": 0, "maximum": 20}}, "required": ["is", "age"]}}},
    {"type": "array", "items": {"anyOf": [{"type": "boolean"}, {"type": "integer", "minimum": -99, "maximum": -3}]}, "minItems": 3, "maxItems": 5},
    {"type": "string", "minLength": 4, "maxLength": 6},
)


def schema_of(schema):
    return {"type": "json_schema", "json_schema": {"name": "answer", "strict": True, "schema": schema}}


class Completions(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.program = program = Program(find("examples/llama_chat_script"), "--grammars")
        cls.addClassCleanup(program.stop)
        cls.client = openai.OpenAI(base_url=program.url + "v1", api_key="none", max_retries=0, timeout=120)
        cls.addClassCleanup(cls.client.close)

    def ask(self, messages=HELLO, **more):
        return self.client.chat.completions.create(**{"model": MODEL, "messages": messages, "temperature": 0, "max_tokens": 24, **more})

    # proves openai: models
    def test_models(self):
        self.assertEqual([m.id for m in self.client.models.list()], [MODEL])
        self.assertEqual(self.client.models.retrieve(MODEL).owned_by, "easel")

    # proves openai: chat
    def test_a_whole_answer_with_its_usage(self):
        got = self.ask()
        self.assertRegex(got.id, "^chatcmpl-")
        self.assertEqual((got.object, got.model, got.choices[0].message.role), ("chat.completion", MODEL, "assistant"))
        self.assertTrue(got.choices[0].message.content.strip())
        self.assertGreater(got.usage.prompt_tokens, 10)
        self.assertTrue(0 < got.usage.completion_tokens <= 24)
        self.assertEqual(got.usage.total_tokens, got.usage.prompt_tokens + got.usage.completion_tokens)

    # proves openai: streams
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

    # proves openai: stop, seed, n, usage
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

    # proves openai: stop, seed, n, usage
    def test_seeds_repeat_and_choices_differ(self):
        question = [{"role": "user", "content": "Invent a name for a ship."}]
        twice = [self.ask(question, temperature=1.5, seed=7).choices[0].message.content for _ in range(2)]
        self.assertEqual(twice[0], twice[1])
        got = self.ask(question, temperature=1.5, seed=7, n=3)
        self.assertEqual([c.index for c in got.choices], [0, 1, 2])
        self.assertGreater(len({c.message.content for c in got.choices}), 1)

    # proves openai: response_format
    def test_an_answer_has_the_form_of_its_schema(self):
        question = [{"role": "user", "content": "Describe a person as JSON."}]
        for seed in range(1, 3):
            for stream in (False, True):
                got = self.ask(question, temperature=1, seed=seed, max_tokens=300, response_format=schema_of(PEOPLE), stream=stream)
                said = "".join(c.choices[0].delta.content or "" for c in got) if stream else got.choices[0].message.content
                jsonschema.validate(json.loads(said), PEOPLE)

    def test_whatever_is_said_the_schema_allows_it(self):
        checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
        for schema in SCHEMAS:
            for seed in (1, 2):
                got = self.ask([{"role": "user", "content": "Say something unusual."}], temperature=1.6, seed=seed, max_tokens=250, response_format=schema_of(schema)).choices[0]
                self.assertEqual(got.finish_reason, "stop", got.message.content)
                jsonschema.Draft202012Validator(schema, format_checker=checker).validate(json.loads(got.message.content))

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
            with self.assertRaisesRegex(openai.BadRequestError, "grammar"):
                self.ask(extra_body={"grammar": grammar})
        self.assertTrue(self.ask().choices[0].message.content)

    # proves openai: logprobs
    def test_each_token_has_its_probability(self):
        question = [{"role": "user", "content": "Say something with an emoji 🦙 in it."}]
        whole = self.ask(question, logprobs=True, top_logprobs=5, max_tokens=30, temperature=1, seed=5)
        tokens = whole.choices[0].logprobs.content
        self.assertEqual(len(tokens), whole.usage.completion_tokens)
        self.assertEqual(b"".join(bytes(t.bytes) for t in tokens).decode("utf-8", "replace"), whole.choices[0].message.content)
        self.assertTrue(all(t.logprob <= 0 and len(t.top_logprobs) == 5 and t.top_logprobs[0].logprob >= t.logprob for t in tokens))
        chunks = [c.choices[0] for c in self.ask(question, logprobs=True, top_logprobs=5, max_tokens=30, temperature=1, seed=5, stream=True)]
        streamed = [t for c in chunks if c.logprobs for t in c.logprobs.content or []]
        self.assertEqual([t.token for t in streamed], [t.token for t in tokens])
        for a, b in zip(streamed, tokens):
            self.assertAlmostEqual(a.logprob, b.logprob, delta=0.2)         # who is answered beside it changes the last digits
        for c in chunks:
            if c.delta.content:
                self.assertIn(c.logprobs.content[-1].token.strip("\ufffd"), c.delta.content)
        self.assertEqual(self.ask(logprobs=True, max_tokens=3).choices[0].logprobs.content[0].top_logprobs, [])
        self.assertIsNone(self.ask(max_tokens=3).choices[0].logprobs)

    # proves openai: tools
    def test_functions_are_called_when_they_must_be(self):
        question = [{"role": "user", "content": "What is the weather in Oslo?"}]
        for choice, names in (("required", {"get_weather", "get-time"}), ({"type": "function", "function": {"name": "get-time"}}, {"get-time"})):
            got = self.ask(question, tools=[WEATHER, TIME], tool_choice=choice, max_tokens=100).choices[0]
            self.assertEqual((got.finish_reason, got.message.content, len(got.message.tool_calls)), ("tool_calls", None, 1))
            call = got.message.tool_calls[0]
            self.assertRegex(call.id, "^call_")
            self.assertIn(call.function.name, names)
            schema = next(t for t in (WEATHER, TIME) if t["function"]["name"] == call.function.name)["function"]["parameters"]
            jsonschema.validate(json.loads(call.function.arguments), schema)
            with self.client.chat.completions.stream(model=MODEL, messages=question, tools=[WEATHER, TIME], tool_choice=choice, temperature=0, max_tokens=100) as stream:
                whole = stream.get_final_completion().choices[0]
            self.assertEqual((whole.finish_reason, whole.message.tool_calls[0].function.name), ("tool_calls", call.function.name))
            self.assertEqual(json.loads(whole.message.tool_calls[0].function.arguments), json.loads(call.function.arguments))
        said = [*question, {"role": "assistant", "content": None, "tool_calls": [call.model_dump()]}, {"role": "tool", "tool_call_id": call.id, "content": "12 degrees"},
                {"role": "tool", "tool_call_id": "other", "content": "and windy"}]
        more = self.ask(said, tools=[WEATHER, TIME], logprobs=True)
        self.assertTrue(more.choices[0].message.content)
        self.assertGreater(more.usage.prompt_tokens, 250)                   # the signatures, the call and both results
        self.assertLess(self.ask(said).usage.prompt_tokens, more.usage.prompt_tokens - 150)

    def test_a_call_that_the_model_makes_of_itself_is_read(self):
        def forced(words, stream=False, **more):
            got = self.ask(tools=[WEATHER, TIME], max_tokens=150, stream=stream, extra_body={"grammar": "root ::= " + json.dumps(words)}, **more)
            if not stream:
                return got.choices[0]
            chunks = [c.choices[0] for c in got]
            return "".join(c.delta.content or "" for c in chunks), [t for c in chunks for t in c.delta.tool_calls or []], chunks[-1].finish_reason

        def call(name, **arguments):
            return "<tool_call>\n" + json.dumps({"name": name, "arguments": arguments}) + "\n</tool_call>"

        two = "I look. " + call("get_weather", city="Oslo", unit="celsius") + "\n" + call("get-time", zone=1)
        got = forced(two)
        self.assertEqual((got.finish_reason, got.message.content, [c.function.name for c in got.message.tool_calls]), ("tool_calls", "I look. ", ["get_weather", "get-time"]))
        content, calls, finish = forced(two, stream=True)
        self.assertEqual((content, [(c.index, c.function.name) for c in calls], finish), ("I look. ", [(0, "get_weather"), (1, "get-time")], "tool_calls"))
        self.assertEqual(len(forced(two, parallel_tool_calls=False).message.tool_calls), 1)
        self.assertEqual(json.loads(forced('<tool_call>[{"name": "get-time", "arguments": {"zone": 3}}]').message.tool_calls[0].function.arguments), {"zone": 3})
        for words in ("<tool_call>", "<tool_call>\n{\"name\": \"get_w", call("unknown", a=1), "A <tool> is no <tool_call", call("get-time", zone=1) + " and words"):
            got = forced(words)
            self.assertEqual((got.finish_reason, got.message.content, got.message.tool_calls), ("stop", words, None))
            self.assertEqual(forced(words, stream=True), (words, [], "stop"))
        self.assertEqual(forced(two, tool_choice="none").message.content, two)

    def complete(self, **more):
        return self.client.completions.create(**{"model": MODEL, "prompt": "The capital of France is", "temperature": 0, "max_tokens": 8, **more})

    # proves openai: completions
    def test_a_text_is_gone_on_with(self):
        got = self.complete()
        self.assertEqual((got.object, got.choices[0].finish_reason, got.usage.completion_tokens), ("text_completion", "length", 8))
        self.assertIn("Paris", got.choices[0].text)
        self.assertLess(got.usage.prompt_tokens, 8)
        self.assertEqual(self.complete(echo=True).choices[0].text, "The capital of France is" + got.choices[0].text)
        for echo in (False, True):
            self.assertEqual("".join(c.choices[0].text for c in self.complete(stream=True, echo=echo)), ("The capital of France is" if echo else "") + got.choices[0].text)
        self.assertEqual(self.complete(stop="Paris").choices[0].text, got.choices[0].text.split("Paris")[0])
        self.assertEqual(self.complete(max_tokens=openai.omit).usage.completion_tokens, 16)

    def test_several_texts_are_gone_on_with_in_their_order(self):
        got = self.complete(prompt=["The capital of France is", "One, two, three,"], n=2)
        self.assertEqual([c.index for c in got.choices], [0, 1, 2, 3])
        self.assertEqual(got.choices[0].text, got.choices[1].text)
        self.assertIn("four", got.choices[2].text)
        self.assertLess(got.usage.prompt_tokens, 16)
        echoed = self.complete(prompt=["One, two,", "A, B,"], echo=True)
        self.assertEqual([c.text[:5] for c in echoed.choices], ["One, ", "A, B,"])
        self.assertTrue(self.complete(prompt=[504, 3575, 282]).choices[0].text)

    def test_the_old_shape_of_probabilities(self):
        got = self.complete(logprobs=3).choices[0]
        self.assertEqual("".join(got.logprobs.tokens), got.text)
        self.assertEqual((len(got.logprobs.token_logprobs), [len(t) for t in got.logprobs.top_logprobs]), (8, [3] * 8))
        self.assertEqual(got.logprobs.text_offset, [len("".join(got.logprobs.tokens[:i])) for i in range(8)])
        self.assertAlmostEqual(got.logprobs.top_logprobs[0][got.logprobs.tokens[0]], got.logprobs.token_logprobs[0])

    # proves openai: embeddings
    def test_texts_have_vectors(self):
        def vectors(words, **more):
            return [d.embedding for d in self.client.embeddings.create(model=MODEL, input=words, **more).data]

        def likeness(a, b):
            return sum(x * y for x, y in zip(a, b))

        cat, couch, money = vectors(["The cat sleeps on the sofa.", "A cat is sleeping on the couch.", "Quarterly revenue rose by nine percent."])
        self.assertEqual(len(cat), 576)
        self.assertAlmostEqual(likeness(cat, cat), 1, places=4)
        self.assertGreater(likeness(cat, couch), likeness(cat, money) + 0.05)
        plain = vectors("The cat sleeps on the sofa.", encoding_format="float")[0]
        self.assertGreater(likeness(plain, cat), 0.9999)
        self.assertEqual(len(vectors([504, 3575, 282], dimensions=576)), 1)
        self.assertEqual(len(vectors([[504, 3575], [282]])), 2)
        self.assertGreater(self.client.embeddings.create(model=MODEL, input="one two three").usage.prompt_tokens, 2)

    # proves openai: responses
    def test_responses(self):
        def respond(**more):
            return self.client.responses.create(**{"model": MODEL, "input": "Say hello.", "instructions": "You are a helpful assistant.", "temperature": 0, "max_output_tokens": 24, **more})

        whole = respond()
        self.assertEqual(whole.output_text, self.ask().choices[0].message.content)
        self.assertEqual((whole.object, whole.status in ("completed", "incomplete"), whole.output[0].role, whole.store), ("response", True, "assistant", False))
        self.assertEqual(whole.usage.total_tokens, whole.usage.input_tokens + whole.usage.output_tokens)
        events = list(respond(stream=True))
        self.assertEqual([e.sequence_number for e in events], list(range(len(events))))
        self.assertEqual(([e.type for e in events[:4]], "".join(e.delta for e in events if e.type == "response.output_text.delta")),
                         (["response.created", "response.in_progress", "response.output_item.added", "response.content_part.added"], whole.output_text))
        with self.client.responses.stream(model=MODEL, input=[{"role": "user", "content": [{"type": "input_text", "text": "Say hello."}]}], max_output_tokens=3) as stream:
            for _ in stream:
                pass
        cut = events[-1].response if whole.status == "incomplete" else respond(max_output_tokens=3)
        self.assertEqual((cut.status, cut.incomplete_details.reason), ("incomplete", "max_output_tokens"))
        got = respond(max_output_tokens=300, text={"format": {"type": "json_schema", "name": "person", "schema": PEOPLE}})
        jsonschema.validate(json.loads(got.output_text), PEOPLE)
        for more, words in (({"tools": [{"type": "web_search"}]}, "tools is not offered"), ({"input": []}, "input must be"), ({"input": [{"type": "function_call_output", "call_id": "x", "output": "x"}]}, "input[0] is no message"),
                            ({"previous_response_id": "resp_1"}, "previous_response_id is not offered"), ({"text": {"format": {"type": "json_schema", "name": "x", "schema": {"not": {}}}}}, "/not is a keyword")):
            with self.assertRaisesRegex(openai.BadRequestError, re.escape(words)):
                respond(**more)

    def test_what_was_evaluated_before_is_told(self):
        question = [{"role": "user", "content": "Name the planets, from the sun outwards, each with one fact that is worth knowing."}]
        first = self.ask(question, max_tokens=8)
        more = self.ask([*question, {"role": "assistant", "content": first.choices[0].message.content}, {"role": "user", "content": "Go on."}], max_tokens=8)
        self.assertGreater(more.usage.prompt_tokens_details.cached_tokens, 20)

    def test_answers_are_counted(self):
        def counts():
            with urllib.request.urlopen(self.program.url + "metrics") as got:
                self.assertTrue(got.headers["Content-Type"].startswith("text/plain; version=0.0.4"))
                return {line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1]) for line in got.read().decode().splitlines() if not line.startswith("#")}

        def settled():
            end = time.monotonic() + 30
            while (now := counts())["llamacpp:requests_processing"] and time.monotonic() < end:
                time.sleep(0.1)
            return now

        before, got = settled(), self.ask(max_tokens=5)
        end = time.monotonic() + 30
        while (after := settled())["llamacpp:tokens_predicted_total"] < before["llamacpp:tokens_predicted_total"] + 5 and time.monotonic() < end:
            time.sleep(0.1)
        gone = {name: after[name] - before[name] for name in after}
        self.assertEqual(gone["llamacpp:tokens_predicted_total"], got.usage.completion_tokens)
        self.assertEqual(gone["llamacpp:prompt_tokens_total"] + gone["easel_prompt_tokens_reused_total"], got.usage.prompt_tokens)
        self.assertEqual(gone['easel_answers_total{end="length"}'] + gone['easel_answers_total{end="done"}'], 1)
        self.assertEqual(after["easel_model_ready"], 1)

    def test_a_grammar_of_the_caller_s_own_needs_permission(self):
        program = Program(find("examples/llama_chat_script"))
        self.addCleanup(program.stop)
        with openai.OpenAI(base_url=program.url + "v1", api_key="none", max_retries=0) as client, self.assertRaisesRegex(openai.BadRequestError, "--grammars"):
            client.chat.completions.create(model=MODEL, messages=HELLO, extra_body={"grammar": 'root ::= "a"'})

    # proves openai: many at once
    def test_sixteen_at_once(self):
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            got = list(pool.map(lambda i: self.ask([{"role": "user", "content": f"What is {i} plus {i}?"}]).choices[0], range(16)))
        self.assertTrue(all(c.message.content for c in got))

    # proves openai: leaving a stream
    def test_who_leaves_a_stream_makes_room(self):
        done = threading.Event()
        for _ in range(20):                        # more than the engine has places
            stream = self.ask([{"role": "user", "content": "Write a very long story."}], max_tokens=2000, stream=True)
            next(iter(stream))
            stream.close()
        threading.Thread(target=lambda: (self.ask(), done.set())).start()
        self.assertTrue(done.wait(60))

    # proves openai: errors
    def test_what_is_wrong_is_named(self):
        for more, error, words in (
            ({"model": "gpt-none"}, openai.NotFoundError, f"there is {MODEL}"), ({"messages": []}, openai.BadRequestError, "no list with a message"),
            ({"messages": [{"role": "wizard", "content": "x"}]}, openai.BadRequestError, "no role that is known"), ({"temperature": 3}, openai.BadRequestError, "temperature must be a number from 0 to 2"),
            ({"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}]}, openai.BadRequestError, "something else than text"),
            ({"logprobs": True, "top_logprobs": 21}, openai.BadRequestError, "top_logprobs must be"), ({"top_logprobs": 2}, openai.BadRequestError, "needs logprobs"), ({"stop": ["a", "b", "c", "d", "e"]}, openai.BadRequestError, "up to 4"), ({"n": 9}, openai.BadRequestError, "from 1 to 8"),
            ({"response_format": {"type": "xml"}}, openai.BadRequestError, "response_format: type must be"), ({"response_format": schema_of({"type": "string", "pattern": "a"})}, openai.BadRequestError, "/pattern is a keyword"),
            ({"extra_body": {"grammar": "root ::= \"a\"{0,99999}"}}, openai.BadRequestError, "grammar repeats too much"), ({"extra_body": {"wizardry": 1}}, openai.BadRequestError, "wizardry is no parameter"),
            ({"presence_penalty": 1}, openai.BadRequestError, "presence_penalty is not offered"), ({"n": 1.5}, openai.BadRequestError, "whole number"),
            ({"tools": [{"type": "function", "function": {"name": "two words"}}]}, openai.BadRequestError, "tools[0].function.name"), ({"tool_choice": "required"}, openai.BadRequestError, "tool_choice wants a function"),
            ({"tools": [WEATHER], "tool_choice": {"type": "function", "function": {"name": "other"}}}, openai.BadRequestError, "wants other"), ({"functions": [{"name": "f"}]}, openai.BadRequestError, "functions is not offered"),
            ({"tools": [WEATHER], "response_format": {"type": "json_object"}}, openai.BadRequestError, "exclude each other"),
            ({"tools": [{"type": "function", "function": {"name": "f", "parameters": {"not": {}}}}], "tool_choice": "required"}, openai.BadRequestError, "of function f, the schema's /not"),
            ({"messages": [{"role": "tool", "content": "x"}]}, openai.BadRequestError, "tool_call_id"),
        ):
            with self.assertRaisesRegex(error, re.escape(words)) as caught:
                self.ask(**more)
            self.assertIn(caught.exception.param, {*more, *more.get("extra_body", {}), "response_format"})
        for more, words in (({"suffix": "x"}, "suffix is not offered"), ({"echo": True, "logprobs": 1}, "echo beside logprobs"), ({"prompt": [1, 2], "echo": True}, "echo of a prompt of tokens"), ({"prompt": []}, "prompt is a text"),
                            ({"prompt": ["a", ""]}, "prompt[1] is empty"), ({"prompt": [[9999999]]}, "no token 9999999"), ({"prompt": ["a"] * 20, "n": 2}, "40 answers"), ({"best_of": 3}, "best_of is not offered"),
                            ({"prompt": "word " * 3000}, "too long")):
            with self.assertRaisesRegex(openai.BadRequestError, re.escape(words)):
                self.complete(**more)
        for more, words in (({"input": []}, "input is a text"), ({"input": ""}, "input is empty"), ({"dimensions": 12}, "dimensions must be 576"), ({"encoding_format": "hex"}, "encoding_format"), ({"input": "word " * 3000}, "too long")):
            with self.assertRaisesRegex(openai.BadRequestError, re.escape(words)):
                self.client.embeddings.create(**{"model": MODEL, "input": "x", **more})
        with self.assertRaises(openai.NotFoundError):
            self.client.files.list()

    def test_parts_of_text_are_one_text(self):
        parts = [{"role": "user", "content": [{"type": "text", "text": "Say "}, {"type": "text", "text": "hello."}]}]
        self.assertEqual(self.ask(parts).choices[0].message.content, self.ask([{"role": "user", "content": "Say hello."}]).choices[0].message.content)


if __name__ == "__main__":
    unittest.main()
