"""House rules for the course's notebooks, each a small function that returns findings.

`python -m emotionlab.teaching.notebook_lint` reads lessons/, exercises/ and solutions/ (or the paths
given), prints one line a finding and exits with 1 when there is any; `--fix` first removes what
running a notebook leaves behind. A figure quoted in prose names, in its cell's metadata, the
expression that yields it; `recompute_figures` evaluates them (the tests call it).
"""

import argparse
import json
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from emotionlab.base.errors import EmotionLabError

FOLDERS = ("lessons", "exercises", "solutions")
LEARNER_FOLDERS = ("lessons", "exercises")
KERNELSPEC = {"name": "python3", "display_name": "Python 3", "language": "python"}
LANGUAGE_INFO = {"name": "python"}
CELL_METADATA = {"emotionlab", "tags", "jupyter", "editable", "deletable"}
NUMBERED = r"(\d\d|E\d+)_"
MAX_CODE_CELLS = 25
MAX_CODE_LINES = 15
MAX_CODE_COLUMNS = 100
"""What a rendered page shows of a line of code without cutting it."""


@dataclass(frozen=True)
class Finding:
    """One broken rule: which notebook, which cell ("" for the whole notebook), one sentence."""

    notebook: str
    cell: str
    sentence: str

    def __str__(self) -> str:
        where = f"{self.notebook} [{self.cell}]" if self.cell else self.notebook
        return f"{where}: {self.sentence}"


@dataclass(frozen=True)
class Notebook:
    """A notebook as its JSON says it is, unrepaired; every cell source is one string.

    kind: "lesson" (NN_topic in lessons/, or an elective with an exercise), "exercise", "solution" or "page" (the rest).
    """

    path: Path
    raw: dict
    kind: str

    @property
    def cells(self) -> list[dict]:
        return self.raw["cells"]

    @property
    def number(self) -> str:
        """The number of a lesson, such as "04"; the whole name of a notebook without one."""
        return self.path.stem.split("_")[0] if re.match(NUMBERED, self.path.name) else self.path.stem

    @property
    def folder(self) -> str:
        return course_folder(self.path)

    @property
    def root(self) -> Path:
        """The folder that holds lessons/ and exercises/."""
        parents = [p for p in self.path.resolve().parents if p.name in FOLDERS]
        return parents[0].parent if parents else self.path.resolve().parent

    def markdown(self) -> list[dict]:
        return [cell for cell in self.cells if cell["cell_type"] == "markdown"]

    def code(self) -> list[dict]:
        return [cell for cell in self.cells if cell["cell_type"] == "code"]

    def finding(self, cell: dict | None, sentence: str) -> Finding:
        """A finding at `cell` (None: about the whole notebook)."""
        name = "" if cell is None else cell.get("id") or f"cell {self.cells.index(cell)}"
        where = f"{self.folder}/{self.path.name}" if self.folder else self.path.name
        return Finding(where, name, sentence)


def course_folder(path: Path) -> str:
    """The nearest parent called lessons, exercises or solutions; "" where there is none."""
    return next((p.name for p in path.resolve().parents if p.name in FOLDERS), "")


def kind_of(path: Path) -> str:
    """What a notebook is, by its folder and name: "lesson", "exercise", "solution" or "page"."""
    folder = course_folder(path)
    if folder == "lessons":
        return "lesson" if re.match(NUMBERED, path.name) or _has_exercise(path) else "page"
    return {"exercises": "exercise", "solutions": "solution"}.get(folder, "page")


def _has_exercise(path: Path) -> bool:
    """True of an elective with questions of its own, such as lessons/electives/text.ipynb with exercises/text.ipynb."""
    lessons = path.resolve().parent.parent
    return path.parent.name == "electives" and (lessons.parent / "exercises" / path.name).exists()


