# chat.py: the structure of the published Streamlit program: the system message in the history, the model shared without a lock.
# SPDX-License-Identifier: Apache-2.0

import os
import time

import streamlit as st
from llama_cpp import Llama


@st.cache_resource
def load():
    return Llama(os.environ["BENCH_MODEL"], n_ctx=2048, n_threads=int(os.environ["BENCH_THREADS"]), n_threads_batch=int(os.environ["BENCH_THREADS"]), verbose=False)


st.set_page_config("Llama 3.1 Chatbot", "🦙")
st.title("Llama 3.1 Chatbot")
llm = load()
if "messages" not in st.session_state:
    st.session_state.messages = [{"role": "system", "content": "You are a helpful AI assistant powered by Llama 3.1."}]
for message in st.session_state.messages:
    with st.chat_message(message["role"]):
        st.markdown(message["content"])

if prompt := st.chat_input("Ask Llama 3.1 something..."):
    st.session_state.messages.append({"role": "user", "content": prompt})
    with st.chat_message("user"):
        st.markdown(prompt)
    with st.chat_message("assistant"):
        place, answer, began = st.empty(), "", time.time()
        for part in llm.create_chat_completion(st.session_state.messages, stream=True, max_tokens=512, temperature=0.7, top_p=0.9, top_k=0, min_p=0.0, repeat_penalty=1.0):
            answer += part["choices"][0]["delta"].get("content", "")
            place.markdown(answer + "▌")
        place.markdown(answer)
        print(f"Generated {len(answer)} chars in {time.time() - began:.2f}s", flush=True)
    st.session_state.messages.append({"role": "assistant", "content": answer})
