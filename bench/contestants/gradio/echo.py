# echo.py: says back what is entered.
# SPDX-License-Identifier: Apache-2.0

import gradio as gr

with gr.Blocks() as demo:
    said, shown = gr.Textbox(label="Say"), gr.Textbox(label="Answer")
    said.submit(lambda text: f"echo {text}", said, shown, show_progress="hidden", concurrency_limit=None, api_name="echo")

demo.launch(quiet=True)
