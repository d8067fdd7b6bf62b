"""The JDK's keytool: it reads what the library does not, and we read what it writes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from shutil import which

import pytest
from cryptography.hazmat.primitives.serialization import pkcs12

from keystores import DER, ONE, PASSWORD, TWO, assert_is_whole, jks, shipped
from mailwright.base.errors import InputError
from mailwright.base.secret import Secret
from mailwright.verification.truststores import StoreKind, load_trust_store

Write = Callable[[str, str | bytes], Path]
pytestmark = pytest.mark.skipif(which("keytool") is None, reason="not installed: keytool")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A store that keytool has made."""
    folder = tmp_path_factory.mktemp("store")
    for name, authority in (("one", ONE), ("two", TWO)):
        (folder / f"{name}.pem").write_text(authority.ca_pem, encoding="ascii")
        command = ["keytool", "-importcert", "-noprompt", "-alias", name, "-file", f"{name}.pem", "-keystore", "store.p12"]
        subprocess.run([*command, "-storepass", PASSWORD.reveal()], cwd=folder, check=True, capture_output=True, timeout=240)
    return str(folder / "store.p12")


def test_what_keytool_made_is_read_without_it(store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert {anchor.alias for anchor in load_trust_store(store, PASSWORD).anchors} == {"one", "two"}


@pytest.mark.parametrize("words", ["a certificate of it is refused", "Invalid password or PKCS12 data", None])
def test_keytool_reads_what_the_library_does_not(words: str | None, store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> object:
        raise ImportError if words is None else ValueError(words)

    monkeypatch.setattr(pkcs12, "load_pkcs12", refuse)
    if words is None:
        monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives.serialization", None)
    assert {anchor.alias: anchor.der for anchor in load_trust_store(store, PASSWORD).anchors} == DER
    with pytest.raises(InputError, match="password is wrong"):
        load_trust_store(store, Secret("another"))


@pytest.mark.parametrize("kind", ["JKS", "PKCS12"])
def test_keytools_own_store_with_an_odd_serial_number(kind: str, tmp_path: Path, write: Write) -> None:
    """keytool turns our JKS into its own store of either kind."""
    chosen = dict(list(shipped().items())[-6:])
    write("ours.jks", jks(list(chosen.items()), "wso2carbon"))
    command = [
        "keytool",
        "-importkeystore",
        "-noprompt",
        "-srckeystore",
        "ours.jks",
        "-srcstoretype",
        "JKS",
        "-destkeystore",
        "its",
    ]
    passwords = ["-srcstorepass", "wso2carbon", "-deststorepass", "wso2carbon"]
    subprocess.run([*command, "-deststoretype", kind, *passwords], cwd=tmp_path, check=True, capture_output=True, timeout=240)
    store = load_trust_store(str(tmp_path / "its"))
    assert store.kind is (StoreKind.JKS if kind == "JKS" else StoreKind.PKCS12)
    assert_is_whole(store, chosen)
