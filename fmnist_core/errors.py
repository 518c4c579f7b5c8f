"""The errors that the library raises on purpose.

Each message is one sentence a learner understands: it names what is wrong, where, and the way out.
Pages and the command line show it as it stands.
"""


class FmnistError(Exception):
    """Root of every error that the studio raises on purpose."""


class ConfigError(FmnistError):
    """A configuration, or a part of one, is not allowed."""


class DataError(FmnistError):
    """A data set is missing, damaged, or could not be fetched."""


class ImageError(FmnistError):
    """A picture cannot be turned into an input for the network."""


class BlankImage(ImageError):
    """Nothing in a picture stands out from its background."""


class RunError(FmnistError):
    """A run does not exist, or is not in a state that allows what was asked."""


class UnknownRunError(RunError):
    """There is no run of this name (any more)."""


class EngineError(FmnistError):
    """The training engine cannot be started or reached."""


class SearchError(FmnistError):
    """A search does not exist, or cannot do what was asked."""


class JobError(FmnistError):
    """A job cannot be started, or has left no result."""


class ExportError(FmnistError):
    """A run cannot be taken home, or a bundle cannot be brought in."""
