"""Headless Chromium, driven over its DevTools protocol by one WebSocket. No other program is needed."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import itertools
import json
import shutil
import subprocess
import time
from collections.abc import Generator
from pathlib import Path
from typing import Any, Self

import aiohttp

from services.tasks import Tasks

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "chrome")
STARTED_SECONDS = 60
_STILL = """(async () => {
  const found = document.querySelector(SELECTOR);
  if (!found?.getClientRects().length) return null;
  found.scrollIntoView({block: "nearest"});
  const before = found.getBoundingClientRect();
  await new Promise(requestAnimationFrame);
  await new Promise(requestAnimationFrame);
  const box = found.getBoundingClientRect();
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  const top = document.elementFromPoint(x, y);
  const reached = found.contains(top) || top?.contains(found);
  return before.x === box.x && before.y === box.y && reached ? {x, y} : null;
})()"""
"""Gives the middle of an element that no longer moves and that nothing lies on."""
FLAGS = (
    "--headless=new",
    "--no-sandbox",  # it runs as root in CI, and opens pages of this machine alone
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-features=SpareRendererForSitePerProcess",  # nobody opens the page that it stands ready for
    "--force-prefers-reduced-motion",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--mute-audio",
    "--disable-renderer-backgrounding",
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--autoplay-policy=no-user-gesture-required",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--remote-debugging-port=0",
)


def program() -> str | None:
    """Return the path of a Chromium, if there is one."""
    return next((found for each in PROGRAMS if (found := shutil.which(each))), None)


class Tab:
    """One page in the browser.

    Attributes:
        problems: What went wrong in it: exceptions, console errors, violations of its policy.
        requested: The addresses that it asked for.
    """

    def __init__(self, browser: Chromium, session: str) -> None:
        self._browser = browser
        self._session = session
        self.problems: list[str] = []
        self.requested: list[str] = []
        self._loaded = asyncio.Event()

    async def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Call a method of the protocol."""
        return await self._browser.call(method, session=self._session, **params)

    async def begin(self, *, width: int, height: int, scale: float = 1.0) -> None:
        """Listen to what happens, and take a size in pixels."""
        for domain in ("Page", "Runtime", "Log", "Network", "DOM"):
            await self.call(f"{domain}.enable")
        await self.resize(width, height, scale=scale)

    async def resize(self, width: int, height: int, *, scale: float = 1.0) -> None:
        """Take a size; narrow ones are phones."""
        await self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=scale,
            mobile=width < 500,
        )

    async def go(self, url: str) -> None:
        """Open an address; wait until it is loaded."""
        await self._loading("Page.navigate", url=url)

    async def reload(self) -> None:
        """Load the page anew."""
        await self._loading("Page.reload")

    async def _loading(self, method: str, **params: Any) -> None:
        self._loaded.clear()
        await self.call(method, **params)
        await asyncio.wait_for(self._loaded.wait(), STARTED_SECONDS)

    async def value(self, script: str) -> Any:
        """Return what an expression gives; a promise is waited for.

        Raises:
            AssertionError: It threw.
        """
        answer = await self.call(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True, userGesture=True
        )
        if "exceptionDetails" in answer:
            raise AssertionError(answer["exceptionDetails"]["exception"].get("description"))
        return answer["result"].get("value")

    async def until(self, script: str, *, seconds: float = 20) -> Any:
        """Wait until an expression is true; return its value.

        Raises:
            AssertionError: It did not come true in time.
        """
        # The page looks itself, after each change and each frame.
        waiting = (
            "new Promise((resolve) => { const look = async () => { let found; "
            f"try {{ found = await ({script}); }} catch {{ found = null; }} "
            "found ? resolve(found instanceof Node ? true : found) : setTimeout(look, 30); }; look(); })"
        )
        try:
            async with asyncio.timeout(seconds):
                return await self.value(waiting)
        except TimeoutError:
            shown = await self.value("document.body.innerText.slice(-1500)")
            raise AssertionError(f"waited in vain for {script}; the page says: {shown}") from None

    async def press(self, key: str, *, times: int = 1, shift: bool = False) -> None:
        """Press a key: a character, or a name such as `Enter`, `Tab`, `ArrowDown`."""
        codes = {
            "Enter": 13,
            "Tab": 9,
            "Escape": 27,
            "ArrowUp": 38,
            "ArrowDown": 40,
            "ArrowLeft": 37,
            "ArrowRight": 39,
            " ": 32,
        }
        text = {"Enter": "\r"}.get(key, key if len(key) == 1 else "")
        about = {
            "key": key,
            "code": "Space" if key == " " else key,
            "windowsVirtualKeyCode": codes.get(key, ord(key[0])),
            "modifiers": 8 if shift else 0,
        }
        for _ in range(times):
            await self.call("Input.dispatchKeyEvent", type="keyDown", text=text, **about)
            await self.call("Input.dispatchKeyEvent", type="keyUp", **about)

    async def write(self, text: str) -> None:
        """Write text where the focus is."""
        await self.call("Input.insertText", text=text)

    async def click(self, selector: str, *, button: str = "left") -> None:
        """Click the middle of an element, once it is there and nothing lies on it."""
        box = await self.until(_STILL.replace("SELECTOR", json.dumps(selector)))
        for kind in ("mouseMoved", "mousePressed", "mouseReleased"):
            await self.call(
                "Input.dispatchMouseEvent",
                type=kind,
                x=box["x"],
                y=box["y"],
                button=button if kind != "mouseMoved" else "none",
                clickCount=1,
            )

    async def choose_files(self, selector: str, *paths: Path) -> None:
        """Put files into a file input, as its dialogue does."""
        document = await self.call("DOM.getDocument")
        found = await self.call("DOM.querySelector", nodeId=document["root"]["nodeId"], selector=selector)
        await self.call("DOM.setFileInputFiles", nodeId=found["nodeId"], files=[str(path) for path in paths])

    async def screenshot(self, path: Path) -> None:
        """Write what one sees as PNG."""
        answer = await self.call("Page.captureScreenshot", format="png")
        await asyncio.to_thread(path.write_bytes, base64.b64decode(answer["data"]))

    async def close(self) -> None:
        """Close the tab."""
        await self.call("Page.close")

    def heard(self, method: str, params: dict[str, Any]) -> None:
        """Take an event of the protocol."""
        if method == "Page.loadEventFired":
            self._loaded.set()
        elif method == "Runtime.exceptionThrown":
            details = params["exceptionDetails"]
            self.problems.append(details.get("exception", {}).get("description") or details["text"])
        elif method == "Runtime.consoleAPICalled" and params["type"] in {"error", "warning", "assert"}:
            self.problems.append(" ".join(str(each.get("value", "")) for each in params["args"]))
        elif method == "Log.entryAdded" and params["entry"]["level"] in {"error", "warning"}:
            self.problems.append(f"{params['entry']['text']} {params['entry'].get('url', '')}")
        elif method == "Network.requestWillBeSent":
            self.requested.append(params["request"]["url"])


