package deltafile

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/fwpack/fwpack/pack/swutest"
	"github.com/fwpack/fwpack/zck"
)

// Whatever a file holds, it is an image or an error; and what a device with it
// finds can be told, or the reason why not.
func FuzzOpenRelease(f *testing.F) {
	dir := newFolder(f)
	image := dir.write("image", text(1, 9000))
	dir.create(image, "image.zck", CreateOptions{})
	header, err := CutHeader(background, dir.path("image.zck"), dir.path("header"), true)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(dir.read("image.zck"))
	f.Add(dir.read("header"))
	f.Add(text(1, 100))
	data, _ := header.Marshal()
	for _, attributes := range []string{`type = "delta";`, `compressed = "zlib";`, `type = "delta"; compressed = "zlib";`} {
		description := "software = { version = \"1\"; images: ( { filename = \"a\"; " + attributes + " } ); };\n"
		for _, content := range []string{string(data), zipped(data), zipped(text(1, 500))} {
			bundle, err := os.ReadFile(swutest.Write(f, keys, description, swutest.Member{Name: "a", Data: content}))
			if err != nil {
				f.Fatal(err)
			}
			f.Add(bundle)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(t.TempDir(), "release")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		r, err := OpenRelease(background, path)
		if err != nil {
			return
		}
		defer r.Close()
		h, err := r.Installed(background, 1)
		if err == nil && r.HasImage() && h.Compression != zck.None {
			t.Errorf("the index of an image has compression %s", h.Compression)
		}
	})
}
