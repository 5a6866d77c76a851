"""Fetches Keras' own ImageNet weights into Keras' cache, when asked: `emotionlab data weights resnet50v2`."""

import errno
from pathlib import Path

from emotionlab.models.backbones import ADDRESSES, WEIGHT_FILES, WeightsError, cache_file

_OF_THIS_MACHINE = {errno.ENOSPC, errno.EACCES, errno.EPERM, errno.EROFS, getattr(errno, "EDQUOT", errno.ENOSPC)}
"""Numbers of errors that a full disk or a closed folder gives; Windows knows no EDQUOT."""


def fetch_weights(network: str) -> Path:
    """Download Keras' ImageNet weights of `network` into Keras' cache, whole or not at all. Returns the file.

    A file that is there already and has the right checksum is kept. Raises WeightsError for a network that Keras does
    not have, without a connection, and when what came is not the file that Keras publishes.
    """
    import pooch

    if network not in WEIGHT_FILES:
        raise WeightsError(f"Expected one of the networks {', '.join(WEIGHT_FILES)}, found {network!r}; choose one.")
    pooch.get_logger().setLevel("ERROR")
    file, path = WEIGHT_FILES[network], cache_file(network)
    try:
        pooch.retrieve(
            ADDRESSES[network] + file.name,
            known_hash=(file.md5 and f"md5:{file.md5}") or None,
            fname=path.name,
            path=path.parent,
            progressbar=True,
        )
    except ValueError as problem:  # pooch's word for a checksum that differs; it has deleted what came
        raise WeightsError(
            f"Expected {file.name} with the MD5 {file.md5}, found another content ({str(problem).splitlines()[0]}); "
            "try again, or put the file there by hand."
        ) from None
    except OSError as problem:  # requests' errors are OSErrors too, without a number
        is_ours = problem.errno in _OF_THIS_MACHINE
        found = problem.strerror if is_ours else type(problem).__name__
        way_out = f"make room in {path.parent}, or allow to write there," if is_ours else "connect to the network"
        raise WeightsError(
            f"Expected to download {file.name} ({file.size:,} bytes), found: {found}; "
            f"{way_out} and try again, or put the file into {path.parent}."
        ) from None
    if (found := path.stat().st_size) != file.size:
        path.unlink()
        raise WeightsError(f"Expected {file.name} with {file.size:,} bytes, found {found:,}; try again.")
    return path


def add_weights(commands) -> None:
    """Add `weights NETWORK` to the commands of `emotionlab data`."""
    parser = commands.add_parser("weights", help="download Keras' ImageNet weights of a backbone into Keras' cache")
    parser.add_argument("network", metavar="NETWORK", help=" or ".join(WEIGHT_FILES))
    parser.set_defaults(command=_fetch)


def _fetch(chosen) -> None:
    path = fetch_weights(chosen.network)
    print(f"✔ {path} is there: el.models.{chosen.network}(weights='keras') starts from it.")
