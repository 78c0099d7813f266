# history.py: a conversation of MESSAGES messages of 1,000 characters, which every session holds and shows.
# SPDX-License-Identifier: Apache-2.0

import os

import streamlit as st

if "messages" not in st.session_state:
    st.session_state.messages = [{"role": "assistant" if i % 2 else "user", "content": "".join(f"word {i * 100 + k:04d} " for k in range(100))}
                                 for i in range(int(os.environ.get("MESSAGES", "2")))]
for message in st.session_state.messages:
    with st.chat_message(message["role"]):
        st.markdown(message["content"])
