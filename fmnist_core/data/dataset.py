"""Fashion-MNIST: find its four files, check every byte, fetch what is missing, parse and split.

Data: H. Xiao, K. Rasul, R. Vollgraf, "Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine
Learning Algorithms", 2017, arXiv:1708.07747 (MIT licence). The files are gzipped IDX, the format of MNIST.
"""

import hashlib
import logging
import os
import shutil
import struct
import zlib
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

import numpy as np

from fmnist_core.errors import ConfigError, DataError
from fmnist_core.progress import Progress
from fmnist_core.settings import Settings

if TYPE_CHECKING:
    from fmnist_core.config import DataConfig

logger = logging.getLogger(__name__)

CLASS_NAMES: tuple[str, ...] = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)


class ExpectedFile(NamedTuple):
    """Size in bytes and SHA-256 that a file must have."""

    size: int
    sha256: str


# In the order of the arrays of `Dataset`.
FILES: Mapping[str, ExpectedFile] = {
    "train-images-idx3-ubyte.gz": ExpectedFile(
        26_421_880, "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"
    ),
    "train-labels-idx1-ubyte.gz": ExpectedFile(
        29_515, "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"
    ),
    "t10k-images-idx3-ubyte.gz": ExpectedFile(
        4_422_102, "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"
    ),
    "t10k-labels-idx1-ubyte.gz": ExpectedFile(
        5_148, "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"
    ),
}

# The authors' own server comes last: it speaks plain HTTP only, and proxies on the way have answered for it
# with the digits of MNIST, whose files have the same names (zalandoresearch/fashion-mnist, issue 107).
MIRRORS: tuple[str, ...] = (
    "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
    "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/",
    "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
)

# Seconds to connect and seconds of silence: offline, three mirrors must not cost more than a few seconds.
_TIMEOUT = (2.0, 10.0)
_CHUNK_BYTES = 1 << 16


@dataclass(frozen=True, eq=False)
class Split:
    """Training and validation images with their labels; shapes and dtypes as in `Dataset`."""

    x_train: np.ndarray
    y_train: np.ndarray
    x_validation: np.ndarray
    y_validation: np.ndarray


@dataclass(frozen=True, eq=False)
class Dataset:
    """Images and labels, never written to: the arrays handed in become read-only.

    Attributes:
        source: `"fashion-mnist"`, or `"wardrobe"` for the drawn stand-in.
        fingerprint: Short hex digest; the same bytes have the same fingerprint.
        x_train: uint8, shape (n_train, 28, 28), 0 (background) to 255; real data has n_train = 60,000.
        y_train: uint8, shape (n_train,), positions in `CLASS_NAMES`.
        x_test: uint8, shape (n_test, 28, 28); real data has n_test = 10,000.
        y_test: uint8, shape (n_test,).
    """

    source: str
    fingerprint: str
    x_train: np.ndarray
    y_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray

    def __post_init__(self) -> None:
        for array in (self.x_train, self.y_train, self.x_test, self.y_test):
            array.setflags(write=False)

    @property
    def is_real(self) -> bool:
        """Whether these are the photographs of Fashion-MNIST rather than drawings."""
        return self.source == "fashion-mnist"

    def images_and_labels(self, split: str) -> tuple[np.ndarray, np.ndarray]:
        """The images and labels of `train` or `test`."""
        return (self.x_train, self.y_train) if split == "train" else (self.x_test, self.y_test)

    def split(self, train_size: int | None, validation_size: int, leave_out: Sequence[int] = ()) -> Split:
        """Divides the training set: the last images validate, the first ones train.

        Copies nothing unless images are left out.

        Args:
            train_size: Number of training images, the first of those not used for validation or left out;
                None takes them all.
            validation_size: Number of validation images, taken from the end of the training set.
            leave_out: Positions in `x_train` of images not to learn from; none that validates.

        Raises:
            ConfigError: The sizes are negative, leave nothing to train on, or ask for more than there is; or
                an image to leave out is none that could be learned from.
        """
        available = len(self.x_train)
        if not 0 <= validation_size < available:
            raise ConfigError(
                f"validation_size is {validation_size:,}, but the training set has {available:,} images: "
                f"choose 0 to {available - 1:,}."
            )
        rest = available - validation_size
        if wrong := [position for position in leave_out if not 0 <= position < rest]:
            raise ConfigError(
                f"leave_out names image {wrong[0]:,}, but training images have the numbers 0 to {rest - 1:,} "
                f"beside {validation_size:,} for validation."
            )
        kept = np.delete(np.arange(rest), np.array(leave_out, np.int64))
        most = len(kept)
        if not most:
            raise ConfigError("leave_out leaves no image to learn from: leave out fewer.")
        if train_size is not None and not 1 <= train_size <= most:
            beside = f" and {len(leave_out):,} left out" if leave_out else ""
            raise ConfigError(
                f"train_size is {train_size:,}, but {most:,} images are left beside {validation_size:,} for "
                f"validation{beside}: choose 1 to {most:,}, or leave it empty to use them all."
            )
        chosen = kept[:train_size] if leave_out else slice(train_size or rest)
        return Split(
            x_train=self.x_train[chosen],
            y_train=self.y_train[chosen],
            x_validation=self.x_train[rest:],
            y_validation=self.y_train[rest:],
        )

    def split_for(self, wanted: "DataConfig") -> Split:
        """Divides the training set as a run's configuration asks for, as `split` does.

        Raises:
            ConfigError: As `split` raises it.
        """
        return self.split(wanted.train_size, wanted.validation_size, wanted.leave_out)


