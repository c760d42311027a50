package sign

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
)

// The PEM block types that are understood here (RFC 7468, and RFC 1421 as
// OpenSSL uses it for the older forms).
const (
	pemPKCS8          = "PRIVATE KEY"
	pemEncryptedPKCS8 = "ENCRYPTED PRIVATE KEY"
	pemPKCS1          = "RSA PRIVATE KEY"
	pemSEC1           = "EC PRIVATE KEY"
	pemECParameters   = "EC PARAMETERS"
	pemPKIX           = "PUBLIC KEY"
	pemPKCS1Public    = "RSA PUBLIC KEY"
	pemCertificate    = "CERTIFICATE"
)

// PassphraseFunc returns the passphrase of an encrypted private key. The bytes
// are overwritten once they have been used.
type PassphraseFunc func() ([]byte, error)

// ParsePrivateKey reads the one private key of a PEM file: PKCS#8, PKCS#1,
// SEC1, or PKCS#8 encrypted by PBES2, as openssl 3 writes them. Certificates
// beside the key are passed over.
//
// RSA keys have 2048 to 16384 bits, EC keys are on P-256, P-384 or P-521;
// Ed25519 is read too. passphrase is called, once, only for an encrypted key;
// nil says that there is none. No error holds key material or a passphrase;
// one may have a method Hint() string with the command that mends the file.
func ParsePrivateKey(pemBytes []byte, passphrase PassphraseFunc) (crypto.Signer, error) {
	block, err := privateBlock(pemBytes)
	if err != nil {
		return nil, fmt.Errorf("private key: %w", err)
	}
	signer, err := parsePrivateBlock(block, passphrase)
	if err != nil {
		return nil, fmt.Errorf("private key: %w", err)
	}
	return signer, nil
}

// privateBlock finds the one block that is a private key of whatever form.
func privateBlock(pemBytes []byte) (*pem.Block, error) {
	blocks, err := decodePEM(pemBytes)
	if err != nil {
		return nil, err
	}
	var private []*pem.Block
	for _, b := range blocks {
		if strings.HasSuffix(b.Type, pemPKCS8) {
			private = append(private, b)
		}
	}
	if len(private) > 1 {
		return nil, fmt.Errorf("found %d private keys: want one", len(private))
	}
	if len(private) == 0 {
		return nil, fmt.Errorf("found %s: want a private key in PEM", describeBlocks(blocks))
	}
	return private[0], nil
}

func parsePrivateBlock(block *pem.Block, passphrase PassphraseFunc) (crypto.Signer, error) {
	if strings.Contains(block.Headers["Proc-Type"], "ENCRYPTED") {
		return nil, hinted("openssl pkcs8 -topk8 -in FILE -out FILE.pem",
			"encrypted in the legacy form of OpenSSL (Proc-Type: 4,ENCRYPTED): want PKCS#8")
	}
	switch block.Type {
	case pemPKCS8:
		return parsePKCS8(block.Bytes)
	case pemPKCS1:
		return parsePKCS1(block.Bytes)
	case pemSEC1:
		return parseSEC1(block.Bytes)
	case pemEncryptedPKCS8:
		return parseEncrypted(block.Bytes, passphrase)
	case "OPENSSH PRIVATE KEY":
		return nil, hinted("ssh-keygen -p -m PKCS8 -f FILE", "found an OpenSSH key: want PKCS#8, PKCS#1 or SEC1")
	}
	return nil, fmt.Errorf("found a PEM block %q: want PKCS#8, PKCS#1 or SEC1", block.Type)
}

// ParseCertificates reads the certificates of a PEM file, in its order, at
// least one. Other blocks, such as a private key in the same file, are passed
// over.
func ParseCertificates(pemBytes []byte) ([]*x509.Certificate, error) {
	blocks, err := decodePEM(pemBytes)
	if err != nil {
		return nil, fmt.Errorf("certificate: %w", err)
	}
	var certificates []*x509.Certificate
	for _, b := range blocks {
		if b.Type != pemCertificate {
			continue
		}
		c, err := x509.ParseCertificate(b.Bytes)
		if err != nil {
			return nil, fmt.Errorf("certificate %d: %v", len(certificates)+1, err)
		}
		certificates = append(certificates, c)
	}
	if len(certificates) == 0 {
		return nil, fmt.Errorf("certificate: found %s: want a certificate in PEM", describeBlocks(blocks))
	}
	return certificates, nil
}

// ParsePublicKey reads the one public key of a PEM file: a public key (a
// SubjectPublicKeyInfo), an RSA key in PKCS#1, or a certificate's. It must be
// one that ParsePrivateKey would read.
func ParsePublicKey(pemBytes []byte) (crypto.PublicKey, error) {
	blocks, err := decodePEM(pemBytes)
	if err != nil {
		return nil, fmt.Errorf("public key: %w", err)
	}
	if len(blocks) != 1 {
		return nil, fmt.Errorf("public key: found %s: want one public key", describeBlocks(blocks))
	}
	pub, err := parsePublicBlock(blocks[0])
	if err == nil {
		err = checkStrength(pub)
	}
	if err != nil {
		return nil, fmt.Errorf("public key: %w", err)
	}
	return pub, nil
}

func parsePublicBlock(block *pem.Block) (crypto.PublicKey, error) {
	switch block.Type {
	case pemPKIX:
		return x509.ParsePKIXPublicKey(block.Bytes)
	case pemPKCS1Public:
		return x509.ParsePKCS1PublicKey(block.Bytes)
	case pemCertificate:
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, err
		}
		return c.PublicKey, nil
	}
	hint := ""
	if strings.HasSuffix(block.Type, pemPKCS8) {
		hint = "openssl pkey -in FILE -pubout"
	}
	return nil, hinted(hint, "found %s: want a public key or a certificate in PEM", describeBlock(block))
}

// decodePEM returns the blocks of a PEM file, at least one. EC PARAMETERS, a
// block that openssl writes in front of an EC key and that repeats what the
// key says, is left out.
func decodePEM(pemBytes []byte) ([]*pem.Block, error) {
	if len(bytes.TrimSpace(pemBytes)) == 0 {
		return nil, errors.New("the file is empty")
	}
	var blocks []*pem.Block
	for block, rest := pem.Decode(pemBytes); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != pemECParameters {
			blocks = append(blocks, block)
		}
	}
	switch {
	case len(blocks) > 0:
		return blocks, nil
	case bytes.Contains(pemBytes, []byte("-----BEGIN ")):
		return nil, errors.New("the PEM is damaged: want matching BEGIN and END lines around base64")
	}
	if what, hint := describeDER(pemBytes); what != "" {
		return nil, hinted(hint, "found %s in DER: want PEM", what)
	}
	return nil, errors.New("not PEM: no BEGIN line")
}

func describeBlocks(blocks []*pem.Block) string {
	if len(blocks) == 1 {
		return describeBlock(blocks[0])
	}
	return fmt.Sprintf("%s and %d more", describeBlock(blocks[0]), len(blocks)-1)
}

func describeBlock(block *pem.Block) string {
	switch block.Type {
	case pemCertificate:
		return "a certificate"
	case pemPKIX, pemPKCS1Public:
		return "a public key"
	case "CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST":
		return "a certificate request"
	}
	if strings.HasSuffix(block.Type, pemPKCS8) {
		return "a private key"
	}
	return fmt.Sprintf("a PEM block %q", block.Type)
}
