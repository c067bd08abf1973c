"""Generated texts as amounts, in short; the campaign is `python -m tests.campaigns.amounts --texts 10000000`."""

from __future__ import annotations

from tests.campaigns.amounts import TEXTS_OF_A_SEED, check


def test_the_parser_and_the_oracle_read_every_generated_text_the_same():
    seen = check(0) + check(1)
    assert seen["accepted"] + seen["refused"] == 2 * TEXTS_OF_A_SEED
    assert seen["accepted"] > TEXTS_OF_A_SEED // 10, "it is not only refusals that agree"
