"""Where things are: the studio's home folder, its database, its scheduler, its data.

Nothing is created when this module is imported; whoever writes a file creates its folder.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_data_path

from fmnist_core.errors import ConfigError


@dataclass(frozen=True)
class Settings:
    """Places, read once from the environment.

    Attributes:
        home: Folder of everything the studio keeps (`FMNIST_HOME`).
        database_url: SQLAlchemy URL of the run store (`FMNIST_DATABASE_URL`);
            where it is empty, it is a SQLite file in `home`.
        scheduler: Address of a Dask scheduler (`FMNIST_SCHEDULER`), or None for the embedded one.
        data_dir: Folder with the four IDX files (`FMNIST_DATA_DIR`), or None.
        run_memory_gb: Memory that the process of a run may use, in GB (`FMNIST_RUN_MEMORY_GB`).
        run_hours: How long one attempt of a run may take (`FMNIST_RUN_HOURS`).
    """

    home: Path
    database_url: str = ""
    scheduler: str | None = None
    data_dir: Path | None = None
    run_memory_gb: float = 8.0
    run_hours: float = 24.0

    @classmethod
    def from_environment(cls) -> "Settings":
        """Returns the settings that the environment asks for, with defaults for the rest.

        Raises:
            ConfigError: when a limit is not a number above 0, or a path starts with `~` where no home
                folder is known.
        """
        return cls(
            home=_folder("FMNIST_HOME") or _default_home(),
            database_url=os.environ.get("FMNIST_DATABASE_URL", ""),
            scheduler=os.environ.get("FMNIST_SCHEDULER") or None,
            data_dir=_folder("FMNIST_DATA_DIR"),
            run_memory_gb=_limit("FMNIST_RUN_MEMORY_GB", cls.run_memory_gb),
            run_hours=_limit("FMNIST_RUN_HOURS", cls.run_hours),
        )

    def to_environment(self) -> dict[str, str]:
        """The inverse of `from_environment`, for processes that the studio starts."""
        places = {
            "FMNIST_HOME": self.home,
            "FMNIST_DATABASE_URL": self.database_url,
            "FMNIST_SCHEDULER": self.scheduler,
            "FMNIST_DATA_DIR": self.data_dir,
            "FMNIST_RUN_MEMORY_GB": self.run_memory_gb,
            "FMNIST_RUN_HOURS": self.run_hours,
        }
        return {name: str(value or "") for name, value in places.items()}

    @property
    def cache_dir(self) -> Path:
        """Folder of the project's own downloads and drawn images."""
        return self.home / "cache"

    @property
    def runs_dir(self) -> Path:
        """Folder that holds one folder per run."""
        return self.home / "runs"


def _default_home() -> Path:
    try:
        return user_data_path("fmnist-studio").expanduser().absolute()
    except RuntimeError as error:
        raise ConfigError("You have no home folder here: set FMNIST_HOME to a folder.") from error


def _folder(name: str) -> Path | None:
    text = os.environ.get(name)
    try:
        return Path(text).expanduser().absolute() if text else None
    except RuntimeError as error:
        raise ConfigError(
            f"{name} is {text!r}, but no such user has a home folder here: write the whole path."
        ) from error


def _limit(name: str, default: float) -> float:
    text = os.environ.get(name) or str(default)
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise ConfigError(f"{name} must be a number above 0, not {text!r}.")
    return value
