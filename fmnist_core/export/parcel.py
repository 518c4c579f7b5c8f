"""A bundle that somebody else may have made, read with suspicion.

Nothing is unpacked to a path, and nothing that could run code is opened.
"""

import hashlib
import stat
import struct
import zipfile
import zlib
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    FailFast,
    Field,
    StringConstraints,
    ValidationError,
)
from safetensors import SafetensorError
from safetensors.numpy import load

from fmnist_core.config import RunConfig
from fmnist_core.data.dataset import real_fingerprint
from fmnist_core.data.wardrobe import TEST_SIZE
from fmnist_core.errors import ConfigError, ExportError
from fmnist_core.export.bundle import ANSWERS, MANIFEST, RUN, TRAVELLING, VERSION, WEIGHTS
from fmnist_core.models.outline import outline, total_parameters
from fmnist_core.repeats import SUFFIX
from fmnist_core.runs import LATEST, LONGEST_NOTE, LONGEST_TAG, MOST_TAGS

LARGEST_BUNDLE = 500_000_000
LARGEST_FILES = {MANIFEST: 1_000_000, RUN: 16_000_000, ANSWERS: 20_000_000, WEIGHTS: 400_000_000}
"""Bytes of what is read, unpacked."""

MOST_FIELDS = 500_000
"""Colons in a description: those of the reports of the longest run, and of a note. What is wrong costs a
kilobyte of memory for each field."""

MOST_ENTRIES = 100
LARGEST_TABLE = 100_000
"""Bytes of a zip's table of contents."""

END = struct.Struct("<4sHHHHIIH")
"""The record at the end of a zip (APPNOTE.TXT, 4.3.16)."""

LOCATOR = struct.Struct("<4sIQI")
"""What stands before it in a large zip (4.3.15), and leads to other figures than those in the record."""

PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""How files may be packed: other ways have errors of their own for wrong bytes."""

BESIDE = "__MACOSX/"
"""Where Finder keeps what it knows of the files that it packs."""

TEST_IMAGES = {"fashion-mnist": 10_000, "wardrobe": TEST_SIZE}
MOST_REPORTS = 20_000
NAME = r"^[a-z0-9][a-z0-9-]*$"
"""What ids of runs and short names of recipes are made of: a run's folder is called after them."""

LONGEST_NAME = 64
"""Characters of such a name, as in the database."""

LONGEST_ID = LONGEST_NAME - len(SUFFIX)
"""Characters of a run's id: the group of its repeats is named after it, and has its place in the database."""

LONGEST_QUOTE = 200
"""Characters of what a message quotes from a bundle."""

DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
)
"""What reading a zip raises when its bytes are wrong, encrypted, or packed in a way of its own."""

Text = Annotated[str, StringConstraints(max_length=200)]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, strict=True)


class _Entry(_Strict):
    size: int = Field(ge=0)
    sha256: str


class _Manifest(_Strict):
    bundle: int
    files: dict[str, _Entry]


Single = Annotated[float, Field(ge=-1e38, le=1e38)]
"""A number that float32 holds, as all that comes out of a training."""


class _Row(_Strict):
    """A report, by `METRIC_COLUMNS`."""

    step: int = Field(ge=0, lt=2**31)
    epoch: float = Field(ge=0, le=1000)
    loss: Single
    accuracy: float = Field(ge=0, le=1)
    val_loss: Single | None
    val_accuracy: Annotated[float, Field(ge=0, le=1)] | None
    learning_rate: Single
    images_per_second: Single
    seconds: Single


def _rising(rows: list[_Row]) -> list[_Row]:
    if any(row.step <= before.step for before, row in pairwise(rows)):
        raise ValueError("each step must be higher than the one before")
    return rows


_Rows = Annotated[list[_Row], FailFast(), Field(max_length=MOST_REPORTS), AfterValidator(_rising)]


class _Metrics(_Strict):
    epoch: _Rows
    step: _Rows


class _Test(_Strict):
    accuracy: float = Field(ge=0, le=1)
    loss: float = Field(ge=0, le=1e38)


class _Check(_Strict):
    structure: bool
    parameters: bool
    weights: bool
    predictions: bool
    largest_difference: Single


class _Result(_Strict):
    test: _Test
    epochs: int = Field(ge=0, le=1000)
    seconds: float = Field(ge=0, le=1e9)
    parameters: int = Field(ge=0)
    plan: Annotated[
        str,
        StringConstraints(pattern=r"^(CPU|GPU), [A-Za-z0-9 ]+, (float32|mixed_bfloat16)$", max_length=200),
    ]
    temperature: float = Field(1.0, gt=0, le=1000)
    check: _Check
    versions: dict[Text, Text] = Field({}, max_length=20)


