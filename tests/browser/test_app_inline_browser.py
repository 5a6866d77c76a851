"""el.app() as the last line of a notebook's cell: the page stands below it, in JupyterLab, and answers."""

import browsers


def test_the_app_stands_below_its_cell_and_answers(lab, open_page):
    notebook = lab.write_notebook("app.ipynb", "import emotionlab as el\n\nel.app(detector='haar')")
    with open_page(size=(1280, 1000)) as page:
        browsers.open_notebook(page, lab, notebook)
        browsers.run_cell(page, 0)
        page.wait_for_selector(".jp-OutputArea iframe", timeout=240_000)
        assert page.locator(".jp-OutputArea iframe").get_attribute("src").startswith("http://127.0.0.1:")
        inside = page.frame_locator(".jp-OutputArea iframe")
        inside.get_by_role("button", name="One drawn face").click(timeout=240_000)
        inside.locator("#annotated img").wait_for(timeout=240_000)
        assert "1 face found: happy" in inside.locator("#annotated").inner_text()
        browsers.keep(page, "app_inline.png")
    lab.end_kernels()
