"""The old name of `emotionlab.commands.doctor`, kept for notebooks that use it."""

import sys

from emotionlab.commands import doctor

sys.modules[__name__] = doctor
