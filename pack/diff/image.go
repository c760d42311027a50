package diff

import (
	"crypto"
	"fmt"
	"io"
	"strings"

	"github.com/fwpack/fwpack/mcuboot"
	"github.com/fwpack/fwpack/pack/imagefile"
	"github.com/fwpack/fwpack/pack/swufile"
)

// Image is what is different between two MCUboot images.
type Image struct {
	Changes []Change `json:"changes,omitempty"` // of header, TLVs, slot and trailer
	// Body is that of the body in the clear; nil where it is the same, or encrypted with
	// a key that is not at hand.
	Body  *Blocks  `json:"body,omitempty"`
	Notes []string `json:"notes,omitempty"`
}

// maxImage is the largest image in a bundle that is looked at, in bytes: what is
// looked at is held in memory.
const maxImage = 16 << 20

// image is what is known of one image.
type image struct {
	*imagefile.Inspection
	slot int        // bytes of the slot that the file has
	body *blockList // nil where the body is encrypted with a key that is not at hand
}

// readImage reads an image. keys open an encrypted body.
func readImage(name string, r io.Reader, keys *swufile.Keys) (*image, error) {
	f, err := imagefile.Read(name, r)
	if err != nil {
		return nil, err
	}
	var key crypto.PrivateKey
	if f.Image != nil {
		key = keys.ImageKey(f.Image)
	}
	ins, err := f.Inspect(key)
	if err != nil {
		return nil, err
	}
	img := &image{Inspection: ins, slot: len(f.Slot)}
	switch e := ins.Encryption; {
	case e == nil || e.Clear:
		img.body = blocksOf(f.Image.Body)
	case e.Opened:
		clear, err := f.Image.Decrypt(key)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		img.body = blocksOf(clear.Body)
	}
	return img, nil
}

// compareImages compares two images.
func compareImages(old, new *image) *Image {
	d := &Image{}
	was, is := old.fields(), new.fields()
	for i := range was {
		d.note(was[i].name, was[i].value, is[i].value, was[i].detail)
	}
	d.tlvs("protected ", old.Protected, new.Protected)
	d.tlvs("", old.TLVs, new.TLVs)
	d.problems("old", old.Problems)
	d.problems("new", new.Problems)
	if old.body == nil || new.body == nil {
		d.Notes = append(d.Notes, "the body is encrypted, and the key is not given: the digest is that of the body in the clear")
		return d
	}
	if b := compareBlocks(old.body, new.body); b.Same != b.Old || b.Same != b.New {
		d.Body = b
	}
	return d
}

// problems are those of one of the images that the other may have, too.
func (d *Image) problems(which string, problems []string) {
	for _, problem := range problems {
		d.Notes = append(d.Notes, "the "+which+" one: "+problem)
	}
}

// matters tells whether more than details are different. A body that is another one
// has another digest.
func (d *Image) matters() bool { return matter(d.Changes) || d.Body != nil }

func (d *Image) note(name, was, is string, detail bool) {
	if c, different := change(name, was, is); different {
		c.Detail = detail
		d.Changes = append(d.Changes, c)
	}
}

// field is something that an image has beside its TLVs.
type field struct {
	name, value string
	detail      bool
}

// fields are the same ones of each image, in the same order.
func (img *image) fields() []field {
	h, address, encryption := img.Header, "", ""
	if img.Address != nil {
		address = fmt.Sprintf("%#x", *img.Address)
	}
	if img.Encryption != nil {
		encryption = strings.TrimSpace(img.Encryption.Cipher + " " + strings.Join(img.Encryption.KeyTLVs, " "))
	}
	fields := []field{
		{"version", h.Version, false},
		{"format", img.Format, false},
		{"address", address, false},
		{"byte order", img.ByteOrder, false},
		{"flags", strings.Join(h.FlagNames, " "), false},
		{"load address", fmt.Sprintf("%#x", h.LoadAddress), false},
		{"header size", fmt.Sprint(h.HeaderSize), false},
		{"body size", fmt.Sprint(h.ImageSize), false},
		{"protected size", fmt.Sprint(h.ProtectedSize), true},
		{"encryption", encryption, false},
		{"compression", img.Compressed, false},
		{"file size", fmt.Sprint(img.slot), true},
	}
	return append(fields, trailerFields(img.Trailer)...)
}

