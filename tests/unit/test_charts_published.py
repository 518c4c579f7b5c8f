"""What was published beside what was measured: what reaches the browser."""

import pytest

from app import written_charts
from app.charts_published import CLAIM, MEAN, RUN
from fmnist_core.analysis.published import SCALE, measurements
from fmnist_core.recipes import RECIPES
from fmnist_core.runs import RunState, RunStore
from fmnist_core.settings import Settings


def test_every_claim_and_every_run_is_a_point(settings: Settings):
    store = RunStore(settings)
    for seed, accuracy in enumerate((0.86, 0.88)):
        config = RECIPES["dense-100"].config.with_values({"training.seed": seed})
        run = store.create(config, source="fashion-mnist", fingerprint="f1")
        store.end(
            run.id, store.claim(run.id), RunState.FINISHED, {"test": {"accuracy": accuracy}, "seconds": 1}
        )
    data = written_charts.published(measurements(store))["datasets"]
    kinds = [point["what"] for point in data["points"]]
    assert kinds.count(CLAIM) == sum(recipe.claimed_accuracy is not None for recipe in RECIPES.values())
    assert (kinds.count(RUN), kinds.count(MEAN)) == (2, 1)
    # 0.86 and 0.88 deviate by 0.01 * sqrt(2) from their mean, with n - 1.
    (bar,) = data["spreads"]
    assert (bar["low"], bar["high"]) == pytest.approx((0.8558578644, 0.8841421356))
    # What it is seen against is there as well: people and the leaderboard.
    (others,) = (rows for name, rows in data.items() if name not in ("points", "spreads"))
    assert [row["accuracy"] for row in others] == [line for line, _ in SCALE]
