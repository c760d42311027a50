#!/bin/sh
# Signatures by openssl over the file message, with the keys of testdata/keys.
# The files here were made by OpenSSL 3.0.22. They hold the time of signing
# and random numbers, so another run makes other files that verify as well.
set -eu
cd "$(dirname "$0")"
keys=../../../testdata/keys

cms() { # OUTPUT KEY OPTION...
	out=$1 key=$2
	shift 2
	openssl cms -sign -binary -outform DER -in message -out "$out" -signer $keys/"$key".crt -inkey $keys/"$key".pem "$@"
}

cms ecdsa.cms ec-p256
cms ecdsa-nosmimecap.cms ec-p384 -nosmimecap -md sha384
cms ecdsa-noattr.cms ec-p521 -noattr -md sha512
cms keyid.cms ec-p256 -keyid
cms attached.cms ec-p256 -nodetach
cms rsa.cms rsa2048
cms rsa-noattr.cms rsa2048 -noattr
cms pss.cms rsa2048 -keyopt rsa_padding_mode:pss
cms chain.cms leaf -certfile $keys/intermediate.crt
cms two-signers.cms ec-p256 -signer $keys/rsa2048.crt -inkey $keys/rsa2048.pem
cms sha1.cms rsa2048 -md sha1
cms nocerts.cms ec-p256 -nocerts
cms indefinite.cms ec-p256 -nodetach -stream

openssl dgst -sha256 -sign $keys/rsa2048.pem -out rsa.sig message
for salt in -2 -1 0; do
	openssl dgst -sha256 -sign $keys/rsa2048.pem -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:$salt -out pss"$salt".sig message
done
