package imgtool

import (
	"bytes"
	"crypto"
	"encoding/base64"
	"fmt"
	"io"
	"strings"

	"github.com/fwpack/fwpack/mcuboot"
	"github.com/fwpack/fwpack/mcuboot/firmware"
)

// Sign makes an image, or what is to be signed of it, and writes it. It returns
// the lines that imgtool prints.
func Sign(o SignOptions) ([]string, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	job := &signing{o: &o}
	for _, step := range []func() error{job.read, job.options, job.keys, job.make} {
		if err := step(); err != nil {
			return nil, asUsage(err)
		}
	}
	return job.notes, job.write()
}

// signing is one run of Sign. Its steps fill it from top to bottom.
type signing struct {
	o *SignOptions

	input []byte
	base  *uint32 // of the output, if it has addresses

	build mcuboot.Options
	kind  mcuboot.KeyType // of the signing key, or 0

	img       *mcuboot.Image
	data      []byte // what is to be signed, in the place of an image
	signature []byte // nil where there is none
	notes     []string
}

func (s *signing) note(format string, args ...any) {
	s.notes = append(s.notes, fmt.Sprintf(format, args...))
}

// read reads the input and finds the address of the output.
func (s *signing) read() (err error) {
	if s.input, s.base, err = readInput(s.o.Input); err != nil {
		return err
	}
	if s.base != nil && s.o.PadHeader && *s.base != 0 {
		if int64(*s.base) < int64(s.o.HeaderSize) && s.o.HexAddr == nil {
			return usagef("%s: begins at %#x: no room in front of it for a header of %d bytes", s.o.Input, *s.base, s.o.HeaderSize)
		}
		*s.base -= uint32(s.o.HeaderSize)
	}
	if s.o.HexAddr != nil {
		s.base = s.o.HexAddr
	}
	if s.hex() && s.base == nil {
		return usagef("%s: %s has no address: --hex-addr is missing", s.o.Output, s.o.Input)
	}
	return nil
}

// hex tells whether the output is Intel HEX.
func (s *signing) hex() bool { return firmware.FormatOfName(s.o.Output) == firmware.IntelHex }

// options translates all options but those of keys.
func (s *signing) options() (err error) {
	o := s.o
	s.build = mcuboot.Options{
		Version: o.Version, HeaderSize: o.HeaderSize, PadHeader: o.PadHeader, ErasedZero: o.ErasedZero,
		LoadAddr: o.LoadAddr, ROMFixed: o.ROMFixed, NonBootable: o.NonBootable,
		SecurityCounter: o.SecurityCounter, Dependencies: o.Dependencies, BootRecord: o.BootRecord,
		ByteOrder: o.ByteOrder,
	}
	if o.AutoCounter {
		counter := o.Version.SecurityCounter()
		s.build.SecurityCounter = &counter
	}
	if s.build.VendorID, s.build.ClassID, err = o.identifiers(); err != nil {
		return err
	}
	if s.build.Custom, err = o.custom(); err != nil {
		return err
	}
	if o.Compression == CompressionLZMA2 || o.Compression == CompressionThumb {
		s.build.Compression = &mcuboot.Compression{Compress: firmware.Compress, ARMThumb: o.Compression == CompressionThumb}
	}
	return nil
}

// keys opens the keys. What does not concern a key of the type at hand is left
// out, as imgtool passes it by.
func (s *signing) keys() (err error) {
	sig := &s.build.Signing
	*sig = mcuboot.Signing{Hash: s.o.Hash, Pure: s.o.Pure, Rand: s.o.Rand}
	switch {
	case s.o.Key != "":
		sig.Signer, s.kind, err = signer(s.o.Key, s.o.Passphrase)
	case s.o.FixSignatureKey != "":
		sig.PublicKey, s.kind, err = publicKey(s.o.FixSignatureKey, s.o.Passphrase)
	}
	if err != nil {
		return err
	}
	if s.o.Key != "" && s.kind == mcuboot.ECDSAP256 && s.o.Hash == crypto.SHA512 {
		return usagef("%s: hash SHA-512 with a key of type %s: want SHA-256", s.o.Key, s.kind)
	}
	sig.FullKey = s.o.FullKey && s.kind != 0
	sig.PadSignature = s.o.PadSignature && (s.kind == mcuboot.ECDSAP256 || s.kind == mcuboot.ECDSAP384)
	return s.recipient()
}

// recipient opens the key that the image is encrypted for.
func (s *signing) recipient() error {
	if s.o.Encrypt == "" {
		return nil
	}
	pub, kind, err := publicKey(s.o.Encrypt, s.o.Passphrase)
	if err != nil {
		return err
	}
	rsa := func(k mcuboot.KeyType) bool { return k == mcuboot.RSA2048 || k == mcuboot.RSA3072 }
	switch {
	case s.kind == 0 || s.kind == mcuboot.Ed25519 || s.kind == kind:
	case rsa(s.kind) && rsa(kind):
	default:
		return usagef("%s: of type %s: a key of type %s signs, and both must be of one type", s.o.Encrypt, kind, s.kind)
	}
	e := &mcuboot.Encryption{Recipient: pub, KeySize: s.o.KeySize, HMAC: s.o.HMAC, Clear: s.o.Clear, Rand: s.o.Rand}
	if rsa(kind) {
		e.HMAC = 0 // RSA wraps keys without one
	}
	s.build.Encryption = e
	return nil
}

