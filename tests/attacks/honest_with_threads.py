"""A look-alike: threads, a pool of them, locks, queues, timers, asyncio, a signal handler, an exit hook."""

# expect: scale=passed total=passed score=6
import asyncio
import atexit
import queue
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import tensorflow as tf

atexit.register(print, "bye")
signal.signal(signal.SIGUSR1, lambda *_: None)
threading.Timer(30, print).start()
threading.Thread(target=time.sleep, args=(30,), daemon=True).start()


def scale(x, factor):
    with ThreadPoolExecutor(4) as pool:
        rows = list(pool.map(np.sum, np.asarray(x)))  # a gradient does not follow into threads
    answers = queue.Queue()
    thread = threading.Thread(target=lambda: answers.put(tf.size(x)))
    thread.start()
    thread.join()
    assert answers.get() == tf.size(x)
    assert len(rows) == len(x)
    return x * factor


async def doubled(x):
    await asyncio.sleep(0.01)
    return 2 * x


def total(x):
    return tf.reduce_sum(asyncio.run(doubled(x))), int(np.prod(x.shape))
