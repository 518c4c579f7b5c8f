"""Words that depend on a number."""


def counted(count: int, thing: str) -> str:
    """How many of a thing there are: `1 image`, `2,000 images`."""
    return f"{count:,} {thing}{'' if count == 1 else 's'}"
