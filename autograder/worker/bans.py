"""Finds the operations that a from-scratch question bans: in the source of live functions, and in what TensorFlow runs.

The source tells the student the name. What runs sees through aliases, `getattr`, `tf.raw_ops` and Keras: an operation passes the
callback of its thread when it is run or traced, and `watch_threads` gives every thread that Python or `tf.py_function` starts the
same callback. Code that takes the callback away again blinds this search, but not that of `source.names`, which reads the text in
another process.
"""

from __future__ import annotations

import _thread
import ast
import contextlib
import dis
import functools
import inspect
import linecache
import textwrap
import threading
from collections.abc import Callable, Iterator
from functools import lru_cache
from tokenize import TokenError
from types import CodeType, FunctionType
from typing import Any, cast

from ..source.names import texts_looked_up

_LIBRARIES = {"tensorflow", "keras", "numpy", "scipy", "torch", "jax", "cv2", "skimage"}
_LOADS = ("LOAD_GLOBAL", "LOAD_NAME", "LOAD_DEREF", "LOAD_CLASSDEREF", "LOAD_FROM_DICT_OR_")


def reachable(function: Any) -> dict[str, FunctionType]:
    """The functions written by the student that `function` may call, itself first, by name. A class may call its methods."""
    found: dict[str, FunctionType] = {}
    classes: list[type] = []
    waiting = [(getattr(function, "__name__", "?"), function)]
    while waiting:
        name, candidate = waiting.pop()
        if isinstance(candidate, type) and candidate.__module__ == "__main__" and candidate not in classes:
            classes.append(candidate)
            waiting += [(f"{candidate.__name__}.{key}", method) for key, method in vars(candidate).items()]
            waiting += [(base.__name__, base) for base in candidate.__bases__]
        candidate = _plain(candidate)
        if candidate is None or candidate in found.values():
            continue
        found[name if name not in found else f"{name} {len(found)}"] = candidate
        scope = _scope(candidate)
        waiting += [(used, scope[used]) for used in _names(candidate.__code__) if used in scope]
    return found


def in_source(functions: dict[str, FunctionType], names: tuple[str, ...]) -> list[str]:
    """The banned names that the source of `functions` uses."""
    wanted = set(names)
    return sorted({name for function in functions.values() for name in _uses(function, wanted)})


@contextlib.contextmanager
def recorded_ops() -> Iterator[set[str]]:
    """Collects the type of every TensorFlow operation that runs inside the block, in `tf.function`s too."""
    from tensorflow.python.eager import context
    from tensorflow.python.framework import op_callbacks

    global _seen
    seen = _seen = set[str]()
    op_callbacks.add_op_callback(_record)
    try:
        with _watched_sessions():
            yield seen
    finally:
        _seen = None
        with contextlib.suppress(KeyError):  # the function may have taken it away itself
            op_callbacks.remove_op_callback(_record)
        # A function traced before the block shows only its own name: look at what is in it. A pipeline shows not even that.
        waiting = [name for name in seen if context.context().has_function(name)]
        if any("Iterator" in op or "Dataset" in op for op in seen):
            waiting += [name for name in context.context().list_function_names() if "Dataset_" in name]
        entered: set[str] = set()
        while waiting:
            name = waiting.pop()
            if name in entered or not context.context().has_function(name):
                continue
            entered.add(name)
            for node in context.context().get_function_def(name).node_def:
                seen.add(node.op)
                waiting += [node.op] + [value.func.name for value in node.attr.values() if value.HasField("func")]


@contextlib.contextmanager
def _watched_sessions() -> Iterator[None]:
    """Inside the block, a session of TensorFlow 1 that runs shows all operations of its graph: they pass no callback."""
    from tensorflow.python.client.session import BaseSession

    def watching(run: Any) -> Any:
        @functools.wraps(run)
        def watched(session: Any, *arguments: Any, **keywords: Any) -> Any:
            graph = (session if isinstance(session, BaseSession) else session._session).graph.as_graph_def()
            for node in [*graph.node, *(node for function in graph.library.function for node in function.node_def)]:
                _record(node.op)
            return run(session, *arguments, **keywords)

        return watched

    callable_kind: Any = BaseSession._Callable
    ways = ((BaseSession, "_call_tf_sessionrun"), (BaseSession, "_call_tf_sessionprun"), (callable_kind, "__call__"))
    before = [(owner, name, getattr(owner, name)) for owner, name in ways]
    for owner, name, run in before:
        setattr(owner, name, watching(run))
    try:
        yield
    finally:
        for owner, name, run in before:
            setattr(owner, name, run)


_seen: set[str] | None = None
"""Where operations are recorded at the moment; None: nowhere."""


