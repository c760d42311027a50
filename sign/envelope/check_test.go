package envelope

import (
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"testing"
)

func TestCheckRecipient(t *testing.T) {
	rsaKey, ecKey := keyOf(t, "rsa2048"), keyOf(t, "ec-p256")
	const name = `recipient "CN=device,O=example" (serial number 4200000000000000000000000000000000000000)`
	for _, c := range []struct {
		what, want string
		key        crypto.Signer
		change     func(*x509.Certificate)
	}{
		{"no usage", "", ecKey, func(*x509.Certificate) {}},
		{"RSA for keys", "", rsaKey, func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageKeyEncipherment | x509.KeyUsageDigitalSignature }},
		{"EC for keys", "", ecKey, func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageKeyAgreement }},
		{"RSA for agreement", name + " may not receive: want key usage keyEncipherment, or no key usage at all", rsaKey,
			func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageKeyAgreement }},
		{"EC for signatures", name + " may not receive: want key usage keyAgreement, or no key usage at all", ecKey,
			func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageDigitalSignature }},
		{"EC for transport", name + " may not receive: want key usage keyAgreement, or no key usage at all", ecKey,
			func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageKeyEncipherment }},
		{"expired", name + " expired on 2026-10-31: want one that is valid on 2026-11-01", ecKey,
			func(c *x509.Certificate) { c.NotAfter = now.AddDate(0, 0, -1) }},
		{"expires now", "", ecKey, func(c *x509.Certificate) { c.NotAfter = now }},
		{"of tomorrow", "", ecKey, func(c *x509.Certificate) { c.NotBefore = now.AddDate(0, 0, 1) }},
		{"Ed25519", name + " has a key of type Ed25519: want RSA, or EC on P-256, P-384 or P-521", keyOf(t, "ed25519"), func(*x509.Certificate) {}},
		{"P-224", name + " has a key on P-224: want P-256, P-384 or P-521", keyOf(t, "ec-p224"), func(*x509.Certificate) {}},
		{"RSA-1024", name + " has an RSA key of 1024 bits: want 2048 or more", keyOf(t, "rsa1024"), func(*x509.Certificate) {}},
	} {
		t.Run(c.what, func(t *testing.T) {
			err := CheckRecipient(issue(t, c.key, c.change), now)
			if c.want == "" && err == nil {
				return
			}
			wantError(t, err, c.want)
		})
	}
	wantError(t, CheckRecipient(nil, now), "recipient without a certificate")
}

func TestCheckRecipients(t *testing.T) {
	device := issue(t, keyOf(t, "ec-p256"), func(*x509.Certificate) {})
	twin := issue(t, keyOf(t, "leaf"), func(*x509.Certificate) {})
	other := issue(t, keyOf(t, "leaf"), func(c *x509.Certificate) { c.Subject.CommonName = "other" })
	expired := issue(t, keyOf(t, "leaf"), func(c *x509.Certificate) { c.NotAfter = now.AddDate(-1, 0, 1) })
	const name = `recipient "CN=device,O=example" (serial number 4200000000000000000000000000000000000000)`
	for _, c := range []struct {
		want string
		list []*x509.Certificate
	}{
		{"", []*x509.Certificate{device, other}},
		{"no recipients: want one or more certificates", nil},
		{name + " is there twice: want each certificate once", []*x509.Certificate{device, other, device}},
		{name + " is another certificate than the one before it with this issuer and serial number: want different ones",
			[]*x509.Certificate{device, twin}},
		{name + " expired on 2025-11-02: want one that is valid on 2026-11-01\n" + name + " is there twice: want each certificate once",
			[]*x509.Certificate{expired, device, device}},
	} {
		err := CheckRecipients(c.list, now)
		if c.want != "" {
			wantError(t, err, c.want)
		} else if err != nil {
			t.Error(err)
		}
		// What is refused here for its names, Seal refuses as well.
		if _, err := Seal(nil, c.list, Options{Rand: rand.Reader}); (err == nil) != (c.want == "") {
			t.Errorf("Seal: %v", err)
		}
	}
}
