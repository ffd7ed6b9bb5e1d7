"""Presses + NEW or Shutdown of JupyterLab's Dask panel:  python panel.py new | close"""

import sys
from uuid import uuid4

import requests

LAB = "http://127.0.0.1:8890"


def panel():
    session = requests.Session()
    session.get(f"{LAB}/lab", timeout=60)  # its cookie says that a request comes from JupyterLab's own page
    session.headers["X-XSRFToken"] = session.cookies["_xsrf"]
    return session


def new(session):
    session.put(f"{LAB}/dask/clusters/{uuid4()}", json={}, timeout=240).raise_for_status()


def close(session):
    for cluster in session.get(f"{LAB}/dask/clusters", timeout=60).json():
        session.delete(f"{LAB}/dask/clusters/{cluster['id']}", timeout=120).raise_for_status()


{"new": new, "close": close}[sys.argv[1]](panel())
