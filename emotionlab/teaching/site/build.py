"""Build the site: pages by Sphinx, in a folder beside the old site, which takes its place when all went well."""

import contextlib
import importlib.util
import io
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from emotionlab.base.arguments import file_path
from emotionlab.base.errors import EmotionLabError
from emotionlab.course.files import course_source
from emotionlab.teaching.site.addresses import checked_repository, known_host

PACKAGES = ("myst_nb", "nbclient", "onnx", "sphinx_book_theme", "sphinx-mathjax-offline")
"""What the group `site` installs, by the names that Python imports."""

UNUSED = ("*-svg*.js", "*-full*.js", "*mml-chtml.js", "node-main.js", "input/mml*", "input/ascii*", "output/svg*")
"""Parts of MathJax, two thirds of it, that pages with TeX in common HTML never ask for."""

MARK = ".emotionlab-site"
"""A file in every site that was built here, with the names of all others. Where there are more, nothing is replaced."""

_NOBODYS = {".DS_Store", "Thumbs.db", "desktop.ini"}
"""Files that a system's file manager lays into each folder that it shows."""


def build_site(
    out: str | Path, repository: str = "", only: list[str] | None = None, again: bool = False, try_it: bool = True
) -> Path:
    """Build the site in the folder `out` and return the path of its first page.

    repository: address of the repository, for the buttons Binder and Colab. only: numbers of the lessons to build
    (default: all). again: run every notebook, whatever is kept of it. try_it: with the recogniser in the first page;
    where npm is missing the site is built without, and a line says so.

    Raises EmotionLabError where `out` holds something else or cannot be written, the group `site` is not installed, or
    a cell fails; the old site then stays as it was.
    """
    from emotionlab.teaching.site.laying import Place, notebooks

    require_sphinx()
    repository = checked_repository(repository)
    out = checked_target(out)
    course = course_source()
    chosen = notebooks(course, only or [])
    with beside(out) as folder:
        place = Place(course, folder / "pages", folder / "extra", repository)
        _lay(place, chosen, again, try_it)
        said = run_sphinx(place, folder / "html", folder / "doctrees")
        _finish(place, chosen, folder / "html")
        replace(out, folder / "html")
    for line in said:
        print(f"⚠ {line}")
    return out / "index.html"


# ------------------------------------------------------------------------------------------ what can go wrong first


def require_sphinx() -> None:
    """Raises EmotionLabError where the optional group is not installed."""
    missing = [name for name in PACKAGES if importlib.util.find_spec(name) is None]
    if missing:
        raise EmotionLabError(
            f"Expected the packages that build the site, found no {missing[0]}; "
            "run: uv run --group site emotionlab site (or, with pip: pip install --group site)."
        )


def checked_target(out: str | Path) -> Path:
    """The folder `out`, whole and without links.

    Raises EmotionLabError where it is a file, the folder one is in, or holds anything but a site built here.
    """
    out = file_path("--out", out)
    try:
        out = out.resolve()
        if out.exists() and not out.is_dir():
            raise EmotionLabError(f"Expected a folder for the site, found the file {out}; give another --out.")
        if Path.cwd().is_relative_to(out):
            raise EmotionLabError(
                f"Expected a folder below this one or beside it, found {out}, in which you are; give another --out."
            )
        others = strange_files(out)
    except (OSError, RuntimeError) as problem:  # RuntimeError: links that lead in a circle
        raise EmotionLabError(_cannot_write(out, problem)) from None
    if others:
        raise EmotionLabError(
            f"Expected an empty folder or a site built here, found other things in {out}, such as {others[0]}; give "
            "another --out."
        )
    return out


def strange_files(out: Path) -> list[str]:
    """What lies in a folder and was not laid there by a build."""
    mark = out / MARK
    ours = {MARK, *(mark.read_text(encoding="utf-8", errors="replace").splitlines() if mark.is_file() else ())}
    there = (path for path in out.rglob("*") if path.is_symlink() or not path.is_dir())
    names = {path.relative_to(out).as_posix() for path in there if path.name not in _NOBODYS}
    return sorted(names - ours)


@contextmanager
def beside(out: Path) -> Iterator[Path]:
    """A temporary folder beside `out`, on the same disk, which is gone when the block ends, however it ends.

    Raises EmotionLabError for everything that cannot be written in the block: no right to, or no space.
    """
    folder = None
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
        yield folder
    except BrokenPipeError:  # whoever read what is printed has gone; nothing is wrong with the disk
        raise
    except OSError as problem:
        raise EmotionLabError(_cannot_write(out, problem)) from problem
    finally:
        if folder:
            shutil.rmtree(folder, ignore_errors=True)


def _cannot_write(out: Path, problem: Exception) -> str:
    several = isinstance(problem, shutil.Error)  # of copies: (from, to, why) of each
    why = problem.args[0][0][2] if several else getattr(problem, "strerror", None) or problem
    where = getattr(problem, "filename", None)
    found = f"{why} at {where}" if where else why
    return f"Expected to write the site to {out}, found: {found}; allow it, free some space, or give another --out."


