"""What a check sees of cells: their outputs in the notebook, as the page shows them."""

import json
from pathlib import Path


def text_of(action):
    """All text under a cell of this lesson; None where it has not ended well."""
    try:
        cells = json.loads(Path("notebook.ipynb").read_text())["cells"]
    except (FileNotFoundError, ValueError, KeyError):
        return None
    for cell in cells:
        mark = cell["metadata"].get("palestra", {})
        if (mark.get("lesson"), mark.get("action"), mark.get("state")) == ("6-notebook", action, "done"):
            return "\n".join(map(text_in, cell["outputs"]))
    return None


def text_in(output):
    text = output.get("text") or output.get("data", {}).get("text/plain", "")
    return "".join(text)
