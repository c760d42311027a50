package pack

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fwpack/fwpack/internal/diag"
	"github.com/fwpack/fwpack/pack/imagebuild"
	"github.com/fwpack/fwpack/pack/payload"
	"github.com/fwpack/fwpack/template"
	"github.com/fwpack/fwpack/template/swdesc"
)

// Plan is what a build will do: which payloads are processed, how, and where
// each goes. It is plain data; nothing in it is a secret or an open file.
type Plan struct {
	Project  string           `json:"project"`
	Version  string           `json:"version"`
	Payloads []PlannedPayload `json:"payloads"` // each is processed once, however many entries use it
	Bundles  []PlannedBundle  `json:"bundles"`
	Images   []PlannedImage   `json:"images,omitempty"`
	DFUs     []PlannedDFU     `json:"dfu,omitempty"`
	Keys     map[string]*Key  `json:"-"` // those that the build needs
	Findings []Finding        `json:"-"` // what the descriptions break without being refused for it

	dir        string          // of the project file
	publicKeys map[string]*Key // of which the public half is needed, or a key-encryption key
}

// PlannedPayload is a source file and what is done to it.
type PlannedPayload struct {
	Artifact string             `json:"artifact"` // as the project names it; the file name of one found beside a template
	File     string             `json:"file"`
	Size     int64              `json:"size"`
	ModTime  time.Time          `json:"-"`
	Compress payload.Compress   `json:"compress"`
	Encrypt  string             `json:"encrypt,omitempty"` // name of the AES key
	Fresh    bool               `json:"fresh,omitempty"`   // a key of its own, which the description ships
	Delta    *Delta             `json:"delta,omitempty"`
	Ready    bool               `json:"ready_made,omitempty"` // File is the .zck of the delta already
	Guards   *Delta             `json:"guards,omitempty"`     // File is the base of this delta, and the payload a script that checks it
	Image    string             `json:"image,omitempty"`      // name of the image that it is
	Purpose  imagebuild.Purpose `json:"purpose,omitempty"`    // of that image
	Pos      diag.Pos           `json:"-"`

	// Precompressed is how the source file is compressed already, where the
	// description says that the device decompresses it.
	Precompressed payload.Compression `json:"precompressed,omitempty"`
}

// PlannedBundle is one .swu.
type PlannedBundle struct {
	Name                  string         `json:"name"`
	Output                string         `json:"output"`
	Template              string         `json:"template"` // the file that holds the description: a template, or the project file
	Description           []byte         `json:"-"`        // with its variables expanded, and nothing filled in yet
	Format                swdesc.Format  `json:"-"`        // of Description
	Version               string         `json:"version"`  // software.version
	HardwareCompatibility []string       `json:"hardware_compatibility"`
	Entries               []PlannedEntry `json:"entries"`
	Sign                  []string       `json:"sign"`
	Release               bool           `json:"release,omitempty"`
	Require               int            `json:"require,omitempty"` // how many of Sign must sign; 0 is all
	Cipher                *Cipher        `json:"encrypt_description,omitempty"`
	Request               string         `json:"request,omitempty"` // file beside the output, which is not signed yet: see Project.signsLater
	Pos                   diag.Pos       `json:"-"`
	CipherPos             diag.Pos       `json:"-"`

	text   *template.Text      // that Description is the bytes of; nil for a declared one
	calls  map[int]plannedCall // the functions in it, by where they begin
	images []string            // whose digests it tells
	script string              // what becomes of embedded-script; "" for nothing

	patches map[string]*Artifact // of rdiff, by the name of their entry, where entries are to be added around them
}

// PlannedEntry is a payload under the name that the sw-description gives it.
type PlannedEntry struct {
	Name    string `json:"name"`
	Payload int    `json:"payload"`         // index into Plan.Payloads
	Extra   bool   `json:"extra,omitempty"` // no entry of the description names it

	// SHA256 is the digest that the author wrote, at SHA256Pos; it is compared
	// when the payload has been processed.
	SHA256    string   `json:"sha256,omitempty"`
	SHA256Pos diag.Pos `json:"-"`
}

