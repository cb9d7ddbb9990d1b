"""Reads a model's configuration as it comes from a student's process: what it may hold, and how its layers hang together.

Pure Python over JSON: nothing is imported or built for it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

MAX_CONFIG = 1 << 18
"""Bytes of a configuration."""
MAX_PARAMETERS = 1 << 21
MAX_LAYERS = 200
MAX_CALLS = 1000
"""Calls of layers, those inside of models included."""
MAX_DEPTH = 24

_LAYERS = (
    "InputLayer Conv1D Conv2D DepthwiseConv2D SeparableConv2D Dense EinsumDense MaxPooling1D MaxPooling2D "
    "AveragePooling1D AveragePooling2D GlobalAveragePooling1D GlobalAveragePooling2D GlobalMaxPooling1D GlobalMaxPooling2D "
    "BatchNormalization LayerNormalization GroupNormalization UnitNormalization Normalization Rescaling Resizing "
    "Dropout SpatialDropout2D GaussianDropout GaussianNoise AlphaDropout ActivityRegularization "
    "Activation ReLU LeakyReLU PReLU ELU Softmax Flatten Reshape Permute ZeroPadding1D ZeroPadding2D Cropping1D Cropping2D "
    "UpSampling2D Concatenate Add Subtract Multiply Average Maximum Minimum Dot Identity "
    "RandomFlip RandomTranslation RandomRotation RandomZoom RandomContrast RandomBrightness"
)
LAYERS = frozenset(_LAYERS.split())
"""Keras's own layers that may stand in a model; none of them runs code from its configuration."""

MODELS = frozenset({"Functional", "Sequential", "Model"})

_MODULES = {
    "keras": MODELS | {"DTypePolicy"},
    "keras.src.models.functional": MODELS,
    "keras.src.models.sequential": MODELS,
    "keras.layers": LAYERS,
}
_PARTS = {"keras.initializers", "keras.regularizers", "keras.constraints"}
"""Modules of what layers are made of; all of their classes are plain arithmetic."""
_OPERATIONS = {"keras.src.ops.nn", "keras.src.ops.numpy", "keras.src.ops.core", "keras.src.ops.math"}
_UNSAFE = frozenset({"Lambda", "Map", "Scan", "AssociativeScan", "WhileLoop", "ForiLoop", "VectorizedMap", "Cond", "Switch",
                     "CustomGradient", "Vectorize", "Piecewise"})  # fmt: skip


@dataclass(frozen=True)
class Step:
    """A layer or operation in a model's graph.

    Attributes:
        name: unique in the graph: the layer's, and for a layer that is called again "pool, call 2".
        layer: the layer's name; layers of a model in the model have a path, "outer/inner".
        call: which call of the layer this is, from 0.
        kind: the class, e.g. "Conv2D".
        config: its settings.
        inputs: the names of the steps before it.
        training: the `training` argument that is written into the graph, or None.
    """

    name: str
    layer: str
    call: int
    kind: str
    config: dict[str, Any]
    inputs: tuple[str, ...]
    training: bool | None = None


@dataclass
class Blueprint:
    """A model's steps by name, in an order in which each comes after its inputs, and the name of the last."""

    steps: dict[str, Step] = field(default_factory=dict)
    output: str = ""


def parse(text: bytes) -> tuple[dict[str, Any] | None, str]:
    """A configuration that is safe to build from, or why there is none, for the student.

    Every class that the configuration names must be one of Keras's own from the lists above, so that building it imports
    and runs nothing else. The `training=False` that Keras writes into the graph, e.g. for a Dropout, when it traces a model's
    `call`, is removed.

    Example:
        >>> dense = {"module": "keras.layers", "class_name": "Dense", "registered_name": None, "config": {"name": "logits"}}
        >>> config, reason = parse(json.dumps({"layers": [dense]}).encode())
        >>> read(config).steps["logits"].kind, reason
        ('Dense', '')
        >>> _, reason = parse(json.dumps({"layers": [dense | {"class_name": "Lambda"}]}).encode())
        >>> reason[:61]
        "The model holds 'Lambda', which cannot be built again without"
    """
    if len(text) > MAX_CONFIG:
        return None, "The model has far too many layers."
    try:
        config = json.loads(text)
        if not isinstance(config, dict) or not isinstance(config.get("layers"), list):
            raise ValueError("no layers")
        found = list(_objects(config, 0))
    except Exception:  # it may be anything
        return None, "The model's configuration cannot be read."
    if len(config["layers"]) > MAX_LAYERS:
        return None, f"The model has more than {MAX_LAYERS} layers."
    if sum(len(_listed(layer, "inbound_nodes")) for layer in _layers(config)) > MAX_CALLS:
        return None, f"The model calls its layers more than {MAX_CALLS} times."
    for item in found:
        name = str(item.get("class_name"))
        if not _allowed(str(item.get("module")), name) or item.get("registered_name") not in (None, name):
            return None, (
                f"The model holds {name[:60]!r}, which cannot be built again without your code. Use keras.layers and keras.ops in "
                "it: no Lambda, and no layer classes of your own."
            )
    for layer in _layers(config):
        if layer.get("class_name") not in ("BatchNormalization", *MODELS):
            for node in _listed(layer, "inbound_nodes"):
                if isinstance(node, dict) and isinstance(node.get("kwargs"), dict):
                    node["kwargs"].pop("training", None)
    return config, ""


