"""What every page of a report is made of: HTML that needs nothing but a browser, and asks no other machine."""

import base64
import hashlib
import html
from pathlib import Path

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'{allowed}">
<title>{title}</title>
<style>
body {{ font-family: system-ui, sans-serif; color: #1A1A1A; background: #FFFFFF; max-width: {width}em; margin: 2em auto;
  padding: 0 1em; line-height: 1.5; }}
table {{ border-collapse: collapse; margin: 1em 0; }}
caption {{ text-align: left; font-weight: bold; }}
th, td {{ border: 1px solid #8C8C8C; padding: 0.3em 0.6em; text-align: left; vertical-align: top; }}
td {{ overflow-wrap: break-word; max-width: 30em; }}
td.number {{ text-align: right; }}
th button {{ font: inherit; font-weight: bold; text-align: left; background: none; border: 0; padding: 0; }}
th button:focus-visible, summary:focus-visible, .wide:focus-visible {{ outline: 3px solid #0072B2; }}
.wide {{ overflow-x: auto; }}
form {{ display: flex; flex-wrap: wrap; gap: 0.8em 1.2em; border: 1px solid #8C8C8C; padding: 0.8em; }}
form[hidden], tr[hidden] {{ display: none; }}
form button {{ align-self: end; }}
.note {{ min-width: 16em; }}
form label {{ display: flex; flex-direction: column; }}
form input, form select, form button {{ font: inherit; max-width: 20em; }}
.share {{ display: block; margin: -0.3em -0.6em; padding: 0.3em 0.6em; min-width: 2.5em; color: #000000; }}
pre {{ background: #F4F4F4; padding: 0.6em; white-space: pre-wrap; overflow-wrap: anywhere; }}
section {{ border-top: 1px solid #8C8C8C; margin-top: 1.5em; }}
@media print {{
  body {{ max-width: none; margin: 0; font-size: 9pt; }}
  form, .screen {{ display: none; }}
  .wide {{ overflow: visible; }}
  thead {{ display: table-header-group; }}
  tr, pre {{ break-inside: avoid; }}
  th, td {{ padding: 0.15em 0.4em; }}
  .share {{ margin: 0; padding: 0 0.3em; print-color-adjust: exact; -webkit-print-color-adjust: exact; }}
  a {{ color: inherit; text-decoration: none; }}
}}
</style>
</head>
<body>
<h1>{title}</h1>
{body}
{script}
</body>
</html>
"""


def page(title: str, body: str, width: int = 62, with_script: bool = False) -> bytes:
    """A whole page; `title` is escaped here, `body` must be already. with_script: tables sort, and a form filters."""
    script = Path(__file__).with_name("tables.js").read_text(encoding="utf-8") if with_script else ""
    check = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    text = _PAGE.format(
        title=html.escape(title),
        body=body,
        width=width,
        script=f"<script>{script}</script>" if script else "",
        allowed=f"; script-src 'sha256-{check}'" if script else "",
    )
    return text.encode("utf-8", "replace")


def table(caption: str, head: tuple[str, ...], rows: list[tuple[str, ...]], marks: list[str] | None = None) -> str:
    """A table of cells that are escaped already. marks: attributes of each row, for sorting and filtering."""
    top = "".join(f'<th scope="col">{html.escape(cell)}</th>' for cell in head)
    marks = marks or [""] * len(rows)
    lines = "".join(
        f"<tr{mark}>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>"
        for row, mark in zip(rows, marks, strict=True)
    )
    return (
        f'<div class="wide" role="region" tabindex="0" aria-label="{html.escape(caption)}">'
        f"<table><caption>{html.escape(caption)}</caption><thead><tr>{top}</tr></thead><tbody>{lines}</tbody></table></div>"
    )
