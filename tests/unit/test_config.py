"""Configurations: what is allowed, what is refused and how, and the way through JSON and back."""

import json
import re
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from strategies import configs

from fmnist_core.config import Augmentation, Network, RunConfig, setting_title
from fmnist_core.errors import ConfigError
from fmnist_core.export import parcel
from fmnist_core.recipes import RECIPES

fast = hypothesis_settings(deadline=None, max_examples=100)


def dotted(values: dict[str, Any], before: str = "") -> dict[str, Any]:
    """{"a": {"b": 1}} as {"a.b": 1}."""
    flat = {}
    for name, value in values.items():
        flat |= dotted(value, f"{before}{name}.") if isinstance(value, dict) else {before + name: value}
    return flat


@fast
@given(config=configs())
def test_json_and_back_is_the_same_configuration(config: RunConfig):
    assert RunConfig.from_json(config.to_json()) == config
    assert RunConfig.parse(json.loads(json.dumps(config.to_dict()))) == config


@fast
@given(config=configs(), other=configs())
def test_any_configuration_becomes_any_other_by_its_values(config: RunConfig, other: RunConfig):
    assert config.with_values(dotted(other.to_dict())) == other


# The setting, a value just outside of what is allowed, and what the message says of it.
REFUSED = [
    ("data.train_size", 0, "Training images (data.train_size) must be greater than or equal to 1, not 0."),
    (
        "data.train_size",
        60_001,
        "Training images (data.train_size) must be less than or equal to 60000, not 60001.",
    ),
    (
        "data.validation_size",
        -1,
        "Validation images (data.validation_size) must be greater than or equal to 0, not -1.",
    ),
    (
        "data.normalisation",
        "log",
        "Pixel values (data.normalisation) must be 'scale', 'standardise' or 'none', not 'log'.",
    ),
    (
        "data.augmentation.shift",
        0.51,
        "Shift (data.augmentation.shift) must be less than or equal to 0.5, not 0.51.",
    ),
    ("model.widths", [0], "Neurons per layer (model.widths.0) must be greater than or equal to 1, not 0."),
    ("model.widths", [8] * 11, "Neurons per layer (model.widths) must have at most 10 items, not 11."),
    ("model.dropout", 0.91, "Dropout (model.dropout) must be less than or equal to 0.9, not 0.91."),
    (
        "model.kind",
        "transformer",
        "model.kind must be one of dense, convolutional, recurrent, residual.",
    ),
    ("training.learning_rate", 0, "Learning rate (training.learning_rate) must be greater than 0, not 0."),
    (
        "training.learning_rate",
        float("nan"),
        "Learning rate (training.learning_rate) must be a finite number, not nan.",
    ),
    (
        "training.batch_size",
        8193,
        "Batch size (training.batch_size) must be less than or equal to 8192, not 8193.",
    ),
    ("training.epochs", 0, "Epochs (training.epochs) must be greater than or equal to 1, not 0."),
    (
        "training.seed",
        2**31,
        "Seed (training.seed) must be less than or equal to 2147483647, not 2147483648.",
    ),
    (
        "training.early_stopping.patience",
        0,
        "Patience (training.early_stopping.patience) must be greater than or equal to 1, not 0.",
    ),
    ("training.momentum", 0.9, "training.momentum is not a setting of this configuration."),
    ("optimizer", "adam", "optimizer is not a setting of this configuration."),
    (
        "training.epochs.first",
        1,
        "training.epochs.first is not a setting; settings look like training.epochs.",
    ),
    ("trainings.epochs", 1, "trainings.epochs is not a setting; settings look like training.epochs."),
    (
        "training.label_smoothing",
        0.1,
        "Label smoothing (0.1) needs loss categorical_crossentropy, because smoothed labels are rows, "
        "not numbers.",
    ),
    ("data.leave_out", [-1], "Left out (data.leave_out.0) must be greater than or equal to 0, not -1."),
    ("data.leave_out", [3, 60_000], "Left out (data.leave_out.1) must be less than 60000, not 60000."),
    (
        "data.leave_out",
        [55_000, 3],
        "leave_out names image 55000, but beside 5000 for validation the training images are 0 to 54999.",
    ),
    (
        "data.train_size",
        55_001,
        "Training images (train_size 55001) and validation images (validation_size 5000) together must be at "
        "most 60000.",
    ),
]


