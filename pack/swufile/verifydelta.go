package swufile

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"sync"

	"github.com/fwpack/fwpack/pack/deltafile"
	"github.com/fwpack/fwpack/zck"
)

// maxHeader bounds the header of a delta in bytes: that of an image of 8 GiB has
// them. Each chunk takes three times its size in memory.
const maxHeader = 16 << 20

// zckFile is a .zck that somebody has at hand.
type zckFile struct {
	path   string
	header *zck.Header // nil where it is damaged
	damage error
	sha256 string
	used   bool
}

// readZCKs verifies .zck files from end to end.
func readZCKs(ctx context.Context, paths []string) ([]*zckFile, error) {
	var list []*zckFile
	for _, path := range paths {
		z, err := readZCK(ctx, path)
		if err != nil {
			return nil, err
		}
		list = append(list, z)
	}
	return list, nil
}

func readZCK(ctx context.Context, path string) (*zckFile, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	z, hash := &zckFile{path: path}, sha256.New()
	header, err := zck.Verify(ctx, io.TeeReader(file, hash), 0)
	if damage, ok := errors.AsType[*zck.FormatError](err); ok {
		z.damage = damage
		return z, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	z.header, z.sha256 = header, hex.EncodeToString(hash.Sum(nil))
	return z, nil
}

// leftover reports .zck files that prove nothing.
func (v *verifier) leftover(result *Verification) {
	for _, z := range v.zcks {
		switch {
		case z.damage != nil:
			result.add(StepZCK, z.path, Failed, "%v", z.damage)
		case !z.used:
			result.add(StepZCK, z.path, Failed, "no payload is its header")
		}
	}
}

// delta wants the header of a .zck that a device can do something with, and the
// .zck, where it is at hand.
func (v *verifier) delta(p *Payload, in io.Reader) []Step {
	limited := &io.LimitedReader{R: in, N: maxHeader}
	header, err := zck.ReadHeader(limited)
	switch {
	case err != nil && limited.N <= 0:
		return []Step{{Step: StepDelta, Outcome: NotProven, Detail: fmt.Sprintf("has a header of more than %d bytes, which is not read", maxHeader)}}
	case err != nil:
		return []Step{{Step: StepDelta, Outcome: Failed, Detail: err.Error()}}
	}
	if err := deltafile.Installable(header); err != nil {
		return []Step{{Step: StepDelta, Outcome: Failed, Detail: err.Error()}}
	}
	whole := Step{Step: StepDelta, Outcome: Proven,
		Detail: fmt.Sprintf("the whole header of an image of %d bytes in %s", header.Size(), plural(len(header.Chunks), "chunk"))}
	return []Step{whole, v.belongs(p, header)}
}

// belongs finds the .zck of a header.
func (v *verifier) belongs(p *Payload, header *zck.Header) Step {
	for _, z := range v.zcks {
		if z.header == nil || z.header.Digest() != header.Digest() {
			continue
		}
		z.used = true
		if wrong := misnamed(p, z.sha256); wrong != "" {
			return Step{Step: StepZCK, Outcome: Failed, Detail: wrong}
		}
		return Step{Step: StepZCK, Outcome: Proven, Detail: "is whole: " + z.path}
	}
	if len(v.zcks) > 0 {
		return Step{Step: StepZCK, Outcome: NotProven, Detail: "none of the .zck files has this header"}
	}
	return Step{Step: StepZCK, Outcome: NotAsked, Detail: "devices download the .zck, which is not at hand"}
}

var hexSHA256 = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`[0-9a-fA-F]{64}`)
})

// misnamed compares with the digest that the address of a .zck has, if any.
func misnamed(p *Payload, digest string) string {
	for _, e := range p.Entries {
		properties, err := e.Group.GetGroup("properties")
		if err != nil || properties == nil {
			continue
		}
		if found := hexSHA256().FindString(text(properties, "url")); found != "" && !strings.EqualFold(found, digest) {
			return fmt.Sprintf("its sha256 is %s, but the url of %s has %s", digest, e.Path, found)
		}
	}
	return ""
}
