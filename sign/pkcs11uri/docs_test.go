package pkcs11uri

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// Every URI in the documentation is one.
func TestDocs(t *testing.T) {
	docs, err := os.ReadFile("../../docs/pkcs11.md")
	if err != nil {
		t.Fatal(err)
	}
	uris := regexp.MustCompile("pkcs11:[a-z][^\\s`'\"]*=[^\\s`'\"]*").FindAllString(string(docs), -1)
	if len(uris) < 8 {
		t.Fatalf("%d URIs", len(uris))
	}
	for _, text := range uris {
		text = strings.TrimPrefix(text, "pkcs11:pkcs11:")
		if !Is(text) {
			text = scheme + text
		}
		if strings.Contains(text, "...") {
			continue // a form, not a URI
		}
		if _, err := Parse(text); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}
