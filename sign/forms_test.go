package sign

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"slices"
	"strings"
	"testing"
)

func TestForms(t *testing.T) {
	signature := []byte{0, 1, 2, 0xfe, 0xff, 0x80}
	for name, data := range map[string][]byte{
		"raw":        signature,
		"base64":     []byte(base64.StdEncoding.EncodeToString(signature) + "\n"),
		"base64 url": []byte(base64.RawURLEncoding.EncodeToString(signature)),
		"lines":      []byte("AAEC\r\n/v+A\r\n"),
		"hex":        []byte(hex.EncodeToString(signature)),
		"PEM":        pem.EncodeToMemory(&pem.Block{Type: "SIGNATURE", Bytes: signature}),
	} {
		forms, err := Forms(data)
		if err != nil || !bytes.Equal(forms[0], data) || !slices.ContainsFunc(forms, func(f []byte) bool { return bytes.Equal(f, signature) }) {
			t.Errorf("%s: %q, %v", name, forms, err)
		}
	}
	for _, size := range []int{0, maxAttached + 1} {
		if _, err := Forms(make([]byte, size)); err == nil || !strings.Contains(err.Error(), "want 1 to 2097152") {
			t.Errorf("%d bytes: %v", size, err)
		}
	}
}
