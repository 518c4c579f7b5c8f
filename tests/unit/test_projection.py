"""Maps: held to scikit-learn, to places that are known, and to groups that must stay apart."""

import numpy as np
from sklearn.decomposition import PCA

from fmnist_core.analysis.projection import make_map, place_between, principal_axes, tsne
from fmnist_core.analysis.vectors import unit_rows
from fmnist_core.data.dataset import load_source
from fmnist_core.settings import Settings


def quiet(share: float, words: str) -> None:
    assert 0 <= share <= 1


def test_the_axes_are_those_of_scikit_learn():
    rows = np.random.default_rng(0).normal(size=(80, 6)) @ np.random.default_rng(1).normal(size=(6, 6)) + 3
    expected = PCA(2).fit(rows)
    axes = principal_axes(rows.astype(np.float32), 2)

    # Which way an axis points is a matter of taste.
    np.testing.assert_allclose(np.abs(axes.directions), np.abs(expected.components_), atol=1e-4)
    np.testing.assert_allclose(np.abs(axes(rows)), np.abs(expected.transform(rows)), atol=1e-3)
    assert axes(rows[:1]).dtype == np.float32


def test_an_axis_points_the_way_of_its_largest_part():
    rows = np.array([[0.0, 0.0], [3.0, -1.0], [6.0, -2.0]])
    for turned in (rows, -rows):
        direction = principal_axes(turned, 1).directions[0]
        np.testing.assert_allclose(direction, np.array([3, -1]) / np.sqrt(10), atol=1e-6)


def test_t_sne_keeps_groups_apart_and_is_the_same_for_the_same_seed():
    chance = np.random.default_rng(0)
    group = np.repeat([0, 1, 2], 60)
    rows = (chance.normal(size=(3, 60)) * 5)[group] + chance.normal(size=(180, 60))
    reports: list[float] = []
    places = tsne(rows.astype(np.float32), 0, lambda share, words: reports.append(share))

    centres = np.stack([places[group == number].mean(axis=0) for number in range(3)])
    nearest = np.linalg.norm(places[:, None] - centres, axis=2).argmin(axis=1)
    np.testing.assert_array_equal(nearest, group)
    np.testing.assert_array_equal(places, tsne(rows.astype(np.float32), 0, quiet))
    assert reports == sorted(reports) and reports[-1] == 1


def test_a_row_that_is_on_the_map_is_placed_where_it_lies():
    rows = np.eye(6, dtype=np.float32)
    places = np.arange(12, dtype=np.float32).reshape(6, 2)

    np.testing.assert_allclose(place_between(rows, places, rows[4]), places[4], atol=1e-3)
    between = (rows[0] + rows[5]) / np.sqrt(2)
    x, y = place_between(rows, places, between)
    assert places[0, 0] < x < places[5, 0] and places[0, 1] < y < places[5, 1]


def test_the_job_maps_every_test_image(wardrobe_home: Settings):
    data = load_source(wardrobe_home, "wardrobe")
    found = make_map(
        wardrobe_home, quiet, method="PCA", run=None, source="wardrobe", fingerprint=data.fingerprint
    )

    assert found["places"].shape == (2_000, 2)
    np.testing.assert_allclose(found["rows"], unit_rows(data.x_test), atol=1e-3)
    same = data.y_test[:, None] == data.y_test
    distance = np.linalg.norm(found["places"][:, None] - found["places"], axis=2)
    assert distance[same].mean() < distance[~same].mean()
