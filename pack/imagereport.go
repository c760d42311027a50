package pack

import (
	"encoding/hex"
	"path/filepath"
	"strings"

	"github.com/fwpack/fwpack/mcuboot"
	"github.com/fwpack/fwpack/mcuboot/profile"
	"github.com/fwpack/fwpack/pack/imagebuild"
	"github.com/fwpack/fwpack/sign"
	"github.com/fwpack/fwpack/sign/request"
)

// kindImage is the kind of an output that is an MCUboot image.
const kindImage = "mcuboot"

// ReportedImage says what an MCUboot image is and how it fills its slot. Its files
// are the outputs of the same name.
type ReportedImage struct {
	Name       string            `json:"name"`
	Version    string            `json:"version"`
	Hash       string            `json:"hash"`   // "sha256", "sha384" or "sha512"
	Digest     string            `json:"digest"` // in hex, as `mcumgr image list` shows it
	Size       int               `json:"size"`   // of header, body and TLVs in bytes
	Flags      string            `json:"flags"`
	Encrypted  bool              `json:"encrypted,omitempty"`
	KeyType    string            `json:"key_type,omitempty"`
	Signature  *Signature        `json:"signature,omitempty"`
	Settings   []profile.Setting `json:"settings"`   // that it is made with
	Bootloader []profile.Setting `json:"bootloader"` // that it is made for
	Fit        *ReportedFit      `json:"fit,omitempty"`
	Unchecked  []string          `json:"unchecked,omitempty"` // what a device checks and could not be checked here
}

// ReportedFit says what takes how many bytes of a slot.
type ReportedFit struct {
	Slot  int            `json:"slot"`
	Free  int            `json:"free"`
	Parts []ReportedFill `json:"parts"`
}

// ReportedFill is a part of a slot that is taken.
type ReportedFill struct {
	Name string `json:"name"`
	Size int    `json:"size"`
}

// table lists the parts for people.
func (f *ReportedFit) table() string {
	fit := mcuboot.Fit{Slot: f.Slot}
	for _, part := range f.Parts {
		fit.Parts = append(fit.Parts, mcuboot.FitPart(part))
	}
	return fit.String()
}

func reportedFit(fit *mcuboot.Fit) *ReportedFit {
	if fit == nil {
		return nil
	}
	r := &ReportedFit{Slot: fit.Slot, Free: fit.Free()}
	for _, part := range fit.Parts {
		r.Parts = append(r.Parts, ReportedFill{part.Name, part.Size})
	}
	return r
}

// withoutPaths are settings without the paths of this machine: those of files beside
// the project are relative to it, of others the name is left.
func (p *Plan) withoutPaths(settings []profile.Setting) []profile.Setting {
	var all []profile.Setting
	for _, s := range settings {
		var from []string
		for part := range strings.SplitSeq(s.From, "; ") {
			from = append(from, p.withoutPath(part))
		}
		s.From = strings.Join(from, "; ")
		if value, isFile := strings.CutPrefix(s.Value, tlvInFile); isFile {
			s.Value = tlvInFile + p.withoutPath(value)
		} else if s.Key == "input" {
			s.Value = p.withoutPath(s.Value)
		}
		all = append(all, s)
	}
	return all
}

func (p *Plan) withoutPath(text string) string {
	if rest, inside := strings.CutPrefix(text, p.dir+string(filepath.Separator)); inside {
		return filepath.ToSlash(rest)
	}
	path, rest, place := strings.Cut(text, ": ")
	if filepath.IsAbs(path) {
		path = filepath.Base(path)
	}
	if !place {
		return path
	}
	return path + ": " + rest
}

// output describes a file of the image.
func (j *imageJob) output(o imagebuild.Output, content []byte) Output {
	return Output{
		Name: j.plan.Name, Kind: kindImage, Purpose: o.Purpose, File: o.Name, Size: int64(len(content)), SHA256: hexDigest(content),
		Version: j.plan.Version, Request: j.plan.Request,
	}
}

// report describes the image.
func (j *imageJob) report() ReportedImage {
	r := ReportedImage{
		Name: j.plan.Name, Version: j.plan.Version, Fit: reportedFit(j.draft.Fit),
		Settings: j.build.plan.withoutPaths(j.plan.Settings), Bootloader: j.build.plan.withoutPaths(j.draft.Settings),
	}
	img := j.draft.Image
	if j.made != nil {
		img = j.made.Image
		for _, f := range j.made.Report.Unchecked() {
			r.Unchecked = append(r.Unchecked, string(f.Rule)+": "+f.Detail)
		}
	}
	hash, digest := img.StoredDigest()
	r.Hash, r.Digest = profile.HashName(hash), hex.EncodeToString(digest)
	r.Size, r.Flags, r.Encrypted = img.Size(), img.Header.Flags.String(), img.Encrypted()
	if j.signer != nil {
		kind, _ := mcuboot.KeyTypeOf(j.signer.Public()) // checkImageKey has seen it
		r.KeyType = kind.String()
	}
	if opened, ok := j.build.keys.signing[j.plan.Sign]; ok && j.made != nil {
		r.Signature = j.signature(opened)
	}
	return r
}

func (j *imageJob) signature(key sign.Key) *Signature {
	size := 0
	for _, tlv := range j.made.Image.Unprotected {
		if imagebuild.IsSignature(tlv.Type) {
			size = len(tlv.Value)
		}
	}
	return &Signature{Scheme: kindImage, Size: int64(size), Signers: []Signer{describeSigner(key)}}
}

// unsigned writes the image without its signature, and what is to be signed.
func (j *imageJob) unsigned() ([]Output, error) {
	img, err := j.draft.Request().Unsigned()
	if err != nil {
		return nil, err
	}
	content, err := img.MarshalBinary()
	if err != nil {
		return nil, err
	}
	output, err := j.write(j.plan.Outputs[0], content)
	if err != nil {
		return nil, err
	}
	return []Output{output}, j.writeRequest(content)
}

// writeRequest writes down what is to be signed elsewhere.
func (j *imageJob) writeRequest(unsigned []byte) error {
	about := request.About{File: j.plan.Outputs[0].Name, Size: int64(len(unsigned)), SHA256: hexDigest(unsigned)}
	made, err := newImageRequest(j.build.keys.signing[j.plan.Sign], j.draft.Request(), j.draft.Image.Header, about, j.plan.Request)
	if err != nil {
		return err
	}
	data, err := made.Encode()
	if err != nil {
		return err
	}
	return j.build.writeOutput(j.plan.Request, data)
}
