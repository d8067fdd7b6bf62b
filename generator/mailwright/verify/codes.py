"""Every code that a finding of ``verify`` can have, and what it means: the reference page, ``explain`` and a test come from here.

Codes are stable, as the ids of rules are. The message and the remedy in a report are those of the case; these are the general words.
"""

from __future__ import annotations

CODES: dict[str, str] = {
    "address-not-ascii": "The sender's address is not ASCII: the client sends other bytes, or UTF-8 that the relay does not offer to take.",
    "auth-not-offered": "The relay does not offer AUTH, which is switched on: the server's client mails without, and raises no error.",
    "auth-skipped": "AUTH was not tried, since a secret cannot be resolved here. `--require-auth` makes that exit code 8.",
    "certificate-expired": "A certificate of the chain has expired.",
    "certificate-expires-soon": "A certificate of the chain ends within 30 days.",
    "certificate-not-yet-valid": "A certificate of the chain is not valid yet: renewed too early, or a clock is wrong.",
    "certificates-differ": "Asked again, the relay showed another chain, which verifies: its machines have different certificates.",
    "certificates-unread": "The certificates cannot be told in words here (`pip install 'mailwright[verify]'`).",
    "chain-unverified": "The chain does not verify, for a reason without a code of its own, or the server's client takes it unchecked.",
    "cleartext-credentials": "The server's client sends user name and password, or the token, in clear text.",
    "client-certificate": "The relay demands a certificate of the client; the server's client has none, unless its JVM is told of a key store.",
    "debug-trace": "`mail.debug` is on: the client writes the whole SMTP dialogue to the server's output.",
    "fell-back": "The client's socket factory fails, and the client tries again without it.",
    "first-address-only": "The relay's name has more than one address; the client tries the first alone, and that one failed.",
    "identity-unchecked": "The client does not compare the certificate with the host name.",
    "incomplete-chain": "The relay sends its own certificate without the intermediate ones.",
    "name-mismatch": "The certificate is for another host, and the client does not check that.",
    "no-timeout": "A time-out is not set: the client waits without limit for a relay that hangs.",
    "no-tls": "TLS is switched off: mail and credentials cross the wire in clear text.",
    "not-smtp": "What answers on the port is no mail server.",
    "odd-reply": "The relay's reply breaks the protocol in a way that the client takes.",
    "other-trust-store": "The chain was checked against this machine's trust store: give the server's with `--trust-store` or `--ca-file`.",
    "product-default": "A value is the product's own default: nobody set it.",
    "self-signed": "The relay's certificate is self-signed, and not in the trust store.",
    "starttls-injected": "Clear text came along with the reply to STARTTLS: somebody on the way may speak in the relay's place.",
    "starttls-opportunistic": "STARTTLS is used only where the relay offers it: if it ever stops, everything goes out in clear text.",
    "temporary": "The relay says that the refusal is temporary (a code between 400 and 499).",
    "tls-first-port": "The port speaks TLS from the first byte, and the client begins in clear text.",
    "tls-not-spoken": "What answers does not speak TLS where TLS should begin.",
    "tls-obsolete": "The TLS version is below 1.2, or there is none in common.",
    "token-cleartext": "The token endpoint is not https: the client secret would cross the wire in clear text.",
    "token-status-ignored": "The token endpoint answers with an error and a token; the server takes the token all the same.",
    "trust-any": "The client takes any certificate chain of this host.",
    "unknown-ca": "The CA that issued the chain is not in the trust store; the report has the keytool line that imports it.",
    "unsure": "What the server's client does here is not known: it was not measured, or a setting is not followed.",
    "weak-key": "A certificate has a weak key: RSA below 2048 bits, or a curve below 224.",
    "weak-signature": "A certificate has a weak signature (MD5, SHA-1).",
}

BASIS: dict[str, tuple[str, ...]] = {
    "auth-not-offered": ("product/adapter.md#auth-not-offered", "product/mail-client.md#measured-auth-not-offered"),
    "certificate-expired": ("product/mail-client.md#measured-expired",),
    "chain-unverified": ("product/mail-client.md#trust-store",),
    "cleartext-credentials": ("product/mail-client.md#measured-no-starttls",),
    "debug-trace": ("product/mail-client.md#useful-properties",),
    "identity-unchecked": ("product/mail-client.md#identity", "product/mail-client.md#measured-other-name"),
    "name-mismatch": ("product/mail-client.md#identity", "product/mail-client.md#measured-other-name"),
    "no-timeout": ("product/mail-client.md#time-outs", "product/adapter.md#static-pool"),
    "no-tls": ("product/keys.md#enable-start-tls",),
    "other-trust-store": ("product/node.md#trust-store", "product/mail-client.md#trust-store"),
    "product-default": ("product/keys.md#no-table", "product/keys.md#missing-key"),
    "starttls-opportunistic": ("product/mail-client.md#starttls", "product/mail-client.md#measured-no-starttls"),
    "tls-first-port": ("product/mail-client.md#implicit-tls", "product/mail-client.md#measured-tls-port"),
    "tls-obsolete": ("product/mail-client.md#measured-tls-1-1",),
    "token-cleartext": ("product/adapter.md#token-request", "product/api.md#not-checked"),
    "token-status-ignored": ("product/adapter.md#token-response",),
    "trust-any": ("product/mail-client.md#ssl-trust", "product/adapter.md#oauth-trust"),
    "unknown-ca": ("product/mail-client.md#measured-unknown-ca", "product/node.md#trust-store"),
}
"""The facts on the product that a finding rests on, for those that rest on one; the others are about the relay alone."""