def read_notebook(path: str | Path, kind: str | None = None) -> Notebook:
    """Read a notebook. Raises EmotionLabError when the file is not a notebook in JSON."""
    path = Path(path)
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        for cell in raw["cells"]:
            cell["source"] = "".join(cell["source"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EmotionLabError(
            f"Expected a Jupyter notebook at {path}, found something that cannot be read as one ({error}); "
            "check the path or restore the file."
        ) from error
    return Notebook(path, raw, kind or kind_of(path))


# ---- The file itself -------------------------------------------------------------------------


def check_format(notebook: Notebook) -> Iterator[Finding]:
    """nbformat 4.5, and valid against its schema."""
    import warnings

    import nbformat

    version = (notebook.raw.get("nbformat"), notebook.raw.get("nbformat_minor"))
    if version != (4, 5):
        yield notebook.finding(None, f"Expected notebook format 4.5, found {version[0]}.{version[1]}.")
        return
    if not all(cell.get("id") for cell in notebook.cells):
        return  # check_ids says so; nbformat would repair it silently
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a repeated id is check_ids' finding
            nbformat.validate(json.loads(json.dumps(notebook.raw)))
    except nbformat.ValidationError as error:
        yield notebook.finding(None, f"The notebook breaks its own format: {str(error).splitlines()[0]}.")


def check_no_outputs(notebook: Notebook) -> Iterator[Finding]:
    for cell in notebook.code():
        if cell.get("outputs"):
            yield notebook.finding(cell, "The cell carries outputs; run the lint with --fix to remove them.")


def check_no_counts(notebook: Notebook) -> Iterator[Finding]:
    for cell in notebook.code():
        if cell.get("execution_count") is not None:
            yield notebook.finding(cell, "The cell carries an execution count; run the lint with --fix to remove it.")


def check_metadata(notebook: Notebook) -> Iterator[Finding]:
    """Nothing in the metadata tells which machine or editor wrote the notebook."""
    metadata = notebook.raw.get("metadata", {})
    if metadata.get("kernelspec") != KERNELSPEC:
        yield notebook.finding(None, f"Expected the kernelspec {KERNELSPEC}, found {metadata.get('kernelspec')}.")
    if metadata.get("language_info") != LANGUAGE_INFO:
        yield notebook.finding(None, "Expected language_info to hold the name python and nothing else.")
    extra = sorted(set(metadata) - {"kernelspec", "language_info", "emotionlab"})
    if extra:
        yield notebook.finding(None, f"The notebook's metadata carries {', '.join(extra)}; remove it.")
    for cell in notebook.cells:
        extra = sorted(set(cell.get("metadata", {})) - CELL_METADATA)
        if extra:
            yield notebook.finding(cell, f"The cell's metadata carries {', '.join(extra)}; remove it.")


def check_ids(notebook: Notebook) -> Iterator[Finding]:
    """Every cell has an id of its own that a person chose, so that it survives an edit."""
    seen = set()
    for cell in notebook.cells:
        name = cell.get("id", "")
        if not re.fullmatch(r"[a-z0-9_-]{1,64}", name):
            wanted = "lowercase letters, digits, hyphens and underscores"
            yield notebook.finding(cell, f"Expected an id of {wanted}, found {name!r}.")
        elif re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){0,3}(-[0-9a-f]{12})?", name):
            yield notebook.finding(cell, f"The id {name!r} looks random; choose one that says what the cell does.")
        if name in seen:
            yield notebook.finding(cell, f"The id {name!r} is used twice; give each cell its own.")
        seen.add(name)


def check_no_skipping(notebook: Notebook) -> Iterator[Finding]:
    """No cell is kept out of the tests."""
    for cell in notebook.code():
        tags = cell.get("metadata", {}).get("tags", [])
        if "NBVAL_SKIP" in cell["source"] or "nbval-skip" in tags or "skip-execution" in tags:
            yield notebook.finding(cell, "The cell asks to be skipped by the tests; every cell must run.")


# ---- Text ------------------------------------------------------------------------------------


def without_code(text: str) -> str:
    """Markdown without fenced blocks and `inline code`, where a # or a [link](x) means nothing."""
    text = re.sub(r"^(```|~~~).*?^\1\s*$", "", text, flags=re.DOTALL | re.MULTILINE)
    return re.sub(r"(`+)(?!`).+?(?<!`)\1(?!`)", "", text)


def headings(cell: dict, level: int | None = None) -> list[str]:
    """The headings of a markdown cell, of one level or of all."""
    found = re.findall(r"^(#{1,6})\s+(.+)$", without_code(cell["source"]), flags=re.MULTILINE)
    return [title for marks, title in found if level in (None, len(marks))]


def check_one_title(notebook: Notebook) -> Iterator[Finding]:
    count = sum(len(headings(cell, level=1)) for cell in notebook.markdown())
    if count != 1:
        yield notebook.finding(None, f"Expected exactly one top heading (# Title), found {count}.")


def images(cell: dict) -> list[tuple[str, str]]:
    """(alt text, source) of every Markdown and HTML image of a cell."""
    text = without_code(cell["source"])
    found = re.findall(r"!\[([^\]]*)\]\(\s*<?([^)\s>]+)", text)
    for tag in re.findall(r"<img\b[^>]*>", text, flags=re.IGNORECASE | re.DOTALL):
        found.append((html_attribute(tag, "alt"), html_attribute(tag, "src")))
    return found


def html_attribute(tag: str, name: str) -> str:
    match = re.search(rf"""\b{name}\s*=\s*("([^"]*)"|'([^']*)')""", tag, flags=re.IGNORECASE)
    return (match[2] or match[3] or "") if match else ""


def check_images(notebook: Notebook) -> Iterator[Finding]:
    """Every image has alt text and is a file that travels with the notebook."""
    for cell in notebook.markdown():
        for alt, source in images(cell):
            if not alt.strip():
                yield notebook.finding(cell, f"The image {source!r} has no alt text; say what it shows.")
            if re.match(r"[a-z]+:", source):
                yield notebook.finding(
                    cell, f"The image {source[:60]!r} is not a local file; keep it beside the lesson."
                )
            else:
                yield from local_target(notebook, cell, source, "image")


def links(cell: dict) -> list[str]:
    """The targets of every Markdown and HTML link of a cell, images left out."""
    text = without_code(cell["source"])
    found = re.findall(r"(?<!!)\[(?:[^\[\]]|!?\[[^\]]*\](?:\([^)]*\))?)*\]\(\s*<?([^)\s>]+)", text)
    found += [html_attribute(tag, "href") for tag in re.findall(r"<a\b[^>]*>", text, flags=re.IGNORECASE)]
    return [target for target in found if target]


def check_links(notebook: Notebook) -> Iterator[Finding]:
    for cell in notebook.markdown():
        for target in links(cell):
            if not re.match(r"([a-z]+:|#|//)", target):
                yield from local_target(notebook, cell, target, "link")


def local_target(notebook: Notebook, cell: dict, target: str, what: str) -> Iterator[Finding]:
    """The file exists, here and in a learner's copy, which holds lessons/ and exercises/ side by side."""
    path = (notebook.path.resolve().parent / unquote(target.split("#")[0])).resolve()
    if not path.exists():
        yield notebook.finding(cell, f"The {what} {target!r} leads to no file.")
        return
    inside = path.is_relative_to(notebook.root) and path.relative_to(notebook.root).parts[0] in LEARNER_FOLDERS
    if notebook.folder in LEARNER_FOLDERS and not inside:
        yield notebook.finding(
            cell,
            f"The {what} {target!r} leaves lessons/ and exercises/, so it is missing from a learner's copy.",
        )


# ---- Figures quoted in prose -----------------------------------------------------------------

NUMBER = re.compile(
    r"""(?<![\w.,])(?:                      # not in the middle of a word or a number
        \d{1,3}(?:,\d{3})+(?:\.\d+)?       # 28,709
        | \d+(?:\.\d+)?                    # 66 or 0.62
        | \.\d+                            # .62
    )(?:[\s\u00a0\u202f]*(?:%|percent\b|per\s+cent\b))?""",
    re.VERBOSE,
)


def needs_a_source(number: str) -> bool:
    """True for a percentage, a decimal and a number of 1,000 or more; a bare year is no figure."""
    if re.search(r"%|per\s*cent|\.\d", number):
        return True
    if re.fullmatch(r"(19|20)\d\d", number):
        return False
    return int(number.replace(",", "")) >= 1000


def prose(text: str) -> str:
    """The words of a markdown cell: no code, LaTeX, link targets, HTML tags or heading numbers."""
    text = without_code(text)
    text = re.sub(r"\$\$.*?\$\$", "", text, flags=re.DOTALL)
    text = re.sub(r"(?<![\\$])\$(?!\s)[^$\n]+?\$", "", text)
    text = re.sub(r"!?\[((?:[^\[\]]|\[[^\]]*\])*)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"<!--.*?-->|</?[a-zA-Z][^>]*>|<https?:[^>]*>", " ", text, flags=re.DOTALL)
    text = re.sub(r"(https?://|doi:\s*|doi\s+|arXiv[:\s]+)\S+", " ", text, flags=re.IGNORECASE)
    return re.sub(r"^#{1,6}\s+\d+(\.\d+)*\.?(?=\s)", "", text, flags=re.MULTILINE)


def quote_pattern(quote: str) -> re.Pattern:
    """Finds `quote` where it stands as a whole number, not inside a longer one."""
    return re.compile(rf"(?<!\d)(?<!\d[.,]){re.escape(quote)}(?!\d)(?![.,]\d)")


def quoted(cell: dict) -> list[dict]:
    """The figures and citations that a cell's metadata declares."""
    ours = cell.get("metadata", {}).get("emotionlab", {})
    return [*ours.get("figures", []), *ours.get("cited", [])]


def check_figures(notebook: Notebook) -> Iterator[Finding]:
    """Every figure in prose is declared: with the expression that yields it, or with its source."""
    for cell in notebook.markdown():
        text = prose(cell["source"])
        for entry in sorted(quoted(cell), key=lambda e: -len(e.get("quote", ""))):
            if not entry.get("quote") or not (entry.get("expression") or entry.get("source")):
                yield notebook.finding(cell, f"The figure {entry} needs a quote, and an expression or a source.")
            elif not quote_pattern(entry["quote"]).search(prose(cell["source"])):
                yield notebook.finding(cell, f"The declared figure {entry['quote']!r} does not occur in the text.")
            else:
                text = quote_pattern(entry["quote"]).sub(" ", text)
        for number in filter(needs_a_source, (m.group() for m in NUMBER.finditer(text))):
            yield notebook.finding(
                cell,
                f"The figure {number!r} is in no metadata; name its source or the expression that yields it.",
            )


def recompute_figures(notebook: Notebook, names: dict) -> list[Finding]:
    """Evaluate every declared expression with `names` (el, np, survey) and compare it with its quote."""
    findings = []
    for cell in notebook.markdown():
        for entry in cell.get("metadata", {}).get("emotionlab", {}).get("figures", []):
            try:
                value = entry.get("format", "{}").format(eval(entry["expression"], dict(names)))
            except Exception as error:  # whatever the expression raises is what the author must read
                value = f"{type(error).__name__}: {error}"
            if value != entry["quote"]:
                findings.append(
                    notebook.finding(cell, f"The text says {entry['quote']!r}, {entry['expression']} gives {value!r}.")
                )
    return findings


# ---- How a lesson is built -------------------------------------------------------------------


def plain_lines(cell: dict) -> list[str]:
    """Lines of a markdown cell without the marks for quotes, emphasis and headings in front."""
    return [re.sub(r"^[\s>#*_]+", "", line) for line in without_code(cell["source"]).splitlines()]


def check_opening(notebook: Notebook) -> Iterator[Finding]:
    """The first cell: title, what one will be able to do, time, what it builds on."""
    first = notebook.cells[0] if notebook.cells else {"cell_type": "none", "source": ""}
    if first["cell_type"] != "markdown" or not headings(first, level=1):
        yield notebook.finding(None, "Expected the first cell to be Markdown with the lesson's title (# Title).")
        return
    after = re.split(r"you will be able to", first["source"], flags=re.IGNORECASE)
    bullets = leading_bullets(after[1]) if len(after) == 2 else 0
    if not 3 <= bullets <= 5:
        yield notebook.finding(first, f'Expected "You will be able to" with 3 to 5 bullets, found {bullets}.')
    for start in ("Time", "Builds on"):
        if not any(re.match(rf"{start}:?[*_]*:?\s*\S", line) for line in plain_lines(first)):
            yield notebook.finding(first, f'Expected a line that begins with "{start}:".')


def leading_bullets(text: str) -> int:
    """How many bullets the first list of `text` has; indented lines continue a bullet."""
    count = 0
    for line in text.splitlines()[1:]:
        if re.match(r"[-*+]\s", line):
            count += 1
        elif line.strip() and not line.startswith(" ") and count:
            break
    return count


def check_banner(notebook: Notebook) -> Iterator[Finding]:
    code = notebook.code()
    if not code or "el.settings.banner()" not in code[0]["source"]:
        yield notebook.finding(None, "Expected the first code cell to print el.settings.banner().")


def check_code_size(notebook: Notebook) -> Iterator[Finding]:
    code = notebook.code()
    if len(code) > MAX_CODE_CELLS:
        yield notebook.finding(None, f"Expected at most {MAX_CODE_CELLS} code cells, found {len(code)}.")
    for cell in code:
        lines = len(cell["source"].strip().splitlines())
        if lines > MAX_CODE_LINES:
            yield notebook.finding(cell, f"Expected at most {MAX_CODE_LINES} lines of code, found {lines}.")


def check_code_columns(notebook: Notebook) -> Iterator[Finding]:
    """No line of code in lessons/, the electives included, is wider than a rendered page."""
    if notebook.folder != "lessons":
        return
    for cell in notebook.code():
        longest = max(map(len, cell["source"].splitlines()), default=0)
        if longest > MAX_CODE_COLUMNS:
            yield notebook.finding(
                cell, f"Expected lines of code of at most {MAX_CODE_COLUMNS} columns, found one of {longest}; wrap it."
            )


def check_prose_before_code(notebook: Notebook) -> Iterator[Finding]:
    before = None
    for cell in notebook.cells:
        if cell["cell_type"] == "code" and (before is None or before["cell_type"] != "markdown"):
            yield notebook.finding(cell, "Expected a Markdown cell before this code cell that says why it is there.")
        before = cell


def check_ending(notebook: Notebook) -> Iterator[Finding]:
    """After the last content: a recap table, the quiz, links to the exercise and the next lesson."""
    recap = [i for i, c in enumerate(notebook.cells) if any("recap" in h.lower() for h in markdown_headings(c))]
    if not recap:
        yield notebook.finding(None, 'Expected a heading "Recap" near the end.')
        return
    end = notebook.cells[recap[-1] :]
    text = "\n".join(cell["source"] for cell in end if cell["cell_type"] == "markdown")
    if not re.search(r"^\s*\|?\s*:?-{2,}:?\s*\|", text, flags=re.MULTILINE):
        yield notebook.finding(end[0], "Expected a table under the Recap heading.")
    quiz = rf"""el\.quiz\(["']{re.escape(notebook.number)}["']\)"""
    if not any(cell["cell_type"] == "code" and re.search(quiz, cell["source"]) for cell in end):
        yield notebook.finding(end[0], f'Expected el.quiz("{notebook.number}") after the recap.')
    targets = {unquote(t.split("#")[0]) for cell in end if cell["cell_type"] == "markdown" for t in links(cell)}
    for target in expected_links(notebook) - targets:
        yield notebook.finding(end[0], f"Expected a link to {target} after the recap.")


def markdown_headings(cell: dict) -> list[str]:
    return headings(cell) if cell["cell_type"] == "markdown" else []


def expected_links(notebook: Notebook) -> set[str]:
    """What a lesson must lead to: its exercise and the next lesson, where these exist."""
    wanted = set()
    name = notebook.path.name
    if any((notebook.root / folder / name).exists() for folder in ("solutions", "exercises")):
        up = "../" * max(1, len(notebook.path.resolve().parent.relative_to(notebook.root).parts))
        wanted.add(f"{up}exercises/{name}")
    siblings = sorted(p.name for p in notebook.path.parent.glob("[0-9][0-9]_*.ipynb"))
    wanted.update(siblings[siblings.index(name) + 1 :][:1] if name in siblings else [])
    return wanted


# ---- All of them -----------------------------------------------------------------------------

Rule = Callable[[Notebook], Iterator[Finding]]

RULES: tuple[Rule, ...] = (
    check_format,
    check_no_outputs,
    check_no_counts,
    check_metadata,
    check_ids,
    check_no_skipping,
    check_one_title,
    check_images,
    check_links,
    check_figures,
    check_code_columns,
)
"""Rules for every notebook."""

LESSON_RULES: tuple[Rule, ...] = (
    check_opening,
    check_banner,
    check_code_size,
    check_prose_before_code,
    check_ending,
)
"""Rules for lessons alone: in an exercise a check follows its answer cell at once."""


def lint(path: str | Path, kind: str | None = None) -> list[Finding]:
    """All findings of one notebook, in the order of the rules."""
    notebook = read_notebook(path, kind)
    rules = RULES + (LESSON_RULES if notebook.kind == "lesson" else ())
    return [finding for rule in rules for finding in rule(notebook)]


def find_notebooks(paths: list[str | Path]) -> list[Path]:
    """The notebooks at `paths` (files, or folders searched to the bottom), sorted within each.

    Raises EmotionLabError when a path does not exist. Jupyter's own copies and hidden files in folders are left out.
    """
    found = []
    for path in map(Path, paths):
        if not path.exists():
            raise EmotionLabError(f"Expected a notebook or a folder at {path}, found nothing; check the path.")
        inside = sorted(p for p in path.rglob("*.ipynb") if p.name[0] != ".") if path.is_dir() else [path]
        found += [p for p in inside if ".ipynb_checkpoints" not in p.parts]
    return found


def strip(path: str | Path) -> bool:
    """Remove outputs, execution counts and machine metadata; True when the file changed.

    What the course itself put into the metadata (figures, tags) stays.
    """
    import nbformat

    path = Path(path)
    before = path.read_text(encoding="utf-8")
    raw = json.loads(before)
    ours = raw.get("metadata", {}).get("emotionlab")
    raw["metadata"] = {"kernelspec": KERNELSPEC, "language_info": LANGUAGE_INFO}
    if ours:
        raw["metadata"]["emotionlab"] = ours
    for cell in raw["cells"]:
        cell["metadata"] = {k: v for k, v in cell.get("metadata", {}).items() if k in CELL_METADATA}
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
    after = nbformat.writes(nbformat.from_dict(raw)).rstrip("\n") + "\n"
    if json.loads(after) == json.loads(before):
        return False
    path.write_text(after, encoding="utf-8", newline="\n")
    return True


def main(argv: list[str] | None = None) -> int:
    """Print the findings; return 0 when there are none, 1 when there are, 2 for a path that is wrong."""
    parser = argparse.ArgumentParser(prog="notebook_lint", description="Check the course's notebooks.")
    parser.add_argument("paths", nargs="*", metavar="PATH", help="notebooks or folders")
    parser.add_argument("--fix", action="store_true", help="first remove outputs, counts and machine metadata")
    options = parser.parse_args(argv)
    try:
        notebooks = find_notebooks(options.paths or [f for f in FOLDERS if Path(f).is_dir()])
        if options.fix:
            for path in notebooks:
                if strip(path):
                    print(f"{path}: cleaned")
        findings = [finding for path in notebooks for finding in lint(path)]
    except EmotionLabError as error:
        print(error, file=sys.stderr)
        return 2
    print("\n".join(map(str, findings)) or f"{len(notebooks)} notebooks, no findings.")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