def read(config: dict[str, Any]) -> Blueprint:
    """The graph of a configuration from `parse`. Raises ValueError if there is none."""
    blueprint = Blueprint()
    try:
        blueprint.output = _read(config, "", {}, blueprint, 0)
    except Exception as error:  # it may be anything
        raise ValueError(f"not a graph: {error}") from error
    return blueprint


def _objects(value: Any, depth: int) -> Iterator[dict[str, Any]]:
    """Everything in a configuration that names a class, at any depth."""
    if depth > MAX_DEPTH:
        raise ValueError("nested too deeply")
    if isinstance(value, dict):
        if "class_name" in value and value["class_name"] != "__keras_tensor__":
            yield value
        elif "module" in value or "registered_name" in value:
            raise ValueError("a module without a class")
        for item in value.values():
            yield from _objects(item, depth + 1)
    elif isinstance(value, list):
        for item in value:
            yield from _objects(item, depth + 1)


def _allowed(module: str, name: str) -> bool:
    if name in _UNSAFE or not name.isidentifier():
        return False
    return name in _MODULES.get(module, ()) or module in _PARTS or module in _OPERATIONS


def _layers(config: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for layer in _listed(config, "layers"):
        if isinstance(layer, dict):
            yield layer
            if isinstance(layer.get("config"), dict):
                yield from _layers(layer["config"])


def _listed(config: dict[str, Any], name: str) -> list[Any]:
    """A list in a configuration; [] if there is none, or something else in its place."""
    found = config.get(name)
    return found if isinstance(found, list) else []


Tensor = tuple[str, int]
"""A layer's name and the number of its call, which together name a tensor in a configuration."""


def _read(config: dict[str, Any], path: str, outer: dict[str, str], into: Blueprint, depth: int) -> str:
    """Adds the steps of a model and returns the name of the last; `outer` maps its input layers to steps outside."""
    if depth > 4:
        raise ValueError("models in models in models")
    last = next(iter(outer.values()), "")
    known: dict[Tensor, str] = {(name, 0): step for name, step in outer.items()}
    waiting: list[tuple[dict[str, Any], int, Any]] = []
    for layer in config["layers"]:
        nodes = layer.get("inbound_nodes")
        waiting += [(layer, call, node) for call, node in enumerate(nodes or [None if nodes is None else {}])]
    while waiting:
        later = []
        for layer, call, node in waiting:
            kind, name = str(layer["class_name"]), str(layer.get("name") or layer["config"].get("name"))
            sources = [(last, 0)] if node is None else _sources(node)
            if node is not None and any(source not in known for source in sources):
                later.append((layer, call, node))  # a layer that is called again comes before what it is called on
                continue
            before = [b for b in ([last] if node is None else [known[source] for source in sources]) if b]
            if kind == "InputLayer" and outer:
                known[name, call] = next(iter(outer.values()))
                continue
            if kind in MODELS:
                inner = layer["config"]
                entry = _names(inner.get("input_layers", [])) or [("the input", 0)]
                there = dict.fromkeys((name for name, _ in entry), before[0])
                last = _read(inner, f"{path}{name}{_again(call)}/", there, into, depth + 1)
            else:
                last = f"{path}{name}{_again(call)}"
                training = _training(node)
                step = Step(last, f"{path}{name}", call, kind, dict(layer["config"]), tuple(before), training)
                into.steps[last] = step
            known[name, call] = last
        if len(later) == len(waiting):
            raise LookupError("a layer is called on what is not there")
        waiting = later
    ends = _names(config.get("output_layers", []))
    return known[ends[0]] if ends else last


def _again(call: int) -> str:
    return f", call {call + 1}" if call else ""


def _names(ends: Any) -> list[Tensor]:
    """The tensors in "input_layers" or "output_layers": one triple, or a list of them."""
    if not isinstance(ends, list) or not ends:
        return []
    found = [ends] if isinstance(ends[0], str) else ends
    return [(str(end[0]), int(end[1])) for end in found]


def _sources(node: Any) -> list[Tensor]:
    """The tensors that go into a call, in order."""
    found: list[Tensor] = []

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            if value.get("class_name") == "__keras_tensor__":
                name, call, _ = value["config"]["keras_history"]
                found.append((str(name), int(call)))
            else:
                for item in value.values():
                    walk(item)
        elif isinstance(value, list):
            for item in value:
                walk(item)

    walk(node)
    return found


def _training(node: Any) -> bool | None:
    value = (node or {}).get("kwargs", {}).get("training")
    return value if isinstance(value, bool) else None
