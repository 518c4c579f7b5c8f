"""Configurations for hypothesis to draw."""

from hypothesis import strategies as st

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


def networks(widest: int = 512, deepest: int = 9) -> st.SearchStrategy[Network]:
    """Networks of all four kinds, with layers of at most `widest` values, `deepest` blocks in a stage."""
    width = st.integers(1, widest)
    common = {
        "dropout": st.just(0.0) | st.floats(0, 0.9),
        "batch_normalization": st.booleans(),
        "l2": st.just(0.0) | st.floats(0, 0.1),
    }
    shared = common | {"activation": st.sampled_from(["relu", "gelu", "elu", "tanh", "sigmoid"])}

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
        st.builds(RecurrentNetwork, cell=st.sampled_from(["gru", "lstm"]), units=some(1, 3), **common),
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
        leave_out=st.just(tuple(leave_out)),
        normalisation=st.sampled_from(["scale", "standardise", "none"]),
        augmentation=st.builds(
            Augmentation,
            flip=st.booleans(),
            shift=st.floats(0, 0.5),
            rotate=st.floats(0, 180),
            zoom=st.floats(0, 0.5),
            erase=st.floats(0, 1),
        ),
    )
    one_hot = draw(st.booleans())
    stopping = st.builds(EarlyStopping, patience=st.integers(1, 100), restore_best=st.booleans())
    training = st.builds(
        TrainingConfig,
        loss=st.just("categorical_crossentropy" if one_hot else "sparse_categorical_crossentropy"),
        label_smoothing=st.floats(0, 0.5) if one_hot else st.just(0.0),
        optimizer=st.sampled_from(["sgd", "momentum", "adam", "adamw", "rmsprop"]),
        learning_rate=st.floats(0, 10, exclude_min=True),
        schedule=st.sampled_from(["constant", "cosine", "one_cycle", "exponential"]),
        weight_decay=st.floats(0, 0.5),
        batch_size=st.integers(1, 8192),
        epochs=st.integers(1, 1000),
        early_stopping=st.none() | stopping if validation_size else st.none(),
        seed=st.integers(0, 2**31 - 1),
        tensorboard=st.booleans(),
    )
    return RunConfig(data=draw(data), model=draw(networks()), training=draw(training))
