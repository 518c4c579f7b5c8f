"""`python -m fmnist_core.cli` is `fmnist`."""

from fmnist_core.cli import main

main()
