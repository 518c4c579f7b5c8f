"""Runs side by side: which ones, what was set differently, and how they learned."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from fmnist_core.config import setting_title
from fmnist_core.errors import RunError
from fmnist_core.repeats import Spread, is_repeats, members, seed_accuracies, spread
from fmnist_core.runs import Run, RunState, RunStore

if TYPE_CHECKING:
    import pandas as pd

FEWEST, MOST = 2, 6
"""How many are compared at once."""

LONGEST_LIST = 10
"""A setting that is a longer list is shown as how many it has."""


@dataclass(frozen=True)
class Entry:
    """What is compared: a run, or the repeats of one over seeds, which count as one.

    Attributes:
        id: The run's id, or the group's.
        name: What it is called here, unlike the others beside it.
        runs: The one run, or those of the group, the first one first.
    """

    id: str
    name: str
    runs: tuple[Run, ...]

    @property
    def run(self) -> Run:
        """The run whose answers stand for the entry: the first that came to its end, or else the first that
        left a network, or else the first."""
        left = [run for run in self.runs if run.has_model]
        finished = [run for run in left if run.state is RunState.FINISHED]
        return (finished or left or list(self.runs))[0]

    @property
    def is_group(self) -> bool:
        """Whether it is the repeats of a run."""
        return is_repeats(self.id)

    @property
    def is_live(self) -> bool:
        """Whether any of its runs has not ended yet."""
        return not all(run.state.is_ended() for run in self.runs)


def find_entries(store: RunStore, names: Iterable[str]) -> tuple[list[Entry], list[str]]:
    """Looks up what is to be compared.

    Args:
        store: The store.
        names: Ids of runs and of groups of repeats. A name given twice counts once.

    Returns:
        The entries, each with a name of its own, and a sentence for each name that leads to none.
    """
    known = {run.id: run for run in store.all_runs()}
    thrown = {run.id for run in store.bin()}
    found: dict[str, tuple[Run, ...]] = {}
    problems = []
    for name in dict.fromkeys(names):
        if name in known:
            found[name] = (known[name],)
        elif is_repeats(name) and (runs := members(store, name)):
            found[name] = tuple(runs)
        elif name in thrown:
            problems.append(f"Run {name} is in the bin: bring it back on the page Runs.")
        else:
            problems.append(f"There is no run {name!r} (any more).")
    called = {
        entry_id: f"{runs[0].name}, over seeds" if is_repeats(entry_id) else runs[0].name
        for entry_id, runs in found.items()
    }
    entries = [Entry(entry_id, name, found[entry_id]) for entry_id, name in told_apart(called).items()]
    return entries, problems


def told_apart(names: Mapping[str, str]) -> dict[str, str]:
    """Names by id, equal ones with their ids added: legends and choices tell things apart by their words."""
    times = Counter(names.values())
    told = {id: f"{name} ({id})" if times[name] > 1 else name for id, name in names.items()}
    # Somebody may have called a run what another one is called now.
    return told if told == names else told_apart(told)


def require_enough(entries: Sequence[Entry]) -> None:
    """Refuses what is too little or too much to compare.

    Raises:
        RunError: for fewer than two or more than six.
    """
    if not FEWEST <= len(entries) <= MOST:
        raise RunError(f"{FEWEST} to {MOST} different runs are compared at once, not {len(entries)}.")


def not_comparable(entries: Sequence[Entry]) -> str | None:
    """Why the answers cannot be compared, in a sentence, or None when they can.

    Runs that came from different data sets answered different test images.
    """
    if len({entry.run.fingerprint for entry in entries}) > 1:
        sets = ", ".join(f"{entry.name} on {entry.run.source} ({entry.run.fingerprint})" for entry in entries)
        return f"They answered different test images ({sets}): only curves and settings can be compared."
    lacking = {
        entry.name: "none yet" if entry.is_live else "left none"
        for entry in entries
        if not entry.run.has_model
    }
    if len(entries) - len(lacking) < FEWEST:
        states = "; ".join(f"{name}: {state}" for name, state in lacking.items())
        return f"Answers are compared where two runs have them; {states}."
    return None


def entry_spread(entry: Entry, runs: Iterable[Run]) -> Spread:
    """The test accuracy of an entry that has left answers: of repeats that of all finished ones, by seed."""
    repeated = seed_accuracies(runs, entry.run) if entry.is_group else []
    return spread(repeated or [entry.run.result["test"]["accuracy"]])


class Setting(NamedTuple):
    """One setting of several runs.

    Attributes:
        name: Its dotted name, as in `training.epochs`; `data set` or `recipe`.
        values: Its value in each, as text; a dash where a run has no such setting.
        differs: Whether they are not all the same.
    """

    name: str
    values: tuple[str, ...]
    differs: bool

    @property
    def title(self) -> str:
        """What it is called on the screen."""
        return setting_title(self.name) if "." in self.name else self.name.capitalize()


def settings(entries: Sequence[Entry]) -> list[Setting]:
    """Data set, recipe and every setting of the entries side by side, in the order of the configuration.

    For repeats over seeds the seed is that of all of them.
    """
    described = [_described(entry) for entry in entries]
    names = list(dict.fromkeys(name for values in described for name in values))
    rows = []
    for name in names:
        values = [values.get(name) for values in described]
        rows.append(Setting(name, tuple(map(_text, values)), len(set(map(repr, values))) > 1))
    return rows


def _described(entry: Entry) -> dict[str, Any]:
    run = entry.runs[0]
    values = {"data set": f"{run.source} ({run.fingerprint})", "recipe": run.recipe} | run.config.flat()
    if entry.is_group:
        values["training.seed"] = tuple(sorted({run.config.training.seed for run in entry.runs}))
    return values


def _text(value: Any) -> str:
    match value:
        case None:
            return "–"
        case bool():
            return "yes" if value else "no"
        case list() | tuple() if len(value) > LONGEST_LIST:
            return f"{len(value):,} of them"
        case list() | tuple():
            return ", ".join(map(str, value)) or "none"
        case float():
            return f"{value:g}"
        case _:
            return str(value)


def curves(store: RunStore, entry: Entry) -> "pd.DataFrame":
    """What an entry reported while it learned.

    Returns:
        Columns `curve` (training or validation), `epoch`, `step`, `seconds`, and `loss` and `accuracy`, each
        also with `_low` and `_high`. Of repeats there is a row per epoch: means, least and greatest over
        the seeds. Of a run, bounds and value are the same.
    """
    import pandas as pd

    at, measures = ["epoch", "step", "seconds"], ["loss", "accuracy"]
    validation = {"val_loss": "loss", "val_accuracy": "accuracy"}
    epochs = pd.concat([store.metrics(run.id, "epoch") for run in entry.runs])
    trained = epochs if entry.is_group else store.metrics(entry.run.id, "step")
    validated = epochs[[*at, *validation]].rename(columns=validation).dropna()
    parts = []
    for curve, rows in (("training", trained), ("validation", validated)):
        by_epoch = rows[at + measures].groupby("epoch", as_index=False)
        means = by_epoch.mean()
        for bound, ends in (("low", by_epoch.min()), ("high", by_epoch.max())):
            means[[f"{name}_{bound}" for name in measures]] = ends[measures]
        parts.append(means.assign(curve=curve))
    return pd.concat(parts, ignore_index=True)
