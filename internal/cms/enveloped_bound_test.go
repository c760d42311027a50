package cms

import (
	"crypto/ecdh"
	"crypto/x509"
	"math/big"
	"testing"
	"time"
)

// An envelope for thousands of strangers does not keep anybody busy for minutes;
// with the certificate the one that is meant is found at once.
func TestOpenIsBounded(t *testing.T) {
	named := *certificatesOf(t, "rsa2048")[0]
	named.SerialNumber = big.NewInt(1 << 30) // sorts last
	own := &named
	stranger := certificatesOf(t, "rsa2048-leaf")[0]
	var recipients []*x509.Certificate
	for i := range int64(2500) {
		other := *stranger
		other.RawIssuer, other.SerialNumber = own.RawIssuer, big.NewInt(1<<20+i)
		recipients = append(recipients, &other)
	}
	recipients = append(recipients, own)
	der, err := BuildEnvelope([]byte("text"), recipients, EnvelopeOptions{Rand: &counting{}})
	if err != nil {
		t.Fatal(err)
	}
	e := mustParseEnvelope(t, der)
	begin := time.Now()
	_, err = e.Open(signerOf(t, "rsa2048"), nil)
	if took := time.Since(begin); err != errTooMany || took > 20*time.Second {
		t.Errorf("without a certificate: %v after %v", err, took)
	}
	if got, err := e.Open(signerOf(t, "rsa2048"), own); string(got) != "text" || err != nil {
		t.Errorf("with it: %q, %v", got, err)
	}
}

func TestOpenCost(t *testing.T) {
	for curve, want := range map[ecdh.Curve]float64{ecdh.P256(): 0.07, ecdh.P384(): 0.6, ecdh.P521(): 1.5} {
		key, err := curve.GenerateKey(&counting{})
		if err != nil {
			t.Fatal(err)
		}
		if got := (&holder{ec: key}).cost(); got != want {
			t.Errorf("%v: %v", curve, got)
		}
	}
}
