"""What players reached in the games of `quiz`, as the store keeps it."""

import time
from contextlib import suppress
from dataclasses import dataclass

import sqlalchemy as sa

from fmnist_core.database import METADATA
from fmnist_core.runs import RunStore

_scores = sa.Table(
    "scores",
    METADATA,
    sa.Column("game_id", sa.String(32), primary_key=True),
    sa.Column("player", sa.String(160), nullable=False, index=True),
    sa.Column("game", sa.String(16), nullable=False),
    sa.Column("points", sa.Integer, nullable=False),
    sa.Column("most", sa.Integer, nullable=False),
    sa.Column("ended", sa.Float, nullable=False),
)


@dataclass(frozen=True)
class Record:
    """What a player has reached in one of the games so far.

    Attributes:
        games: Games that were played to their end.
        best: The most points in one of them; 0 where none was played.
    """

    games: int
    best: int


def keep_score(store: RunStore, player: str, game: str, game_id: str, points: int, most: int) -> None:
    """Keeps what a player reached in a game that is over; one that is kept already stays as it is.

    Args:
        store: Where it is kept.
        player: The player's name, at most 160 characters; capitals do not matter.
        game: Which of the games, at most 16 characters.
        game_id: Names this one game, at most 32 characters.
        points: What was reached, 0 to `most`.
        most: What could be reached.
    """
    values = {"player": player.casefold(), "game": game, "points": points, "most": most}
    with suppress(sa.exc.IntegrityError), store.database.begin() as connection:
        connection.execute(_scores.insert().values(values | {"game_id": game_id, "ended": time.time()}))


def record(store: RunStore, player: str, game: str, most: int) -> Record:
    """What a player has reached in those of the games in which as much could be reached.

    Args:
        store: Where it is kept.
        player: The player's name; capitals do not matter.
        game: Which of the games.
        most: What could be reached.
    """
    points = _scores.c.points
    query = sa.select(sa.func.count(points), sa.func.coalesce(sa.func.max(points), 0)).where(
        _scores.c.player == player.casefold(), _scores.c.game == game, _scores.c.most == most
    )
    with store.database.connect() as connection:
        games, best = connection.execute(query).one()
    return Record(games, best)