@dataclass(frozen=True)
class Location:
    """Where verified files lie, and what was found wrong on the way there.

    Attributes:
        folder: Folder whose four files all have the known SHA-256, or None.
        problems: One phrase for each unusable file: its name, its folder, and what is wrong with it.
    """

    folder: Path | None
    problems: tuple[str, ...]


def locate(settings: Settings) -> Location:
    """Looks for usable files on disk: the data folder, then the studio's cache, then the Keras cache.

    Reads every byte of what it finds and changes nothing. A folder counts only if all four files are right;
    otherwise its problems are noted and the next one is looked at.
    """
    return _search(settings)[0]


def load(settings: Settings) -> Dataset:
    """Loads the real Fashion-MNIST from disk; a file is read once, and parsed only if its SHA-256 is right.

    Files that were found but cannot be used are named in the log, as warnings.

    Raises:
        DataError: No place holds all four files intact.
    """
    location, checks = _search(settings)
    for problem in location.problems:
        logger.warning("%s", problem)
    if location.folder is None:
        looked_in = ", ".join(str(folder) for folder in places(settings))
        found = "; ".join(location.problems) or f"none of its files is in {looked_in}"
        raise DataError(
            f"Fashion-MNIST cannot be loaded ({found}): download it with `fmnist data download`, "
            "or set FMNIST_DATA_DIR to a folder with its four .gz files."
        )
    return Dataset("fashion-mnist", real_fingerprint(), *(_parse_idx(check.content) for check in checks))


def load_or_draw(settings: Settings, progress: Callable[[int, int], None] | None = None) -> Dataset:
    """Loads the real Fashion-MNIST, or else the drawn wardrobe, so that the studio works without any file.

    Args:
        settings: Says where to look.
        progress: Called with images done and images in total, while the wardrobe is being drawn.

    Raises:
        DataError: The wardrobe cannot be kept in the studio's cache.
    """
    try:
        return load(settings)
    except DataError:
        return load_source(settings, "wardrobe", progress)


def load_source(
    settings: Settings, source: str, progress: Callable[[int, int], None] | None = None
) -> Dataset:
    """Loads the data set that a run names, `"fashion-mnist"` or `"wardrobe"`, and never the other one.

    Args:
        settings: Says where to look.
        source: Which one.
        progress: Called with images done and images in total, while the wardrobe is being drawn.

    Raises:
        DataError: It is not there.
    """
    if source == "fashion-mnist":
        return load(settings)
    from fmnist_core.data.wardrobe import draw_dataset

    return draw_dataset(settings.cache_dir, progress=progress)


def real_fingerprint() -> str:
    """The fingerprint of the real Fashion-MNIST, of which there is but one."""
    digests = "".join(expected.sha256 for expected in FILES.values())
    return hashlib.sha256(digests.encode()).hexdigest()[:12]


def load_exactly(settings: Settings, source: str, fingerprint: str) -> Dataset:
    """Loads the data set called `source`, if it still has the same images.

    Raises:
        DataError: It is not there, or its images have changed.
    """
    data = load_source(settings, source)
    if data.fingerprint != fingerprint:
        raise DataError(
            f"The images of {source} are not those any more that this is about ({fingerprint}): begin anew "
            "with those of today."
        )
    return data


