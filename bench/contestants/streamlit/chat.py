# chat.py: the chat on Streamlit, as its documentation builds one: history in the session, the model in a resource cache.
# SPDX-License-Identifier: Apache-2.0

import os
import threading
import time

import streamlit as st
from llama_cpp import Llama

SYSTEM = "You are a helpful AI assistant powered by Llama 3.1."


@st.cache_resource(show_spinner="Loading Llama 3.1 model...")
def load():
    """The model and the lock that keeps it from two sessions at once."""
    return Llama(os.environ["BENCH_MODEL"], n_ctx=2048, n_threads=int(os.environ["BENCH_THREADS"]), n_threads_batch=int(os.environ["BENCH_THREADS"]), verbose=False), threading.Lock()


def pieces(llm, messages):
    for part in llm.create_chat_completion(messages, stream=True, max_tokens=512, temperature=0.7, top_p=0.9, top_k=0, min_p=0.0, repeat_penalty=1.0):
        yield part["choices"][0]["delta"].get("content", "")


st.set_page_config("Llama 3.1 Chatbot", "🦙")
st.title("Llama 3.1 Chatbot")
st.caption("Every word comes from a model on this machine.")
llm, lock = load()

if "messages" not in st.session_state:
    st.session_state.messages = []
for message in st.session_state.messages:
    with st.chat_message(message["role"]):
        st.markdown(message["content"])

if prompt := st.chat_input("Ask Llama 3.1 something..."):
    if len(prompt) > 2000:
        st.error("Input too long. Please limit to 2000 characters.")
        st.stop()
    st.session_state.messages.append({"role": "user", "content": prompt})
    with st.chat_message("user"):
        st.markdown(prompt)
    with st.chat_message("assistant"):
        began = time.perf_counter()
        try:
            with lock:
                answer = st.write_stream(pieces(llm, [{"role": "system", "content": SYSTEM}, *st.session_state.messages]))
            st.session_state.messages.append({"role": "assistant", "content": answer})
            print(f"Generated {len(answer)} chars in {time.perf_counter() - began:.2f}s", flush=True)
        except (RuntimeError, ValueError) as error:
            st.error(f"Model inference error: {error}")
