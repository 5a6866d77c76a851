"""`emotionlab doctor`: each check on a computer that is well, and on one that is broken in one place."""

import importlib.metadata
import platform
import subprocess
import sys
from collections import namedtuple
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from emotionlab.base.errors import EmotionLabError
from emotionlab.commands import doctor
from emotionlab.commands.doctor import Check

GIB = 2**30


def fails(check: Check, *words: str) -> None:
    """The check failed, names the trouble, and offers one fix."""
    assert check.status == "fail", check
    assert check.fix
    for word in words:
        assert word in f"{check.found} {check.fix}"


@pytest.mark.parametrize("check", [doctor.check_python, doctor.check_computer, doctor.check_disk, doctor.check_widgets])
def test_this_computer_is_well(check):
    assert check().status in ("ok", "warn"), check()


def test_a_text_is_read_and_a_voice_heard():
    check = doctor.check_senses()
    assert check.status == "ok", check
    assert "read (happy" in check.found
    assert "heard (happy" in check.found


def test_without_a_package_for_sounds_the_doctor_names_it(monkeypatch):
    monkeypatch.setattr(doctor, "_is_installed", lambda name: name != "av")
    fails(doctor.check_senses(), "av missing")


def test_weights_for_voices_that_are_gone_are_told(monkeypatch):
    monkeypatch.setattr("emotionlab.sound.recorded.names", lambda: ())
    fails(doctor.check_senses(), "Expected one of the recorded runs on voices")


def test_each_status_is_a_symbol_and_a_word():
    said = {status: str(Check("Thing", status, "found it", "mend it")) for status in doctor.SIGNS}
    assert "✔ ok" in said["ok"]
    assert "⚠ warn" in said["warn"]
    assert "✘ FAIL" in said["fail"]
    assert all("found it" in line and "→ mend it" in line for line in said.values())


# ------------------------------------------------------------------------------------- the verdict


@pytest.mark.parametrize(("statuses", "code"), [(["ok", "warn"], 0), (["ok", "fail", "warn"], 1)])
def test_the_exit_code_is_1_when_a_lesson_could_not_run(monkeypatch, capsys, statuses, code):
    checks = [lambda s=s: Check(f"check-{s}", s, "found", "" if s == "ok" else "mend it") for s in statuses]
    monkeypatch.setattr(doctor, "CHECKS", checks)
    assert doctor.examine() == code
    last = capsys.readouterr().out.strip().splitlines()[-1]
    assert ("Not ready: check-fail" in last) == bool(code)
    assert ("Ready" in last) == (not code)


def test_a_check_that_breaks_is_a_failure_and_the_others_still_run(monkeypatch, capsys):
    def check_something():
        raise ImportError("no module named soup")

    monkeypatch.setattr(doctor, "CHECKS", [check_something, lambda: Check("Last", "ok", "still ran")])
    assert doctor.examine() == 1
    said = capsys.readouterr().out
    assert "no module named soup" in said
    assert "still ran" in said


def test_every_check_is_in_the_list():
    there = {value for name, value in vars(doctor).items() if name.startswith("check_")}
    assert set(doctor.CHECKS) == there


# ----------------------------------------------------------------------------------- the computer


@pytest.mark.parametrize("version", [(3, 10, 0), (3, 14, 0)])
def test_a_python_outside_the_range_fails(monkeypatch, version):
    monkeypatch.setattr(doctor.sys, "version_info", version)
    fails(doctor.check_python(), "3.11, 3.12 or 3.13")


def test_the_supported_pythons_are_those_of_the_package():
    from packaging.specifiers import SpecifierSet

    asked = SpecifierSet(importlib.metadata.metadata("emotionlab")["Requires-Python"])
    assert [minor for minor in range(8, 20) if f"3.{minor}.5" in asked] == [11, 12, 13]


def test_an_intel_mac_is_sent_to_binder_or_colab(monkeypatch):
    monkeypatch.setattr(platform, "system", lambda: "Darwin")
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    fails(doctor.check_python(), "Binder", "Colab")


def test_a_32_bit_python_fails(monkeypatch):
    monkeypatch.setattr(doctor.sys, "maxsize", 2**31 - 1)
    fails(doctor.check_python(), "64-bit")


