"""Lessons: ten short experiments, each with a prediction before and a check after."""

import streamlit as st

from app import resources, state
from app.components.lesson_list import render_lesson_list
from app.components.lesson_view import render_lesson
from fmnist_core.lessons import LESSONS

resources.store()
asked = st.query_params.get(state.LESSON, "")
# A link from a page to itself leaves the address as it was: this one is to be kept, sent and gone back to.
st.query_params.from_dict(state.lesson_address(asked))
if asked in LESSONS:
    render_lesson(LESSONS[asked])
else:
    st.title("Lessons", anchor=False)
    st.markdown(
        "Ten short experiments with real networks. **Predict** what will come of each before it runs, "
        "**watch** it, and **see** who was right. Each takes a minute or so."
    )
    if asked:
        st.warning("There is no such lesson. These are the ones there are.", icon=":material/search_off:")
    if not resources.dataset().is_real:
        st.caption(
            ":material/brush: The lessons are about the photographs of Fashion-MNIST. On the drawn "
            "wardrobe they run as well, but some come otherwise."
        )
    render_lesson_list()
