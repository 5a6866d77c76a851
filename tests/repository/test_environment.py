"""pyproject.toml, environment.yml, CITATION.cff, .ci/run and README.md say the same things."""

import os
import re
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

import emotionlab

ROOT = Path(__file__).parents[2]


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


PROJECT = tomllib.loads(text("pyproject.toml"))["project"]
ENVIRONMENT = yaml.safe_load(text("environment.yml"))


def as_ranges(requirements) -> dict[str, set[str]]:
    """Name -> the parts of its range, so that order and spaces do not matter."""
    parsed = (Requirement(one) for one in requirements)
    return {one.name.lower(): {str(part) for part in one.specifier} for one in parsed}


def pip_part() -> list[str]:
    return next(entry["pip"] for entry in ENVIRONMENT["dependencies"] if isinstance(entry, dict))


def test_conda_and_binder_get_the_same_packages_in_the_same_ranges():
    *packages, ourselves = pip_part()
    assert ourselves == "-e ."
    assert as_ranges(packages) == as_ranges(PROJECT["dependencies"])


def test_conda_takes_the_python_that_pyproject_asks_for():
    (python,) = [entry for entry in ENVIRONMENT["dependencies"] if str(entry).startswith("python")]
    assert as_ranges([python])["python"] == as_ranges([f"python{PROJECT['requires-python']}"])["python"]
    assert ENVIRONMENT["name"] == "emotionlab"
    assert "pip" in ENVIRONMENT["dependencies"]


def test_every_range_has_a_lower_end_and_opencv_is_the_headless_one():
    ranges = as_ranges(PROJECT["dependencies"])
    assert not [name for name, parts in ranges.items() if not any(part.startswith(">=") for part in parts)]
    assert "opencv-python-headless" in ranges
    assert "opencv-python" not in ranges


def test_the_version_is_the_same_everywhere():
    citation = yaml.safe_load(text("CITATION.cff"))
    assert PROJECT["version"] == emotionlab.__version__ == str(citation["version"])


def test_the_citation_has_what_the_format_requires():
    citation = yaml.safe_load(text("CITATION.cff"))
    assert {"cff-version", "message", "title", "authors"} <= set(citation)
    assert citation["cff-version"] == "1.2.0"
    assert all({"name"} <= set(author) or {"family-names"} <= set(author) for author in citation["authors"])


def test_the_licence_covers_code_and_text():
    licence = text("LICENSE")
    assert "Permission is hereby granted, free of charge" in licence
    assert "https://creativecommons.org/licenses/by/4.0/legalcode" in licence


def test_the_licence_field_names_what_the_wheel_holds_and_every_notice_travels_with_it():
    named, notices = set(PROJECT["license"].split(" AND ")), text("THIRD_PARTY.md")
    words = {"MIT": "MIT", "Apache-2.0": "Apache-2.0", "CC BY 4.0": "CC-BY-4.0", "CC0 1.0": "CC0-1.0"}
    words |= {"ODbL 1.0": "ODbL-1.0", "CC BY-NC-SA 4.0": "CC-BY-NC-SA-4.0"}
    assert named == set(words.values())
    assert [word for word in words if word not in notices] == []
    package = ROOT / "emotionlab"
    there = {path for name in ("NOTICE.md", "ATTRIBUTION.md", "LICENSE") for path in package.rglob(name)}
    there |= set(package.rglob("*_license.txt"))
    travelling = {path for pattern in PROJECT["license-files"] for path in ROOT.glob(pattern)}
    assert there <= travelling
    assert len(there) >= 8


def test_each_folder_of_data_of_others_is_named_among_what_others_made():
    notices = text("THIRD_PARTY.md")
    for path in (ROOT / "emotionlab").rglob("*"):
        if path.name in ("NOTICE.md", "ATTRIBUTION.md"):
            assert f"`{path.parent.relative_to(ROOT).as_posix()}/`" in notices


def test_ci_runs_exactly_the_test_command_of_the_readme_and_then_what_is_big():
    script = text(".ci/run")
    commands = [line for line in script.splitlines() if "pytest" in line]
    assert commands == ["pip install uv && uv run pytest", "uv run --group site --group hub pytest -m big"]
    assert script.rstrip().endswith("\n".join(commands))  # so that the script's exit code is theirs
    assert "\nset -euo pipefail\n" in script  # a suite that fails ends the script at once
    assert f"\n{commands[0]}\n" in text("README.md")
    assert f"`{commands[1]}`" in text("README.md")


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps no executable bit")
def test_ci_can_be_executed():
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


def test_the_readme_has_the_two_commands():
    assert "\npip install uv && uv run emotionlab lab\n" in text("README.md")
    assert "py -m pip install uv" in text("README.md")
    assert "py -m uv run emotionlab lab" in text("README.md")


def test_every_relative_link_and_picture_of_the_documents_exists():
    for name in ("README.md", "CONTRIBUTING.md"):
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text(name)):
            if "://" not in target:
                assert (ROOT / target).exists(), f"{name} links to {target}"


def test_every_picture_of_the_readme_has_a_text_in_its_place():
    pictures = re.findall(r"!\[([^\]]*)\]\(", text("README.md"))
    assert pictures
    assert all(len(words) > 20 for words in pictures)


@pytest.mark.parametrize("folder", ["my_course/lessons/x.ipynb", "runs/mine/recipe.json", "archive.zip", "fer2013.csv"])
def test_what_is_the_learners_or_fer2013_is_never_committed(folder):
    import subprocess

    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    assert subprocess.run(["git", "-C", str(ROOT), "check-ignore", "-q", folder]).returncode == 0


def test_recorded_runs_are_not_ignored():
    import subprocess

    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    path = "emotionlab/reference/runs/plain/weights.npz"
    assert subprocess.run(["git", "-C", str(ROOT), "check-ignore", "-q", path]).returncode == 1
