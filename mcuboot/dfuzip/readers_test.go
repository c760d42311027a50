package dfuzip

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"net/url"
	"path"
	"strconv"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/mcuboot"
)

// target is an image as a phone takes it out of a package.
type target struct {
	image, slot int
	data        []byte
}

// anySlot is the slot of readers that do not look at it.
const anySlot = -1

// The readers of phones, as far as they can be disappointed. Each is written from
// what the named file does.
var readers = []struct {
	name string
	read func([]byte) ([]target, error)
}{
	// sample/src/main/java/io/runtime/mcumgr/sample/utils/ZipPackage.java of
	// Android-nRF-Connect-Device-Manager, dee937ca0de6.
	{"Android", readAndroid},
	// Source/McuMgrManifest.swift, 29d9f49259fb, and Source/McuMgrPackage.swift,
	// 04cbdbda22ee, of IOS-nRF-Connect-Device-Manager.
	{"iOS", readIOS},
	// example/lib/src/model/manifest.g.dart of Flutter-nRF-Connect-Device-Manager,
	// ecabd69d4f53.
	{"Flutter", readFlutter},
}

// What is written means the same to each reader: the right data go to the right
// image and slot.
func TestReaders(t *testing.T) {
	for name, p := range packages(t) {
		for _, reader := range readers {
			got, err := reader.read(pack(t, p))
			if err != nil || len(got) != len(p.Files) {
				t.Errorf("%s: %s: %d images, %v", name, reader.name, len(got), err)
				continue
			}
			for i := range p.Files {
				f := &p.Files[i]
				sameSlot := got[i].slot == f.slot() || got[i].slot == anySlot
				if got[i].image != f.ImageIndex || !sameSlot || !bytes.Equal(got[i].data, f.Data) {
					t.Errorf("%s: %s: %s goes to slot %d of image %d", name, reader.name, f.Name, got[i].slot, got[i].image)
				}
			}
		}
	}
}

// lenientInt is what Gson makes an int of: a number, or one in a string.
type lenientInt int

func (n *lenientInt) UnmarshalJSON(text []byte) error {
	value, err := strconv.Atoi(strings.Trim(string(text), `"`))
	*n = lenientInt(value)
	return err
}

// readAndroid goes through the local headers, as java.util.zip.ZipInputStream
// does, and reads the manifest with Gson's LOWER_CASE_WITH_UNDERSCORES.
func readAndroid(data []byte) ([]target, error) {
	type file struct {
		File       string     `json:"file"`
		Size       lenientInt `json:"size"`
		ImageIndex lenientInt `json:"image_index"`
		Slot       lenientInt `json:"slot"`
	}
	var manifest *struct{ Files []json.RawMessage }
	entries := map[string][]byte{}
	for len(data) >= 4 && binary.LittleEndian.Uint32(data) == 0x04034b50 {
		le := binary.LittleEndian
		flags, method, sum, size := le.Uint16(data[6:]), le.Uint16(data[8:]), le.Uint32(data[14:]), int(le.Uint32(data[18:]))
		if flags&8 != 0 || method != 0 {
			return nil, errors.New("only stored files are expected here, with their size in front")
		}
		begin := 30 + int(le.Uint16(data[26:])) + int(le.Uint16(data[28:]))
		name := string(data[30 : 30+le.Uint16(data[26:])])
		content := data[begin : begin+size]
		if crc32.ChecksumIEEE(content) != sum || strings.HasSuffix(name, "/") || path.Clean("/"+name) != "/"+name {
			return nil, fmt.Errorf("%q: invalid", name)
		}
		switch {
		case name == "manifest.json":
			if err := json.Unmarshal(content, &manifest); err != nil {
				return nil, err
			}
		case strings.HasSuffix(name, ".bin"):
			entries[name] = content
		}
		data = data[begin+size:]
	}
	var targets []target
	for _, raw := range manifest.Files {
		f := file{Slot: 1}
		if err := json.Unmarshal(raw, &f); err != nil {
			return nil, err
		}
		content, ok := entries[f.File]
		if !ok {
			return nil, fmt.Errorf("file not found: %q", f.File)
		}
		targets = append(targets, target{int(f.ImageIndex), int(f.Slot), content})
	}
	return targets, hashesFound(targets)
}

