"""AWS Secrets Manager, through boto3, which finds credentials as the AWS command line does."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from ..interface import Content, Settings, Store, StoreError, missing, quiet
from ..waiting import limited

_BUSY = {"ThrottlingException", "InternalServiceError", "ServiceUnavailable", "RequestTimeout", "TooManyRequestsException"}


class _Aws:
    def __init__(self, settings: Settings, session: Any, client: Any) -> None:
        self._settings, self._session, self._client = settings, session, client

    def read(self, path: str) -> Content:
        from botocore import exceptions

        try:
            answer = limited(lambda: self._client.get_secret_value(SecretId=path), 2 * self._settings.timeout)
        except exceptions.ClientError as error:
            with suppress(exceptions.BotoCoreError):  # a profile, or a login, has its token elsewhere than in the environment
                self._settings.hide(self._session.get_credentials().get_frozen_credentials().token or "")
            raise _refusal(error) from None
        except (exceptions.NoCredentialsError, exceptions.PartialCredentialsError, exceptions.TokenRetrievalError):
            raise StoreError("needs credentials of AWS, and there are none", hint="log in as for the command `aws`") from None
        except exceptions.SSLError:
            raise StoreError("has a certificate that does not verify") from None
        except (exceptions.ConnectionError, exceptions.HTTPClientError):
            raise StoreError("is not there: no answer", temporary=True) from None
        except exceptions.BotoCoreError as error:
            raise StoreError("cannot be asked", str(error)) from None
        text = answer.get("SecretString")
        if not isinstance(text, str):
            raise StoreError("has something there that is no text")
        return text


def _refusal(error: Any) -> StoreError:
    said = error.response.get("Error", {})
    code, message = str(said.get("Code", "")), str(said.get("Message", ""))
    words = f"{code}: {message}"
    if code == "ResourceNotFoundException":
        return StoreError("has nothing there", words)
    if code in _BUSY:
        return StoreError("is not able to answer now", words, temporary=True)
    return StoreError("refuses", words)


def open_aws(settings: Settings) -> Store:
    """Return the region's secrets."""
    try:
        import boto3
        from botocore.config import Config
        from botocore.exceptions import BotoCoreError
    except ImportError:
        raise missing("boto3", "aws") from None
    quiet("boto3", "botocore")
    for name in ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        settings.hide(settings.environment.get(name, ""))
    config = Config(
        connect_timeout=settings.timeout, read_timeout=settings.timeout, retries={"total_max_attempts": 1, "mode": "standard"}
    )
    try:
        session = boto3.Session(region_name=settings.text("region") or None, profile_name=settings.text("profile") or None)
        client = session.client("secretsmanager", config=config, endpoint_url=settings.text("endpoint") or None)
    except BotoCoreError as error:
        raise StoreError("cannot be asked", str(error)) from None
    return _Aws(settings, session, client)
