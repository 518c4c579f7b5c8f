"""How far each learner has come in the lessons, as the store keeps it."""

import time
from contextlib import suppress
from dataclasses import dataclass

import sqlalchemy as sa

from fmnist_core.database import METADATA
from fmnist_core.runs import RunStore

_progress = sa.Table(
    "progress",
    METADATA,
    sa.Column("learner", sa.String(160), primary_key=True),
    sa.Column("lesson", sa.String(64), primary_key=True),
    sa.Column("prediction", sa.String(64), nullable=False),
    sa.Column("predicted", sa.Float, nullable=False),
    sa.Column("answer", sa.String(64)),
    sa.Column("checked", sa.Float),
)


@dataclass(frozen=True)
class Progress:
    """How far a learner has come in one lesson.

    Attributes:
        lesson: Its name.
        prediction: The choice that was made before the experiments ran.
        answer: The choice that turned out to be right here, or None until the learner has seen it.
    """

    lesson: str
    prediction: str
    answer: str | None

    @property
    def is_done(self) -> bool:
        """Whether the learner has seen what came of it."""
        return self.answer is not None

    @property
    def is_right(self) -> bool:
        """Whether it came as predicted."""
        return self.answer == self.prediction


def progress_of(store: RunStore, learner: str) -> dict[str, Progress]:
    """How far a learner has come in each lesson that was begun, by the lesson's name."""
    query = sa.select(_progress.c["lesson", "prediction", "answer"])
    with store.database.connect() as connection:
        rows = connection.execute(query.where(_progress.c.learner == learner.casefold()))
        return {row.lesson: Progress(**row._asdict()) for row in rows}


def predict(store: RunStore, learner: str, lesson: str, prediction: str) -> None:
    """Keeps what a learner expects of a lesson; what was predicted first stays.

    Args:
        store: Where it is kept.
        learner: The learner's name, at most 160 characters; capitals do not matter.
        lesson: The lesson's name.
        prediction: The choice.
    """
    values = {"learner": learner.casefold(), "lesson": lesson, "prediction": prediction}
    with suppress(sa.exc.IntegrityError), store.database.begin() as connection:
        connection.execute(_progress.insert().values(values | {"predicted": time.time()}))


def check_off(store: RunStore, learner: str, lesson: str, answer: str) -> None:
    """Keeps which choice was right when a learner who had predicted saw it last."""
    values = {"answer": answer, "checked": time.time()}
    with store.database.begin() as connection:
        connection.execute(_progress.update().where(*_of(learner, lesson)).values(values))


def forget_prediction(store: RunStore, learner: str, lesson: str) -> None:
    """Lets the learner take this lesson again from its beginning."""
    with store.database.begin() as connection:
        connection.execute(_progress.delete().where(*_of(learner, lesson)))


def _of(learner: str, lesson: str) -> tuple[sa.ColumnElement[bool], ...]:
    return _progress.c.learner == learner.casefold(), _progress.c.lesson == lesson
