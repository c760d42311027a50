package lint

import (
	"slices"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/template/swdesc/swupdate"
)

// known is an artifact of an archive that was read.
func known(name string) swupdate.Entry { return swupdate.Entry{Name: name, Size: 4, SHA256: digest} }

// bundles are finished descriptions in an archive.
var bundles = []struct {
	name, text string
	entries    []swupdate.Entry
	want       []string
}{
	{"all well", images(rootfs(withDigest)), []swupdate.Entry{known("rootfs.ext4")}, nil},
	{"nothing packed", images(rootfs(withDigest)), nil, []string{"SWD305"}},
	{"two slots", images(rootfs(withDigest), rootfs(withDigest)), []swupdate.Entry{known("rootfs.ext4")}, nil},
	{"in capitals", images(rootfs(`sha256 = "` + strings.ToUpper(digest) + `"`)), []swupdate.Entry{known("rootfs.ext4")}, nil},
	{"no digest known", images(rootfs(withDigest)), []swupdate.Entry{packed("rootfs.ext4")}, nil},
	{"packed under a path", images(rootfs(withDigest)), []swupdate.Entry{known("./rootfs.ext4")}, []string{"SWD302", "SWD304", "SWD305"}},
	{"three of a name", images(rootfs(withDigest)), []swupdate.Entry{known("rootfs.ext4"), known("rootfs.ext4"), known("rootfs.ext4")}, []string{"SWD301"}},
	{"a size that is right", images(rootfs(withDigest, `size = 4`)), []swupdate.Entry{known("rootfs.ext4")}, nil},
	{"a size in a text", images(rootfs(withDigest, `size = "4"`)), []swupdate.Entry{known("rootfs.ext4")}, []string{"SWD020"}},
	{"an empty digest", images(rootfs(`sha256 = ""`)), []swupdate.Entry{known("rootfs.ext4")}, []string{"SWD110"}},
	{"a digest too short", images(rootfs(`sha256 = "` + digest[1:] + `"`)), []swupdate.Entry{known("rootfs.ext4")}, []string{"SWD111"}},
	{"a placeholder", images(rootfs(`sha256 = "@rootfs.ext4"`)), []swupdate.Entry{known("rootfs.ext4")}, []string{"SWD111"}},
	{"no ivt", images(rootfs(withDigest, `encrypted = true`)), []swupdate.Entry{known("rootfs.ext4")}, []string{"SWD412"}},
	{"ivt and key for nothing", images(rootfs(withDigest, withIV, `encrypted = false`)), []swupdate.Entry{known("rootfs.ext4")}, []string{"SWD414"}},
	{"an unused script", software(list("images", rootfs(withDigest))), []swupdate.Entry{known("rootfs.ext4"), known("a.sh")}, []string{"SWD304"}},
	{"a script without artifact", software(list("images", rootfs(withDigest)), list("scripts", typed("docker_imagedelete", properties(`name = "a"`)))), []swupdate.Entry{known("rootfs.ext4")}, []string{"SWD202"}},
	{"docker without size", images(typed("docker_imageload", `filename = "a.tar.gz"`, `compressed = "zlib"`, withDigest)), []swupdate.Entry{known("a.tar.gz")}, []string{"SWD202", "SWD250"}},
	{"encrypted without size", ubivol(`encrypted = true`, withIV, withDigest, properties(`decompressed-size = "9"`)), []swupdate.Entry{known("rootfs.ubifs")}, []string{"SWD250"}},
	{"both with size", ubivol(`encrypted = true`, `compressed = "zstd"`, withIV, withDigest, properties(`decompressed-size = "9"`)), []swupdate.Entry{known("rootfs.ubifs")}, nil},
}

func TestBundles(t *testing.T) {
	for _, test := range bundles {
		findings := Check(Subject{Doc: parse(t, test.text), Archive: &swupdate.Archive{Entries: test.entries}}, swupdate.Profile{})
		if got := ids(findings); !slices.Equal(got, test.want) {
			t.Errorf("%s: got %v, want %v\n%s", test.name, got, test.want, lines(findings))
		}
	}
}

func TestUnpacked(t *testing.T) {
	for name, test := range map[string]struct {
		compressed string
		unpacked   swupdate.Unpacked
		want       []string
	}{
		"one member":        {`compressed = "zlib"`, swupdate.Unpacked{Size: 9, Members: 1}, nil},
		"two streams of xz": {`compressed = "xz"`, swupdate.Unpacked{Size: 9, Members: 2}, []string{"SWD310", "SWD402"}},
		"two frames of lz4": {`compressed = "lz4"`, swupdate.Unpacked{Size: 9, Members: 2}, []string{"SWD402"}},
		"deprecated, two":   {`compressed = true`, swupdate.Unpacked{Size: 9, Members: 2}, []string{"SWD310", "SWD403"}},
		"not compressed":    {`name = "kernel"`, swupdate.Unpacked{Members: 3, Trailing: 4, Problem: "no gzip"}, nil},
		"everything wrong":  {`compressed = "zlib"`, swupdate.Unpacked{Members: 2, Trailing: 1, Problem: "cut off"}, []string{"SWD310", "SWD311", "SWD312"}},
	} {
		archive := &swupdate.Archive{Entries: []swupdate.Entry{unpackedZImage(test.unpacked)}}
		findings := Check(Subject{Doc: parse(t, images(kernel(test.compressed))), Draft: true, Archive: archive}, swupdate.Profile{})
		if got := ids(findings); !slices.Equal(got, test.want) {
			t.Errorf("%s: got %v, want %v\n%s", name, got, test.want, lines(findings))
		}
	}
}

