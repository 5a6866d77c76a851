"""The pieces of a hub, without one running: what is refused and why, the config, and how a learner's server starts."""

import json
import os
import shlex
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml
from traitlets.config import Config

from emotionlab.base.errors import EmotionLabError
from emotionlab.commands.cli import main
from emotionlab.course.jupyter import START_PAGE
from emotionlab.teaching.hub import learner, starting
from emotionlab.teaching.hub.choices import Choices

posix = pytest.mark.skipif(os.name != "posix", reason="a hub: JupyterHub does not run on Windows")


def refusal(check, *arguments, **options) -> str:
    """The one sentence with which something is refused."""
    with pytest.raises(EmotionLabError) as refused:
        check(*arguments, **options)
    assert "\n" not in str(refused.value)
    return str(refused.value)


@pytest.fixture
def installed(monkeypatch):
    """As where the group hub and the proxy are installed."""
    monkeypatch.setattr(starting, "check_programs", lambda: None)


def test_windows_is_told_where_a_hub_can_be():
    assert "Linux or macOS, found Windows" in refusal(starting.check_programs, system="nt")


def test_a_missing_group_and_a_missing_proxy_name_their_command():
    def there(name):
        return "/usr/bin/" + name

    said = refusal(starting.check_programs, "posix", there, lambda name: None)
    assert "jupyterhub and no jupyterhub_idle_culler" in said
    assert "`uv sync --group hub`" in said
    said = refusal(starting.check_programs, "posix", lambda name: there(name) if name == "npm" else None, there)
    assert "run `npm install -g configurable-http-proxy`" in said
    assert "install Node.js" not in said
    assert "install Node.js with npm" in refusal(starting.check_programs, "posix", lambda name: None, there)
    starting.check_programs("posix", there, there)


@posix
def test_the_command_refuses_with_one_sentence_and_code_2(installed, capsys, tmp_path, monkeypatch):
    monkeypatch.setattr(starting.subprocess, "Popen", lambda *_, **__: pytest.fail("a hub was started"))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        cases = {
            f"--port={taken.getsockname()[1]}": "to be free",
            "--port=70000": "from 1 to 65535",
            "--idle=0": "one minute",
        }
        for option, words in cases.items():
            assert main(["hub", option, "--alone", "--folder", str(tmp_path / "hub")]) == 2
            said = capsys.readouterr()
            assert words in said.err
            assert said.err.count("\n") == 1
            assert said.out == ""
    assert not (tmp_path / "hub").exists()


