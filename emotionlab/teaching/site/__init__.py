"""The course as a site of static pages: `emotionlab site --out site/`.

`build` puts it together: `running` runs the notebooks (or takes what they showed last time), `showing` makes their
outputs fit for a page without a kernel, `laying` lays out the pages' sources, `reference` writes the page of public
names, `front` the first page, `trying` the recogniser that runs in the reader's browser.
"""
