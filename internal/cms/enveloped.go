// Beside signatures there are envelopes: a content that only the holders of
// some private keys can read. BuildEnvelope makes one, ParseEnvelope reads one,
// and Envelope.Open decrypts it. Their layout:
//
//	ContentInfo          SEQUENCE { id-envelopedData | id-ct-authEnvelopedData, [0] EnvelopedData }
//	EnvelopedData        SEQUENCE { version, SET OF RecipientInfo, EncryptedContentInfo }
//	AuthEnvelopedData    SEQUENCE { version, SET OF RecipientInfo, EncryptedContentInfo, mac }
//	EncryptedContentInfo SEQUENCE { id-data, algorithm with IV or nonce, [0] ciphertext }
//	RecipientInfo        CHOICE { KeyTransRecipientInfo, [1] KeyAgreeRecipientInfo, ... }
//
//	KeyTransRecipientInfo SEQUENCE { version, issuer and serial | [0] subject key identifier,
//	                                 rsaEncryption | id-RSAES-OAEP, content key under the RSA key }
//	KeyAgreeRecipientInfo SEQUENCE { version, [0] { [1] { id-ecPublicKey, ephemeral point } },
//	                                 [1] user keying material, if any,
//	                                 key derivation { key wrap },
//	                                 SEQUENCE OF { issuer and serial | [0] { subject key identifier },
//	                                               content key under the wrapping key } }
//
// EnvelopedData is RFC 5652, section 6; AuthEnvelopedData RFC 5083; EC keys
// RFC 5753; the AES ciphers RFC 3565 and RFC 5084; OAEP RFC 4055.
package cms

import (
	"bytes"
	"crypto/x509"
	"errors"
	"math/big"
)

// MaxEnvelopeSize is the longest envelope that ParseEnvelope reads, in bytes:
// room for a description of megabytes and maxRecipients keys.
const MaxEnvelopeSize = 16 << 20

// maxRecipients bounds the private key operations a hostile file may ask for.
// SWUpdate's manual speaks of groups of 1000 devices.
const maxRecipients = 10_000

// ErrDecrypt is the one error of every decryption that fails. Whether it was
// the key, a padding or a tag stays untold, because an answer that differs
// lets an attacker decrypt by asking (RFC 3218).
var ErrDecrypt = errors.New("not decrypted: the key is no recipient's, or the data is damaged")

// Envelope is an encrypted content and the keys of those who may read it.
type Envelope struct {
	// Recipients are in the order of the file.
	Recipients []Recipient
	// Cipher names the content's encryption, "AES-256-CBC" for one, or gives
	// its object identifier where it is not known here.
	Cipher string
	// Unsupported says why the content cannot be decrypted here; nil where it
	// can.
	Unsupported error

	authenticated bool
	content       encryptedContent
}

// RecipientKind is the way in which a recipient gets the content key.
type RecipientKind int

// The kinds of recipient. Only the first three can be opened with a private
// key.
const (
	OtherRecipient RecipientKind = iota // of another kind: a shared key, a password
	TransportPKCS1                      // RSAES-PKCS1-v1_5 (RFC 8017, section 7.2)
	TransportOAEP                       // RSAES-OAEP (RFC 8017, section 7.1)
	AgreementECDH                       // ephemeral-static ECDH (RFC 5753, section 3.1)
)

// Recipient is one encryption of the content key. It names its certificate
// either by issuer and serial number or by subject key identifier.
type Recipient struct {
	RawIssuer []byte   // DER of the name; nil where KeyID is set
	Serial    *big.Int // nil where KeyID is set
	KeyID     []byte   // nil where RawIssuer and Serial are set

	Kind RecipientKind
	// Curve is "P-256", "P-384" or "P-521" where Kind is AgreementECDH.
	Curve string
	// Unsupported says why nothing here can open this one; nil where it can be.
	Unsupported error

	oaep      oaepScheme
	agreement *agreement
	key       []byte // the content key, encrypted
}

// Names reports whether r is for the certificate c.
func (r *Recipient) Names(c *x509.Certificate) bool {
	if r.Serial == nil {
		return len(r.KeyID) > 0 && bytes.Equal(r.KeyID, c.SubjectKeyId)
	}
	return r.Serial.Cmp(c.SerialNumber) == 0 && bytes.Equal(r.RawIssuer, c.RawIssuer)
}
