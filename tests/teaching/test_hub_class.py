"""A class of twelve on a hub that really runs: accounts of the system, a server and a kernel each, all at once.

`-s` shows what each learner took. It needs Linux, root, npm and the group hub, and is skipped aloud without them.
"""

import os
import re
import shutil
import socket
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import hub_class as hub
import pytest

from emotionlab.data import store
from emotionlab.data.drawn import draw_faces

pytestmark = [pytest.mark.big, pytest.mark.timeout(3000)]

pytest.importorskip("jupyterhub", reason="a hub: uv sync --group hub")
if hub.why_not():
    pytest.skip(hub.why_not(), allow_module_level=True)

LEARNERS = int(os.environ.get("HUB_LEARNERS", "12"))

EAVESDROP = """
import socket, zmq
heard = []
for port in {ports}:
    line = zmq.Context.instance().socket(zmq.SUB)
    line.setsockopt(zmq.SUBSCRIBE, b"")
    line.connect(f"tcp://127.0.0.1:{{port}}")
    if line.poll(1500):
        heard.append((port, line.recv_multipart()))
    line.close(0)
print("heard", heard)
"""

TRANSPORT = "import json, ipykernel.connect as c; print(json.loads(c.get_connection_info())['transport'])"

ASK = """
import urllib.request, urllib.error
for path in {paths}:
    try:
        print(urllib.request.urlopen("http://127.0.0.1:{port}" + path, timeout=60).status)
    except urllib.error.HTTPError as refused:
        print(refused.code)
"""

TRY = """
from pathlib import Path
def tried(what):
    try:
        return "got " + repr(what())[:60]
    except PermissionError:
        return "refused"
print([tried(what) for what in ({tries})])
"""


@pytest.fixture(scope="module")
def shared():
    """A folder of data as a teacher lays it out for everybody to read: with faces, and with a folder of weights."""
    folder = Path(tempfile.mkdtemp(prefix="elhub-"))
    patch = pytest.MonkeyPatch()
    patch.setenv("EMOTIONLAB_DATA", str(folder / "data"))
    store.save(draw_faces(300))
    patch.undo()
    (folder / "keras" / "models").mkdir(parents=True)
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def room(shared):
    """The learners, each with a server and a kernel in which the first prediction ran, and what that took."""
    variables = {"EMOTIONLAB_DATA": str(shared / "data"), "KERAS_HOME": str(shared / "keras"), "EMOTIONLAB_FAST": "1"}
    with hub.accounts(LEARNERS) as people, hub.running_hub(shared, free_port(), **variables) as address:
        learners = [hub.Learner(address, *person) for person in people.items()]
        with ThreadPoolExecutor(LEARNERS) as all_at_once:
            took = list(all_at_once.map(first_minutes, learners))
        print(
            f"\n{LEARNERS} learners at once on {os.cpu_count()} processors; seconds to the server, to the prediction:"
        )
        for learner, (server, prediction) in zip(learners, took, strict=True):
            memory = hub.memory_of(learner.name)
            print(
                f"{learner.name} {server:5.0f} s {prediction:5.0f} s", *(f"{k} {v:5.0f} MB" for k, v in memory.items())
            )
        yield learners


