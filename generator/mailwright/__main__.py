"""``python -m mailwright``."""

from .cli import main

main()
