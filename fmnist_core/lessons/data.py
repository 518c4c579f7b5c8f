"""Lessons on what goes in and what comes out: pixels, mistakes, and pictures of another kind."""

from functools import cache

import numpy as np

from fmnist_core.analysis.evaluation import evaluate
from fmnist_core.data.dataset import CLASS_NAMES
from fmnist_core.lessons.lesson import Finding, Lesson, Outcome, Outcomes
from fmnist_core.lessons.small import CONVOLUTIONAL, small

RAW, SCALED, STANDARD = "0 to 255", "0 to 1", "mean 0, deviation 1"


def check_normalisation(outcomes: Outcomes) -> Finding:
    """Whether the scale of the pixels matters."""
    raw, scaled, standard = (outcomes[label].accuracy for label in (RAW, SCALED, STANDARD))
    lead = min(scaled, standard) - raw
    return Finding(
        text=f"Pixels from 0 to 255 lead to {raw:.1%} of the test images, from 0 to 1 to {scaled:.1%}, and "
        f"with mean 0 and deviation 1 to {standard:.1%}.",
        holds=lead >= 0.05,
        answer="better" if lead > 0.01 else "worse" if lead < -0.01 else "same",
        figures={
            label: {
                "test accuracy": outcome.accuracy,
                "first epoch's loss": float(outcome.epochs["loss"].iloc[0]),
                "last validation loss": float(outcome.validation_loss[-1]),
            }
            for label, outcome in outcomes.items()
        },
    )


NORMALISATION = Lesson(
    name="normalisation",
    title="Why normalise?",
    icon="tune",
    summary="The same images in another unit, and the network learns less.",
    text="A pixel is a number from 0 to 255. Dividing it by 255 changes nothing in the picture: no "
    "information is lost or won, and the first layer could do it itself with smaller weights.\n\n"
    "The three networks differ only in how the pixels reach them: **0 to 255**, **0 to 1**, or shifted and "
    "scaled to **mean 0 and deviation 1**.",
    experiments={
        RAW: small(data__normalisation="none", training__epochs=3),
        SCALED: small(data__normalisation="scale", training__epochs=3),
        STANDARD: small(data__normalisation="standardise", training__epochs=3),
    },
    question="After 3 epochs, how do the two that normalise stand against the one that does not?",
    choices={
        "better": "Both are more than 1 point ahead",
        "same": "At most one of them is more than 1 point ahead: it is the same information",
        "worse": "One of them is more than 1 point behind: raw pixels are more exact",
    },
    claim="Both are at least 5 points ahead.",
    check=check_normalisation,
    takeaway="The weights begin at a size that suits inputs around 1. Inputs of 200 make sums of "
    "hundreds: the first answers are wildly sure and wrong (look at the loss of the first epoch), and the "
    "network spends its time on getting back. Bring inputs to about 1 in size, and the usual settings "
    "work.",
    try_next="On Train, take *Two hidden layers, plain SGD* with pixel values *none*: it fares worse still.",
)

ONE = "one network"
TOPS = (0, 2, 3, 4, 6)
"""Labels of the garments for the upper body."""
SHIRT, TROUSER = CLASS_NAMES.index("Shirt"), CLASS_NAMES.index("Trouser")


def check_confusion(outcomes: Outcomes) -> Finding:
    """Where the mistakes of one network are."""
    outcome = outcomes[ONE]
    found = evaluate(outcome.y_test, outcome.probabilities)
    mistakes = found.confusion_matrix * ~np.eye(10, dtype=bool)
    among_tops = mistakes[np.ix_(TOPS, TOPS)].sum() / max(mistakes.sum(), 1)
    worst = int(found.f1.argmin())
    return Finding(
        text=f"{found.accuracy:.1%} on average, but F1 is {found.f1[TROUSER]:.1%} for trousers and "
        f"{found.f1[SHIRT]:.1%} for shirts; it is lowest for the class {CLASS_NAMES[worst]}. Of all "
        f"mistakes, {among_tops:.0%} take one garment for the upper body for another.",
        holds=bool(worst == SHIRT and among_tops >= 0.65 and found.f1[TROUSER] - found.f1[SHIRT] >= 0.25),
        answer={6: "shirt", 5: "sandal", 8: "bag", 9: "boot"}.get(worst, "other"),
        figures={
            name: {"F1": float(found.f1[label]), "recall": float(found.recall[label])}
            for label, name in enumerate(CLASS_NAMES)
        },
    )


