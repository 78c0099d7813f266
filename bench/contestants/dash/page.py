# page.py: a button that counts among ELEMENTS elements.
# SPDX-License-Identifier: Apache-2.0

import os

from dash import Dash, Input, Output, dcc, html

elements = int(os.environ.get("ELEMENTS", "1"))
app = Dash(__name__)


def element(i):
    match i % 4:
        case 0: return dcc.Markdown(f"Paragraph {i} with **bold** text and a [link](https://example.org).")
        case 1: return dcc.Input(f"value {i}", id=f"field{i}")
        case 2: return dcc.Checklist([f"Check {i}"], id=f"check{i}")
        case 3: return html.Div([html.Small(f"Metric {i}"), html.B(str(i))])


app.layout = html.Div([html.Button("Count", id="button", n_clicks=0), *map(element, range(max(elements - 2, 0))), html.P("count 0", id="shown")])


@app.callback(Output("shown", "children"), Input("button", "n_clicks"))
def count(clicks):
    return f"count {clicks}"


app.run(host="127.0.0.1", port=os.environ["BENCH_PORT"], debug=False)
