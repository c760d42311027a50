package pack

import (
	"context"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"io"
	"strings"

	"github.com/fwpack/fwpack/internal/inputs"
	"github.com/fwpack/fwpack/pack/payload"
	"github.com/fwpack/fwpack/sign/envelope"
	"github.com/fwpack/fwpack/template/swdesc/swupdate"
)

// Cipher is how a bundle's description is encrypted: for the owners of
// certificates, or with the key and the IV of an AES key's file.
type Cipher struct {
	Recipients []string `json:"recipients,omitempty"` // PEM files with one certificate or more each
	OAEP       bool     `json:"oaep,omitempty"`       // RSAES-OAEP in the place of PKCS #1 v1.5
	GCM        bool     `json:"gcm,omitempty"`        // AES-256-GCM in the place of AES-256-CBC
	Key        string   `json:"key,omitempty"`        // name of the AES key; "" where there are recipients

	// Count is how many recipients there are and Overhead what they and the cipher
	// add to a description, in bytes; Plan finds them out.
	Count    int `json:"count,omitempty"`
	Overhead int `json:"overhead"`
}

// asymmetric tells which of the two ways it is. SWUpdate knows them from 2025.12
// on and from long before.
func (c *Cipher) asymmetric() bool { return c != nil && c.Key == "" }

// words is "for 300 recipients" or "with device".
func (c *Cipher) words() string {
	if c.asymmetric() {
		return fmt.Sprintf("for %d recipients", c.Count)
	}
	return "with " + c.Key
}

// cipher reads the table encrypt-description of a bundle.
func (d *decoder) cipher(t *table) *Cipher {
	if t == nil {
		return nil
	}
	c := &Cipher{Recipients: d.paths(t.strings("recipients")), Key: t.string("key")}
	c.OAEP = d.choice(t, "padding", "pkcs1v15", "oaep")
	c.GCM = d.choice(t, "cipher", "aes-256-cbc", "aes-256-gcm")
	t.rest()
	switch {
	case t.has("recipients") == t.has("key"):
		d.problems.Addf(t.here(), "a description is encrypted for exactly one of recipients and key")
	case t.has("key"):
		t.idle("is for recipients and does nothing with a key", "padding", "cipher")
		if c.Key != "" {
			d.wantKey(t.pos("key"), c.Key, true)
			if key := d.project.Keys[c.Key]; key != nil && key.Fresh {
				t.errorf("key", "key %q is a fresh one for each artifact: no device has it", c.Key)
			}
		}
	case len(c.Recipients) == 0:
		t.errorf("recipients", "recipients is empty: nobody could read the description")
	}
	return c
}

// choice tells whether a key has the second of its two values; the first is the
// default.
func (d *decoder) choice(t *table, key, first, second string) bool {
	switch value := t.string(key); value {
	case "", first:
		return false
	case second:
		return true
	default:
		t.errorf(key, "%s %q is unknown: %s and %s are allowed", key, value, first, second)
		return false
	}
}

// checkCipher refuses what the devices could not read, and finds out how long the
// encrypted description will be.
func (bp *bundlePlanner) checkCipher() {
	cipher := bp.bundle.Cipher
	if cipher == nil {
		return
	}
	planned := *cipher
	bp.plan.Cipher = &planned
	if answer := bp.bundle.Target.EncryptedDescription; answer == swupdate.No {
		bp.problems.Addf(bp.bundle.CipherPos, "bundle %q: encrypt-description: the target reads descriptions in clear only", bp.bundle.Name)
	}
	if !cipher.asymmetric() {
		planned.Overhead = envelope.SizeAES(len(bp.plan.Description)) - len(bp.plan.Description)
		return
	}
	certificates, err := readRecipients(bp.project.log, cipher.Recipients)
	if err != nil {
		bp.problems.Addf(bp.bundle.CipherPos, "bundle %q: recipients: %v", bp.bundle.Name, err)
		return
	}
	planned.Count = len(certificates)
	planned.Overhead = envelope.Size(len(bp.plan.Description), certificates, planned.options(nil)) - len(bp.plan.Description)
}