@contextlib.contextmanager
def running(profile: Path, *flags: str) -> Generator[str]:
    """Run a browser with a new profile (and flags of its own); yield the address at which it is driven.

    Raises:
        FileNotFoundError: There is no Chromium.
        AssertionError: It did not start.
    """
    path = program()
    if path is None:
        raise FileNotFoundError("CHROMIUM IS NOT INSTALLED (apt-get install chromium)")
    profile.mkdir(parents=True, exist_ok=True)
    log = profile / "chromium.log"
    with log.open("wb") as written:
        process = subprocess.Popen(
            [path, *FLAGS, *flags, f"--user-data-dir={profile}", "about:blank"], stdout=written, stderr=written
        )
    try:
        yield _address(process, profile / "DevToolsActivePort", log)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _address(process: subprocess.Popen[bytes], port_file: Path, log: Path) -> str:
    deadline = time.monotonic() + STARTED_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        # The port comes first, the path when the browser listens.
        lines = port_file.read_text().splitlines() if port_file.exists() else []
        if len(lines) == 2:
            return f"ws://127.0.0.1:{lines[0]}{lines[1]}"
        time.sleep(0.05)
    raise AssertionError("Chromium did not start:\n" + log.read_text(errors="replace")[-3000:])


class Chromium:
    """A connection to a browser that runs. Its tabs share nothing with those of other connections.

    Use as an async context manager.
    """

    def __init__(self, address: str) -> None:
        self._address = address
        self._numbers = itertools.count(1)
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._tabs: dict[str, Tab] = {}
        self._tasks = Tasks()
        self._closing = contextlib.AsyncExitStack()

    async def __aenter__(self) -> Self:
        session = await self._closing.enter_async_context(aiohttp.ClientSession())
        self._socket = await session.ws_connect(self._address, max_msg_size=0)
        self._tasks.start(self._listen(), name="DevTools")
        self._context = (await self.call("Target.createBrowserContext"))["browserContextId"]
        await self.call(
            "Browser.grantPermissions",
            browserContextId=self._context,
            permissions=["audioCapture", "clipboardReadWrite"],
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.call("Target.disposeBrowserContext", browserContextId=self._context)
        await self._socket.close()
        await self._tasks.aclose()
        await self._closing.aclose()

    async def tab(self, url: str, *, width: int = 1280, height: int = 800, scale: float = 1.0) -> Tab:
        """Open an address in a tab of its own window: those of one window hide each other."""
        context = self._context
        target = await self.call(
            "Target.createTarget", url="about:blank", browserContextId=context, newWindow=True
        )
        attached = await self.call("Target.attachToTarget", targetId=target["targetId"], flatten=True)
        tab = self._tabs[attached["sessionId"]] = Tab(self, attached["sessionId"])
        await tab.begin(width=width, height=height, scale=scale)
        await tab.go(url)
        return tab

    async def call(self, method: str, *, session: str | None = None, **params: Any) -> dict[str, Any]:
        """Call a method of the protocol, of the browser or of a tab's session."""
        number = next(self._numbers)
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        message = {"id": number, "method": method, "params": params}
        await self._socket.send_json(message | ({"sessionId": session} if session else {}))
        return await answer

    async def _listen(self) -> None:
        async for received in self._socket:
            message = json.loads(received.data)
            if "id" in message:
                answer = self._answers.pop(message["id"])
                if answer.cancelled():
                    continue
                if "error" in message:
                    answer.set_exception(AssertionError(message["error"]["message"]))
                else:
                    answer.set_result(message["result"])
            elif (tab := self._tabs.get(message.get("sessionId", ""))) is not None:
                tab.heard(message["method"], message["params"])
