"""The entry script: page settings, navigation, status line, and the last place for an error's sentence."""

from pathlib import Path

import streamlit as st

from app import mends, navigation, resources
from app.components.data_banner import render_data_banner
from app.components.errors_told import errors_told
from app.components.status_line import render_status_line

mends.mend()
st.set_page_config("Fashion-MNIST Studio", Path(__file__).with_name("icon.png"), layout="wide")

page = st.navigation(navigation.sections(), expanded=True)
with errors_told():
    render_data_banner()
    page.run()
    # Last: it wakes the engine, which would compete with the page for the processor.
    render_status_line()
    resources.wake_charts()
