"""The downloader against a server of this machine that breaks off, lies, knows no ranges, or is not there."""

from __future__ import annotations

import hashlib
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from autograder.datasets import download
from autograder.datasets.download import DownloadError

CONTENT = np.random.default_rng(0).bytes(300_000)
SUM = hashlib.sha256(CONTENT).hexdigest()


class Server(ThreadingHTTPServer):
    """What it does with a request is in the first part of the path: /cut/file."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[tuple[str, str]] = []
        self.errors: list[object] = []

    def url(self, way: str) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/{way}/file.gz"

    def ways(self) -> list[str]:
        return [way for way, _ in self.asked]

    def handle_error(self, request: object, client_address: object) -> None:
        self.errors.append(sys.exception())


class Handler(BaseHTTPRequestHandler):
    server: Server

    def log_message(self, *_: object) -> None:
        pass

    def send(self, code: int, body: bytes, headers: dict[str, str] | None = None, *, length: bool = True) -> None:
        self.send_response(code)
        if length:
            self.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        way, asked = self.path.split("/")[1], self.headers.get("Range", "")
        self.server.asked.append((way, asked))
        start = int(asked.removeprefix("bytes=").rstrip("-")) if asked else 0
        ranged = {"Content-Range": f"bytes {start}-{len(CONTENT) - 1}/{len(CONTENT)}"}
        rest = CONTENT[start:]
        if way == "good":
            self.send(206 if asked else 200, rest, ranged if asked else {})
        elif way == "slow":
            time.sleep(0.7)
            self.send(206 if asked else 200, rest, ranged if asked else {})
        elif way in ("cut", "cut-norange"):
            # Announces everything, sends 120,000 bytes, hangs up.
            resumes = asked and way == "cut"
            self.send_response(206 if resumes else 200)
            self.send_header("Content-Length", str(len(rest if resumes else CONTENT)))
            if resumes:
                self.send_header("Content-Range", ranged["Content-Range"])
            self.end_headers()
            self.wfile.write((rest if resumes else CONTENT)[:120_000])
        elif way == "norange":
            self.send(200, CONTENT)
        elif way == "wrong":
            self.send(206 if asked else 200, bytes(len(rest)), ranged if asked else {})
        elif way == "shifted":
            self.send(206, rest, {"Content-Range": f"bytes 0-{len(CONTENT) - 1}/{len(CONTENT)}"})
        elif way == "login":
            self.send(200, b"<html>Please log in</html>")
        elif way == "endless":
            self.send(200, CONTENT + CONTENT, length=False)
        elif way == "short":
            self.send(200, CONTENT[:1000], length=False)
        elif way == "encoded":
            self.send(200, CONTENT, {"Content-Encoding": "gzip"})
        elif way == "moved":
            self.send(302, b"", {"Location": self.server.url("good")})
        elif way == "unsatisfiable":
            self.send(416 if asked else 200, b"" if asked else CONTENT)
        elif way == "busy" and self.server.ways().count("busy") < 3:
            self.send(503, b"later")
        elif way == "busy":
            self.send(200, CONTENT)
        else:
            self.send(404, b"no such file")


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


Get = Callable[..., Path]


@pytest.fixture
def get(server: Server, tmp_path: Path) -> Get:
    def get(*ways: str, size: int = len(CONTENT), rounds: int = 2) -> Path:
        target = tmp_path / "new" / "file.gz"
        download.fetch([server.url(way) for way in ways], target, size=size, sha256=SUM, rounds=rounds, pause=0.001)
        return target

    return get


def leave_part(tmp_path: Path, data: bytes) -> Path:
    part = tmp_path / "new" / ".file.gz.part"
    part.parent.mkdir(exist_ok=True)
    part.write_bytes(data)
    return part


@pytest.mark.parametrize("way", ["good", "norange", "encoded", "moved", "busy"])
def test_a_file_comes_whole_and_nothing_else_stays(get: Get, way: str) -> None:
    target = get(way, rounds=4)
    assert target.read_bytes() == CONTENT
    assert [p.name for p in target.parent.iterdir() if not p.name.endswith(".lock")] == ["file.gz"]


def test_what_is_there_is_not_asked_for(get: Get, server: Server) -> None:
    get("good")
    get("good")
    assert server.ways() == ["good"]


def test_a_broken_transfer_goes_on_where_it_broke(get: Get, server: Server) -> None:
    assert get("cut", rounds=1).read_bytes() == CONTENT
    assert server.asked == [("cut", ""), ("cut", "bytes=120000-"), ("cut", "bytes=240000-")]


def test_a_stopped_download_goes_on_in_the_next_process(get: Get, server: Server, tmp_path: Path) -> None:
    part = leave_part(tmp_path, CONTENT[:77])
    assert get("good").read_bytes() == CONTENT
    assert server.asked == [("good", "bytes=77-")] and not part.exists()


def test_a_part_that_is_whole_needs_no_request(get: Get, server: Server, tmp_path: Path) -> None:
    leave_part(tmp_path, CONTENT)
    assert get("good").read_bytes() == CONTENT
    assert server.asked == []


@pytest.mark.parametrize("way", ["norange", "unsatisfiable", "shifted-then-good"])
def test_a_server_without_ranges_begins_anew(get: Get, tmp_path: Path, way: str) -> None:
    leave_part(tmp_path, CONTENT[:1000])
    ways = ["shifted", "norange"] if way.startswith("shifted") else [way]
    assert get(*ways).read_bytes() == CONTENT


@pytest.mark.parametrize("part", [b"x" * 1000, b"x" * len(CONTENT), b"x" * (len(CONTENT) + 1)])
def test_a_part_of_something_else_is_found_out(get: Get, tmp_path: Path, part: bytes) -> None:
    leave_part(tmp_path, part)
    assert get("good").read_bytes() == CONTENT


@pytest.mark.parametrize("bad", ["none", "wrong", "login", "endless", "short", "cut-norange"])
def test_the_next_mirror_is_asked(get: Get, server: Server, bad: str) -> None:
    assert get(bad, "good").read_bytes() == CONTENT
    assert server.ways()[-1] == "good" and bad in server.ways()


@pytest.mark.parametrize(
    "bad, said, requests",
    [
        ("none", "answers 404 Not Found", 1),
        ("wrong", "does not have the checksum", 2),
        ("login", "offers 26 bytes; the file has 300,000", 1),
        ("endless", "sends more than the 300,000 bytes", 1),
        ("short", "the connection ended after 1,000 of 300,000 bytes", None),
        ("cut-norange", "the connection ended after 120,000 of 300,000 bytes", None),
    ],
)
def test_giving_up_says_why_and_leaves_no_wrong_file(
    get: Get, server: Server, tmp_path: Path, bad: str, said: str, requests: int | None
) -> None:
    with pytest.raises(DownloadError) as gave_up:
        get(bad)
    assert said in str(gave_up.value) and server.url(bad) in str(gave_up.value)
    assert not (tmp_path / "new" / "file.gz").exists()
    assert len(server.asked) == requests or (requests is None and len(server.asked) < 6)


def test_no_network_is_told_for_each_address(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # nobody listens
        port = taken.getsockname()[1]
        urls = [f"http://127.0.0.1:{port}/a", f"http://127.0.0.1:{port}/b"]
        with pytest.raises(DownloadError) as gave_up:
            download.fetch(urls, tmp_path / "f", size=1, sha256=SUM, rounds=2, pause=0.001)
    assert [line.strip() for line in str(gave_up.value).splitlines()] == [f"{url}: no connection" for url in urls]


def test_a_damaged_file_is_replaced_only_by_a_right_one(get: Get, tmp_path: Path) -> None:
    damaged = tmp_path / "new" / "file.gz"
    damaged.parent.mkdir()
    damaged.write_bytes(CONTENT[:-1] + b"?")
    with pytest.raises(DownloadError):
        get("none")
    assert damaged.exists(), "what is there is kept until there is better"
    assert get("good").read_bytes() == CONTENT


def test_a_folder_that_cannot_be_made_is_named(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DownloadError, match="cannot be written"):
        download.fetch([server.url("good")], tmp_path / "file" / "f.gz", size=len(CONTENT), sha256=SUM)
    assert server.asked == []


def test_two_processes_download_once(server: Server, tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from autograder.datasets import download\n"
        f"download.fetch([sys.argv[1]], Path(sys.argv[2]), size={len(CONTENT)}, sha256={SUM!r})"
    )
    command = [sys.executable, "-I", "-c", code, server.url("slow"), str(tmp_path / "file.gz")]
    environment = os.environ | {"NO_PROXY": "127.0.0.1"}
    running = [subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) for _ in range(3)]
    assert [process.wait(60) for process in running] == [0, 0, 0]
    assert (tmp_path / "file.gz").read_bytes() == CONTENT
    assert server.ways() == ["slow"]


def test_each_round_without_progress_waits_twice_as_long(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []
    monkeypatch.setattr(download.time, "sleep", waited.append)
    urls = [server.url("none"), server.url("none")]
    monkeypatch.setattr(download, "_transfer", refuses)
    with pytest.raises(DownloadError):
        download.fetch(urls, tmp_path / "f", size=len(CONTENT), sha256=SUM, rounds=4, pause=3)
    assert waited == [3, 6, 12]


def refuses(*_: object) -> None:
    import requests

    raise requests.ConnectionError("nobody answers")


def test_the_addresses_that_were_given_stay_as_they_are(server: Server, tmp_path: Path) -> None:
    urls = [server.url("good")] * 2
    with pytest.raises(DownloadError):
        download.fetch(urls, tmp_path / "f", size=len(CONTENT), sha256="0" * 64, rounds=2, pause=0.001)
    assert urls == [server.url("good")] * 2


def test_who_waits_for_another_process_is_told_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import filelock

    held, ready = threading.Event(), threading.Event()

    def other() -> None:
        with filelock.FileLock(tmp_path / ".f.lock"):
            ready.set()
            held.wait(1.5)

    holder = threading.Thread(target=other)
    holder.start()
    ready.wait()
    with download._alone(tmp_path / "f"):
        assert capsys.readouterr().out == "Another process is downloading f; waiting for it.\n"
    holder.join()
    with download._alone(tmp_path / "f"):
        assert capsys.readouterr().out == ""


def test_after_an_address_that_is_given_up_the_next_one_is_asked_in_the_same_round(get: Get, server: Server) -> None:
    assert get("gone", "good", rounds=1).read_bytes() == CONTENT
    assert server.ways() == ["gone", "good"]
