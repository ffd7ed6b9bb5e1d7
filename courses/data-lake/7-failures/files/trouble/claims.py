"""Prints what a token says of its bearer. It checks nothing: that is for those who accept tokens.

A token is three parts, joined by dots: a header, the claims, a signature. The claims are JSON in base64, with two
letters exchanged so that they survive in addresses, and without the `=` that usually fill up the end.
"""

import base64
import json
import sys
from datetime import datetime
from pathlib import Path


def claims(token):
    _header, middle, _signature = token.strip().split(".")
    return json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))


if __name__ == "__main__":
    said = claims(Path(sys.argv[1]).read_text())
    print(json.dumps(said, indent=2))
    ends = datetime.fromtimestamp(said["exp"])
    print(f"It ends at {ends:%H:%M:%S}, {int((ends - datetime.now()).total_seconds() // 60)} minutes from now.", file=sys.stderr)
