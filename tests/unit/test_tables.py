"""Tables to download: what they hold is what was measured."""

import io

import numpy as np
import pandas as pd
import pytest

from fmnist_core.analysis.curves import class_curves
from fmnist_core.analysis.evaluation import evaluate, image_losses
from fmnist_core.analysis.tables import answers_csv, areas_csv, classes_csv, confusion_csv
from fmnist_core.data.dataset import CLASS_NAMES

CHANCE = np.random.default_rng(3)
Y_TRUE = CHANCE.integers(0, 10, 200, np.uint8)
PROBABILITIES = CHANCE.dirichlet(np.full(10, 0.4), 200).astype(np.float32)


def read(text: str, index: str | None = None) -> pd.DataFrame:
    return pd.read_csv(io.StringIO(text), index_col=index)


def test_the_classes():
    measured = evaluate(Y_TRUE, PROBABILITIES)
    table = read(classes_csv(measured), "class")
    assert table.index.tolist() == list(CLASS_NAMES)
    for name in ("precision", "recall", "f1", "support"):
        assert table[name].tolist() == getattr(measured, name).tolist()


def test_the_confusion_matrix_has_true_classes_in_rows():
    matrix = evaluate(Y_TRUE, PROBABILITIES).confusion_matrix
    table = read(confusion_csv(matrix), "true \\ predicted")
    assert table.index.tolist() == table.columns.tolist() == list(CLASS_NAMES)
    np.testing.assert_array_equal(table, matrix)


def test_the_areas():
    curves = class_curves(Y_TRUE, PROBABILITIES)
    table = read(areas_csv(curves))
    assert table["class"].tolist() == list(CLASS_NAMES)
    assert table["average_precision"].tolist() == [curve.average_precision for curve in curves]
    assert table["auc"].tolist() == [curve.auc for curve in curves]


def test_the_answers_come_back_as_they_were_given():
    table = read(answers_csv(Y_TRUE, PROBABILITIES))
    assert table.columns.tolist() == ["position", "true", "answer", *CLASS_NAMES, "loss"]
    assert table["position"].tolist() == list(range(200))
    assert table["true"].tolist() == [CLASS_NAMES[label] for label in Y_TRUE]
    assert table["answer"].tolist() == [CLASS_NAMES[label] for label in PROBABILITIES.argmax(axis=1)]
    np.testing.assert_allclose(table[list(CLASS_NAMES)], PROBABILITIES, rtol=1e-6)
    np.testing.assert_allclose(table["loss"], image_losses(Y_TRUE, PROBABILITIES), rtol=1e-6)


def test_no_image_is_an_empty_table():
    assert len(read(answers_csv(Y_TRUE[:0], PROBABILITIES[:0]))) == 0


def test_a_row_by_hand():
    probabilities = np.array([[0.5, 0.25, 0.25, 0, 0, 0, 0, 0, 0, 0]])
    row = answers_csv(np.array([1]), probabilities).splitlines()[1]
    assert row == "0,Trouser,T-shirt/top,0.5,0.25,0.25,0,0,0,0,0,0,0,1.386294"
    assert float(row.split(",")[-1]) == pytest.approx(2 * np.log(2))
