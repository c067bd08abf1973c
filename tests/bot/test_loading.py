"""What is loaded at the start is not looked through for garbage."""

import gc

from bot.loading import loading


def test_what_is_loaded_is_never_looked_through_and_what_comes_later_is() -> None:
    try:
        with loading():
            assert not gc.isenabled()
            kept = [[n] for n in range(1_000)]
        assert gc.isenabled()
        looked_through = gc.get_objects()
        assert not any(each is kept[0] for each in looked_through)
        later = [0]
        assert any(each is later for each in gc.get_objects())
    finally:
        gc.unfreeze()


def test_a_start_that_fails_leaves_garbage_to_be_found() -> None:
    try:
        with loading():
            raise ImportError
    except ImportError:
        assert gc.isenabled()
    finally:
        gc.unfreeze()
