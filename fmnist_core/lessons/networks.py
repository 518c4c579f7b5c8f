"""Lessons on how a network is built."""

from fmnist_core.lessons.lesson import Finding, Lesson, Outcomes
from fmnist_core.lessons.small import CONVOLUTIONAL, small

LINEAR, WIDE, DEEP = "no hidden layer", "one of 128", "four of 96"
SAME = 0.025
"""Networks this close in accuracy are called equal."""


def check_depth(outcomes: Outcomes) -> Finding:
    """Whether depth or width does more for about the same number of parameters."""
    linear, wide, deep = (outcomes[label].accuracy for label in (LINEAR, WIDE, DEEP))
    lead = deep - wide
    return Finding(
        text=f"Without a hidden layer: {linear:.1%} of the test images. One layer of 128: {wide:.1%}. Four "
        f"layers of 96, with about as many parameters: {deep:.1%}, {100 * lead:+.1f} points against the "
        "single one.",
        holds=abs(lead) <= SAME and wide >= linear + 0.01,
        answer="same" if abs(lead) <= SAME else "deep" if lead > 0 else "wide",
        figures={
            label: {
                "test accuracy": outcome.accuracy,
                "training accuracy": outcome.training_accuracy,
                "parameters": outcome.parameters,
            }
            for label, outcome in outcomes.items()
        },
    )


DEPTH = Lesson(
    name="depth",
    title="Deep or wide?",
    icon="layers",
    summary="A hundred thousand parameters, in one layer or in four.",
    text="A dense network can grow in two ways: more neurons in a layer, or more layers. *One layer of "
    "128* and *four layers of 96* have about the same number of parameters, a hundred thousand.\n\n"
    "For comparison there is a third one without any hidden layer: 784 pixels, straight to the ten "
    "answers.",
    experiments={
        LINEAR: small(model__widths=[], training__epochs=6),
        WIDE: small(model__widths=[128], training__epochs=6),
        DEEP: small(model__widths=[96, 96, 96, 96], training__epochs=6),
    },
    question="One layer of 128 or four of 96: which names more test images rightly?",
    choices={
        "deep": "Four layers, by more than 2.5 points: that is why it is called deep learning",
        "wide": "One layer, by more than 2.5 points",
        "same": "No difference to speak of (within 2.5 points)",
    },
    claim="One layer and four are within 2.5 points of each other; one layer is at least 1 point ahead of "
    "none.",
    check=check_depth,
    takeaway="The first hidden layer is the one that counts: with it, an answer is no longer a plain sum "
    "over the pixels. More dense layers add little here, as none of them knows that neighbouring pixels "
    "belong together. Depth pays with layers that do: see *Three ways to look*.",
    try_next="On Train, try ten layers of 60, with the activations *relu* and *sigmoid*.",
)

DENSE, CONVOLUTION, RECURRENT = "dense", "convolutional", "recurrent"


def check_kinds(outcomes: Outcomes) -> Finding:
    """Which kind of network makes most of about the same number of parameters."""
    dense, convolution, recurrent = (outcomes[label].accuracy for label in (DENSE, CONVOLUTION, RECURRENT))
    best = max(outcomes, key=lambda label: outcomes[label].accuracy)
    return Finding(
        text=f"With about 100,000 parameters each: dense {dense:.1%}, convolutional {convolution:.1%}, "
        f"recurrent {recurrent:.1%} of the test images.",
        holds=convolution >= max(dense, recurrent) + 0.005,
        answer=best,
        figures={
            label: {
                "test accuracy": outcome.accuracy,
                "parameters": outcome.parameters,
                "seconds": outcome.seconds,
            }
            for label, outcome in outcomes.items()
        },
    )


KINDS = Lesson(
    name="kinds",
    title="Three ways to look",
    icon="visibility",
    summary="All pixels at once, small patterns, or row by row.",
    text="Three networks of about 100,000 parameters:\n\n"
    "- **dense** connects every pixel with every neuron and does not know which are neighbours;\n"
    "- **convolutional** slides small patterns of 3×3 pixels over the picture;\n"
    "- **recurrent** (an LSTM) reads the picture row by row, like a text, and remembers.\n\n"
    "Each sees the same 10,000 photographs five times.",
    experiments={
        DENSE: small(model__widths=[128], training__batch_size=64),
        CONVOLUTION: CONVOLUTIONAL,
        RECURRENT: small(
            model__kind="recurrent", model__cell="lstm", model__units=[144], training__batch_size=64
        ),
    },
    question="Which one names the most test images rightly?",
    choices={"dense": "Dense", "convolutional": "Convolutional", "recurrent": "Recurrent"},
    claim="The convolutional network is at least half a point ahead of both others.",
    check=check_kinds,
    takeaway="A convolution knows two things beforehand: neighbouring pixels belong together, and a collar "
    "is a collar wherever it is. It need not learn that from images, and so makes more of them. It pays "
    "with time: look at the seconds.",
    try_next="On Evaluate, choose *Robustness*, and shift the images: see which of the three minds least.",
)
