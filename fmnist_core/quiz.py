"""Two games: draw the garment you are asked for, and name test images against a network."""

from dataclasses import dataclass, replace

import numpy as np

from fmnist_core.data.dataset import CLASS_NAMES

DRAWINGS = 6
"""Garments to draw in one game."""

SECONDS = 20.0
"""Time for each."""

IMAGES = 20
"""Images to name in one game, two of each class."""


@dataclass(frozen=True)
class DrawingGame:
    """A game of drawing.

    Attributes:
        id: Names it, so that its score is kept once.
        asked: Classes to draw, in order.
        seen: What the network saw in each drawing that is done: a class, or None where it saw nothing.
        began: When the present drawing was asked for, in seconds of any clock.
    """

    id: str
    asked: tuple[int, ...]
    seen: tuple[int | None, ...]
    began: float

    @property
    def is_over(self) -> bool:
        """Whether all are done."""
        return len(self.seen) == len(self.asked)

    @property
    def wanted(self) -> int:
        """The class to draw now; the last one when the game is over."""
        return self.asked[min(len(self.seen), len(self.asked) - 1)]

    @property
    def score(self) -> int:
        """Drawings that were recognised."""
        return sum(seen == asked for seen, asked in zip(self.seen, self.asked, strict=False))

    def seconds_left(self, now: float) -> float:
        """Time left for the present drawing, 0 or more."""
        return max(0.0, SECONDS - (now - self.began))

    def done(self, seen: int | None, now: float) -> "DrawingGame":
        """The game after the present drawing, in which the network saw `seen`; the next one begins."""
        return replace(self, seen=(*self.seen, seen), began=now)


def new_drawing_game(rng: np.random.Generator, now: float) -> DrawingGame:
    """A game with `DRAWINGS` different classes."""
    asked = rng.choice(len(CLASS_NAMES), DRAWINGS, replace=False).tolist()
    return DrawingGame(rng.bytes(8).hex(), tuple(asked), (), now)


@dataclass(frozen=True)
class NamingGame:
    """A game of naming images.

    Attributes:
        id: Names it, so that its score is kept once.
        positions: Test images to name, in order.
        answers: The player's answers so far.
    """

    id: str
    positions: tuple[int, ...]
    answers: tuple[int, ...] = ()

    @property
    def is_over(self) -> bool:
        """Whether all are named."""
        return len(self.answers) == len(self.positions)

    @property
    def position(self) -> int:
        """The image to name now; the last one when the game is over."""
        return self.positions[min(len(self.answers), len(self.positions) - 1)]

    def named(self, label: int) -> "NamingGame":
        """The game after the present image was named."""
        return replace(self, answers=(*self.answers, label))

    def scores(self, labels: np.ndarray, probabilities: np.ndarray) -> tuple[int, int]:
        """How many of the images named so far the player and the network have right.

        Args:
            labels: True classes of all test images, `(n,)`.
            probabilities: The network's answers to them, `(n, 10)`.
        """
        shown = list(self.positions[: len(self.answers)])
        player = int(np.sum(labels[shown] == np.array(self.answers, dtype=int)))
        return player, int(np.sum(labels[shown] == probabilities[shown].argmax(axis=1)))


def new_naming_game(labels: np.ndarray, rng: np.random.Generator) -> NamingGame:
    """A game with `IMAGES` test images, equally many of each class, in any order.

    Args:
        labels: True classes of all test images, `(n,)`; each class has at least two.
        rng: The only source of chance.
    """
    each = IMAGES // len(CLASS_NAMES)
    chosen = [
        rng.choice(np.flatnonzero(labels == label), each, replace=False) for label in range(len(CLASS_NAMES))
    ]
    return NamingGame(rng.bytes(8).hex(), tuple(rng.permutation(np.concatenate(chosen)).tolist()))
