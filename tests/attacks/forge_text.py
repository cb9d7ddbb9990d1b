"""Puts lone surrogates, terminal escapes and megabytes where the grader expects short texts."""

# expect: scale=missing|crashed total=missing|crashed score=0
import os

import autograder.wire as wire

say = lambda event, **fields: os.write(4, wire.pack({"event": event, **fields}))
say("question", name="scale")
say("missing", kind="\ud800 \x1b]0;owned\x07 <script>alert(1)</script> " + "x" * 100_000)
say("question", name="total")
say("missing", kind={"a": ["\udfff"]})
say("done")
os._exit(0)