// checkKeysShipped wants the keys of encrypted payloads to be where the devices
// look for them: a fresh one in an encrypted description, and there alone; and in
// a description for recipients no other.
func (bp *bundlePlanner) checkKeysShipped() {
	for _, entry := range bp.plan.Entries {
		p := &bp.planner.plan.Payloads[entry.Payload]
		switch {
		case p.Fresh && bp.bundle.Cipher == nil:
			bp.problems.AddHint(p.Pos, "give the bundle encrypt-description = { recipients = [...] }",
				"artifact %q is encrypted with a fresh key, and the description of bundle %q, which would hold it, is not encrypted", p.Artifact, bp.bundle.Name)
		case p.Encrypt != "" && !p.Fresh && bp.bundle.Cipher.asymmetric():
			bp.problems.AddHint(p.Pos, fmt.Sprintf("[keys.%s] aes = { fresh = true }", p.Encrypt),
				"artifact %q is encrypted with key %q: where the description of bundle %q is encrypted for recipients, devices take the keys of artifacts from there only", p.Artifact, p.Encrypt, bp.bundle.Name)
		}
	}
}

// readRecipients reads all certificates of all files; a name may be a pattern.
func readRecipients(log *inputs.Log, files []string) ([]*x509.Certificate, error) {
	var names []string
	for _, file := range files {
		if !strings.ContainsAny(file, "*?[") {
			names = append(names, file)
			continue
		}
		matches, err := log.Glob(file) // in the order of the alphabet
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		if len(matches) == 0 {
			return nil, fmt.Errorf("%s: there is no such file", file)
		}
		names = append(names, matches...)
	}
	log.Note(names...)
	return readCertificates(names)
}

func (c *Cipher) options(rand io.Reader) envelope.Options {
	return envelope.Options{Rand: rand, OAEP: c.OAEP, GCM: c.GCM}
}

// sealer encrypts one description. The nil sealer leaves it as it is.
type sealer struct {
	cipher     *Cipher
	recipients []*x509.Certificate
	key, iv    []byte
	rand       io.Reader
}

// openSealer reads what a description is encrypted with.
func openSealer(ctx context.Context, plan *Plan, b *PlannedBundle, opt Options) (*sealer, error) {
	if b.Cipher == nil {
		return nil, nil
	}
	s := &sealer{cipher: b.Cipher, rand: opt.Rand}
	if b.Cipher.asymmetric() {
		var err error
		if s.recipients, err = readRecipients(nil, b.Cipher.Recipients); err != nil {
			return nil, fmt.Errorf("recipients: %w", err)
		}
		return s, envelope.CheckRecipients(s.recipients, opt.Now)
	}
	secret := plan.Keys[b.Cipher.Key].AES
	data, err := secret.read(ctx, opt)
	if err != nil {
		return nil, fmt.Errorf("key %q: %w", b.Cipher.Key, err)
	}
	key, iv, err := payload.ParseAESKey(data)
	if err != nil {
		return nil, fmt.Errorf("key %q: %s: %w", b.Cipher.Key, secret, err)
	}
	if iv == nil {
		return nil, fmt.Errorf("key %q: %s: has no IV, which devices take for the description from the file", b.Cipher.Key, secret)
	}
	s.iv = iv
	s.key, err = hex.DecodeString(key.Reveal())
	return s, err
}

// size is the length that n bytes will have.
func (s *sealer) size(n int) int {
	switch {
	case s == nil:
		return n
	case s.cipher.asymmetric():
		return envelope.Size(n, s.recipients, s.cipher.options(nil))
	}
	return envelope.SizeAES(n)
}

func (s *sealer) seal(description []byte) ([]byte, error) {
	switch {
	case s == nil:
		return description, nil
	case s.cipher.asymmetric():
		return envelope.Seal(description, s.recipients, s.cipher.options(s.rand))
	}
	return envelope.SealAES(description, s.key, s.iv)
}

// report describes what became of a description.
func (s *sealer) report(stored []byte) *Sealed {
	switch {
	case s == nil:
		return nil
	case !s.cipher.asymmetric():
		return &Sealed{Cipher: fmt.Sprintf("AES-%d-CBC", 8*len(s.key)), Size: int64(len(stored))}
	case s.cipher.GCM:
		return &Sealed{Cipher: "AES-256-GCM", Recipients: len(s.recipients), Size: int64(len(stored))}
	}
	return &Sealed{Cipher: "AES-256-CBC", Recipients: len(s.recipients), Size: int64(len(stored))}
}
