"""How the model says no, and that it was asked before."""


class No(Exception):
    """A refusal."""


class Again(Exception):
    """The same wish was granted before: with what it gave then."""


def no_if(condition, *refusal):
    if condition:
        raise No(*refusal)
