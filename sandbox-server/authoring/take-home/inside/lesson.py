"""What ./check knows: the lessons of lessons.json, their scripts beside it, and state.json, which says what is done."""

import json
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

NOT_YET = 75
#: seconds for what has no timeout of its own
PATIENCE = 120
BLANK = re.compile(r"\{\{(?:user|fact:([A-Za-z][\w-]*))\}\}")
SAID = re.compile(r"(hint|fact|progress|msg) (.+)")


class Trouble(Exception):
    """Something that the reader, or whoever wrote the lesson, must mend."""


class Home:
    def __init__(self, root):
        self.root, self.path, self.file = root, root / "home", root / "state.json"
        known = json.loads((root / "inside/lessons.json").read_text())
        self.lessons, self.env = known["lessons"], known["env"]
        new = {"seed": secrets.token_hex(8), "facts": {}, "done": [], "opened": []}
        self.state = json.loads(self.file.read_text()) if self.file.exists() else new
        self.save()

    def save(self):
        whole = self.file.with_suffix(".new")
        whole.write_text(json.dumps(self.state, indent=2))
        whole.replace(self.file)

    def note(self, where, name):
        if name not in self.state[where]:
            self.state[where].append(name)
            self.save()

    def steps(self):
        return [(lesson, step) for lesson in self.lessons for step in lesson["steps"]]

    def is_done(self, lesson, step):
        return name_of(lesson, step) in self.state["done"]

    def filled(self, text):
        def value(blank):
            return "learner" if blank[1] is None else self.state["facts"].get(blank[1], blank[0])

        return BLANK.sub(value, text).replace("/opt/kit", str(self.root / "kit"))

    def run(self, lesson, script, timeout=PATIENCE):
        """As a sandbox does: in the home, under a clean environment, with the fixtures. None: it ran out of time."""
        inside = self.root / "inside"
        with tempfile.TemporaryDirectory() as folder:
            code = Path(folder, "script")
            code.write_text(self.filled((inside / script["file"]).read_text()))
            python = [str(self.root / "kit/bin/python"), "-I"]
            words = {"bash": ["bash", "--noprofile", "--norc"], "sh": ["sh"], "python": python}[script["lang"]]
            env = {
                **{name: value.replace("{kit}", str(self.root / "kit")) for name, value in self.env.items()},
                "PATH": f"{self.root / 'kit/front'}:{self.root / 'kit/bin'}:{os.environ.get('PATH', os.defpath)}",
                "HOME": str(self.path),
                "USER": "learner",
                "LOGNAME": "learner",
                "LANG": "C.UTF-8",
                "PALESTRA_USER": "learner",
                "PALESTRA_SEED": self.state["seed"],
                "PALESTRA_COMMANDS": "/dev/null",
                "PALESTRA_FIXTURES": str(inside / "lessons" / lesson["id"] / "fixtures"),
            }
            with open(os.devnull) as nothing, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
                # into files: a program that a script leaves running would hold a pipe for ever
                streams = {"stdin": nothing, "stdout": out, "stderr": err}
                child = subprocess.Popen(
                    [*words, str(code)], cwd=self.path, env=env, start_new_session=True, **streams
                )
                try:
                    exit = child.wait(timeout)
                except subprocess.TimeoutExpired:
                    os.killpg(child.pid, signal.SIGKILL)
                    child.wait()
                    exit = None
                out.seek(0)
                err.seek(0)
                return exit, out.read().decode(errors="replace"), err.read().decode(errors="replace")


def name_of(lesson, step):
    return f"{lesson['id']}/{step['id']}"


def steps_named(home, name):
    found = [each for each in home.steps() if name in (each[1]["id"], name_of(*each))]
    if len(found) == 1:
        return found[0]
    if not found:
        raise Trouble(f"There is no step {name}. See them all: check --list")
    raise Trouble(f"More than one lesson has a step {name}: {', '.join(name_of(*each) for each in found)}")


def first_open(home):
    return next((each for each in home.steps() if not home.is_done(*each)), None)


def open_next(home):
    """Files and setup of the first step that is not done: what its opening does in a sandbox."""
    found = first_open(home)
    if found is not None:
        open_step(home, *found)


