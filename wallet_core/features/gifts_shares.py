"""How a gift is divided: pure functions of whole numbers. All shares of a gift sum to it exactly (G17)."""

from __future__ import annotations

from wallet_core.ledger.codes import Entropy


def equal_share(total: int, shares: int, nth: int) -> int:
    """What the nth (from 1) gets: what does not divide is given out one each, from the first on."""
    assert 1 <= nth <= shares <= total
    return total // shares + (nth <= total % shares)


def lucky_share(left: int, shares: int, entropy: Entropy) -> int:
    """What the next of so many gets of what is left, at least 1, the last all of it.

    Every way to divide what is left is as likely as any other: whoever comes first is as lucky as whoever comes last.
    """
    assert 1 <= shares <= left
    # That many different cuts between `left` ones; the part before the first is the share. R. Floyd: without drawing
    # one twice (Bentley, "A sample of brilliance", CACM 30/9, 1987).
    cuts: set[int] = set()
    for most in range(left - shares + 1, left):
        cut = 1 + _below(most, entropy)
        cuts.add(most if cut in cuts else cut)
    return min(cuts, default=left)


def _below(limit: int, entropy: Entropy) -> int:
    """A whole number from 0 to below the limit, each as likely: one that does not fit is drawn again."""
    bits = (limit - 1).bit_length()
    while True:
        number = int.from_bytes(entropy((bits + 7) // 8), "big") >> (-bits % 8)
        if number < limit:
            return number
