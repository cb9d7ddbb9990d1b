"""Ways through a model's graph: what follows a layer, and what lies between two."""

from __future__ import annotations

from ...border.blueprint import Blueprint, Step

CONVOLUTIONS = {"Conv1D", "Conv2D", "DepthwiseConv2D", "SeparableConv2D"}


WEIGHTED = {*CONVOLUTIONS, "Dense", "EinsumDense"}


NONLINEAR = {
    "ReLU", "LeakyReLU", "PReLU", "ELU", "Relu", "Relu6", "LeakyRelu", "Elu", "Selu", "Gelu", "Silu", "Celu", "Mish",
    "Tanh", "Sigmoid", "Softplus", "Softsign", "HardSigmoid", "HardSilu", "HardTanh", "Glu", "Maximum", "Square", "Abs",
    "Absolute", "SquarePlus", "SoftShrink", "HardShrink", "LogSigmoid", "TanhShrink", "SparsePlus",
}  # fmt: skip


def activation_of(step: Step) -> str:
    """The activation in a layer's settings, or ""."""
    value = step.config.get("activation")
    if isinstance(value, dict):
        value = value.get("class_name") or (value.get("config") if isinstance(value.get("config"), str) else "other")
    name = str(value or "")
    return "" if name == "linear" else name


def is_nonlinear(step: Step) -> bool:
    """Whether a step bends what goes through it."""
    return step.kind in (*NONLINEAR, "Softmax") or (step.kind == "Activation" and bool(activation_of(step)))


def is_pointwise(step: Step) -> bool:
    """Depthwise and 1x1 convolutions, which some architectures leave linear on purpose."""
    return step.kind in ("DepthwiseConv2D", "EinsumDense") or (
        step.kind == "Conv2D" and tuple(step.config.get("kernel_size", ())) == (1, 1)
    )


def followers(blueprint: Blueprint, name: str) -> list[Step]:
    """The steps that take the output of one."""
    return [step for step in blueprint.steps.values() if name in step.inputs]


def next_weighted(blueprint: Blueprint, step: Step) -> Step | None:
    """The next layer with weights that is reached from `step` without a nonlinearity, or None."""
    waiting, seen = followers(blueprint, step.name), set()
    while waiting:
        here = waiting.pop(0)
        if here.name in seen or is_nonlinear(here):
            continue
        seen.add(here.name)
        if here.kind in WEIGHTED:
            return here
        waiting += followers(blueprint, here.name)
    return None


def steps_after(blueprint: Blueprint, kinds: set[str]) -> set[str]:
    """The steps that come after one of these kinds, except beside a gate that multiplies the image again."""
    found: set[str] = set()
    for step in blueprint.steps.values():
        if step.kind == "Multiply":
            continue  # squeeze and excitation: the image goes on beside the pooled branch
        if any(name in found or blueprint.steps[name].kind in kinds for name in step.inputs):
            found.add(step.name)
    return found


def leads_through(blueprint: Blueprint, kinds: set[str]) -> bool:
    """Whether one of these kinds lies on the way to the output."""
    on_the_way = {blueprint.output}
    for step in reversed(blueprint.steps.values()):  # each comes after its inputs
        if step.name in on_the_way:
            on_the_way.update(step.inputs)
    return any(blueprint.steps[name].kind in kinds for name in on_the_way)
