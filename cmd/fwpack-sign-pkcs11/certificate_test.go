package main

import (
	"crypto/elliptic"
	"crypto/x509"
	"slices"
	"testing"
)

// The certificate of the key comes first, then those that signed it.
func TestCertificates(t *testing.T) {
	rootKey, middleKey, key := newKey(t, elliptic.P256()), newKey(t, elliptic.P256()), newKey(t, elliptic.P256())
	root := issue(t, "root", rootKey.Public(), nil, rootKey)
	middle := issue(t, "middle", middleKey.Public(), root, rootKey)
	leaf := issue(t, "leaf", key.Public(), middle, middleKey)
	stranger := issue(t, "middle", rootKey.Public(), nil, rootKey) // the name of another
	self := issue(t, "self", key.Public(), nil, key)
	renewed := issue(t, "leaf", middleKey.Public(), middle, middleKey) // same id, another key
	for name, test := range map[string]struct {
		objects []fakeObject
		want    []*x509.Certificate
	}{
		"none":     {nil, nil},
		"alone":    {[]fakeObject{certificateObject(leaf, "x", 1)}, []*x509.Certificate{leaf}},
		"a root":   {[]fakeObject{certificateObject(self, "x", 1), certificateObject(root, "r", 9)}, []*x509.Certificate{self}},
		"of other": {[]fakeObject{certificateObject(renewed, "x", 1)}, nil},
		"not one":  {[]fakeObject{{class: classCertificate, attributes: named(nil, "x", 1)}}, nil},
		"all": {[]fakeObject{certificateObject(stranger, "m", 7), certificateObject(root, "r", 9), certificateObject(middle, "m", 8),
			certificateObject(renewed, "a", 1), certificateObject(leaf, "x", 1)}, []*x509.Certificate{leaf, middle, root}},
	} {
		p, _, _ := testProgram(newFake(newToken("t", append(pair(t, key, "release", 1), test.objects...)...)))
		_, chain, err := p.open("pkcs11:object=release")
		if err != nil || !slices.EqualFunc(chain, test.want, (*x509.Certificate).Equal) {
			t.Errorf("%s: %d certificates, %v; want %d", name, len(chain), err, len(test.want))
		}
	}
}

// Certificates that name each other do not lead around for ever.
func TestIssuersEnd(t *testing.T) {
	key := newKey(t, elliptic.P256())
	a := issue(t, "a", key.Public(), &x509.Certificate{Subject: issue(t, "b", key.Public(), nil, key).Subject}, key)
	b := issue(t, "b", key.Public(), &x509.Certificate{Subject: a.Subject}, key)
	if chain := issuers(a, []*x509.Certificate{a, b}); len(chain) > maxChain {
		t.Errorf("%d certificates", len(chain))
	}
}