def _names_one(run_id: str) -> str:
    if run_id == LATEST:
        raise ValueError(f"{LATEST} means the newest run")
    return run_id


def _visible(text: str) -> str:
    if not any(letter.isprintable() and not letter.isspace() for letter in text):
        raise ValueError("nothing of it can be seen")
    return text


Tag = Annotated[str, StringConstraints(max_length=LONGEST_TAG), AfterValidator(_visible)]


class Described(_Strict):
    """What `bundle.described` has written."""

    id: Annotated[str, StringConstraints(pattern=NAME, max_length=LONGEST_ID), AfterValidator(_names_one)]
    name: Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(_visible)]
    recipe: Annotated[str, StringConstraints(pattern=NAME, max_length=LONGEST_NAME)] | None
    config: dict[str, Any]
    source: Literal["fashion-mnist", "wardrobe"]
    fingerprint: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{1,64}$")]
    state: Literal["finished", "stopped"]
    result: _Result
    created: float = Field(ge=0, le=1e11)
    note: Annotated[str, StringConstraints(max_length=LONGEST_NOTE)]
    tags: list[Tag] = Field(max_length=MOST_TAGS)
    metrics: _Metrics


@dataclass(frozen=True, eq=False)
class Parcel:
    """What was read from a bundle: all of it checked but for the weights, which the network will judge."""

    described: Described
    config: RunConfig
    answers: dict[str, np.ndarray]
    weights: dict[str, np.ndarray]


def read_bundle(path: Path) -> Parcel:
    """Reads a bundle without trusting it.

    Raises:
        ExportError: saying in one sentence what is wrong with it.
    """
    try:
        _check_size(path)
        with zipfile.ZipFile(path) as archive:
            top = _check_entries(archive.infolist())
            entries = _validated(_Manifest, _read(archive, top, MANIFEST), MANIFEST)
            if entries.bundle != VERSION:
                raise ExportError(
                    f"The bundle is of version {entries.bundle}, and this studio reads {VERSION}: update the "
                    "older of the two studios."
                )
            contents = {name: _read(archive, top, name) for name in TRAVELLING}
    except OSError as error:
        raise ExportError(
            f"The bundle cannot be read ({error.strerror or error}): check its name."
        ) from error
    except DAMAGED as error:
        raise ExportError("This is not a bundle, or it is damaged: export it again.") from error
    for name, content in contents.items():
        _check_hash(name, content, entries.files.get(name))
    if contents[RUN].count(b":") > MOST_FIELDS:
        raise ExportError(f"{RUN} in the bundle is larger than any run's: it is not used.")
    described = _validated(Described, contents[RUN], RUN)
    if described.source == "fashion-mnist" and described.fingerprint != real_fingerprint():
        raise ExportError(
            "The bundle's run answered other images than those of Fashion-MNIST, and says otherwise: it is "
            "not used."
        )
    try:
        config = RunConfig.parse(described.config)
    except ConfigError as error:
        raise ExportError(f"The bundle's configuration is not allowed: {_quoted(str(error))}") from error
    _check_history(described.metrics, config)
    answers, weights = _arrays(contents[ANSWERS], ANSWERS), _arrays(contents[WEIGHTS], WEIGHTS)
    _check_answers(answers, described.source, config.data.validation_size)
    # Before the network is built: one that is larger than its weights is never made.
    count = total_parameters(outline(config))
    if sum(array.size for array in weights.values()) != count or described.result.parameters != count:
        raise ExportError("The bundle's weights do not fit its configuration: export it again.")
    return Parcel(described, config, answers, weights)


def _check_size(path: Path) -> None:
    """Refuses what is too large to be looked into, its table of contents included."""
    size = path.stat().st_size
    if size > LARGEST_BUNDLE:
        raise ExportError(
            f"The bundle has more than {LARGEST_BUNDLE // 1_000_000} MB, and that is the most a studio takes "
            "in: ask for one of a smaller network."
        )
    with path.open("rb") as file:
        file.seek(max(0, size - END.size - LOCATOR.size))
        locator, record = file.read(LOCATOR.size), file.read()
    # Without a comment, the end of a zip is a record of 22 bytes; studios write no other.
    if len(record) < END.size or record[:4] != b"PK\5\6" or locator[:4] == b"PK\6\7":
        raise ExportError("This is not a bundle, or it is damaged: export it again.")
    *_, entries, table, _, _ = END.unpack(record)
    if entries > MOST_ENTRIES or table > LARGEST_TABLE:
        raise ExportError("The bundle holds too many files: it is not of a run.")


