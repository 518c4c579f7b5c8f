"""Recipes of one's own: configurations kept from runs, beside those that came with the studio."""

import re
import time
from collections.abc import Mapping
from itertools import count

import sqlalchemy as sa
from filelock import FileLock

from fmnist_core.config import RunConfig
from fmnist_core.database import METADATA
from fmnist_core.errors import ConfigError
from fmnist_core.recipes import RECIPES, Recipe
from fmnist_core.runs import BIN_SECONDS, Run, RunStore

LONGEST_TITLE = 80
LONGEST_NAME = 40
"""Characters of a short name, its number aside: the database keeps 64 of a run's id, which begins with this
name, and of a group's, which adds to that."""

_recipes = sa.Table(
    "recipes",
    METADATA,
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("title", sa.String(80), nullable=False),
    sa.Column("summary", sa.Text, nullable=False),
    sa.Column("config", sa.Text, nullable=False),
    sa.Column("run", sa.String(64), nullable=False),
    sa.Column("created", sa.Float, nullable=False),
    sa.Column("deleted", sa.Float),
)

_kept = sa.select(_recipes).where(_recipes.c.deleted.is_(None)).order_by(_recipes.c.created)


def all_recipes(store: RunStore) -> Mapping[str, Recipe]:
    """Every recipe by its name: those that came with the studio, then one's own, the oldest first."""
    with store.database.connect() as connection:
        return {**RECIPES, **{row.name: _recipe(row) for row in connection.execute(_kept)}}


def find_recipe(store: RunStore, name: str) -> Recipe:
    """Returns the recipe called `name`.

    Raises:
        ConfigError: when there is none, naming those there are.
    """
    recipes = all_recipes(store)
    if name not in recipes:
        raise ConfigError(f"There is no recipe {name!r}; choose one of {', '.join(recipes)}.")
    return recipes[name]


def save_recipe(store: RunStore, run: Run, title: str, summary: str) -> Recipe:
    """Keeps a run's configuration as a recipe; of one run there is one, however often this is asked for.

    Args:
        store: Where it is kept.
        run: The run.
        title: Its name on the screen, at most `LONGEST_TITLE` characters; the short name is made from it.
            Each gets a number where it is taken.
        summary: One sentence: what it is.

    Raises:
        ConfigError: when the title is empty or too long.
    """
    title = title.strip()
    if not 0 < len(title) <= LONGEST_TITLE:
        raise ConfigError(f"A recipe needs a name of 1 to {LONGEST_TITLE} characters.")
    # PostgreSQL would let two writers each find no recipe of this run, and the same name free.
    with FileLock(store.settings.home / "recipes.lock"), store.database.begin() as connection:
        # Those that were deleted long ago make room for their names.
        connection.execute(_recipes.delete().where(_recipes.c.deleted < time.time() - BIN_SECONDS))
        if row := connection.execute(_kept.where(_recipes.c.run == run.id)).first():
            return _recipe(row)
        there = connection.execute(sa.select(_recipes.c.name, _recipes.c.title)).all()
        name = _free(_short(title), "-", {*_PREPARED, *(row.name for row in there)})
        titles = {*_TITLES, *(row.title for row in there)}
        title = title if title not in titles else _free(title[: LONGEST_TITLE - 5], " ", titles)
        values = {"name": name, "title": title, "summary": summary, "config": run.config.to_json()}
        connection.execute(_recipes.insert().values(values | {"run": run.id, "created": time.time()}))
        return _recipe(connection.execute(_kept.where(_recipes.c.name == name)).one())


def delete_recipe(store: RunStore, name: str) -> None:
    """Deletes a recipe of one's own; for a day `restore_recipe` brings it back.

    Raises:
        ConfigError: when there is none, or it came with the studio.
    """
    if name in RECIPES:
        raise ConfigError(f"The recipe {name!r} came with the studio and stays.")
    find_recipe(store, name)
    _mark(store, name, time.time())


def restore_recipe(store: RunStore, name: str) -> Recipe:
    """Brings a deleted recipe back; one that is there stays as it is.

    Raises:
        ConfigError: when it is gone for good.
    """
    _mark(store, name, None)
    return find_recipe(store, name)


def _mark(store: RunStore, name: str, deleted: float | None) -> None:
    with store.database.begin() as connection:
        connection.execute(_recipes.update().where(_recipes.c.name == name).values(deleted=deleted))


def _short(title: str) -> str:
    words = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
    return words[:LONGEST_NAME].rstrip("-") or "recipe"


_TITLES = {recipe.title for recipe in RECIPES.values()}
_PREPARED = {*RECIPES, *map(_short, _TITLES)}


def _free(text: str, joint: str, taken: set[str]) -> str:
    """The text, or the first one with a number behind it that is not taken."""
    return next(free for n in count(1) if (free := text if n == 1 else f"{text}{joint}{n}") not in taken)


def _recipe(row: sa.Row) -> Recipe:
    return Recipe(row.name, row.title, row.summary, "Your own.", None, RunConfig.from_json(row.config))
