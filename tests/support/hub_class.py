"""A hub really started, and learners of it: accounts of the system that exist for the time of a `with` block."""

import contextlib
import grp
import itertools
import json
import os
import pwd
import re
import secrets
import shutil
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import requests
import websocket

ROOT = Path(__file__).parents[2]
GROUP = "elhub"
PATIENCE = 600  # seconds that a server or a cell gets; twelve start at once, on two cores


def why_not() -> str:
    """The reason why no hub can be run here, or ""."""
    if os.name != "posix" or sys.platform == "darwin":
        return "a hub: accounts for its learners are made with useradd, which Linux has"
    if os.geteuid() != 0:
        return "a hub: it starts each server as its learner, which root alone may do"
    for program in ("npm", "node", "useradd", "userdel", "chpasswd"):
        if shutil.which(program) is None:
            return f"a hub: install {program}"
    return "" if public_python() else "a hub: its Python lies in a folder that other users may not enter"


def public_python() -> Path | None:
    """A Python of this very version that every user may run: this one, or the system's."""
    from emotionlab.teaching.hub.starting import closed_to_others

    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for path in (Path(os.path.realpath(sys.executable)), Path("/usr/bin") / version):
        if path.exists() and closed_to_others(path) is None:
            return path
    return None


def public_environment(folder: Path) -> Path:
    """The Python of an environment in `folder` that every user may run, with the packages of the one that runs now."""
    python = public_python()
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    (folder / "bin").mkdir(parents=True)
    (folder / "lib" / version).mkdir(parents=True)
    (folder / "bin" / "python").symlink_to(python)
    (folder / "pyvenv.cfg").write_text(f"home = {python.parent}\ninclude-system-site-packages = false\n")
    (folder / "lib" / version / "site-packages").symlink_to(Path(sys.prefix, "lib", version, "site-packages"))
    for name in ("share", "etc"):
        if Path(sys.prefix, name).is_dir():
            (folder / name).symlink_to(Path(sys.prefix, name))
    return folder / "bin" / "python"


@contextlib.contextmanager
def accounts(count: int) -> Iterator[dict[str, str]]:
    """So many learners of the system, elhub01 and on, with their passwords; gone at the end, whatever happens."""
    # a run that was killed leaves its accounts behind: their names are passed over
    taken = {user.pw_name for user in pwd.getpwall()} | {group.gr_name for group in grp.getgrall()}
    numbered = (f"{GROUP}{number:02d}" for number in itertools.count(1))
    names = list(itertools.islice((name for name in numbered if name not in taken), count))
    passwords = {name: secrets.token_urlsafe(12) for name in names}
    made = []
    try:
        run("groupadd", "--force", GROUP)
        for name in names:
            run("useradd", "--create-home", "--groups", GROUP, "--shell", "/bin/bash", name)
            made.append(name)
        run("chpasswd", told="".join(f"{name}:{word}\n" for name, word in passwords.items()))
        yield passwords
    finally:
        for name in made:
            _end_processes_of(name)
            subprocess.run(["userdel", "--remove", name], capture_output=True)
        with contextlib.suppress(KeyError):
            if not grp.getgrnam(GROUP).gr_mem:
                subprocess.run(["groupdel", GROUP], capture_output=True)


def run(*command: str, told: str = "") -> None:
    """A command that must succeed."""
    done = subprocess.run(command, input=told, capture_output=True, text=True)
    assert done.returncode == 0, f"{command[0]}: {done.stderr}"


def processes_of(name: str) -> list[Path]:
    """Where /proc shows the processes of one user of the system."""
    user = pwd.getpwnam(name).pw_uid
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if path.stat().st_uid == user:
                found.append(path)
    return found


def memory_of(name: str) -> dict[str, float]:
    """Memory of all processes of a user in megabytes. Rss counts what is shared in full, Pss its share of that."""
    total = {"Rss": 0.0, "Pss": 0.0}
    for path in processes_of(name):
        with contextlib.suppress(OSError):
            for kind, size in re.findall(r"^(Rss|Pss): +(\d+) kB", (path / "smaps_rollup").read_text(), re.MULTILINE):
                total[kind] += int(size) / 1024
    return total


def ports_of(name: str) -> set[int]:
    """The TCP ports on which processes of a user listen."""
    user = pwd.getpwnam(name).pw_uid
    lines = [line.split() for file in ("tcp", "tcp6") for line in Path("/proc/net", file).read_text().splitlines()[1:]]
    return {int(line[1].split(":")[1], 16) for line in lines if line[3] == "0A" and int(line[7]) == user}


def _end_processes_of(name: str) -> None:
    for path in processes_of(name):
        with contextlib.suppress(OSError):
            os.kill(int(path.name), 9)
    end = time.monotonic() + 20
    while processes_of(name) and time.monotonic() < end:
        time.sleep(0.2)


