"""Fixed files (styles, fonts, icons). One digest names the whole folder, and WhiteNoise serves it permanently under that name."""

import hashlib
from pathlib import Path

from django.core.handlers.wsgi import WSGIHandler
from whitenoise import WhiteNoise


def digest_of(folder: Path) -> str:
    """Returns 12 hex digits of SHA-256 over every file's path and content."""
    whole = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            whole.update(f"{path.relative_to(folder)} {path.stat().st_size}\n".encode() + path.read_bytes())
    return whole.hexdigest()[:12]


def with_fixed(application: WSGIHandler, folder: Path, prefix: str) -> WhiteNoise:
    """Puts the folder in front of the application. It is read once, at start."""
    kinds = {".svg": "image/svg+xml; charset=utf-8", "license": "text/plain", "readme": "text/plain"}
    return WhiteNoise(application, root=str(folder), prefix=prefix, immutable_file_test=lambda *_: True, allow_all_origins=False, mimetypes=kinds)
