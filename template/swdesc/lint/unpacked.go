package lint

import (
	"github.com/fwpack/fwpack/template/swdesc/swupdate"
)

func unpackedZImage(u swupdate.Unpacked) swupdate.Entry {
	e := packed("zImage")
	e.Unpacked = &u
	return e
}

// unpackedRules are about what came out when an artifact was decompressed.
var unpackedRules = func() []rule {
	return []rule{
		{Rule{ID: "SWD310", Name: "several-members", Severity: Warning,
			Why:     "The client decompresses the first member of a gzip file, or the first stream of an xz file, and drops the rest in silence.",
			Hint:    "compress the artifact in one piece",
			Failing: these(draft(images(kernel(`compressed = "zlib"`))).in(unpackedZImage(swupdate.Unpacked{Size: 9, Members: 2}))),
			Passing: these(draft(images(kernel(`compressed = "zlib"`))).in(unpackedZImage(swupdate.Unpacked{Size: 9, Members: 1})), draft(images(kernel(`compressed = "zstd"`))).in(unpackedZImage(swupdate.Unpacked{Size: 9, Members: 2}))),
		}, eachUnpacked(checkMembers)},
		{Rule{ID: "SWD311", Name: "trailing-bytes", Severity: Warning,
			Why:     "The client drops what lies behind the compressed data, and installs the rest.",
			Hint:    "compress the artifact anew",
			Failing: these(draft(images(kernel(`compressed = "zlib"`))).in(unpackedZImage(swupdate.Unpacked{Size: 9, Members: 1, Trailing: 512}))),
			Passing: these(draft(images(kernel(`compressed = "zlib"`))).in(unpackedZImage(swupdate.Unpacked{Size: 9, Members: 1}))),
		}, eachUnpacked(checkTrailing)},
		{Rule{ID: "SWD312", Name: "damaged-artifact", Severity: Error,
			Why:     "The client fails while it writes; where the data are merely cut off it reports success without the rest.",
			Hint:    "compress the artifact anew, in the format that compressed names",
			Failing: these(draft(images(kernel(`compressed = "zlib"`))).in(unpackedZImage(swupdate.Unpacked{Problem: "unexpected end of the data"}))),
			Passing: these(draft(images(kernel(`compressed = "zlib"`))).in(unpackedZImage(swupdate.Unpacked{Size: 9, Members: 1}))),
		}, eachUnpacked(checkDamage)},
		{Rule{ID: "SWD313", Name: "wrong-decompressed-size", Severity: Error,
			Why:     "Handlers make room for as many bytes as decompressed-size says.",
			Hint:    "write the size after decompression, or leave the property out",
			Failing: these(draft(images(kernel(`compressed = "zlib"`, properties(`decompressed-size = "8"`)))).in(unpackedZImage(swupdate.Unpacked{Size: 9, Members: 1}))),
			Passing: these(draft(images(kernel(`compressed = "zlib"`, properties(`decompressed-size = "9"`)))).in(unpackedZImage(swupdate.Unpacked{Size: 9, Members: 1}))),
		}, eachUnpacked(checkUnpackedSize)},
	}
}

// eachUnpacked visits the entries whose artifact is compressed and was
// decompressed by whoever put the Archive together.
func eachUnpacked(check func(*checker, *entry, *swupdate.Unpacked)) func(*checker) {
	return eachArtifact(func(c *checker, e *entry, a *archiveName) {
		if a != nil && a.entry.Unpacked != nil && e.transformed("compressed") {
			check(c, e, a.entry.Unpacked)
		}
	})
}

func checkMembers(c *checker, e *entry, u *swupdate.Unpacked) {
	if method, ok := c.text(e.Group, "compressed"); u.Members > 1 && (!ok || method == "zlib" || method == "xz") {
		c.report(e.Get("compressed"), "the artifact has %d members, and the first alone is installed", u.Members)
	}
}

func checkTrailing(c *checker, e *entry, u *swupdate.Unpacked) {
	if u.Trailing > 0 {
		c.report(e.Get("compressed"), "%d bytes lie behind the compressed data", u.Trailing)
	}
}

func checkDamage(c *checker, e *entry, u *swupdate.Unpacked) {
	if u.Problem != "" {
		c.report(e.Get("compressed"), "the artifact cannot be decompressed: %s", u.Problem)
	}
}

func checkUnpackedSize(c *checker, e *entry, u *swupdate.Unpacked) {
	text, ok := c.text(e.properties, "decompressed-size")
	if n, isSize := swupdate.ParseSize(text); ok && isSize && u.Problem == "" && n != u.Size {
		c.report(e.properties.Get("decompressed-size"), "decompressed-size is %d, and the artifact has %d bytes", n, u.Size)
	}
}
