"""A site of two lessons, built in fast mode, in a real browser: pages, search, the recogniser in the page, and axe.

Outputs of the lessons and onnxruntime-web are kept in the tester's own data folder, as `emotionlab site` does, so that
the second run of these tests takes a tenth of the time of the first.
"""

import functools
import html
import http.server
import io
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import numpy as np
import pytest
import scenes
from browsers import CAMERAS_ON, film, open_page

from emotionlab.exercises.engine import BEGIN, END

pytest.importorskip("sphinx_book_theme", reason="the site: uv sync --group site")
if shutil.which("npm") is None:
    pytest.skip("the site: install npm (Debian: apt-get install npm)", allow_module_level=True)

pytestmark = [pytest.mark.big, pytest.mark.timeout(1800)]

AXE = "axe-core@4.10.3"
PAGES = ("index.html", "lessons/01_faces_as_data.html", "exercises/01_faces_as_data.html", "search.html?q=copies")
REPOSITORY = "https://github.com/someone/emotionlab"
SERIOUS = ("serious", "critical")
STILL = "*, *::before, *::after { transition: none !important }"
"""CSS: colours are at once what they will be; the theme fades from light to dark while a page is loaded."""


def build(out: Path) -> subprocess.CompletedProcess:
    environment = os.environ | {"EMOTIONLAB_DATA": str(scenes.REAL_DATA), "EMOTIONLAB_FAST": "1"}
    command = [
        sys.executable,
        "-m",
        "emotionlab",
        "site",
        "--out",
        str(out),
        "--only",
        "00,01",
        "--repository",
        REPOSITORY,
    ]
    return subprocess.run(command, env=environment, capture_output=True, encoding="utf-8", timeout=1500)


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    """The folder of a site of two lessons."""
    out = tmp_path_factory.mktemp("web") / "site"
    done = build(out)
    assert done.returncode == 0, done.stderr
    assert "⚠" not in done.stdout, done.stdout  # Sphinx warns of nothing
    return out


@pytest.fixture(scope="module")
def address(site):
    """Where a plain server on this machine serves the site."""
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(site))
    handler.log_message = lambda *words: None
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def axe(tmp_path_factory) -> str:
    """The source of axe-core, from npm."""
    folder = tmp_path_factory.mktemp("axe")
    done = subprocess.run(["npm", "pack", AXE, "--silent"], cwd=folder, capture_output=True, text=True, timeout=300)
    if done.returncode:
        pytest.skip(f"axe: npm could not fetch {AXE}")
    shutil.unpack_archive(next(folder.glob("*.tgz")), folder)
    return (folder / "package" / "axe.min.js").read_text(encoding="utf-8")


# ------------------------------------------------------------------------------------------ the pages


class Names(HTMLParser):
    """The links and pictures of a page."""

    def __init__(self, page: Path):
        super().__init__()
        self.links, self.pictures = [], []
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.links += [given[name] for name in ("href", "src") if given.get(name)]
        if tag == "img":
            self.pictures.append(given)


def pages(site: Path) -> list[Path]:
    return [path for path in site.rglob("*.html") if "_static" not in path.parts]


def test_every_link_of_the_site_leads_somewhere(site):
    for page in pages(site):
        for link in Names(page).links:
            parts = urlsplit(link)
            if not parts.scheme and not parts.netloc and parts.path:
                assert (page.parent / unquote(parts.path)).exists(), f"{page.name} links to {link}"


def test_every_picture_of_the_site_has_a_description(site):
    seen = [(page, picture) for page in pages(site) for picture in Names(page).pictures]
    assert len(seen) > 15
    lacking = [(page.name, picture.get("src")) for page, picture in seen if not (picture.get("alt") or "").strip()]
    assert not [one for one in lacking if "badge" not in str(one) and "logo" not in str(one)]


def test_a_page_shows_no_solution_and_offers_the_notebook_as_it_is(site):
    course = Path(__file__).parents[2]
    for name in ("lessons/00_start_here.ipynb", "exercises/01_faces_as_data.ipynb"):
        assert json.loads((site / "_sources" / name).read_text()) == json.loads((course / name).read_text())
    page = (site / "exercises" / "01_faces_as_data.html").read_text(encoding="utf-8")
    assert page.count("el-hint") == 21
    shown = html.unescape(re.sub(r"<[^>]+>", "", page))
    assert "def stratified_split(labels, share, seed):" in shown
    solutions = json.loads((course / "solutions" / "01_faces_as_data.ipynb").read_text(encoding="utf-8"))
    sources = ["".join(cell["source"]) for cell in solutions["cells"]]
    secrets = [re.search(f"{BEGIN}\n(.*)\n *{END}", source, re.DOTALL) for source in sources]
    long = [secret[1] for secret in filter(None, secrets) if secret[1].count("\n")]
    assert len(long) >= 3
    assert not [secret for secret in long if secret in shown]


