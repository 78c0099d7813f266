# page.py: a button that counts among ELEMENTS elements.
# SPDX-License-Identifier: Apache-2.0

import os

from nicegui import ui

elements = int(os.environ.get("ELEMENTS", "1"))


@ui.page("/")
def page():
    count = 0

    def click():
        nonlocal count
        count += 1
        shown.set_text(f"count {count}")

    ui.button("Count", on_click=click)
    for i in range(max(elements - 2, 0)):
        match i % 4:
            case 0: ui.markdown(f"Paragraph {i} with **bold** text and a [link](https://example.org).")
            case 1: ui.input(f"Field {i}", value=f"value {i}")
            case 2: ui.checkbox(f"Check {i}")
            case 3: ui.number(f"Metric {i}", value=i)
    shown = ui.label("count 0")


ui.run(host="127.0.0.1", port=int(os.environ["BENCH_PORT"]), reload=False, show=False)
