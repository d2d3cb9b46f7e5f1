"""``python -m engine``: the command line; without arguments, the window."""

import sys
from multiprocessing import freeze_support

if __name__ == "__main__":
    freeze_support()
    from engine.cli import main

    sys.exit(main())
