# page.py: a button that counts among ELEMENTS elements; RESOURCE loads the model file's checksum, once or at each click.
# SPDX-License-Identifier: Apache-2.0

import functools
import os
import pathlib
import zlib

import gradio as gr

elements, resource = int(os.environ.get("ELEMENTS", "1")), os.environ.get("RESOURCE", "")


def load():
    return zlib.crc32(pathlib.Path(os.environ["BENCH_MODEL"]).read_bytes())


once = functools.cache(load)


def count(n):
    if resource:
        once() if resource == "cached" else load()
    return n + 1, f"count {n + 1}"


with gr.Blocks() as demo:
    state, button = gr.State(0), gr.Button("Count", size="lg")
    for i in range(max(elements - 2, 0)):
        match i % 4:
            case 0: gr.Markdown(f"Paragraph {i} with **bold** text and a [link](https://example.org).")
            case 1: gr.Textbox(f"value {i}", label=f"Field {i}")
            case 2: gr.Checkbox(label=f"Check {i}")
            case 3: gr.Number(i, label=f"Metric {i}")
    shown = gr.Markdown("count 0")
    button.click(count, state, [state, shown], show_progress="hidden", concurrency_limit=None)

demo.launch(quiet=True)
