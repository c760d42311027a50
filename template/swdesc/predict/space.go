package predict

import "github.com/fwpack/fwpack/template/swdesc/swupdate"

// noteSize records how large an artifact is on its target, where the
// description or the archive tells.
func (c *client) noteSize(e *entry, f swupdate.Entry, step Step) {
	if e.section&swupdate.Payloads == 0 || e.compressed == "" && !e.encrypted {
		return
	}
	n, ok := unpackedSize(e, f)
	if !ok {
		return
	}
	c.out.Space.Unpacked = append(c.out.Space.Unpacked, Size{Filename: e.filename, Target: step.Target, Bytes: n})
}

// unpackedSize prefers what was measured to what the description claims.
func unpackedSize(e *entry, f swupdate.Entry) (int64, bool) {
	if e.compressed != "" && f.Unpacked != nil && f.Unpacked.Problem == "" {
		return f.Unpacked.Size, true
	}
	property := "decrypted-size"
	if e.compressed != "" {
		property = "decompressed-size"
	}
	return swupdate.ParseSize(e.property(property))
}
