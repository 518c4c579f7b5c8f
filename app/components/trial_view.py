"""One trial of a search, the table of all of them, and the best one as a recipe."""

import pandas as pd
import streamlit as st

from app import navigation, resources, state
from app.charts_search import STATES, setting_text
from app.components.errors_told import errors_told, tell
from app.components.run_name import plain, render_badge
from app.components.words import day_and_time
from fmnist_core.config import setting_title
from fmnist_core.own_recipes import LONGEST_TITLE, save_recipe
from fmnist_core.search.searches import Search
from fmnist_core.search.trials import Trial, best_summary


def render_trial(trial: Trial) -> None:
    """Shows a trial's settings, and leads to its run."""
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**Trial {trial.number}**")
            render_badge(trial.run.state)
            if trial.score is not None:
                st.markdown(f"{trial.score:.2%} on the validation images")
            _render_links(trial)
        st.caption(_values(trial))
        if trial.run.error:
            tell(trial.run.error)


def render_best(search: Search, trial: Trial) -> None:
    """Shows the best trial, and keeps it as a recipe where that is wished."""
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**The best is trial {trial.number}**, {trial.score:.2%} on the validation images")
            _render_links(trial)
        st.caption(_values(trial))
        st.caption(
            "It was chosen by the validation images and so does a little better on them than on others; its "
            f"accuracy on the test images, which chose nothing, is "
            f"{trial.run.result['test']['accuracy']:.2%}."
            if trial.run.has_model
            else "It was chosen by the validation images."
        )
        with st.container(horizontal=True, vertical_alignment="bottom"):
            title = st.text_input(
                "Name of the recipe",
                f"Best of {search.name}"[:LONGEST_TITLE],
                max_chars=LONGEST_TITLE,
                key=f"recipe_title_{search.id}",
                help="What the recipe is called on the Train page.",
            )
            if st.button(
                "Save as a recipe",
                type="primary",
                icon=":material/bookmark_add:",
                key="save_recipe",
                help="Keeps its settings as a recipe of your own, for the Train page and the command line.",
            ):
                _save(search, trial, title)


def render_table(trials: list[Trial]) -> None:
    """Lists all trials, the best first; every row leads to its run."""
    rows = [
        {
            "Trial": trial.number,
            "Score": trial.score,
            "State": STATES[trial.run.state],
            "Epochs": len(trial.curve),
        }
        | {setting_title(field): setting_text(value) for field, value in trial.params.items()}
        | {"Curves": f"train?{state.RUN}={trial.run.id}"}
        | {"Mistakes": f"evaluate?{state.RUN}={trial.run.id}" if trial.run.has_model else None}
        for trial in sorted(trials, key=lambda trial: -(trial.score or 0))
    ]
    with st.expander("All trials", icon=":material/table_rows:"):
        st.dataframe(
            pd.DataFrame(rows),
            hide_index=True,
            width="stretch",
            column_config={
                "Score": st.column_config.NumberColumn(format="percent"),
                "Curves": st.column_config.LinkColumn(display_text="Train", help="How it learned."),
                "Mistakes": st.column_config.LinkColumn(display_text="Evaluate", help="Where it errs."),
            },
        )


def search_line(search: Search) -> str:
    """A search in one line: its name, its day and what it was about."""
    day = day_and_time(search.created)
    return f"{search.name} · {search.plan.config.model.kind} · {day}"


def _render_links(trial: Trial) -> None:
    st.page_link(
        navigation.page("Train"),
        label="Its curves",
        icon=":material/show_chart:",
        query_params={state.RUN: trial.run.id},
        help="Shows how this run learned.",
    )
    if trial.run.has_model:
        st.page_link(
            navigation.page("Evaluate"),
            label="Where it errs",
            icon=":material/fact_check:",
            query_params={state.RUN: trial.run.id},
            help="Measures this run on the test images.",
        )


def _values(trial: Trial) -> str:
    return " · ".join(
        f"{setting_title(field)} **{setting_text(value)}**" for field, value in trial.params.items()
    )


@errors_told()
def _save(search: Search, trial: Trial, title: str) -> None:
    recipe = save_recipe(resources.store(), trial.run, title, best_summary(search, trial))
    st.success(f"It is the recipe **{plain(recipe.title)}** now.", icon=":material/bookmark_added:")
    st.page_link(
        navigation.page("Train"),
        label="Train it for longer",
        icon=":material/model_training:",
        query_params={state.RECIPE: recipe.title},
        help="Opens the Train page with this recipe.",
    )
