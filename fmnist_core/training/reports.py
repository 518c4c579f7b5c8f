"""When a run reports."""

REPORTS_PER_EPOCH = 10


def report_steps(epoch: int, steps: int) -> list[int]:
    """The steps of an epoch after which a run reports, ascending, each once.

    The first step of a run is reported by itself: it says how the network does that has learned nothing yet,
    and nobody should wait for a tenth of an epoch.

    Args:
        epoch: Number of the epoch, from 0.
        steps: Steps of an epoch, 1 or more.

    Returns:
        Numbers from 1 to `steps`, counted within the epoch; the last one is `steps`.
    """
    regular = {part * steps // REPORTS_PER_EPOCH for part in range(1, REPORTS_PER_EPOCH + 1)} - {0}
    return sorted(regular | {1}) if epoch == 0 else sorted(regular)
