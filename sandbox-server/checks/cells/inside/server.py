"""One Jupyter server a lab: found by the file it writes, started where none answers. It alone holds the kernels."""

import fcntl
import functools
import hashlib
import json
import os
import pathlib
import secrets
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

HOME = pathlib.Path.home()
# outside the home: what stands here must not outlive the sandbox; named after the home where several share a /tmp
PLACE = pathlib.Path(tempfile.gettempdir()) / ("palestra-jupyter-" + hashlib.sha256(str(HOME).encode()).hexdigest()[:16])
START_WITHIN = 180
# nothing is asked of the internet, and no question stands before a learner's work
SETTINGS = {
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
    # as light or dark as the page around it
    "@jupyterlab/apputils-extension:themes": {"adaptive-theme": True},
}

# a browser that lends frames of another site no storage throws where JupyterLab asks for it, which then loads for ever
STORAGE = """<script>for (const name of ["localStorage", "sessionStorage"]) try { window[name] } catch {
  const kept = new Map();
  Object.defineProperty(window, name, { value: {
    getItem: (key) => kept.get(String(key)) ?? null, setItem: (key, value) => void kept.set(String(key), String(value)),
    removeItem: (key) => void kept.delete(String(key)), clear: () => kept.clear(),
    key: (index) => [...kept.keys()][index] ?? null, get length() { return kept.size } } });
}</script>"""


class Trouble(Exception):
    """What a learner is told: what happened, and what to do."""


def place():
    """The folder of this sandbox alone. A stranger's is refused: what lies in it opens the server."""
    PLACE.mkdir(mode=0o700, exist_ok=True)
    known = PLACE.lstat()
    if known.st_uid != os.getuid() or known.st_mode & 0o077:
        raise Trouble(f"{PLACE} is not yours alone. Remove it and run the cell again.")
    return PLACE


@functools.cache
def sandbox():
    """A name that another sandbox with the same home does not have."""
    with locked("name"):
        file = place() / "name"
        if not file.exists():
            file.write_text(secrets.token_hex(8))
        return file.read_text()


class locked:
    """One process at a time; who waits longest is not promised to be first."""

    def __init__(self, name):
        self.file = open(place() / f"{name}.lock", "w")

    def __enter__(self):
        fcntl.flock(self.file, fcntl.LOCK_EX)

    def __exit__(self, *_):
        self.file.close()


class Server:
    def __init__(self, info):
        self.port = info["port"]
        self.token = info["token"]

    def ask(self, method, path, body=None):
        """@returns the answer's JSON; None where it has none. urllib's errors"""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", method=method)
        request.add_header("Authorization", f"token {self.token}")
        data = None if body is None else json.dumps(body).encode()
        with DIRECTLY.open(request, data, timeout=60) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def session(self, notebook):
        found = [one for one in self.ask("GET", "/api/sessions") if one["path"] == notebook]
        return found[0]["kernel"]["id"] if found else None

    def kernel(self, notebook):
        """@returns the id of the notebook's kernel, and whether it was started now"""
        known = self.session(notebook)
        if known is not None:
            return known, False
        wanted = {"path": notebook, "name": notebook, "type": "notebook", "kernel": {"name": "python3"}}
        return self.ask("POST", "/api/sessions", wanted)["kernel"]["id"], True


# a proxy that the environment names is not for the sandbox's own loopback
DIRECTLY = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def running():
    """@returns the server that answers; None"""
    for file in sorted(place().glob("runtime/jpserver-*.json")):
        try:
            server = Server(json.loads(file.read_text()))
            server.ask("GET", "/api/status")
            return server
        except (OSError, ValueError, KeyError):
            # half written, or left by one that was killed
            continue
    return None


def ready():
    """The server, started first where there is none: seconds. @raises Trouble"""
    with locked("start"):
        return running() or start()


def start():
    process = subprocess.Popen(
        [sys.executable, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1", "--port=8888"]
        + page()
        + [f"--ServerApp.root_dir={HOME}", "--LabApp.extension_manager=readonly", "--log-level=WARN"]
        # inside its walls a sandbox may be root of nothing
        + (["--allow-root"] if os.getuid() == 0 else []),
        cwd=HOME,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=open(place() / "log", "wb"),
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    until = time.monotonic() + START_WITHIN
    while time.monotonic() < until:
        found = running()
        if found is not None:
            return found
        if process.poll() is not None:
            raise Trouble(f"JupyterLab ended as it started: {last_line()}")
        time.sleep(0.1)
    process.kill()
    raise Trouble(f"JupyterLab did not start within {START_WITHIN} s. Run the cell again.")


def page():
    """JupyterLab's own page, which gets by without a browser's storage."""
    theirs = pathlib.Path(sys.prefix) / "share/jupyter/lab/static/index.html"
    if not theirs.exists():
        return []
    folder = place() / "page"
    folder.mkdir(exist_ok=True)
    (folder / "index.html").write_text(theirs.read_text().replace("<head>", "<head>" + STORAGE, 1))
    return [f"--LabApp.templates_dir={folder}"]


def environment():
    config = place() / "config" / "labconfig"
    config.mkdir(parents=True, exist_ok=True)
    (config / "default_setting_overrides.json").write_text(json.dumps(SETTINGS))
    # of the one script that runs now
    mine = {name: text for name, text in os.environ.items() if name not in {"PALESTRA_FIXTURES", "PALESTRA_LESSON", "PALESTRA_STEP"}}
    folders = {"JUPYTER_RUNTIME_DIR": "runtime", "IPYTHONDIR": "ipython", "npm_config_cache": "npm"}
    # the learner's home stays theirs
    kept_out = {name: str(place() / folder) for name, folder in folders.items()}
    return {**mine, **kept_out, "JUPYTER_CONFIG_PATH": str(config.parent)}


def last_line():
    lines = (place() / "log").read_text(errors="replace").split("\n")
    return next((line.strip()[:300] for line in reversed(lines) if line.strip()), "it said nothing")
