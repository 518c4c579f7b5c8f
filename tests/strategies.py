"""Configurations for hypothesis to draw."""

from typing import get_args

from hypothesis import strategies as st
from pydantic import BaseModel

from fmnist_core.config import (
    TRAIN_IMAGES,
    Augmentation,
    ConvolutionalNetwork,
    DataConfig,
    DenseNetwork,
    EarlyStopping,
    Network,
    RecurrentNetwork,
    ResidualNetwork,
    RunConfig,
    TrainingConfig,
)


def choices(part: type[BaseModel], setting: str) -> st.SearchStrategy[str]:
    """All that a setting can be."""
    return st.sampled_from(get_args(part.model_fields[setting].annotation))


def networks(widest: int = 512, deepest: int = 9) -> st.SearchStrategy[Network]:
    """Networks of all four kinds, with layers of at most `widest` values, `deepest` blocks in a stage."""
    width = st.integers(1, widest)
    common = {
        "dropout": st.just(0.0) | st.floats(0, 0.9),
        "batch_normalization": st.booleans(),
        "l2": st.just(0.0) | st.floats(0, 0.1),
    }
    shared = common | {"activation": choices(DenseNetwork, "activation")}

    def some(least: int, most: int) -> st.SearchStrategy[tuple[int, ...]]:
        return st.lists(width, min_size=least, max_size=most).map(tuple)

    return st.one_of(
        st.builds(DenseNetwork, widths=some(0, 10), **shared),
        st.builds(
            ConvolutionalNetwork,
            filters=some(1, 4),
            convolutions=st.integers(1, 3),
            dense_width=width,
            **shared,
        ),
        st.builds(RecurrentNetwork, cell=choices(RecurrentNetwork, "cell"), units=some(1, 3), **common),
        st.builds(ResidualNetwork, filters=some(1, 3), blocks=st.integers(1, deepest), **shared),
    )


@st.composite
def configs(draw: st.DrawFn) -> RunConfig:
    """Whole configurations over everything that is allowed."""
    validation_size = draw(st.integers(0, TRAIN_IMAGES - 1))
    rest = TRAIN_IMAGES - validation_size
    leave_out = draw(st.sets(st.integers(0, rest - 1), max_size=min(20, rest - 1)))
    data = st.builds(
        DataConfig,
        train_size=st.none() | st.integers(1, rest - len(leave_out)),
        validation_size=st.just(validation_size),
        sketches=st.integers(0, 300_000),
        leave_out=st.just(tuple(leave_out)),
        normalisation=choices(DataConfig, "normalisation"),
        augmentation=st.builds(
            Augmentation,
            flip=st.booleans(),
            shift=st.floats(0, 0.5),
            rotate=st.floats(0, 180),
            zoom=st.floats(0, 0.5),
            erase=st.floats(0, 1),
        ),
    )
    loss = draw(choices(TrainingConfig, "loss"))
    stopping = st.builds(EarlyStopping, patience=st.integers(1, 100), restore_best=st.booleans())
    training = st.builds(
        TrainingConfig,
        loss=st.just(loss),
        label_smoothing=st.floats(0, 0.5) if loss == "categorical_crossentropy" else st.just(0.0),
        optimizer=choices(TrainingConfig, "optimizer"),
        learning_rate=st.floats(0, 10, exclude_min=True),
        schedule=choices(TrainingConfig, "schedule"),
        weight_decay=st.floats(0, 0.5),
        batch_size=st.integers(1, 8192),
        epochs=st.integers(1, 1000),
        early_stopping=st.none() | stopping if validation_size else st.none(),
        seed=st.integers(0, 2**31 - 1),
        tensorboard=st.booleans(),
    )
    return RunConfig(data=draw(data), model=draw(networks()), training=draw(training))
