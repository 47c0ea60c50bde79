"""The system's safe for secrets: the Keychain on a Mac, the Secret Service on Linux."""

from __future__ import annotations

_SERVICE = "Prism"


def read_secret(name: str) -> str:
    """What is kept under this name; empty for nothing, or without a safe. The system may ask the person first."""
    import keyring
    from keyring.errors import KeyringError

    try:
        return keyring.get_password(_SERVICE, name) or ""
    except (KeyringError, RuntimeError):
        return ""


def write_secret(name: str, value: str) -> bool:
    """Keep it, or forget it if it is empty; False where that is not possible."""
    import keyring
    from keyring.errors import KeyringError, PasswordDeleteError

    try:
        if value:
            keyring.set_password(_SERVICE, name, value)
        else:
            keyring.delete_password(_SERVICE, name)
    except PasswordDeleteError:
        return True
    except (KeyringError, RuntimeError):
        return False
    return True