def _check_entries(entries: list[zipfile.ZipInfo]) -> str:
    """Refuses what no studio and no file manager packs.

    Returns:
        The folder that all the files are in, with its slash; empty as a studio packs them.
    """
    names = [entry.filename for entry in entries]
    if len(names) > MOST_ENTRIES or len(set(names)) < len(names):
        raise ExportError("The bundle names a file twice, or too many of them: export it again.")
    for entry in entries:
        # A file manager that packs an unpacked bundle again has an entry for its folder, too.
        parts = entry.filename.removesuffix("/").replace("\\", "/").split("/")
        if ".." in parts or "" in parts or ":" in entry.filename or stat.S_ISLNK(entry.external_attr >> 16):
            raise ExportError(
                "The bundle holds a link, or a file that would lie outside of it: it is not used."
            )
        if entry.compress_type not in PACKED:
            raise ExportError(
                f"{_quoted(entry.filename)} in the bundle is packed as no studio packs it: it is not used."
            )
    files = [name for name in names if not name.endswith("/") and not name.startswith(BESIDE)]
    tops = {name[: name.find("/") + 1] for name in files}
    top = tops.pop() if len(tops) == 1 else ""
    if missing := {MANIFEST, *TRAVELLING} - {name.removeprefix(top) for name in files}:
        raise ExportError(
            f"The bundle lacks {', '.join(sorted(missing))}: it is no bundle of a run, or damaged."
        )
    for entry in entries:
        name = entry.filename.removeprefix(top)
        if name in LARGEST_FILES and entry.file_size > LARGEST_FILES[name]:
            raise ExportError(f"{name} in the bundle is larger than any run's: it is not used.")
    return top


def _read(archive: zipfile.ZipFile, top: str, name: str) -> bytes:
    """At most as many bytes as are allowed, whatever the archive declares."""
    with archive.open(top + name) as file:
        content = file.read(LARGEST_FILES[name] + 1)
    if len(content) > LARGEST_FILES[name]:
        raise ExportError(f"{name} in the bundle is larger than any run's: it is not used.")
    return content


def _check_hash(name: str, content: bytes, entry: _Entry | None) -> None:
    if entry is None or (entry.size, entry.sha256) != (len(content), hashlib.sha256(content).hexdigest()):
        raise ExportError(f"{name} in the bundle is not what its manifest says: it was damaged or changed.")


def _validated(kind: type[Any], content: bytes, name: str) -> Any:
    try:
        return kind.model_validate_json(content)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "JSON"
        reason = first["msg"].removeprefix("Value error, ")
        raise ExportError(
            f"{name} in the bundle is not as a studio writes it ({_quoted(place)}: {reason})."
        ) from error


def _quoted(text: str) -> str:
    """The beginning of a text that a bundle may have made long, on one line."""
    line = " ".join(text[: LONGEST_QUOTE + 1].split())
    return line if len(text) <= LONGEST_QUOTE else f"{line[:LONGEST_QUOTE]} …"


def _arrays(content: bytes, name: str) -> dict[str, np.ndarray]:
    try:
        arrays = load(content)
    except (SafetensorError, ValueError, KeyError, TypeError, OverflowError, MemoryError) as error:
        raise ExportError(f"{name} in the bundle is damaged: export it again.") from error
    if any(array.dtype != np.float32 or not np.isfinite(array).all() for array in arrays.values()):
        raise ExportError(f"{name} in the bundle holds something that is no number: it is not used.")
    return arrays


def _check_history(metrics: _Metrics, config: RunConfig) -> None:
    validated = all(None not in (row.val_loss, row.val_accuracy) for row in metrics.epoch)
    if config.data.validation_size and not validated:
        raise ExportError(
            f"{RUN} in the bundle lacks the validation figures of an epoch, though its run held "
            f"{config.data.validation_size:,} images back: export it again."
        )


def _check_answers(answers: dict[str, np.ndarray], source: str, validation_size: int) -> None:
    if set(answers) != {"test", "validation"}:
        raise ExportError(f"{ANSWERS} in the bundle lacks the answers of a run: export it again.")
    for array in answers.values():
        is_right_shape = array.ndim == 2 and array.shape[1] == 10
        if not is_right_shape or (array < 0).any() or np.abs(array.sum(axis=1) - 1).max(initial=0) > 1e-3:
            raise ExportError(
                f"{ANSWERS} in the bundle holds no probabilities of ten classes: it is not used."
            )
    if len(answers["test"]) != TEST_IMAGES[source]:
        raise ExportError(
            f"{ANSWERS} in the bundle has {len(answers['test']):,} answers, but {source} has "
            f"{TEST_IMAGES[source]:,} test images: export it again."
        )
    if len(answers["validation"]) < validation_size:
        raise ExportError(
            f"{ANSWERS} in the bundle has {len(answers['validation']):,} validation answers, but its run "
            f"held {validation_size:,} images back: export it again."
        )
