"""The old name of `emotionlab.commands.cli`, kept for notebooks that use it."""

import sys

from emotionlab.commands import cli

sys.modules[__name__] = cli
