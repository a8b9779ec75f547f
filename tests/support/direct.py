"""Asking the app without a client in between, for tests that ask very often. No tests.

The bytes arrive as they are given: nothing escapes, mends or refuses them on the way.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_to_bytes


@dataclass
class Answer:
    """What the app said."""

    status_code: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    content: bytes = b""

    @property
    def text(self) -> str:
        return self.content.decode("utf-8", "replace")


class Direct:
    """Posts to an ASGI app, one request after another. What the app lets out is raised here."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self._runner = asyncio.Runner()

    def post(self, address: str, content: bytes, headers: Mapping[str, str]) -> Answer:
        return self._runner.run(self._post(address, content, headers))

    def close(self) -> None:
        self._runner.close()

    async def _post(self, address: str, content: bytes, headers: Mapping[str, str]) -> Answer:
        path, _, query = address.partition("?")
        told = {"Host": "127.0.0.1", "Content-Length": str(len(content)), **headers}
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "POST",
            "scheme": "http",
            # As uvicorn does it: what is no UTF-8 stands in the path as a sign for that.
            "path": unquote_to_bytes(path).decode("utf-8", "replace"),
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(name.lower().encode(), value.encode()) for name, value in told.items()],
            "client": ("127.0.0.1", 50000),
            "server": ("127.0.0.1", 80),
        }
        answer = Answer()
        left = [content]

        async def receive() -> dict[str, object]:
            if left:
                return {"type": "http.request", "body": left.pop(), "more_body": False}
            return {"type": "http.disconnect"}

        async def send(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                answer.status_code = message["status"]
                pairs = message["headers"]
                answer.headers = {name.decode(): value.decode("latin-1") for name, value in pairs}
            else:
                answer.content += message.get("body", b"")

        await self._app(scope, receive, send)
        return answer
