"""How far a copy is: one line that is written over on a terminal, nothing between begin and end elsewhere."""
import sys
import time

# seconds between two words on a terminal
EVERY = 0.2


class Progress:
    def __init__(self) -> None:
        self.shows = sys.stderr.isatty()
        self.said = 0.0
        self.began: "dict[str, tuple[float, int]]" = {}

    def __call__(self, name: str, done: int, whole: int) -> None:
        now = time.monotonic()
        since, first = self.began.setdefault(name, (now, done))
        if not self.shows or now - self.said < EVERY:
            return
        self.said = now
        speed = (done - first) / (now - since) if now > since else 0.0
        left = f", {round((whole - done) / speed)} s left" if speed > 0 else ""
        percent = round(100 * done / whole) if whole else 100
        print(f"\r\033[K  {name}  {percent:3d} %  {size(done)} of {size(whole)}{left}", end="", file=sys.stderr, flush=True)

    def end(self) -> None:
        if self.shows:
            print("\r\033[K", end="", file=sys.stderr, flush=True)


def size(count: float) -> str:
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= factor:
            return f"{count / factor:.1f} {unit}"
    return f"{count:.0f} B"
