"""Decrypts MCUboot images with python3-cryptography and compares their digests.

usage: decrypt.py IMAGE KIND KEY ..., where KIND is rsa or p256 (KEY a PEM file), x25519 or kw (KEY in hex)
"""
import hashlib
import struct
import sys

from cryptography.hazmat.primitives import hashes, hmac, keywrap, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, x25519
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


def aes_ctr(key, data):
    decryptor = Cipher(algorithms.AES(key), modes.CTR(bytes(16))).decryptor()
    return decryptor.update(data) + decryptor.finalize()


def ecies(value, shared, point, digest):
    tag, sealed = value[point:point + digest.digest_size], value[point + digest.digest_size:]
    both = HKDF(digest, len(sealed) + digest.digest_size, None, b"MCUBoot_ECIES_v1").derive(shared)
    mac = hmac.HMAC(both[len(sealed):], digest)
    mac.update(sealed)
    mac.verify(tag)
    return aes_ctr(both[:len(sealed)], sealed)


def pem(path):
    with open(path, "rb") as f:
        return serialization.load_pem_private_key(f.read(), None)


def unwrap(kind, key, entries):
    if kind == "rsa":
        oaep = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
        return pem(key).decrypt(entries[0x30], oaep)
    if kind == "kw":
        return keywrap.aes_key_unwrap(bytes.fromhex(key), entries[0x31])
    if kind == "p256":
        public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), entries[0x32][:65])
        return ecies(entries[0x32], pem(key).exchange(ec.ECDH(), public), 65, hashes.SHA256())
    digest = hashes.SHA256() if 0x33 in entries else hashes.SHA512()
    value = entries.get(0x33) or entries[0x34]
    private = x25519.X25519PrivateKey.from_private_bytes(bytes.fromhex(key))
    shared = private.exchange(x25519.X25519PublicKey.from_public_bytes(value[:32]))
    return ecies(value, shared, 32, digest)


def main(path, kind, key):
    with open(path, "rb") as f:
        data = f.read()
    _, _, header, protected, size, flags = struct.unpack("<IIHHII", data[:20])
    end = header + size + protected
    magic, total = struct.unpack("<HH", data[end:end + 4])
    assert magic == 0x6907 and end + total == len(data)
    entries, at = {}, end + 4
    while at < len(data):
        t, n = struct.unpack("<HH", data[at:at + 4])
        entries[t] = data[at + 4:at + 4 + n]
        at += 4 + n
    image_key = unwrap(kind, key, entries)
    assert flags & 0xc == {16: 4, 32: 8}[len(image_key)]
    body = aes_ctr(image_key, data[header:header + size])
    clear = data[:header] + body + data[header + size:end]
    assert hashlib.sha256(clear).digest() == entries[0x10], "digest"
    print("ok")


for i in range(1, len(sys.argv), 3):
    main(*sys.argv[i:i + 3])
