"""Lessons on how a network takes its steps: how large, and how many."""

import math

from fmnist_core.config import RunConfig
from fmnist_core.lessons.lesson import Finding, Lesson, Outcome, Outcomes
from fmnist_core.lessons.small import small

SMALL_RATE, GOOD_RATE, LARGE_RATE = "rate 0.001", "rate 0.1", "rate 2"


def check_learning_rate(outcomes: Outcomes) -> Finding:
    """Which of three learning rates leads furthest."""
    low, good, high = (outcomes[label].accuracy for label in (SMALL_RATE, GOOD_RATE, LARGE_RATE))
    best = max(outcomes, key=lambda label: outcomes[label].accuracy)
    return Finding(
        text=f"After the same number of epochs, the rate 0.001 has come to {low:.1%} of the test images, "
        f"0.1 to {good:.1%}, and 2 to {high:.1%}; guessing gives 10%.",
        holds=good >= low + 0.1 and good >= high + 0.5,
        answer={SMALL_RATE: "small", GOOD_RATE: "middle", LARGE_RATE: "large"}[best],
        figures={
            label: {
                "test accuracy": outcome.accuracy,
                "training accuracy": outcome.training_accuracy,
                "validation loss": float(outcome.validation_loss[-1]),
            }
            for label, outcome in outcomes.items()
        },
    )


def _plain(learning_rate: float) -> RunConfig:
    return small(
        training__optimizer="sgd",
        training__learning_rate=learning_rate,
        training__schedule="constant",
        training__epochs=3,
    )


LEARNING_RATE = Lesson(
    name="learning-rate",
    title="How large a step?",
    icon="speed",
    summary="Too small, and it crawls; too large, and it never arrives.",
    text="A network learns by taking steps downhill: after each batch of images, every weight moves a "
    "little in the direction that would have made the loss smaller. How far it moves is the **learning "
    "rate**.\n\n"
    "Here are three networks that differ in nothing else: one layer of 100 neurons, plain gradient descent "
    "(SGD), 10,000 photographs, 3 epochs.",
    experiments={SMALL_RATE: _plain(0.001), GOOD_RATE: _plain(0.1), LARGE_RATE: _plain(2)},
    question="Which one names the most test images rightly after 3 epochs?",
    choices={
        "small": "0.001: small, careful steps are the safest",
        "middle": "0.1: in the middle",
        "large": "2: large steps get there first",
    },
    claim="The rate 0.1 is at least 10 points ahead of 0.001 and at least 50 ahead of 2.",
    check=check_learning_rate,
    takeaway="With **0.001** the curve climbs steadily, only far too slowly: more epochs would help. "
    "With **2** each step jumps across the valley and lands higher up than it began; most neurons are "
    "thrown so far off that they never answer again, and no number of epochs helps. When a network does "
    "not learn, look at the learning rate first.",
    try_next="On Train, choose *Two hidden layers, plain SGD* and look for the largest rate that still "
    "learns.",
)

SMALL_BATCH, LARGE_BATCH = "batches of 16", "batches of 1,024"
CLEAR = 0.01
"""A difference in accuracy that is called one."""


def steps(outcome: Outcome) -> int:
    """How often the weights were moved."""
    data, training = outcome.config.data, outcome.config.training
    return len(outcome.epochs) * math.ceil((data.train_size or 0) / training.batch_size)


def check_batch_size(outcomes: Outcomes) -> Finding:
    """Whether small batches lead further than large ones in the same number of epochs."""
    small_batch, large_batch = outcomes[SMALL_BATCH], outcomes[LARGE_BATCH]
    lead = small_batch.accuracy - large_batch.accuracy
    return Finding(
        text=f"In {len(small_batch.epochs)} epochs, batches of 16 made {steps(small_batch):,} steps and "
        f"came to {small_batch.accuracy:.1%} of the test images; batches of 1,024 made "
        f"{steps(large_batch):,} and came to {large_batch.accuracy:.1%}, a difference of {100 * lead:+.1f} "
        "points.",
        holds=lead >= 0.05,
        answer="small" if lead > CLEAR else "large" if lead < -CLEAR else "same",
        figures={
            label: {
                "test accuracy": outcome.accuracy,
                "steps": steps(outcome),
                "seconds": outcome.seconds,
            }
            for label, outcome in outcomes.items()
        },
    )


BATCH_SIZE = Lesson(
    name="batch-size",
    title="How many at a time?",
    icon="stacks",
    summary="The same images, the same epochs, and yet not the same lesson learned.",
    text="A network looks at a **batch** of images, takes the mean of what each would change, and then "
    "makes one step. A larger batch gives a better mean and keeps the processor busy.\n\n"
    "Both networks see the same 10,000 photographs five times, with Adam and the same learning rate.",
    experiments={
        SMALL_BATCH: small(training__batch_size=16),
        LARGE_BATCH: small(training__batch_size=1_024),
    },
    question="Which one names more test images rightly after 5 epochs?",
    choices={
        "small": "Batches of 16, clearly",
        "large": "Batches of 1,024, clearly",
        "same": "No clear difference (within 1 point): both saw the same images",
    },
    claim="Batches of 16 are at least 5 points ahead.",
    check=check_batch_size,
    takeaway="Both saw every image equally often, but learning happens in **steps**, and the small batches "
    "made over 60 times as many. A better mean does not make up for that. Large batches pay when each step "
    "is larger too (a higher learning rate) or when the time they save goes into more epochs.",
    try_next="On Train, raise the learning rate together with the batch size: 0.008 for 1,024 images.",
)