def replace(out: Path, new: Path) -> None:
    """Let the folder `new` take the place of `out`; the old one goes when the new one stands."""
    checked_target(out)  # once more: building takes long enough to lay something there
    old = new.parent / "old"
    files = sorted(path.relative_to(new).as_posix() for path in new.rglob("*") if path.is_file())
    (new / MARK).write_text("\n".join(["Built by: emotionlab site", *files]) + "\n", encoding="utf-8")
    try:
        if out.exists():
            out.rename(old)
        new.rename(out)
    except BaseException:  # Ctrl-C between the two among them
        if old.exists() and not out.exists():
            old.rename(out)
        raise


# ------------------------------------------------------------------------------------------ the pages


def _lay(place, chosen: list[Path], again: bool, try_it: bool) -> None:
    from tqdm import tqdm

    from emotionlab.teaching.site.front import lay_front, lay_icon
    from emotionlab.teaching.site.laying import lay_files, lay_notebook
    from emotionlab.teaching.site.reference import names_page

    page = _lay_recogniser(place) if try_it else ""
    lay_files(place, chosen)
    (place.pages / "names.md").write_text(names_page(), encoding="utf-8")
    place.extra.mkdir(exist_ok=True)
    lay_icon(place.extra)
    with tqdm(chosen, unit="notebook", disable=None) as bar:
        for path in bar:
            bar.set_description(path.stem)
            if lay_notebook(place, path, again):
                bar.write(f"✔ {path.relative_to(place.course)} was run")
    lay_front(place, chosen, page)


def _lay_recogniser(place) -> str:
    """Lay the recogniser that runs in the page; returns its HTML, or "" where a program to fetch it is missing."""
    from emotionlab.teaching.site.trying import lay_try, missing_program

    missing = missing_program()
    if not missing:
        return lay_try(place.extra / "try")
    print(
        f"⚠ {missing} is not installed, so the site is built without the recogniser in its first page; install Node.js "
        "with npm and build again to have it.",
        flush=True,
    )
    return ""


def run_sphinx(place, out: Path, doctrees: Path) -> list[str]:
    """Turn the sources into pages; what Sphinx warns of, a line each. Raises EmotionLabError where it fails."""
    from sphinx.application import Sphinx
    from sphinx.errors import SphinxError
    from sphinx.util.docutils import docutils_namespace, patch_docutils

    warnings = io.StringIO()
    try:
        with patch_docutils(str(place.pages)), docutils_namespace(), contextlib.redirect_stderr(io.StringIO()):
            app = Sphinx(
                str(place.pages), None, str(out), str(doctrees), "html", settings(place), None, warnings, freshenv=True
            )
            app.build(force_all=True)
    except SphinxError as problem:
        raise EmotionLabError(f"Expected Sphinx to build the pages, found: {problem}; report it.") from problem
    plain = re.sub(r"\x1b\[[0-9;]*m", "", warnings.getvalue())
    return [line for line in plain.splitlines() if line.strip()]


def settings(place) -> dict:
    """Sphinx' settings. Nothing may come from another machine: not the widgets' manager, no font, no MathJax."""
    from emotionlab.teaching.site.front import ICON

    return {
        "project": "EmotionLab",
        "author": "The EmotionLab authors",
        "copyright": "The EmotionLab authors. Code: MIT. Text and figures: CC BY 4.0",
        "language": "en",
        "extensions": ["myst_nb", "sphinx.ext.mathjax", "sphinx-mathjax-offline"],
        "nb_execution_mode": "off",
        "nb_ipywidgets_js": {},
        "nb_output_stderr": "remove",
        "nb_merge_streams": True,
        "myst_enable_extensions": ["dollarmath", "amsmath", "html_image"],
        "myst_heading_anchors": 4,
        "html_theme": "sphinx_book_theme",
        "html_title": "EmotionLab",
        "html_favicon": str(place.extra / ICON),
        "html_static_path": [str(Path(__file__).with_name("static"))],
        "html_css_files": ["site.css"],
        "html_extra_path": [str(place.extra)],
        "html_sourcelink_suffix": "",
        "html_show_sphinx": False,
        "html_use_index": False,
        "html_context": {"default_mode": "auto"},
        "html_theme_options": theme(place.repository),
        "templates_path": [],
        "exclude_patterns": [],
    }


def theme(repository: str) -> dict:
    """The theme's options; with the address of a repository also the buttons that open a notebook elsewhere."""
    options = {
        "use_download_button": True,
        "use_fullscreen_button": False,
        "show_toc_level": 2,
        "navbar_persistent": [],  # the search stands in the side bar already
        "back_to_top_button": False,  # it would lie over the text, white on orange
    }
    if not repository:
        return options
    buttons = {"binderhub_url": "https://mybinder.org", "notebook_interface": "jupyterlab"}
    if repository.startswith("https://github.com/"):  # Colab opens notebooks of GitHub only
        buttons["colab_url"] = "https://colab.research.google.com"
    return options | {
        "repository_url": repository,
        "repository_provider": known_host(repository),
        "repository_branch": "main",
        "use_repository_button": True,
        "launch_buttons": buttons,
    }


def _finish(place, chosen: list[Path], html: Path) -> None:
    """Offer each notebook as it is in the course for download, and tell GitHub Pages to serve folders with a "_"."""
    for path in chosen:
        shutil.copy(path, html / "_sources" / path.relative_to(place.course))
    (html / ".nojekyll").touch()
    for unused in UNUSED:
        for path in (html / "_static" / "mathjax").glob(unused):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
