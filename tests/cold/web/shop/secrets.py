"""Tokens and passwords."""

import argon2
import jwt
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import NameOID


def tokens(algorithm):
    key = {"RS": lambda: rsa.generate_private_key(65537, 2048), "ES": lambda: ec.generate_private_key(ec.SECP256R1()), "Ed": ed25519.Ed25519PrivateKey.generate}[algorithm[:2]]()
    token = jwt.encode({"sub": "x"}, key, algorithm=algorithm)
    hasher = argon2.PasswordHasher(time_cost=1, memory_cost=64)
    request = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "x")]))
    return {"sub": jwt.decode(token, key.public_key(), algorithms=[algorithm])["sub"], "hash": hasher.verify(hasher.hash("x"), "x"), "request": type(request).__name__}