def status(settings: Settings) -> dict[str, object]:
    """Describes, in values that JSON can hold, which data set would be loaded and from where.

    Returns:
        `source` ("fashion-mnist" or "wardrobe"), `folder` (path or None), `files` (by name: `size` in bytes
        or None, `ok`, `problem` or None; those of the studio's cache when no folder is usable), and
        `problems` as in `Location`.
    """
    location, checks = _search(settings)
    return {
        "source": "fashion-mnist" if location.folder else "wardrobe",
        "folder": str(location.folder) if location.folder else None,
        "files": {
            check.name: {"size": check.size, "ok": check.problem is None, "problem": check.problem}
            for check in checks or _check_folder(_cache_folder(settings))
        },
        "problems": list(location.problems),
    }


def download(
    settings: Settings,
    mirrors: Sequence[str] = MIRRORS,
    progress: Callable[[int, int], None] | None = None,
) -> Path:
    """Brings all four files into the studio's cache; those that are already there and intact stay.

    Safe to call from many processes at once: one downloads, the others wait for it. A file appears under its
    name only when it is complete and has the known SHA-256.

    Args:
        settings: Says where the cache is.
        mirrors: Addresses of folders that hold the four files, in order of preference.
        progress: Called with bytes done and bytes in total, over all four files. The bytes done go back to
            the start of a file when its mirror fails and the next one is tried.

    Returns:
        The folder with the four files.

    Raises:
        DataError: No mirror served a file intact, or the cache cannot be written to.
    """
    # These imports take 0.3 s and only a download needs them.
    import pooch
    from filelock import FileLock

    pooch.get_logger().setLevel(logging.WARNING)  # its notices would run into a progress bar in a terminal
    folder = _cache_folder(settings)
    incoming = folder / "incoming"
    queue = deque(mirrors)
    total = sum(expected.size for expected in FILES.values())
    report = progress or (lambda done, total: None)
    done = 0
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / ".lock"):
            try:
                for name, expected in FILES.items():
                    report(done, total)
                    if _check_file(folder, name).problem:
                        _fetch(name, incoming, queue, lambda part, before=done: report(before + part, total))
                        (incoming / name).replace(folder / name)
                    done += expected.size
            finally:
                # Takes away also what an earlier download left when it was killed.
                shutil.rmtree(incoming, ignore_errors=True)
    except OSError as error:
        raise DataError(
            f"Fashion-MNIST cannot be stored in {folder} ({error.strerror or error}): "
            "make room or allow writing there, or set FMNIST_HOME to another folder."
        ) from error
    report(done, total)
    return folder


def fetch(settings: Settings, progress: Progress) -> dict[str, np.ndarray]:
    """A job: `download`.

    Returns:
        The `folder` with the four files.

    Raises:
        DataError: As `download` does.
    """

    def tell(done: int, total: int) -> None:
        progress(done / total, f"{done / 1e6:.1f} of {total / 1e6:.1f} MB")

    return {"folder": np.array(str(download(settings, progress=tell)))}


@dataclass(frozen=True)
class _FileCheck:
    """What one file turned out to be; `content` is there only if the file is right."""

    name: str
    size: int | None = None
    content: bytes = b""
    problem: str | None = None
    missing: bool = False


class _ProgressBar:
    """The bar that pooch moves while one file arrives.

    pooch counts in whole chunks and repeats the total at the end, so the count is capped at the file's size.
    """

    def __init__(self, report: Callable[[int], None], size: int) -> None:
        self.total = 0  # pooch stores here the length that the server announces
        self._report = report
        self._size = size
        self._done = 0

    def update(self, count: int) -> None:
        self._done = min(self._done + count, self._size)
        self._report(self._done)

    def reset(self) -> None:
        """Part of what pooch calls; the cap makes it needless."""

    def close(self) -> None:
        """Part of what pooch calls."""


def _cache_folder(settings: Settings) -> Path:
    return settings.cache_dir / "fashion-mnist"


def places(settings: Settings) -> tuple[Path, ...]:
    """The folders in which the four files are looked for, in this order."""
    keras_home = Path(os.environ.get("KERAS_HOME") or "~/.keras")
    # Of somebody who has no home there are no images.
    with suppress(RuntimeError):
        keras_home = keras_home.expanduser()
    own = (settings.data_dir,) if settings.data_dir else ()
    return (*own, _cache_folder(settings), keras_home / "datasets" / "fashion-mnist")


