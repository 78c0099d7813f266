# echo.py: says back what is entered.
# SPDX-License-Identifier: Apache-2.0

import streamlit as st

said = st.text_input("Say")
if said:
    st.text(f"echo {said}")
