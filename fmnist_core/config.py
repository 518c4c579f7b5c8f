"""A run's configuration: everything that decides its result, validated and frozen."""

from collections.abc import Iterator
from functools import cache
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, FailFast, Field, ValidationError, model_validator

from fmnist_core.errors import ConfigError

MOST_PROBLEMS = 5
"""Of what is wrong with a configuration, so much is told at once."""

TRAIN_IMAGES = 60_000
"""Images in the training set; training and validation images are both taken from these."""

PIXEL_MEAN = 72.94
PIXEL_DEVIATION = 90.02
"""Mean and standard deviation of the pixels of the Fashion-MNIST training set, on the scale 0 to 255."""


class _Part(BaseModel):
    """What every part of a configuration shares: frozen, and unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True, allow_inf_nan=False)


class Augmentation(_Part):
    """Random changes made to each training image each time it is seen."""

    flip: bool = Field(False, title="Mirror", description="Mirror half of the images left to right.")
    shift: float = Field(
        0.0, ge=0, le=0.5, title="Shift", description="Move by up to this share of the width and height."
    )
    rotate: float = Field(
        0.0, ge=0, le=180, title="Turn (degrees)", description="Turn by up to this many degrees either way."
    )
    zoom: float = Field(0.0, ge=0, le=0.5, title="Zoom", description="Enlarge or shrink by up to this share.")
    erase: float = Field(
        0.0,
        ge=0,
        le=1,
        title="Random erasing",
        description="Chance that a random rectangle of the image is replaced by noise.",
    )

    @property
    def is_on(self) -> bool:
        """Whether any change is asked for."""
        return any(bool(getattr(self, name)) for name in type(self).model_fields)


Position = Annotated[int, Field(ge=0, lt=TRAIN_IMAGES)]
Positions = Annotated[
    tuple[Position, ...], FailFast(), AfterValidator(lambda found: tuple(sorted(set(found))))
]


class DataConfig(_Part):
    """Which images a run learns from, and how they reach the network."""

    train_size: int | None = Field(
        None,
        ge=1,
        le=TRAIN_IMAGES,
        title="Training images",
        description="Images to learn from; empty means all that are left.",
    )
    validation_size: int = Field(
        5_000,
        ge=0,
        le=TRAIN_IMAGES - 1,
        title="Validation images",
        description="The last images of the training set, held back.",
    )
    normalisation: Literal["scale", "standardise", "none"] = Field(
        "scale",
        title="Pixel values",
        description="Pixels divided by 255 (scale), shifted and scaled to mean 0 and deviation 1 "
        "(standardise), or left at 0 to 255 (none).",
    )
    sketches: int = Field(
        0,
        ge=0,
        le=300_000,
        title="Drawings",
        description="Drawn garments to learn from as well, so that the network can name drawings.",
    )
    leave_out: Positions = Field(
        (),
        title="Left out",
        description="Numbers of training images not to learn from, such as those with suspect labels.",
    )
    augmentation: Augmentation = Augmentation()

    @property
    def rescaling(self) -> tuple[float, float]:
        """The normalisation as scale and offset: a pixel x becomes scale * x + offset."""
        return {
            "scale": (1 / 255, 0.0),
            "standardise": (1 / PIXEL_DEVIATION, -PIXEL_MEAN / PIXEL_DEVIATION),
            "none": (1.0, 0.0),
        }[self.normalisation]

    @model_validator(mode="after")
    def _fits_the_training_set(self) -> Self:
        if (self.train_size or 1) + self.validation_size > TRAIN_IMAGES:
            raise ValueError(
                f"Training images (train_size {self.train_size}) and validation images (validation_size "
                f"{self.validation_size}) together must be at most {TRAIN_IMAGES}"
            )
        rest = TRAIN_IMAGES - self.validation_size
        if self.leave_out and self.leave_out[-1] >= rest:
            raise ValueError(
                f"leave_out names image {self.leave_out[-1]}, but beside {self.validation_size} for "
                f"validation the training images are 0 to {rest - 1}"
            )
        if (self.train_size or 1) > rest - len(self.leave_out):
            raise ValueError(
                f"leave_out names {len(self.leave_out)} images and leaves {rest - len(self.leave_out)}, too "
                f"few for train_size {self.train_size or 1}"
            )
        return self


Width = Annotated[int, Field(ge=1, le=4096)]
Filters = Annotated[int, Field(ge=1, le=512)]
Units = Annotated[int, Field(ge=1, le=512)]


class _Network(_Part):
    """What every kind of network has."""

    activation: Literal["relu", "gelu", "elu", "tanh", "sigmoid"] = Field(
        "relu", title="Activation", description="What each hidden layer applies to its sums."
    )
    dropout: float = Field(
        0.0, ge=0, le=0.9, title="Dropout", description="Share of values set to zero while training."
    )
    batch_normalization: bool = Field(
        False, title="Batch norm", description="Normalise each layer's values over the batch while training."
    )
    l2: float = Field(
        0.0,
        ge=0,
        le=0.1,
        title="L2 penalty",
        description="Weight of the penalty on squared weights of hidden layers.",
    )


class DenseNetwork(_Network):
    """Fully connected layers over the 784 pixels."""

    kind: Literal["dense"] = Field("dense", title="Kind")
    widths: Annotated[tuple[Width, ...], Field(max_length=10)] = Field(
        (128,),
        title="Neurons per layer",
        description="Neurons in each hidden layer, first to last; an empty list is a linear classifier.",
    )


class ConvolutionalNetwork(_Network):
    """Blocks of 3×3 convolutions, each followed by 2×2 max pooling, then one dense layer."""

    kind: Literal["convolutional"] = Field("convolutional", title="Kind")
    filters: Annotated[tuple[Filters, ...], Field(min_length=1, max_length=4)] = Field(
        (32, 64),
        title="Filters",
        description="Filters in each block, first to last; a block halves height and width.",
    )
    convolutions: int = Field(
        1, ge=1, le=3, title="Convolutions per block", description="Convolutions in each block."
    )
    dense_width: Width = Field(
        128, title="Dense neurons", description="Neurons in the dense layer before the answer."
    )


class RecurrentNetwork(_Network):
    """A GRU or LSTM that reads the picture row by row, top to bottom."""

    kind: Literal["recurrent"] = Field("recurrent", title="Kind")
    activation: Literal["tanh"] = Field(
        "tanh", title="Activation", description="What the cell applies to its state."
    )
    cell: Literal["gru", "lstm"] = Field("lstm", title="Memory cell", description="The kind of memory cell.")
    units: Annotated[tuple[Units, ...], Field(min_length=1, max_length=3)] = Field(
        (128,), title="Memory units", description="Size of the memory in each recurrent layer, first to last."
    )


class ResidualNetwork(_Network):
    """Stages of residual blocks, each stage with half the height and width of the last."""

    kind: Literal["residual"] = Field("residual", title="Kind")
    batch_normalization: bool = Field(
        True, title="Batch norm", description="Normalise each layer's values over the batch while training."
    )
    filters: Annotated[tuple[Filters, ...], Field(min_length=1, max_length=3)] = Field(
        (16, 32, 64), title="Filters", description="Filters in each stage, first to last."
    )
    blocks: int = Field(
        1,
        ge=1,
        le=9,
        title="Blocks per stage",
        description="Residual blocks in each stage, two convolutions each.",
    )


Network = Annotated[
    DenseNetwork | ConvolutionalNetwork | RecurrentNetwork | ResidualNetwork, Field(discriminator="kind")
]


class EarlyStopping(_Part):
    """Stop when the validation loss has not improved for a while."""

    patience: int = Field(
        5, ge=1, le=100, title="Patience", description="Epochs without improvement before stopping."
    )
    restore_best: bool = Field(
        True, title="Go back to the best epoch", description="Go back to the weights of the best epoch."
    )


class TrainingConfig(_Part):
    """How the network learns."""

    loss: Literal["sparse_categorical_crossentropy", "categorical_crossentropy"] = Field(
        "sparse_categorical_crossentropy",
        title="Loss",
        description="The same measure of error, with labels as numbers (sparse) or as one-hot rows.",
    )
    label_smoothing: float = Field(
        0.0,
        ge=0,
        le=0.5,
        title="Label smoothing",
        description="Share of certainty taken from the true label and spread over all.",
    )
    optimizer: Literal["sgd", "momentum", "adam", "adamw", "rmsprop"] = Field(
        "adam", title="Optimizer", description="The rule that turns gradients into steps."
    )
    learning_rate: float = Field(
        1e-3, gt=0, le=10, title="Learning rate", description="Size of the steps, or the highest of them."
    )
    schedule: Literal["constant", "cosine", "one_cycle", "exponential"] = Field(
        "constant", title="Schedule", description="How the learning rate changes over the run."
    )
    weight_decay: float = Field(
        1e-4, ge=0, le=0.5, title="Weight decay", description="Shrinks the weights at each step; AdamW only."
    )
    batch_size: int = Field(32, ge=1, le=8192, title="Batch size", description="Images per step.")
    epochs: int = Field(10, ge=1, le=1000, title="Epochs", description="Passes over the training images.")
    early_stopping: EarlyStopping | None = Field(
        None,
        title="Early stopping",
        description="Stop when the validation loss has not improved for a while.",
    )
    seed: int = Field(
        0, ge=0, le=2**31 - 1, title="Seed", description="Fixes every random choice of the run."
    )
    tensorboard: bool = Field(
        False, title="TensorBoard logs", description="Also write TensorBoard event files."
    )

    @property
    def has_one_hot_labels(self) -> bool:
        """Whether the loss takes labels as one-hot rows, not as numbers."""
        return self.loss != "sparse_categorical_crossentropy"

    @model_validator(mode="after")
    def _smoothing_needs_one_hot(self) -> Self:
        if self.label_smoothing and self.loss != "categorical_crossentropy":
            raise ValueError(
                f"Label smoothing ({self.label_smoothing:g}) needs loss categorical_crossentropy, because "
                "smoothed labels are rows, not numbers"
            )
        return self


class RunConfig(_Part):
    """Everything that decides a run's result. Frozen; round-trips through JSON."""

    data: DataConfig = DataConfig()
    model: Network = DenseNetwork()
    training: TrainingConfig = TrainingConfig()

    @model_validator(mode="after")
    def _early_stopping_needs_validation(self) -> Self:
        if self.training.early_stopping and not self.data.validation_size:
            raise ValueError("Early stopping needs validation images: set validation_size to 1 or more")
        return self

    @classmethod
    def parse(cls, values: dict[str, Any]) -> "RunConfig":
        """Validates `values` (nested, as `to_dict` gives them).

        Raises:
            ConfigError: naming each field at fault, its value and what is allowed.
        """
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            raise ConfigError(_sentence(error)) from error

    @classmethod
    def from_json(cls, text: str) -> "RunConfig":
        """The inverse of `to_json`. Raises ConfigError as `parse` does."""
        try:
            return cls.model_validate_json(text)
        except ValidationError as error:
            raise ConfigError(_sentence(error)) from error

    def to_json(self) -> str:
        """The configuration as one JSON document."""
        return self.model_dump_json()

    def to_dict(self) -> dict[str, Any]:
        """The configuration as nested dictionaries of JSON's own types."""
        return self.model_dump(mode="json")

    def flat(self) -> dict[str, Any]:
        """The configuration by dotted name, as `with_values` takes it."""
        return dict(_flat(self.to_dict()))

    @property
    def has_plain_loss(self) -> bool:
        """Whether its loss is the cross-entropy alone: no penalty on weights, and labels as they are."""
        return not (self.model.l2 or self.training.label_smoothing)

    def with_values(self, changes: dict[str, Any]) -> "RunConfig":
        """A copy with dotted fields replaced, as in `{"training.epochs": 3}`.

        Changing `model.kind` starts from that kind's defaults.

        Raises:
            ConfigError: for a field that does not exist or a value that is not allowed.
        """
        values = self.to_dict()
        if changes.get("model.kind", self.model.kind) != self.model.kind:
            values["model"] = {"kind": changes["model.kind"]}
        for path, value in changes.items():
            *parents, field = path.split(".")
            part = values
            for parent in parents:
                part = part.get(parent) if isinstance(part, dict) else None
                if part is None and path.startswith("training.early_stopping."):
                    part = values["training"]["early_stopping"] = {}
            if not isinstance(part, dict):
                raise ConfigError(f"{path} is not a setting; settings look like training.epochs.")
            part[field] = value
        return self.parse(values)


