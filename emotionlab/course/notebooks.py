"""What a learner can write in a notebook, and what JupyterLab adds to it by itself."""

import json


def what_is_written(content: bytes) -> bytes:
    """The cells of a notebook that are not empty: kind, text and pasted pictures, in their order.

    Outputs, counts and what JupyterLab notes about kernel and cells are left out: opening, running and saving
    change those. Running the last cell adds an empty one. A file that is no notebook is all written.
    """
    try:
        cells = json.loads(content)["cells"]
        written = [[cell["cell_type"], "".join(cell["source"]), cell.get("attachments") or {}] for cell in cells]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return content
    return json.dumps([cell for cell in written if cell[1].strip() or cell[2]], sort_keys=True).encode()


def for_the_kernel(content: bytes) -> bytes:
    """A notebook that says of its language all that our kernel does, so that merely opening it is no change to save.

    Any other file, and a notebook that says more than the name of its language, comes back as it is.
    """
    try:
        notebook = json.loads(content)
        if notebook["metadata"]["language_info"] != {"name": "python"}:
            return content
    except (ValueError, TypeError, KeyError, RecursionError):
        return content
    from ipykernel.ipkernel import IPythonKernel

    notebook["metadata"]["language_info"] = IPythonKernel.language_info
    return (json.dumps(notebook, indent=1, ensure_ascii=False) + "\n").encode()
