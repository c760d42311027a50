package inspect

import (
	"bytes"
	"context"
	"crypto"
	"encoding/hex"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/fwpack/fwpack/mcuboot"
	"github.com/fwpack/fwpack/mcuboot/dfuzip"
	"github.com/fwpack/fwpack/pack/payload"
	"github.com/fwpack/fwpack/pack/swu"
	"github.com/fwpack/fwpack/sign"
	"github.com/fwpack/fwpack/sign/envelope"
	"github.com/fwpack/fwpack/zck"
	"github.com/fwpack/fwpack/zck/rdiff"
)

const keys = "../../testdata/keys"

func keyFile(name string) string { return filepath.Join(keys, name) }

func readKey(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(keyFile(name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func privateKey(t testing.TB, name string) crypto.Signer {
	t.Helper()
	key, err := sign.ParsePrivateKey(readKey(t, name+".pem"), nil)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// random is randomness that repeats.
func random() io.Reader { return rand.NewChaCha8([32]byte{1}) }

// noise are n bytes that no compression makes smaller.
func noise(n int) []byte {
	data := make([]byte, n)
	rand.NewChaCha8([32]byte{2}).Read(data)
	return data
}

func read(t testing.TB, data []byte, o Options) *Inspection {
	t.Helper()
	ins, err := Read(context.Background(), "file", bytes.NewReader(data), o)
	if err != nil {
		t.Fatal(err)
	}
	return ins
}

// ring are the keys in files of the test keys.
func ring(t testing.TB, names ...string) Keyring {
	t.Helper()
	var files []string
	for _, name := range names {
		files = append(files, keyFile(name))
	}
	r, err := ReadKeyring(files)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// image is an MCUboot image, signed by a key of the test keys unless name is "".
func image(t testing.TB, name string) []byte {
	t.Helper()
	o := mcuboot.Options{Version: mcuboot.Version{Major: 1, Minor: 2, Revision: 3}, HeaderSize: 32, PadHeader: true}
	if name != "" {
		o.Signing = mcuboot.Signing{Signer: privateKey(t, name), Rand: random()}
	}
	img, err := mcuboot.Build(bytes.Repeat([]byte("firmware"), 100), o)
	if err != nil {
		t.Fatal(err)
	}
	data, err := img.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// member is a file of a bundle.
type member struct {
	name string
	data []byte
}

// bundle packs members behind a description and its signature, nil for none.
func bundle(t testing.TB, description string, signature []byte, members ...member) []byte {
	t.Helper()
	all := []member{{swu.Description, []byte(description)}}
	if signature != nil {
		all = append(all, member{swu.Signature, signature})
	}
	var out bytes.Buffer
	w := swu.NewWriter(&out)
	for _, m := range append(all, members...) {
		var sum swu.Sum
		sum.Write(m.data)
		if err := w.WriteHeader(swu.Header{Name: m.name, Size: int64(len(m.data)), Sum: sum.Sum32()}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(m.data); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// entry is an entry of a description with its digest.
func entry(m member, more string) string {
	return `{ filename = "` + m.name + `"; sha256 = "` + digestOf(m.data) + `"; ` + more + ` }`
}

// cms signs a description by keys of the test keys.
func cms(t testing.TB, description string, names ...string) []byte {
	t.Helper()
	var signers []sign.Key
	for _, name := range names {
		certificates, err := sign.ParseCertificates(readKey(t, name+".crt"))
		if err != nil {
			t.Fatal(err)
		}
		signers = append(signers, sign.Key{Name: name, Signer: privateKey(t, name), Certificate: certificates[0]})
	}
	signature, err := sign.Sign(sign.SchemeCMS, []byte(description), signers, sign.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return signature
}

func packed(t testing.TB, data []byte, spec payload.Spec) []byte {
	t.Helper()
	var out bytes.Buffer
	if _, err := payload.Run(context.Background(), &out, bytes.NewReader(data), spec, payload.Options{}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func compressed(t testing.TB, data []byte, method payload.Compression) []byte {
	t.Helper()
	return packed(t, data, payload.Spec{Compress: payload.Compress{Method: method}})
}

// zchunk is a zchunk file of data.
func zchunk(t testing.TB, data []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := zck.NewWriter(context.Background(), &out, zck.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func delta(t testing.TB, base, image []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	if _, err := rdiff.Encode(context.Background(), &out, bytes.NewReader(base), bytes.NewReader(image), rdiff.EncodeOptions{}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func rdiffSignature(t testing.TB, base []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := rdiff.WriteSignature(context.Background(), &out, bytes.NewReader(base), int64(len(base)), rdiff.SignatureOptions{}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func phonePackage(t testing.TB) []byte {
	t.Helper()
	var out bytes.Buffer
	err := dfuzip.Write(&out, dfuzip.Package{Time: time.Unix(1772368210, 0), Files: []dfuzip.File{
		{Name: "app.bin", Data: image(t, "ed25519"), Board: "nrf5340dk", SoC: "nRF5340_CPUAPP_QKAA", LoadAddress: 0xc200, Version: "1.2.3"},
		{Name: "radio.bin", Data: image(t, "ec-p256"), Board: "nrf5340dk", SoC: "nRF5340_CPUNET_QKAA", LoadAddress: 0x1008800, ImageIndex: 1, Version: "1.2.3"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// aesFile is an AES key as SWUpdate reads it.
func aesFile() string {
	return hex.EncodeToString(bytes.Repeat([]byte{1}, 32)) + " " + hex.EncodeToString(bytes.Repeat([]byte{2}, 16)) + "\n"
}

func write(t testing.TB, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// seal encrypts a description for the owner of a test key, whose file is named.
func seal(t testing.TB, description string) (sealed []byte, key string) {
	t.Helper()
	certificates, err := sign.ParseCertificates(readKey(t, "rsa2048.crt"))
	if err != nil {
		t.Fatal(err)
	}
	sealed, err = envelope.Seal([]byte(description), certificates, envelope.Options{Rand: random()})
	if err != nil {
		t.Fatal(err)
	}
	return sealed, keyFile("rsa2048.pem")
}
