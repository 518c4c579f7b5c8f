"""Recipes of one's own: kept from a run, found like the others, deleted and brought back."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from fmnist_core.config import RunConfig
from fmnist_core.errors import ConfigError
from fmnist_core.own_recipes import (
    LONGEST_NAME,
    all_recipes,
    delete_recipe,
    find_recipe,
    restore_recipe,
    save_recipe,
)
from fmnist_core.recipes import RECIPES
from fmnist_core.repeats import repeat
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


def test_titles_in_another_script_stay_as_they_are(settings: Settings):
    store = RunStore(settings)
    saved = [save_recipe(store, a_run(store), title, "") for title in ("最高", "Лучшая", "最高")]
    assert [(recipe.name, recipe.title) for recipe in saved] == [
        ("recipe", "最高"),
        ("recipe-2", "Лучшая"),
        ("recipe-3", "最高 2"),
    ]


def test_recipes_that_are_saved_at_once_do_not_get_into_each_others_way(any_database: Settings):
    store = RunStore(any_database)
    runs = [a_run(store), a_run(store, 4)]
    with ThreadPoolExecutor(8) as pool:
        saved = list(pool.map(lambda run: save_recipe(store, run, "Best", ""), runs * 4))
    assert {recipe.title for recipe in saved} == {"Best", "Best 2"}
    assert len(all_recipes(store)) == len(RECIPES) + 2


def test_the_runs_of_a_recipe_with_a_long_title_can_be_repeated(any_database: Settings):
    store = RunStore(any_database)
    title = "The best of a hundred trials, found overnight by the search for a better network"
    assert len(title) == 80
    first, second = (save_recipe(store, a_run(store, epochs), title, "") for epochs in (3, 4))
    assert first.name == "the-best-of-a-hundred-trials-found-overn"
    assert len(first.name) == LONGEST_NAME
    assert second.name == first.name + "-2"
    run = store.create(second.config, source="wardrobe", fingerprint="0123", recipe=second.name)
    assert [each.recipe for each in repeat(store, run, 2)] == [second.name] * 2


def test_a_short_name_that_was_cut_does_not_end_with_a_hyphen(settings: Settings):
    store = RunStore(settings)
    assert save_recipe(store, a_run(store), f"{'x' * 39} yz", "").name == "x" * 39


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
