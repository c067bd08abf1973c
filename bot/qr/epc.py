"""The code of a SEPA transfer (EPC069-12), in the look of all others but without a logo: its level M has no room."""

from dataclasses import replace
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray
from segno.helpers import make_epc_qr

from bot.qr.encode import labelled
from bot.qr.style import PLAIN, Style
from bot.qr.transfer import Transfer


def epc_png(
    transfer: Transfer,
    *,
    title: str,
    amount: str | None,
    memo: str | None,
    hint: str | None = None,
    style: Style = PLAIN,
) -> bytes:
    """The PNG of the code with the lines under it. Raises ValueError for what is too long."""
    style = replace(style, logo=None)
    return labelled(modules_of(transfer), style, title=title, amount=amount, memo=memo, hint=hint)


def modules_of(transfer: Transfer) -> NDArray[np.bool_]:
    """Its modules, dark is True, without the quiet zone: at most version 13, level M, in UTF-8, as the EPC has it."""
    code = make_epc_qr(
        name=transfer.name, iban=transfer.iban, amount=Decimal(transfer.euros), text=transfer.text, bic=transfer.bic,
        encoding="utf-8",
    )  # fmt: skip
    return np.array(code.matrix, dtype=bool)