@posix
def test_only_root_starts_servers_of_others_and_the_group_must_be_there(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert "--alone" in refusal(starting.check_system, "emotionlab")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert "`groupadd nobody-has-this`" in refusal(starting.check_system, "nobody-has-this")


HUB = """
import signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: (print("its servers stop", flush=True), sys.exit(3)))
print("up", flush=True)
time.sleep(60)
"""

WAITS = f"""
import subprocess, sys
from emotionlab.teaching.hub.starting import wait_for
sys.exit(wait_for(subprocess.Popen([sys.executable, "-c", {HUB!r}])))
"""


@posix
def test_the_hub_is_asked_to_end_with_the_command_that_started_it():
    command = subprocess.Popen([sys.executable, "-c", WAITS], stdout=subprocess.PIPE, text=True)
    try:
        assert command.stdout.readline() == "up\n"
        time.sleep(1)  # until it waits
        command.terminate()
        assert command.communicate(timeout=60)[0] == "its servers stop\n"
        assert command.returncode == 3
    finally:
        command.kill()


@posix
def test_a_python_that_learners_cannot_run_is_found_before_they_try(tmp_path):
    inner = tmp_path / "closed" / "open"
    inner.mkdir(parents=True)
    (tmp_path / "closed").chmod(0o700)
    assert starting.closed_to_others(inner) is not None
    assert starting.closed_to_others(Path("/usr")) is None


@posix
def test_a_shared_folder_is_there_readable_by_all_and_changed_by_nobody(tmp_path):
    folder = tmp_path / "data"
    asked = {"EMOTIONLAB_DATA": str(folder)}
    assert "EMOTIONLAB_DATA" in refusal(starting.check_shared, asked)
    folder.mkdir()
    (folder / "fer2013.npz").write_bytes(b"x")
    for mode in (0o666, 0o664, 0o600):
        folder.chmod(0o755)
        (folder / "fer2013.npz").chmod(mode)
        said = refusal(starting.check_shared, asked)
        assert stat.filemode(mode | stat.S_IFREG) in said
        assert "chmod -R u=rwX,go=rX" in said
    (folder / "fer2013.npz").chmod(0o644)
    (folder / "gone").symlink_to(tmp_path / "nowhere")
    starting.check_shared(asked)
    (tmp_path / "private").write_bytes(b"x")
    (tmp_path / "private").chmod(0o600)
    (folder / "link").symlink_to(tmp_path / "private")
    assert "link with -rw-------" in refusal(starting.check_shared, asked)
    (folder / "link").unlink()
    folder.chmod(0o777)
    assert "all may read" in refusal(starting.check_shared, asked)
    assert "whole path" in refusal(starting.check_shared, {"KERAS_HOME": "weights"})


def config(monkeypatch, choices: Choices) -> Config:
    """What jupyterhub_config.py makes of these choices."""
    monkeypatch.setenv("EMOTIONLAB_HUB", choices.as_json())
    made = Config()
    exec(compile(starting.CONFIG.read_text(encoding="utf-8"), "config", "exec"), {"get_config": lambda: made})
    return made


def test_the_config_for_a_class_runs_each_server_as_its_learner(monkeypatch, tmp_path):
    monkeypatch.setenv("EMOTIONLAB_DROPBOX", "/srv/dropbox")
    monkeypatch.setenv("TF_NUM_INTRAOP_THREADS", "4")
    monkeypatch.setenv("MY_SECRET", "x")
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    made = config(monkeypatch, Choices(port=9000, group="class", idle=30, folder=str(tmp_path)))
    assert made.JupyterHub.bind_url == "http://127.0.0.1:9000"
    assert (made.JupyterHub.spawner_class, made.JupyterHub.authenticator_class) == ("localprocess", "pam")
    assert made.PAMAuthenticator.allowed_groups == {"class"}
    assert made.Spawner.environment["EMOTIONLAB_DROPBOX"] == "/srv/dropbox"
    assert made.Spawner.environment["TF_NUM_INTRAOP_THREADS"] == "4"
    assert made.Spawner.environment["OMP_NUM_THREADS"] == "2"
    assert "MY_SECRET" not in made.Spawner.environment
    (culler,) = made.JupyterHub.services
    assert "--timeout=1800" in culler["command"]
    assert made.JupyterHub.load_roles[0]["services"] == [culler["name"]]


def test_the_config_for_trying_it_alone_has_a_password_and_own_homes(monkeypatch, tmp_path):
    made = config(monkeypatch, Choices(alone="a long word", folder=str(tmp_path)))
    assert made.JupyterHub.spawner_class == "simple"
    assert made.SharedPasswordAuthenticator.user_password == "a long word"
    assert made.SimpleLocalProcessSpawner.home_dir_template.startswith(str(tmp_path))
    assert "PAMAuthenticator" not in made
    assert "everybody who logs in runs as you" in starting._greeting(Choices(alone="a long word"))


@posix
def test_a_learners_server_has_the_course_closed_folders_and_a_kernel_without_a_port(monkeypatch, tmp_path):
    became = []
    tmp_path.chmod(0o755)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("EMOTIONLAB_RUNS")
    monkeypatch.setattr(os, "execve", lambda *told: became.append(told))
    monkeypatch.setattr("sys.argv", ["learner", "--from-the-hub"])
    before = os.umask(0o022)
    try:
        learner.main()
    finally:
        os.umask(before)
    ((_, command, environment),) = became
    assert "--KernelManager.transport=ipc" in command
    assert "--from-the-hub" in command
    assert (tmp_path / "my_course" / "lessons" / "00_start_here.ipynb").is_file()
    private = [tmp_path, *(Path(environment[name]) for name in ("TMPDIR", "JUPYTER_RUNTIME_DIR"))]
    assert {stat.S_IMODE(path.stat().st_mode) for path in private} == {0o700}
    assert environment["EMOTIONLAB_RUNS"] == str(tmp_path / "my_course" / "runs")
    kernel = Path(environment["JUPYTER_PATH"].split(os.pathsep)[0], "kernels", "python3", "kernel.json")
    assert json.loads(kernel.read_text())["metadata"] == {"debugger": False}
    found = subprocess.run(
        [*shell_of_a_terminal(command), "-c", "emotionlab --help"], env=environment, text=True, capture_output=True
    )
    assert "handin" in found.stdout, found.stderr


def shell_of_a_terminal(command: list[str]) -> list[str]:
    """What JupyterLab starts for a terminal, when it was started with this command."""
    from jupyter_server.serverapp import ServerApp

    app = ServerApp()
    app.parse_command_line([part for part in command if part.startswith("--ServerApp.terminado_settings")])
    return shlex.split(app.terminado_settings["shell_command"])


def test_the_values_for_kubernetes_start_what_the_one_server_starts():
    values = yaml.safe_load(starting.CONFIG.with_name("values.yaml").read_text(encoding="utf-8"))
    single = values["singleuser"]
    assert single["cmd"] == ["python", "-m", learner.__name__]
    assert single["defaultUrl"] == START_PAGE
    mounts = {one["mountPath"]: one["readOnly"] for one in single["storage"]["extraVolumeMounts"]}
    assert mounts == {single["extraEnv"]["EMOTIONLAB_DATA"]: True}
    assert values["cull"]["enabled"]
    assert "LTI13Authenticator" in values["hub"]["config"]["JupyterHub"]["authenticator_class"]
