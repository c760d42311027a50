package lint

import (
	"fmt"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/template/swdesc"
	"github.com/fwpack/fwpack/template/swdesc/swupdate"
)

// large is a description with so many images, each in its own device.
func large(entries int) string {
	images := make([]string, entries)
	for i := range images {
		images[i] = fmt.Sprintf(`{ filename = "image%d.gz"; type = "raw"; device = "/dev/mmcblk0p%d"; compressed = "zlib"; sha256 = %q; name = "part%d"; version = "1.%d"; install-if-different = true; }`, i, i, digest, i, i)
	}
	return software("images = (\n"+strings.Join(images, ",\n")+"\n)", list("bootenv", `{ name = "a"; value = "1"; }`))
}

func BenchmarkCheck(b *testing.B) {
	for _, entries := range []int{500, 5000, 50000} {
		text := large(entries)
		doc, err := swdesc.Parse([]byte(text))
		if err != nil {
			b.Fatal(err)
		}
		archive := &swupdate.Archive{Signature: &swupdate.Signature{Scheme: "cms", Signers: 1}}
		for i := range entries {
			archive.Entries = append(archive.Entries, swupdate.Entry{Name: fmt.Sprintf("image%d.gz", i), Size: 1, SHA256: digest})
		}
		b.Run(fmt.Sprintf("%dKiB", len(text)>>10), func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				if got := Check(Subject{Doc: doc, Archive: archive}, swupdate.Debian12()); len(got) > 0 {
					b.Fatal(lines(got))
				}
			}
		})
	}
}
