"""Files are written whole or not at all, and never read beyond a bound."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest

from autograder import files
from autograder.files import TooLarge

POSIX = pytest.mark.skipif(os.name != "posix", reason="pipes and devices are files on POSIX only")


# Writing


def test_a_file_is_written_with_the_folders_above_it(tmp_path: Path) -> None:
    files.write(tmp_path / "a" / "b" / "c.txt", "Zoë")
    assert (tmp_path / "a" / "b" / "c.txt").read_bytes() == "Zoë".encode()
    files.write(tmp_path / "a" / "b" / "c.txt", b"\xff\x00")
    assert (tmp_path / "a" / "b" / "c.txt").read_bytes() == b"\xff\x00"


def test_a_file_is_never_written_in_part(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    files.write(path, "old")
    with pytest.raises(UnicodeEncodeError):
        files.write(path, "new \ud800")
    with pytest.raises(KeyboardInterrupt), files.atomically(path) as temporary:
        temporary.write_text("half of the n")
        raise KeyboardInterrupt
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path], "nothing is left behind"


def test_a_block_that_writes_nothing_leaves_what_is_there(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("old")
    with pytest.raises(FileNotFoundError), files.atomically(path):
        pass
    assert path.read_text() == "old" and list(tmp_path.iterdir()) == [path]


def test_a_killed_writer_leaves_the_old_content(tmp_path: Path) -> None:
    path = tmp_path / "a"
    files.write(path, "old")
    code = (
        "import os, sys; from pathlib import Path; from autograder import files\n"
        "with files.atomically(Path(sys.argv[1])) as temporary:\n"
        "    temporary.write_text('half of the n')\n"
        "    os._exit(9)"
    )
    assert subprocess.run([sys.executable, "-c", code, str(path)]).returncode == 9
    assert path.read_text() == "old"
    files.write(path, "new")
    assert path.read_text() == "new"


def test_a_reader_sees_one_content_or_the_other(tmp_path: Path) -> None:
    """Several write at once; whoever reads meanwhile sees the whole of one of them."""
    path, contents = tmp_path / "a", [str(n) * 200_000 for n in range(4)]
    files.write(path, contents[0])
    writers = [
        threading.Thread(target=lambda text=text: [files.write(path, text) for _ in range(10)]) for text in contents
    ]  # type: ignore[misc]
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        assert path.read_text() in contents
    assert list(tmp_path.iterdir()) == [path]


def test_what_a_link_points_to_is_left_alone(tmp_path: Path) -> None:
    """A link in the place of a report would have us write somewhere else."""
    (tmp_path / "precious").write_text("precious")
    (tmp_path / "report.json").symlink_to(tmp_path / "precious")
    files.write(tmp_path / "report.json", "report")
    assert (tmp_path / "precious").read_text() == "precious"
    assert (tmp_path / "report.json").read_text() == "report" and not (tmp_path / "report.json").is_symlink()


def test_lines_end_alike_everywhere(tmp_path: Path) -> None:
    files.write(tmp_path / "a", "a\nb\n")
    assert (tmp_path / "a").read_bytes() == b"a\nb\n"


# Reading


@pytest.mark.parametrize("size", [0, 1, 99, 100])
def test_what_is_within_the_bound_is_read(tmp_path: Path, size: int) -> None:
    (tmp_path / "a").write_bytes(bytes(range(size)))
    assert files.read(tmp_path / "a", 100) == bytes(range(size))


def test_what_is_beyond_the_bound_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(bytes(101))
    with pytest.raises(TooLarge, match=r"larger than 100 bytes: .*a'"):
        files.read(tmp_path / "a", 100)
    assert issubclass(TooLarge, OSError)


def test_of_a_sparse_file_no_more_is_read_than_the_bound(tmp_path: Path) -> None:
    """A terabyte of holes takes no room on a disk, and would take it in memory."""
    with (tmp_path / "a").open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(TooLarge):
        files.read(tmp_path / "a", 1 << 20)


@POSIX
def test_a_file_that_grows_while_it_is_read_ends_at_the_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its size is asked for, then it grows: what counts is what comes."""
    path, real = tmp_path / "a", os.fstat
    path.write_bytes(bytes(10))

    def before_it_grew(descriptor: int) -> os.stat_result:
        found = real(descriptor)
        with path.open("ab") as file:
            file.write(bytes(1000))
        return found

    monkeypatch.setattr(files.os, "fstat", before_it_grew)
    with pytest.raises(TooLarge):
        files.read(path, 100)


@POSIX
def test_a_file_without_a_size_ends_at_the_bound() -> None:
    """The kernel's own files claim to be empty."""
    path = Path("/proc/self/maps")
    if not path.exists():
        pytest.skip("no /proc here")
    assert path.stat().st_size == 0 and len(files.read(path, 1 << 24)) > 100
    with pytest.raises(TooLarge):
        files.read(path, 100)


@POSIX
def test_a_pipe_is_refused_at_once(tmp_path: Path) -> None:
    """Opening it would wait for somebody to write, and the class with it."""
    os.mkfifo(tmp_path / "a")
    said: list[BaseException] = []

    def read() -> None:
        try:
            files.read(tmp_path / "a", 100)
        except OSError as error:
            said.append(error)

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    reader.join(30)
    assert not reader.is_alive() and isinstance(said[0], OSError)
    assert (said[0].strerror, said[0].filename) == ("not a plain file", str(tmp_path / "a"))


@POSIX
def test_a_pipe_that_takes_a_files_place_meanwhile_is_not_waited_for(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    descriptor = files._without_waiting(str(tmp_path / "a"), os.O_RDONLY)
    assert not os.get_blocking(descriptor)
    os.close(descriptor)


@POSIX
@pytest.mark.parametrize("path", ["/dev/zero", "/dev/null", "/"])
def test_devices_and_folders_are_refused(path: str) -> None:
    with pytest.raises(OSError, match=r"not a plain file|s a directory"):
        files.read(Path(path), 100)


def test_a_missing_file_is_told_as_such(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        files.read(tmp_path / "none", 100)


@POSIX
def test_no_descriptor_is_left_open(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "large").write_bytes(bytes(101))
    before = len(list(Path("/dev/fd").iterdir()))
    for name in ("pipe", "large", ".", "none"):
        with pytest.raises(OSError):
            files.read(tmp_path / name, 100)
    assert len(list(Path("/dev/fd").iterdir())) == before


@POSIX
def test_what_is_no_plain_file_is_not_even_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Opening a device may do something: a tape is rewound."""
    opened: list[str] = []
    real = files._without_waiting
    monkeypatch.setattr(files, "_without_waiting", lambda path, flags: opened.append(path) or real(path, flags))
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError):
        files.read(tmp_path / "pipe", 100)
    assert opened == []
    (tmp_path / "file").write_bytes(b"1")
    assert files.read(tmp_path / "file", 100) == b"1" and len(opened) == 1


@POSIX
def test_folders_that_were_locked_are_removed_too() -> None:
    """By an ordinary user: root needs no permission."""
    folder = Path(tempfile.mkdtemp())
    (folder / "deep" / "er").mkdir(parents=True)
    (folder / "deep" / "er" / "x").write_text("1")
    for path in (folder / "deep" / "er", folder / "deep", folder):
        if os.geteuid() == 0:
            os.chown(path, 65534, 65534)
        path.chmod(0)
    child = os.fork()
    if child == 0:
        try:
            if os.geteuid() == 0:
                os.setuid(65534)
            files.remove(folder)
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    left = folder.exists()
    files.remove(folder)
    assert not left
