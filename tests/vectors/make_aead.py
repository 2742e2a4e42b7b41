#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes aead.json: texts as signer::Aead has to make and read them, by another implementation of every primitive.

The format is done here a second time, from its description in signer/aead.hpp; HKDF, AES-GCM and ChaCha20-Poly1305 are
those of python3-cryptography. HChaCha20, which that library lacks, is checked against the test vector of
draft-irtf-cfrg-xchacha.
"""

import base64
import json
import struct
import sys
import zlib
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

SECRET = "a secret of thirty-two characters or more"
OLD_SECRET = "the secret before that, just as long as it"
MOMENT = 1_780_000_000_123_456  # microseconds


def hchacha20(key, nonce):
    def quarter(a, b, c, d):
        for first, second, third, shift in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
            state[first] = (state[first] + state[second]) & 0xFFFFFFFF
            mixed = state[third] ^ state[first]
            state[third] = (mixed << shift | mixed >> (32 - shift)) & 0xFFFFFFFF

    state = [*struct.unpack("<4I", b"expand 32-byte k"), *struct.unpack("<8I", key), *struct.unpack("<4I", nonce)]
    for _ in range(10):
        for column in range(4):
            quarter(column, column + 4, column + 8, column + 12)
        for column in range(4):
            quarter(column, (column + 1) % 4 + 4, (column + 2) % 4 + 8, (column + 3) % 4 + 12)
    return struct.pack("<8I", *state[:4], *state[12:])


class XChaCha20Poly1305:
    def __init__(self, key):
        self.key = key

    def encrypt(self, nonce, data, associated):
        return ChaCha20Poly1305(hchacha20(self.key, nonce[:16])).encrypt(bytes(4) + nonce[16:], data, associated)


ALGORITHMS = {"AES-256-GCM": (1, 12, AESGCM), "XChaCha20-Poly1305": (2, 24, XChaCha20Poly1305)}


def fields(*texts):
    return b"".join(struct.pack("<Q", len(text)) + text for text in texts)


def text(algorithm, secret, purpose, cookie, payload, *, compressed=False):
    code, nonce_size, cipher = ALGORITHMS[algorithm]
    name, purpose, cookie, payload = (part.encode() for part in (algorithm, purpose, cookie, payload))
    made = HKDF(SHA256(), 64, b"cloakroom.signer.Aead", fields(name, purpose)).derive(secret.encode())
    header = base64.urlsafe_b64encode(bytes([code]) + made[32:37])
    nonce = bytes(range(200, 200 + nonce_size))
    sealed = struct.pack("<q?", MOMENT, compressed) + (zlib.compress(payload) if compressed else payload)
    associated = fields(b"cloakroom.signer.Aead.1", name, header, purpose, cookie)
    rest = nonce + cipher(made[:32]).encrypt(nonce, sealed, associated)
    return (header + base64.urlsafe_b64encode(rest).rstrip(b"=")).decode()


def entry(algorithm, secret, purpose, cookie, payload, **options):
    return {"algorithm": algorithm, "secret": secret, "purpose": purpose, "cookie": cookie, "payload": payload,
            "text": text(algorithm, secret, purpose, cookie, payload, **options)}


def main():
    draft = hchacha20(bytes(range(32)), bytes.fromhex("000000090000004a0000000031415927"))
    if draft.hex() != "82413b4227b27bfed30e42508a877d73a0f9e4d58a74a853c12ec41326d3ecdc":
        sys.exit("HChaCha20 is wrong")
    entries = []
    for algorithm in ALGORITHMS:
        entries += [
            entry(algorithm, SECRET, "purpose", "sessionid", '{"visit": 11}'),
            entry(algorithm, OLD_SECRET, "purpose", "sessionid", '{"visit": 11}'),
            entry(algorithm, SECRET, "", "", ""),
            entry(algorithm, SECRET, "another purpose", "__Host-id", "\u00e9\U0001f600 " * 40),
            entry(algorithm, SECRET, "purpose", "sessionid", "x" * 1000, compressed=True),
        ]
    path = Path(__file__).with_name("aead.json")
    path.write_text(json.dumps({"moment": MOMENT, "entries": entries}, indent=1) + "\n", encoding="utf-8")


main()
