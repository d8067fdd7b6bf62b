"""Google Secret Manager, through Google's own client, which finds credentials as its tools do."""

from __future__ import annotations

import os
from typing import Any

from ..interface import Content, Settings, Store, StoreError, missing, quiet
from ..waiting import limited


class _Google:
    def __init__(self, settings: Settings, client: Any) -> None:
        self._settings, self._client = settings, client
        self._project = settings.text("project")

    def read(self, path: str) -> Content:
        from google.api_core import exceptions
        from google.auth.exceptions import GoogleAuthError

        name, _, version = path.partition("/")
        resource = f"projects/{self._project}/secrets/{name}/versions/{version or 'latest'}"
        seconds = self._settings.timeout
        try:
            answer = limited(
                lambda: self._client.access_secret_version(request={"name": resource}, timeout=seconds, retry=None), seconds + 1
            )
        except exceptions.NotFound as error:
            raise StoreError("has nothing there", error.message) from None
        except (exceptions.Unauthenticated, exceptions.PermissionDenied) as error:
            raise StoreError("refuses the login, or to show what is there", error.message) from None
        except (exceptions.ServerError, exceptions.TooManyRequests, exceptions.RetryError) as error:
            raise StoreError("is not able to answer now", str(error.message), temporary=True) from None
        except exceptions.GoogleAPIError as error:
            raise StoreError("refuses", str(getattr(error, "message", ""))) from None
        except GoogleAuthError as error:
            raise _no_login(error) from None
        try:
            text: str = answer.payload.data.decode("utf-8")
        except UnicodeDecodeError:
            raise StoreError("has something there that is no text") from None
        return text


def _no_login(error: Exception) -> StoreError:
    hint = "log in as for `gcloud auth application-default login`, or set GOOGLE_APPLICATION_CREDENTIALS"
    return StoreError(
        "needs credentials of Google, and there are none that can be used", ": ".join(map(str, error.args)), hint=hint
    )


def open_google(settings: Settings) -> Store:
    """Return the secrets of a project."""
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")  # what it is written in logs to stderr itself
    try:
        from google.auth.exceptions import GoogleAuthError
        from google.cloud.secretmanager import SecretManagerServiceClient
    except ImportError:
        raise missing("google-cloud-secret-manager", "google") from None
    quiet("google", "grpc")
    try:
        client = limited(SecretManagerServiceClient, settings.timeout + 5)
    except GoogleAuthError as error:
        raise _no_login(error) from None
    return _Google(settings, client)
