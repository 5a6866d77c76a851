"""A lesson of the learner's copy, opened in JupyterLab in a real browser."""

import browsers

from emotionlab.course.files import lay_course

NAME = "00_start_here.ipynb"
DIRTY = "() => window.jupyterapp.shell.currentWidget.context.model.dirty"
LANGUAGE = "() => window.jupyterapp.shell.currentWidget.context.model.getMetadata('language_info')?.version"


def test_a_lesson_that_was_only_opened_has_nothing_to_save(lab, open_page):
    lay_course(lab.course)
    with open_page() as page:
        browsers.open_notebook(page, lab, f"lessons/{NAME}")
        page.wait_for_function(LANGUAGE)  # JupyterLab has noted what the kernel says of its language
        browsers.keep(page, "opened.png")
        assert not page.evaluate(DIRTY)