@contextlib.contextmanager
def running_hub(folder: Path, port: int, *options: str, **variables: str) -> Iterator[str]:
    """`emotionlab hub` as a teacher starts it; its address. folder: for its Python, its proxy and its database."""
    run("npm", "install", "--silent", "--prefix", str(folder / "npm"), "configurable-http-proxy@5")
    python, said = public_environment(folder / "python"), folder / "said.txt"
    command = [str(python), "-m", "emotionlab", "hub", f"--port={port}", f"--group={GROUP}"]
    path = os.pathsep.join([str(folder / "npm" / "node_modules" / ".bin"), os.environ["PATH"]])
    environment = {name: value for name, value in os.environ.items() if not name.startswith("EMOTIONLAB_")}
    environment |= {"PATH": path, **variables}
    with open(said, "wb") as file:
        hub = subprocess.Popen(
            [*command, f"--folder={folder / 'hub'}", *options],
            env=environment, stdin=subprocess.DEVNULL, stdout=file, stderr=file, cwd=ROOT, process_group=0,
        )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    try:
        wait_until(lambda: hub.poll() is not None or answers(f"{address}/hub/login"), "the hub did not answer", 120)
        assert hub.poll() is None, said.read_text()
        yield address
    except BaseException:
        print(said.read_text()[-6000:])
        raise
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(hub.pid, 2)  # as Ctrl-C does
        with contextlib.suppress(subprocess.TimeoutExpired):
            hub.wait(60)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(hub.pid, 9)
        hub.wait(30)


def answers(address: str) -> bool:
    """Whether a page is there."""
    with contextlib.suppress(requests.RequestException):
        return requests.get(address, timeout=5).ok
    return False


def wait_until(true, otherwise: str, patience: float = PATIENCE) -> None:
    """Wait for something to become true, for so many seconds at most."""
    end = time.monotonic() + patience
    while not true():
        assert time.monotonic() < end, otherwise
        time.sleep(0.5)


class Learner:
    """A learner with a browser: logs in, starts a server, runs cells in a kernel of it."""

    def __init__(self, hub: str, name: str, password: str):
        self.hub, self.name, self.password = hub, name, password
        self.http = requests.Session()
        self.mine = f"{hub}/user/{name}"
        self.kernel = ""

    def log_in(self) -> None:
        """Through the page, as a person does."""
        self.http.get(f"{self.hub}/hub/login", timeout=60)
        form = {"username": self.name, "password": self.password, "_xsrf": self.http.cookies.get("_xsrf", path="/hub/")}
        answer = self.http.post(f"{self.hub}/hub/login", data=form, allow_redirects=False, timeout=PATIENCE)
        assert answer.status_code == 302, f"{self.name} could not log in: {answer.status_code} {answer.text[:500]}"

    def start_server(self) -> None:
        """Ask for a server and wait until it answers with the course."""
        self.http.get(f"{self.hub}/hub/spawn", timeout=PATIENCE)
        wait_until(self._is_inside, f"the server of {self.name} did not start")

    def _is_inside(self) -> bool:
        """Whether the page of the server comes, which logs in to it on the way; without a server the hub answers."""
        page = self.http.get(f"{self.mine}/lab", timeout=120)
        return page.ok and page.url.startswith(f"{self.mine}/lab")

    def asks(self, address: str, method: str = "GET", **options):
        """One request with this learner's cookies."""
        token = next((one.value for one in self.http.cookies if one.name == "_xsrf" and self.name in one.path), "")
        headers = {"X-XSRFToken": token}
        return self.http.request(method, address, headers=headers, timeout=120, **options)

    def cells(self, notebook: str, *wanted: str) -> list[str]:
        """The source of some cells of a notebook, in the learner's own copy."""
        answer = self.asks(f"{self.mine}/api/contents/{notebook}")
        assert answer.ok, answer.text
        found = {cell["id"]: cell["source"] for cell in answer.json()["content"]["cells"]}
        return [found[name] for name in wanted]

    def start_kernel(self) -> None:
        """A kernel in the folder of the lessons."""
        answer = self.asks(f"{self.mine}/api/kernels", "POST", json={"name": "python3", "path": "lessons/x.ipynb"})
        assert answer.status_code == 201, answer.text
        self.kernel = answer.json()["id"]

    def runs(self, code: str) -> str:
        """What a cell prints and shows; the traceback where it fails."""
        cookies = "; ".join(f"{one.name}={one.value}" for one in self.http.cookies if one.path in f"/user/{self.name}/")
        address = f"{self.mine}/api/kernels/{self.kernel}/channels".replace("http", "ws", 1)
        line = websocket.create_connection(address, timeout=PATIENCE, cookie=cookies, origin=self.hub)
        try:
            return _answer_of(line, code)
        finally:
            line.close()


def _answer_of(line, code: str) -> str:
    name = uuid.uuid4().hex
    content = {"code": code, "silent": False, "store_history": False, "user_expressions": {}, "allow_stdin": False}
    header = {"msg_id": name, "msg_type": "execute_request", "username": "", "session": uuid.uuid4().hex}
    header |= {"version": "5.3", "date": "2026-01-01T00:00:00Z"}
    message = {"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell"}
    line.send(json.dumps(message))
    said = ""
    while True:
        told = line.recv()
        told = json.loads(told) if isinstance(told, str) else {}
        if told.get("parent_header", {}).get("msg_id") != name:
            continue
        kind, content = told["msg_type"], told["content"]
        if kind == "stream":
            said += content["text"]
        elif kind in ("display_data", "execute_result"):
            said += f"[{', '.join(content['data'])}] {content['data'].get('text/plain', '')}\n"
        elif kind == "error":
            said += "\n".join([*content["traceback"], f"{content['ename']}: {content['evalue']}"])
        elif kind == "status" and content["execution_state"] == "idle":
            return said
