"""QR codes: how fast they are made, how well they are read. `python -m tests.bench.qr [speed|robustness|photos]`.

Needs the test libraries segno, pyzbar (with the system's libzbar0) and opencv-python-headless; what is not installed is
left out, and said. The photos are looked for in QR_PHOTOS, or in ../shared/qr-photos.
"""

import io
import statistics
import sys
from collections.abc import Callable
from time import perf_counter

import qrcode
from PIL import Image, ImageDraw
from qrcode.constants import ERROR_CORRECT_H
from qrcode.image.styledpil import StyledPilImage
from qrcode.image.styles.colormasks import RadialGradiantColorMask
from qrcode.image.styles.moduledrawers.pil import RoundedModuleDrawer

from bot.qr import Shape, Style, qr_png
from tests.bench import qr_photos, qr_robust

LINK = "https://t.me/tuppence_bot?start=r_AZ3k9fPq2mX0aLbC"
ROUNDS = 40
ROUNDS_SLOW = 4  # of a second each


def logo() -> bytes:
    """A round logo on a transparent ground."""
    picture = Image.new("RGBA", (256, 256))
    pen = ImageDraw.Draw(picture)
    pen.ellipse((0, 0, 255, 255), fill="#dc3c28")
    pen.ellipse((64, 64, 191, 191), fill="#ffdc50")
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def _ours(style: Style, number: int, *, caption: bool) -> bytes:
    words = {"title": f"Café Zimt {number}", "amount": f"€{number}.00", "memo": f"two coffees, table {number}"}
    nothing = {"title": "", "amount": None, "memo": None}
    return qr_png(f"{LINK[:-3]}{number:03}", style=style, **(words if caption else nothing))


def _qrcode_plain(number: int) -> bytes:
    file = io.BytesIO()
    qrcode.make(f"{LINK[:-3]}{number:03}").save(file)
    return file.getvalue()


def _qrcode_styled(number: int, mark: Image.Image) -> bytes:
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_H)
    code.add_data(f"{LINK[:-3]}{number:03}")
    picture = code.make_image(
        image_factory=StyledPilImage,
        module_drawer=RoundedModuleDrawer(),
        color_mask=RadialGradiantColorMask(),
        embedded_image=mark,
    )
    file = io.BytesIO()
    picture.save(file)
    return file.getvalue()


def _segno(number: int) -> bytes:
    import segno

    file = io.BytesIO()
    segno.make_qr(f"{LINK[:-3]}{number:03}", error="q", boost_error=False).save(file, kind="png", scale=16, border=4)
    return file.getvalue()


def speed() -> None:
    """Milliseconds and bytes of each picture: medians, all makers in turn in every round, each time another link."""
    styled = Style(ink="#123a6b", shape=Shape.ROUNDED)
    with_logo = Style(ink="#123a6b", shape=Shape.ROUNDED, logo=logo())
    mark = Image.open(io.BytesIO(logo()))
    makers: dict[str, Callable[[int], bytes]] = {
        "ours, plain": lambda number: _ours(Style(), number, caption=False),
        "ours, rounded": lambda number: _ours(styled, number, caption=False),
        "ours, rounded, logo": lambda number: _ours(with_logo, number, caption=False),
        "ours, plain, caption": lambda number: _ours(Style(), number, caption=True),
        "ours, rounded, caption": lambda number: _ours(styled, number, caption=True),
        "ours, rounded, logo, caption": lambda number: _ours(with_logo, number, caption=True),
        "qrcode, plain": _qrcode_plain,
        "qrcode, rounded, gradient, logo": lambda number: _qrcode_styled(number, mark),
    }
    if qr_robust.installed("segno"):
        makers["segno, plain"] = _segno
    times: dict[str, list[float]] = {name: [] for name in makers}
    sizes = {name: len(make(999)) for name, make in makers.items()}  # and everything is loaded
    for number in range(ROUNDS):
        for name, make in makers.items():
            if name.startswith("qrcode, rounded") and number >= ROUNDS_SLOW:
                continue
            started = perf_counter()
            make(number)
            times[name].append((perf_counter() - started) * 1000)
    middle = {name: statistics.median(values) for name, values in times.items()}
    print(f"{'picture':34}{'ms':>9}{'bytes':>10}")
    for name, value in middle.items():
        print(f"{name:34}{value:9.1f}{sizes[name]:10,}")
    print(f"plain: {middle['ours, plain'] / middle['qrcode, plain']:.2f} of qrcode's (wanted: 0.6)")
    share = middle["qrcode, rounded, gradient, logo"] / middle["ours, rounded, logo"]
    print(f"rounded with logo: 1/{share:.0f} of qrcode's with gradient and logo (wanted: 1/50)")


def main() -> None:
    """Runs the parts that are named, or all."""
    parts = {
        "speed": speed,
        "robustness": lambda: qr_robust.robustness(logo()),
        "photos": qr_photos.photos,
    }
    for name in sys.argv[1:] or parts:
        print(f"\n== {name}")
        parts[name]()


if __name__ == "__main__":
    main()
