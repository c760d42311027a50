package swufile

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/fwpack/fwpack/pack/payload"
	"github.com/fwpack/fwpack/template/swdesc/swupdate"
)

func joinComma(names []string) string { return strings.Join(names, ", ") }

func infoOf(p *Payload) PayloadInfo {
	info := PayloadInfo{Name: p.Name, Size: p.Size, SHA256: p.SHA256(), Entries: []string{}}
	if u := p.Finding.Unpacked; u != nil && p.Problem == nil {
		info.UnpackedSize, info.UnpackedSHA256 = &u.Size, hex.EncodeToString(u.SHA256[:])
	}
	for _, e := range p.Entries {
		info.Entries = append(info.Entries, e.Path)
	}
	return info
}

// payload goes down from the description to what a device installs.
func (v *verifier) payload(result *Verification, f *File, p *Payload) {
	if len(p.Entries) == 0 {
		if f.Doc == nil {
			result.add(StepPayload, p.Name, NotProven, "what the description says of it is not known")
			return
		}
		result.add(StepPayload, p.Name, NotAsked, "no entry names it: a device passes over it")
		result.Steps = append(result.Steps, v.content[p]...)
		return
	}
	digest(result, p)
	unpacking(result, p)
	sizes(result, p)
	result.Steps = append(result.Steps, v.content[p]...)
	v.dependencies(result, p)
}

// digest compares with every digest that the description has of a payload.
func digest(result *Verification, p *Payload) {
	told := false
	for _, e := range p.Entries {
		if e.SHA256 == "" {
			continue
		}
		told = true
		if e.SHA256 != p.SHA256() {
			result.add(StepSHA256, p.Name, Failed, "is %s, but %s says %s", p.SHA256(), e.Path, e.SHA256)
			return
		}
	}
	if !told {
		result.add(StepSHA256, p.Name, NotProven, "the description has none")
		return
	}
	result.add(StepSHA256, p.Name, Proven, "%s", p.SHA256())
}

// unpacking wants a payload to be whole: a device takes one that is cut off, and of
// several gzip members the first.
func unpacking(result *Verification, p *Payload) {
	packed := p.Packing.Encrypted || decompresses(p.Packing.Compress)
	switch {
	case errors.Is(p.Problem, payload.ErrSealed), errors.Is(p.Problem, payload.ErrBudget):
		result.add(StepUnpacking, p.Name, NotProven, "%v", p.Problem)
	case p.Problem != nil:
		result.add(StepUnpacking, p.Name, Failed, "%v", p.Problem)
	case !packed:
	case p.Members > 1:
		result.add(StepUnpacking, p.Name, Failed, "has %d gzip members, of which a device installs the first", p.Members)
	case p.Trailing > 0:
		result.add(StepUnpacking, p.Name, Failed, "%s behind what is compressed, which a device drops", plural(int(p.Trailing), "byte"))
	default:
		result.add(StepUnpacking, p.Name, Proven, "%s", unpackedHow(p))
	}
}

func unpackedHow(p *Payload) string {
	var how []string
	if p.Packing.Encrypted {
		how = append(how, "decrypted with "+p.Packing.Encrypt.Cipher())
	}
	if decompresses(p.Packing.Compress) {
		how = append(how, "decompressed with "+string(p.Packing.Compress))
	}
	text := fmt.Sprintf("%s to %s", strings.Join(how, ", "), plural(int(p.Finding.Unpacked.Size), "byte"))
	if len(how) == 1 && p.Packing.Encrypted {
		text += "; a wrong IV would not be noticed"
	}
	return text
}

// sizes compares with the sizes in the description, which devices make room by.
func sizes(result *Verification, p *Payload) {
	var told []string
	for _, e := range p.Entries {
		for _, size := range declared(e, p) {
			if size.want != size.is {
				result.add(StepSizes, p.Name, Failed, "%s of %s is %d, but it is %d", size.name, e.Path, size.want, size.is)
				return
			}
			told = append(told, fmt.Sprintf("%s %d", size.name, size.is))
		}
	}
	if len(told) > 0 {
		result.add(StepSizes, p.Name, Proven, "%s", told[0])
	}
}

// declaredSize is a size that an entry tells, and the one that was found.
type declaredSize struct {
	name     string
	want, is int64
}

// declared lists what can be compared. The size of a partition is not that of its
// payload.
func declared(e Entry, p *Payload) []declaredSize {
	var list []declaredSize
	if e.Size >= 0 && e.Section != swupdate.Partitions {
		list = append(list, declaredSize{"size", e.Size, p.Size})
	}
	if p.Problem != nil || p.Finding.Unpacked == nil {
		return list
	}
	compressed := decompresses(e.Compressed)
	if e.DecompressedSize >= 0 && compressed {
		list = append(list, declaredSize{"decompressed-size", e.DecompressedSize, p.Finding.Unpacked.Size})
	}
	if e.DecryptedSize >= 0 && e.Encrypted && !compressed {
		list = append(list, declaredSize{"decrypted-size", e.DecryptedSize, p.Finding.Unpacked.Size})
	}
	return list
}
