"""The app in a process of its own, as `emotionlab app` starts it, with a temporary folder that can be watched."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
from browsers import own_port

_PROGRAM = """
import sys
def note(event, args):
    if event == "open" and isinstance(args[2], int) and args[2] & 3 and "/dev/" not in str(args[0]):
        print("written:", args[0], flush=True)
from emotionlab.live.app import app
demo = app(detector=sys.argv[2], feedback=sys.argv[3] or None)
sys.addaudithook(note)
demo.launch(server_port=int(sys.argv[1]))
"""


@dataclass
class Server:
    """A running app. folder: its temporary folder. said: the file with all that it printed."""

    address: str
    folder: Path
    said: Path
    process: subprocess.Popen

    def files(self) -> list[Path]:
        """The files in its temporary folder."""
        return [path for path in self.folder.rglob("*") if path.is_file()]

    def written(self) -> list[str]:
        """Every file that it opened for writing, also one that is gone again."""
        lines = self.said.read_text(encoding="utf-8", errors="replace").splitlines()
        return [line.removeprefix("written: ") for line in lines if line.startswith("written: ")]


@contextlib.contextmanager
def running_app(folder: Path, detector: str = "haar", patience: float = 400, feedback="") -> Iterator[Server]:
    """The app on a free port; ended at the end, with Ctrl-C where there is such a thing. feedback: see `app`."""
    for name in ("tmp", "data"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    temporary = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(folder / "tmp"))
    root = str(Path(__file__).parents[2])
    paths = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")]))
    own = {"EMOTIONLAB_DATA": str(folder / "data"), "PYTHONPATH": paths, "PYTHONIOENCODING": "utf-8"}
    environment = {**os.environ, **temporary, **own}
    environment.pop("GRADIO_TEMP_DIR", None)
    environment.pop("EMOTIONLAB_HEADLESS", None)
    port, said = own_port(), folder / "said.txt"
    command = [sys.executable, "-c", _PROGRAM, str(port), detector, str(feedback)]
    with open(said, "wb") as file:
        process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=file, stderr=file)
    server = Server(f"http://127.0.0.1:{port}/", folder / "tmp", said, process)
    try:
        _wait_until_it_answers(server, patience)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(30)


def _wait_until_it_answers(server: Server, patience: float) -> None:
    end = time.monotonic() + patience
    while time.monotonic() < end and server.process.poll() is None:
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(server.address, timeout=5).is_success:
                return
        time.sleep(0.3)
    raise RuntimeError(f"the app did not start: {server.said.read_text(encoding='utf-8', errors='replace')[-2000:]}")