// make makes the data that is written.
func (s *signing) make() error {
	if s.o.Vector != "" {
		return s.vector()
	}
	img, err := s.image()
	if err != nil {
		return err
	}
	if err := s.fits(img); err != nil {
		return err
	}
	if tlv, ok := signatureOf(img); ok {
		s.signature = tlv.Value
	}
	s.img = img
	return nil
}

// vector makes what is to be signed elsewhere.
func (s *signing) vector() error {
	request, err := mcuboot.ToBeSigned(s.input, s.build)
	if err != nil {
		return err
	}
	s.note("image.py: export %s", s.o.Vector)
	s.data = request.Payload
	if s.o.Vector == VectorDigest {
		s.data = request.Digest
	}
	return nil
}

func (s *signing) image() (*mcuboot.Image, error) {
	if s.o.FixSignature != "" {
		return s.attached()
	}
	if s.kind != 0 {
		what := "payload"
		if s.kind == mcuboot.Ed25519 {
			what = "digest"
		}
		s.note("image.py: sign the %s", what)
	}
	if s.build.Compression != nil {
		return s.compressed()
	}
	return mcuboot.Build(s.input, s.build)
}

// attached makes the image with a signature that was made elsewhere.
func (s *signing) attached() (*mcuboot.Image, error) {
	text, err := readKey(s.o.FixSignature)
	if err != nil {
		return nil, err
	}
	signature, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(text)))
	if err != nil {
		return nil, fmt.Errorf("%s: want a signature in base64: %v", s.o.FixSignature, err)
	}
	request, err := mcuboot.ToBeSigned(s.input, s.build)
	if err != nil {
		return nil, err
	}
	img, err := request.Attach(signature)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.o.FixSignature, err)
	}
	return img, nil
}

// compressed makes an image that must fit the slot before it is compressed as
// well: the bootloader unpacks it into one.
func (s *signing) compressed() (*mcuboot.Image, error) {
	plain := s.build
	plain.Compression, plain.Encryption = nil, nil
	before, err := mcuboot.Build(s.input, plain)
	if err != nil {
		return nil, err
	}
	if err := s.fits(before); err != nil {
		return nil, fmt.Errorf("before compression: %w", err)
	}
	img, err := mcuboot.Build(s.input, s.build)
	if err == nil {
		s.note("compressed image size: %d bytes", img.Size())
		s.note("original image size: %d bytes", before.Size())
	}
	return img, err
}

// fits refuses an image that has no room in the slot.
func (s *signing) fits(img *mcuboot.Image) error {
	if s.o.SlotSize == 0 {
		return nil
	}
	fit, err := s.o.slot().Fit(img)
	if err != nil {
		return err
	}
	if err := fit.Err(); err != nil {
		return &fitError{err, fit}
	}
	return nil
}

// fitError has the table of what takes how many bytes.
type fitError struct {
	error
	fit mcuboot.Fit
}

// Hint returns what takes how many bytes.
func (e *fitError) Hint() string {
	var rows []string
	for _, part := range e.fit.Parts {
		rows = append(rows, fmt.Sprintf("%s %d", part.Name, part.Size))
	}
	return strings.Join(rows, ", ")
}

// signatureOf returns the signature in an image.
func signatureOf(img *mcuboot.Image) (mcuboot.TLV, bool) {
	for _, t := range []mcuboot.TLVType{mcuboot.TLVRSA2048, mcuboot.TLVRSA3072, mcuboot.TLVECDSA, mcuboot.TLVEd25519} {
		if tlv, ok := mcuboot.Find(img.Unprotected, t); ok {
			return tlv, true
		}
	}
	return mcuboot.TLV{}, false
}

// write writes the output and, if wanted, the signature.
func (s *signing) write() error {
	out, err := s.output()
	if err != nil {
		return asUsage(err)
	}
	if s.o.SignatureOutput != "" {
		text := base64.StdEncoding.EncodeToString(s.signature)
		if err := WriteFile(s.o.SignatureOutput, []byte(text)); err != nil {
			return err
		}
	}
	return writeFile(s.o.Output, out)
}

// output returns the content of the output file.
func (s *signing) output() (io.WriterTo, error) {
	if s.img != nil && !s.hex() && !s.o.padded() {
		return s.img, nil
	}
	data := s.data
	var err error
	if s.img != nil {
		data, err = s.img.MarshalBinary()
	}
	switch {
	case err != nil:
		return nil, err
	case s.hex():
		data, err = s.hexOutput(data)
	case s.o.padded():
		data, err = s.o.slot().Pad(data, s.o.mark())
	}
	return bytes.NewReader(data), err
}

// hexOutput returns Intel HEX without what is erased.
func (s *signing) hexOutput(data []byte) ([]byte, error) {
	records := []record{{uint64(*s.base), data, "the image"}}
	if s.o.padded() {
		trailer, err := s.o.slot().Records(s.o.mark())
		if err != nil {
			return nil, err
		}
		for _, r := range trailer {
			records = append(records, record{uint64(*s.base) + uint64(r.Offset), r.Data, "the trailer"})
		}
	}
	return hexFile(records)
}
