"""Named configurations to start from, each with what was published about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from fmnist_core.config import (
    Augmentation,
    ConvolutionalNetwork,
    DataConfig,
    DenseNetwork,
    RecurrentNetwork,
    ResidualNetwork,
    RunConfig,
    TrainingConfig,
)


@dataclass(frozen=True)
class Recipe:
    """A configuration with a name, a reason to try it, and what others claimed for it.

    Attributes:
        name: Short name, as used on the command line.
        title: Name on the screen.
        summary: One sentence: what it is and what it shows.
        claim: What was published about this network, in words, with its source.
        claimed_accuracy: The published accuracy in [0, 1], or None where there is none.
        config: The configuration itself.
    """

    name: str
    title: str
    summary: str
    claim: str
    claimed_accuracy: float | None
    config: RunConfig


_ALL = (
    Recipe(
        "dense-100",
        "One hidden layer",
        "784 → 100 → 10 with Adam: the smallest network worth training, done in seconds.",
        "Tutorials claim 99%; that is the accuracy on the images it was trained on, after many epochs.",
        0.99,
        RunConfig(model=DenseNetwork(widths=(100,)), training=TrainingConfig(epochs=10)),
    ),
    Recipe(
        "dense-300-100",
        "Two hidden layers, plain SGD",
        "The network of the well-known textbook exercise: 300 and 100 neurons, plain gradient descent.",
        "About 89% on the validation images after 30 epochs (Géron, Hands-On Machine Learning, chapter 10).",
        0.89,
        RunConfig(
            model=DenseNetwork(widths=(300, 100)),
            training=TrainingConfig(optimizer="sgd", learning_rate=0.01, epochs=30),
        ),
    ),
    Recipe(
        "dense-512-256-128",
        "Three hidden layers",
        "A wider and deeper dense network with Adam and one-hot labels; it starts to overfit, watch it.",
        "0.900 for a dense network 256-128-64 (the data set's own leaderboard).",
        0.900,
        RunConfig(
            model=DenseNetwork(widths=(512, 256, 128)),
            training=TrainingConfig(loss="categorical_crossentropy", epochs=15, tensorboard=True),
        ),
    ),
    Recipe(
        "dense-bn-dropout",
        "Batch normalisation and dropout",
        "Two layers that others swear by on a dense network: compare its two curves with the one above.",
        "0.900 for a dense network 256-128-64 without the two (the data set's own leaderboard).",
        0.900,
        RunConfig(
            model=DenseNetwork(widths=(256, 128), batch_normalization=True, dropout=0.3),
            training=TrainingConfig(batch_size=64, epochs=15),
        ),
    ),
    Recipe(
        "cnn",
        "Convolutional network",
        "Two convolutions that look for small patterns anywhere in the picture: the step past 90%.",
        "0.916 for two convolutions with pooling (the data set's own leaderboard).",
        0.916,
        RunConfig(
            model=ConvolutionalNetwork(filters=(32, 64), dense_width=128, dropout=0.25),
            training=TrainingConfig(batch_size=64, epochs=8),
        ),
    ),
    Recipe(
        "cnn-augmented",
        "Convolutional, with augmentation",
        "Batch normalisation, dropout and slightly changed images: slower to learn, harder to fool.",
        "0.919 for two convolutions with flips, shifts and turns (the data set's own leaderboard).",
        0.919,
        RunConfig(
            data=DataConfig(augmentation=Augmentation(flip=True, shift=0.07, erase=0.3)),
            model=ConvolutionalNetwork(
                filters=(32, 64), convolutions=2, dense_width=128, dropout=0.3, batch_normalization=True
            ),
            training=TrainingConfig(batch_size=128, epochs=20, learning_rate=2e-3, schedule="cosine"),
        ),
    ),
    Recipe(
        "lstm-rows",
        "LSTM over the rows",
        "Reads the picture like a text, one row of 28 pixels at a time, and remembers.",
        "0.888 for GRU+SVM, where an SVM takes the softmax's place (the data set's own leaderboard).",
        0.888,
        RunConfig(
            model=RecurrentNetwork(cell="lstm", units=(128,)),
            training=TrainingConfig(batch_size=128, epochs=10, learning_rate=2e-3),
        ),
    ),
    Recipe(
        "residual-small",
        "Small residual network",
        "Convolutions with shortcuts around them, so that a deeper network still learns.",
        "0.949 for a full ResNet-18 (the data set's own leaderboard).",
        0.949,
        RunConfig(
            data=DataConfig(augmentation=Augmentation(flip=True, shift=0.07)),
            model=ResidualNetwork(filters=(16, 32, 64), blocks=1),
            training=TrainingConfig(batch_size=128, epochs=10, learning_rate=3e-3, schedule="one_cycle"),
        ),
    ),
    Recipe(
        "speedrun-90",
        "Speedrun to 90%",
        "The shortest way past 90%: two passes, with large steps that grow and shrink once (one cycle).",
        "0.934 for two convolutions with pooling and batch normalisation (the data set's own leaderboard).",
        0.934,
        RunConfig(
            data=DataConfig(normalisation="standardise"),
            model=ConvolutionalNetwork(filters=(16, 32), dense_width=64, batch_normalization=True),
            training=TrainingConfig(
                batch_size=128, epochs=2, optimizer="adamw", learning_rate=1e-2, schedule="one_cycle"
            ),
        ),
    ),
    Recipe(
        "speedrun-93",
        "Speedrun to 93%",
        "The shortest way past 93%: mirrored images keep a small network from learning them by heart.",
        "0.934 for two convolutions with pooling and batch normalisation (the data set's own leaderboard).",
        0.934,
        RunConfig(
            data=DataConfig(normalisation="standardise", augmentation=Augmentation(flip=True)),
            model=ConvolutionalNetwork(
                filters=(32, 64), dense_width=128, dropout=0.1, batch_normalization=True
            ),
            training=TrainingConfig(
                batch_size=128, epochs=10, optimizer="adamw", learning_rate=1e-2, schedule="one_cycle"
            ),
        ),
    ),
    Recipe(
        "speedrun-945",
        "Speedrun towards 94.5%",
        "Six convolutions, mirrored and shifted images, soft labels: as far as 20 minutes lead on 2 cores.",
        "0.949 for a full ResNet-18 (the data set's own leaderboard).",
        0.949,
        RunConfig(
            data=DataConfig(
                validation_size=2_000,
                normalisation="standardise",
                augmentation=Augmentation(flip=True, shift=0.04),
            ),
            model=ConvolutionalNetwork(
                filters=(32, 64, 128),
                convolutions=2,
                dense_width=128,
                dropout=0.15,
                batch_normalization=True,
                l2=2.5e-4,
            ),
            training=TrainingConfig(
                batch_size=128,
                epochs=24,
                optimizer="momentum",
                learning_rate=0.1,
                schedule="one_cycle",
                loss="categorical_crossentropy",
                label_smoothing=0.05,
            ),
        ),
    ),
    Recipe(
        "studio-sketch",
        "Studio sketch",
        "The network that names drawings here: it learns from 95,000 drawn garments beside the photographs.",
        "Nothing was published about it.",
        None,
        RunConfig(
            data=DataConfig(
                validation_size=2_000,
                normalisation="standardise",
                sketches=100_000,
                augmentation=Augmentation(flip=True, shift=0.05, rotate=8, zoom=0.1),
            ),
            model=ConvolutionalNetwork(
                filters=(32, 64, 128),
                convolutions=2,
                dense_width=128,
                dropout=0.15,
                batch_normalization=True,
            ),
            training=TrainingConfig(
                batch_size=128,
                epochs=10,
                optimizer="adamw",
                weight_decay=5e-3,
                learning_rate=6e-3,
                schedule="one_cycle",
                loss="categorical_crossentropy",
                label_smoothing=0.05,
            ),
        ),
    ),
    Recipe(
        "studio-photo",
        "Studio photo",
        "The network that names photographs here: two to five hours on 2 cores, and worth it.",
        "0.960 for a ResNet-20 with random erasing after 300 epochs (Zhong et al., 2017).",
        0.960,
        RunConfig(
            data=DataConfig(
                validation_size=2_000,
                normalisation="standardise",
                augmentation=Augmentation(flip=True, shift=0.07, erase=0.5),
            ),
            model=ResidualNetwork(filters=(16, 32, 64), blocks=3, l2=2.5e-4),
            training=TrainingConfig(
                batch_size=128,
                epochs=120,
                optimizer="momentum",
                learning_rate=0.1,
                schedule="one_cycle",
                loss="categorical_crossentropy",
                label_smoothing=0.05,
            ),
        ),
    ),
)

RECIPES: Mapping[str, Recipe] = MappingProxyType({recipe.name: recipe for recipe in _ALL})
"""Every recipe by its name, simplest first."""
