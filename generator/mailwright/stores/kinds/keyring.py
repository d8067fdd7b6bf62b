"""The keyring of this machine, through the library of that name. The path is ``SERVICE/USER``."""

from __future__ import annotations

from ..interface import Content, Settings, Store, StoreError, missing, quiet
from ..waiting import limited


class _Keyring:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def read(self, path: str) -> Content:
        import keyring
        from keyring.errors import InitError, KeyringError, KeyringLocked, NoKeyringError

        service, slash, user = path.rpartition("/")
        if not slash:
            raise StoreError("takes SERVICE/USER as its path")
        try:
            found = limited(lambda: keyring.get_password(service, user), self._settings.timeout)
        except NoKeyringError:
            raise StoreError("is not there: this machine has no keyring that can be used") from None
        except (KeyringLocked, InitError) as error:
            raise StoreError("is locked", str(error)) from None
        except KeyringError as error:
            raise StoreError("refuses", str(error)) from None
        if found is None:
            raise StoreError("has nothing there")
        return found


def open_keyring(settings: Settings) -> Store:
    """Return the keyring that the library's own configuration names."""
    try:
        import keyring  # noqa: F401 - it is only asked whether it is there
    except ImportError:
        raise missing("keyring", "keyring") from None
    quiet("keyring")
    return _Keyring(settings)
