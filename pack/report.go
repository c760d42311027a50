package pack

import (
	"encoding/hex"
	"encoding/json"
	"runtime"
	"time"

	"github.com/fwpack/fwpack/internal/inputs"
	"github.com/fwpack/fwpack/pack/imagebuild"
	"github.com/fwpack/fwpack/sign"
)

// reportName is the file beside the outputs that describes them.
const reportName = "artifacts.json"

// reportSchema is the version of the report's form. It grows when a field
// changes its meaning or goes; new fields alone do not change it.
const reportSchema = 1

// Report is what a build made, for servers and pipelines: it says in clear
// what a bundle holds even where the description itself is encrypted. It has
// no time and no path of the build machine, so that it repeats like the outputs.
type Report struct {
	Schema  int             `json:"schema"`
	Tool    Tool            `json:"tool"`
	Project Identity        `json:"project"`
	Outputs []Output        `json:"outputs"`
	Images  []ReportedImage `json:"images,omitempty"`

	made       map[string]inputs.State // the files, before another build could replace them
	validUntil time.Time               // when the first certificate expires; the zero time for none
}

// Tool is the program that made the outputs.
type Tool struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Go      string `json:"go"` // compressed bytes are a property of the compiler's library too
}

// Identity is a name with a version.
type Identity struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// Output is one file in the output folder. Digests are SHA-256 in lower-case
// hex, sizes are bytes.
type Output struct {
	Name                  string             `json:"name"`
	Kind                  string             `json:"kind"` // "swu", "mcuboot", "dfu", or "zck" for what belongs on a web server
	File                  string             `json:"file"` // in the folder of the report
	Size                  int64              `json:"size"`
	SHA256                string             `json:"sha256,omitempty"`  // absent where it was not asked for
	Version               string             `json:"version,omitempty"` // software.version, or that of an image
	HardwareCompatibility []string           `json:"hardware_compatibility,omitempty"`
	Description           *Content           `json:"description,omitempty"` // in clear; of a .swu
	Encrypted             *Sealed            `json:"encrypted_description,omitempty"`
	Signature             *Signature         `json:"signature,omitempty"`
	Request               string             `json:"request,omitempty"` // file that says what is to be signed elsewhere
	Payloads              []PackedPayload    `json:"payloads,omitempty"`
	Purpose               imagebuild.Purpose `json:"purpose,omitempty"`   // of an MCUboot image
	URL                   string             `json:"url,omitempty"`       // of a .zck: where devices look for it, as far as the project says
	Downloads             []Download         `json:"downloads,omitempty"` // of a .zck: of devices with one of its releases
}

// Content is the size and digest of some bytes.
type Content struct {
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// Sealed says how a description is encrypted.
type Sealed struct {
	Cipher     string `json:"cipher"`               // "AES-256-CBC" or "AES-256-GCM"
	Recipients int    `json:"recipients,omitempty"` // how many can read it with their private keys; absent where an AES key does
	Size       int64  `json:"size"`                 // as it stands in the archive
}

// Signature says how a bundle is signed and by whom.
type Signature struct {
	Scheme  string   `json:"scheme"` // "mcuboot" of an image, where the key alone decides
	Size    int64    `json:"size"`
	Signers []Signer `json:"signers"`
}

// Signer is one key that signed.
type Signer struct {
	Key                    string `json:"key"`         // name in the project
	Algorithm              string `json:"algorithm"`   // "ECDSA P-256", ...
	Fingerprint            string `json:"fingerprint"` // of the public key's SubjectPublicKeyInfo
	Subject                string `json:"subject,omitempty"`
	CertificateFingerprint string `json:"certificate_fingerprint,omitempty"`
}

// PackedPayload is an artifact as it stands in the archive.
type PackedPayload struct {
	Name       string `json:"name"` // of the entry in the archive
	Artifact   string `json:"artifact"`
	Size       int64  `json:"size"`   // of the entry
	SHA256     string `json:"sha256"` // of the entry
	SourceSize int64  `json:"source_size"`
	Compressed string `json:"compressed,omitempty"` // zlib, zstd, xz, lz4
	Encoder    string `json:"encoder,omitempty"`    // library, version and level that compressed it
	Encrypted  string `json:"encrypted,omitempty"`  // "AES-256-CBC", ...
	IV         string `json:"ivt,omitempty"`
}

func (b *builder) newReport() *Report {
	return &Report{
		Schema:  reportSchema,
		Tool:    Tool{Name: "fwpack", Version: b.opt.Tool, Go: runtime.Version()},
		Project: Identity{Name: b.plan.Project, Version: b.plan.Version},

		validUntil: b.validUntil(),
	}
}

// writeReport puts the report beside the outputs.
func (b *builder) writeReport(report *Report) error {
	data, err := json.MarshalIndent(report, "", "  ")
	if err != nil {
		return err
	}
	return b.writeOutput(reportName, append(data, '\n'))
}

// output describes the finished bundle.
func (j *bundleJob) output(digest string, description, stored, signature []byte) (*Output, error) {
	info, err := j.file.Stat()
	if err != nil {
		return nil, err
	}
	out := &Output{
		Name: j.plan.Name, Kind: "swu", File: j.plan.Output, Size: info.Size(), SHA256: digest,
		Version:               j.plan.Version,
		HardwareCompatibility: j.plan.HardwareCompatibility,
		Description:           &Content{Size: int64(len(description)), SHA256: hexDigest(description)},
		Signature:             j.signature(signature),
		Request:               j.plan.Request,
		Encrypted:             j.seals.report(stored),
	}
	for _, entry := range j.plan.Entries {
		packed := j.build.payloads[entry.Payload].packed()
		packed.Name = entry.Name
		out.Payloads = append(out.Payloads, packed)
	}
	return out, nil
}

func (j *bundleJob) signature(signature []byte) *Signature {
	if signature == nil {
		return nil // it is not signed, or not yet
	}
	scheme, keys := j.signers()
	s := &Signature{Scheme: string(scheme), Size: int64(len(signature))}
	for _, key := range keys {
		s.Signers = append(s.Signers, describeSigner(key))
	}
	return s
}

func describeSigner(key sign.Key) Signer {
	public := key.Signer.Public()
	s := Signer{Key: key.Name, Algorithm: sign.Describe(public)}
	s.Fingerprint, _ = sign.Fingerprint(public) // Check has seen that the key is of a known kind
	if key.Certificate != nil {
		s.Subject = key.Certificate.Subject.String()
		s.CertificateFingerprint = "sha256:" + hexDigest(key.Certificate.Raw)
	}
	return s
}

// packed describes the processed payload, without the name of its entry.
func (j *payloadJob) packed() PackedPayload {
	p := PackedPayload{
		Artifact: j.plan.Artifact, Size: j.result.Size, SHA256: hex.EncodeToString(j.result.SHA256[:]),
		SourceSize: j.result.SourceSize,
	}
	if j.plan.compressed() {
		p.Compressed, p.Encoder = string(j.plan.Compress.Method), j.plan.Compress.Encoder()
	}
	if encrypt := j.spec.Encrypt; encrypt != nil {
		p.Encrypted, p.IV = encrypt.Cipher(), hex.EncodeToString(encrypt.IV[:])
	}
	return p
}
