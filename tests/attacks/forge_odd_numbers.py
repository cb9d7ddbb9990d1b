"""Sends an observation with a million lists, NaN and infinity where numbers belong, and keys that mean something to the reader."""

# expect: scale=crashed|timeout total=crashed score=0
import os
import struct


def send(tree):
    head = b'{"arrays": [], "tree": ' + tree + b"}"
    data = struct.pack("<IQ", len(head), 0) + head
    while data:
        data = data[os.write(4, data) :]


def scale(x, factor):
    send(
        b'{"event": "value", "observation": {"failure": null, "structure": "one", "outputs": ['
        + b"[]," * 1_000_000
        + b"[]]}}"
    )
    os._exit(0)


def total(x):
    send(b'{"event": NaN, "index": Infinity, "observation": {"$tuple": 1e999}, "name": {"$array": 0}}')
    os._exit(0)
