"""The analysis as a loop: one run after the other, in one process."""

import time

from steps import keep, load, lowest, runs, select, total

began = time.perf_counter()
selections = []
for path in runs():
    selections.append(select(load(path), lowest()))
keep("serial.json", {"total": total(selections), "seconds": round(time.perf_counter() - began, 1)})
