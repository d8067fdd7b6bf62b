"""``python -m mailwright.generate``."""

import sys

from .writing import main

raise SystemExit(main(sys.argv[1:]))
