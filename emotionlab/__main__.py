"""`python -m emotionlab` does what the command `emotionlab` does."""

import sys

from emotionlab.commands.cli import main

if __name__ == "__main__":
    sys.exit(main())