// An entry whose filename is not known yet may name any artifact.
func TestUnknownFilenames(t *testing.T) {
	doc := parse(t, images(group(`filename = "@@IMAGE@@"`, `type = "raw"`, `device = "/dev/a"`)))
	archive := &swupdate.Archive{Entries: []swupdate.Entry{packed("a"), packed("b")}}
	if got := Check(Subject{Doc: doc, Draft: true, Archive: archive}, swupdate.Profile{}); len(got) > 0 {
		t.Error(lines(got))
	}
}

func TestSignatures(t *testing.T) {
	cms := func(signers, others int) *swupdate.Signature {
		return &swupdate.Signature{Scheme: "cms", Signers: signers, Intermediates: others}
	}
	for name, test := range map[string]struct {
		signature *swupdate.Signature
		device    swupdate.Profile
		want      []string
	}{
		"none, nobody asks":        {nil, swupdate.Profile{}, nil},
		"none, not wanted":         {nil, swupdate.Profile{Verifier: swupdate.VerifierNone}, nil},
		"none, some kind wanted":   {nil, swupdate.Profile{Verifier: swupdate.VerifierAny}, []string{"SWD501"}},
		"cms for cms":              {cms(1, 0), swupdate.Debian12(), nil},
		"cms for rsa":              {cms(1, 0), swupdate.Profile{Verifier: swupdate.VerifierRSAPSS}, []string{"SWD502"}},
		"rsa for pss":              {&swupdate.Signature{Scheme: "rsa-pkcs1v15"}, swupdate.Profile{Verifier: swupdate.VerifierRSAPSS}, []string{"SWD502"}},
		"bare bytes for pss":       {&swupdate.Signature{Scheme: "raw"}, swupdate.Profile{Verifier: swupdate.VerifierRSAPSS}, nil},
		"bare bytes for cms":       {&swupdate.Signature{Scheme: "raw"}, swupdate.Debian12(), []string{"SWD502"}},
		"any for any":              {cms(1, 0), swupdate.Profile{Verifier: swupdate.VerifierAny}, nil},
		"two signers, unknown":     {cms(2, 0), swupdate.Profile{}, []string{"SWD503"}},
		"two signers, not checked": {cms(2, 1), swupdate.Profile{Verifier: swupdate.VerifierNone}, nil},
		"intermediates, Debian":    {cms(2, 1), swupdate.Debian12(), []string{"SWD504"}},
		"intermediates, used":      {cms(1, 1), swupdate.Profile{IgnoresExtraCertificates: swupdate.No}, nil},
	} {
		archive := &swupdate.Archive{Entries: []swupdate.Entry{packed("rootfs.ext4")}, Signature: test.signature}
		findings := Check(Subject{Doc: parse(t, images(rootfs(`encrypted = false`))), Draft: true, Archive: archive}, test.device)
		if got := ids(findings); !slices.Equal(got, test.want) {
			t.Errorf("%s: got %v, want %v", name, got, test.want)
		}
	}
}

// JSON is read in its own way.
func TestJSON(t *testing.T) {
	for name, test := range map[string]struct {
		text, target string
		want         []string
	}{
		"well":                     {jsonImage, "debian-12", nil},
		"one object, unknown":      {`"images": { "filename": "a", "type": "raw", "device": "/dev/a" }`, "", []string{"SWD040"}},
		"one object is looked at":  {`"images": { "filename": "a", "type": "rwa", "device": "/dev/a" }`, "newest", []string{"SWD201"}},
		"text offset, 2023.05":     {`"images": [ { "filename": "a", "type": "raw", "device": "/dev/a", "offset": "1K" } ]`, "2023.05", []string{"SWD041"}},
		"text offset, 2023.12":     {`"images": [ { "filename": "a", "type": "raw", "device": "/dev/a", "offset": "1K" } ]`, "2023.12", nil},
		"text offset, 2021.11":     {`"images": [ { "filename": "a", "type": "raw", "device": "/dev/a", "offset": "1K" } ]`, "2021.11", nil},
		"large size":               {`"images": [ { "filename": "a", "type": "raw", "device": "/dev/a", "size": 3000000000 } ]`, "newest", []string{"SWD042"}},
		"no suffix is needed":      {`"images": [ { "filename": "a", "type": "raw", "device": "/dev/a", "size": 2000000000 } ]`, "newest", nil},
		"null":                     {`"description": null, ` + jsonImage, "", []string{"SWD020"}},
		"a board with a dot":       {`"my.board": { ` + jsonImage + ` }`, "", nil},
		"a text where true is":     {`"images": [ { "filename": "a", "type": "raw", "device": "/dev/a", "installed-directly": "true" } ]`, "", []string{"SWD020"}},
		"an array of nothing":      {`"images": [ ]`, "", []string{"SWD003"}},
		"a link":                   {`"more": [ { "filename": "a", "type": "raw", "device": "/dev/a" } ], "images": { "ref": "#./more" }`, "debian-12", nil},
		"properties with a number": {`"files": [ { "filename": "a", "type": "rawfile", "path": "/a", "properties": { "atomic-install": 1 } } ]`, "", []string{"SWD023"}},
	} {
		e := inJSON(test.text).on(test.target)
		findings, err := e.Check()
		if got := ids(findings); err != nil || !slices.Equal(got, test.want) {
			t.Errorf("%s: got %v, %v, want %v\n%s", name, got, err, test.want, lines(findings))
		}
	}
}
