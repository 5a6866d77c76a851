"""Pictures of panels that need a kernel, for the site: `uv run python tests/support/panel_pictures.py lessons/images`.

The site has no kernel; under a cell that opens one of these panels it shows how the panel looks in JupyterLab.
"""

import sys
import tempfile
from pathlib import Path

import browsers

PANELS = {
    "tagger.jpg": (
        "faces = el.load_faces('drawn', size=300)\nel.tagger(faces.validation, size=30)",
        ".emotionlab-tagger",
    ),
    "microphone.jpg": ("el.microphone()", ".emotionlab-microphone"),
    "abstention.jpg": (
        "run = el.reference.load('scratch_cnn')\n"
        "v, r = run.report('validation'), run.report('test')\n"
        "t = el.evaluation.temperature(v.labels, v.probabilities)\n"
        "sober = el.evaluation.with_temperature(r.probabilities, t)\n"
        "el.abstention(el.evaluation.score(r.labels, sober), el.evaluation.chosen_threshold())",
        ".jp-OutputArea-output .widget-vbox",
    ),
}
"""File of a picture -> (the cell that opens the panel, where the panel is on the page)."""


def main(folder: Path) -> None:
    """Take each picture."""
    with tempfile.TemporaryDirectory() as home, browsers.running_lab(Path(home)) as lab:
        for name, (cell, place) in PANELS.items():
            with browsers.open_page(size=(1100, 900)) as page:
                notebook = lab.write_notebook("panel.ipynb", f"import emotionlab as el\n{cell}")
                browsers.open_notebook(page, lab, notebook)
                browsers.run_cell(page, 0)
                panel = page.locator(place).first
                panel.wait_for(timeout=240_000)
                page.wait_for_timeout(3000)
                panel.screenshot(path=folder / name, type="jpeg", quality=80)
            lab.end_kernels()
            print(f"✔ {folder / name}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
