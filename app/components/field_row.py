"""Fields beside each other, as many as there is room for."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator


def field_row() -> DeltaGenerator:
    """A row for fields: what would get too narrow to be read goes below, where columns would squeeze it."""
    return st.container(horizontal=True, vertical_alignment="bottom")
