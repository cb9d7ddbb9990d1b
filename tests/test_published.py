"""The architectures of assignment 6 against published counts: their plans at once, the full networks where slow tests run."""

from __future__ import annotations

import importlib
import os
import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder.course import assignment as bank
from autograder.grader.rules.plan import from_text

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "benchmarks"))
counts = importlib.import_module("counts")

SLOW = pytest.mark.skipif(
    not os.environ.get("AUTOGRADER_SLOW"), reason="builds networks of up to 144 million parameters"
)


@pytest.fixture(scope="module")
def plans() -> Any:
    """The functions of questions.py that write an architecture down."""
    spec = importlib.util.spec_from_file_location("questions_06", ROOT / "solutions/06_architectures/questions.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["questions_06"] = module  # its dataclasses look themselves up
    spec.loader.exec_module(module)
    return module


VGG = {11: (1, 1, 2, 2, 2), 13: (2, 2, 2, 2, 2), 16: (2, 2, 3, 3, 3), 19: (2, 2, 4, 4, 4)}


def plan_of(plans: Any, builder: str, settings: dict[str, Any]) -> Any:
    depth = settings.get("depth", 0)
    stages = plans.RESNETS.get(depth)
    text = {
        "build_alexnet": lambda: plans.alexnet_plan(groups=settings.get("groups", 1)),
        "build_vgg": lambda: plans.vgg_plan(VGG[depth]),
        "build_googlenet": lambda: plans.googlenet_plan(),
        "build_resnet": lambda: plans.resnet_plan(
            stages, bottleneck=depth >= 50, stride_on=settings.get("stride_on", "3x3")
        ),
        "build_resnext": lambda: plans.resnet_plan(stages, groups=32, inner=128),
        "build_senet": lambda: plans.resnet_plan(stages, ratio=16),
        "build_densenet": lambda: plans.densenet_plan(plans.DENSENETS[depth]),
    }[builder]()
    side = 227 if builder == "build_alexnet" else 224
    return from_text(text, (side, side, 3))


@pytest.mark.parametrize("network", counts.NETWORKS, ids=lambda n: f"{n.title}, {n.source}")
def test_the_plan_of_every_network_has_the_published_counts(plans: Any, network: Any) -> None:
    """The plans judge the students' networks; the solved notebook has no part in this."""
    plan = plan_of(plans, network.builder, network.settings)
    assert counts.Count(network, plan.parameters, plan.products).equal or network.why


def test_a_wrong_count_is_not_equal() -> None:
    network = counts.Network("a network", "build_resnet", {}, 1000, 1.81, "somewhere")
    assert counts.Count(network, 1000, 1_814_000_000).equal
    assert not counts.Count(network, 1001, 1_814_000_000).equal
    assert not counts.Count(network, 1000, 1_816_000_000).equal
    assert "**differs**" in counts.section([counts.Count(network, 1001, 0)])


def test_the_reasons_why_torchvisions_counts_differ_are_right(plans: Any) -> None:
    narrow = (
        "conv11/4:64b relu max3/2v conv5:192b relu max3/2v conv3:384b relu conv3:256b relu conv3:256b relu max3/2v "
        "dense:4096 relu dense:4096 relu dense:1000"
    )
    assert from_text(narrow, (224, 224, 3)).parameters == 61_100_840
    normalized = re.sub(r":(\d+)b relu", r":\1 norm relu", plans.googlenet_plan().replace("conv5:", "conv3:"))
    assert from_text(normalized, (224, 224, 3)).parameters == 6_624_904


def test_the_page_holds_every_network(plans: Any) -> None:
    page = (ROOT / "docs" / "results.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (.+?) \| ([\d,]+) \| ([\d,]+|–) \| ([\d.]+) \|", page, re.MULTILINE)
    found = {(title, *(int(n.replace(",", "").replace("–", "0")) for n in pair), work) for title, *pair, work in rows}
    for network in counts.NETWORKS:
        plan = plan_of(plans, network.builder, network.settings)
        assert (network.title, plan.parameters, network.parameters, f"{plan.products / 1e9:.3f}") in found, (
            network.title
        )


@SLOW
@pytest.mark.tensorflow
def test_the_full_networks_have_the_published_counts(plans: Any) -> None:
    for count in counts.counted():
        assert count.equal or count.network.why, count
        plan = plan_of(plans, count.network.builder, count.network.settings)
        assert (count.parameters, count.products) == (plan.parameters, plan.products)


@pytest.fixture(scope="module")
def solved() -> dict[str, Any]:
    return dict(counts.solved())


@SLOW
@pytest.mark.tensorflow
def test_vgg_16_with_the_weights_of_kerass_own_computes_the_same(solved: dict[str, Any]) -> None:
    import keras

    theirs = keras.applications.VGG16(weights=None, classes=10, input_shape=(64, 32, 3), classifier_activation=None)
    ours = solved["build_vgg"](16, classes=10, input_shape=(64, 32, 3))
    ours.set_weights(theirs.get_weights())
    images = np.random.default_rng(0).normal(size=(2, 64, 32, 3)).astype(np.float32)
    np.testing.assert_allclose(ours(images), theirs(images), rtol=1e-4, atol=1e-5)


@SLOW
@pytest.mark.tensorflow
@pytest.mark.parametrize(("name", "builder", "depth", "biases"), [
    ("VGG19", "build_vgg", 19, 0), ("DenseNet121", "build_densenet", 121, 0), ("DenseNet169", "build_densenet", 169, 0),
    ("DenseNet201", "build_densenet", 201, 0), ("ResNet50", "build_resnet", 50, 26_560),
    ("ResNet101", "build_resnet", 101, 52_672), ("ResNet152", "build_resnet", 152, 75_712),
])  # fmt: skip
def test_kerass_own_networks_have_as_many_parameters(
    solved: dict[str, Any], name: str, builder: str, depth: int, biases: int
) -> None:
    """Keras's ResNets have a useless bias for each filter; nothing else differs."""
    import keras

    theirs = getattr(keras.applications, name)(weights=None, classes=10)
    assert counts.trainable(theirs) == counts.trainable(solved[builder](depth, classes=10)) + biases
    without = [w for w in theirs.trainable_weights if "bias" in w.path and "predictions" not in w.path]
    assert biases == 0 or sum(int(np.prod(w.shape)) for w in without) == biases


def test_no_builder_is_left_out() -> None:
    questions = {q.name for q in bank.load(ROOT / "solutions" / "06_architectures").questions}
    assert {name for name in questions if name.startswith("build_")} == {n.builder for n in counts.NETWORKS}
