package swufile

import (
	"bytes"
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/internal/reftool"
	"github.com/fwpack/fwpack/pack/imagefile"
	"github.com/fwpack/fwpack/template/swdesc/swupdate"
)

// mutants is how many bundles are asked of both.
const mutants = 100

// mutated is a bundle with something changed in it: a bit, a byte, a digit of a
// header, a run of bytes, or its end.
func mutated(random *rand.Rand, bundle []byte) []byte {
	changed := bytes.Clone(bundle)
	at := random.IntN(len(changed))
	switch random.IntN(6) {
	case 0:
		changed[at] ^= 1 << random.IntN(8)
	case 1:
		changed[at] = byte(random.Uint32())
	case 2: // a digit of a header
		headers := bytes.Count(changed, []byte("070702"))
		at = nthIndex(changed, "070702", random.IntN(headers)) + 6 + random.IntN(104)
		changed[at] = "0123456789ABCDEF"[random.IntN(16)]
	case 3:
		changed = changed[:at]
	case 4:
		end := min(len(changed), at+1+random.IntN(600))
		changed = append(changed[:at:at], changed[end:]...)
	default:
		changed = append(changed[:at:at], append([]byte(strings.Repeat("x", 1+random.IntN(8))), changed[at:]...)...)
	}
	return changed
}

// nthIndex is where text stands in data for the nth time, from 0.
func nthIndex(data []byte, text string, n int) int {
	at := bytes.Index(data, []byte(text))
	for range n {
		at += 1 + bytes.Index(data[at+1:], []byte(text))
	}
	return at
}

// Whatever happens to a bundle that others have made: what Debian's client refuses,
// Verify refuses. The other way round, it is stricter only where the client reads
// on over damage.
func TestConformanceMutations(t *testing.T) {
	reftool.Need(t, "swupdate", "openssl", "cpio", "zstd")
	text := strings.Repeat("a line of the payload\n", 300)
	bundle := []byte(offered{
		payload: tool(t, "", text, "zstd", "-c"), more: `compressed = "zstd";`,
		files: func(files [][2]string) [][2]string { return append(files, [2]string{"b", "for others"}) },
	}.bundle(t, filepath.Join(t.TempDir(), "installed")))
	trusted, err := ReadTrust([]string{key("rsa2048.crt")})
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(7, 7))
	for n := range mutants {
		changed := mutated(random, bundle)
		t.Run(strconv.Itoa(n), func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "test.swu")
			if err := os.WriteFile(path, changed, 0o600); err != nil {
				t.Fatal(err)
			}
			client := reftool.Client{Cert: key("rsa2048.crt")}.Install(t, path)
			v, err := Verify(context.Background(), "test.swu", bytes.NewReader(changed), VerifyOptions{Target: swupdate.Debian12(), Trust: trusted, Now: now})
			ours := err == nil && v.Verdict == imagefile.Accepted
			switch {
			case client.Accepted == ours:
			case ours:
				t.Errorf("we accept, the client says: %s\n%s", client.Reason, client.Log)
			case !readsOver(v, err):
				t.Errorf("the client accepts, and we say %v\n%s", err, lines(v))
			}
		})
	}
}

// readsOver tells whether a bundle is refused for what the client does not look at:
// the archive's fields and padding, what is behind its last payload, and payloads
// that no entry names.
func readsOver(v *Verification, err error) bool {
	if err != nil {
		return true // the reader could not go on, behind what is installed
	}
	for _, step := range v.Steps {
		ofArchive := step.Step == StepArchive || step.Step == StepCheck && strings.Contains(step.Detail, "swu: offset")
		if step.Outcome == Failed && !ofArchive {
			return false
		}
	}
	return true
}