@pytest.mark.parametrize(("total", "free", "status"), [(2, 1, "fail"), (8, 1, "warn"), (8, 6, "ok")])
def test_memory(monkeypatch, total, free, status):
    import psutil

    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(total=total * GIB, available=free * GIB))
    assert doctor.check_computer().status == status


@pytest.mark.parametrize(("free", "status"), [(0.1, "fail"), (1.0, "warn"), (50, "ok")])
def test_free_disk(monkeypatch, free, status):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda folder: usage(100 * GIB, 0, free * GIB))
    assert doctor.check_disk().status == status


def test_no_right_to_write_fails(monkeypatch):
    monkeypatch.setattr(doctor.os, "access", lambda folder, mode: False)
    fails(doctor.check_disk(), "no right to write", "EMOTIONLAB_DATA")


def test_data_that_a_teacher_shares_may_be_closed_to_learners(monkeypatch):
    from emotionlab.base import settings
    from emotionlab.data import store
    from emotionlab.data.drawn import draw_faces

    monkeypatch.setattr(doctor.os, "access", lambda folder, mode: folder == Path.cwd())
    fails(doctor.check_disk(), "no right to write", "EMOTIONLAB_DATA")
    store.save(draw_faces(100))
    check = doctor.check_disk()
    assert (check.status, str(settings.data_dir()) in check.found) == ("warn", True)


# ----------------------------------------------------------------------------------- the software


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setattr(importlib.metadata, "requires", lambda name: ["numpy>=1", "no-such-package-here>=1"])
    fails(doctor.check_packages(), "no-such-package-here is missing", "uv sync")


def test_a_package_outside_its_range_is_named_with_both_versions(monkeypatch):
    monkeypatch.setattr(importlib.metadata, "requires", lambda name: ["numpy<1"])
    fails(doctor.check_packages(), f"numpy is {np.__version__}, not <1")


def test_a_package_for_another_system_is_not_asked_for(monkeypatch):
    wanted = ["numpy>=1", "windows-only>=1; sys_platform == 'beos'", "extra-thing; extra == 'more'"]
    monkeypatch.setattr(importlib.metadata, "requires", lambda name: wanted)
    assert doctor.check_packages().status == "ok"


@pytest.mark.parametrize("check", [doctor.check_tensorflow, doctor.check_opencv])
def test_a_library_that_does_not_import_fails_with_its_own_words(monkeypatch, check):
    monkeypatch.setattr(doctor, "_TRY_TENSORFLOW", "raise ImportError('libsoup.so: cannot open')")
    monkeypatch.setattr(doctor, "_TRY_OPENCV", "raise ImportError('libsoup.so: cannot open')")
    fails(check(), "libsoup.so: cannot open")


def test_a_library_that_crashes_the_process_fails_too(monkeypatch):
    monkeypatch.setattr(doctor, "_TRY_TENSORFLOW", "import os; os.abort()")
    fails(doctor.check_tensorflow(), "does not run")


def test_a_library_that_hangs_fails_in_the_end():
    assert "no answer" in doctor._try_out("import time; time.sleep(60)", patience=0.5)["error"]


def test_a_backend_that_computes_nonsense_fails(monkeypatch):
    wrong = 'print(\'{"keras": "3", "backend": "x", "total": 8.0, "gpus": 0}\')'
    monkeypatch.setattr(doctor, "_TRY_TENSORFLOW", wrong)
    fails(doctor.check_tensorflow(), "not 9")


def test_an_opencv_without_face_detectors_fails(monkeypatch):
    monkeypatch.setattr(doctor, "_TRY_OPENCV", 'print(\'{"version": "5.0", "shape": [48, 48], "cascades": false}\')')
    fails(doctor.check_opencv(), "no face detector")


def test_two_opencvs_are_a_warning(monkeypatch):
    monkeypatch.setattr(doctor, "_is_installed", lambda name: name == "opencv-python")
    check = doctor.check_opencv()
    assert check.status == "warn"
    assert "pip uninstall opencv-python" in check.fix


# ----------------------------------------------------------------------------- notebook and course


def test_a_kernel_that_cannot_start_is_a_failure(monkeypatch):
    import jupyter_client.manager

    def broken(**options):
        raise RuntimeError("Kernel died before replying")

    monkeypatch.setattr(jupyter_client.manager, "start_new_kernel", broken)
    fails(doctor._guarded(doctor.check_kernel), "Kernel died")


