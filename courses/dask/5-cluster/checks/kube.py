"""What checks ask of the learner's own namespace: the API server by kubectl, and JupyterLab's Dask panel."""

import json
import os
import subprocess
import urllib.error
import urllib.request

DASK = "http://127.0.0.1:8890/dask"


def get(kind, *words):
    """The objects of a kind, or the sentence that kubectl gave as RuntimeError."""
    told = subprocess.run(["kubectl", "get", kind, "-o", "json", *words], capture_output=True, text=True, timeout=15)
    if told.returncode != 0:
        raise RuntimeError(told.stderr.strip().splitlines()[-1] if told.stderr.strip() else "kubectl said nothing")
    return json.loads(told.stdout)["items"]


def cluster(name):
    """A DaskCluster; None where there is none of this name."""
    found = [each for each in get("daskclusters") if each["metadata"]["name"] == name]
    return found[0] if found else None


def pods(name, component):
    """A cluster's pods that are not on their way out."""
    labels = f"dask.org/cluster-name={name},dask.org/component={component}"
    return [each for each in get("pods", "-l", labels) if "deletionTimestamp" not in each["metadata"]]


def ready(pod):
    conditions = pod["status"].get("conditions", [])
    return any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)


def strangers(found):
    """Images of these pods that are not the sandbox's own."""
    images = {container["image"] for pod in found for container in pod["spec"]["containers"]}
    return sorted(images - {os.environ["PALESTRA_IMAGE"]})


def panel():
    """Clusters of JupyterLab's side bar; None where no JupyterLab answers."""
    page = ask("clusters")
    return None if page is None else json.loads(page)


def shown(cluster):
    """Whether the panel brings this cluster's dashboard into JupyterLab."""
    return "Dask" in (ask(f"dashboard/{cluster['id']}/status") or "")


def ask(page):
    try:
        with urllib.request.urlopen(f"{DASK}/{page}", timeout=8) as reply:
            return reply.read().decode()
    except (urllib.error.URLError, TimeoutError, ConnectionError):
        return None
