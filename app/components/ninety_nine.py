"""What the claim of 99% is: the training and the test accuracy of one run, side by side."""

import streamlit as st

from app import live, navigation, resources, state, work
from app.components.errors_told import errors_told
from app.components.live_curves import render_curves
from app.components.live_run import followed_run
from app.components.run_name import render_badge
from fmnist_core.analysis import published
from fmnist_core.runs import Run, RunState

LOOK_SECONDS = 1


def render_ninety_nine() -> None:
    """Shows both figures of the network that 99% is claimed for, from its longest run here."""
    st.subheader("What the 99% is", anchor=False)
    text, figures = st.columns([4, 5], gap="large")
    with text:
        st.markdown(
            "Tutorials report 99% for one hidden layer. Train it for long, and its accuracy **on the "
            "images it learns from** climbs towards that. On images it has never seen it does not follow. "
            "No network in the table of the data set's authors is above "
            f"{published.LEADERBOARD[1]:.1%} there."
        )
        st.page_link(
            navigation.page("Lessons"),
            label="Take the lesson",
            icon=":material/school:",
            query_params=state.lesson_address("ninety-nine"),
            help="Why 99% is not 99%: predict it, run it, see it.",
        )
    with figures:
        data = resources.dataset()
        run = published.long_run(resources.store(), data) if data.is_real else None
        if run and not run.state.is_ended():
            st.fragment(_render_run, run_every=LOOK_SECONDS)(run.id, is_live=True)
        elif run:
            _render_run(run.id, is_live=False)
        elif short := published.measurements(resources.store())[0].runs:
            _render_run(short[0].id, is_live=False)
        if not run and data.is_real:
            st.button(
                "Train it for 100 epochs",
                icon=":material/play_arrow:",
                key="train_long",
                on_click=_start,
                help="One run on the engine, about a minute on 2 cores: both curves, side by side.",
            )


def _start() -> None:
    with errors_told():
        work.wake_engine()
        published.start_long_run(resources.store(), resources.dataset())


@errors_told()
def _render_run(run_id: str, is_live: bool) -> None:
    run = followed_run(run_id, is_live)
    if is_live and run.state.is_ended():
        st.rerun()
    epochs = resources.store().metrics(run_id, "epoch")
    _render_figures(run, epochs["accuracy"].iloc[-1] if len(epochs) else None)
    render_curves(
        live.curves(epochs, epochs, run.config.training.epochs, ("accuracy",)), key="ninety_nine_curve"
    )


def _render_figures(run: Run, training: float | None) -> None:
    if not run.state.is_ended():
        render_badge(run.state)
    st.caption(
        f"{run.result.get('epochs', run.config.training.epochs)} epochs of one hidden layer, one and the "
        "same run"
    )
    with st.container(horizontal=True):
        st.metric("On the images it learned from", "–" if training is None else f"{training:.1%}")
        test = f"{run.result['test']['accuracy']:.1%}" if run.state is RunState.FINISHED else "–"
        st.metric("On the test images", test)
