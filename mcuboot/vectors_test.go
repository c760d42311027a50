package mcuboot

import (
	"bufio"
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/mcuboot/firmware"
)

// vector is a run of the reference: see testdata/README.md.
type vector struct {
	ID         string
	Args       []string
	Body       int
	ZeroHeader int `json:"zero_header"`
	Exit       string
	Size       int
	SHA256     string
}

func vectors(t testing.TB) []vector {
	t.Helper()
	f, err := os.Open("testdata/imgtool.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var all []vector
	for lines := bufio.NewScanner(f); lines.Scan(); {
		dec := json.NewDecoder(bytes.NewReader(lines.Bytes()))
		dec.DisallowUnknownFields()
		var v vector
		if err := dec.Decode(&v); err != nil {
			t.Fatal(err)
		}
		all = append(all, v)
	}
	return all
}

// testBody is the test firmware: body bytes behind zeros.
func testBody(zeros, body int) []byte {
	data := make([]byte, zeros, zeros+body)
	for i := range body {
		data = append(data, byte(7*i+3))
	}
	return data
}

// edKey is the key with the seed 00 01 .. 1f.
func edKey() ed25519.PrivateKey {
	seed := make([]byte, ed25519.SeedSize)
	for i := range seed {
		seed[i] = byte(i)
	}
	return ed25519.NewKeyFromSeed(seed)
}

// command is a command line of imgtool as this package's options.
type command struct {
	o         Options
	slot      Slot
	pad       bool
	mark      Mark
	vector    string // --vector-to-sign
	base      int    // -x
	vid, cid  string
	in, out   string
	autoCount bool
}

// parseCommand knows the arguments that are in the vectors.
func parseCommand(args []string) (c command, err error) {
	c.slot.Align = 1
	for i := 0; i < len(args); i++ {
		if !strings.HasPrefix(args[i], "-") {
			c.in, c.out = c.out, args[i]
			continue
		}
		if c.flag(args[i]) {
			continue
		}
		name := args[i]
		i++
		if name == "--custom-tlv" {
			c.custom(args[i], args[i+1])
			i++
			continue
		}
		if err := c.option(name, args[i]); err != nil {
			return c, err
		}
	}
	return c, c.complete()
}

func (c *command) flag(name string) bool {
	switch name {
	case "--pad-header":
		c.o.PadHeader = true
	case "--pad":
		c.pad = true
	case "--test":
		c.pad, c.mark = true, max(c.mark, MarkTest)
	case "--confirm":
		c.pad, c.mark = true, MarkConfirm
	case "--overwrite-only":
		c.slot.OverwriteOnly = true
	case "--non-bootable":
		c.o.NonBootable = true
	case "--pure":
		c.o.Signing.Pure = true
	default:
		return false
	}
	return true
}

func (c *command) option(name, value string) (err error) {
	n64, notNumber := strconv.ParseInt(value, 0, 64)
	n := int(n64)
	switch name {
	case "-H":
		c.o.HeaderSize = n
	case "-S":
		c.slot.Size = n
	case "-v":
		c.o.Version, err = ParseVersion(value)
	case "-R":
		c.o.ErasedZero = n == 0
	case "-x":
		c.base = n
	case "-L":
		c.o.LoadAddr = uint32(n)
	case "-F":
		c.o.ROMFixed = uint32(n)
	case "-M":
		c.slot.MaxSectors = n
	case "--align":
		c.slot.Align = n
	case "--max-align":
		c.slot.MaxAlign = n
	case "-s":
		c.autoCount = notNumber != nil
		counter := uint32(n)
		c.o.SecurityCounter = &counter
	case "-d":
		c.o.Dependencies, err = ParseDependencies(value)
	case "--boot-record":
		c.o.BootRecord = &value
	case "--vid":
		c.vid = value
	case "--cid":
		c.cid = value
	case "-e":
		if value == "big" {
			c.o.ByteOrder = BigEndian
		}
	case "-k":
		c.o.Signing.Signer = edKey()
	case "--sha":
		c.o.Signing.Hash = map[string]crypto.Hash{"256": crypto.SHA256, "384": crypto.SHA384, "512": crypto.SHA512}[value]
	case "--public-key-format":
		c.o.Signing.FullKey = value == "full"
	case "--vector-to-sign":
		c.vector = value
	default:
		return fmt.Errorf("argument %s: not known to this test", name)
	}
	return err
}

func (c *command) custom(tag, value string) {
	number, _ := strconv.ParseUint(tag, 0, 16)
	data := []byte(value)
	if digits, ok := strings.CutPrefix(value, "0x"); ok {
		data, _ = hex.DecodeString(digits)
	}
	c.o.Custom = append(c.o.Custom, TLV{TLVType(number), data})
}

// complete does what depends on several arguments.
func (c *command) complete() error {
	if c.autoCount {
		*c.o.SecurityCounter = c.o.Version.SecurityCounter()
	}
	c.slot.ErasedZero, c.slot.ByteOrder = c.o.ErasedZero, c.o.ByteOrder
	if c.vid != "" {
		id, err := ParseVendorID(c.vid)
		if err != nil {
			return err
		}
		c.o.VendorID = &id
	}
	if c.cid != "" {
		id, err := ParseClassID(c.cid, c.o.VendorID)
		if err != nil {
			return err
		}
		c.o.ClassID = &id
	}
	return nil
}

// run does what the command does and returns its output.
func (c *command) run(input []byte) ([]byte, error) {
	data, err := c.image(input)
	if err != nil {
		return nil, err
	}
	if strings.HasSuffix(c.out, ".hex") {
		return c.hex(data)
	}
	if c.pad {
		return c.slot.Pad(data, c.mark)
	}
	return data, nil
}

// image returns the image's bytes, or what is to be signed.
func (c *command) image(input []byte) ([]byte, error) {
	if c.vector != "" {
		r, err := ToBeSigned(input, c.o)
		if err != nil {
			return nil, err
		}
		if c.vector == "digest" {
			return r.Digest, nil
		}
		return r.Payload, nil
	}
	img, err := Build(input, c.o)
	if err != nil {
		return nil, err
	}
	fit, err := c.slot.Fit(img)
	if err != nil {
		return nil, err
	}
	if err := fit.Err(); err != nil {
		return nil, err
	}
	return img.MarshalBinary()
}

// hex writes Intel HEX, without what is erased.
func (c *command) hex(data []byte) ([]byte, error) {
	records := []Record{{0, data}}
	if c.pad {
		trailer, err := c.slot.Records(c.mark)
		if err != nil {
			return nil, err
		}
		records = append(records, trailer...)
	}
	var memory firmware.Memory
	for _, r := range records {
		if err := memory.Add(uint32(c.base+r.Offset), r.Data, "image"); err != nil {
			return nil, err
		}
	}
	var out bytes.Buffer
	err := memory.WriteHex(&out)
	return out.Bytes(), err
}

// TestVectors: the same bytes as imgtool 2.4, and the same refused.
func TestVectors(t *testing.T) {
	for _, v := range vectors(t) {
		c, err := parseCommand(v.Args)
		if err != nil {
			t.Errorf("%s: %v", v.ID, err)
			continue
		}
		out, err := c.run(testBody(v.ZeroHeader, v.Body))
		if v.Exit == "refused" {
			if err == nil || !strings.Contains(err.Error(), "more than the slot of") {
				t.Errorf("%s %q: error %v, want one about the slot", v.ID, v.Args, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s %q: %v", v.ID, v.Args, err)
			continue
		}
		if got := fmt.Sprintf("%x", sha256.Sum256(out)); got != v.SHA256 {
			t.Errorf("%s %q: %d bytes, want %d and SHA-256 %s", v.ID, v.Args, len(out), v.Size, v.SHA256)
		}
	}
}

// TestVectorsParse: what is parsed makes the same bytes, and what was padded
// has the trailer that it was given.
func TestVectorsParse(t *testing.T) {
	images := 0
	for _, v := range vectors(t) {
		c, err := parseCommand(v.Args)
		if err != nil || c.vector != "" || v.Exit == "refused" || strings.HasSuffix(c.out, ".hex") {
			continue
		}
		images++
		data, err := c.run(testBody(v.ZeroHeader, v.Body))
		if err != nil {
			t.Fatal(err)
		}
		img, rest, err := Parse(data)
		if err != nil {
			t.Errorf("%s: %v", v.ID, err)
			continue
		}
		again, err := img.MarshalBinary()
		if err != nil || !bytes.Equal(append(again, rest...), data) {
			t.Errorf("%s: other bytes than parsed, %v", v.ID, err)
		}
		trailer, err := ParseTrailer(rest, img.ByteOrder)
		if (err == nil) != c.pad {
			t.Errorf("%s: trailer %+v, %v", v.ID, trailer, err)
		}
		confirmed := c.mark == MarkConfirm && !c.slot.OverwriteOnly
		if err == nil && (trailer.ImageOK == imageOK) != confirmed {
			t.Errorf("%s: trailer %+v", v.ID, trailer)
		}
	}
	if images < 100 {
		t.Errorf("%d images, want at least 100", images)
	}
}
