"""What was published about each recipe, beside what is measured here."""

import streamlit as st

from app import resources
from app.components.ninety_nine import render_ninety_nine
from app.components.published_view import render_measured, render_run_missing
from fmnist_core.analysis.published import HUMAN_ACCURACY, LEADERBOARD

resources.store()
st.title("Published", anchor=False)
st.markdown(
    "What others have claimed for these networks, and what they do **here**, on the 10,000 test images. "
    f"Most of three people who were asked were right on {HUMAN_ACCURACY:.1%} of the images; the networks "
    f"that have been reported to the data set's authors reach {LEADERBOARD[0]:.1%} to {LEADERBOARD[1]:.1%}."
)
render_measured()
with st.container(border=True, key="measure"):
    render_run_missing()
render_ninety_nine()
st.caption(
    "Sources: the data set, Xiao, Rasul and Vollgraf, *Fashion-MNIST: a Novel Image Dataset "
    "for Benchmarking Machine Learning Algorithms* (2017); people and leaderboard, the table *Benchmark* in "
    "the README of zalandoresearch/fashion-mnist, whose entries were sent in and not checked; a recipe's "
    "own source, where it has one, stands in the table."
)
