"""The offline engine's packages come in the background, and a failure is one sentence."""

from __future__ import annotations

import hashlib
import subprocess
import venv
import zipfile
from pathlib import Path

import pytest

from playground.offline_install import STAMP, InstallError, install
from tests.bots import ROOT


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a virtual environment, which takes seconds; return its folder."""
    folder = tmp_path_factory.mktemp("made") / "venv"
    venv.create(folder, with_pip=True)
    return folder


@pytest.fixture
def python(environment: Path) -> Path:
    """Return the interpreter of the environment, in which nothing is noted yet."""
    (environment / STAMP).unlink(missing_ok=True)
    return environment / "bin" / "python"


def wheel(folder: Path) -> Path:
    """Make a package that holds one module and is named in a lock file; return the lock file."""
    path = folder / "tide_table-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("tide_table.py", "LOW = '06:12'\n")
        info = "tide_table-1.0.dist-info"
        archive.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: tide-table\nVersion: 1.0\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(
            f"{info}/RECORD", f"tide_table.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n"
        )
    lock = folder / "requirements-offline.txt"
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    lock.write_text(f"tide-table @ {path.as_uri()} --hash=sha256:{digest}\n")
    return lock


async def test_packages_are_installed_and_noted_as_dev_notes_them(tmp_path: Path, python: Path) -> None:
    """Afterwards `./dev` finds nothing to do."""
    lock = wheel(tmp_path)
    progress: list[str] = []
    await install(progress.append, lock=lock, python=python)

    said = subprocess.run(
        [python, "-c", "import tide_table; print(tide_table.LOW)"], stdout=subprocess.PIPE, check=True
    )
    assert said.stdout == b"06:12\n"
    assert progress[-1] == "unpacking"
    script = 'lock=requirements-offline.txt; printf "%s" "$lock $(cksum <"$lock")"'
    expected = subprocess.run(["bash", "-c", script], cwd=tmp_path, stdout=subprocess.PIPE, check=True)
    assert (python.parents[1] / STAMP).read_bytes() == expected.stdout


async def test_changed_package_is_refused_with_the_reason(tmp_path: Path, python: Path) -> None:
    """A hash that does not fit: nothing is noted, and the sentence says what pip said."""
    lock = wheel(tmp_path)
    lock.write_text(lock.read_text().split("sha256:")[0] + "sha256:" + "0" * 64)
    with pytest.raises(InstallError, match=r"could not be installed \(.*(?i:hash)"):
        await install(print, lock=lock, python=python)
    assert not (python.parents[1] / STAMP).exists()


async def test_nothing_is_installed_outside_of_a_virtual_environment(tmp_path: Path) -> None:
    """The machine's own Python is left alone."""
    with pytest.raises(InstallError, match="virtual environment"):
        await install(print, python=tmp_path / "bin" / "python")


def test_stamp_has_the_form_that_dev_reads() -> None:
    """The line in `dev` that this imitates is still there."""
    assert 'wanted="$lock $(cksum <"$lock")"' in (ROOT / "dev").read_text()
