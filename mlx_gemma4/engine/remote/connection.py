"""The way to one server: requests go out and what comes back is gathered on a thread of its own.

So the thread that answers never waits for the network: between two looks it can serve what is urgent, and a Stop ends a
request in whatever stage it is, name look-up and silence included, by cancelling its task, which closes the connection.
"""

from __future__ import annotations

import asyncio
import json
import queue
import threading
from collections.abc import AsyncIterator, Callable, Coroutine
from concurrent.futures import Future
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, TypeAlias

import httpx2

from mlx_gemma4.engine.remote.failures import Failures, Refusal, read_refusal
from mlx_gemma4.engine.remote.sse import SseReader
from mlx_gemma4.protocol.errors import PrismError
from mlx_gemma4.protocol.server_address import ServerAddress
from mlx_gemma4.protocol.version import VERSION

_LONGEST_BODY = 32 << 20


@dataclass(frozen=True)
class Patience:
    """How long is waited, in seconds: for a connection, for a list, for the first byte of an answer, for the next one.

    A server may load a model and read a long prompt before it says its first word.
    """

    connect: float = 8.0
    listing: float = 10.0
    first: float = 600.0
    between: float = 120.0


@dataclass(frozen=True)
class End:
    """The stream is over, as far as HTTP goes."""


Item: TypeAlias = str | Refusal | PrismError | End
"""What comes of a question: payloads; last an End, what was said instead of an answer, or what went wrong."""


class Reply:
    """What comes back of one question, while it comes."""

    def __init__(self) -> None:
        self._items: queue.SimpleQueue[Item] = queue.SimpleQueue()
        self._task: Future[None] | None = None

    def begin(self, talk: Callable[[Callable[[Item], None]], Coroutine[Any, Any, None]], line: _Line) -> Reply:
        """Have it come."""
        self._task = line.submit(talk(self._items.put))
        return self

    def next(self, seconds: float) -> Item | None:
        """What has come next; None if nothing has within this time."""
        try:
            return self._items.get(timeout=seconds)
        except queue.Empty:
            return None

    def close(self) -> None:
        """Nobody wants the rest: the connection is closed, if it is still open."""
        if self._task is not None:
            self._task.cancel()


class Connection:
    """A server and how it is talked to. Nothing is sent anywhere else: where it redirects to is not followed."""

    def __init__(self, server: ServerAddress, key: str = "", patience: Patience | None = None, model: str = "") -> None:
        """Nothing is opened yet."""
        self.server = server
        self.failures = Failures(server, key, model)
        self._patience = patience or Patience()
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._line = _Line(self._open)

    def get(self, path: str) -> Any:
        """What stands at one of its endpoints; waits for it.

        Raises:
            PrismError: the server cannot be reached or gives something else.
        """
        try:
            return self._line.submit(self._get(path)).result()
        except asyncio.CancelledError as error:
            raise self.failures.cut() from error

    def ask(self, path: str, body: dict[str, Any]) -> Reply:
        """Ask for an answer in pieces; does not wait."""
        return Reply().begin(lambda put: self._talk(path, body, put), self._line)

    def close(self) -> None:
        """End all that is under way."""
        self._line.close()

    def _open(self) -> httpx2.AsyncClient:
        headers = {"User-Agent": f"Prism/{VERSION}", "Accept-Encoding": "identity", **self._headers}
        timeout = httpx2.Timeout(None, connect=self._patience.connect)
        # a proxy that the system has is for the world outside
        return httpx2.AsyncClient(timeout=timeout, headers=headers, trust_env=not self.server.is_near)

    async def _get(self, path: str) -> Any:
        try:
            async with asyncio.timeout(self._patience.listing):
                client = self._line.client
                async with client.stream("GET", f"{self.server.url}{path}") as response:
                    body = await _read(response)
        except TimeoutError:
            raise self.failures.slow(self._patience.listing) from None
        except httpx2.HTTPError as error:
            raise self.failures.of_transport(error) from error
        refusal = read_refusal(response.status_code, response.headers, body)
        if response.status_code != 200 or refusal.is_page:
            raise self.failures.of_refusal(refusal)
        try:
            return json.loads(body)
        except (ValueError, RecursionError):
            raise self.failures.garbled() from None

    async def _talk(self, path: str, body: dict[str, Any], put: Callable[[Item], None]) -> None:
        begun = False
        try:
            client = self._line.client
            request = client.build_request("POST", f"{self.server.url}{path}", json=body)
            try:
                async with asyncio.timeout(self._patience.first):
                    response = await client.send(request, stream=True)
            except TimeoutError:
                put(self.failures.slow(self._patience.first))
                return
            async with aclosing(response):
                kind = response.headers.get("content-type", "")
                if response.status_code != 200 or "html" in kind:
                    put(read_refusal(response.status_code, response.headers, await _read(response)))
                elif "application/json" in kind:  # it does not stream
                    put((await _read(response)).decode("utf-8", "replace"))
                    put(End())
                else:
                    begun = True
                    await self._pass_on(response.aiter_bytes(), put)
        except httpx2.HTTPError as error:
            put(self.failures.of_transport(error, begun=begun))

    async def _pass_on(self, chunks: AsyncIterator[bytes], put: Callable[[Item], None]) -> None:
        reader, heard, seconds = SseReader(), False, self._patience.first
        try:
            while True:
                async with asyncio.timeout(seconds):
                    chunk = await anext(chunks, None)
                if chunk is None:
                    break
                heard, seconds = True, self._patience.between
                for payload in reader.feed(chunk):
                    put(payload)
            for payload in reader.finish():
                put(payload)
            put(End())
        except TimeoutError:
            put(self.failures.silent(seconds) if heard else self.failures.slow(seconds))
        except ValueError:
            put(self.failures.garbled())


class _Line:
    """A thread that talks; it lives from the first word to `close`."""

    def __init__(self, open_client: Callable[[], httpx2.AsyncClient]) -> None:
        self._open_client = open_client
        self._loop: asyncio.AbstractEventLoop | None = None
        self._client: httpx2.AsyncClient | None = None
        self._thread: threading.Thread | None = None

    @property
    def client(self) -> httpx2.AsyncClient:
        """To be used on the thread alone."""
        if self._client is None:
            self._client = self._open_client()
        return self._client

    def submit(self, talk: Coroutine[Any, Any, Any]) -> Future[Any]:
        """Have something said."""
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            self._thread = threading.Thread(target=self._run, args=(self._loop,), name="server", daemon=True)
            self._thread.start()
        return asyncio.run_coroutine_threadsafe(talk, self._loop)

    def close(self) -> None:
        """Fall silent in the middle of everything, and forget the connections; another word opens new ones."""
        loop, thread = self._loop, self._thread
        self._loop = self._thread = None
        if loop is not None and thread is not None:
            loop.call_soon_threadsafe(loop.stop)
            thread.join()

    def _run(self, loop: asyncio.AbstractEventLoop) -> None:
        loop.run_forever()
        loop.run_until_complete(self._leave())
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()

    async def _leave(self) -> None:
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()
        await asyncio.sleep(0)  # what has been closed a moment ago lets go of its socket in the next round


async def _read(response: httpx2.Response) -> bytes:
    """The body as far as it can be meant."""
    body = b""
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > _LONGEST_BODY:
            break
    return body
