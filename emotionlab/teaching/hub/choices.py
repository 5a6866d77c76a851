"""What a teacher chooses for a hub, on its way from `emotionlab hub` to jupyterhub_config.py."""

import json
from dataclasses import asdict, dataclass

from emotionlab.base import settings

HANDED_ON = ("EMOTIONLAB_DATA", "EMOTIONLAB_DROPBOX", "EMOTIONLAB_FAST", "KERAS_HOME")
"""What is set where the hub starts is set for every learner too."""

SHARED = ("EMOTIONLAB_DATA", "KERAS_HOME")
"""Folders that learners read and nobody but you writes to. The drop box is not among them: learners hand in there."""

THREADS = ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS")
"""TensorFlow takes as many threads as there are cores, the neighbours' too, unless these say less."""


@dataclass(frozen=True)
class Choices:
    """port: where learners come in. group: whose members may. idle: minutes until a server that nobody uses stops.

    alone: a password for trying the hub alone, with any name; empty for real accounts.
    folder: where the hub keeps its database. hub_port, proxy_port: for the hub's own parts.
    """

    port: int = 8000
    group: str = "emotionlab"
    idle: int = 60
    alone: str = ""
    folder: str = "hub"
    hub_port: int = 8081
    proxy_port: int = 8001

    def as_json(self) -> str:
        """For EMOTIONLAB_HUB."""
        return json.dumps(asdict(self))


def chosen() -> Choices:
    """What EMOTIONLAB_HUB says, else the defaults."""
    return Choices(**json.loads(settings.hub_choices()))


def learners_environment() -> dict[str, str]:
    """What every learner's server gets beside JupyterHub's own: two threads, and what is handed on."""
    return dict.fromkeys(THREADS, "2") | settings.for_learners((*THREADS, *HANDED_ON))
