"""Classes that are taken for one another: on matrices made by hand."""

import numpy as np

from fmnist_core.analysis.confusion import Pair, confused_pairs, pair_images, similarity_order


def matrix(*mistakes: tuple[int, int, int]) -> np.ndarray:
    """1,000 images of each class, some of which were taken for another."""
    counts = np.diag(np.full(10, 1000))
    for true_class, predicted_class, count in mistakes:
        counts[true_class, predicted_class] += count
        counts[true_class, true_class] -= count
    return counts


def test_pairs_count_both_ways_and_the_most_confused_come_first():
    found = confused_pairs(matrix((6, 0, 100), (0, 6, 90), (2, 4, 120), (9, 7, 30)))
    assert found == [Pair(0, 6, 90, 100), Pair(2, 4, 120, 0), Pair(7, 9, 0, 30)]
    assert [pair.count for pair in found] == [190, 120, 30]
    assert confused_pairs(matrix()) == []


def test_the_images_of_a_pair_are_its_mistakes_both_ways():
    y_true = np.array([0, 6, 0, 6, 0, 3])
    answers, sure = [6, 0, 0, 6, 6, 6], [0.6, 0.9, 0.9, 0.9, 0.7, 0.9]
    probabilities = np.full((6, 10), 0.01)
    probabilities[np.arange(6), answers] = sure
    assert pair_images(y_true, probabilities, 0, 6).tolist() == [1, 4, 0]
    assert pair_images(y_true, probabilities, 6, 0).tolist() == [1, 4, 0]
    assert pair_images(y_true, probabilities, 1, 2).tolist() == []


def together(order: np.ndarray, *classes: int) -> bool:
    """Whether classes stand side by side."""
    places = np.flatnonzero(np.isin(order, classes))
    return len(places) == len(classes) == np.ptp(places) + 1


def test_confused_classes_stand_together():
    # Shoes, and tops in a chain: T-shirt, Shirt, Coat, Pullover.
    mistakes = [(5, 7, 60), (7, 9, 80), (9, 5, 20), (0, 6, 150), (6, 4, 120), (4, 2, 140), (6, 2, 50)]
    order = similarity_order(matrix(*mistakes))
    assert sorted(order) == list(range(10))
    assert together(order, 5, 7, 9)
    assert together(order, 0, 2, 4, 6)
    assert together(order, 7, 9) and together(order, 0, 6) and together(order, 4, 2)
    assert order[0] < order[-1]
    # In which direction a mistake goes makes no difference.
    assert similarity_order(matrix(*mistakes).T).tolist() == order.tolist()


def test_without_a_mistake_any_order_will_do():
    assert sorted(similarity_order(matrix())) == list(range(10))
    assert sorted(similarity_order(np.zeros((10, 10), int))) == list(range(10))
