"""Makes mutants: copies of a piece of Python, each with one small slip such as people make in a hurry. Runs nothing.

A mutation operator looks at a node of the syntax tree and gives texts to put in its place. Nothing else of the source changes.
"""

from __future__ import annotations

import ast
import itertools
import re
import textwrap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Mutant:
    """A changed source.

    Attributes:
        kind: the slip, e.g. "comparison".
        line: where it is, counted from 1.
        before: the text that was replaced.
        after: what stands there now.
        source: the whole text.
    """

    kind: str
    line: int
    before: str
    after: str
    source: str

    def __str__(self) -> str:
        return f"{self.kind} in line {self.line}: `{_one_line(self.before)}` -> `{_one_line(self.after)}`"


Slip = tuple[str, ast.AST, "ast.AST | str"]
"""The kind of a slip, the node that goes, and what comes in its place: a node, or its text."""

Operator = Callable[[ast.AST, "Scope"], Iterator[Slip]]
"""Gives the slips of which a node is the place."""


@dataclass(frozen=True)
class Scope:
    """What an operator may know beside its node: the names used in the source, and those bound together in it."""

    names: frozenset[str]
    siblings: frozenset[tuple[str, str]]


def mutants(source: str, lines: Sequence[int] | None = None, more: Sequence[Operator] = ()) -> list[Mutant]:
    """Every mutant of a source, in the order of its lines; none equals the source or another mutant.

    Args:
        source: valid Python.
        lines: where slips may begin; everywhere by default.
        more: operators beside those of this module.

    Example:
        >>> [m.after for m in mutants("a = b < 2")]
        ['(b <= 2)', '(b >= 2)', '3', '1']
    """
    tree, text = ast.parse(source), source.encode()
    starts = [0, *itertools.accumulate(map(len, text.splitlines(keepends=True)))]
    scope, found, seen = _scope(tree), [], set[tuple[int, int, str]]()
    for node in _places(tree):
        for operator in (*OPERATORS, *more):
            for kind, place, replacement in operator(node, scope):
                assert isinstance(place, (ast.expr, ast.stmt)) and place.end_lineno and place.end_col_offset is not None
                begin = starts[place.lineno - 1] + place.col_offset
                end = starts[place.end_lineno - 1] + place.end_col_offset
                before, after = text[begin:end].decode(), _text(replacement)
                key = (begin, end, _form(after))
                if key in seen or _form(after) == _form(before) or (lines is not None and place.lineno not in lines):
                    continue
                seen.add(key)
                mutated = (text[:begin] + after.encode() + text[end:]).decode()
                found.append(Mutant(kind, place.lineno, before, after, mutated))
    return sorted(found, key=lambda mutant: mutant.line)


def _text(replacement: ast.AST | str) -> str:
    if isinstance(replacement, str):
        return replacement
    after = ast.unparse(ast.fix_missing_locations(replacement))
    bare = isinstance(replacement, ast.Constant) and isinstance(replacement.value, (int, float))  # 0.real is no Python
    return f"({after})" if bare or isinstance(replacement, _OPERATIONS) else after


_OPERATIONS = (ast.BinOp, ast.BoolOp, ast.Compare, ast.UnaryOp, ast.IfExp)


def _form(text: str) -> str:
    """Equal for texts that differ only in formatting."""
    try:
        return ast.dump(ast.parse(text))
    except SyntaxError:  # a part of a statement
        return text