func trailerFields(t *imagefile.Trailer) []field {
	if t == nil {
		t = &imagefile.Trailer{}
	}
	word := func(n *uint32) string {
		if n == nil {
			return ""
		}
		return fmt.Sprint(*n)
	}
	number := func(n *uint8) string {
		if n == nil {
			return ""
		}
		return fmt.Sprint(*n)
	}
	size, align := "", ""
	if t.MaxAlign > 0 {
		size, align = fmt.Sprintf("%#x", t.Offset), fmt.Sprint(t.MaxAlign)
	}
	return []field{
		{"trailer", size, false},
		{"trailer: alignment", align, false},
		{"trailer: image ok", t.ImageOK, false},
		{"trailer: copy done", t.CopyDone, false},
		{"trailer: swap type", t.SwapType, false},
		{"trailer: swap image", number(t.SwapImage), false},
		{"trailer: swap size", word(t.SwapSize), false},
	}
}

// tlvs compares the entries of an area: the first of a type with the first, and so
// on.
func (d *Image) tlvs(area string, old, new []imagefile.TLV) {
	was, is := byName(old), byName(new)
	for _, tlv := range new {
		d.tlv(area, tlv.Name, was, is)
	}
	for _, tlv := range old {
		d.tlv(area, tlv.Name, was, is)
	}
}

// tlv compares all entries of a type, once.
func (d *Image) tlv(area, name string, old, new map[string][]imagefile.TLV) {
	was, is := old[name], new[name]
	delete(old, name)
	delete(new, name)
	for i := range max(len(was), len(is)) {
		numbered := area + name
		if i > 0 {
			numbered = fmt.Sprintf("%s #%d", numbered, i+1)
		}
		d.note(numbered, shownAt(was, i), shownAt(is, i), isFresh(mcuboot.TLVType(append(was, is...)[0].Type)))
	}
}

func byName(list []imagefile.TLV) map[string][]imagefile.TLV {
	all := map[string][]imagefile.TLV{}
	for _, tlv := range list {
		all[tlv.Name] = append(all[tlv.Name], tlv)
	}
	return all
}

// isFresh tells whether each build makes an entry anew: signatures, and the wrapped
// keys of bodies. Who signed is told by the key.
func isFresh(t mcuboot.TLVType) bool {
	switch t {
	case mcuboot.TLVRSA2048, mcuboot.TLVRSA3072, mcuboot.TLVECDSA224, mcuboot.TLVECDSA, mcuboot.TLVEd25519,
		mcuboot.TLVEncRSA2048, mcuboot.TLVEncKW, mcuboot.TLVEncEC256, mcuboot.TLVEncX25519, mcuboot.TLVEncX25519SHA512:
		return true
	}
	return false
}

// shownAt is what an entry says, with its bytes where that is not all of it; ""
// where there is none.
func shownAt(list []imagefile.TLV, i int) string {
	if i >= len(list) {
		return ""
	}
	tlv := &list[i]
	switch mcuboot.TLVType(tlv.Type) {
	case mcuboot.TLVBootRecord, mcuboot.TLVKeyHash, mcuboot.TLVPubKey:
		return strings.TrimSpace(tlv.Value + " " + tlv.Says)
	}
	switch {
	case tlv.Says != "":
		return tlv.Says
	case tlv.Size == 0:
		return "empty"
	}
	return tlv.Value
}

// readNested reads an image inside of a bundle.
func readNested(r io.Reader, keys *swufile.Keys) (*image, error) {
	limited := &io.LimitedReader{R: r, N: maxImage + 1}
	img, err := readImage("image", limited, keys)
	if limited.N == 0 {
		return nil, errTooLarge
	}
	return img, err
}

var errTooLarge = fmt.Errorf("an image of more than %d MiB: only its bytes were compared", maxImage>>20)
