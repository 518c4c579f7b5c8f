"""The page Compare: what an address shows, how it changes, and what it says when it cannot compare."""

import re

import pytest
from runs_made import another, finish
from streamlit.testing.v1 import AppTest

from app.components.words import MORE_LOSS
from fmnist_core.config import RunConfig
from fmnist_core.repeats import repeat, repeats_of
from fmnist_core.runs import Run, RunStore
from fmnist_core.settings import Settings

LOOKS = ["Curves", "Settings", "Figures", "Images", "Matrices"]


@pytest.fixture
def two(finished_run: tuple[Settings, Run]) -> tuple[Settings, Run, Run]:
    """A home with a trained run, and another that gets 100 more of the 2,000 test images wrong."""
    settings, run = finished_run
    other = another(RunStore(settings), run, "Worse *one*", wrong=100, **{"training.learning_rate": 0.01})
    return settings, run, other


def sentences(app: AppTest) -> list[str]:
    """What stands on the page, as people read it."""
    assert not app.exception
    texts = [text.value for text in (*app.markdown, *app.info, *app.warning, *app.caption, *app.subheader)]
    return [text.replace("\\", "") for text in (*texts, *(each.label for each in app.expander))]


def test_an_empty_comparison_says_what_to_do(empty_home: Settings, open_page):
    app = open_page(empty_home, "compare")
    assert any("Choose two to six above" in text for text in sentences(app))


@pytest.mark.parametrize("look", LOOKS)
def test_every_look_is_shown_from_its_address(two: tuple[Settings, Run, Run], open_page, look: str):
    settings, run, other = two
    app = open_page(settings, "compare", runs=f"{run.id},{other.id}", view=look)
    assert not app.error
    assert any("Worse *one* against A tiny one" in text for text in sentences(app))
    assert app.segmented_control(key="view").value == look


def test_the_difference_is_weighed(two: tuple[Settings, Run, Run], open_page):
    settings, run, other = two
    app = open_page(settings, "compare", runs=f"{run.id},{other.id}")
    (verdict,) = [text for text in sentences(app) if "McNemar" in text]
    assert "A tiny one is 5.00 points more accurate than Worse" in verdict
    assert "it alone is right on 100 test images, the other alone on 0" in verdict
    assert "repeat one of them over seeds" in verdict
    assert [metric.delta for metric in app.metric] == ["", "-5.00 points"]
    repeats = next(link for link in app.get("page_link") if link.proto.label == "Repeat over seeds")
    assert repeats.proto.query_string == f"runs={other.id}"


def test_of_several_only_the_verdicts_are_open_at_first(finished_run: tuple[Settings, Run], open_page):
    settings, run = finished_run
    ids = [run.id] + [another(RunStore(settings), run, f"No. {seed}", seed=seed).id for seed in (1, 2)]
    for count, is_open in ((2, True), (3, False)):
        app = open_page(settings, "compare", runs=",".join(ids[:count]))
        verdicts = [each for each in app.expander if " against " in each.label]
        assert [verdict.proto.expanded for verdict in verdicts] == [is_open] * (count - 1)


def test_no_arrow_goes_up_where_nothing_differs(finished_run: tuple[Settings, Run], open_page):
    settings, run = finished_run
    same = another(RunStore(settings), run, "As good", seed=1)
    app = open_page(settings, "compare", runs=f"{run.id},{same.id}")
    assert not app.exception
    assert [metric.delta for metric in app.metric] == ["", ""]


def test_what_one_fixes_and_breaks_is_counted(two: tuple[Settings, Run, Run], open_page):
    settings, run, other = two
    app = open_page(settings, "compare", runs=f"{run.id},{other.id}", view="Images")
    assert {"Fixed: 0", "Broken: 100"} <= set(sentences(app))
    app = open_page(settings, "compare", runs=f"{other.id},{run.id}", view="Images")
    assert {"Fixed: 100", "Broken: 0"} <= set(sentences(app))


def test_only_settings_that_differ_are_shown_at_first(two: tuple[Settings, Run, Run], open_page):
    settings, run, other = two
    app = open_page(settings, "compare", runs=f"{run.id},{other.id}", view="Settings")
    assert list(app.dataframe[0].value.index) == ["Learning rate"]
    app.toggle(key="all_settings").set_value(True).run()
    assert len(app.dataframe[0].value) > 20


