"""A pytest plugin for the run inside tests/support/course_notebooks.py: keep what nbval saw in each cell.

It writes a JSON list to the file that NOTEBOOK_RECORD names, one entry for each code cell that ran:
its id, tags, outcome ("passed" or "failed"), outputs as Jupyter sends them, and the failure's text.
"""

import json
import os
import sys
from functools import partial
from pathlib import Path

# nbformat would import this grammar of internet addresses, which takes over a second, and never use it
sys.modules.setdefault("rfc3987_syntax", None)

import nbval.kernel  # noqa: E402
import pytest  # noqa: E402

_CELLS = pytest.StashKey[list]()


def pytest_configure(config):
    config.stash[_CELLS] = []
    # Inside a test pytest sets PYTEST_CURRENT_TEST, and a kernel started with it does not show what
    # libraries write to file descriptor 2. A learner's kernel does, so kernels get the variables of before.
    nbval.kernel.start_new_kernel = partial(nbval.kernel.start_new_kernel, env=dict(os.environ))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.when == "call" or report.failed:
        item.config.stash[_CELLS].append(
            {
                "id": item.cell.get("id", item.name),
                "tags": item.cell.metadata.get("tags", []),
                "outcome": report.outcome,
                "outputs": item.test_outputs or [],
                "failure": report.longreprtext if report.failed else "",
            }
        )
    return report


def pytest_sessionfinish(session):
    text = json.dumps(session.config.stash[_CELLS], default=str)
    Path(os.environ["NOTEBOOK_RECORD"]).write_text(text, encoding="utf-8")
