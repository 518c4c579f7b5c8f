"""Set up a network, train it, and watch it learn."""

import streamlit as st

from app import resources, state, work
from app.components.config_form import render_config_form
from app.components.errors_told import errors_told
from app.components.kept_button import kept_button
from app.components.live_run import render_axes, render_live_run
from app.components.network_view import render_network
from app.components.run_name import plain
from app.components.run_picker import render_missing_run
from fmnist_core.models.outline import outline
from fmnist_core.runs import Run, RunState

store = resources.store()


def shown_run() -> str | None:
    """The run to watch: the one asked for, else the one that trains, else the newest."""
    runs = {run.id: run for run in store.all_runs()}
    render_missing_run(runs, state.asked_run())
    wished = [run_id for run_id in state.wished_runs() if run_id in runs]
    active = [run.id for run in runs.values() if run.state is RunState.RUNNING]
    own = [run.id for run in runs.values() if not run.is_shipped]
    return next(iter([*wished, *active, *own]), None)


def liked_run() -> Run | None:
    """The run whose configuration fills the form, if the address names one that is there."""
    runs = {run.id: run for run in store.all_runs()}
    asked = st.query_params.get(state.LIKE)
    render_missing_run(runs, asked)
    liked = runs.get(asked)
    if liked:
        st.markdown(f"Starts from the settings of **{plain(liked.name)}**: change any of them.")
    if asked:
        st.button(
            "Start from a recipe instead",
            icon=":material/undo:",
            key="like_none",
            on_click=lambda: st.query_params.pop(state.LIKE, None),
            help="Forgets that run's settings and shows the recipes again.",
        )
    return liked


st.title("Train", anchor=False)
watch, setup = st.columns([4, 3], gap="medium")

with setup, st.container(border=True):
    st.subheader("Set up", anchor=False)
    liked = liked_run()
    recipe, config = render_config_form(liked)
    if st.query_params.get(state.LIKE) and not liked:
        config = None  # Other settings were asked for than those of the recipe.
    if config:
        with st.expander("The network", expanded=True, icon=":material/account_tree:"):
            render_network(outline(config))
    name = st.text_input(
        "Name",
        placeholder="optional",
        max_chars=80,
        key="run_name",
        persist_state="session",
        help="What to call this run.",
    )
    if kept_button(
        "Start training",
        "start_training",
        type="primary",
        icon=":material/play_arrow:",
        width="stretch",
        disabled=config is None,
        help="Trains on the engine: you may leave this page, it goes on.",
    ):
        with errors_told():
            work.start_run(recipe, config, name)
            st.rerun()

with watch:
    if chosen := shown_run():
        # Who watches a run sees how it ends, also when the next one begins meanwhile.
        state.show_run(chosen)
        render_live_run(chosen)
    else:
        with st.container(border=True):
            st.markdown(
                "**Nothing has been trained yet.** Press *Start training*: the first recipe takes about ten "
                "seconds, and its curves are drawn here while it learns."
            )
        render_axes(config.training.epochs if config else 1)