def _search(settings: Settings) -> tuple[Location, tuple[_FileCheck, ...]]:
    """Returns the location and the checks of its four files; no checks when no folder is usable."""
    problems: list[str] = []
    for folder in places(settings):
        checks = _check_folder(folder)
        unusable = [check.problem for check in checks if check.problem]
        if not unusable:
            return Location(folder, tuple(problems)), checks
        if not all(check.missing for check in checks):
            problems += unusable
        elif folder == settings.data_dir:
            problems.append(f"the data folder {folder} (FMNIST_DATA_DIR) holds none of the four files")
    return Location(None, tuple(problems)), ()


def _check_folder(folder: Path) -> tuple[_FileCheck, ...]:
    return tuple(_check_file(folder, name) for name in FILES)


def _check_file(folder: Path, name: str) -> _FileCheck:
    """Reads one file and compares its SHA-256 with the known one."""
    try:
        content = (folder / name).read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return _FileCheck(name, problem=f"{name} is missing from {folder}", missing=True)
    except OSError as error:
        return _FileCheck(name, problem=f"{name} in {folder} cannot be read ({error.strerror})")
    size, expected = len(content), FILES[name]
    sha256 = hashlib.sha256(content).hexdigest()
    if sha256 == expected.sha256:
        return _FileCheck(name, size, content)
    other = next((other for other, file in FILES.items() if file.sha256 == sha256), None)
    if other:
        what = f"was swapped: it holds the bytes of {other}"
    elif size < expected.size:
        what = f"is truncated, or of another data set: {size:,} bytes instead of {expected.size:,}"
    else:
        what = f"does not hold the expected bytes: SHA-256 {sha256[:8]}… instead of {expected.sha256[:8]}…"
    return _FileCheck(name, size, problem=f"{name} in {folder} {what}")


def _parse_idx(content: bytes) -> np.ndarray:
    """Unpacks a verified gzipped IDX file of unsigned bytes.

    IDX: two zero bytes, the type (8 for uint8), the number of dimensions, each dimension as a big-endian
    uint32, then the values, last dimension fastest.

    Returns:
        Read-only uint8 array of the shape that the file's header gives.
    """
    # gzip's last four bytes hold the unpacked length: one allocation of that size is faster than growing.
    (length,) = struct.unpack("<I", content[-4:])
    unpacked = zlib.decompress(content, wbits=31, bufsize=length)
    rank = unpacked[3]
    shape = struct.unpack_from(f">{rank}I", unpacked, 4)
    return np.frombuffer(unpacked, np.uint8, offset=4 + 4 * rank).reshape(shape)


def _fetch(name: str, folder: Path, mirrors: deque[str], report: Callable[[int], None]) -> None:
    """Downloads one file into `folder` and verifies it, reporting the bytes that have arrived.

    A mirror that fails goes to the end of the queue, so that the next file starts with one that works.
    """
    import pooch
    import requests

    failures = []
    for _ in range(len(mirrors)):
        url = f"{mirrors[0].rstrip('/')}/{name}"
        # Servers may label a .gz file as a compressed answer, and requests would then unpack it; `identity`
        # asks them not to.
        downloader = pooch.HTTPDownloader(
            progressbar=_ProgressBar(report, FILES[name].size),
            chunk_size=_CHUNK_BYTES,
            timeout=_TIMEOUT,
            headers={"Accept-Encoding": "identity"},
        )
        try:
            pooch.retrieve(url, FILES[name].sha256, name, folder, downloader=downloader)
            return
        except requests.HTTPError as error:
            reason = f"answered {error.response.status_code}"
        except requests.Timeout:
            reason = "did not answer in time"
        except requests.ConnectionError:
            reason = "could not be reached"
        except requests.RequestException:
            reason = "broke off"
        except ValueError:  # pooch: the SHA-256 does not match
            reason = "sent other bytes than expected"
        except OSError as error:
            if error.errno is not None:
                raise
            reason = f"could not be asked ({error})"  # as where a certificate's file is missing
        failures.append(f"{urlsplit(url).netloc} {reason}")
        mirrors.rotate(-1)
    raise DataError(
        f"Fashion-MNIST could not be downloaded, because no mirror served {name} ({', '.join(failures)}): "
        "check the network connection, or set FMNIST_DATA_DIR to a folder with its four .gz files."
    )
