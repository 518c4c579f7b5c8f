"""Recipes of one's own: kept from a run, found like the others, deleted and brought back."""

import pytest

from fmnist_core.config import RunConfig
from fmnist_core.errors import ConfigError
from fmnist_core.own_recipes import all_recipes, delete_recipe, find_recipe, restore_recipe, save_recipe
from fmnist_core.recipes import RECIPES
from fmnist_core.runs import Run, RunStore
from fmnist_core.settings import Settings


def a_run(store: RunStore, epochs: int = 3) -> Run:
    config = RunConfig().with_values({"training.epochs": epochs})
    return store.create(config, source="wardrobe", fingerprint="0123")


def test_a_saved_recipe_stands_beside_the_others(any_database: Settings):
    store = RunStore(any_database)
    run = a_run(store)
    recipe = save_recipe(store, run, " My best: one! ", "Found by a search.")
    assert (recipe.name, recipe.title, recipe.config) == ("my-best-one", "My best: one!", run.config)
    assert list(all_recipes(store)) == [*RECIPES, "my-best-one"]
    assert find_recipe(RunStore(any_database), "my-best-one") == recipe


def test_a_second_click_saves_nothing_new_and_names_are_told_apart(settings: Settings):
    store = RunStore(settings)
    first, second = a_run(store), a_run(store, 4)
    once = save_recipe(store, first, "Best", "")
    assert save_recipe(store, first, "Best", "") == once
    again = save_recipe(store, second, "Best", "")
    assert (again.name, again.title) == ("best-2", "Best 2")
    assert save_recipe(store, a_run(store), "Studio photo", "").title == "Studio photo 2"
    assert save_recipe(store, a_run(store), "cnn", "").name == "cnn-2"
    assert save_recipe(store, a_run(store), "最高", "").name == "recipe"


def test_a_deleted_recipe_is_gone_until_it_is_brought_back(any_database: Settings):
    store = RunStore(any_database)
    run = a_run(store)
    save_recipe(store, run, "Best", "")
    delete_recipe(store, "best")
    with pytest.raises(ConfigError, match="There is no recipe 'best'; choose one of dense-100, "):
        find_recipe(store, "best")
    assert save_recipe(store, run, "Best", "").name == "best-2"
    assert restore_recipe(store, "best").config == run.config


def test_what_came_with_the_studio_stays_and_a_recipe_needs_a_name(settings: Settings):
    store = RunStore(settings)
    with pytest.raises(ConfigError, match="came with the studio"):
        delete_recipe(store, "cnn")
    with pytest.raises(ConfigError, match="no recipe 'best'"):
        delete_recipe(store, "best")
    for title in ("", "  ", "x" * 81):
        with pytest.raises(ConfigError, match="1 to 80 characters"):
            save_recipe(store, a_run(store), title, "")