@pytest.mark.parametrize(("field", "value", "message"), REFUSED)
def test_a_refusal_names_the_setting_the_value_and_what_is_allowed(field, value, message):
    with pytest.raises(ConfigError) as refusal:
        RunConfig().with_values({field: value})
    assert str(refusal.value) == message


def test_a_list_that_is_too_short_is_told_how_long_it_must_be():
    with pytest.raises(ConfigError, match=r"^Filters \(model\.filters\) must have at least 1 item, not 0\.$"):
        RunConfig().with_values({"model.kind": "convolutional", "model.filters": []})


def test_early_stopping_needs_validation_images():
    with pytest.raises(ConfigError, match="set validation_size to 1 or more"):
        RunConfig().with_values({"data.validation_size": 0, "training.early_stopping.patience": 3})


def test_images_left_out_are_kept_in_order_and_once():
    config = RunConfig().with_values({"data.leave_out": [7, 2, 7, 0]})
    assert config.data.leave_out == (0, 2, 7)
    assert RunConfig.from_json(config.to_json()) == config
    with pytest.raises(ConfigError, match="leaves 54997, too few for train_size 54998"):
        config.with_values({"data.train_size": 54_998})


def test_a_configuration_from_before_a_setting_was_there_has_its_default():
    stored = RunConfig().to_dict()
    del stored["data"]["leave_out"]
    assert RunConfig.parse(stored) == RunConfig()


def test_every_problem_is_named():
    with pytest.raises(ConfigError, match=r"Dropout .*; Epochs .*"):
        RunConfig().with_values({"model.dropout": 2, "training.epochs": 0})


def test_of_very_many_problems_the_first_are_named():
    with pytest.raises(ConfigError, match=r"; and 95 more\.$") as refused:
        RunConfig().with_values({f"surprise{number}": 1 for number in range(100)})
    assert len(str(refused.value)) < 1_000


def test_of_images_left_out_that_do_not_exist_one_is_named():
    with pytest.raises(ConfigError, match=r"^Left out \(data\.leave_out\.0\) must be .* not -1\.$"):
        RunConfig().with_values({"data.leave_out": [-1] * 100_000})


@pytest.mark.parametrize("text", ["", "[]", "7", "{", '{"training": 3}', '{"model": {}}'])
def test_what_is_no_configuration_is_refused(text):
    with pytest.raises(ConfigError):
        RunConfig.from_json(text)


def test_a_new_kind_of_network_starts_from_its_own_defaults():
    config = RunConfig().with_values({"model.widths": [7], "training.epochs": 3})
    changed = config.with_values({"model.units": [64], "model.kind": "recurrent"})
    assert changed.model.units == (64,)
    assert changed.model.cell == "lstm"
    assert changed.training.epochs == 3


def test_augmentation_is_on_when_anything_is_asked_for():
    assert not Augmentation().is_on
    for name in Augmentation.model_fields:
        assert Augmentation.model_validate({name: 0.2 if name != "flip" else True}).is_on


@given(configs())
@fast
def test_every_setting_has_a_name_for_people_and_no_two_the_same(config: RunConfig):
    titles = [setting_title(field) for field in config.flat()]
    assert setting_title("training.learning_rate") == "Learning rate"
    assert len(set(titles)) == len(titles)


@pytest.mark.parametrize("entry", RECIPES.values(), ids=RECIPES)
def test_every_recipe_is_whole(entry):
    assert RECIPES[entry.name] is entry
    assert re.match(parcel.NAME, entry.name), "bundles name it so"
    assert len(entry.name) <= parcel.LONGEST_NAME
    assert RunConfig.from_json(entry.config.to_json()) == entry.config
    assert entry.claimed_accuracy is None or 0.8 < entry.claimed_accuracy < 1
    for text in (entry.title, entry.summary, entry.claim):
        assert text.strip()


def test_every_kind_of_network_has_a_name_that_runs_can_be_called_by():
    for network in get_args(get_args(Network)[0]):
        assert re.match(parcel.NAME, network.model_fields["kind"].default)


def test_the_claims_of_the_well_known_networks_are_kept():
    assert RECIPES["dense-100"].claimed_accuracy == 0.99
    assert RECIPES["dense-300-100"].config.model.widths == (300, 100)
    assert RECIPES["dense-300-100"].claimed_accuracy == 0.89
    assert RECIPES["dense-512-256-128"].config.model.widths == (512, 256, 128)


def test_the_claim_for_a_recurrent_network_names_what_was_measured():
    assert "GRU+SVM" in RECIPES["lstm-rows"].claim