// hashesFound is the images' hash, which both libraries take from its TLV.
func hashesFound(targets []target) error {
	for _, one := range targets {
		img, _, err := mcuboot.Parse(one.data)
		if err != nil {
			return err
		}
		if _, ok := mcuboot.Find(img.Unprotected, mcuboot.TLVSHA256); !ok {
			return errors.New("hash not found")
		}
	}
	return nil
}

// unzipped is the content of the folder that a zip is unpacked into, in an order
// that is not that of the zip.
func unzipped(data []byte) (names []string, content map[string][]byte, err error) {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, nil, err
	}
	content = map[string][]byte{}
	for i := range z.File {
		f := z.File[len(z.File)-1-i]
		r, err := f.Open()
		if err != nil {
			return nil, nil, err
		}
		if content[f.Name], err = io.ReadAll(r); err != nil {
			return nil, nil, err
		}
		names = append(names, f.Name)
	}
	return names, content, nil
}

// iosManifest has pointers where a Decodable may be absent, and the others have
// to be there.
type iosManifest struct {
	FormatVersion *int `json:"format-version"`
	Time          *int
	Files         []struct {
		Size, ModTime *int
		File, Type    *string
		Board, SoC    *string
		Slot          *string
		LoadAddress   *int    `json:"load_address"`
		ImageIndex    *string `json:"image_index"`
		Version       *string `json:"version_MCUBOOT"`
		VersionXIP    *string `json:"version_MCUBOOT+XIP"`
	}
}

// readIOS unpacks the zip, takes the first .json for the manifest, drops blanks
// from it, and takes the first file whose URL has the name in it.
func readIOS(data []byte) ([]target, error) {
	names, content, err := unzipped(data)
	if err != nil {
		return nil, err
	}
	var text []byte
	for _, name := range names {
		if path.Ext(name) == ".json" && text == nil {
			text = content[name]
		}
	}
	for _, blank := range []string{" ", "\n", "\t", "\r"} {
		text = bytes.ReplaceAll(text, []byte(blank), nil)
	}
	var m iosManifest
	if err := json.Unmarshal(text, &m); err != nil {
		return nil, err
	}
	if m.FormatVersion == nil || m.Time == nil {
		return nil, errors.New("no version or time")
	}
	var targets []target
	for _, f := range m.Files {
		if f.Size == nil || f.ModTime == nil || f.File == nil || f.Type == nil || f.Board == nil || f.SoC == nil {
			return nil, errors.New("a member is missing")
		}
		if (f.Version != nil || f.VersionXIP != nil) && f.LoadAddress == nil {
			return nil, errors.New("no load address")
		}
		t := target{slot: 1}
		if f.ImageIndex != nil {
			if t.image, err = strconv.Atoi(*f.ImageIndex); err != nil {
				return nil, err
			}
		}
		if f.Slot != nil {
			if n, err := strconv.Atoi(*f.Slot); err == nil {
				t.slot = n
			}
		}
		for _, name := range names {
			u := url.URL{Scheme: "file", Path: "/var/mobile/Library/Caches/12AB/" + name}
			if t.data == nil && strings.Contains(u.String(), *f.File) {
				t.data = content[name]
			}
		}
		targets = append(targets, t)
	}
	return targets, hashesFound(targets)
}

// readFlutter wants a string or nothing, and for numbers a number or nothing. It
// does not know slots.
func readFlutter(data []byte) ([]target, error) {
	_, content, err := unzipped(data)
	if err != nil {
		return nil, err
	}
	var m struct {
		FormatVersion *int `json:"format-version"`
		Time          *int
		Files         []struct {
			File             string
			Type, Board, SoC *string
			Version          *string `json:"version_MCUBOOT"`
			ImageIndex       *string `json:"image_index"`
			LoadAddress      *int    `json:"load_address"`
			Size, ModTime    *int
		}
	}
	if err := json.Unmarshal(content["manifest.json"], &m); err != nil {
		return nil, err
	}
	if m.FormatVersion == nil || m.Time == nil {
		return nil, errors.New("no version or time")
	}
	var targets []target
	for _, f := range m.Files {
		t := target{slot: anySlot, data: content[f.File]}
		if f.ImageIndex != nil {
			if t.image, err = strconv.Atoi(*f.ImageIndex); err != nil {
				return nil, err
			}
		}
		targets = append(targets, t)
	}
	return targets, nil
}
