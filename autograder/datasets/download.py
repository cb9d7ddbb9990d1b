"""Downloads a file of known size and checksum: resumes, tries one mirror after another, and shows progress.

The file gets its name only when it is complete and its checksum is right. Until then it is `.<name>.part`, from which the next
attempt resumes. If two processes want the same file, it is downloaded once: the second waits for the first.
"""

from __future__ import annotations

import contextlib
import hashlib
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import filelock  # one process at a time, on every platform

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

CHUNK = 1 << 16
CONNECT_SECONDS, READ_SECONDS = 10, 30
_MORE_SENSE_LATER = {408, 425, 429}
"""Status codes that mean "not now". The other 4xx codes are final."""


class DownloadError(Exception):
    """The file could not be downloaded; the message has one line per address that was tried."""


class _Refused(Exception):
    """An address did not provide the file; `final` if there is no point in asking again."""

    def __init__(self, message: str, *, final: bool) -> None:
        super().__init__(message)
        self.final = final


def digest(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def fetch(urls: Sequence[str], target: Path, *, size: int, sha256: str, rounds: int = 3, pause: float = 1.0) -> None:
    """Downloads `target` unless it exists and is right.

    Args:
        urls: addresses of the same file, the best one first.
        target: the file; its folder is created. A wrong file with this name is replaced once the right one is complete.
        size: in bytes.
        sha256: in hexadecimal.
        rounds: how often to try all addresses without progress before giving up.
        pause: seconds before the second round; doubled for each further round.

    Raises:
        DownloadError: if no address provides the file, or the folder cannot be written.
    """
    if _right(target, size, sha256):
        return
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with _alone(target):
            if not _right(target, size, sha256):  # another process may have downloaded it meanwhile
                _bring(list(urls), target, size, sha256, rounds, pause)
    except OSError as error:
        raise DownloadError(f"  {target.parent} cannot be written: {error.strerror or error}") from None


@contextlib.contextmanager
def _alone(target: Path) -> Iterator[None]:
    lock = filelock.FileLock(target.with_name(f".{target.name}.lock"))
    try:
        lock.acquire(timeout=0.5)
    except filelock.Timeout:
        print(f"Another process is downloading {target.name}; waiting for it.", flush=True)
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def _bring(urls: list[str], target: Path, size: int, sha256: str, rounds: int, pause: float) -> None:
    import requests  # certificates and proxies work on every platform; TensorFlow brings it anyway
    import urllib3

    part = target.with_name(f".{target.name}.part")
    failures: dict[str, str] = {}
    wrong: dict[str, int] = {}
    furthest, idle = _size(part), 0
    with _progress() as progress:
        task = progress.add_task(target.name, total=size)
        while urls and idle < rounds:
            if idle:
                time.sleep(pause * 2 ** (idle - 1))
            for url in list(urls):
                try:
                    _transfer(url, part, size, progress, task)
                    if digest(part) == sha256:
                        part.replace(target)
                        return
                    part.unlink()
                    # Part of it may be from another address, so only an address that was wrong twice is given up.
                    wrong[url] = wrong.get(url, 0) + 1
                    raise _Refused(
                        f"the downloaded file does not have the checksum {sha256[:12]}...", final=wrong[url] > 1
                    )
                except _Refused as refused:
                    failures[url] = str(refused)
                    if refused.final:
                        urls.remove(url)
                except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
                    failures[url] = _plainly(error, _size(part), size)
            # As long as each round brings more of the file, continue.
            idle = 0 if _size(part) > furthest else idle + 1
            furthest = max(furthest, _size(part))
    raise DownloadError("\n".join(f"  {url}: {why}" for url, why in failures.items()))


def _transfer(url: str, part: Path, size: int, progress: Progress, task: TaskID) -> None:
    """Appends the missing bytes to `part`, until it has `size` bytes."""
    import requests

    have = _size(part)
    if have > size:
        part.unlink()
        have = 0
    if have == size:
        return
    # "identity": some servers unpack a .gz in transit, and the checksum would differ from the published one.
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
    with requests.get(url, headers=headers, stream=True, timeout=(CONNECT_SECONDS, READ_SECONDS)) as answer:
        code = answer.status_code
        if code == 206 and not answer.headers.get("Content-Range", "").startswith(f"bytes {have}-"):
            part.unlink()
            raise _Refused("sends a different part of the file than was requested", final=False)
        if code == 416:
            part.unlink()
            raise _Refused(f"has only {have:,} bytes of the file or fewer", final=False)
        if code not in (200, 206):
            raise _Refused(f"answers {code} {answer.reason}", final=400 <= code < 500 and code not in _MORE_SENSE_LATER)
        have = have if code == 206 else 0  # 200: the server does not support ranges and starts again
        offered = answer.headers.get("Content-Length", "")
        if offered.isdigit() and have + int(offered) != size:
            raise _Refused(f"offers {have + int(offered):,} bytes; the file has {size:,}", final=True)
        progress.update(task, completed=have)
        with part.open("ab" if have else "wb") as file:
            for chunk in answer.raw.stream(CHUNK, decode_content=False):
                have += len(chunk)
                if have > size:
                    break
                file.write(chunk)
                progress.update(task, completed=have)
    if have > size:
        part.unlink()
        raise _Refused(f"sends more than the {size:,} bytes of the file", final=True)
    if have < size:
        raise _Refused(f"the connection ended after {have:,} of {size:,} bytes", final=False)


def _right(path: Path, size: int, sha256: str) -> bool:
    try:
        return path.stat().st_size == size and digest(path) == sha256
    except OSError:
        return False


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _plainly(error: Exception, have: int, size: int) -> str:
    import requests

    if isinstance(error, requests.exceptions.SSLError):
        return "the connection is not trusted (the certificate is not valid)"
    if isinstance(error, requests.exceptions.Timeout):
        return "no answer in time"
    if isinstance(error, requests.exceptions.ConnectionError):
        return "no connection"
    return f"the connection ended after {have:,} of {size:,} bytes"


def _progress() -> Progress:
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

    # On stdout: nbgrader gives no points to a cell that writes to stderr.
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    return Progress(*columns, console=Console())
