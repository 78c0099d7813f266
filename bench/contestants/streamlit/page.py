# page.py: a button that counts among ELEMENTS elements; RESOURCE loads the model file's checksum, with a cache or without.
# SPDX-License-Identifier: Apache-2.0

import os
import pathlib
import zlib

import streamlit as st

elements, resource = int(os.environ.get("ELEMENTS", "1")), os.environ.get("RESOURCE", "")


def load():
    return zlib.crc32(pathlib.Path(os.environ["BENCH_MODEL"]).read_bytes())


if resource:
    st.text(f"resource {st.cache_resource(load)() if resource == 'cached' else load()}")
if "count" not in st.session_state:
    st.session_state.count = 0
if st.button("Count"):
    st.session_state.count += 1
for i in range(max(elements - 2, 0)):
    match i % 4:
        case 0: st.markdown(f"Paragraph {i} with **bold** text and a [link](https://example.org).")
        case 1: st.text_input(f"Field {i}", f"value {i}")
        case 2: st.checkbox(f"Check {i}")
        case 3: st.metric(f"Metric {i}", str(i))
st.text(f"count {st.session_state.count}")
