package dfuzip

import (
	"bytes"
	"encoding/json"
	"strconv"
)

// formatVersion is that of the manifests of nRF Connect SDK 2.7 and later.
const formatVersion = 1

// manifest is the JSON, with the members in the order of generate_zip.py.
type manifest struct {
	FormatVersion int            `json:"format-version"`
	Time          int64          `json:"time"`
	Files         []manifestFile `json:"files"`
	Name          string         `json:"name,omitempty"`
}

type manifestFile struct {
	Type        string `json:"type"`
	Board       string `json:"board"`
	SoC         string `json:"soc"`
	LoadAddress uint32 `json:"load_address"`
	ImageIndex  string `json:"image_index"`

	SlotIndexPrimary   string `json:"slot_index_primary,omitempty"`
	SlotIndexSecondary string `json:"slot_index_secondary,omitempty"`
	Slot               string `json:"slot,omitempty"`
	Version            string `json:"version_MCUBOOT,omitempty"`
	VersionXIP         string `json:"version_MCUBOOT+XIP,omitempty"`

	Size    int    `json:"size"`
	File    string `json:"file"`
	ModTime int64  `json:"modtime"`
}

// manifest returns the file, indented and ended as generate_zip.py does it.
func (p *Package) manifest() ([]byte, error) {
	m := manifest{FormatVersion: formatVersion, Time: p.Time.Unix(), Name: p.Name}
	for i := range p.Files {
		m.Files = append(m.Files, p.Files[i].manifest(p.Time.Unix()))
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "    ")
	if err := e.Encode(m); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}

func (f *File) manifest(modTime int64) manifestFile {
	m := manifestFile{
		Type: TypeApplication, Board: f.Board, SoC: f.SoC, LoadAddress: f.LoadAddress, ImageIndex: strconv.Itoa(f.ImageIndex),
		Size: len(f.Data), File: f.Name, ModTime: modTime,
	}
	if f.Slot != nil {
		m.Slot, m.VersionXIP = strconv.Itoa(*f.Slot), f.Version
		return m
	}
	primary, secondary := f.slotIndices()
	m.SlotIndexPrimary, m.SlotIndexSecondary, m.Version = strconv.Itoa(primary), strconv.Itoa(secondary), f.Version
	return m
}

// slotIndices returns the slot indices that the manifest has.
func (f *File) slotIndices() (primary, secondary int) {
	if f.SlotIndexPrimary == 0 && f.SlotIndexSecondary == 0 {
		return 2*f.ImageIndex + 1, 2*f.ImageIndex + 2
	}
	return f.SlotIndexPrimary, f.SlotIndexSecondary
}
