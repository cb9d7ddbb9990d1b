"""Sends JSON nested a million deep, a number with a million digits, and a list of a million lists."""

# expect: scale=crashed total=crashed score=0
import os
import struct


def send(head):
    data = struct.pack("<IQ", len(head), 0) + head
    while data:
        data = data[os.write(4, data) :]


def scale(x, factor):
    send(b'{"arrays": [], "tree": ' + b"[" * 1_000_000 + b"]" * 1_000_000 + b"}")
    os._exit(0)


def total(x):
    send(b'{"arrays": [], "tree": {"event": "value", "observation": ' + b"9" * 1_000_000 + b"}}")
    os._exit(0)
