package pack

import (
	"errors"
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/fwpack/fwpack/pack/payload"
	"github.com/fwpack/fwpack/pack/swufile"
	"github.com/fwpack/fwpack/template"
	"github.com/fwpack/fwpack/template/swdesc"
)

// checkAuthor holds what the author wrote into an entry against the artifact.
// fwpack fills these attributes in, so they need not be there; where they are,
// they must be true.
func (bp *bundlePlanner) checkAuthor(group *swdesc.Group, entry *PlannedEntry) {
	p := &bp.planner.plan.Payloads[entry.Payload]
	bp.checkCompressed(group, p)
	bp.checkEncrypted(group, entry)
	bp.checkKeyShipped(group, entry)
	bp.checkDelta(group, entry)
	bp.checkSHA256(group, entry)
	bp.checkSizes(group, entry)
}

// checkCompressed compares `compressed` with what is done to the artifact. A
// file that is compressed already is packed as it is.
func (bp *bundlePlanner) checkCompressed(group *swdesc.Group, p *PlannedPayload) {
	setting := group.Get("compressed")
	if setting == nil {
		return
	}
	written, ok := swufile.CompressionOf(setting)
	offset := setting.Value().Offset()
	switch {
	case !ok:
		bp.errorf(offset, "compressed is %s, and must be a string such as \"zstd\"", setting.Value().Kind())
	case p.compressed() && bp.bundle.Software != nil:
		bp.errorf(offset, "compressed is for files that are compressed already; for artifact %q it is filled in: leave it out", p.Artifact)
	case p.compressed() && written != p.Compress.Method:
		bp.errorf(offset, "compressed is %q, but artifact %q is compressed with %s", written, p.Artifact, p.Compress.Method)
	case !p.compressed() && written != payload.None && p.Image != "":
		bp.errorf(offset, "compressed is %q, but image %q is not compressed: compress it in an [[artifact]] of its own", written, p.Image)
	case !p.compressed() && written != payload.None:
		bp.checkPrecompressed(offset, written, p)
	}
}

func (bp *bundlePlanner) checkPrecompressed(offset int, written payload.Compression, p *PlannedPayload) {
	found, err := magicOf(p.File)
	switch {
	case p.Size == unknownSize:
		p.Precompressed = written
	case err != nil:
		bp.errorf(offset, "artifact %q: %v", p.Artifact, err)
	case found != written:
		bp.problems.AddHint(bp.source.Pos(offset), "let fwpack compress it: compress = \""+string(written)+"\" in its [[artifact]]",
			"compressed is %q, but %s is not", written, p.File)
	default:
		p.Precompressed = written
	}
}

// magicOf tells from the first bytes of a file how it is compressed.
func magicOf(file string) (payload.Compression, error) {
	f, err := os.Open(file)
	if err != nil {
		return "", err
	}
	defer f.Close()
	prefix := make([]byte, 16)
	n, err := io.ReadFull(f, prefix)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return "", err
	}
	return payload.Magic(prefix[:n]), nil
}

// checkEncrypted compares `encrypted` and `ivt` with what is done to the
// artifact.
func (bp *bundlePlanner) checkEncrypted(group *swdesc.Group, entry *PlannedEntry) {
	p := &bp.planner.plan.Payloads[entry.Payload]
	if setting := group.Get("encrypted"); setting != nil {
		offset := setting.Value().Offset()
		value, ok := setting.Value().(*swdesc.Bool)
		switch {
		case !ok:
			bp.errorf(offset, "encrypted is %s, and must be true or false: SWUpdate before 2025.12 takes anything else for false", setting.Value().Kind())
		case value.Value() && p.Encrypt == "":
			bp.problems.AddHint(bp.source.Pos(offset), "name an AES key in its [[artifact]]: encrypt = \"KEY\"",
				"encrypted is true, but artifact %q is not encrypted", p.Artifact)
		case !value.Value() && p.Encrypt != "":
			bp.errorf(offset, "encrypted is false, but artifact %q is encrypted with key %q", p.Artifact, p.Encrypt)
		}
	}
	if setting := group.Get("ivt"); setting != nil && !bp.calls(setting, entry, template.IV, template.UniqueIV) {
		bp.errorf(setting.Value().Offset(), "ivt is written here, but every build draws a fresh one for each encrypted artifact: leave it out")
	}
}

// checkKeyShipped wants the author to leave out the key that is drawn.
func (bp *bundlePlanner) checkKeyShipped(group *swdesc.Group, entry *PlannedEntry) {
	if setting := group.Get("aes-key"); setting != nil && bp.planner.plan.Payloads[entry.Payload].Fresh {
		bp.errorf(setting.Value().Offset(), "aes-key is written here, but every build draws a fresh one for the artifact: leave it out")
	}
}

var hexSHA256 = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[0-9a-fA-F]{64}$`)
})

// checkSHA256 keeps the digest that the author wrote until the payload's is
// known.
func (bp *bundlePlanner) checkSHA256(group *swdesc.Group, entry *PlannedEntry) {
	setting := group.Get("sha256")
	if setting == nil {
		return
	}
	if bp.calls(setting, entry, template.SHA256) {
		return
	}
	offset := setting.Value().Offset()
	value, ok := setting.Value().(*swdesc.String)
	if !ok || !hexSHA256().MatchString(value.Value()) {
		bp.errorf(offset, "sha256 is not 64 hex digits: leave it out, it is filled in")
		return
	}
	digest := strings.ToLower(value.Value())
	if entry.SHA256 != "" && entry.SHA256 != digest {
		bp.errorf(offset, "sha256 differs from that of the same filename at %s", entry.SHA256Pos)
		return
	}
	entry.SHA256, entry.SHA256Pos = digest, bp.source.Pos(offset)
}

// checkSizes compares the size properties with the size of the source.
func (bp *bundlePlanner) checkSizes(group *swdesc.Group, entry *PlannedEntry) {
	p := &bp.planner.plan.Payloads[entry.Payload]
	properties, err := group.GetGroup("properties")
	if err != nil {
		bp.errorf(group.Get("properties").Value().Offset(), "properties is not a group { ... }")
		return
	}
	if properties == nil || p.Precompressed != "" || p.Size == unknownSize {
		return
	}
	for _, name := range []string{"decompressed-size", "decrypted-size"} {
		setting := properties.Get(name)
		if setting == nil || bp.calls(setting, entry, template.Size) {
			continue
		}
		value, _ := setting.Value().(*swdesc.String)
		if value == nil {
			bp.errorf(setting.Value().Offset(), "%s is %s, and must be a string", name, setting.Value().Kind())
		} else if size, err := parseSize(value.Value()); err != nil || size != p.Size {
			bp.errorf(setting.Value().Offset(), "%s is %q, but artifact %q has %d bytes", name, value.Value(), p.Artifact, p.Size)
		}
	}
}

// parseSize reads a size as SWUpdate's properties have it: decimal or 0x
// hexadecimal, with K, M or G for powers of 1024.
func parseSize(s string) (int64, error) {
	shift := 0
	if n := len(s); n > 0 {
		if i := strings.IndexByte("KMG", s[n-1]&^0x20); i >= 0 {
			s, shift = s[:n-1], 10*(i+1)
		}
	}
	size, err := strconv.ParseInt(s, 0, 64-shift)
	return size << shift, err
}
