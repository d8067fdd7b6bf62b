"""``python -m mailwright.generate``."""

import sys

from .files import main

raise SystemExit(main(sys.argv[1:]))
