"""What stays from one run to the next: a JSON file of the user's. A broken one is told, put aside and not used."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from memviz.files import write_file

FILE = "settings.json"
LARGEST = 4 << 20  # bytes; a larger file is none of ours


@dataclass(slots=True)
class Settings:
    """`geometry`, `docks` and the layouts are what Qt made of them, in base64; `views` is by the name of a view."""

    options: dict[str, Any] = field(default_factory=dict)
    geometry: str = ""
    docks: str = ""
    layouts: dict[str, str] = field(default_factory=dict)
    views: dict[str, dict[str, Any]] = field(default_factory=dict)


def settings_file() -> Path:
    """Where they are kept: the folder that MEMVIZ_CONFIG names, else the user's usual one."""
    folder = os.environ.get("MEMVIZ_CONFIG")
    if folder:
        return Path(folder) / FILE
    import platformdirs

    return platformdirs.user_config_path("memviz") / FILE


def load(file: Path) -> tuple[Settings, list[str]]:
    """The settings, and a word on each thing in them that cannot be meant; never raises. What cannot be used at all
    is kept beside as `settings.json.broken`."""
    try:
        with file.open("rb") as stream:
            data = stream.read(LARGEST + 1)
    except FileNotFoundError:
        return Settings(), []
    except OSError as error:
        return Settings(), [f"The settings in {file} could not be read: {error.strerror}."]
    try:
        if len(data) > LARGEST:
            raise ValueError("it is too large")
        held = json.loads(data)
        if not isinstance(held, dict):
            raise ValueError("it is not an object")
    except (ValueError, RecursionError) as error:
        return Settings(), [_put_aside(file, error)]
    return known_settings(held)


def known_settings(held: dict[str, Any]) -> tuple[Settings, list[str]]:
    """What of a file's content has the form of settings."""
    settings, wrong = Settings(), []
    forms = {each.name: type(getattr(settings, each.name)) for each in fields(settings)}
    for name, value in held.items():
        if name not in forms or not isinstance(value, forms[name]):
            wrong.append(f"{name} in the settings is not used: it makes no sense here.")
            continue
        if name in ("layouts", "views"):
            wanted = str if name == "layouts" else dict
            odd = [key for key, entry in value.items() if not isinstance(entry, wanted)]
            wrong += [f"{name}: {key[:40]!r} in the settings is not used: it makes no sense here." for key in odd]
            value = {key: entry for key, entry in value.items() if key not in odd}
        setattr(settings, name, value)
    return settings, wrong


def save(file: Path, settings: Settings) -> str:
    """Writes all or nothing; what went wrong, or an empty text."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_file(file, json.dumps(asdict(settings), indent=1), mode=0o600)
    except (OSError, ValueError, TypeError) as error:
        return f"The settings could not be kept in {file}: {error}"
    return ""


def _put_aside(file: Path, error: Exception) -> str:
    aside = file.with_name(file.name + ".broken")
    try:
        os.replace(file, aside)
    except OSError:
        return f"The settings in {file} are broken and not used ({error})."
    return f"The settings were broken ({error}); they are kept as {aside}."
