"""What an object costs on MicroPython's heap, by the sizes in its sources: for any word length.

py/gc.c: blocks of four words. py/obj.h: an instance is four words (type; three of a map), an array
four and its items, a float two. py/map.c: a map's table is two words an entry, and has as many
entries as one of `_TABLE_SIZES`. The figure for this build's own words is held against what its
collector counts (benchmarks/estimator_main.py), so that the one for other words can be believed.
"""

from array import array

_TABLE_SIZES = (0, 1, 2, 4, 6, 8, 10, 12, 17, 23, 29, 37, 47, 59, 73, 97, 127, 167)
_BLOCK_WORDS = 4


def heap_bytes(thing, word_bytes):
    """Bytes of the heap that `thing` and all that hangs on it alone take.

    Knows what the estimator is made of: instances, arrays, floats and small integers. TypeError for
    the rest.
    """
    if thing is None or isinstance(thing, (bool, int)):
        return 0
    if isinstance(thing, float):
        return _blocks(2 * word_bytes, word_bytes)
    if isinstance(thing, array):
        return _blocks(4 * word_bytes, word_bytes) + _blocks(len(bytes(thing)), word_bytes)
    if not hasattr(thing, "__dict__"):
        raise TypeError("no layout known of " + str(type(thing)))
    entries = 0
    for size in _TABLE_SIZES:
        if size >= len(thing.__dict__):
            entries = size
            break
    total = _blocks(4 * word_bytes, word_bytes) + _blocks(2 * entries * word_bytes, word_bytes)
    for value in thing.__dict__.values():
        total += heap_bytes(value, word_bytes)
    return total


def _blocks(n, word_bytes):
    block = _BLOCK_WORDS * word_bytes
    return (n + block - 1) // block * block
