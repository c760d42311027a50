package swufile

import (
	"bytes"
	"context"
	"testing"

	"github.com/fwpack/fwpack/pack/imagefile"
	"github.com/fwpack/fwpack/pack/payload"
	"github.com/fwpack/fwpack/pack/swu"
)

// Any flipped bit of a signed bundle is noticed. What is not verified is what no
// device reads: the fields of an entry's header apart from name and sizes. After
// such a flip every entry is still the same.
func TestFaultFlippedBits(t *testing.T) {
	plain, packed := "a payload as it is", pack(t, "a payload that is compressed", payload.Zlib, "")
	bundle := signed(t, describe(image("plain", plain, ""), image("packed", packed, `compressed = "zlib";`)), member("plain", plain), member("packed", packed))
	o := VerifyOptions{Trust: trustOf(t, "ec-p256.crt"), Now: now}
	if v := verify(t, bundle, o); v.Verdict != imagefile.Accepted {
		t.Fatal(lines(v))
	}
	unread := unreadFields(t, bundle)
	flipped := bytes.Clone(bundle)
	missed := 0
	for at := range bundle {
		for bit := range 8 {
			flipped[at] ^= 1 << bit
			v, err := Verify(context.Background(), "test.swu", bytes.NewReader(flipped), o)
			if err == nil && v.Verdict == imagefile.Accepted {
				missed++
				if !unread[at] || !sameEntries(t, bundle, flipped) {
					t.Errorf("bit %d of byte %#x (%q) is not noticed", bit, at, bundle[max(0, at-10):at+1])
				}
			}
			flipped[at] = bundle[at]
		}
	}
	t.Logf("%d bytes, %d flips in fields that nobody reads", len(bundle), missed)
}

// unreadFields are the bytes of headers that no device reads, and those that are
// hexadecimal digits, as capitals are the same there.
func unreadFields(t *testing.T, bundle []byte) map[int]bool {
	t.Helper()
	unread := map[int]bool{}
	for at := 0; ; {
		next := bytes.Index(bundle[at:], []byte("070702"))
		if next < 0 {
			return unread
		}
		at += next
		for i := 6; i < 110; i++ {
			unread[at+i] = true
		}
		at += 110
	}
}

// sameEntries tells whether two bundles hold the same.
func sameEntries(t *testing.T, a, b []byte) bool {
	t.Helper()
	one, two := read(t, a, Options{Raw: true}), read(t, b, Options{Raw: true})
	same := bytes.Equal(one.Description.Data, two.Description.Data) && bytes.Equal(one.Signature.Data, two.Signature.Data) && len(one.Payloads) == len(two.Payloads)
	for i := range one.Payloads {
		same = same && one.Payloads[i].Header == two.Payloads[i].Header && one.Payloads[i].Stored == two.Payloads[i].Stored
	}
	return same && two.Description.Name == swu.Description
}
