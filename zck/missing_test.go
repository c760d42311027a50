package zck

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// tableOf is a header with a chunk of 10 stored bytes for each letter.
func tableOf(letters string) *Header {
	h := &Header{Uncompressed: true}
	for _, letter := range letters {
		d := Digest(strings.Repeat(string(letter), 32))
		h.Chunks = append(h.Chunks, Chunk{Digest: d, RawDigest: d, Stored: 10, Size: 20})
	}
	return h
}

// asked writes the chunks of each request's ranges, as "b,de f".
func asked(target string, requests []Request) string {
	var all []string
	for _, r := range requests {
		var ranges []string
		for _, g := range r.Ranges {
			ranges = append(ranges, target[g.First:g.First+g.Chunks])
		}
		all = append(all, strings.Join(ranges, ","))
	}
	return strings.Join(all, " ")
}

func TestMissing(t *testing.T) {
	for _, test := range []struct {
		target, source string
		client         Client
		want           string
	}{
		{"abc", "abc", Client{}, ""},
		{"", "abc", Client{}, ""},
		{"abc", "", Client{}, "abc"},
		{"abc", "cba", Client{}, ""},
		{"abcdef", "ace", Client{}, "b,d,f"},
		{"abcdef", "af", Client{}, "bcde"},
		{"abcdef", "af", Client{MaxRanges: 1}, "b c d e"},
		// The last range of a full request is a single chunk.
		{"abcdefgh", "ad", Client{MaxRanges: 2}, "bc,e fgh"},
		{"abcdefgh", "ag", Client{MaxRanges: 2}, "bcdef,h"},
		{"abcdefghij", "adgj", Client{MaxRanges: 2}, "bc,e f,h i"},
		{"abcdefghijklmnopqrstuvwxyz", "bdfhjlnprtvxz", Client{}, "a,c,e,g,i,k,m,o,q,s u,w,y"},
		// The last chunk of what is installed was not seen once.
		{"abc", "abc", Client{DropsLast: true}, "c"},
		{"abc", "", Client{DropsLast: true}, "abc"},
		// What comes repeatedly is fetched each time.
		{"abcbb", "a", Client{}, "bcbb"},
	} {
		target := tableOf(test.target)
		d, err := Missing(target, tableOf(test.source), test.client)
		if err != nil {
			t.Fatal(err)
		}
		if got := asked(test.target, d.Requests); got != test.want {
			t.Errorf("%s from %s with %+v: %q, want %q", test.target, test.source, test.client, got, test.want)
		}
		if letters := strings.Map(lettersOnly, test.want); len(d.Chunks) != len(letters) || d.Bytes != int64(10*len(letters)) {
			t.Errorf("%s from %s: %d chunks of %d bytes", test.target, test.source, len(d.Chunks), d.Bytes)
		}
		if ranges := len(strings.FieldsFunc(test.want, func(r rune) bool { return lettersOnly(r) < 0 })); d.Ranges() != ranges {
			t.Errorf("%s from %s: %d ranges, want %d", test.target, test.source, d.Ranges(), ranges)
		}
	}
}

func lettersOnly(r rune) rune {
	if r < 'a' || r > 'z' {
		return -1
	}
	return r
}

func TestMissingRanges(t *testing.T) {
	target := tableOf("abcdbb")
	d, err := Missing(target, tableOf("a"), Client{URLLen: 20})
	if err != nil {
		t.Fatal(err)
	}
	at := target.Len() + 10
	want := []Request{{[]Range{{First: 1, Chunks: 5, Offset: at, Length: 50}}, 20 + len(fmt.Sprintf("%d-%d", at, at+49)) + 1}}
	if !reflect.DeepEqual(d.Requests, want) || d.Duplicates != 2 || d.Repeated != 20 {
		t.Errorf("%+v, want %+v", d, want)
	}
	if d, err = Missing(target, nil, Client{MaxRanges: 150}); err != nil || d.Bytes != target.BodySize() {
		t.Errorf("%+v, %v", d, err)
	}
}

func TestTooLong(t *testing.T) {
	letters := strings.Repeat("ab", 3000)
	d, err := Missing(tableOf(letters), tableOf("a"), Client{MaxRanges: 2900})
	if err != nil {
		t.Fatal(err)
	}
	if i, is := d.TooLong(); !is || i != 0 || len(d.Requests) != 2 || d.Requests[0].Payload < PayloadLimit {
		t.Errorf("request %d of %d bytes, %t", i, d.Requests[0].Payload, is)
	}
	if d, err = Missing(tableOf(letters), tableOf("a"), Client{MaxRanges: 150}); err != nil {
		t.Fatal(err)
	}
	if i, is := d.TooLong(); is {
		t.Errorf("request %d of %d bytes is too long", i, d.Requests[i].Payload)
	}
}

func TestMissingErrors(t *testing.T) {
	stored := tableOf("abc")
	stored.Uncompressed = false
	other := tableOf("abc")
	other.ChunkHash = SHA512
	for _, test := range []struct {
		source *Header
		client Client
		want   string
	}{
		{stored, Client{}, "zck: source: it has no uncompressed digests"},
		{other, Client{}, "zck: source: its chunks have SHA-512 digests, not SHA-256"},
		{nil, Client{MaxRanges: -1}, "zck: client: max-ranges -1 and a URL of 0 bytes"},
	} {
		if _, err := Missing(tableOf("abc"), test.source, test.client); message(err) != test.want {
			t.Errorf("%v, want %s", err, test.want)
		}
	}
	// Without uncompressed digests a device finds nothing.
	if d, err := Missing(stored, tableOf("abc"), Client{}); err != nil || len(d.Chunks) != 3 {
		t.Errorf("%+v, %v", d, err)
	}
}

// A change of one byte costs one chunk, or two where it moves a cut.
func TestMissingOfImages(t *testing.T) {
	image := random(4<<20, 1)
	changed := slices.Clone(image)
	changed[2<<20]++
	installed, err := Index(background, bytes.NewReader(image), 0)
	if err != nil {
		t.Fatal(err)
	}
	_, target := create(t, changed, Options{})
	d, err := Missing(target, installed, Client{})
	if err != nil || len(d.Chunks) < 1 || len(d.Chunks) > 2 || len(d.Requests) != 1 {
		t.Errorf("%+v, %v", d, err)
	}
}
