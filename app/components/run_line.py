"""How a run was made, in one line."""

import streamlit as st

from app import navigation, resources, state
from app.components.run_name import plain
from app.components.words import counted
from fmnist_core.runs import Run


def render_run_line(run: Run) -> None:
    """Shows data set, recipe, network, epochs and main settings of a run that left a model, and leads to
    its curves and to what it can be taken home as."""
    training, recipes = run.config.training, resources.recipes()
    parts = [
        "Fashion-MNIST"
        if run.is_real
        else ":material/brush: trained and tested on the drawn wardrobe, not on Fashion-MNIST",
        f"recipe {plain(recipes[run.recipe].title)}" if run.recipe in recipes else "own configuration",
        f"{run.config.model.kind} network, {run.result['parameters']:,} parameters",
        f"{run.result['epochs']} of {training.epochs} epochs",
        f"{training.optimizer}, learning rate {training.learning_rate:g}, batches of {training.batch_size}",
    ]
    if run.is_imported:
        unchecked = ", **its figures as told there**: bring it in again where its images are"
        came = "imported from another studio" + (unchecked if run.is_unchecked else "")
        parts.insert(0, f":material/move_to_inbox: {came}")
    if left_out := len(run.config.data.leave_out):
        parts.insert(-3, f"**{counted(left_out, 'training image')} left out**")
    line, links = st.columns([5, 2], vertical_alignment="center")
    line.caption(" · ".join(parts))
    with links.container(horizontal=True, horizontal_alignment="right"):
        st.page_link(
            navigation.page("Train"),
            label="Its curves",
            icon=":material/show_chart:",
            query_params={state.RUN: run.id},
            help="Shows how this run learned.",
        )
        st.page_link(
            navigation.page("Runs"),
            label="Take it home",
            icon=":material/home:",
            query_params={state.RUNS: run.id},
            help="As a notebook, a report, a script, a model, its figures, or everything.",
        )
