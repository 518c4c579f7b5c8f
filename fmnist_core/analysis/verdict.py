"""Is one run better than another, or is it chance? The answer in plain sentences, and as a document."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fmnist_core.analysis.compare import Entry, settings
from fmnist_core.analysis.evaluation import evaluate
from fmnist_core.analysis.intervals import bootstrap
from fmnist_core.analysis.paired import SIGNIFICANT, Paired, SeedTest, compare_answers, compare_seeds
from fmnist_core.analysis.results import summary_document
from fmnist_core.repeats import seed_accuracies, seedless, spread
from fmnist_core.runs import Run, RunState


@dataclass(frozen=True)
class Verdict:
    """One entry against another.

    Attributes:
        one, other: The two.
        paired: Their answers to the same test images.
        accuracies: Of each, the test accuracies over all seeds that were measured; none of a run that was
            stopped, since seeds were trained to the end.
        seeds: What these say, or None where nothing was repeated or the seed is all that differs.
    """

    one: Entry
    other: Entry
    paired: Paired
    accuracies: tuple[list[float], list[float]]
    seeds: SeedTest | None

    @property
    def stopped(self) -> list[str]:
        """What those are called that were stopped before their end."""
        return [_called(entry) for entry in (self.one, self.other) if entry.run.state is RunState.STOPPED]

    @property
    def are_alike(self) -> bool:
        """Whether they are the same configuration, seed aside, trained to the end."""
        return not self.stopped and seedless(self.one.run.config) == seedless(self.other.run.config)

    @property
    def are_the_same(self) -> bool:
        """Whether they are two runs of the same configuration with the same seed."""
        groups = self.one.is_group or self.other.is_group
        return self.are_alike and not groups and self.one.run.config == self.other.run.config

    @property
    def lacks_seeds(self) -> bool:
        """Whether repeating either over seeds would say more."""
        repeated = any(len(accuracies) > 1 for accuracies in self.accuracies)
        return not (self.are_alike or self.stopped or repeated)

    @property
    def headline(self) -> str:
        """The verdict in a few words."""
        if self.are_the_same:
            return "the same training twice"
        if self.are_alike:
            return "nothing but seed noise"
        if self.seeds is not None:
            is_more = self.seeds.p_value < SIGNIFICANT
            return "more than seed noise" if is_more else "not shown to be more than seed noise"
        if self.paired.p_value < SIGNIFICANT:
            return "more than the choice of test images, but seed noise is not measured"
        return "not shown to be more than the choice of test images"

    @property
    def on_images(self) -> str:
        """What the same test images say of the two, in a sentence; for repeats, of their first run."""
        found = self.paired
        if not found.difference:
            return (
                f"{_called(self.one)} and {_called(self.other)} are right on equally many of the "
                f"{found.images:,} test images; on {found.only_one + found.only_other:,} of them only one of "
                "the two is."
            )
        ahead = found.difference > 0
        better, worse = map(_called, (self.other, self.one) if ahead else (self.one, self.other))
        more, fewer = max(found.only_one, found.only_other), min(found.only_one, found.only_other)
        bounds = found.interval if ahead else (-found.interval.high, -found.interval.low)
        low, high = (round(100 * bound, 2) + 0.0 for bound in bounds)  # never -0.00
        return (
            f"{better} is {100 * abs(found.difference):.2f} points more accurate than {worse} "
            f"({low:.2f} to {high:.2f}): it alone is right on {more:,} test images, the other alone on "
            f"{fewer:,}. The choice of test images {_explains(found.p_value)} that "
            f"(McNemar's exact test, {_p(found.p_value)})."
        )

    @property
    def over_seeds(self) -> str:
        """Whether the difference is more than seed noise, in a sentence."""
        if self.are_the_same:
            return "They differ in nothing, the seed included: on one machine both give the same answers."
        if self.are_alike:
            known = spread(self.accuracies[0]) if self.accuracies[0] else None
            moves = (
                f": over {known.count} seeds the accuracy moves by ± {100 * known.deviation:.2f} points "
                "(standard deviation)"
                if known and known.deviation is not None
                else ""
            )
            return f"They differ in nothing but the seed, so whatever sets them apart is seed noise{moves}."
        if self.stopped:
            return f"{' and '.join(self.stopped)} stopped early: how far seeds explain that is not measured."
        if self.lacks_seeds:
            return (
                "How much another seed alone would change is not measured: repeat one of them over seeds to "
                "know whether this is more."
            )
        if self.seeds is None:
            count = max(map(len, self.accuracies))
            return f"Over {count} seeds the accuracy stayed the same, which is too little for a test."
        one, other = self.seeds.counts
        test = "Welch's t-test" if min(one, other) > 1 else "t-test of a single run against repeats"
        return (
            f"Trained anew with another seed, the accuracy moves by ± {100 * self.seeds.deviation:.2f} "
            f"points (standard deviation, {one} and {other} seeds). The means are "
            f"{100 * abs(self.seeds.difference):.2f} points apart: seed noise "
            f"{_explains(self.seeds.p_value)} that ({test}, {_p(self.seeds.p_value)})."
        )


def judge(
    one: Entry, other: Entry, runs: Sequence[Run], y_true: np.ndarray, answers: tuple[np.ndarray, np.ndarray]
) -> Verdict:
    """Weighs the difference between two entries that answered the same test images.

    Args:
        one, other: The two.
        runs: Among which repeats of either over seeds are looked for.
        y_true: True classes of the test images, `(n,)`.
        answers: What the two's runs answered, probabilities `(n, 10)` each.
    """
    accuracies = [
        [] if entry.run.state is RunState.STOPPED else seed_accuracies(runs, entry.run)
        for entry in (one, other)
    ]
    alike = seedless(one.run.config) == seedless(other.run.config)
    return Verdict(
        one,
        other,
        compare_answers(y_true, *answers),
        tuple(accuracies),
        None if alike else compare_seeds(*accuracies),
    )


def comparison_document(
    entries: Sequence[Entry],
    runs: Sequence[Run],
    y_true: np.ndarray | None,
    answers: Mapping[str, np.ndarray],
    reason: str | None,
) -> dict[str, Any]:
    """A comparison in values that JSON can hold.

    Args:
        entries: What is compared; all others are held against the first that has answers.
        runs: Among which repeats over seeds are looked for.
        y_true: True classes of the test images; None where the answers are not compared.
        answers: By the entry's id, probabilities `(n, 10)`, of those that have left answers.
        reason: Why the answers are not compared, if they are not.
    """
    described = []
    for entry in entries:
        accuracies = seed_accuracies(runs, entry.run)
        document = {
            "id": entry.id,
            "name": entry.name,
            "runs": [summary_document(run) for run in entry.runs],
            "over_seeds": vars(spread(accuracies)) if accuracies else None,
        }
        if y_true is not None and entry.id in answers:
            measured = evaluate(y_true, answers[entry.id])
            interval = bootstrap(y_true, answers[entry.id], seed=0)
            document["measured"] = {
                name: {"value": getattr(measured, name), "interval": list(getattr(interval, name))}
                for name in ("accuracy", "top_2_accuracy", "loss")
            }
        described.append(document)
    weighed = [entry for entry in entries if entry.id in answers] if y_true is not None else []
    verdicts = [
        judge(weighed[0], other, runs, y_true, (answers[weighed[0].id], answers[other.id]))
        for other in weighed[1:]
    ]
    return {
        "entries": described,
        "differences": {row.name: list(row.values) for row in settings(entries) if row.differs},
        "not_comparable": reason,
        "against_the_first": [
            {
                "one": found.one.id,
                "other": found.other.id,
                "difference": found.paired.difference,
                **found.paired._asdict(),
                "interval": list(found.paired.interval),
                "seeds": found.seeds and found.seeds._asdict(),
                "verdict": found.headline,
                "sentences": [found.on_images, found.over_seeds],
            }
            for found in verdicts
        ],
    }


def _called(entry: Entry) -> str:
    return entry.run.name if entry.is_group else entry.name


def _explains(p_value: float) -> str:
    return "hardly explains" if p_value < SIGNIFICANT else "may well explain"


def _p(value: float) -> str:
    return "p < 0.001" if value < 0.001 else f"p = {value:.2g}"
