# history.py: a conversation of MESSAGES messages of 1,000 characters, which every session holds and shows.
# SPDX-License-Identifier: Apache-2.0

import os

import gradio as gr


def history():
    said = [{"role": "assistant" if i % 2 else "user", "content": "".join(f"word {i * 100 + k:04d} " for k in range(100))} for i in range(int(os.environ.get("MESSAGES", "2")))]
    return said, said


with gr.Blocks() as demo:
    state, shown = gr.State([]), gr.Chatbot()
    demo.load(history, None, [state, shown], api_name="history")

demo.launch(quiet=True)