// SourceSize is the number of bytes that the build will read.
func (p *Plan) SourceSize() int64 {
	var total int64
	for i := range p.Payloads {
		total += max(0, p.Payloads[i].Size) // that of an image is not known yet
	}
	return total
}

// compressed tells whether fwpack compresses the payload.
func (p *PlannedPayload) compressed() bool {
	return p.Compress.Method != payload.None && p.Compress.Method != ""
}

// String lists the plan for people.
func (p *Plan) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s\n", p.Project, p.Version)
	for _, bundle := range p.Bundles {
		fmt.Fprintf(&b, "\n%s  from %s\n", bundle.Output, bundle.Template)
		if len(bundle.Sign) == 0 {
			b.WriteString("  not signed\n")
		} else {
			fmt.Fprintf(&b, "  %s by %s\n", bundle.signing(), strings.Join(bundle.Sign, ", "))
		}
		if bundle.Cipher != nil {
			fmt.Fprintf(&b, "  description encrypted %s, %d bytes longer\n", bundle.Cipher.words(), bundle.Cipher.Overhead)
		}
		for _, entry := range bundle.Entries {
			fmt.Fprintf(&b, "  %s  %s\n", entry.Name, p.Payloads[entry.Payload].describe())
		}
	}
	for i := range p.Images {
		p.Images[i].describe(&b)
	}
	for _, dfu := range p.DFUs {
		fmt.Fprintf(&b, "\n%s  with %s\n", dfu.Output, strings.Join(dfu.Images, ", "))
	}
	return b.String()
}

// signing is "signed", or what is left to do.
func (b *PlannedBundle) signing() string {
	if b.Request != "" {
		return "to be signed, as " + b.Request + " says,"
	}
	return "signed"
}

// keyUse says what the keys are for. A bundle that is a release makes the images in
// it one.
func (p *Plan) keyUse() keyUse {
	var use keyUse
	for i := range p.Bundles {
		use.bundles = append(use.bundles, p.Bundles[i].Sign...)
		if p.Bundles[i].Release {
			use.release = append(use.release, p.Bundles[i].Sign...)
		}
	}
	for i := range p.Images {
		image := &p.Images[i]
		use.images = append(use.images, image.Sign)
		if p.released(image.Name) {
			use.release = append(use.release, image.Sign)
		}
	}
	return use
}

// released tells whether a bundle that is a release holds the image.
func (p *Plan) released(image string) bool {
	return slices.ContainsFunc(p.Bundles, func(b PlannedBundle) bool {
		return b.Release && slices.ContainsFunc(b.Entries, func(e PlannedEntry) bool { return p.Payloads[e.Payload].Image == image })
	})
}

// signed tells whether the build signs the bundle.
func (b *PlannedBundle) signed() bool { return len(b.Sign) > 0 && b.Request == "" }

// describe is "1073741824 bytes of deploy/rootfs.ext4, zstd, encrypted with device".
func (p *PlannedPayload) describe() string {
	parts := []string{fmt.Sprintf("%d bytes of %s", p.Size, p.File)}
	switch {
	case p.Image != "":
		parts[0] = "image " + p.Image
	case p.Guards != nil:
		parts[0] = fmt.Sprintf("checks that the device has %s", p.File)
	case p.Delta != nil && p.Delta.Kind == deltaRdiff:
		parts = append(parts, "what is new since "+p.Delta.Base)
	case p.Delta != nil:
		parts = append(parts, "the header of "+p.Delta.Output)
	}
	if p.compressed() {
		parts = append(parts, string(p.Compress.Method))
	}
	switch {
	case p.Fresh:
		parts = append(parts, "encrypted with a fresh key")
	case p.Encrypt != "":
		parts = append(parts, "encrypted with "+p.Encrypt)
	}
	return strings.Join(parts, ", ")
}