def test_no_file_of_the_site_names_a_folder_of_this_machine(site):
    places = {str(Path(__file__).parents[2]), str(site.parent), f"{Path.home()}/", sys.prefix, str(scenes.REAL_DATA)}
    for path in site.rglob("*"):
        if path.suffix in (".html", ".ipynb", ".md", ".js", ".json", ".txt", ".inv", "") and path.is_file():
            content = path.read_text(encoding="utf-8", errors="replace")
            assert not [place for place in places if place in content], path


def test_a_second_build_runs_no_notebook_and_an_unfit_folder_is_refused(site):
    done = build(site)
    assert done.returncode == 0
    assert "was run" not in done.stdout
    refused = build(site / "lessons")
    assert refused.returncode == 2
    assert "Traceback" not in refused.stderr


def test_pages_ask_no_other_machine_for_anything_and_the_search_finds(address):
    with open_page() as page:
        for name in PAGES:
            page.goto(address + name)
            page.wait_for_timeout(2000)  # what a script would ask for after the page is there
        page.wait_for_selector("#search-results li")
        assert "01" in page.inner_text("#search-results")
        assert page.locator("mjx-container").count() == 0 or page.evaluate("MathJax.version").startswith("3")


@pytest.mark.parametrize("name", ["index.html", "INSTRUCTORS.html", "names.html", "lessons/01_faces_as_data.html"])
def test_on_a_phone_no_page_scrolls_sideways_and_nothing_lies_over_its_text(address, name):
    with open_page(size=(375, 812)) as page:
        page.goto(address + name)
        page.wait_for_timeout(500)
        assert page.evaluate("document.documentElement.scrollWidth") <= 375
        page.evaluate("scrollTo(0, 3000)")
        page.evaluate("scrollTo(0, 2500)")
        assert not page.is_visible("#pst-back-to-top")


def test_binder_and_colab_open_the_notebook_in_the_repository(site):
    page = (site / "lessons" / "01_faces_as_data.html").read_text(encoding="utf-8")
    assert "https://mybinder.org/v2/gh/someone/emotionlab/main?urlpath=lab/tree/lessons/01_faces_as_data.ipynb" in page
    assert (
        "https://colab.research.google.com/github/someone/emotionlab/blob/main/lessons/01_faces_as_data.ipynb" in page
    )


def test_the_site_opens_from_a_folder(site, address):
    with open_page() as page:
        page.goto(address)  # the log of requests wants to see one
        page.goto((site / "index.html").as_uri())
        assert "opened from a folder" in page.inner_text("#el-try-status")
        assert f'http.server 0 --bind 127.0.0.1 --directory "{site.as_posix()}"' in page.inner_text("#el-try-server")
        assert not page.is_visible("#el-try-controls")
        assert page.is_visible("#el-try-result")
        page.click("text=00 · Start here >> nth=0")
        assert page.evaluate("[...document.querySelectorAll('img.el-figure')].every(i => i.complete && i.naturalWidth)")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", [*PAGES, "names.html", "lessons/glossary.html"])
def test_axe_finds_nothing_serious(address, axe, name, scheme):
    with open_page(color_scheme=scheme) as page:
        page.goto(address + name)
        page.add_style_tag(content=STILL)
        page.evaluate("window.MathJax?.startup?.promise")  # formulas stand as they will
        page.evaluate(axe)
        found = page.evaluate("axe.run()")["violations"]
    told = [
        (one["id"], one["nodes"][0]["html"][:200], one["nodes"][0]["any"][:1])
        for one in found
        if one["impact"] in SERIOUS
    ]
    assert not told


def test_the_main_controls_are_reached_and_used_with_the_keyboard(address):
    with open_page() as page:
        page.goto(address)
        page.wait_for_selector("#el-try-controls:visible")
        reached = []
        for _ in range(60):
            page.keyboard.press("Tab")
            reached.append(page.evaluate("document.activeElement.id || document.activeElement.className"))
            if page.evaluate("document.activeElement.closest('#el-try-pictures') !== null"):
                break
        assert {"el-try-camera", "el-try-open"} <= set(reached)
        page.keyboard.press("Enter")
        wait_for_answer(page)
        assert page.inner_text("#el-try-status").startswith("1 face: happy")


