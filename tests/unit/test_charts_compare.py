"""Curves of several runs in one chart: what reaches the browser."""

import pandas as pd

from app import charts_compare, written_charts
from fmnist_core.analysis.compare import MOST


def curves(offset: float) -> pd.DataFrame:
    rows = [
        {"curve": curve, "epoch": epoch, "step": 10 * epoch, "seconds": 2.0 * epoch, "accuracy": value}
        for curve, value in (("training", offset), ("validation", offset + 0.1))
        for epoch in (1, 2)
    ]
    frame = pd.DataFrame(rows).assign(loss=1.0)
    for name in ("loss", "accuracy"):
        frame[f"{name}_low"], frame[f"{name}_high"] = frame[name] - 0.01, frame[name] + 0.01
    return frame


def test_each_run_has_its_points_and_only_they_are_new_with_another_report():
    measured = {"one": curves(0.5), "other": curves(0.6)}
    chart = written_charts.compared_curves(measured, "accuracy", "Time", ["validation"])
    rows = pd.DataFrame(chart.pop("datasets")["compared"])
    assert rows[["run", "x"]].to_numpy().tolist() == [["one", 2], ["one", 4], ["other", 2], ["other", 4]]
    assert rows["value"].round(2).tolist() == [0.6, 0.6, 0.7, 0.7]
    assert ((rows["low"] < rows["value"]) & (rows["value"] < rows["high"])).all()

    later = written_charts.compared_curves(
        {name: rows.iloc[:3] for name, rows in measured.items()}, "accuracy", "Time", ["validation"]
    )
    assert len(later.pop("datasets")["compared"]) == 2
    assert later == chart


def test_the_marks_of_a_long_curve_do_not_hide_its_line():
    rows = pd.concat([curves(0.5)] * 50, ignore_index=True)
    drawn = charts_compare.points({"one": rows}, "loss", "Epoch", ["validation"])
    assert 10 < sum(point["marked"] for point in drawn) <= charts_compare.MARKED + 1
    assert all(
        point["marked"]
        for point in charts_compare.points({"one": curves(0.5)}, "loss", "Epoch", ["validation"])
    )


def test_runs_are_told_apart_without_their_colours():
    chart = written_charts.compared_curves(
        {name: curves(0.5) for name in "abcdef"}, "loss", "Epoch", ["validation"]
    )
    marks = chart["layer"][2]["encoding"]["shape"]["scale"]
    assert marks["domain"] == list("abcdef")
    assert len(set(marks["range"])) == MOST
