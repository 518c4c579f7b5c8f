"""What several runs reach on the same test images, and whether one is better by more than chance."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from app import charts_compare, navigation, resources, state
from app.components.run_name import plain
from fmnist_core.analysis.compare import Entry
from fmnist_core.analysis.verdict import judge
from fmnist_core.repeats import seed_accuracies, spread
from fmnist_core.runs import Run


def render_verdicts(entries: Sequence[Entry], runs: Sequence[Run]) -> None:
    """Says of each entry whether it is better or worse than the first, and what of that is chance.

    Of several it says no more at first, so that their curves are not far below.

    Args:
        entries: Those that left answers to the same test images.
        runs: Among which repeats over seeds are looked for.
    """
    first, *others = entries
    y_true = resources.dataset_of(first.run.source).y_test
    for other in others:
        answers = tuple(resources.test_probabilities(entry.run.id) for entry in (first, other))
        found = judge(first, other, runs, y_true, answers)
        title = f"**{plain(other.name)} against {plain(first.name)}:** {found.headline}"
        with st.expander(title, icon=":material/balance:", expanded=len(others) == 1):
            st.markdown(f"{plain(found.on_images)} {plain(found.over_seeds)}")
            repeated = next((entry.run for entry in (other, first) if not entry.run.is_shipped), None)
            if found.lacks_seeds and repeated:
                st.page_link(
                    navigation.page("Runs"),
                    label="Repeat over seeds",
                    icon=":material/casino:",
                    query_params={state.RUNS: repeated.id},
                    help="Trains the same configuration with other seeds, so that chance can be told from "
                    "skill.",
                )


def render_compared_figures(entries: Sequence[Entry], runs: Sequence[Run]) -> None:
    """Shows accuracies with their intervals and those of other seeds, then every metric in a table.

    Args:
        entries: Those that left answers to the same test images.
        runs: Among which repeats over seeds are looked for.
    """
    metrics = {entry.name: resources.evaluation(entry.run.id) for entry in entries}
    intervals = {entry.name: resources.intervals(entry.run.id) for entry in entries}
    seeds = {entry.name: seed_accuracies(runs, entry.run) for entry in entries}
    st.altair_chart(
        charts_compare.accuracies(
            {name: (metrics[name].accuracy, *intervals[name].accuracy) for name in metrics},
            {name: found for name, found in seeds.items() if len(found) > 1},
        ),
        width="stretch",
        key="compared_accuracies",
        alt="Test accuracies with their intervals",
    )
    st.caption(
        "The bar is the 95% interval over the choice of test images (bootstrap, 1,000 resamples); the ticks "
        "are the same configuration with other seeds, where there are any."
    )
    table = {}
    for entry in entries:
        found, bounds, name = metrics[entry.name], intervals[entry.name], entry.name
        table[name] = {
            "Accuracy": _percent(found.accuracy, bounds.accuracy),
            "Accuracy over seeds": _spread(seeds[name]),
            "Top-2 accuracy": _percent(found.top_2_accuracy, bounds.top_2_accuracy),
            "Loss": f"{found.loss:.3f} ({bounds.loss.low:.3f} to {bounds.loss.high:.3f})",
            "Precision (macro)": _percent(found.macro.precision, bounds.macro.precision),
            "Recall (macro)": _percent(found.macro.recall, bounds.macro.recall),
            "F1 (macro)": _percent(found.macro.f1, bounds.macro.f1),
            "Parameters": f"{entry.run.result['parameters']:,}",
            "Seconds of training": f"{entry.run.result['seconds']:,.1f}",
            "Epochs": f"{entry.run.result['epochs']}",
        }
    st.dataframe(
        pd.DataFrame(table), height="content", key="compared_figures", alt="Every metric of every run"
    )


def _percent(value: float, bounds: tuple[float, float]) -> str:
    return f"{value:.2%} ({100 * bounds[0]:.1f} to {100 * bounds[1]:.1f})"


def _spread(accuracies: Sequence[float]) -> str:
    if len(accuracies) < 2:
        return "–"
    found = spread(accuracies)
    return f"{found.mean:.2%} ± {100 * found.deviation:.2f} (n = {found.count})"
