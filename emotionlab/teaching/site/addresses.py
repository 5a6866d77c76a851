"""The address of the repository, to which the buttons of the pages and some links lead."""

import re
from urllib.parse import urlsplit

from emotionlab.base.errors import EmotionLabError

_HOSTS = {"github": "/blob/main/", "gitlab": "/-/blob/main/", "bitbucket": "/src/main/"}
"""Hosts that the theme knows, by a word of their address, and what stands before the path of a file there."""


def checked_repository(address: str) -> str:
    """The address as pages link to it. Raises EmotionLabError for what is no address of a repository.

    A name and a password in it would stand in every page, and so would what an address cannot hold.
    """
    found = re.fullmatch(r"https?://[\w.-]+(?::\d+)?((?:/\w[\w.~-]*){2,})/?", address, flags=re.ASCII)
    host = known_host(address) if found else ""
    deep = found and found[1].count("/") > 2  # groups within groups are GitLab's alone
    if address and (not host or (deep and host != "gitlab")):
        raise EmotionLabError(
            "Expected the address of a repository at GitHub, GitLab or Bitbucket, such as "
            f"https://github.com/name/emotionlab, found {address!r}; give it so, or leave --repository out."
        )
    return address.rstrip("/").removesuffix(".git")


def known_host(address: str) -> str:
    """Which of the hosts that the theme knows this address leads to, "" for another."""
    return next((name for name in _HOSTS if name in urlsplit(address).netloc.lower()), "")


def file_address(repository: str, path: str) -> str:
    """Where a repository shows one of its files."""
    return repository + _HOSTS[known_host(repository)] + path
