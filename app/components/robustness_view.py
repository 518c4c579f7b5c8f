"""How accuracy suffers when the test images are changed, and those very images with a network's answers."""

from dataclasses import replace

import numpy as np
import streamlit as st

from app import charts_robustness, pictures, resources, state
from app.components.answers import render_answers
from app.components.errors_told import errors_told
from app.components.gallery import Tile, render_gallery
from app.components.job_view import render_job
from app.components.options import render_options
from app.components.run_name import plain
from app.components.run_picker import run_label
from fmnist_core.analysis import robustness
from fmnist_core.analysis.compare import told_apart
from fmnist_core.analysis.robustness import KINDS, Kind
from fmnist_core.data.dataset import CLASS_NAMES, Dataset
from fmnist_core.data.variants import Change
from fmnist_core.jobs import Job
from fmnist_core.runs import Run

SHOWN = 24
CHART_WIDTH = 222
COLOURS = (":violet-badge[{}]", ":orange-badge[{}]")
"""As the charts colour the first network and the second."""


def render_robustness_view(data: Dataset, run: Run) -> None:
    """Shows what each kind of change costs a run, beside another run if one is chosen, and the images.

    Args:
        data: The data set of the run.
        run: The run.
    """
    others = {
        other.id: other
        for other in resources.measured_runs()
        if other.id != run.id and other.fingerprint == run.fingerprint
    }
    labels = told_apart({run_id: run_label(other) for run_id, other in others.items()})
    beside = st.selectbox(
        "Compare with",
        list(others),
        index=None,
        format_func=labels.__getitem__,
        placeholder="Another run …",
        key=state.BESIDE,
        width=420,
        bind="query-params",
        help="Shows a second network's curves in the same charts.",
    )
    found = {one.id: _measured(one) for one in (run, *([others[beside]] if beside else []))}
    measured = {run_id: result for run_id, result in found.items() if result is not None}
    if not measured:
        return
    names = told_apart({run_id: others.get(run_id, run).name for run_id in measured})
    _render_curves(data, {names[run_id]: result["accuracies"] for run_id, result in measured.items()})
    if run.id in measured:
        _render_images(data, measured[run.id]["answers"])


def _measured(run: Run) -> dict[str, np.ndarray] | None:
    job = Job("fmnist_core.analysis.robustness:measure", robustness.parameters(run), run.id)
    return render_job(
        job,
        f"Change the images and ask {plain(run.name)}",
        f"**How much does {plain(run.name)} depend on garments that stand upright, in the middle, on "
        f"black?** It is asked about the first {robustness.IMAGES:,} test images, changed in {len(KINDS)} "
        "ways at several strengths: half a minute for a small network, a few minutes for a large one.",
        "Works it out in the background: you can look elsewhere meanwhile. It is kept afterwards.",
    )


def _render_curves(data: Dataset, accuracies: dict[str, np.ndarray]) -> None:
    count = min(robustness.IMAGES, len(data.y_test))
    labels = " ".join(colour.format(plain(name)) for colour, name in zip(COLOURS, accuracies, strict=False))
    st.markdown(
        f"{labels} Accuracy on the first **{count:,}** test images against the strength of each change; "
        "dashed is what it is where nothing is changed."
    )
    unchanged = {name: _unchanged(found) for name, found in accuracies.items()}
    with st.container(horizontal=True, key="robustness_curves"):
        for row, kind in enumerate(KINDS):
            with st.container(width=CHART_WIDTH, gap="small"):
                unit = f" ({kind.unit.strip()})" if kind.unit else ""
                st.markdown(f"**{kind.name}**{unit}", help=kind.words)
                st.altair_chart(
                    charts_robustness.accuracy_by_strength(
                        kind, {name: found[row] for name, found in accuracies.items()}, unchanged
                    ),
                    width="stretch",
                    key=f"robustness_{kind.name}",
                    alt=f"Accuracy by strength: {kind.name}",
                )


def _unchanged(accuracies: np.ndarray) -> float:
    """Accuracy where nothing is changed; every kind has it among its strengths."""
    return float(accuracies[0, _plain(KINDS[0])])


def _plain(kind: Kind) -> int:
    """The number of the strength at which nothing is changed."""
    return next(number for number, strength in enumerate(kind.strengths) if kind.change(strength) == Change())


@st.fragment
@errors_told()
def _render_images(data: Dataset, answers: np.ndarray) -> None:
    """One image at each strength of a kind; a click on one shows others changed as much."""
    names = [kind.name for kind in KINDS]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = render_options(
            "Change",
            names,
            default=names[1],
            key=state.KIND,
            on_change=lambda: st.query_params.pop(state.STRENGTH, None),
            help="Which change to look at.",
        )
        st.button(
            "Show others",
            icon=":material/casino:",
            key="other_changed",
            on_click=state.draw_other_sample,
            help="Draws other test images at random.",
        )
    row = names.index(chosen)
    kind, count = KINDS[row], answers.shape[2]
    rng = np.random.default_rng(state.sample_seed())
    positions = rng.choice(count, min(SHOWN, count), replace=False)
    number = state.strength(len(kind.strengths), len(kind.strengths) // 2)
    st.caption(f"{kind.words} Click a strength.")
    _render_strengths(data, kind, answers[row], int(positions[0]), number)
    strength, probabilities = kind.strengths[number], answers[row, number].astype(np.float32)
    right = np.count_nonzero(probabilities[positions].argmax(axis=1) == data.y_test[positions])
    st.markdown(f"**{kind.name} {kind.label(strength)}**: {right} of these {len(positions)} are right.")
    images = data.x_test.copy()
    images[:count] = pictures.changed_images(data.source, kind, strength)
    is_changed = kind.change(strength) != Change()
    render_answers(
        replace(data, x_test=images),
        probabilities,
        positions,
        key=f"changed_{row}_{number}",
        changed=f"Changed here: {kind.name} {kind.label(strength)}." if is_changed else "",
    )


def _render_strengths(data: Dataset, kind: Kind, answers: np.ndarray, position: int, chosen: int) -> None:
    label = int(data.y_test[position])
    found = robustness.accuracies(answers, data.y_test[: answers.shape[1]])
    images = [pictures.changed_images(data.source, kind, strength)[position] for strength in kind.strengths]
    tiles = []
    for strength, accuracy, answer in zip(kind.strengths, found, answers[:, position], strict=True):
        named = CLASS_NAMES[answer.argmax()]
        tiles.append(
            Tile(
                kind.label(strength),
                f"{accuracy:.1%} right",
                hint=f"{kind.name} {kind.label(strength)}: {accuracy:.1%} right; this one is named {named}",
                wrong=int(answer.argmax()) != label,
            )
        )
    render_gallery(
        np.stack(images),
        tiles,
        key=f"strengths_{kind.name}",
        size=96,
        selected=chosen,
        on_click=state.choose_strength,
    )