def _record(op_type: Any, inputs: Any = (), attributes: Any = (), *_: Any, **__: Any) -> None:
    """Notes an operation, and the functions that it is to call. Every operation comes here, so nothing is done twice."""
    if _seen is None:
        return
    _seen.add(_text(op_type))
    for value in (attributes or ())[1::2]:  # name, value, name, value, ...
        name = getattr(value, "name", value)
        if isinstance(name, (str, bytes)) and (text := _text(name)) not in _seen and _context()().has_function(text):
            _seen.add(text)  # what is printed is an attribute, too, but no function


@functools.cache
def _context() -> Callable[[], Any]:
    """What gives TensorFlow's context of the moment; imported once, since every operation asks."""
    from tensorflow.python.eager import context

    return cast("Callable[[], Any]", context.context)


def _text(name: str | bytes) -> str:
    return name if isinstance(name, str) else name.decode(errors="replace")


def watch_threads() -> None:
    """From now on, operations in every new thread are recorded too. Callbacks belong to a thread, and begin empty in each."""
    from tensorflow.python.eager import context
    from tensorflow.python.ops import script_ops

    def watching(function: Any) -> Any:
        @functools.wraps(function)
        def watched(*arguments: Any, **keywords: Any) -> Any:
            callbacks = context.context().op_callbacks
            if _record not in callbacks:
                callbacks.append(_record)
            return function(*arguments, **keywords)

        return watched

    start = _thread.start_new_thread

    def start_watched(function: Any, *arguments: Any) -> int:
        return start(watching(function), *arguments)

    for owner, name in ((threading, "_start_new_thread"), (_thread, "start_new_thread"), (_thread, "start_new")):
        setattr(owner, name, start_watched)
    registry: Any = script_ops.FuncRegistry  # tf.py_function and tf.numpy_function run in threads of TensorFlow's own
    registry.__call__ = watching(registry.__call__)


def _plain(candidate: Any) -> FunctionType | None:
    """The student's function under `tf.function` and decorators, or None for anything from a library."""
    with contextlib.suppress(Exception):
        candidate = getattr(candidate, "python_function", candidate)
        candidate = inspect.unwrap(candidate)
    if isinstance(candidate, FunctionType) and (
        candidate.__code__.co_filename.startswith("<cell ") or candidate.__globals__.get("__name__") == "__main__"
    ):
        return candidate
    return None


def _scope(function: FunctionType) -> dict[str, Any]:
    closure = {}
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=False):
        with contextlib.suppress(ValueError):  # not assigned yet
            closure[name] = cell.cell_contents
    return {**function.__globals__, **closure}


@lru_cache(maxsize=1024)
def _names(code: CodeType) -> frozenset[str]:
    """The global and captured names that `code` loads; not its attributes: `tf.nn.conv2d` is no call of `conv2d`."""
    names = {i.argval for i in dis.get_instructions(code) if i.opname.startswith(_LOADS)}
    for constant in code.co_consts:
        if inspect.iscode(constant):
            names |= _names(constant)
    return frozenset(names)


def _uses(function: FunctionType, wanted: set[str]) -> Iterator[str]:
    defaults = (*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values())
    yield from wanted.intersection(map(_library_name, defaults))
    looked_up, read = _mentioned(function.__code__)
    yield from looked_up & wanted
    scope = _scope(function)
    yield from wanted.intersection(_library_name(scope.get(name)) for name in read & _names(function.__code__))


@lru_cache(maxsize=256)
def _mentioned(code: CodeType) -> tuple[frozenset[str], frozenset[str]]:
    """The names that the syntax of `code` looks up in objects and modules, and those that it reads: the same for every case."""
    looked_up, read = set[str](), set[str]()
    for node in nodes(code):
        if isinstance(node, ast.Attribute):
            looked_up.add(node.attr)
        elif isinstance(node, ast.ImportFrom):
            looked_up.update(alias.name for alias in node.names)
        elif isinstance(node, (ast.Call, ast.Subscript)):
            looked_up.update(texts_looked_up(node))
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            read.add(node.id)
    return frozenset(looked_up), frozenset(read)


@lru_cache(maxsize=256)
def nodes(code: CodeType) -> tuple[ast.AST, ...]:
    """The syntax of the function or class that `code` belongs to, its definition first; () if there is no source."""
    lines = linecache.getlines(code.co_filename)  # inspect.getsource would look through all modules first
    try:
        block = inspect.getblock(lines[code.co_firstlineno - 1 :])
        return tuple(ast.walk(ast.parse(textwrap.dedent("".join(block)))))
    except (SyntaxError, IndexError, TokenError):
        return ()  # no source, e.g. made by exec: the graph still tells


def _library_name(value: Any) -> str:
    """The public name of a library's function or class, or of the class of its object, without TensorFlow's suffix."""
    named = value if getattr(value, "__name__", None) else type(value)
    module, name = getattr(named, "__module__", None), getattr(named, "__name__", None)
    if isinstance(module, str) and isinstance(name, str) and module.split(".")[0] in _LIBRARIES:
        return name.removesuffix("_v2").removesuffix("_v1")
    return ""