def free_port() -> int:
    """A port from the system."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        return server.getsockname()[1]


def first_minutes(learner) -> tuple[float, float]:
    """Log in, get a server, run lesson 00 up to its first prediction; seconds to the server and to the prediction."""
    start = time.monotonic()
    learner.log_in()
    learner.start_server()
    server = time.monotonic() - start
    learner.start_kernel()
    cells = learner.cells("lessons/00_start_here.ipynb", "l00-setup", "l00-face", "l00-predict")
    learner.said = [learner.runs(cell) for cell in cells]
    return server, time.monotonic() - start


def test_everybody_has_the_course_and_the_first_prediction(room):
    for learner in room:
        banner, _, prediction = learner.said
        assert "Fast mode" in banner
        assert re.search(r"Most probable: \w+ \(\d+\.\d %\)", prediction)
        assert "image/png" in prediction
        folders = {entry["name"] for entry in learner.asks(f"{learner.mine}/api/contents").json()["content"]}
        assert {"lessons", "exercises"} <= folders
        assert learner.runs("import os; print(os.getuid() > 0, os.environ['USER'])").split() == ["True", learner.name]


def test_nobody_reads_the_files_of_another(room):
    for learner, other in neighbours(room):
        home = Path(f"/home/{other.name}")
        tries = ", ".join(
            [
                f"lambda: list(Path('{home}').iterdir())",
                f"lambda: Path('{home}/my_course/lessons/00_start_here.ipynb').read_bytes()",
                f"lambda: Path('{home}/mine.txt').write_text('x')",
                f"lambda: list(Path('{home}/.jupyter_run').iterdir())",
                f"lambda: Path('/proc/{hub.processes_of(other.name)[0].name}/environ').read_bytes()",
            ]
        )
        assert learner.runs(TRY.format(tries=tries)) == f"{['refused'] * 5}\n"


def test_nobody_reaches_the_server_or_the_kernel_of_another(room):
    for learner, other in neighbours(room):
        for path in ("api/contents", "api/kernels", f"api/kernels/{other.kernel}", "lab", "api/status"):
            assert learner.asks(f"{other.mine}/{path}").status_code in (403, 404), path
        assert learner.asks(f"{other.mine}/api/kernels", "POST", json={}).status_code in (403, 404, 405)
        assert other.runs(TRANSPORT) == "ipc\n"
        ports = hub.ports_of(other.name)
        assert ports
        said = learner.runs(EAVESDROP.format(ports=ports))
        assert said == "heard []\n"
        paths = [f"/user/{other.name}/api/{name}" for name in ("contents", "kernels", f"kernels/{other.kernel}")]
        server = next(port for port in ports if speaks_http(port))
        assert set(learner.runs(ASK.format(paths=paths, port=server)).split()) <= {"403", "401"}


def speaks_http(port: int) -> bool:
    import http.client

    try:
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        line.request("GET", "/")
        return line.getresponse().status > 0
    except (OSError, http.client.HTTPException):
        return False


def test_nobody_opens_the_app_of_another(room):
    owner, *others = room
    before = hub.ports_of(owner.name)
    said = owner.runs("el.app(only='text').launch(prevent_thread_lock=True, inline=False)")
    (word,) = re.findall(r"Yours: (\S+)", said)
    (port,) = re.findall(r"127\.0\.0\.1:(\d+)", said)
    assert int(port) in hub.ports_of(owner.name) - before
    paths = ["/", "/config", "/?key=mine", "/gradio_api/info", "/gradio_api/startup-events", "/gradio_api/queue/data"]
    for other in others[:3]:
        assert other.runs(ASK.format(paths=paths, port=port)).split() == ["401"] * len(paths)
    opened = (
        "import requests; browser = requests.Session()\n"
        f"print([browser.get('http://127.0.0.1:{port}' + path).status_code for path in ('/?key={word}', '/config')])"
    )
    assert owner.runs(opened) == "[200, 200]\n"


def test_the_data_are_read_by_all_and_changed_by_nobody(room, shared):
    for learner in room[:3]:
        said = learner.runs("faces = el.load_faces(); print(faces.name, len(faces.train))")
        assert said.endswith(f"{draw_faces(300).name} {len(draw_faces(300).train)}\n")
        tries = [f"lambda: Path('{shared}/{name}/x').write_text('x')" for name in ("data", "keras/models")]
        tries.append(f"lambda: Path('{shared}/data/fer2013.npz').unlink()")
        assert learner.runs(TRY.format(tries=", ".join(tries))) == f"{['refused'] * 3}\n"
        kept = learner.runs("print(el.settings.runs_dir())").strip()
        assert kept == f"/home/{learner.name}/my_course/runs"


def neighbours(room) -> list:
    """Everybody with the next one, the last with the first."""
    return list(zip(room, [*room[1:], room[0]], strict=True))


def test_a_server_that_nobody_uses_stops_and_the_files_stay(shared):
    (shared / "second").mkdir(exist_ok=True)
    with hub.accounts(1) as people, hub.running_hub(shared / "second", free_port(), "--idle=1") as address:
        ((name, password),) = people.items()
        learner = hub.Learner(address, name, password)
        learner.log_in()
        learner.start_server()
        assert hub.processes_of(name)
        hub.wait_until(lambda: not hub.processes_of(name), "the idle server was not stopped", 400)
        assert Path(f"/home/{name}/my_course/lessons/00_start_here.ipynb").is_file()


def test_accounts_that_a_killed_run_left_are_passed_over():
    with hub.accounts(1) as left, hub.accounts(1) as made:
        assert not left.keys() & made.keys()