def _places(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes that code runs: no annotations, decorators, docstrings, and nothing inside of f-strings."""
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and not _is_text(child):
                yield child
                yield from _places(child)


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))


def _scope(tree: ast.AST) -> Scope:
    names, siblings = set[str](), set[tuple[str, str]]()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            names.add(node.id)
        elif isinstance(node, ast.arg):
            names.add(node.arg)
        elif isinstance(node, ast.Attribute):
            names.add(node.attr)
        elif isinstance(node, ast.Tuple) and isinstance(node.ctx, ast.Store):
            bound = [item.id for item in node.elts if isinstance(item, ast.Name)]
            siblings |= set(itertools.permutations(bound, 2))
    return Scope(frozenset(names), frozenset(siblings))


def _one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


# What stands for what

_BINARY: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Mod, ast.Mod: ast.FloorDiv,
    ast.Pow: ast.Mult, ast.BitOr: ast.BitAnd, ast.BitAnd: ast.BitOr, ast.LShift: ast.RShift, ast.RShift: ast.LShift,
}  # fmt: skip
_COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE), ast.LtE: (ast.Lt, ast.Gt), ast.Gt: (ast.GtE, ast.LtE), ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,), ast.In: (ast.NotIn,), ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,), ast.IsNot: (ast.Is,),
}  # fmt: skip
_FUNCTIONS = (
    "min max", "minimum maximum", "reduce_min reduce_max", "reduce_mean reduce_sum", "mean sum", "argmin argmax",
    "zeros ones", "zeros_like ones_like", "floor ceil", "any all", "sqrt rsqrt", "exp log", "startswith endswith",
    "lstrip rstrip", "union intersection", "sin cos",
)  # fmt: skip
_PAIRS = (
    *_FUNCTIONS, "h w", "height width", "kh kw", "sh sw", "rows columns", "row column", "top left", "bottom right",
    "above left", "below right", "vertical horizontal", "up down", "i j", "u v", "m n", "p q", "y x", "dy dx",
    "before after", "first last", "low high", "lower upper", "begin end", "start stop", "mean variance", "gamma beta",
)  # fmt: skip
_TEXTS = ("SAME VALID", "same valid", "REFLECT SYMMETRIC", "ij xy", "zeros ones", "utf-8 ascii", "rb r", "wb w")


def _both_ways(pairs: Sequence[str]) -> dict[str, tuple[str, ...]]:
    table: dict[str, tuple[str, ...]] = {}
    for a, b in map(str.split, pairs):
        table[a], table[b] = (*table.get(a, ()), b), (*table.get(b, ()), a)
    return table


_NAMES, _SWAPPED_TEXTS, _CALLED = _both_ways(_PAIRS), _both_ways(_TEXTS), _both_ways(_FUNCTIONS)


def _partners(name: str, scope: Scope) -> Iterator[str]:
    """The names that are easily confused with this one: the other axis, or what was bound next to it."""
    words = name.split("_")
    for at, word in enumerate(words):
        for other in _NAMES.get(word, ()):
            partner = "_".join((*words[:at], other, *words[at + 1 :]))
            if partner in scope.names:
                yield partner
    yield from sorted(other for mine, other in scope.siblings if mine == name)


# The operators


def _arithmetic(node: ast.AST, scope: Scope) -> Iterator[Slip]:
    if isinstance(node, ast.BinOp):
        if other := _BINARY.get(type(node.op)):
            yield "operator", node, ast.BinOp(node.left, other(), node.right)
        if isinstance(node.op, ast.FloorDiv):
            ceiled = ast.BinOp(ast.UnaryOp(ast.USub(), node.left), ast.FloorDiv(), node.right)
            yield "rounding", node, ast.UnaryOp(ast.USub(), ceiled)
        yield "operand left out", node, node.left
        yield "operand left out", node, node.right
        if isinstance(node.op, (ast.Sub, ast.Div, ast.FloorDiv, ast.MatMult)):
            yield "operands swapped", node, ast.BinOp(node.right, node.op, node.left)
    elif isinstance(node, ast.UnaryOp):
        rounded_up = isinstance(node.operand, ast.BinOp) and isinstance(node.operand.op, ast.FloorDiv)
        if rounded_up and isinstance(node.op, ast.USub):
            assert isinstance(node.operand, ast.BinOp)
            left = node.operand.left
            positive = left.operand if isinstance(left, ast.UnaryOp) else left
            yield "rounding", node, ast.BinOp(positive, ast.FloorDiv(), node.operand.right)
        elif not isinstance(node.operand, ast.Constant):
            yield "operator", node, node.operand
    elif isinstance(node, ast.AugAssign):
        target = ast.unparse(node.target)
        yield "+= to =", node, f"{target} = {ast.unparse(node.value)}"
        if other := _BINARY.get(type(node.op)):
            yield "operator", node, ast.AugAssign(node.target, other(), node.value)


def _logic(node: ast.AST, scope: Scope) -> Iterator[Slip]:
    if isinstance(node, ast.Compare):
        for at, operator in enumerate(node.ops):
            for other in _COMPARISONS.get(type(operator), ()):
                operators = [*node.ops[:at], other(), *node.ops[at + 1 :]]
                yield "comparison", node, ast.Compare(node.left, operators, node.comparators)
    elif isinstance(node, ast.BoolOp):
        yield "and to or", node, ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
        for at in range(len(node.values)):
            rest = [*node.values[:at], *node.values[at + 1 :]]
            yield "condition left out", node, rest[0] if len(rest) == 1 else ast.BoolOp(node.op, rest)
    elif isinstance(node, (ast.If, ast.IfExp, ast.While)) and not isinstance(node.test, (ast.Compare, ast.UnaryOp)):
        yield "condition", node.test, f"(not ({ast.unparse(node.test)}))"
    elif isinstance(node, ast.comprehension):
        for condition in node.ifs:
            yield "condition left out", condition, "True"


def _constants(node: ast.AST, scope: Scope) -> Iterator[Slip]:
    if not isinstance(node, ast.Constant):
        return
    value = node.value
    if isinstance(value, bool):
        yield "constant", node, str(not value)
    elif isinstance(value, int):
        yield "constant", node, str(value + 1)
        yield "constant", node, f"({value - 1})" if value < 1 else str(value - 1)
    elif isinstance(value, float):
        yield "constant", node, repr(value + 1)
        yield "constant", node, repr(value * 2)
    elif isinstance(value, str):
        for other in _SWAPPED_TEXTS.get(value, ()):
            yield "constant", node, repr(other)
        inputs, arrow, output = value.partition("->")
        for at in range(len(output) - 1 if arrow else 0):  # einsum
            swapped = output[:at] + output[at + 1] + output[at] + output[at + 2 :]
            yield "axes swapped", node, repr(f"{inputs}->{swapped}")


def _names(node: ast.AST, scope: Scope) -> Iterator[Slip]:
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        for partner in _partners(node.id, scope):
            yield "another name", node, partner
        for other in _CALLED.get(node.id, ()):
            yield "another function", node, other
    elif isinstance(node, ast.Attribute):
        owner = ast.unparse(node.value)
        for other in _CALLED.get(node.attr, ()):
            yield "another function", node, f"{owner}.{other}"
        for partner in _partners(node.attr, scope) if isinstance(node.value, ast.Name) else ():
            yield "another name", node, f"{owner}.{partner}"


def _orders(node: ast.AST, scope: Scope) -> Iterator[Slip]:
    """Neighbours swapped in tuples, lists, indices and arguments."""
    if isinstance(node, (ast.Tuple, ast.List)) and not any(isinstance(item, ast.Slice) for item in node.elts):
        for items in _swapped(node.elts):
            yield "order", node, type(node)(items, node.ctx)
    elif isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Tuple):
        for items in _swapped(node.slice.elts):
            yield "axes swapped", node, ast.Subscript(node.value, ast.Tuple(items, ast.Load()), node.ctx)
    elif isinstance(node, ast.Call):
        for items in _swapped(node.args):
            yield "order", node, ast.Call(node.func, items, node.keywords)


def _swapped(items: Sequence[ast.expr]) -> Iterator[list[ast.expr]]:
    for at in range(len(items) - 1):
        yield [*items[:at], items[at + 1], items[at], *items[at + 2 :]]


def _arguments(node: ast.AST, scope: Scope) -> Iterator[Slip]:
    if isinstance(node, ast.Call):
        for at in range(1, len(node.args)):
            yield "argument left out", node, ast.Call(node.func, node.args[:at] + node.args[at + 1 :], node.keywords)
        for at in range(len(node.keywords)):
            yield "keyword left out", node, ast.Call(node.func, node.args, node.keywords[:at] + node.keywords[at + 1 :])
        if node.args and not isinstance(node.args[0], ast.Starred):
            yield "call left out", node, node.args[0]
    elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        first = next((s for s in node.body if not _is_text(s)), None)
        named = [*node.args.posonlyargs, *node.args.args]
        defaults = zip(named[len(named) - len(node.args.defaults) :], node.args.defaults, strict=True)
        for argument, default in (*defaults, *zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)):
            if first and default:
                rest = textwrap.indent(ast.unparse(first), " " * first.col_offset)
                yield "argument ignored", first, f"{argument.arg} = {ast.unparse(default)}\n{rest}"


def _slices(node: ast.AST, scope: Scope) -> Iterator[Slip]:
    if not (isinstance(node, ast.Subscript) and any(isinstance(part, ast.Slice) for part in _parts(node.slice))):
        return
    parts = _parts(node.slice)
    for at, part in enumerate(parts):
        for changed in _changed(part) if isinstance(part, ast.Slice) else ():
            items = [*parts[:at], changed, *parts[at + 1 :]]
            index = ast.Tuple(items, ast.Load()) if isinstance(node.slice, ast.Tuple) else changed
            yield "slice", node, ast.Subscript(node.value, index, node.ctx)


def _parts(index: ast.expr) -> list[ast.expr]:
    return list(index.elts) if isinstance(index, ast.Tuple) else [index]


def _changed(part: ast.Slice) -> Iterator[ast.Slice]:
    lower, upper, step = part.lower, part.upper, part.step
    for moved in _moved(lower, 1):
        yield ast.Slice(moved, upper, step)
    for moved in _moved(upper, -1):
        yield ast.Slice(lower, moved, step)
    if lower:
        yield ast.Slice(None, upper, step)
    if upper:
        yield ast.Slice(lower, None, step)
    if step:
        yield ast.Slice(lower, upper, None)


def _moved(bound: ast.expr | None, missing: int) -> Iterator[ast.expr]:
    if bound is None:
        yield ast.Constant(missing)
    elif not isinstance(bound, ast.Constant):
        yield ast.BinOp(bound, ast.Add(), ast.Constant(1))
        yield ast.BinOp(bound, ast.Sub(), ast.Constant(1))


def _statements(node: ast.AST, scope: Scope) -> Iterator[Slip]:
    """Statements left out, except where that would only leave a name unbound, which is noticed at once."""
    bound = set[str]()
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        bound = {argument.arg for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)}
    for statements in _blocks(node):
        for statement in statements:
            targets = _targets(statement)
            if isinstance(statement, (ast.Expr, ast.If, ast.AugAssign, ast.Raise, ast.Delete, ast.Assert)):
                if not _is_text(statement):
                    yield "statement left out", statement, "pass"
            elif targets is not None and (targets <= bound or not targets):
                yield "statement left out", statement, "pass"
            elif isinstance(statement, ast.Break):
                yield "break to continue", statement, "continue"
            elif isinstance(statement, ast.Continue):
                yield "continue to break", statement, "break"
            bound |= targets or set()


def _blocks(node: ast.AST) -> Iterator[list[ast.stmt]]:
    for name in ("body", "orelse", "finalbody"):
        block = getattr(node, name, None)
        if isinstance(block, list) and block and isinstance(block[0], ast.stmt) and not isinstance(node, ast.Module):
            yield block


def _targets(statement: ast.stmt) -> set[str] | None:
    """The names that an assignment binds: none for one to an attribute or an item; None for what is no assignment."""
    if not isinstance(statement, (ast.Assign, ast.AnnAssign)):
        return None
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    return {n.id for t in targets for n in ast.walk(t) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}


OPERATORS: tuple[Operator, ...] = (
    _arithmetic, _logic, _constants, _names, _orders, _arguments, _slices, _statements,
)  # fmt: skip
"""Those that fit any Python."""
