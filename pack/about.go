package pack

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/fwpack/fwpack/pack/payload"
	"github.com/fwpack/fwpack/pack/swufile"
	"github.com/fwpack/fwpack/sign/request"
	"github.com/fwpack/fwpack/template/swdesc"
)

// about says in words what is to be signed.
func (s *Signing) about(ctx context.Context) (request.About, error) {
	about := request.About{Kind: request.KindBundle, File: s.name, Summary: summary(s.bundle)}
	file, err := os.Open(s.path)
	if err != nil {
		return about, err
	}
	defer file.Close()
	content, err := DigestOf(ctx, file)
	if err != nil {
		return about, fmt.Errorf("%s: %w", s.path, err)
	}
	about.Size, about.SHA256 = content.Size, content.SHA256
	if s.opt.Previous == "" {
		return about, nil
	}
	previous, err := readFinished(ctx, s.opt.Previous, s.opt.Decrypt)
	if err == nil {
		err = intact(previous)
	}
	if err != nil {
		return about, err
	}
	about.Previous, about.Changes = filepath.Base(s.opt.Previous), changes(previous, s.bundle)
	return about, nil
}

// DigestOf reads r to its end.
func DigestOf(ctx context.Context, r io.Reader) (Content, error) {
	hash := sha256.New()
	size, err := io.Copy(hash, &stoppable{ctx, r})
	return Content{Size: size, SHA256: hex.EncodeToString(hash.Sum(nil))}, err
}

// stoppable is a reader that ends with its context.
type stoppable struct {
	ctx context.Context
	r   io.Reader
}

func (s *stoppable) Read(p []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	return s.r.Read(p)
}

// summary says what the bundle holds, a line each.
func summary(b *swufile.File) []string {
	lines := []string{"version " + versionOf(b.Doc)}
	if hardware := hardwareOf(b.Doc); len(hardware) > 0 {
		lines = append(lines, "for hardware "+strings.Join(hardware, ", "))
	}
	uses := map[string][]string{}
	for group, filename := range swufile.Groups(b.Doc) {
		if name, ok := filename.Value().(*swdesc.String); ok {
			uses[name.Value()] = append(uses[name.Value()], useOf(group))
		}
	}
	for _, entry := range b.Payloads {
		use := strings.Join(uses[entry.Name], "; ")
		if use == "" {
			use = "no entry names it"
		}
		lines = append(lines, fmt.Sprintf("%s: %d bytes, sha256 %s: %s", entry.Name, entry.Size, entry.SHA256(), use))
	}
	return lines
}

// useOf says what a device does with a file: "raw to /dev/mmcblk0p2, zstd,
// encrypted".
func useOf(group *swdesc.Group) string {
	parts := []string{textOf(group, "type", "as its section says")}
	for _, where := range []string{"device", "path", "volume", "mtdname"} {
		if value := textOf(group, where, ""); value != "" {
			parts[0] += " to " + value
		}
	}
	if method := swufile.Compression(group); method != payload.None {
		parts = append(parts, string(method))
	}
	if swufile.Encrypted(group) {
		parts = append(parts, "encrypted")
	}
	return strings.Join(parts, ", ")
}

func textOf(group *swdesc.Group, name, otherwise string) string {
	if value, ok, err := group.GetString(name); ok && err == nil {
		return value
	}
	return otherwise
}
