"""Makes one sample and writes its bytes to standard output: `python -m playground.samples NAME`."""

from __future__ import annotations

import sys

from playground.samples import make

sys.stdout.buffer.write(make(sys.argv[1]))
