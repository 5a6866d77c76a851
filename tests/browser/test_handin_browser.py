"""The button that hands an exercise in, pressed in JupyterLab in a real browser."""

import zipfile

import browsers
import submissions

from emotionlab.exercises.dropbox import IN, make_box

CELLS = ("import emotionlab as el\n\nex = el.exercise('01')", "ex.progress()")


def test_an_exercise_is_handed_in_by_its_button(tmp_path, open_page):
    box = make_box(tmp_path / "box", {})
    with browsers.running_lab(tmp_path / "lab", EMOTIONLAB_DROPBOX=str(box.folder)) as lab, open_page() as page:
        name = lab.write_notebook(submissions.NAME, *CELLS)
        browsers.open_notebook(page, lab, name)
        for number in range(len(CELLS)):
            browsers.run_cell(page, number)
        page.get_by_role("button", name="Hand in exercise 01").click()
        page.get_by_role("status").filter(has_text="Exercise 01 was handed in").wait_for()
        browsers.keep(page, "handed_in.png")
        [handed] = (box.folder / IN).iterdir()
        assert zipfile.ZipFile(handed).namelist() == [submissions.NAME]
        assert handed.name in page.get_by_role("status").filter(has_text="Kept as").inner_text()
