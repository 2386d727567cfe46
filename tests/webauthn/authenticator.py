"""An authenticator in a browser, which tells its keys."""

import base64
import hashlib
import json
import os

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from fido2 import cbor, cose

KINDS = {
    -8: (ed25519.Ed25519PrivateKey.generate, cose.EdDSA),
    -7: (lambda: ec.generate_private_key(ec.SECP256R1()), cose.ES256),
    -257: (lambda: rsa.generate_private_key(65537, 2048), cose.RS256),
}
# The user is present and was verified; the credential can be backed up, and there is a copy.
FLAGS = 0x01 | 0x04 | 0x08 | 0x10
HAS_CREDENTIAL = 0x40


def encode(value):
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


def decode(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def register(options, origin, algorithm):
    """The answer to options for a new credential, as `toJSON` says it, and what logs in with it."""
    assert algorithm in [known["alg"] for known in options["pubKeyCredParams"]]
    generate, kind = KINDS[algorithm]
    key = generate()
    public_key = cbor.encode(dict(kind.from_cryptography_key(key.public_key())))
    credential_id = os.urandom(32)
    attested = bytes(16) + len(credential_id).to_bytes(2, "big") + credential_id + public_key
    party = hashlib.sha256(options["rp"]["id"].encode()).digest()
    data = party + bytes([FLAGS | HAS_CREDENTIAL]) + bytes(4) + attested
    client_data = {
        "type": "webauthn.create",
        "challenge": options["challenge"],
        "origin": origin,
        "crossOrigin": False,
    }
    said = {
        "id": encode(credential_id),
        "rawId": encode(credential_id),
        "type": "public-key",
        "authenticatorAttachment": "platform",
        "response": {
            "clientDataJSON": encode(json.dumps(client_data).encode()),
            "attestationObject": encode(
                cbor.encode({"fmt": "none", "attStmt": {}, "authData": data})
            ),
            "transports": ["internal", "hybrid"],
        },
        "clientExtensionResults": {"credProps": {"rk": True}},
    }
    form = (
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    kept = {
        "algorithm": algorithm,
        "key": encode(key.private_bytes(*form)),
        "id": encode(credential_id),
        "handle": options["user"]["id"],
    }
    return said, kept
