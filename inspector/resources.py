"""Where the files are that the program brings along: icons, the style sheet, the demo apps."""

from __future__ import annotations

from pathlib import Path

_HERE = Path(__file__).resolve().parent
_INSTALLED, _CHECKOUT = _HERE / "_resources", _HERE.parent / "resources"


def resource(name: str) -> Path:
    """The file or folder `name` (as `demo/shop_asgi.py`). Raises `FileNotFoundError` where the program has none such.

    An installed wheel has them inside the package, a checkout beside it.
    """
    root = _INSTALLED if _INSTALLED.is_dir() else _CHECKOUT
    found = root / name
    if not found.exists():
        raise FileNotFoundError(f"{name} is missing from {root}: the installation is not complete")
    return found