# ------------------------------------------------------------------------------------------ the recogniser in the page


DROP = """([name, bytes]) => {
    const files = new DataTransfer();
    if (bytes) files.items.add(new File([new Uint8Array(bytes)], name));
    const area = document.getElementById("el-try-area");
    area.dispatchEvent(new DragEvent("drop", { dataTransfer: files, bubbles: true, cancelable: true }));
}"""
"""JavaScript: a file dropped on the page; without bytes what is dropped is no file."""


def wait_for_answer(page) -> None:
    page.wait_for_function("() => window.emotionlabLast || !document.getElementById('el-try-problem').hidden")
    assert not page.is_visible("#el-try-problem"), page.inner_text("#el-try-problem")


def test_five_bundled_pictures_get_the_probabilities_of_the_python_side(address):
    from emotionlab.teaching.site.trying import pictures, recogniser

    recognize = recogniser()
    with open_page() as page:
        page.goto(address)
        for number, (content, _) in enumerate(pictures().values()):
            page.evaluate("window.emotionlabLast = null")
            page.locator("#el-try-pictures button").nth(number).click()
            wait_for_answer(page)
            here, there = page.evaluate("window.emotionlabLast"), recognize(content)
            assert len(here) == len(there) > 0
            for ours, theirs in zip(here, there, strict=True):
                assert np.abs(np.array(ours["probabilities"]) - theirs.probabilities).max() < 0.01
                assert ours["emotion"] == theirs.emotion
        assert number == 4


def photo_files() -> dict[str, bytes]:
    """The photo of a face as a reader's own file may hold it, and drawn faces."""
    from PIL import Image, ImageOps

    from emotionlab.base.opencv import cv2
    from emotionlab.live.bundled import PHOTO

    photo = Image.open(PHOTO).convert("RGB")
    cut_out = ImageOps.expand(photo, 60).convert("RGBA")
    cut_out.putalpha(ImageOps.expand(Image.new("L", photo.size, 255), 60))
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held upright: turn it by a quarter
    deep = np.asarray(photo)[..., ::-1].astype(np.uint16) * 257
    few = photo.quantize(64)

    def saved(picture, kind, **options) -> bytes:
        file = io.BytesIO()
        picture.save(file, kind, **options)
        return file.getvalue()

    return {
        "turned.jpg": saved(photo.rotate(90, expand=True), "JPEG", quality=95, exif=exif),
        "grey.jpg": saved(photo.convert("L"), "JPEG", quality=95),
        "cut out.png": saved(cut_out, "PNG"),
        "deep.png": cv2.imencode(".png", deep)[1].tobytes(),
        "moving.gif": saved(few, "GIF", save_all=True, append_images=[few.rotate(180)], duration=40),
        "large.jpg": saved(photo.resize((5000, 5000), Image.Resampling.BICUBIC), "JPEG", quality=90),
        "six.jpg": saved(Image.fromarray(six_faces()), "JPEG", quality=95),
        "nobody.png": saved(Image.new("RGB", (300, 200), "teal"), "PNG"),
    }


