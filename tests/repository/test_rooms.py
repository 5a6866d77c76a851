"""The rooms of the package: each imports only from those below it, and none imports in a circle."""

import ast
from pathlib import Path

import pytest

from emotionlab.base.rooms import ROOMS

PACKAGE = Path(__file__).parents[2] / "emotionlab"
MODULES = {
    ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(PACKAGE.rglob("*.py"))
}


def imports(module: str) -> set[str]:
    """The modules of the package that this one imports, inside functions too."""
    found = set()
    for node in ast.walk(ast.parse(MODULES[module].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} has a relative import"
            inside = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= inside & set(MODULES) or {node.module}
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "import_module":
            names = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
            found |= set(names)
    return {name for name in found if name.split(".")[0] == "emotionlab"} - {module}


IMPORTS = {module: imports(module) for module in MODULES}


def room(module: str) -> str | None:
    """The room of a module; None for the top: the package itself, `__main__`, the old names and the records' folder."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 and parts[1] in ROOMS else None


def is_old_name(module: str) -> bool:
    """Whether a module at the root only stands for another one."""
    return "The old name of" in MODULES[module].read_text(encoding="utf-8").splitlines()[0]


def test_every_folder_of_the_package_is_a_room():
    folders = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert folders - {"reference"} <= set(ROOMS), "reference holds the records, and an old name"
    for module in MODULES:
        assert room(module) or module in ("emotionlab", "emotionlab.__main__") or is_old_name(module), module


@pytest.mark.parametrize("module", sorted(m for m in MODULES if room(m)))
def test_a_room_imports_only_from_rooms_below_it(module):
    for imported in IMPORTS[module]:
        assert room(imported), f"{module} imports {imported}, which stands at the top"
        assert ROOMS.index(room(imported)) <= ROOMS.index(room(module)), f"{module} climbs to {imported}"


def test_no_modules_import_each_other_in_a_circle():
    finished, open_ones = set(), []

    def visit(module: str) -> None:
        if module in finished:
            return
        assert module not in open_ones, " -> ".join([*open_ones[open_ones.index(module) :], module])
        open_ones.append(module)
        for imported in sorted(IMPORTS.get(module, ())):
            visit(imported)
        open_ones.pop()
        finished.add(module)

    for module in MODULES:
        visit(module)


def test_contributing_tells_the_rooms_in_their_order():
    text = (PACKAGE.parent / "CONTRIBUTING.md").read_text(encoding="utf-8")
    told = text.partition("From the ground up: ")[2].partition(".")[0]
    assert tuple(name.strip("` ") for name in told.split(",")) == ROOMS


def test_the_reading_path_can_be_read_in_one_sitting():
    text = (PACKAGE.parent / "CONTRIBUTING.md").read_text(encoding="utf-8")
    rows = [line.split("`")[1] for line in text.splitlines() if line.startswith("| `emotionlab/")]
    lines = sum(len((PACKAGE.parent / file).read_text(encoding="utf-8").splitlines()) for file in rows)
    assert len(rows) == 8
    assert lines <= 1700
    for file in rows:
        first = (PACKAGE.parent / file).read_text(encoding="utf-8").split("\n\n")[0]
        assert "lesson" in first, f"{file} does not name the lesson that derives it"
