"""Checks that each lock file fits the list it was made from, without asking any registry.

python -m tests.check_locks
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
LISTS = ("requirements-install", "requirements", "requirements-offline", "requirements-dev")
_PIN = re.compile(r"^([A-Za-z0-9_.-]+)==([^\s;\\]+)", re.MULTILINE)


def problems(name: str) -> list[str]:
    """Return what is wrong with `<name>.txt`: a missing or unfit pin, a pin without a hash, an address."""
    wanted = [
        Requirement(line.split("#")[0].strip())
        for line in (ROOT / f"{name}.in").read_text().splitlines()
        if line.split("#")[0].strip() and not line.startswith("-r")
    ]
    lock = (ROOT / f"{name}.txt").read_text()
    pins: dict[str, list[str]] = {}
    for pinned, version in _PIN.findall(lock):
        pins.setdefault(canonicalize_name(pinned), []).append(version)
    found = [
        f"{name}.txt does not fit {name}.in: {each}. Run ./dev lock."
        for each in wanted
        if not any(each.specifier.contains(version) for version in pins.get(canonicalize_name(each.name), []))
    ]
    blocks = re.split(r"\n(?=\S)", lock)
    found += [
        f"{name}.txt: no hash for {block.split()[0]}"
        for block in blocks
        if "==" in block and "sha256:" not in block
    ]
    if "--index-url" in lock or "--find-links" in lock:
        found.append(f"{name}.txt names a registry")
    return found


if __name__ == "__main__":
    wrong = [each for name in LISTS for each in problems(name)]
    sys.stdout.write("\n".join(wrong) + "\n" if wrong else "Lock files fit their lists\n")
    sys.exit(bool(wrong))
