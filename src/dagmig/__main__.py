"""``python -m dagmig`` is ``dagmig``."""

from dagmig.cli import main

main()
