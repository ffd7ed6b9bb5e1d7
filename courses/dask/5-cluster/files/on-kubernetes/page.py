"""JupyterLab's page, for a preview: some browsers lend a frame no storage, without which the page loads for ever."""

import pathlib
import sys

STORAGE = """<script>for (const name of ["localStorage", "sessionStorage"]) try { window[name] } catch {
  const kept = new Map();
  Object.defineProperty(window, name, { value: {
    getItem: (key) => kept.get(String(key)) ?? null, setItem: (key, value) => void kept.set(String(key), String(value)),
    removeItem: (key) => void kept.delete(String(key)), clear: () => kept.clear(),
    key: (index) => [...kept.keys()][index] ?? null, get length() { return kept.size } } });
}</script>"""

page = pathlib.Path(sys.prefix) / "share/jupyter/lab/static/index.html"
folder = pathlib.Path.home() / ".cache/jupyterlab-page"
folder.mkdir(parents=True, exist_ok=True)
(folder / "index.html").write_text(page.read_text().replace("<head>", "<head>" + STORAGE, 1))
print(folder)
