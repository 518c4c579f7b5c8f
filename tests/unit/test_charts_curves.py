"""Curves of one class against the rest: what reaches the browser."""

import numpy as np
import pytest

from app import charts_curves
from fmnist_core.analysis.curves import class_curves


@pytest.mark.parametrize("kind", charts_curves.AXES)
def test_every_curve_ends_where_it_should_and_the_point_is_on_the_chosen_one(kind: str):
    chance = np.random.default_rng(0)
    y_true = np.arange(500) % 10
    curves = class_curves(y_true, chance.dirichlet(np.ones(10), 500) + 0.2 * np.eye(10)[y_true])
    chart = charts_curves.with_point(
        charts_curves.class_curves(curves, 3, kind).to_dict(),
        charts_curves.threshold_point(curves[3], 0.25),
    )
    (here,) = chart["datasets"].pop("here")
    at = curves[3].at(0.25)
    assert here["threshold"] == 0.25
    assert (here["precision"], here["recall"]) == (curves[3].precision[at], curves[3].recall[at])

    rows = [row for table in chart["datasets"].values() for row in table if "label" in row]
    x, y = charts_curves.AXES[kind]
    for label, curve in enumerate(curves):
        line = sorted((row for row in rows if row["label"] == label), key=lambda row: row["order"])
        assert len(line) <= (200 if label == 3 else charts_curves.FAINT_POINTS)
        for row, end in ((line[0], 0), (line[-1], -1)):
            assert row[x] == pytest.approx(getattr(curve, x)[end], abs=1e-4)
            assert row[y] == pytest.approx(getattr(curve, y)[end], abs=1e-4)
        assert line[0]["area"] == (curve.auc if kind == "ROC" else curve.average_precision)