def open_step(home, lesson, step):
    home.path.mkdir(exist_ok=True)
    if lesson["id"] not in home.state["opened"]:
        give_files(home, lesson, again=False)
        set_up(home, lesson, lesson["setup"])
        home.note("opened", lesson["id"])
    if name_of(lesson, step) not in home.state["opened"]:
        set_up(home, lesson, step["setup"])
        home.note("opened", name_of(lesson, step))


def give_files(home, lesson, again):
    """A file that is there is the reader's: it stays as it is, unless they asked for the step's beginning."""
    source = home.root / "inside/lessons" / lesson["id"] / "files"
    for file in sorted(path for path in source.rglob("*") if path.is_file()):
        target = home.path / file.relative_to(source)
        target.parent.mkdir(parents=True, exist_ok=True)
        if again or not target.exists():
            shutil.copy2(file, target)


def set_up(home, lesson, scripts):
    for script in scripts:
        exit, out, err = home.run(lesson, script)
        if exit != 0:
            raise Trouble(f"{script['file']} failed ({exit}):\n{out}{err}".rstrip())


def reset_step(home, lesson, step):
    set_up(home, lesson, step["undo"])
    source = home.root / "inside/lessons" / lesson["id"] / "files"
    for path in step["edits"]:
        if (source / path).exists():
            shutil.copy2(source / path, home.path / path)
    set_up(home, lesson, step["setup"])
    home.state["done"] = [each for each in home.state["done"] if each != name_of(lesson, step)]
    home.save()
    print(f"{name_of(lesson, step)} is as it was.")
    return 0


def check_step(home, lesson, step):
    open_step(home, lesson, step)
    message = "Nothing is looked at in this step."
    for check in step["checks"]:
        exit, message = settled(home, lesson, check)
        if exit != 0:
            print(f"not done  {name_of(lesson, step)}\n  {message}")
            return 1
    print(f"done      {name_of(lesson, step)}\n  {message}")
    for question in step["questions"]:
        print(f"  There is a question: {question['title']}  (check {step['id']} --answer …)")
    home.note("done", name_of(lesson, step))
    open_next(home)
    return 0


def settled(home, lesson, check):
    """One that waits is asked until it has something to say, or its time is over."""
    until = time.monotonic() + check.get("waits", 0)
    while True:
        exit, out, err = home.run(lesson, check, check["timeout"])
        message = told(home, lesson, check, exit, out, err)
        if exit != NOT_YET or time.monotonic() >= until:
            return exit, message
        print(f"waiting   {message}", flush=True)
        time.sleep(check["every"])


def told(home, lesson, check, exit, out, err):
    if exit is None:
        return f"{check['file']} was stopped after {check['timeout']} s. {err.strip()[-300:]}"
    lines = [line.strip() for line in out.splitlines() if line.strip()]
    plain = [line for line in lines if not SAID.fullmatch(line)]
    message = plain[-1] if plain else None
    for kind, rest in (SAID.fullmatch(line).groups() for line in lines if SAID.fullmatch(line)):
        if kind == "fact" and "=" in rest:
            name, value = rest.split("=", 1)
            home.state["facts"][name] = value
            home.save()
            print(f"note      {name} = {value}")
        elif kind == "hint":
            print(f"hint      {check['hints'].get(rest, rest)}  (it stands in this step of {lesson['id']}.html)")
        elif kind == "progress":
            print(f"progress  {rest}", file=sys.stderr)
        elif kind == "msg" and message is None:
            message = lesson["messages"].get(rest.split()[0])
    return message or f"{check['file']} said nothing (exit {exit}). {err.strip()[-300:]}"


def judge(home, lesson, step, answer):
    if not step["questions"]:
        raise Trouble(f"{name_of(lesson, step)} asks no question.")
    right = [question for question in step["questions"] if is_right(home, lesson, question, answer)]
    print("\n".join(f"right     {question['title']}" for question in right) or "That is not it. Look again.")
    return 0 if right else 1


def is_right(home, lesson, question, answer):
    if question["kind"] == "choice":
        return sorted(re.findall(r"\d+", answer)) == sorted(str(number) for number in question["right"])
    exit, out, err = home.run(lesson, question["answer"])
    if exit != 0:
        raise Trouble(f"The answer cannot be found yet: {(out + err).strip()}")
    return plain(answer) == plain(out)


def plain(text):
    words = " ".join(text.split()).lower()
    try:
        return float(words)
    except ValueError:
        return words