def test_runs_that_are_called_the_same_are_told_apart(two: tuple[Settings, Run, Run], open_page):
    settings, run, _ = two
    twin = another(RunStore(settings), run, run.name)
    app = open_page(settings, "compare", runs=f"{run.id},{twin.id}")
    options = app.multiselect(key="compared_runs").options
    assert len(set(options)) == len(options)
    chosen = [twin.id, run.id, "studio-sketch"]
    app.multiselect(key="compared_runs").set_value(chosen).run()
    assert app.query_params["runs"] in (",".join(chosen), [",".join(chosen)])
    app = open_page(settings, "evaluate", run=run.id)
    app.selectbox(key="picked_run").set_value(twin.id).run()
    assert not app.exception
    assert app.query_params["run"] in (twin.id, [twin.id])


def test_a_look_that_another_choice_has_not_got_gives_way(two: tuple[Settings, Run, Run], open_page):
    settings, run, other = two
    app = open_page(settings, "compare", runs=f"{run.id},{other.id}")
    app.segmented_control(key="view").set_value("Images").run()
    app.multiselect(key="compared_runs").set_value([run.id, other.id, "studio-photo"]).run()
    assert sentences(app)
    assert app.segmented_control(key="view").value == "Curves"


def test_the_choice_goes_into_the_address(two: tuple[Settings, Run, Run], open_page):
    settings, run, other = two
    app = open_page(settings, "compare", runs=run.id)
    app.multiselect(key="compared_runs").set_value([run.id, other.id]).run()
    assert app.query_params["runs"] in (f"{run.id},{other.id}", [f"{run.id},{other.id}"])
    assert any("McNemar" in text for text in sentences(app))
    app.multiselect(key="compared_runs").set_value([]).run()
    assert "runs" not in app.query_params
    assert any("Choose two to six above" in text for text in sentences(app))


@pytest.mark.parametrize(
    ("address", "finding"),
    [
        ("nobody,{0},{1}", "There is no run 'nobody'"),
        ("{0},{1},{0},,", "McNemar"),
        ("{0}", "Choose two to six above"),
        ("{0},{0}", "Choose two to six above"),
        ("<b>,nobody-seeds", "'nobody-seeds'"),
        (",,,", "Choose two to six above"),
    ],
)
def test_a_hostile_address_is_read_as_far_as_it_goes(
    two: tuple[Settings, Run, Run], open_page, address: str, finding: str
):
    settings, run, other = two
    app = open_page(
        settings, "compare", runs=address.format(run.id, other.id), view="Nonsense", by="light", curves="?"
    )
    assert any(finding in text for text in sentences(app))


def test_of_ten_the_first_six_are_compared(two: tuple[Settings, Run, Run], open_page):
    settings, run, other = two
    store = RunStore(settings)
    ids = [run.id, other.id, *(another(store, run, f"C{seed}", seed=seed).id for seed in range(1, 9))]
    app = open_page(settings, "compare", runs=",".join(ids), view="Images", against="nobody")
    assert any("10 runs were asked for: the first 6" in text for text in sentences(app))
    assert len(app.multiselect(key="compared_runs").value) == 6
    app.selectbox(key="against").set_value(ids[3]).run()
    assert any("C2 gets right what A tiny one gets wrong" in text for text in sentences(app))


def test_a_deleted_run_is_said_to_be_in_the_bin(two: tuple[Settings, Run, Run], open_page):
    settings, run, other = two
    RunStore(settings).delete(other.id)
    app = open_page(settings, "compare", runs=f"{run.id},{other.id}")
    assert any("is in the bin" in text for text in sentences(app))


def test_runs_of_different_data_sets_are_compared_in_curves_and_settings_only(
    two: tuple[Settings, Run, Run], open_page
):
    settings, run, _ = two
    app = open_page(settings, "compare", runs=f"{run.id},studio-photo", view="Matrices")
    assert any("different test images" in text for text in sentences(app))
    assert app.segmented_control(key="view").options == ["Curves", "Settings"]


def test_what_changed_most_is_a_button_away(two: tuple[Settings, Run, Run], open_page):
    settings, run, other = two
    app = open_page(settings, "compare", runs=f"{run.id},{other.id}", view="Matrices")
    cells = [button for button in app.button if button.key and re.fullmatch(r"changed_\d_\d", button.key)]
    headings = [element.value for element in app.subheader]
    words = [button.label.partition(" :gray[")[0] for button in cells]
    assert words[0] in headings, "the first one is shown"
    assert words[1] not in headings
    cells[1].click().run()
    assert not app.exception
    assert words[1] in [element.value for element in app.subheader]


