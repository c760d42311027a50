package swufile

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/mcuboot"
	"github.com/fwpack/fwpack/pack/imagefile"
	"github.com/fwpack/fwpack/pack/payload"
	"github.com/fwpack/fwpack/zck"
	"github.com/fwpack/fwpack/zck/rdiff"
)

// mcubootImage is an image of a version that is signed by a test key.
func mcubootImage(t testing.TB, version mcuboot.Version, private string, dependencies ...mcuboot.Dependency) string {
	t.Helper()
	o := mcuboot.Options{Version: version, HeaderSize: 64, PadHeader: true, Dependencies: dependencies}
	if private != "" {
		o.Signing = mcuboot.Signing{Signer: signer(t, private).Signer}
	}
	img, err := mcuboot.Build([]byte(strings.Repeat("firmware", 100)), o)
	if err != nil {
		t.Fatal(err)
	}
	data, err := img.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestVerifyImages(t *testing.T) {
	v12, v20 := mcuboot.Version{Major: 1, Minor: 2}, mcuboot.Version{Major: 2}
	app := mcubootImage(t, v12, "ed25519", mcuboot.Dependency{Image: 1, Version: v20})
	net, unsignedImage := mcubootImage(t, v20, "ed25519"), mcubootImage(t, v12, "")
	damaged := strings.Replace(app, "firmware", "firmwave", 1)
	for name, c := range map[string]struct {
		data, other string
		trust       []string
		outcome     Outcome
		want        string
		verdict     imagefile.Verdict
	}{
		"signed":           {app, net, []string{"ed25519.pub.pem"}, Proven, "image: version 1.2.0+0, signed by", imagefile.Accepted},
		"dependency":       {app, net, []string{"ed25519.pub.pem"}, Proven, "needs image 1 in version 2.0.0+0 or later: b has 2.0.0+0", imagefile.Accepted},
		"no dependency":    {app, "b", []string{"ed25519.pub.pem"}, NotAsked, "needs image 1 in version 2.0.0+0 or later, which is not in the bundle", imagefile.Accepted},
		"older dependency": {app, mcubootImage(t, v12, "ed25519"), []string{"ed25519.pub.pem"}, NotAsked, "which is not in the bundle", imagefile.Accepted},
		"no key":           {app, net, nil, NotAsked, "its hash is right; of its signature nothing is proven", imagefile.Accepted},
		"key of a type":    {app, net, []string{"rsa2048.pub.pem"}, NotAsked, "no key of its type is trusted", imagefile.Accepted},
		"another key":      {mcubootImage(t, v12, "ec-p256"), "b", []string{"ec-p256.pub.pem"}, Proven, "signed by", imagefile.Accepted},
		"unsigned":         {unsignedImage, "b", nil, NotAsked, "of its signature nothing", imagefile.Accepted},
		"unsigned, asked":  {unsignedImage, "b", []string{"ed25519.pub.pem"}, Failed, "image: signature: ", imagefile.Refused},
		"damaged":          {damaged, "b", nil, Failed, "image: hash: ", imagefile.Refused},
		"cut":              {app[:len(app)-10], "b", nil, Failed, "image: ", imagefile.Refused},
	} {
		packed := pack(t, c.data, payload.Zstd, "")
		bundle := signed(t, describe(image("a", packed, `compressed = "zstd";`), image("b", c.other, "")), member("a", packed), member("b", c.other))
		v := verify(t, bundle, VerifyOptions{Trust: trustOf(t, append([]string{"ec-p256.crt"}, c.trust...)...)})
		wantStep(t, v, c.outcome, c.want)
		if v.Verdict != c.verdict {
			t.Errorf("%s: %s\n%s", name, v.Verdict, lines(v))
		}
	}
}

// nested is a bundle in a bundle in a bundle, depth times.
func nested(t testing.TB, depth int) []byte {
	inner := signed(t, describe(image("a", "a", "")), member("a", "a"))
	for range depth {
		description := strings.ReplaceAll(describe(image("inner.swu", string(inner), `properties = { url = [ "https://a" ]; };`)), `"raw"`, `"swuforward"`)
		inner = signed(t, description, member("inner.swu", string(inner)))
	}
	return inner
}

func TestVerifyNested(t *testing.T) {
	trusted := VerifyOptions{Trust: trustOf(t, "ec-p256.crt")}
	for depth, want := range map[int]Outcome{1: Proven, maxDepth: Proven, maxDepth + 1: Failed, 20: Failed} {
		v := verify(t, nested(t, depth), trusted)
		last := v.Steps[len(v.Steps)-1]
		if last.Step != StepBundle || last.Outcome != want || (v.Verdict == imagefile.Accepted) != (want == Proven) {
			t.Errorf("%d deep: %s\n%s", depth, v.Verdict, lines(v))
		}
	}
	inner := unsigned(t, describe(image("a", "a", "")), member("a", "a"))
	v := verify(t, signed(t, describe(image("any", string(inner), "")), member("any", string(inner))), trusted)
	wantStep(t, v, Failed, "any: bundle: signature: there is none")
	cut := string(inner[:300])
	v = verify(t, signed(t, describe(image("any", cut, "")), member("any", cut)), trusted)
	wantStep(t, v, Failed, "any: bundle: archive: swu: offset")
	initramfs := strings.ReplaceAll(string(inner), "sw-description", "etc-descriptio")
	v = verify(t, signed(t, describe(image("any", initramfs, "")), member("any", initramfs)), trusted)
	if v.Verdict != imagefile.Accepted {
		t.Errorf("another archive: %s", lines(v))
	}
}

// delta is an entry of images that the delta handler installs.
func delta(name, data, url string) string {
	return fmt.Sprintf(`{ filename = %q; type = "delta"; device = "/dev/sda1"; sha256 = %q;
		properties = { url = %q; source = "/dev/sda2"; chain = "raw"; zckloglevel = "error"; max-ranges = "10"; }; }`, name, sha256Of(data), url)
}

// zchunk makes the .zck of an image, and its header.
func zchunk(t testing.TB, o zck.Options) (whole, header string) {
	t.Helper()
	content := make([]byte, 200_000)
	for i := range content {
		content[i] = byte(rand.IntN(16))
	}
	var out bytes.Buffer
	sum, err := zck.Create(context.Background(), &out, bytes.NewReader(content), o)
	if err != nil {
		t.Fatal(err)
	}
	return out.String(), out.String()[:sum.HeaderSize]
}

func TestVerifyDelta(t *testing.T) {
	dir := t.TempDir()
	file := func(name, data string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	whole, header := zchunk(t, zck.Options{})
	other, _ := zchunk(t, zck.Options{})
	_, useless := zchunk(t, zck.Options{StoredOnly: true})
	good, broken, another := file("good.zck", whole), file("broken.zck", whole[:len(whole)-1]), file("other.zck", other)
	for name, c := range map[string]struct {
		header, url string
		zck         []string
		outcome     Outcome
		want        string
		verdict     imagefile.Verdict
	}{
		"alone":         {header, "https://a/b.zck", nil, NotAsked, "a: zck: devices download the .zck", imagefile.Accepted},
		"header":        {header, "https://a/b.zck", nil, Proven, "a: delta: the whole header of an image of 200000 bytes", imagefile.Accepted},
		"with its .zck": {header, "https://a/b.zck", []string{good}, Proven, "a: zck: is whole: " + good, imagefile.Accepted},
		"whole inside":  {whole, "https://a/b.zck", []string{good}, Proven, "a: zck: is whole", imagefile.Accepted},
		"digest in url": {header, "https://a/" + sha256Of(whole) + ".zck", []string{good}, Proven, "a: zck: is whole", imagefile.Accepted},
		"other in url":  {header, "https://a/" + sha256Of(other) + ".zck", []string{good}, Failed, "but the url of software.images[0] has", imagefile.Refused},
		"another .zck":  {header, "https://a/b.zck", []string{another}, Failed, another + ": zck: no payload is its header", imagefile.Refused},
		"broken .zck":   {header, "https://a/b.zck", []string{broken}, Failed, broken + ": zck: zck: ", imagefile.Refused},
		"header cut":    {header[:len(header)-1], "https://a/b.zck", nil, Failed, "a: delta: zck: ", imagefile.Refused},
		"no header":     {"text", "https://a/b.zck", nil, Failed, "a: delta: zck: ", imagefile.Refused},
		"nothing in it": {useless, "https://a/b.zck", nil, Failed, "has no uncompressed digests", imagefile.Refused},
	} {
		bundle := signed(t, describe(delta("a", c.header, c.url)), member("a", c.header))
		v := verify(t, bundle, VerifyOptions{Trust: trustOf(t, "ec-p256.crt"), ZCK: c.zck})
		wantStep(t, v, c.outcome, c.want)
		if v.Verdict != c.verdict {
			t.Errorf("%s: %s\n%s", name, v.Verdict, lines(v))
		}
	}
	_, err := Verify(context.Background(), "a.swu", bytes.NewReader(nil), VerifyOptions{ZCK: []string{filepath.Join(dir, "none")}})
	if err == nil {
		t.Error("a .zck that is not there")
	}
}

func TestVerifyPatch(t *testing.T) {
	base, target := bytes.NewReader(bytes.Repeat([]byte("base"), 1000)), bytes.NewReader([]byte("basebase and more"))
	var out bytes.Buffer
	if _, err := rdiff.Encode(context.Background(), &out, base, target, rdiff.EncodeOptions{}); err != nil {
		t.Fatal(err)
	}
	whole := out.String()
	for data, outcome := range map[string]Outcome{whole: Proven, whole[:len(whole)-1]: Failed, whole + "x": Failed, "x": Failed} {
		description := strings.Replace(describe(image("a", data, `properties = { rdiffbase = ["/dev/sda2"]; };`)), `"raw"`, `"rdiff_image"`, 1)
		v := verify(t, signed(t, description, member("a", data)), VerifyOptions{Trust: trustOf(t, "ec-p256.crt")})
		wantStep(t, v, outcome, "a: delta: ")
		if (v.Verdict == imagefile.Accepted) != (outcome == Proven) {
			t.Error(lines(v))
		}
	}
}
