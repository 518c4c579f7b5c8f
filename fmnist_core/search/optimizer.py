"""One search with Optuna: what its runs have come to is told, and what to try next is asked for.

A run's state in the store is the truth; Optuna's trials, in the same database, follow it. Whoever conducts
the search may be killed at any moment: the next one finds a trial of Optuna's that is not told yet, finds
or makes the one run that belongs to it, and goes on.
"""

import math
import warnings
from typing import TYPE_CHECKING, Any

import optuna
from filelock import FileLock
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.exceptions import ExperimentalWarning
from optuna.importance import FanovaImportanceEvaluator, get_param_importances
from optuna.pruners import BasePruner, HyperbandPruner, MedianPruner, NopPruner, SuccessiveHalvingPruner
from optuna.samplers import BaseSampler, GridSampler, QMCSampler, RandomSampler, TPESampler
from optuna.storages import RDBStorage
from optuna.trial import FrozenTrial, TrialState, create_trial

from fmnist_core.database import database_url, engine_options
from fmnist_core.errors import ConfigError, RunError
from fmnist_core.runs import Run, RunState, RunStore
from fmnist_core.search.searches import Plan, Search, SearchState, get_search, move, spend
from fmnist_core.search.space import Axis, Range, grid, grid_size, trial_config, written
from fmnist_core.search.trials import score_of

if TYPE_CHECKING:
    import pandas as pd

DROPPED = "dropped"
"""Attribute of those of Optuna's trials that were given up before they had a run: they count for nothing."""

REDUCTION = 3
"""Successive halving lets one of so many go on; the factor of the Hyperband paper (Li et al., 2018)."""

IMPORTANT_TRIALS = 5
"""Finished trials before importances are worked out; of fewer, nothing can be said."""

optuna.logging.set_verbosity(optuna.logging.WARNING)


class Optimizer:
    """Takes one search further, a step at a time. One process at a time may do that for a search."""

    def __init__(self, store: RunStore, search_id: str) -> None:
        """Opens the search's study, or makes it."""
        self._store, self._id = store, search_id
        self._plan = get_search(store, search_id).plan
        self._storage = _open_storage(store)
        self._study = optuna.create_study(
            study_name=search_id,
            storage=self._storage,
            sampler=RandomSampler(),
            pruner=_pruner(self._plan),
            direction="maximize",
            load_if_exists=True,
        )
        self._distributions = {field: _distribution(axis) for field, axis in self._plan.space.items()}

    def close(self) -> None:
        """Ends its connections to the database."""
        self._storage.engine.dispose()

    def advance(self, workers: int = 1, elapsed: float = 0.0) -> Search:
        """Tells what has ended, stops what is not worth its time, and starts what comes next.

        Keeps one run waiting beside those that the workers train, and not more: each trial that begins
        later knows the outcome of more of the others.

        Args:
            workers: How many runs the engine trains at once.
            elapsed: Seconds since the last step. They count while one of its runs trains: time in which
                those of others do is not the search's to spend.

        Returns:
            The search as it is afterwards.
        """
        search = get_search(self._store, self._id)
        active = self._follow(search)
        if elapsed and any(run.state is RunState.RUNNING for run in active):
            spend(self._store, self._id, elapsed)
            search = get_search(self._store, self._id)
        if search.state is SearchState.STOPPING:
            self._stop(active)
            if not self._open_trials():
                move(self._store, self._id, SearchState.STOPPING, SearchState.STOPPED)
        elif search.state is SearchState.RUNNING:
            if search.is_out_of_time:
                self._stop([run for run in active if run.state is RunState.QUEUED])
            # Counted by trials: one that found the queue full has no run yet, and still comes next.
            while len(self._open_trials()) <= workers and self._may_begin(search):
                if self._begin(self._ask()) is None:
                    break
            if not self._open_trials() and not self._may_begin(search):
                move(self._store, self._id, SearchState.RUNNING, SearchState.FINISHED)
        return get_search(self._store, self._id)

    def importances(self) -> dict[str, float]:
        """What each setting explains of the differences between finished trials, as parts of what all do.

        The shares of variance of functional ANOVA over a forest of regression trees (Hutter et al., 2014),
        with each factor of a logarithmic range counting the same, as it does in the search.

        Returns:
            Shares that sum to 1, the largest first; empty while too few trials have finished.
        """
        trials = self._study.get_trials(states=[TrialState.COMPLETE])
        if len(trials) < IMPORTANT_TRIALS or len({trial.value for trial in trials}) == 1:
            return {}
        study = optuna.create_study(sampler=RandomSampler())
        study.add_trials(map(_on_linear_axes, trials))
        shares = get_param_importances(study, evaluator=FanovaImportanceEvaluator(seed=0))
        return {field: float(share) for field, share in shares.items()}

    def _follow(self, search: Search) -> list[Run]:
        """Brings Optuna's trials up to their runs. Returns the runs that have not ended."""
        deleted = [run for run in self._store.bin() if run.group_id == self._id]
        runs = {run.trial: run for run in (*self._store.runs(group_id=self._id), *deleted)}
        active = []
        for trial in self._open_trials():
            run = runs.get(trial.number)
            if run is None:
                # Whoever asked for it was killed before it had a run, or all its values.
                if search.state is SearchState.RUNNING and trial.params.keys() == self._plan.space.keys():
                    run = self._begin(trial)
                    active += [run] if run else []
                else:
                    self._storage.set_trial_user_attr(trial._trial_id, DROPPED, True)
                    self._study.tell(trial.number, state=TrialState.FAIL)
                continue
            epochs = self._store.metrics(run.id, "epoch")
            hopeless = self._report(trial, epochs)
            if run.state.is_ended():
                self._tell(trial, run, epochs)
                continue
            active.append(run)
            if hopeless and len(epochs) < run.config.training.epochs:
                self._stop([run])
        return active

    def _open_trials(self) -> list[FrozenTrial]:
        """Those that Optuna has not been told the end of."""
        return self._study.get_trials(deepcopy=False, states=[TrialState.RUNNING])

    def _report(self, trial: FrozenTrial, epochs: "pd.DataFrame") -> bool:
        """Passes on the epochs that are new. Returns whether the pruner would stop the trial."""
        hopeless = False
        for epoch, accuracy in zip(epochs["epoch"], epochs["val_accuracy"], strict=True):
            if int(epoch) not in trial.intermediate_values:
                self._storage.set_trial_intermediate_value(trial._trial_id, int(epoch), float(accuracy))
                now = self._storage.get_trial(trial._trial_id)
                # Once is enough: by the next epoch the pruner takes its own verdict for settled.
                hopeless = self._study.pruner.prune(self._study, now) or hopeless
        return hopeless

    def _tell(self, trial: FrozenTrial, run: Run, epochs: "pd.DataFrame") -> None:
        score = score_of(run, epochs)
        if run.state is RunState.FAILED or score is None:
            self._study.tell(trial.number, state=TrialState.FAIL)
        elif run.state is RunState.STOPPED:
            # By the pruner or by a person: how far it came counts, but not as an outcome.
            self._study.tell(trial.number, state=TrialState.PRUNED)
        else:
            self._study.tell(trial.number, score)

    def _stop(self, runs: list[Run]) -> None:
        for run in runs:
            if not run.stop_requests:
                self._store.request_stop(run.id)

    def _may_begin(self, search: Search) -> bool:
        begun = sum(DROPPED not in trial.user_attrs for trial in self._study.get_trials(deepcopy=False))
        limits = [search.trials, grid_size(self._plan.space) if self._plan.sampler == "grid" else None]
        return not search.is_out_of_time and all(limit is None or begun < limit for limit in limits)

    def _ask(self) -> FrozenTrial:
        number = len(self._study.get_trials(deepcopy=False))
        asking = optuna.load_study(
            study_name=self._id,
            storage=self._storage,
            sampler=_sampler(self._plan, number),
            pruner=self._study.pruner,
        )
        return self._storage.get_trial(asking.ask(self._distributions)._trial_id)

    def _begin(self, trial: FrozenTrial) -> Run | None:
        """Gives a trial its run, the same one however often this is done; None where it cannot have one."""
        search = get_search(self._store, self._id)
        try:
            config = trial_config(self._plan.config, self._plan.space, trial.params)
        except ConfigError:
            self._study.tell(trial.number, state=TrialState.FAIL)
            return None
        try:
            return self._store.create(
                config,
                source=search.source,
                fingerprint=search.fingerprint,
                recipe=self._plan.recipe,
                name=f"{search.name} · {trial.number}",
                request=f"{self._id}:{trial.number}",
                group_id=self._id,
                trial=trial.number,
            )
        except RunError:
            return None  # The queue is full: it begins at a later step.