def setting_title(field: str) -> str:
    """What a setting is called on the screen: `Learning rate` for `training.learning_rate`.

    Raises:
        KeyError: for what is no setting.
    """
    return _titles()[field]


@cache
def _titles() -> dict[str, str]:
    return dict(_titled(RunConfig))


def _titled(part: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, field in part.model_fields.items():
        if field.title:
            yield prefix + name, field.title
        for kind in (field.annotation, *get_args(field.annotation)):
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                yield from _titled(kind, f"{prefix}{name}.")


def _flat(values: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield prefix + name, value


def _sentence(error: ValidationError) -> str:
    problems = [_problem(detail) for detail in error.errors()[:MOST_PROBLEMS]]
    more = error.error_count() - len(problems)
    return "; ".join(problems) + (f"; and {more:,} more." if more else ".")


def _problem(detail: Any) -> str:
    kinds = [network.model_fields["kind"].default for network in get_args(get_args(Network)[0])]
    path = [part for part in detail["loc"] if part not in kinds]
    field = ".".join(map(str, path))
    if title := _titles().get(".".join(part for part in path if isinstance(part, str))):
        field = f"{title} ({field})"
    if detail["type"] == "value_error":
        return str(detail["ctx"]["error"])
    if detail["type"] == "extra_forbidden":
        return f"{field} is not a setting of this configuration"
    if detail["type"] in ("union_tag_invalid", "union_tag_not_found"):
        return f"{field}.kind must be one of {', '.join(kinds)}"
    if detail["type"] in ("json_invalid", "model_type", "model_attributes_type"):
        return f"{field or 'the configuration'} is not valid: {detail['msg']}"
    if detail["type"] in ("too_long", "too_short"):
        _, _, message = detail["msg"].replace(" after validation", "").partition(" should ")
        return f"{field} must {message}"
    message = detail["msg"].removeprefix("Input ").removeprefix("should ")
    return f"{field} must {message}, not {detail['input']!r}"
