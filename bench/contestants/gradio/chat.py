# chat.py: the chat on Gradio, as its documentation builds one: ChatInterface around a generator.
# SPDX-License-Identifier: Apache-2.0

import os
import time

import gradio as gr
from llama_cpp import Llama

SYSTEM = "You are a helpful AI assistant powered by Llama 3.1."
llm = Llama(os.environ["BENCH_MODEL"], n_ctx=2048, n_threads=int(os.environ["BENCH_THREADS"]), n_threads_batch=int(os.environ["BENCH_THREADS"]), verbose=False)


def text_of(content):
    """What a message says: a string, or Gradio's list of parts."""
    return content if isinstance(content, str) else "".join(part.get("text", "") for part in content)


def reply(prompt, history):
    if len(prompt) > 2000:
        raise gr.Error("Input too long. Please limit to 2000 characters.")
    began, answer = time.perf_counter(), ""
    said = [{"role": m["role"], "content": text_of(m["content"])} for m in history]
    messages = [{"role": "system", "content": SYSTEM}, *said, {"role": "user", "content": prompt}]
    for part in llm.create_chat_completion(messages, stream=True, max_tokens=512, temperature=0.7, top_p=0.9, top_k=0, min_p=0.0, repeat_penalty=1.0):
        answer += part["choices"][0]["delta"].get("content", "")
        yield answer
    print(f"Generated {len(answer)} chars in {time.perf_counter() - began:.2f}s", flush=True)


gr.ChatInterface(reply, title="Llama 3.1 Chatbot", description="Every word comes from a model on this machine.", concurrency_limit=1, api_name="chat").launch(quiet=True)