def _open_storage(store: RunStore) -> RDBStorage:
    """Optuna's tables in the studio's database; the first one makes them."""
    url = database_url(store.settings)
    with FileLock(store.settings.home / "schema.lock"):
        return RDBStorage(url.render_as_string(hide_password=False), engine_kwargs=engine_options(url))


def _on_linear_axes(trial: FrozenTrial) -> FrozenTrial:
    params, distributions = dict(trial.params), dict(trial.distributions)
    for field, axis in trial.distributions.items():
        if isinstance(axis, FloatDistribution | IntDistribution) and axis.log:
            params[field] = math.log(params[field])
            distributions[field] = FloatDistribution(math.log(axis.low), math.log(axis.high))
    return create_trial(params=params, distributions=distributions, value=trial.value)


def _distribution(axis: Axis) -> BaseDistribution:
    if not isinstance(axis, Range):
        return CategoricalDistribution([written(value) for value in axis.values])
    if axis.whole:
        return IntDistribution(round(axis.low), round(axis.high), log=axis.log)
    return FloatDistribution(axis.low, axis.high, log=axis.log)


def _sampler(plan: Plan, number: int) -> BaseSampler:
    """The sampler for the trial of this number: what it draws depends on nothing that a crash would lose."""
    seed = (plan.seed + number) % 2**32
    match plan.sampler:
        case "tpe":
            return TPESampler(seed=seed)
        case "random":
            return RandomSampler(seed=seed)
        case "grid":
            return GridSampler(grid(plan.space), seed=plan.seed)
        case "quasi-random":
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", ExperimentalWarning)
                return QMCSampler(
                    seed=plan.seed,
                    scramble=True,
                    independent_sampler=RandomSampler(seed=seed),
                    warn_independent_sampling=False,
                )


def _pruner(plan: Plan) -> BasePruner:
    kinds: dict[str, Any] = {
        "halving": lambda: SuccessiveHalvingPruner(min_resource=1, reduction_factor=REDUCTION),
        "hyperband": lambda: HyperbandPruner(
            min_resource=1, max_resource=plan.config.training.epochs, reduction_factor=REDUCTION
        ),
        "median": MedianPruner,
        "none": NopPruner,
    }
    return kinds[plan.pruner]()
