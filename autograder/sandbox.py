"""The walls around a submission: what the worker's child does to itself before the first line of student code.

The level reached here is "process": an own session, an own empty folder, and resource limits. Stronger levels belong in
this module too; nothing else needs to know how a wall is built.
"""

from __future__ import annotations

import contextlib
import os
import sys
from dataclasses import dataclass

LEVEL = "process"


@dataclass(frozen=True)
class Limits:
    """What one submission may use.

    Attributes:
        memory: bytes of data beyond what the warm process already holds.
        cpu_seconds: processor time in all.
        file_bytes: the size of a file it writes.
        open_files: file descriptors.
    """

    memory: int = 3 << 30
    cpu_seconds: int = 900
    file_bytes: int = 256 << 20
    open_files: int = 256


def enter(folder: str, limits: Limits) -> None:
    """Locks the calling process in, for good. Where the platform has no resource limits, only the folder changes."""
    os.chdir(folder)
    os.environ["HOME"] = os.environ["TMPDIR"] = folder
    if sys.platform == "win32":
        return
    import resource

    with contextlib.suppress(OSError):  # already a leader
        os.setsid()
    bounds = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_CPU: limits.cpu_seconds,
        resource.RLIMIT_FSIZE: limits.file_bytes,
        resource.RLIMIT_NOFILE: limits.open_files,
    }
    if sys.platform == "linux":
        # RLIMIT_AS breaks TensorFlow, which reserves far more addresses than it uses; RLIMIT_DATA does not.
        bounds[resource.RLIMIT_DATA] = _own_data() + limits.memory
    for kind, bound in bounds.items():
        hard = resource.getrlimit(kind)[1]
        bound = bound if hard == resource.RLIM_INFINITY else min(bound, hard)
        resource.setrlimit(kind, (bound, bound))


def clean_environment(folder: str) -> dict[str, str]:
    """The whole environment of a worker: nothing of the grader's, and TensorFlow quiet and single-threaded."""
    keep = {name: os.environ[name] for name in ("SYSTEMROOT", "PATH") if name in os.environ}
    return keep | {
        "HOME": folder,
        "TMPDIR": folder,
        "LANG": "C.UTF-8",
        "PYTHONHASHSEED": "0",
        "MPLBACKEND": "agg",
        "MPLCONFIGDIR": folder,
        "CUDA_VISIBLE_DEVICES": "-1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "TF_ENABLE_ONEDNN_OPTS": "0",
        # One thread each: two workers on two cores would fight otherwise.
        "TF_NUM_INTRAOP_THREADS": "1",
        "TF_NUM_INTEROP_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }


def _own_data() -> int:
    with open("/proc/self/status") as status:
        for line in status:
            if line.startswith("VmData:"):
                return int(line.split()[1]) * 1024
    return 0
