"""The networks that come with the studio: finished runs of its own recipes, kept in the package.

Each folder below `shipped_models/` holds what such a run left behind (`model.keras`, `predictions.npz`),
`run.json` with all that the store knows of it, and `CARD.md`, its model card.
"""

import hashlib
import json
import logging
import shutil
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import sqlalchemy as sa
from filelock import FileLock

from fmnist_core.config import RunConfig
from fmnist_core.errors import RunError
from fmnist_core.files import replacing
from fmnist_core.recipes import RECIPES
from fmnist_core.runs import ANSWERS_FILE, MODEL_FILE, Run, RunState, RunStore
from fmnist_core.settings import Settings

if TYPE_CHECKING:
    import pandas as pd

log = logging.getLogger(__name__)

SKETCH = "studio-sketch"
"""Names drawings, and photographs too, though not as well as the other."""

PHOTO = "studio-photo"
"""Names photographs."""

FOLDER = Path(__file__).with_name("shipped_models")
_FILES = (MODEL_FILE, ANSWERS_FILE)
TITLES = {name: RECIPES[name].title for name in (SKETCH, PHOTO)}
MODELS = tuple(name for name in TITLES if (FOLDER / name).is_dir())
"""Those that the package holds."""


def open_store(settings: Settings) -> RunStore:
    """Opens the run store, with the networks that come with the studio in it, if there is room for them.

    Raises:
        RunError: As `RunStore` does.
    """
    store = RunStore(settings)
    try:
        with FileLock(settings.home / "shipped.lock"):
            known = {run.id: run for run in store.shipped_runs()}
            for name in MODELS:
                here = all((store.folder(name) / file).exists() for file in _FILES)
                if not here or name not in known or known[name].result.get("edition") != _edition(name):
                    _install(store, name)
    except (OSError, sa.exc.SQLAlchemyError):
        # On a full disk all the rest can still be looked at.
        log.exception("The networks that come with the studio could not be put beside its runs")
    return store


@cache
def _edition(name: str) -> str:
    """Digest of all that is shipped under a name."""
    content = b"".join((FOLDER / name / file).read_bytes() for file in ("run.json", *_FILES))
    return hashlib.sha256(content).hexdigest()[:12]


def _install(store: RunStore, name: str) -> None:
    folder = store.folder(name)
    # With all that was worked out about an earlier edition.
    shutil.rmtree(folder, ignore_errors=True)
    for file in _FILES:
        with replacing(folder / file) as incoming:
            shutil.copyfile(FOLDER / name / file, incoming)
    described = json.loads((FOLDER / name / "run.json").read_text())
    described["config"] = RunConfig.parse(described["config"])
    described["result"]["edition"] = _edition(name)
    # SQLite numbers the next run by the highest number there is: -1, and so 0 for a store's first own run.
    store.adopt(name, -1 - list(TITLES).index(name), **described)


def pack(store: RunStore, run: Run, name: str) -> Path:
    """Puts a finished run into the package, as the network that is shipped under `name`.

    What the optimizer remembers stays behind: nobody trains it on, and it may be as large as the network.

    Args:
        store: The store that knows it.
        run: The run.
        name: One of `SKETCH` and `PHOTO`.

    Returns:
        Its folder.

    Raises:
        RunError: when the run did not finish as the recipe of that name has it, or the name is another.
    """
    if name not in TITLES:
        raise RunError(f"There is no shipped network {name!r}; choose one of {', '.join(TITLES)}.")
    if run.state is not RunState.FINISHED or not run.is_real:
        raise RunError(f"Run {run.id} on {run.source} is {run.state}: pack one finished on fashion-mnist.")
    if run.config != RECIPES[name].config:
        raise RunError(f"Run {run.id} is not what the recipe {name} trains now: train that one.")
    from fmnist_core.inference import load_predictor  # TensorFlow takes seconds to load

    folder = FOLDER / name
    folder.mkdir(parents=True, exist_ok=True)
    load_predictor(store.folder(run.id) / MODEL_FILE).model.save(folder / MODEL_FILE)
    with np.load(store.folder(run.id) / ANSWERS_FILE) as answers:
        np.savez_compressed(folder / ANSWERS_FILE, **answers)
    metrics = {kind: _records(store.metrics(run.id, kind)) for kind in ("epoch", "step")}
    described: dict[str, Any] = {
        "name": TITLES[name],
        "recipe": run.recipe,
        "config": run.config.to_dict(),
        "source": run.source,
        "fingerprint": run.fingerprint,
        "result": run.result,
        "created": run.created,
        "metrics": metrics,
    }
    (folder / "run.json").write_text(json.dumps(described, indent=1) + "\n")
    return folder


def _records(metrics: "pd.DataFrame") -> list[dict[str, float]]:
    """A row per report; of the reports within an epoch, none has validation figures."""
    return json.loads(metrics.to_json(orient="records", double_precision=6))
