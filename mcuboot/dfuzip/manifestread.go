package dfuzip

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"
)

// maxManifest bounds a manifest in bytes: thirty times what MaxFiles files need.
const maxManifest = 256 << 10

// listing is what a manifest says, without the data.
type listing struct {
	Package
	sizes []int64 // of the files, unknownSize where it does not say
}

const unknownSize = -1

// maxTime is more than Check allows, in seconds since 1970: it says so better.
const maxTime = 1 << 40

// parseManifest reads a manifest of format version 0 or 1, which differ in how
// files are called only. It takes names and types as iOS does, the strictest
// reader, to the letter.
func parseManifest(text []byte) (*listing, error) {
	if !json.Valid(text) {
		return nil, errors.New("is not JSON")
	}
	o, err := parseObject(text)
	if err != nil {
		return nil, err
	}
	o.number("format-version", formatVersion, required)
	l := &listing{Package: Package{Name: o.text("name", optional)}}
	l.Time = time.Unix(o.number("time", maxTime, required), 0).UTC()
	files := o.array("files")
	if o.err != nil {
		return nil, o.err
	}
	if n := len(files); n < 1 || n > MaxFiles {
		return nil, fmt.Errorf("%d files: want 1 to %d", n, MaxFiles)
	}
	for i, raw := range files {
		if err := l.add(raw); err != nil {
			return nil, fmt.Errorf("files[%d]: %w", i, err)
		}
	}
	return l, nil
}

func (l *listing) add(raw json.RawMessage) error {
	o, err := parseObject(raw)
	if err != nil {
		return err
	}
	f := File{
		Name: o.text("file", required), Type: o.text("type", optional), Board: o.text("board", optional), SoC: o.text("soc", optional),
		LoadAddress: uint32(o.number("load_address", 1<<32-1, optional)), ImageIndex: o.index("image_index", maxImageIndex),
		SlotIndexPrimary: o.index("slot_index_primary", maxSlot), SlotIndexSecondary: o.index("slot_index_secondary", maxSlot),
		Version: o.text("version_MCUBOOT", optional),
	}
	if o.has("slot") {
		f.Slot = new(o.index("slot", maxSlot))
	}
	if o.has("version_MCUBOOT+XIP") { // it has precedence on iOS
		f.Version = o.text("version_MCUBOOT+XIP", optional)
	}
	size := int64(unknownSize)
	if o.has("size") {
		size = o.number("size", MaxSize, required)
	}
	l.Files, l.sizes = append(l.Files, f), append(l.sizes, size)
	return o.err
}

// object is a JSON object whose members are asked for one after the other; err is
// the first that was wrong.
type object struct {
	members map[string]json.RawMessage
	err     error
}

// Whether a member may be absent.
const (
	required = true
	optional = false
)

// parseObject takes apart JSON that is valid. Package encoding/json alone would
// take members whose case is wrong, and the last one of two.
func parseObject(text []byte) (*object, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	if start, err := d.Token(); err != nil || start != json.Delim('{') {
		return nil, errors.New("want an object")
	}
	o := &object{members: map[string]json.RawMessage{}}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil, err
		}
		name := key.(string)
		if o.has(name) {
			return nil, fmt.Errorf("%q is there twice", name)
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil, err
		}
		o.members[name] = value
	}
	return o, nil
}

func (o *object) has(name string) bool { return o.members[name] != nil }

func (o *object) fail(name, want string) {
	if o.err == nil {
		o.err = fmt.Errorf("%s: want %s", name, want)
	}
}

// absent tells whether there is nothing to read.
func (o *object) absent(name string, need bool) bool {
	if !o.has(name) && need {
		o.fail(name, "it to be there")
	}
	return !o.has(name)
}

// text returns a string.
func (o *object) text(name string, need bool) string {
	if o.absent(name, need) {
		return ""
	}
	var value *string
	if err := json.Unmarshal(o.members[name], &value); err != nil || value == nil {
		o.fail(name, "a string")
		return ""
	}
	return *value
}

// number returns a whole number of 0 to limit.
func (o *object) number(name string, limit int64, need bool) int64 {
	if o.absent(name, need) {
		return 0
	}
	value, err := strconv.ParseInt(string(o.members[name]), 10, 64)
	if err != nil || value < 0 || value > limit {
		o.fail(name, fmt.Sprintf("a whole number of 0 to %d", limit))
		return 0
	}
	return value
}

// index returns a number that stands in a string; 0 where it is absent.
func (o *object) index(name string, limit int) int {
	text := o.text(name, optional)
	if !o.has(name) {
		return 0
	}
	value, err := strconv.Atoi(text)
	if err != nil || value < 0 || value > limit || strconv.Itoa(value) != text {
		o.fail(name, fmt.Sprintf(`a number of 0 to %d in a string, such as "1"`, limit))
		return 0
	}
	return value
}

// array returns the elements of an array.
func (o *object) array(name string) []json.RawMessage {
	if o.absent(name, required) {
		return nil
	}
	var elements []json.RawMessage
	if err := json.Unmarshal(o.members[name], &elements); err != nil {
		o.fail(name, "an array")
	}
	return elements
}
