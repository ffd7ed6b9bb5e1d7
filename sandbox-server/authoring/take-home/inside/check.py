#!/usr/bin/env python3
"""Looks whether a step is done. Exit status: 0 done, 1 not done, 2 no such step.

  ./check                        the first step that is not done
  ./check STEP                   that one; LESSON/STEP where two lessons have one of that name
  ./check --list                 every step, and which are done
  ./check STEP --answer 2        answer its question: the number of a choice (1,3 for two), or what is asked for
  ./check STEP --reset           back to how the step began
"""

import argparse
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
KIT = ROOT / "kit/bin/python"
if KIT.exists() and Path(sys.prefix) != ROOT / "kit":
    os.execv(KIT, [str(KIT), *sys.argv])
sys.path.insert(0, str(ROOT / "inside"))

from lesson import Home, Trouble, check_step, first_open, judge, open_next, reset_step, steps_named  # noqa: E402


def words():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("step", nargs="?")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--answer", metavar="ANSWER")
    parser.add_argument("--reset", action="store_true")
    parser.add_argument("--open", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--seed", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


def show_all(home):
    for lesson, step in home.steps():
        print(f"{'done' if home.is_done(lesson, step) else '    '}  {lesson['id']}/{step['id']}  {step['title']}")
    return 0


def act(home, asked):
    if asked.seed:
        print(home.state["seed"])
        return 0
    if asked.list:
        return show_all(home)
    open_next(home)
    if asked.open:
        return 0
    found = steps_named(home, asked.step) if asked.step else first_open(home)
    if found is None:
        print("Every step is done.")
        return 0
    if asked.reset:
        return reset_step(home, *found)
    if asked.answer is not None:
        return judge(home, *found, asked.answer)
    return check_step(home, *found)


if __name__ == "__main__":
    asked = words()
    try:
        if not KIT.exists():
            raise Trouble("Nothing is prepared yet. Run ./start first.")
        sys.exit(act(Home(ROOT), asked))
    except Trouble as trouble:
        print(trouble, file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