def test_answers_that_are_damaged_leave_the_curves(two: tuple[Settings, Run, Run], open_page):
    settings, run, other = two
    (RunStore(settings).folder(other.id) / "predictions.npz").write_bytes(b"?")
    app = open_page(settings, "compare", runs=f"{run.id},{other.id}")
    assert any("missing or damaged" in text for text in sentences(app))
    assert app.segmented_control(key="view").options == ["Curves", "Settings"]


def test_a_run_that_still_learns_is_compared_as_soon_as_it_has_ended(
    two: tuple[Settings, Run, Run], open_page
):
    settings, run, _ = two
    store = RunStore(settings)
    late = store.create(
        run.config.with_values({"training.epochs": 3}),
        source=run.source,
        fingerprint=run.fingerprint,
        name="Late",
    )
    app = open_page(settings, "compare", runs=f"{run.id},{late.id}")
    assert any("Late: none yet" in text for text in sentences(app))
    finish(store, late, run, wrong=10)
    app.run()
    assert any("Late against A tiny one" in text for text in sentences(app))


def test_two_runs_that_wait_have_no_curve_yet(empty_home: Settings, open_page):
    store = RunStore(empty_home)
    ids = [store.create(RunConfig(), source="wardrobe", fingerprint="f").id for _ in range(2)]
    app = open_page(empty_home, "compare", runs=",".join(ids))
    assert any("No curve yet" in text for text in sentences(app))


@pytest.mark.parametrize("look", LOOKS)
def test_repeats_are_one_of_the_two(two: tuple[Settings, Run, Run], open_page, look: str):
    settings, run, other = two
    store = RunStore(settings)
    for number, repeated in enumerate(repeat(store, run, 3)[1:], 1):
        finish(store, repeated, run, wrong=20 * number)
    app = open_page(settings, "compare", runs=f"{repeats_of(run)},{other.id}", view=look)
    (verdict,) = [text for text in sentences(app) if "McNemar" in text]
    assert "3 and 1 seeds" in verdict
    assert app.metric[0].label == "Test accuracy, 3 seeds"
    assert app.metric[0].value.endswith("± 1.00")


def curves_of_runs_that_are_removed(names: list[str]) -> None:
    import time

    import streamlit as st

    from app import resources
    from app.components.compared_curves import render_compared_curves
    from fmnist_core.analysis.compare import find_entries

    entries, problems = find_entries(resources.store(), names)
    if problems:
        st.warning(problems[0])
    else:
        resources.store().delete(names[0])
        resources.store().empty_bin(time.time())
        render_compared_curves(entries)


def test_curves_of_a_run_that_another_tab_has_removed_are_asked_for_anew(
    two: tuple[Settings, Run, Run], open_page
):
    settings, run, other = two
    late = RunStore(settings).create(RunConfig(), source=run.source, fingerprint=run.fingerprint)
    open_page(settings, "compare")  # sets the environment
    names = [other.id, late.id]
    app = AppTest.from_function(curves_of_runs_that_are_removed, args=(names,), default_timeout=60).run()
    assert f"There is no run '{other.id}' (any more)." in sentences(app)


def test_what_makes_curves_not_alike_is_said(two: tuple[Settings, Run, Run], open_page):
    settings, run, other = two

    def said(*runs: Run) -> list[bool]:
        app = open_page(settings, "compare", runs=",".join(run.id for run in runs))
        return [
            any(words in text for text in sentences(app)) for words in (MORE_LOSS, "those curves are of both")
        ]

    assert said(run, other) == [False, False]
    store = RunStore(settings)
    assert said(run, another(store, run, "Held", **{"model.l2": 0.001})) == [True, False]
    assert said(run, another(store, run, "Drawn", **{"data.sketches": 100})) == [False, True]


def test_names_are_shown_as_they_were_typed(two: tuple[Settings, Run, Run], open_page):
    settings, run, other = two
    third = another(RunStore(settings), run, "Third", seed=1)
    app = open_page(settings, "compare", runs=f"{other.id},{run.id},{third.id}", view="Images")
    assert app.selectbox(key="against").label == r"Worse \*one\* against"


def test_another_pair_begins_on_the_first_page_of_its_images(two: tuple[Settings, Run, Run], open_page):
    settings, run, other = two
    third = another(RunStore(settings), run, "Third", wrong=300, seed=1)
    app = open_page(settings, "compare", runs=f"{run.id},{other.id},{third.id}", view="Images")
    app.pagination[0].set_value(3).run()
    assert app.pagination[0].value == 3
    app.selectbox(key="against").set_value(third.id).run()
    assert app.pagination[0].value == 1
    assert not app.exception
