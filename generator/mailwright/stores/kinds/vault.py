"""HashiCorp Vault and OpenBao: the KV secrets engine, versions 1 and 2, through hvac."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..interface import Content, Settings, Store, StoreError, missing, quiet, untrusted
from ..waiting import limited

POD_TOKEN = "/var/run/secrets/kubernetes.io/serviceaccount/token"
_TOKENS = {"vault": "VAULT_TOKEN", "openbao": "BAO_TOKEN"}


class _Vault:
    """An open KV engine.

    Args:
        client: hvac's, with a token.
        own: Whether the token is of a login, and nobody else's.
    """

    def __init__(self, settings: Settings, client: Any, *, own: bool) -> None:
        self._settings, self._client, self._own = settings, client, own
        self._mount = settings.text("mount", "secret")

    def read(self, path: str) -> Content:
        kv = self._client.secrets.kv
        if self._settings.values.get("version", 2) == 1:
            answer = _asked(self._settings, lambda: kv.v1.read_secret(path, mount_point=self._mount))
            found = answer.get("data")
        else:
            answer = _asked(
                self._settings,
                lambda: kv.v2.read_secret_version(path, mount_point=self._mount, raise_on_deleted_version=True),
            )
            found = (answer.get("data") or {}).get("data")
        if not isinstance(found, dict):
            raise StoreError("has nothing there")
        return found

    def close(self) -> None:
        """Revoke the token of the login."""
        if self._own:
            self._client.auth.token.revoke_self()


def open_vault(settings: Settings) -> Store:
    """Return a KV engine, logged in."""
    try:
        import hvac
    except ImportError:
        raise missing("hvac", "vault") from None
    quiet("hvac", "urllib3")
    address, ca_file = settings.text("address"), settings.path("ca_file")
    if ca_file is not None and not ca_file.is_file():
        raise StoreError("needs a file that cannot be read: `ca_file`")
    client = hvac.Client(
        url=address,
        token="",
        verify=str(ca_file) if ca_file else True,
        timeout=settings.timeout,
        namespace=settings.text("namespace") or None,
    )
    return _Vault(settings, client, own=_log_in(settings, client))


def _log_in(settings: Settings, client: Any) -> bool:
    """Give a client its token; say whether a login made it."""
    how = settings.text("auth", "token")
    if how == "token":
        client.token = settings.secret("token", _TOKENS.get(settings.text("kind"), "VAULT_TOKEN"))
        return False
    mount = settings.text("auth_mount", how)
    if how == "approle":
        role_id, secret_id = settings.text("role_id"), settings.secret("secret_id")
        answer = _asked(
            settings, lambda: client.auth.approle.login(role_id, secret_id, mount_point=mount, use_token=False), _REFUSED
        )
    else:
        jwt, role = settings.secret("jwt", file=POD_TOKEN if how == "kubernetes" else ""), settings.text("role")
        if how == "kubernetes":
            answer = _asked(
                settings, lambda: client.auth.kubernetes.login(role, jwt, use_token=False, mount_point=mount), _REFUSED
            )
        else:
            answer = _asked(settings, lambda: client.auth.jwt.jwt_login(role, jwt, use_token=False, path=mount), _REFUSED)
    token = (answer.get("auth") or {}).get("client_token")
    if not isinstance(token, str) or not token:
        raise StoreError("gives no token for the login")
    settings.hide(token)
    client.token = token
    return True


_REFUSED = "refuses the login"


def _asked(
    settings: Settings, ask: Callable[[], Any], refused: str = "refuses the token, or to show what is there"
) -> dict[str, Any]:
    """Return what hvac returns; what it raises is said in this project's words, beside the server's own.

    Args:
        refused: What it means that the server refuses.
    """
    import requests
    from hvac import exceptions

    try:
        answer = limited(ask, settings.timeout + 1)
    except exceptions.InvalidPath as error:
        raise StoreError("has nothing there", _said(error), hint="are `mount`, `version` and the path right?") from None
    except (exceptions.Forbidden, exceptions.Unauthorized, exceptions.InvalidRequest) as error:
        raise StoreError(refused, _said(error)) from None
    except (exceptions.RateLimitExceeded, exceptions.VaultDown, exceptions.BadGateway, exceptions.InternalServerError) as error:
        raise StoreError("is not able to answer now", _said(error), temporary=True) from None
    except exceptions.VaultError as error:
        raise StoreError("refuses", _said(error)) from None
    except requests.exceptions.SSLError as error:
        if untrusted(error):
            raise StoreError("has a certificate that does not verify", hint="name who issued it in `ca_file`") from None
        raise StoreError("does not speak TLS as this machine does", hint="is `address` right, also its https?") from None
    except requests.exceptions.Timeout:
        raise StoreError(f"does not answer within {settings.timeout:g} s", temporary=True) from None
    except requests.exceptions.ConnectionError:
        raise StoreError("is not there: no connection", hint="is `address` right?", temporary=True) from None
    except (requests.exceptions.RequestException, ValueError):
        raise StoreError("does not speak the API of Vault", hint="is `address` right?") from None
    return answer if isinstance(answer, dict) else {}


def _said(error: Any) -> str:
    """Return the server's own words; the library's would have the request in them."""
    errors = error.errors
    return "; ".join(map(str, errors)) if isinstance(errors, list) else ""
