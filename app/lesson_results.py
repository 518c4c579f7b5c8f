"""What came of the lessons' runs, kept while pages ask for it."""

from collections.abc import Sequence
from functools import partial

import numpy as np
import streamlit as st

from app import resources
from fmnist_core.lessons import LESSONS
from fmnist_core.lessons.data import unseen_drawings
from fmnist_core.lessons.lesson import Finding, read_outcome


@st.cache_resource(show_spinner="Working out what came of it …", max_entries=resources.KEPT_PICTURES)
def finding(lesson_name: str, run_ids: Sequence[str]) -> Finding:
    """What the finished runs of a lesson show, in the order of its experiments.

    Raises:
        RunError: when one of them left no results, or no network.
        DataError: when their data set is not there (any more).
    """
    lesson, runs = LESSONS[lesson_name], [resources.store().get(run_id) for run_id in run_ids]
    return lesson.check(
        {
            label: read_outcome(
                resources.store(), run, resources.data_of_run(run), partial(resources.probabilities, run.id)
            )
            for label, run in zip(lesson.experiments, runs, strict=True)
        }
    )


@st.cache_resource(show_spinner=False, max_entries=resources.KEPT_MODELS)
def drawing_answers(run_id: str) -> np.ndarray:
    """What a run's network answers to the drawings that lessons test with, float32 `(n, 10)`.

    Raises:
        RunError: when the run left no network.
    """
    return resources.probabilities(run_id, unseen_drawings()[0])
