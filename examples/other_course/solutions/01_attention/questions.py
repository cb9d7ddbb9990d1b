"""The questions of 01_attention: which functions are called, on which inputs, for how many points."""

from autograder.question import Ban, Case, Question, Rung, array, normal

Q, K = array([[[2.0, 0.0], [0.0, 2.0]]]), array([[[1.0, 0.0], [0.0, 3.0]]])
V = array([[[1.0, 10.0, 100.0], [2.0, 20.0, 200.0]]])

QUESTIONS = (
    Question(
        "softmax",
        points=2,
        wrt=("logits",),
        ban=Ban(ops=("Softmax",), names=("softmax",), instead="tf.exp"),
        ladder=(
            Rung("two equal entries", logits=array([[3.0, 3.0]])),
            Rung("two rows", logits=array([[0.0, 0.0], [0.0, 1.0]])),
            Rung("large entries", logits=array([[1000.0, 1001.0]])),
        ),
        cases=(
            Case("two rows of three", public=True, logits=normal(2, 3)),
            Case("three axes", logits=normal(2, 4, 3)),
            Case("entries around 500", logits=normal(3, 5, mean=500.0)),
        ),
    ),
    Question(
        "attention_weights",
        points=2,
        wrt=("q", "k"),
        ladder=(
            Rung("one key", q=Q, k=K[:, :1], causal=False),
            Rung("two keys", q=Q, k=K, causal=False),
            Rung("causal", q=Q, k=K, causal=True),
        ),
        cases=(
            Case("a small batch", public=True, q=normal(2, 3, 4), k=normal(2, 5, 4), causal=False),
            Case("causal, drawn", q=normal(2, 4, 3), k=normal(2, 4, 3), causal=True),
            Case("longer vectors", q=normal(1, 3, 16), k=normal(1, 4, 16), causal=False),
        ),
    ),
    Question(
        "attention",
        points=2,
        wrt=("q", "k", "v"),
        ladder=(
            Rung("one key", q=Q, k=K[:, :1], v=V[:, :1], causal=False),
            Rung("causal", q=Q, k=K, v=V, causal=True),
        ),
        cases=(
            Case("a small batch", public=True, q=normal(2, 3, 4), k=normal(2, 5, 4), v=normal(2, 5, 2), causal=False),
            Case("causal, drawn", q=normal(2, 4, 3), k=normal(2, 4, 3), v=normal(2, 4, 5), causal=True),
            Case("one query", q=normal(3, 1, 2), k=normal(3, 6, 2), v=normal(3, 6, 4), causal=False),
        ),
    ),
)
