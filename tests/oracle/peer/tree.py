# SPDX-License-Identifier: EUPL-1.2
"""RFC 6962 trees with SHA-256, and the range proof of PROTOCOL.md 8.3."""
from .prim import sha256

EMPTY = sha256(b"")


def leaf_hash(data):
    return sha256(b"\0" + data)


def node(left, right):
    return sha256(b"\1" + left + right)


def _split(n):
    """The largest power of two below n."""
    return 1 << (n - 1).bit_length() - 1


def root(hashes):
    """Level by level: an odd last one goes up as it is, which is the same tree."""
    if not hashes:
        return EMPTY
    row = list(hashes)
    while len(row) > 1:
        row = [node(*row[i:i + 2]) if i + 1 < len(row) else row[i] for i in range(0, len(row), 2)]
    return row[0]


def path(index, hashes):
    """The audit path of RFC 6962 2.1.1, from the leaf up."""
    if len(hashes) == 1:
        return []
    k = _split(len(hashes))
    if index < k:
        return path(index, hashes[:k]) + [root(hashes[k:])]
    return path(index - k, hashes[k:]) + [root(hashes[:k])]


def consistency(old, hashes):
    """The proof of RFC 6962 2.1.2 that the first `old` of these are a tree this one grew from."""
    def sub(m, part, is_whole):
        if m == len(part):
            return [] if is_whole else [root(part)]
        k = _split(len(part))
        if m <= k:
            return sub(m, part[:k], is_whole) + [root(part[k:])]
        return sub(m - k, part[k:], False) + [root(part[:k])]
    return sub(old, hashes, True)


def path_length(index, size):
    """How many hashes the path of this place has."""
    n = 0
    while size > 1:
        k = _split(size)
        index, size = (index, k) if index < k else (index - k, size - k)
        n += 1
    return n


def root_of_path(leaf, index, size, proof):
    """The root that this path of this place leads to; None if the path has not exactly that place's length."""
    def climb(i, n, rest):
        if n == 1:
            return leaf if not rest else None
        if not rest:
            return None
        k = _split(n)
        below = climb(i, k, rest[:-1]) if i < k else climb(i - k, n - k, rest[:-1])
        if below is None:
            return None
        return node(below, rest[-1]) if i < k else node(rest[-1], below)
    return climb(index, size, list(proof)) if 0 <= index < size else None


def is_consistent(old, old_root, size, new_root, proof):
    if old == 0:
        return not proof
    if old > size:
        return False
    rest = list(proof)

    def sub(m, n, is_whole):
        """(root of the first m, root of all n) of this subtree."""
        if m == n:
            if is_whole:
                return old_root, old_root
            value = rest.pop(0)
            return value, value
        k = _split(n)
        if m <= k:
            a, b = sub(m, k, is_whole)
            return a, node(b, rest.pop(0))
        a, b = sub(m - k, n - k, False)
        left = rest.pop(0)
        return node(left, a), node(left, b)
    try:
        return sub(old, size, True) == (old_root, new_root) and not rest
    except IndexError:
        return False


def cover(begin, end):
    """The aligned complete subtrees (start, length) that cover [begin, end), each the largest that fits."""
    while begin < end:
        length = 1
        while begin % (length * 2) == 0 and begin + length * 2 <= end:
            length *= 2
        yield begin, length
        begin += length


def range_proof(begin, end, hashes):
    return [root(hashes[s:s + n]) for a, b in ((0, begin), (end, len(hashes))) for s, n in cover(a, b)]


def is_range(begin, leaf_hashes, size, expected, proof):
    """Do these leaves stand at [begin, begin + n) of the tree of that size and root?"""
    end = begin + len(leaf_hashes)
    if end > size:
        return False
    parts = list(cover(0, begin)) + [(begin + i, 1) for i in range(len(leaf_hashes))] + list(cover(end, size))
    inner = len(list(cover(0, begin)))
    if len(proof) != len(parts) - len(leaf_hashes):
        return False
    values = proof[:inner] + list(leaf_hashes) + proof[inner:]
    stack = []
    for (_, length), value in zip(parts, values):
        while stack and stack[-1][0] == length:
            value = node(stack.pop()[1], value)
            length *= 2
        stack.append((length, value))
    value = stack.pop()[1] if stack else EMPTY
    while stack:
        value = node(stack.pop()[1], value)
    return value == expected


def hashes_of(data):
    """Hashes one after the other as a list; None if the length does not fit."""
    return None if len(data) % 32 else [data[i:i + 32] for i in range(0, len(data), 32)]
