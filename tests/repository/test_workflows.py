"""The workflow files run README's commands, on every Python that pyproject.toml allows."""

import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def workflow(name: str) -> dict:
    return yaml.safe_load((ROOT / ".github" / "workflows" / name).read_text(encoding="utf-8"))


def commands(job: dict) -> list[str]:
    return [step["run"] for step in job["steps"] if "run" in step]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_each_job_has_a_system_a_limit_and_only_the_rights_it_needs(path):
    text = workflow(path.name)
    assert text["permissions"] == {"contents": "read"}
    # YAML reads the word `on` as True
    assert {"push", "workflow_dispatch"} <= set(text[True])
    for name, job in text["jobs"].items():
        assert job["runs-on"]
        assert job.get("timeout-minutes") or name == "publish"
        assert job.get("needs", name) in text["jobs"]
        for step in job["steps"]:
            assert ("uses" in step) != ("run" in step)


def test_the_suite_runs_with_readmes_command_on_three_systems_and_every_python():
    job = workflow("tests.yml")["jobs"]["tests"]
    [command] = commands(job)
    assert f"\n{command}\n" in (ROOT / "README.md").read_text(encoding="utf-8")
    matrix = job["strategy"]["matrix"]
    assert {name.partition("-")[0] for name in matrix["system"]} == {"ubuntu", "macos", "windows"}
    allowed = SpecifierSet(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"])
    assert matrix["python"] == [f"3.{minor}" for minor in range(30) if f"3.{minor}" in allowed]


def test_what_is_big_runs_with_readmes_command():
    [command] = commands(workflow("tests.yml")["jobs"]["big"])
    assert f"`{command.partition('&& ')[2]}`" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_conda_environment_is_made_from_its_file():
    [step] = [
        step for step in workflow("tests.yml")["jobs"]["conda"]["steps"] if "environment-file" in step.get("with", {})
    ]
    assert (ROOT / step["with"]["environment-file"]).is_file()


def test_the_site_that_is_published_is_the_one_that_was_built():
    steps = workflow("site.yml")["jobs"]["build"]["steps"]
    [build] = [step["run"] for step in steps if "emotionlab site" in step.get("run", "")]
    [folder] = [step["with"]["path"] for step in steps if "upload-pages-artifact" in step.get("uses", "")]
    assert f"--out {folder}" in build