def test_widgets_without_their_browser_part_fail(monkeypatch):
    import jupyter_core.paths

    monkeypatch.setattr(jupyter_core.paths, "jupyter_path", lambda *parts: ["/no/such/folder"])
    fails(doctor.check_widgets(), "jupyterlab-manager", "buttons would not show")


def test_a_course_without_lesson_00_fails(monkeypatch, tmp_path):
    from emotionlab.course import files as course_files

    (tmp_path / "lessons").mkdir()
    monkeypatch.setattr(course_files, "course_source", lambda: tmp_path)
    fails(doctor.check_course(), "no lesson 00")


def test_a_package_without_any_course_fails(monkeypatch):
    from emotionlab.course import files as course_files

    def missing():
        raise EmotionLabError("Expected the lessons, found neither.")

    monkeypatch.setattr(course_files, "course_source", missing)
    fails(doctor.check_course(), "found neither")


def test_no_fer2013_is_a_warning_with_the_command_that_brings_it():
    check = doctor.check_data()
    assert check.status == "warn"
    assert "emotionlab data download" in check.fix


def test_a_damaged_data_file_fails(own_folders):
    (own_folders / "data").mkdir()
    (own_folders / "data" / "fer2013.npz").write_bytes(b"not a data set")
    fails(doctor.check_data(), "delete", "fer2013.npz")


def test_stored_faces_are_found():
    from emotionlab.data import store
    from emotionlab.data.drawn import draw_faces

    store.save(draw_faces(300))
    check = doctor.check_data()
    assert check.status == "ok"
    assert "300 pictures" in check.found


def test_missing_weights_fail(monkeypatch):
    from emotionlab.runs import reference

    monkeypatch.setattr(reference, "names", lambda: ["plain"])
    fails(doctor.check_weights(), "scratch_cnn", "plain")


@pytest.mark.parametrize("content", [None, b"broken"])
def test_damaged_weights_fail(monkeypatch, tmp_path, content):
    from emotionlab.runs import reference

    if content:
        (tmp_path / "weights.npz").write_bytes(content)
    monkeypatch.setattr(reference, "names", lambda: ["scratch_cnn"])
    monkeypatch.setattr(reference, "load", lambda name: SimpleNamespace(folder=tmp_path))
    fails(doctor.check_weights(), "weights.npz")


def test_weights_that_are_there_are_counted(monkeypatch, tmp_path):
    from emotionlab.runs import reference

    np.savez(tmp_path / "weights.npz", a=np.zeros((10, 100)), b=np.zeros(7))
    monkeypatch.setattr(reference, "names", lambda: ["plain", "scratch_cnn"])
    monkeypatch.setattr(reference, "load", lambda name: SimpleNamespace(folder=tmp_path))
    check = doctor.check_weights()
    assert check.status == "ok"
    assert "1,007" in check.found


def test_doctor_runs_from_the_terminal_its_code_is_its_verdict_and_what_notebooks_need_works_here():
    done = subprocess.run(
        [sys.executable, "-m", "emotionlab", "doctor"], capture_output=True, encoding="utf-8", timeout=300
    )
    assert done.returncode == (1 if "✘ FAIL" in done.stdout else 0), done.stderr
    assert len([line for line in done.stdout.splitlines() if line[:1] in "✔⚠✘" and "  " in line]) >= len(doctor.CHECKS)
    for name in ("TensorFlow", "OpenCV", "Kernel", "Course"):
        assert f"\n{doctor.SIGNS['ok']}  {name:<12} " in done.stdout, done.stdout
    assert "Traceback" not in done.stderr


def test_a_terminal_gets_whole_words_and_a_file_whole_lines(monkeypatch):
    check = doctor.Check("Weights", "warn", "scratch_cnn, " + "resnet18_imagenet " * 12 + "end", "do " * 40 + "this")
    assert len(str(check).splitlines()) == 2, "a file is searched line by line"
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "70")
    lines = str(check).splitlines()
    assert max(map(len, lines)) <= 70
    assert all(line.startswith(" " * 21) for line in lines[1:])
    assert set(" ".join(lines).split()) == set(f"⚠ warn Weights {check.found} → {check.fix}".split())
