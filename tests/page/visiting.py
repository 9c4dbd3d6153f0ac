"""A visitor of a running page without a browser: the same uploads and calls, by HTTP."""

from __future__ import annotations

import time
from typing import Any

import httpx

from tests.page.served import Serving


class Visitor:
    """One visitor, come in by the address that Paddock opens."""

    def __init__(self, page: Serving) -> None:
        self.client = httpx.Client(base_url=page.address, timeout=120)
        self._sent = 0
        self.client.get(page.door or "/").raise_for_status()
        components = self.client.get("/config").json()["components"]
        (self._frame,) = [item["id"] for item in components if item["props"].get("elem_id") == "desk-frame"]

    def call(self, method: str, **args: Any) -> Any:
        """The value of one of the page's calls; AssertionError with its message when it is refused."""
        payload = {"method": method, "args": args, "lang": "fr", "visitor": "visiteur"}
        body = {"data": payload, "component_id": self._frame, "fn_name": "call", "session_hash": "visiting"}
        answer = self.client.post("/gradio_api/component_server/", json=body).raise_for_status().json()
        assert "error" not in answer, answer["error"]
        return answer["value"]

    def upload(self, data: bytes, name: str = "photo.jpg") -> dict[str, str]:
        """Send a file; returns what ``import`` wants to know of it. name: as people know it."""
        self._sent += 1  # the same bytes under the same name would be one file there
        files = {"files": (f"{self._sent}.bin", data)}
        sent = self.client.post("/gradio_api/upload", files=files).raise_for_status().json()
        return {"path": sent[0], "name": name}

    def wait(self, job: str, seconds: float = 300) -> Any:
        """A job's state once it has ended."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            state = self.call("job", id=job)
            if not state["active"]:
                return state
            time.sleep(0.2)
        raise AssertionError(f"job {job} did not end within {seconds} s")

    def close(self) -> None:
        self.client.close()
