"""The checksum of a file, as the lake writes it: python checksum.py FILE"""

import sys
import zlib
from pathlib import Path

print(f"{zlib.adler32(Path(sys.argv[1]).read_bytes()):08x}")
