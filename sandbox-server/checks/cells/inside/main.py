"""What the page asks of cells. One request, `request.json` beside this file; the answer is one line of JSON."""

import asyncio
import importlib.util
import json
import os
import sys
import urllib.parse

FOLDER = os.environ["PALESTRA_FIXTURES"]
sys.path.insert(0, FOLDER)
for needed in ("jupyterlab", "ipykernel"):
    if importlib.util.find_spec(needed) is None:
        print(json.dumps({"trouble": f"This lab's kit has no {needed}, so cells cannot run in it. Tell whoever wrote the lesson."}))
        sys.exit()

import kernel  # noqa: E402
import notebook  # noqa: E402
import server  # noqa: E402
from tornado.httpclient import HTTPClientError  # noqa: E402

NEW_KERNEL = "A new kernel began with this cell. If it needs what earlier cells make, run those first."


def lay(asked):
    """The lesson's cells stand in their notebook, so that JupyterLab shows them before any ran."""
    notebook.change(asked["notebook"], lambda book: notebook.lay(book, asked["cells"]))
    return {}


def run(asked):
    """Waits for its turn, runs one cell and writes what came of it beside it."""
    name, wanted = asked["notebook"], asked["cell"]

    def queue(book):
        notebook.lay(book, asked["cells"])
        marked(book, wanted, "queued", outputs=[])

    notebook.change(name, queue)
    try:
        with server.locked("turn"):
            mark(name, wanted, "running")
            return run_now(name, wanted, asked["limit"])
    except (server.Trouble, OSError, HTTPClientError) as error:
        why = str(error) if isinstance(error, server.Trouble) else f"JupyterLab did not answer: {error}. Run the cell again."
        mark(name, wanted, "cut", why)
        return {"state": "cut", "why": why}


def run_now(name, wanted, limit):
    lab = server.ready()
    which, fresh = lab.kernel(name)
    outputs = kernel.Outputs()

    def tell(state, why=""):
        mark(name, wanted, state, why, outputs.kept(), outputs.count)

    try:
        state, why = asyncio.run(kernel.run(lab, which, wanted["code"], limit, outputs, lambda: tell("running")))
    except BaseException:
        tell("running")
        raise
    if fresh and state == "raised":
        why = NEW_KERNEL
    tell(state, why)
    return {"state": state, "why": why, "said": said(outputs.kept())}


def mark(name, wanted, state, why="", outputs=None, count=None):
    notebook.change(name, lambda book: marked(book, wanted, state, why, outputs, count))


def marked(book, wanted, state, why="", outputs=None, count=None):
    cell = notebook.cell_of(book, wanted)
    notebook.mark_of(cell).update(state=state, why=why, sandbox=server.sandbox())
    if outputs is not None:
        cell.update(outputs=outputs, execution_count=count)


def said(outputs):
    """The end of what it printed or raised, for whoever proves the lesson."""
    texts = [output.get("text") or "\n".join(output.get("traceback", [])) for output in outputs]
    return "\n".join(text for text in texts if text)[-4000:]


def reset(asked):
    """The outputs of a step's cells go; a kernel that runs begins anew, with the cells that were run before them."""
    name = asked["notebook"]

    def edit(book):
        notebook.lay(book, asked["cells"])
        for wanted in asked["clear"]:
            cell = notebook.cell_of(book, wanted)
            cell.update(outputs=[], execution_count=None)
            notebook.mark_of(cell).pop("state", None)

    lab = server.running()
    which = lab.session(name) if lab else None
    if which is not None:
        lab.ask("POST", f"/api/kernels/{which}/interrupt")
        with server.locked("turn"):
            lab.ask("POST", f"/api/kernels/{which}/restart")
    notebook.change(name, edit)
    for wanted in asked["again"] if which is not None else []:
        end = run({**asked, "cell": wanted})
        if end["state"] != "done" and not wanted["fails"]:
            return {"trouble": f"The kernel began anew, but an earlier cell did not run again: {end['why'] or end['said']}"[:1500]}
    return {}


def interrupt(asked):
    lab = server.running()
    which = lab.session(asked["notebook"]) if lab else None
    if which is not None:
        lab.ask("POST", f"/api/kernels/{which}/interrupt")
    return {}


def restart(asked):
    lab = server.ready()
    which, fresh = lab.kernel(asked["notebook"])
    if not fresh:
        lab.ask("POST", f"/api/kernels/{which}/restart")
    return {}


def open_lab(asked):
    """Where JupyterLab shows this notebook: its own token opens it, once."""
    lay(asked)
    lab = server.ready()
    # one document and no side bar: it stands in a frame
    path = f"/doc/tree/{urllib.parse.quote(asked['notebook'])}?token={lab.token}"
    return {"port": lab.port, "path": path}


VERBS = {"lay": lay, "run": run, "reset": reset, "interrupt": interrupt, "restart": restart, "open": open_lab}


def answer(asked):
    try:
        return VERBS[asked["do"]](asked)
    except server.Trouble as error:
        return {"trouble": str(error)}


def main():
    """In a process of its own: a cell and what it prints outlive the server that asked for it."""
    with open(os.path.join(FOLDER, "request.json")) as file:
        asked = json.load(file)
    reading, writing = os.pipe()
    if os.fork() == 0:
        os.setsid()
        told = json.dumps(answer(asked)).encode()
        try:
            os.write(writing, told)
        except BrokenPipeError:
            # nobody waits any more; what matters stands in the notebook
            pass
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        told = pipe.read()
    sys.stdout.write(told.decode() or json.dumps(ended(asked)))


def ended(asked):
    """The process above was killed: for its memory, most often."""
    why = "What runs cells was ended, most often because the sandbox had no memory left. Run the cell again."
    if asked["do"] == "run":
        mark(asked["notebook"], asked["cell"], "cut", why)
    return {"trouble": why}


main()
