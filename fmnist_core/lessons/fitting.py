"""Lessons on learning by heart: how it looks, what helps, and what it makes of a claim."""

from fmnist_core.lessons.lesson import Finding, Lesson, Outcomes
from fmnist_core.lessons.small import FEW, small

ONLY = "1,000 images"


def check_overfitting(outcomes: Outcomes) -> Finding:
    """Whether a network learns 1,000 images by heart."""
    outcome = outcomes[ONLY]
    training, test, losses = outcome.training_accuracy, outcome.accuracy, outcome.validation_loss
    best = int(losses.argmin())
    since = f" and has risen to {losses[-1]:.2f} since" if best < len(losses) - 1 else ", the last one"
    answer = "neither" if training < 0.9 else "both" if test >= 0.95 else "apart"
    return Finding(
        text=f"It names {training:.1%} of the images it learned from, and {test:.1%} of the test images. "
        f"Its validation loss was lowest in epoch {best + 1} ({losses[best]:.2f}){since}.",
        holds=bool(training >= 0.93 and training - test >= 0.12 and losses[-1] >= 1.2 * losses[best]),
        answer=answer,
        figures={
            ONLY: {
                "training accuracy": training,
                "test accuracy": test,
                "lowest validation loss": float(losses[best]),
                "last validation loss": float(losses[-1]),
            }
        },
    )


OVERFITTING = Lesson(
    name="overfitting",
    title="Learning by heart",
    icon="menu_book",
    summary="A network with more parameters than it has ever seen images: overfitting, on purpose.",
    text="This network has 235,000 parameters, and it gets 1,000 photographs, again and again, for 40 "
    "epochs. It has room enough to remember each of them.\n\n"
    "Watch two curves: the one of the images it learns from, and the one of images that are held back.",
    experiments={ONLY: FEW},
    question="How many will it name rightly in the end?",
    choices={
        "both": "Nearly all, of the training images and of the test images",
        "apart": "Nearly all of the training images, far fewer of the test images",
        "neither": "Far from all of either: 1,000 images are too few to learn from",
    },
    claim="It names at least 93% of its training images, at least 12 points more than of the test images, "
    "and its validation loss ends at least 20% above its lowest.",
    check=check_overfitting,
    takeaway="The two curves part: that is **overfitting**. The training curve alone would tell you that "
    "all is well. Note the *loss* on the images held back: it rises although their accuracy hardly moves, "
    "because the network grows ever surer of its mistakes. Where that curve turns is where to stop, and "
    "*early stopping* does.",
    try_next="On Train, give the same network all images (leave *Training images* empty), and see the gap "
    "close.",
    picture="loss",
)

NO_CURE, DROPOUT, BATCH_NORM, AUGMENTED = "no cure", "dropout", "batch norm", "augmentation"


def check_cures(outcomes: Outcomes) -> Finding:
    """Which of three cures does not keep the validation loss down."""
    last = {label: float(outcome.validation_loss[-1]) for label, outcome in outcomes.items()}
    none = last[NO_CURE]
    answers = {DROPOUT: "dropout", BATCH_NORM: "norm", AUGMENTED: "augmentation"}
    worst, other = max(answers, key=last.__getitem__), max(last[DROPOUT], last[AUGMENTED])
    return Finding(
        text=f"Without a cure the loss on the images held back ends at {none:.2f}; with dropout at "
        f"{last[DROPOUT]:.2f}, with augmentation at {last[AUGMENTED]:.2f}, and with batch normalisation at "
        f"{last[BATCH_NORM]:.2f}.",
        holds=other <= 0.85 * none and last[BATCH_NORM] >= 1.15 * other,
        answer=answers[worst],
        figures={
            label: {
                "last validation loss": last[label],
                "test accuracy": outcome.accuracy,
                "training accuracy": outcome.training_accuracy,
            }
            for label, outcome in outcomes.items()
        },
    )


CURES = Lesson(
    name="cures",
    title="What helps against it",
    icon="healing",
    summary="Dropout, batch normalisation and augmentation against learning by heart.",
    text="The same network and the same 1,000 photographs as in *Learning by heart*, and three things that "
    "are recommended:\n\n"
    "- **Dropout** silences half of the neurons at random in each step.\n"
    "- **Batch normalisation** brings each layer's values to mean 0 and deviation 1 over the batch.\n"
    "- **Augmentation** shows each image a little changed every time: mirrored, moved, partly covered.",
    experiments={
        NO_CURE: FEW,
        DROPOUT: FEW.with_values({"model.dropout": 0.5}),
        BATCH_NORM: FEW.with_values({"model.batch_normalization": True}),
        AUGMENTED: FEW.with_values(
            {
                "data.augmentation.flip": True,
                "data.augmentation.shift": 0.04,
                "data.augmentation.erase": 0.5,
            }
        ),
    },
    question="Two of them keep the loss on the images that are held back down. Which one does not?",
    choices={
        "dropout": "Dropout",
        "norm": "Batch normalisation",
        "augmentation": "Augmentation",
    },
    claim="Dropout and augmentation end at least 15% below the network without a cure, and batch "
    "normalisation at least 15% above them.",
    check=check_cures,
    takeaway="**Augmentation** makes learning by heart hard: an image seldom comes back as it was. "
    "**Dropout** makes it harder too. **Batch normalisation** is no cure for this: it makes networks learn "
    "*faster*, and so learn by heart faster too. Mind that the training accuracy of the two cures is "
    "measured on hampered neurons or changed images: it looks worse than it is.",
    try_next="On Train, put dropout and augmentation together, and give it 100 epochs.",
    picture="loss",
)

LONG = "60 epochs"


def check_ninety_nine(outcomes: Outcomes) -> Finding:
    """What is left of 99% on images that the network has not seen."""
    outcome = outcomes[LONG]
    training, test = outcome.training_accuracy, outcome.accuracy
    answer = "true" if test >= 0.95 else "training" if training >= 0.96 else "never"
    return Finding(
        text=f"One run, two figures: {training:.1%} of the images it learned from, {test:.1%} of images it "
        f"never saw. They are {100 * (training - test):.1f} points apart.",
        holds=training >= 0.97 and test <= 0.86,
        answer=answer,
        figures={LONG: {"training accuracy": training, "test accuracy": test}},
    )


NINETY_NINE = Lesson(
    name="ninety-nine",
    title="Why 99% is not 99%",
    icon="percent",
    summary="How a small network comes by a great figure.",
    text="Some tutorials report **99%** for a network with a single hidden layer. The best networks that "
    "anyone has published for these images reach 96 to 97% of the test images; people reached 83.5%.\n\n"
    "Here is such a network: 100 neurons, 4,000 photographs, 60 epochs.",
    experiments={LONG: small(data__train_size=4_000, training__epochs=60)},
    question="What will you find?",
    choices={
        "true": "The claim is right: about 99% of the test images",
        "training": "99% is the accuracy on the images it was trained on; on the test images it is far less",
        "never": "Neither figure comes near 99%",
    },
    claim="It names at least 97% of its training images, and at most 86% of the test images.",
    check=check_ninety_nine,
    takeaway="Nobody lied: 99% was measured, only on the wrong images. Whoever reports an accuracy must "
    "say **of which images**. The test images may be asked once, at the end; the page *Published* sets "
    "every claim beside what is measured here.",
    try_next="On Train, take the recipe *One hidden layer* with 100 epochs, and read both figures.",
)