CONFUSION = Lesson(
    name="confusion",
    title="Not all mistakes are equal",
    icon="grid_on",
    summary="One figure hides ten: what a confusion matrix tells.",
    text="An accuracy is a mean over ten classes. The **confusion matrix** opens it up: a row for each "
    "true class, a column for each answer. On the diagonal stands what was right, beside it which class "
    "was taken for which.\n\n"
    "One small network, 10,000 photographs, 5 epochs. There are equally many of each class.",
    experiments={ONE: small()},
    question="Which class will it find hardest?",
    choices={
        "sandal": "Sandal: straps and gaps, no two are alike",
        "shirt": "Shirt",
        "bag": "Bag: they come in every shape",
        "boot": "Ankle boot: a sneaker with a shaft",
        "other": "Another one",
    },
    claim="It is Shirt, at least 25 points of F1 behind trousers, and at least 65% of all mistakes take "
    "one garment for the upper body for another, though these are half of the images.",
    check=check_confusion,
    takeaway="A shirt is what a T-shirt, a pullover, a dress and a coat have in common: at 28 × 28 pixels "
    "their buttons and collars are a pixel or two. People mix them up as well. Before improving a network, "
    "look where its mistakes are: more bags would not help this one.",
    try_next="On Evaluate, click the cell *Shirt taken for T-shirt/top*, and name those images yourself.",
    picture="confusion",
)

PHOTOGRAPHS, MIXED = "photographs only", "with drawings"
DRAWN = 100
DRAWN_SEED = 28_28
"""Of drawings that no network learns from: runs draw theirs with seeds of their own."""


@cache
def unseen_drawings() -> tuple[np.ndarray, np.ndarray]:
    """Drawings to test with, uint8 `(100, 28, 28)`, ten of each class, and their classes, `(100,)`."""
    # Brings SciPy, which the list of lessons does not wait for.
    from fmnist_core.data.sketches import draw, shape

    rng = np.random.default_rng(DRAWN_SEED)
    labels = np.arange(DRAWN) % len(CLASS_NAMES)
    return np.stack([draw(shape(label, rng), rng) for label in labels.tolist()]), labels


def names_drawings(outcome: Outcome) -> float:
    """Share of the `unseen_drawings` that a network names rightly."""
    drawings, labels = unseen_drawings()
    return float((outcome.ask(drawings).argmax(axis=1) == labels).mean())


def check_drawings(outcomes: Outcomes) -> Finding:
    """What a network of photographs makes of drawings, and one that has seen drawings."""
    drawings = {label: names_drawings(outcome) for label, outcome in outcomes.items()}
    photographs = {label: outcome.accuracy for label, outcome in outcomes.items()}
    alone = drawings[PHOTOGRAPHS]
    return Finding(
        text=f"The network of photographs names {photographs[PHOTOGRAPHS]:.1%} of the test photographs and "
        f"{alone:.1%} of the drawings; the one that has seen drawings as well names "
        f"{photographs[MIXED]:.1%} and {drawings[MIXED]:.1%}.",
        holds=photographs[PHOTOGRAPHS] - alone >= 0.4
        and drawings[MIXED] - alone >= 0.15
        and abs(photographs[MIXED] - photographs[PHOTOGRAPHS]) <= 0.04,
        answer="nearly" if alone >= photographs[PHOTOGRAPHS] - 0.1 else "half" if alone >= 0.35 else "few",
        figures={
            label: {"photographs": photographs[label], "drawings": drawings[label]} for label in outcomes
        },
    )


DRAWINGS = Lesson(
    name="drawings",
    title="Drawing or photograph?",
    icon="draw",
    summary="A good network, pictures of another kind, and what becomes of its accuracy.",
    text="You know a trouser when you see one, photographed or drawn. Does a network?\n\n"
    "Both networks are convolutional and learn from the same 4,000 photographs. One is given 1,500 "
    "**drawings** as well, made by the studio (which takes it a moment); 75 of them are held back. Then "
    "both are shown 100 new drawings.",
    experiments={
        PHOTOGRAPHS: CONVOLUTIONAL.with_values({"data.train_size": 4_000}),
        MIXED: CONVOLUTIONAL.with_values({"data.train_size": 4_000, "data.sketches": 1_500}),
    },
    question="How many of the drawings does the network of photographs name rightly?",
    choices={
        "nearly": "Nearly as many as of the photographs (within 10 points)",
        "half": "About half of them (35% or more)",
        "few": "Fewer than 35%; guessing gives 10%",
    },
    claim="It loses at least 40 points on drawings; the network that has seen drawings is at least 15 "
    "points ahead there, and within 4 points on the photographs.",
    check=check_drawings,
    takeaway="A test set tells how a network does on pictures **like those**, and nothing about others. "
    "What it learned of photographs was brightness and texture as much as shape, and a drawing has "
    "neither. The cure is plain: show it what it will be asked. That is how the network behind *Classify* "
    "learned.",
    try_next="On Classify, draw a garment, and compare this run with *Studio sketch*.",
    picture="drawings",
)