def six_faces() -> np.ndarray:
    return scenes.scene([(40 + 400 * (i % 3), 30 + 330 * (i // 3)) for i in range(6)], size=(720, 1280))


def test_a_dropped_picture_of_any_kind_is_seen_as_python_sees_it(address):
    from emotionlab.teaching.site.trying import recogniser

    recognize = recogniser()
    with open_page() as page:
        page.goto(address)
        for name, content in photo_files().items():
            page.evaluate("window.emotionlabLast = null")
            page.evaluate(DROP, [name, list(content)])
            wait_for_answer(page)
            here, there = page.evaluate("window.emotionlabLast"), recognize(content)
            assert len(here) == len(there) == {"six.jpg": 6, "nobody.png": 0}.get(name, 1), name
            for ours, theirs in zip(here, there, strict=True):
                assert np.abs(np.array(ours["probabilities"]) - theirs.probabilities).max() < 0.03, name
            said = page.inner_text("#el-try-status")
            assert said.startswith(f"{len(here)} face" if here else "No face found."), name


def test_a_picture_that_fails_late_does_not_disturb_the_next_one(address):
    late = """() => {
        const Real = window.Image;
        let first = true;
        window.Image = function () {
            if (!first) return new Real();
            first = false;
            const broken = { naturalWidth: 0 };
            setTimeout(() => broken.onerror(), 2500);
            return broken;
        };
    }"""
    with open_page() as page:
        page.goto(address)
        page.locator("#el-try-pictures button").first.click()
        wait_for_answer(page)  # the networks are loaded
        page.evaluate(late)
        page.evaluate("window.emotionlabLast = null")
        page.locator("#el-try-pictures button").nth(1).click()
        page.locator("#el-try-pictures button").nth(2).click()
        wait_for_answer(page)
        page.wait_for_timeout(3000)
        assert not page.is_visible("#el-try-problem")
        assert page.inner_text("#el-try-status").startswith("1 face: surprise")


def test_networks_that_cannot_be_loaded_get_a_sentence(address):
    with open_page() as page:
        page.route("**/try/*.wasm", lambda route: route.abort())
        page.goto(address)
        page.locator("#el-try-pictures button").first.click()
        page.wait_for_selector("#el-try-problem:visible")
        assert page.inner_text("#el-try-problem").startswith("The recogniser could not be loaded: reload the page")


def test_the_webcam_is_recognised_and_goes_off(address, drawn_film):
    with open_page(camera=drawn_film) as page:
        page.goto(address)
        page.click("#el-try-camera")
        page.wait_for_function("() => document.getElementById('el-try-status').textContent.includes('happy')")
        assert re.fullmatch(r"\d+ frames a second, \d+ ms each", page.inner_text("#el-try-speed"))
        assert page.evaluate(CAMERAS_ON) == 1
        page.click("#el-try-camera")
        assert page.evaluate(CAMERAS_ON) == 0
        assert page.inner_text("#el-try-status") == "The camera is off."


def test_the_line_below_the_camera_names_what_the_box_names(address, tmp_path):
    faces = [scenes.face(side=200), scenes.face(scenes.SURPRISE, 200)]
    pictures = [scenes.tinted(scenes.scene([(200, 140)], faces=[face])) for face in faces for _ in range(45)]
    told = """async () => {
        const [seen, end] = [[], performance.now() + 8000];
        const shown = (text) => text.replace(/.*looked at\\. /, "").replace(/ \\(.*?\\)| \\d+ %/g, "");
        while (performance.now() < end) {
            await new Promise((next) => requestAnimationFrame(next));
            const box = document.getElementById("el-try-canvas").getAttribute("aria-label");
            seen.push([shown(box), shown(document.getElementById("el-try-status").textContent)]);
        }
        return seen;
    }"""
    with open_page(camera=film(pictures, tmp_path / "moods.mjpeg")) as page:
        page.goto(address)
        page.click("#el-try-camera")
        page.wait_for_function("() => document.getElementById('el-try-status').textContent.includes('1 face')")
        seen = page.evaluate(told)
    assert {"1 face: happy.", "1 face: surprise."} <= {box for box, _ in seen}
    assert not [pair for pair in seen if pair[0] != pair[1]]


def test_a_refused_camera_gets_a_sentence(address, drawn_film):
    with open_page(camera=drawn_film, allowed=False) as page:
        page.goto(address)
        page.click("#el-try-camera")
        page.wait_for_selector("#el-try-problem:visible")
        assert "refused" in page.inner_text("#el-try-problem")


def test_a_browser_without_webassembly_gets_a_picture_and_a_sentence(address):
    with open_page() as page:
        page.add_init_script("delete window.WebAssembly")
        page.goto(address)
        assert "no WebAssembly" in page.inner_text("#el-try-status")
        assert page.is_visible("#el-try-result")


@pytest.mark.parametrize("name", ["no_picture.txt", "damaged.jpg", "empty.png", "large.png", "vectors.svg"])
def test_what_cannot_be_looked_at_gets_a_sentence_and_the_page_goes_on(address, tmp_path, name):
    from PIL import Image

    path = tmp_path / name
    drawing = b'<svg xmlns="http://www.w3.org/2000/svg" width="99" height="99"><rect width="9" height="9"/></svg>'
    path.write_bytes({"n": b"words", "d": b"\xff\xd8\xff" + bytes(500), "v": drawing}.get(name[0], b""))
    if name == "large.png":
        Image.new("1", (10_000, 6_000)).save(path)
    with open_page() as page:
        page.goto(address)
        page.set_input_files("#el-try-file", path)
        page.wait_for_selector("#el-try-problem:visible")
        said = page.inner_text("#el-try-problem")
        assert said.count(".") <= 3
        assert ("found 60" if name == "large.png" else name) in said
        page.evaluate(DROP, ["", None])
        page.wait_for_function("() => document.getElementById('el-try-problem').textContent.includes('found no file')")
        page.locator("#el-try-pictures button").first.click()
        wait_for_answer(page)
