"""Search spaces: which settings vary, what is refused, and trials in and out of configurations."""

from typing import Any, get_args

import pytest

from fmnist_core.config import Network, RunConfig
from fmnist_core.errors import ConfigError
from fmnist_core.search import space
from fmnist_core.search.space import (
    Choice,
    Range,
    grid,
    grid_size,
    parse_space,
    parse_variations,
    prepared_space,
    settings_that_vary,
    trial_config,
    trial_params,
    written,
)

KINDS = [network.model_fields["kind"].default for network in get_args(get_args(Network)[0])]


def config_of(kind: str) -> RunConfig:
    return RunConfig.parse(
        {"model": {"kind": kind}, "training": {"loss": "categorical_crossentropy", "optimizer": "adamw"}}
    )


@pytest.mark.parametrize("kind", KINDS)
def test_all_that_can_vary_is_allowed_as_it_is_offered(kind: str):
    space = settings_that_vary(kind)
    assert parse_space(config_of(kind), space) == space
    assert 3 <= len(prepared_space(kind)) < len(space)


@pytest.mark.parametrize("kind", KINDS)
def test_a_space_survives_json_and_a_trial_its_configuration(kind: str):
    config = config_of(kind)
    written = {name: axis.model_dump(mode="json") for name, axis in prepared_space(kind).items()}
    space = parse_space(config, written)
    assert space == prepared_space(kind)
    params = {name: values[-1] for name, values in grid(space).items()}
    assert trial_params(trial_config(config, space, params), space) == params


def test_a_list_of_numbers_is_written_as_one_value():
    space = {"model.widths": Choice(values=([], [64], [300, 100]))}
    assert grid(space) == {"model.widths": ["none", "64", "300-100"]}
    config = trial_config(RunConfig(), space, {"model.widths": "300-100"})
    assert config.model.widths == (300, 100)
    assert trial_config(RunConfig(), space, {"model.widths": "none"}).model.widths == ()


def test_a_grid_takes_choices_whole_and_ranges_at_points():
    space = {
        "training.learning_rate": Range(low=1e-4, high=1e-1, log=True),
        "model.dropout": Range(low=0, high=0.3),
        "model.blocks": Range(low=1, high=3, whole=True),
        "training.batch_size": Choice(values=(32, 64)),
    }
    assert grid(space) == {
        "training.learning_rate": [0.0001, 0.001, 0.01, 0.1],
        "model.dropout": [0, 0.1, 0.2, 0.3],
        "model.blocks": [1, 2, 3],
        "training.batch_size": [32, 64],
    }
    assert grid_size(space) == 4 * 4 * 3 * 2


@pytest.mark.parametrize(
    ("space", "reason"),
    [
        ({}, "choose one or more"),
        ({"training.epochs": {"low": 1, "high": 5}}, "epochs cannot vary"),
        ({"model.units": {"values": [[64], [128]]}}, "units cannot vary in a search over dense"),
        ({"model.dropout": {"low": 0.5, "high": 0.1}}, "low end is below"),
        (
            {"model.dropout": {"low": 0, "high": 2}},
            "Dropout .* less than or equal to 0.9",
        ),
        ({"model.dropout": {"low": 0, "high": 0.5, "log": True}}, "begin above 0"),
        ({"model.dropout": {"low": 0, "high": 0.5, "whole": True}}, "whole numbers"),
        ({"model.dropout": {"high": 0.5}}, "a range from low to high"),
        ({"model.widths": {"values": [[64]]}}, "two or more values"),
        ({"model.widths": {"values": [[64], [64], [128]]}}, "each of them once"),
        (
            {"training.batch_size": {"values": [32, 0]}},
            "Batch size .* greater than or equal to 1",
        ),
        ({"training.label_smoothing": {"low": 0, "high": 0.2}}, "needs loss categorical_crossentropy"),
        ({"training.batch_size": "many"}, "a range from low to high"),
        ({"training.batch_size": {"low": 16, "high": 256}}, "Batch size .* must be"),
        ({"model.widths": {"values": [[{"a": 1}], [2]]}}, "widths"),
        ({"model.widths": {"values": [{"a": 1}, [2]]}}, "widths"),
    ],
)
def test_what_is_not_allowed_is_named(space: dict[str, Any], reason: str):
    with pytest.raises(ConfigError, match=reason):
        parse_space(RunConfig(), space)


def test_what_varies_is_read_from_words():
    words = ["training.batch_size=16:256:log", "model.dropout=0:0.5", "model.widths=[[64], [300, 100]]"]
    assert parse_variations(RunConfig(), words) == {
        "training.batch_size": Range(low=16, high=256, log=True, whole=True),
        "model.dropout": Range(low=0, high=0.5),
        "model.widths": Choice(values=([64], [300, 100])),
    }


@pytest.mark.parametrize(
    ("words", "values"),
    [
        ("model.batch_normalization=[0, 1]", (False, True)),
        ('model.batch_normalization=["on", "off"]', (True, False)),
        ("model.widths=[[64], [300.0, 100]]", ([64], [300, 100])),
    ],
)
def test_choices_are_kept_as_a_trial_will_have_them(words: str, values: tuple[Any, ...]):
    found = parse_variations(RunConfig(), [words])
    (field,) = found
    assert repr(found[field]) == repr(Choice(values=values))
    params = {field: written(values[0])}
    assert trial_params(trial_config(RunConfig(), found, params), found) == params


def test_choices_that_become_the_same_are_refused():
    with pytest.raises(ConfigError, match="each of them once"):
        parse_variations(RunConfig(), ["model.batch_normalization=[1, true]"])


def test_a_setting_that_may_be_none_varies_as_well(monkeypatch: pytest.MonkeyPatch):
    offered = {
        "data.train_size": Range(low=1_000, high=20_000, whole=True),
        "training.early_stopping.patience": Choice(values=(2, 5, 10)),
    }
    monkeypatch.setattr(space, "_COMMON", space._COMMON | offered)
    words = ["data.train_size=500:5000:log", "training.early_stopping.patience=1:4"]
    found = parse_variations(RunConfig(), words)
    assert found["data.train_size"] == Range(low=500, high=5_000, log=True, whole=True)
    params = {"data.train_size": 700, "training.early_stopping.patience": 3}
    assert trial_params(trial_config(RunConfig(), found, params), found) == params


@pytest.mark.parametrize(
    "words",
    [
        "training.learning_rate=0.001:0.1:lgo",
        "training.learning_rate=0.1",
        "model.dropout=[0, 1",
        "nonsense=1:2",
    ],
)
def test_words_that_make_no_sense_are_named(words: str):
    with pytest.raises(ConfigError, match=words.partition("=")[0]):
        parse_variations(RunConfig(), [words])
