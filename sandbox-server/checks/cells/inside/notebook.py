"""
The notebook of a lesson's cells: the page, JupyterLab and this program read and write one file (nbformat 4.5).
Its JSON is read and written as it is: importing the nbformat package costs each cell 1.5 s of a core.
"""

import hashlib
import json
import os
import pathlib
import secrets
import tempfile

from server import HOME, Trouble, locked, sandbox

OURS = "palestra"
UNDER_WAY = {"queued", "running"}


def change(name, edit):
    """Reads the notebook, lets `edit` change it and writes it whole or not at all. @raises Trouble"""
    with locked("notebook"):
        book = read(name)
        settle(book)
        edit(book)
        write(name, book)


def read(name):
    try:
        with open(HOME / name) as file:
            book = json.load(file)
    except FileNotFoundError:
        return new()
    except ValueError:
        book = None
    if is_notebook(book):
        return book
    raise Trouble(f"{name} is no notebook any more. Rename it and run the cell again: a new one is made.")


def new():
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    about = {"kernelspec": kernel, "language_info": {"name": "python"}}
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": about, "cells": []}


def is_notebook(book):
    cells = book.get("cells") if isinstance(book, dict) and book.get("nbformat") == 4 else None
    return isinstance(cells, list) and all(
        isinstance(cell, dict) and isinstance(cell.get("metadata"), dict) and "source" in cell for cell in cells
    )


def write(name, book):
    file = HOME / name
    handle, fresh = tempfile.mkstemp(dir=file.parent, prefix=".palestra-notebook-")
    try:
        with os.fdopen(handle, "w") as out:
            json.dump(book, out, indent=1, ensure_ascii=False)
            out.write("\n")
            out.flush()
            os.fsync(out.fileno())
        os.chmod(fresh, file.stat().st_mode & 0o777 if file.exists() else 0o644)
        os.replace(fresh, file)
    except BaseException:
        pathlib.Path(fresh).unlink(missing_ok=True)
        raise


def settle(book):
    """What ran when another sandbox had this home has ended with it."""
    here = sandbox()
    for mark in map(mark_of, book["cells"]):
        if mark.get("state") in UNDER_WAY and mark.get("sandbox") != here:
            mark.update(state="cut", why="The sandbox ended while this cell ran. Run it again.")


def lay(book, cells):
    """Each cell of the lesson, in page order, below its step's title; what stands there stays."""
    after = None
    for wanted in cells:
        found = position(book, wanted)
        after = insert(book, wanted, after) if found is None else found


def insert(book, wanted, after):
    """@returns where it stands"""
    cells = book["cells"]
    at = len(cells) if after is None else after + 1
    title = [wanted["lesson"], wanted["step"]]
    if all(mark_of(cell).get("title") != title for cell in cells):
        cells.insert(at, cell("markdown", f"## {wanted['title']}", {"title": title}))
        at += 1
    mark = {"lesson": wanted["lesson"], "action": wanted["action"], "wrote": hashed(wanted["code"])}
    cells.insert(at, cell("code", wanted["code"], mark))
    return at


def cell(kind, source, mark=None, outputs=()):
    made = {"id": secrets.token_hex(4), "cell_type": kind, "source": source, "metadata": {OURS: mark} if mark else {}}
    return {**made, "execution_count": None, "outputs": list(outputs)} if kind == "code" else made


def position(book, wanted):
    for index, mark in enumerate(map(mark_of, book["cells"])):
        if (mark.get("lesson"), mark.get("action")) == (wanted["lesson"], wanted["action"]):
            return index
    return None


def mark_of(cell):
    mark = cell["metadata"].get(OURS)
    return mark if isinstance(mark, dict) else {}


def source_of(cell):
    source = cell["source"]
    return "".join(source) if isinstance(source, list) else source


def cell_of(book, wanted):
    """The lesson's own cell with the lesson's own code; what a learner made of it is kept as a cell below it."""
    lay(book, [wanted])
    index = position(book, wanted)
    found = book["cells"][index]
    source, code = source_of(found), wanted["code"]
    if source != code and hashed(source) != mark_of(found).get("wrote"):
        book["cells"].insert(index + 1, cell("code", source, outputs=found.get("outputs", [])))
    found["source"] = code
    mark_of(found)["wrote"] = hashed(code)
    return found


def hashed(text):
    return hashlib.sha256(text.encode()).hexdigest()[:16]
