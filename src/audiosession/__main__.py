"""``python -m audiosession`` is the command ``audiosession``."""

import sys

from .cli import main

sys.exit(main())
