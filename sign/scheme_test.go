package sign

import (
	"crypto"
	"encoding"
	"testing"
)

func TestUnmarshalText(t *testing.T) {
	var scheme Scheme
	var digest Digest
	var purpose Purpose
	for _, c := range []struct {
		target     encoding.TextUnmarshaler
		text       string
		want, hint string
	}{
		{&scheme, "cms", "", ""},
		{&scheme, "rsa-pkcs1v15", "", ""},
		{&scheme, "rsa-pss", "", ""},
		{&scheme, "rsa-psss", `scheme "rsa-psss": want cms, rsa-pkcs1v15 or rsa-pss`, "did you mean rsa-pss?"},
		{&scheme, "CMS", `scheme "CMS": want cms, rsa-pkcs1v15 or rsa-pss`, ""},
		{&scheme, "", `scheme "": want cms, rsa-pkcs1v15 or rsa-pss`, ""},
		{&digest, "sha256", "", ""},
		{&digest, "sha512", "", ""},
		{&digest, "sha1", `digest "sha1": want sha256, sha384 or sha512`, ""},
		{&digest, "sha-384", `digest "sha-384": want sha256, sha384 or sha512`, "did you mean sha384?"},
		{&purpose, "codeSigning", "", ""},
		{&purpose, "emailProtection", "", ""},
		{&purpose, "codesigning", `purpose "codesigning": want emailProtection or codeSigning`, "did you mean codeSigning?"},
	} {
		t.Run(c.text, func(t *testing.T) {
			err := c.target.UnmarshalText([]byte(c.text))
			if c.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			wantError(t, err, c.want)
			if hint := hintOf(err); hint != c.hint {
				t.Errorf("hint %q, want %q", hint, c.hint)
			}
		})
	}
	if scheme != SchemeRSAPSS || digest != DigestSHA512 || purpose != PurposeEmailProtection {
		t.Errorf("an error changed the value: %s %s %s", scheme, digest, purpose)
	}
}

func TestDigestHash(t *testing.T) {
	for digest, want := range map[Digest]crypto.Hash{
		"": crypto.SHA256, DigestSHA256: crypto.SHA256, DigestSHA384: crypto.SHA384, DigestSHA512: crypto.SHA512, "md5": 0,
	} {
		if got := digest.Hash(); got != want {
			t.Errorf("digest %q: hash %v, want %v", digest, got, want)
		}
	}
}
