// Package envelope encrypts a text for many devices at once, so that each
// opens it with its own private key: the form in which SWUpdate 2025.12 and
// later take an encrypted sw-description (its build option
// ASYM_ENCRYPTED_SW_DESCRIPTION).
//
// Seal makes an envelope for a list of certificates, after CheckRecipients has
// found nothing against them. Size tells its length in advance. Is recognises
// an envelope, Recipients lists whom it is for, and Open decrypts it.
//
// # Layout
//
// An envelope is CMS in DER: EnvelopedData (RFC 5652, section 6) with
// AES-256-CBC, or AuthEnvelopedData (RFC 5083) with AES-256-GCM. The plaintext
// is there once, under a fresh content key, and the content key once for each
// recipient:
//
//   - for an RSA key by RSAES-PKCS1-v1_5 or RSAES-OAEP with SHA-256;
//   - for an EC key by ephemeral-static ECDH, the KDF of X9.63 with SHA-256 and
//     AES-256 key wrap (RFC 5753).
//
// A recipient is named by issuer and serial number. SWUpdate opens an envelope
// with the private key alone, by trial of every recipient, or, where a
// certificate stands beside the key in its file, as the recipient of that very
// certificate only: not of a renewed one for the same key. While devices hold
// the old or the new one, seal for both.
//
// # What it protects
//
// The text stays secret from all but the recipients. Nothing more: anyone with
// the certificates can make an envelope, and AES-CBC lets a changed ciphertext
// pass as another text. To a key that is no recipient's OpenSSL gives random
// text rather than an error once in 256 times, with AES-CBC and an RSA key
// without its certificate. Authenticity is the work of the signature, which
// SWUpdate checks over the plaintext. Sign first, then Seal the very same
// bytes: openssl cms -encrypt without -binary turns each line end into CR LF,
// and the signature no longer fits.
//
// # Size
//
// Some 80 bytes around the padded text (about 100, and no padding, with GCM),
// and for each recipient its issuer's name and serial number in DER, which are
// 59 bytes for a common name of 6 letters, an organization of 7 and a serial
// number of 20 bytes, and
//
//	RSA-2048   284 bytes, with OAEP 327
//	RSA-3072   412 bytes, with OAEP 455
//	RSA-4096   540 bytes, with OAEP 583
//	P-256      160 bytes
//	P-384      192 bytes
//	P-521      232 bytes
//
// give or take two for long names. A thousand devices on P-521 take 0.29 MB.
//
// # The older scheme
//
// Clients before 2025.12 know one key for everything: SealAES and OpenAES.
package envelope

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"fmt"
	"io"

	"github.com/fwpack/fwpack/internal/cms"
)

// MaxSize is the longest envelope that is read, in bytes.
const MaxSize = cms.MaxEnvelopeSize

// ErrDecrypt is the one error of a decryption that fails. Whether the key, a
// padding or a tag was wrong stays untold, because the difference is enough to
// decrypt by asking often (RFC 3218).
var ErrDecrypt = cms.ErrDecrypt

// Options says how Seal encrypts. Rand is needed; the other zero values are
// what every device with the feature can open.
type Options struct {
	// Rand is a secure source: of keys, IVs and the seed of OAEP. Go takes the
	// padding of PKCS #1 v1.5 from the system in any case (since 1.26), so an
	// envelope for RSA keys repeats only with OAEP.
	Rand io.Reader

	// OAEP encrypts for RSA keys by RSAES-OAEP with SHA-256 (RFC 4055) instead
	// of PKCS #1 v1.5. OAEP is the safer padding and OpenSSL 3.0 opens it with
	// a key from a file. It is not the default because SWUpdate hands the key
	// file to OpenSSL, behind which may be a TPM or token that knows PKCS #1
	// v1.5 only, or OAEP with SHA-1 only; and because the attack on the older
	// padding takes very many questions that are answered apart, while a device
	// is asked once an update and fails alike.
	OAEP bool

	// GCM encrypts the text by AES-256-GCM, which notices a change by itself.
	// SWUpdate 2025.12 opens it where it was built with OpenSSL 3.0 or later.
	// It is not the default because SWUpdate's manual shows CBC alone, and the
	// signature over the plaintext notices changes all the same.
	GCM bool
}

// Seal encrypts plaintext for every one of the recipients, exactly as it is:
// line ends stay. An error names the recipient that cannot be encrypted for,
// because of its kind of key, an RSA key shorter than 2048 bits, or an issuer
// and serial number that another recipient has too. What else speaks against a
// recipient is for CheckRecipient to say.
//
// The result is the same for the same recipients in another order, apart from
// what is drawn: DER sorts them.
func Seal(plaintext []byte, recipients []*x509.Certificate, opt Options) ([]byte, error) {
	der, err := cms.BuildEnvelope(plaintext, recipients, cms.EnvelopeOptions(opt))
	if err != nil {
		return nil, fmt.Errorf("sealing an envelope: %w", err)
	}
	if len(der) > MaxSize {
		return nil, fmt.Errorf("sealing an envelope: it has %d bytes, at most %d are allowed", len(der), MaxSize)
	}
	return der, nil
}

// Size is the exact length in bytes of what Seal returns for plaintextLen
// bytes. It does not depend on what is drawn: keys, points and IVs have fixed
// lengths. It is 0 for recipients that Seal refuses. Rand is not used.
func Size(plaintextLen int, recipients []*x509.Certificate, opt Options) int {
	n, err := cms.EnvelopeSize(plaintextLen, recipients, cms.EnvelopeOptions(opt))
	if err != nil {
		return 0
	}
	return n
}

// Open decrypts an envelope with the private key of a recipient: *rsa.PrivateKey,
// *ecdsa.PrivateKey, ecdh.KeyExchanger, or a crypto.Decrypter with an RSA key,
// which gets PKCS #1 v1.5 or OAEP options and no source of randomness. With
// cert only the recipients it names are tried, as OpenSSL does; cert may be
// nil, and all recipients are tried.
//
// It reads what OpenSSL's CMS_decrypt reads, as long as that is DER with one
// whole content: the ciphers AES-CBC and AES-GCM with any length of key, and
// triple DES, the default of openssl 3.0; recipients by subject key identifier
// and with any hash. Where decryption fails the error is ErrDecrypt.
func Open(der []byte, key crypto.PrivateKey, cert *x509.Certificate) ([]byte, error) {
	e, err := parse(der)
	if err != nil {
		return nil, err
	}
	plaintext, err := e.Open(key, cert)
	if err != nil {
		return nil, fmt.Errorf("envelope: %w", err)
	}
	return plaintext, nil
}

func parse(der []byte) (*cms.Envelope, error) {
	e, err := cms.ParseEnvelope(der)
	if err != nil {
		return nil, fmt.Errorf("envelope: %w", err)
	}
	return e, nil
}

// Is reports whether data begins as an envelope does, DER or not. It looks at
// the first bytes only.
func Is(data []byte) bool {
	if len(data) < 2 || data[0] != 0x30 {
		return false
	}
	header := 2
	if data[1] > 0x80 { // the number of bytes that the length takes
		header += int(data[1] & 0x7f)
	}
	if len(data) < header {
		return false
	}
	for _, id := range [...]string{envelopedID, authEnvelopedID} {
		if bytes.HasPrefix(data[header:], []byte(id)) {
			return true
		}
	}
	return false
}

// The DER of id-envelopedData (RFC 5652) and id-ct-authEnvelopedData (RFC 5083).
const (
	envelopedID     = "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03"
	authEnvelopedID = "\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x17"
)
