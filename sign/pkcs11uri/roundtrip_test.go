package pkcs11uri

import (
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
)

// randomURI has each attribute or not, with any bytes where they are allowed.
func randomURI(r *rand.Rand) URI {
	var u URI
	for _, p := range []part{pathPart(), queryPart()} {
		for _, a := range p.attributes {
			if r.IntN(2) == 0 {
				continue
			}
			for a.set(&u, randomValue(r, a.name)) != nil {
				continue
			}
		}
		for range r.IntN(3) {
			name := "x-" + strings.Repeat("a", 1+len(*p.vendor(&u)))
			*p.vendor(&u) = append(*p.vendor(&u), Vendor{name, randomBytes(r)})
		}
	}
	return u
}

func randomValue(r *rand.Rand, name string) string {
	switch name {
	case "slot-id", "library-version":
		return []string{"0", "17", "18446744073709551615"}[r.IntN(3)]
	case "type":
		return string(Types()[r.IntN(len(Types()))])
	case "id":
		return randomBytes(r)
	}
	return []string{"a", "ä b", "%41", "=;&?/|#", "\x00\n", "日本"}[r.IntN(6)]
}

func randomBytes(r *rand.Rand) string {
	value := make([]byte, 1+r.IntN(20))
	for i := range value {
		value[i] = byte(r.Uint32())
	}
	return string(value)
}

// What String writes, Parse reads, whatever is in it.
func TestRoundTrip(t *testing.T) {
	r := rand.New(rand.NewChaCha8([32]byte{11}))
	for range 2000 {
		u := randomURI(r)
		text := u.String()
		again, err := Parse(text)
		if err != nil || !reflect.DeepEqual(u, again) {
			t.Fatalf("%+v: %s: %+v, %v", u, text, again, err)
		}
		if rest := strings.Trim(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"); strings.ContainsAny(rest, " \"'\\$`|<>\n") {
			t.Fatalf("%s needs more than quotes in a shell", text)
		}
	}
}

// Each attribute is read, written and compared by itself.
func TestEachAttribute(t *testing.T) {
	r := rand.New(rand.NewChaCha8([32]byte{12}))
	for _, p := range []part{pathPart(), queryPart()} {
		for _, a := range p.attributes {
			var u URI
			if err := a.set(&u, randomValue(r, a.name)); err != nil {
				t.Fatal(err)
			}
			text := u.String()
			if strings.Count(text, "=") != 1 || !strings.Contains(text, a.name+"=") || strings.Contains(text, "?") != (p.name == "query") {
				t.Errorf("%s: %s", a.name, text)
			}
			if a.get(URI{}) != "" || a.get(u) == "" {
				t.Errorf("%s: %q and %q", a.name, a.get(URI{}), a.get(u))
			}
			if other := u.MatchLibrary(Library{}) && u.MatchSlot(Slot{ID: 99}) && u.MatchToken(Token{}) && u.MatchObject("", nil); other != (p.name == "query" || a.name == "type" || a.name == "library-version" && u.LibraryVersion == "0") {
				t.Errorf("%s: matches nothing: %v", text, other)
			}
		}
	}
}
