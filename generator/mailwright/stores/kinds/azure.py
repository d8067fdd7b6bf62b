"""Azure Key Vault, through Azure's own clients, which find credentials as its tools do."""

from __future__ import annotations

from typing import Any

from ..interface import Content, Settings, Store, StoreError, missing, quiet, untrusted
from ..waiting import limited

_BUSY = (408, 429, 500, 502, 503, 504)


class _Azure:
    def __init__(self, settings: Settings, client: Any) -> None:
        self._settings, self._client = settings, client

    def read(self, path: str) -> Content:
        from azure.core import exceptions

        name, _, version = path.partition("/")
        try:
            found = limited(lambda: self._client.get_secret(name, version or None), 2 * self._settings.timeout)
        except exceptions.ResourceNotFoundError as error:
            raise StoreError("has nothing there", _said(error)) from None
        except exceptions.ClientAuthenticationError as error:
            hint = "log in as for the command `az`, or set AZURE_CLIENT_ID and what goes with it"
            raise StoreError("refuses the login, or there is none", _said(error), hint=hint) from None
        except exceptions.HttpResponseError as error:
            raise StoreError("refuses", _said(error), temporary=error.status_code in _BUSY) from None
        except (exceptions.ServiceRequestError, exceptions.ServiceResponseError) as error:
            if untrusted(error):
                raise StoreError("has a certificate that does not verify") from None
            raise StoreError("is not there: no answer", hint="is `address` right?", temporary=True) from None
        except (exceptions.AzureError, ValueError) as error:
            raise StoreError("cannot be asked", str(error)) from None
        if not isinstance(found.value, str):
            raise StoreError("has something there that is no text")
        return found.value


def _said(error: Any) -> str:
    """Return the service's own words; the library's would go on for lines."""
    own = getattr(error, "error", None)
    if own is not None and (own.code or own.message):
        return f"{own.code}: {own.message}"
    return str(error.message or "").partition("\n")[0]


def open_azure(settings: Settings) -> Store:
    """Return a key vault."""
    try:
        from azure.identity import DefaultAzureCredential
        from azure.keyvault.secrets import SecretClient
    except ImportError:
        raise missing("azure-keyvault-secrets", "azure") from None
    quiet("azure", "msal")
    for name in ("AZURE_CLIENT_SECRET", "AZURE_PASSWORD", "AZURE_CLIENT_CERTIFICATE_PASSWORD"):
        settings.hide(settings.environment.get(name, ""))
    seconds = settings.timeout
    client = SecretClient(
        vault_url=settings.text("address"),
        credential=DefaultAzureCredential(),
        retry_total=0,
        connection_timeout=seconds,
        read_timeout=seconds,
        logging_enable=False,
    )
    return _Azure(settings, client)
