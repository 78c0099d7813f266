# api.py: functions for those who call them: says back, counts, waits.
# SPDX-License-Identifier: Apache-2.0

import time

import gradio as gr


def count(to):
    for i in range(1, int(to) + 1):
        yield i


def pause(seconds):
    time.sleep(seconds)


with gr.Blocks() as demo:
    text, heard, to, number = gr.Textbox(), gr.Textbox(), gr.Number(10), gr.Number()
    gr.Button("echo").click(lambda said: f"echo {said}", text, heard, concurrency_limit=None, api_name="echo")
    gr.Button("count").click(count, to, number, concurrency_limit=None, api_name="count")
    gr.Button("pause").click(pause, gr.Number(1), None, concurrency_limit=1, api_name="pause")

demo.launch(quiet=True)
