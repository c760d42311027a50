package lint

import (
	"slices"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/template/swdesc/swupdate"
)

// cases are drafts, and the rules that they break without a target unless one is
// named.
var cases = []struct {
	name, text, target string
	want               []string
}{
	// Structure.
	{"software is a text", `software = "x";` + "\n", "", []string{"SWD001"}},
	{"empty software", "software = { };\n", "", []string{"SWD003", "SWD010", "SWD011"}},
	{"empty sections", software("images = ( )", "scripts = ( )"), "", []string{"SWD003"}},
	{"all conditional, below and above", software(list("images", rootfs(`name = "a"`, `version = "1"`, `install-if-higher = true`)),
		"board = "+group(list("files", file("f", "/f", `name = "f"`, `version = "1"`, `install-if-different = true`)))), "", []string{"SWD004", "SWD004"}},
	{"a condition that never holds", images(rootfs(`install-if-higher = true`)), "", []string{"SWD125"}},
	{"conditional below unconditional", software(list("images", kernel()),
		"board = "+group(list("files", file("f", "/f", `name = "f"`, `version = "1"`, `install-if-different = true`)))), "", nil},
	{"conditional beside a link", software(list("more", kernel()), list("images", rootfs(`name = "a"`, `version = "1"`, `install-if-higher = true`), `{ ref = "#./more"; }`)), "", nil},
	{"deep, but linked", software("a = "+group("b = "+group("c = "+group("d = "+group(list("images", rootfs()))))), `images = { ref = "#/software/a/b/c/d/images"; }`), "", []string{"SWD005"}},
	{"deep, in a linked group", software("a = "+group("b = "+group("c = "+group("d = "+group(list("images", rootfs()))))), `board = { ref = "#/software/a/b/c/d"; }`), "", nil},
	{"deep and empty", software("a = "+group("b = "+group("c = "+group("d = { }"))), list("images", rootfs())), "", nil},
	{"a board in a key", software("description = "+group(list("images", rootfs())), list("scripts", script("a.lua", "lua"))), "", []string{"SWD006"}},

	// Keys.
	{"revisions of a board", bare(`version = "1"`, "board = "+group(`hardware-compatibility = [ "1.0" ]`, list("images", rootfs()))), "debian-12", nil},
	{"revisions as a list", bare(`version = "1"`, `hardware-compatibility = ( "1.0", "2.0" )`, list("images", rootfs())), "debian-12", nil},
	{"revisions as numbers", bare(`version = "1"`, `hardware-compatibility = [ 1, 2 ]`, list("images", rootfs())), "debian-12", []string{"SWD020"}},
	{"revision of a variable", bare(`version = "1"`, `hardware-compatibility = [ "#RE:@@REV@@" ]`, list("images", rootfs())), "", nil},
	{"half anchored", bare(`version = "1"`, `hardware-compatibility = [ "#RE:^1" ]`, list("images", rootfs())), "", []string{"SWD014"}},
	{"a version that is a link", bare(`cv = "1.0"`, `version = { ref = "#./cv"; }`, `hardware-compatibility = [ "1.0" ]`, list("images", rootfs())), "", nil},
	{"capitals", software(`Reboot = true`, list("images", rootfs())), "", []string{"SWD015"}},
	{"a group of an unknown name", software("anything = { }", list("images", rootfs())), "", nil},
	{"an entry in a board", software("board = " + group("rootfs = "+rootfs(), list("images", kernel()))), "", []string{"SWD016"}},
	{"reboot as it should be", software(`reboot = true`, list("images", rootfs())), "2023.12", nil},
	{"reboot of a newer client", software(`reboot = "enabled"`, list("images", rootfs())), "2023.12", []string{"SWD703"}},

	// Types.
	{"a float", images(rootfs(`offset = 1.5`)), "", []string{"SWD020"}},
	{"a text for a group", images(rootfs(`properties = "x"`)), "", []string{"SWD020"}},
	{"an array for a text", images(group(`filename = [ "a" ]`, `type = "raw"`, `device = "/dev/a"`)), "", []string{"SWD020"}},
	{"an attribute that is a link", software(`dev = "/dev/a"`, list("images", group(`filename = "a"`, `type = "raw"`, `device = { ref = "#/software/dev"; }`))), "", nil},
	{"type is a number", images(group(`filename = "a"`, `type = 5`, `device = "/dev/a"`)), "", []string{"SWD020"}},
	{"boolean variable", software(list("bootenv", `{ name = "a"; value = true; }`)), "", []string{"SWD020"}},
	{"a section that is a text", software(`files = "a"`, list("images", rootfs())), "", []string{"SWD021"}},
	{"a section of numbers", software(`files = ( 1, 2 )`, list("images", rootfs())), "", []string{"SWD022", "SWD022"}},
	{"a nested property", images(rootfs(properties("inner = " + group(`a = "b"`)))), "", []string{"SWD211"}},
	{"a property with a list of groups", images(rootfs(properties("inner = ( { } )"))), "", []string{"SWD023", "SWD211"}},
	{"an attribute of another section", software(list("partitions", typed("diskformat", `device = "/dev/a"`, `filename = "a"`, properties(`fstype = "ext4"`)))), "", []string{"SWD024"}},
	{"an attribute of entries in bootenv", software(list("bootenv", `{ name = "a"; value = "b"; filename = "c"; }`)), "", []string{"SWD024"}},
	{"a negative number of 64 bits", images(rootfs(`size = -3000000000`)), "", []string{"SWD025"}},
	{"hexadecimal above 31 bits", images(rootfs(`offset = 0x80000000`)), "", []string{"SWD025"}},

	// Texts.
	{"a long version", bare(`version = "`+strings.Repeat("1", 256)+`"`, `hardware-compatibility = [ "1.0" ]`, list("images", rootfs())), "", []string{"SWD030"}},
	{"a long revision", bare(`version = "1"`, `hardware-compatibility = [ "`+strings.Repeat("r", 256)+`" ]`, list("images", rootfs())), "", []string{"SWD030"}},
	{"a long offset", images(rootfs(`offset = "` + strings.Repeat("0", 32) + `"`)), "", []string{"SWD030"}},
	{"a long path", software(list("files", file("a", "/"+strings.Repeat("p", 254)))), "", []string{"SWD030"}},
	{"a long property", images(rootfs(properties(`decompressed-size = "` + strings.Repeat("0", 300) + `"`))), "", nil},
	{"a long script", software(`embedded-script = "`+strings.Repeat("-", 3000)+`"`, list("images", rootfs())), "", nil},

	// Links.
	{"a link to itself", software("images = { ref = \"#./images\"; }", list("scripts", script("a.lua", "lua"))), "", []string{"SWD051"}},
	{"a link out of the file", software("images = { ref = \"#./../../images\"; }", list("scripts", script("a.lua", "lua"))), "", []string{"SWD052"}},
	{"a link with too many names", software("images = { ref = \"#"+strings.Repeat("/n", 21)+"\"; }", list("scripts", script("a.lua", "lua"))), "", []string{"SWD052"}},
	{"a link of a variable", software("images = { ref = \"#/software/@@X@@/images\"; }", list("scripts", script("a.lua", "lua"))), "", nil},
	{"a link to a text", software("cv = \"1\"", "images = { ref = \"#./cv\"; }", list("scripts", script("a.lua", "lua"))), "", []string{"SWD053"}},
	{"a link in properties is none", images(rootfs(properties(`ref = "nowhere"`))), "", []string{"SWD211"}},
	{"ref is no text", images(rootfs(), `{ ref = 5; }`), "", []string{"SWD020", "SWD101", "SWD104"}},
	{"a board that is a link", software("a = "+group(list("images", rootfs())), `b = { ref = "#/software/a"; }`), "", nil},

	// Entries.
	{"empty filename", images(group(`filename = ""`, `type = "raw"`, `device = "/dev/a"`)), "", []string{"SWD101"}},
	{"filename of a variable", images(group(`filename = "@@A@@/b"`, `type = "raw"`, `device = "/dev/a"`)), "", nil},
	{"dots", images(group(`filename = ".."`, `type = "raw"`, `device = "/dev/a"`)), "", []string{"SWD102"}},
	{"250 bytes", images(group(`filename = "`+strings.Repeat("f", 250)+`"`, `type = "raw"`, `device = "/dev/a"`)), "", nil},
	{"251 bytes", images(group(`filename = "`+strings.Repeat("f", 251)+`"`, `type = "raw"`, `device = "/dev/a"`)), "", []string{"SWD103"}},
	{"a volume decides", images(group(`filename = "a"`, `volume = "v"`)), "", []string{"SWD801"}},
	{"a file without type", software(list("files", group(`filename = "a"`, `path = "/a"`))), "", []string{"SWD801"}},
	{"a file without type and path", software(list("files", group(`filename = "a"`))), "", []string{"SWD204", "SWD801"}},
	{"offset in octal", images(rootfs(`offset = "010"`)), "", nil},
	{"offset in T", images(rootfs(`offset = "1T"`)), "", []string{"SWD120"}},
	{"offset in T on an old client", images(rootfs(`offset = "1T"`)), "debian-12", []string{"SWD120"}},
	{"offset in KiB", images(rootfs(`offset = "16KiB"`)), "", nil},
	{"offset that the handler passes over", software(list("files", file("a", "/a", `offset = "1K"`))), "", []string{"SWD121"}},
	{"offset of the chained handler", deltaWith([]string{`offset = "1K"`}, zckURL, quiet, chainRaw), "", nil},
	{"offset of an unknown handler", images(typed("fgpa", `filename = "a"`, `offset = "1K"`)), "", []string{"SWD201"}},
	{"a version with five numbers", images(kernel(), rootfs(`name = "a"`, `version = "1.2.3.4.5"`, `install-if-higher = true`)), "", nil},
	{"a version with a large number", images(kernel(), rootfs(`name = "a"`, `version = "20260101"`, `install-if-higher = true`)), "", nil},
	{"install-if-different of a text", images(kernel(), rootfs(`name = "a"`, `version = "release"`, `install-if-different = true`)), "", nil},
	{"blank without condition", images(rootfs(`name = "a b"`)), "", nil},

	// Scripts.
	{"quotes for lua", software(list("scripts", script("a b.lua", "lua"))), "", nil},
	{"a dollar", software(list("scripts", script("a$b.sh", "preinstall"))), "", []string{"SWD130", "SWD802"}},
	{"a hook in bootenv", software(list("bootenv", `{ name = "a"; value = "1"; hook = "f"; }`)), "", []string{"SWD135"}},
	{"a hook in a board's script", software("board = " + group(luaScript, list("images", rootfs(`hook = "check"`)))), "", nil},
	{"a hook of a table", software(`embedded-script = "m = {} function m.check(i) return true, i end"`, list("images", rootfs(`hook = "m.check"`))), "", nil},
	{"a script of a variable", software(`embedded-script = "@@LUA@@"`, list("images", rootfs(`hook = "f"`))), "", nil},

	// Shared artifacts.
	{"both streamed", images(rootfs(streamed), group(`filename = "rootfs.ext4"`, `type = "raw"`, `device = "/dev/b"`, streamed)), "", []string{"SWD140", "SWD423"}},
	{"streamed in another board", software("a = "+group(list("images", rootfs(streamed))), "b = "+group(list("images", rootfs(streamed)))), "", []string{"SWD423", "SWD423"}},
	{"streamed in images and files", software(list("images", rootfs(streamed)), list("files", file("rootfs.ext4", "/r"))), "", []string{"SWD140", "SWD423"}},
	{"streamed twice behind a link", software(list("more", rootfs(streamed), rootfs()), `images = { ref = "#./more"; }`), "", []string{"SWD140"}},
	{"the same script twice", software(list("scripts", script("a.lua", "lua"), script("a.lua", "lua"))), "", nil},

	// Partitions.
	{"a volume without anything", software(list("partitions", typed("ubipartition"))), "", []string{"SWD150", "SWD150", "SWD152"}},
	{"a volume by default", software(list("partitions", group(`name = "a"`, `device = "mtd0"`, `size = 5`))), "", []string{"SWD801"}},
	{"size of another handler", software(list("partitions", typed("diskformat", `device = "/dev/a"`, `size = 0`, properties(`fstype = "ext4"`)))), "", nil},

	// Handlers.
	{"an alias", images(typed("uboot", `filename = "env"`)), "debian-12", nil},
	{"a handler of a variable", images(typed("@@T@@", `filename = "a"`)), "", nil},
	{"raw in scripts", software(list("scripts", rootfs())), "", []string{"SWD203"}},
	{"a script in partitions", software(list("partitions", typed("lua", `device = "x"`))), "", []string{"SWD203"}},
	{"mtdname for flash", images(typed("flash", `filename = "a"`, `mtdname = "b"`)), "", nil},
	{"empty device", images(typed("raw", `filename = "a"`, `device = ""`)), "", []string{"SWD204"}},
	{"auto-resize", ubivol(properties(`auto-resize = "true"`)), "", []string{"SWD204"}},
	{"auto-resize with device", ubivol(`device = "mtd0"`, properties(`auto-resize = "true"`)), "", nil},
	{"no auto-resize", ubivol(properties(`auto-resize = "false"`)), "", nil},
	{"readback without digest", readback(`offset = "0"`), "", []string{"SWD210"}},
	{"ssblswitch", software(list("scripts", typed("ssblswitch", properties(`device = [ "/dev/mtd0", "/dev/mtd1" ]`, `offset = [ "0", "0" ]`, `imageoffset = [ "1", "2" ]`, `imagesize = [ "1", "2" ]`)))), "", []string{"SWD210", "SWD211"}},
	{"swaps of three", software(list("scripts", typed("gptswap", `device = "/dev/a"`, properties(`swap-0 = [ "a", "b", "c" ]`)))), "", []string{"SWD215"}},
	{"swaps from one", software(list("scripts", typed("ubiswap", properties(`swap-1 = [ "a", "b" ]`)))), "", []string{"SWD210", "SWD216"}},
	{"toggleboot", software(list("scripts", typed("toggleboot", `device = "/dev/a"`, properties(`partition = "5"`)))), "", []string{"SWD214"}},
	{"a switch in capitals", diskformat(`fstype = "ext4"`, `force = "TRUE"`), "", nil},
	{"a switch half in capitals", diskformat(`fstype = "ext4"`, `force = "True"`), "", []string{"SWD213"}},
	{"a size in words", images(rootfs(properties(`decompressed-size = "large"`))), "", []string{"SWD214"}},

	// diskpart.
	{"no label", software(list("partitions", typed("diskpart", `device = "/dev/a"`, properties(`partition-1 = [ "size=1M" ]`)))), "", []string{"SWD210"}},
	{"another label", disk("mbr", `partition-1 = [ "size=1M" ]`), "", []string{"SWD214"}},
	{"no partitions", disk("gpt"), "", []string{"SWD210"}},
	{"partitions from zero", disk("gpt", `partition-0 = [ "size=1M" ]`), "", []string{"SWD210", "SWD211"}},
	{"one setting as a text", disk("gpt", `partition-1 = "size=1M"`), "", nil},
	{"a setting of a variable", disk("gpt", `partition-1 = [ "size=@@S@@" ]`), "", nil},
	{"partuuid", disk("gpt", `partition-1 = [ "size=1M", "partuuid=21f16cae" ]`), "", []string{"SWD235"}},
	{"partuuid in a DOS table", disk("dos", `partition-1 = [ "size=1M", "partuuid=21f16cae-612f-4bc6-8ef5-e68cc9dc4380" ]`), "", []string{"SWD232"}},

	// Delta.
	{"no properties", images(typed("delta", `filename = "h"`, `device = "/dev/a"`)), "", []string{"SWD210", "SWD210", "SWD210", "SWD244", "SWD247"}},
	{"url without scheme", delta(`url = "example.com/a.zck"`, quiet, chainRaw), "", []string{"SWD243"}},
	{"url in capitals", delta(`url = "HTTP://example.com/a.zck"`, quiet, chainRaw), "", []string{"SWD242"}},
	{"url of a variable", delta(`url = "@@URL@@"`, quiet, chainRaw), "", nil},
	{"a log level", delta(zckURL, `zckloglevel = "quiet"`, chainRaw), "", []string{"SWD214"}},
	{"max-ranges", delta(zckURL, quiet, chainRaw, `max-ranges = "ten"`), "", []string{"SWD214"}},
	{"a clear header", deltaWith([]string{`encrypted = false`}, zckURL, quiet, chainRaw), "2021.11", nil},
	{"before delta", delta(zckURL, quiet, chainRaw), "2021.04", []string{"SWD202"}},
	{"a chain that is too new", delta(zckURL, quiet, `chain = "btrfs-receive"`, `path = "/a"`), "2023.12", []string{"SWD202"}},
	{"a chain to gptpart", deltaWith([]string{`volume = "root"`}, zckURL, quiet, `chain = "gptpart"`), "debian-12", nil},

	// Compression, encryption, streams.
	{"no compression", images(rootfs(`compressed = false`)), "", []string{"SWD403"}},
	{"an empty compression", images(rootfs(`compressed = ""`)), "", []string{"SWD401"}},
	{"a slip", images(rootfs(`compressed = "zstb"`)), "", []string{"SWD401"}},
	{"an ivt of letters", images(rootfs(`encrypted = true`, `ivt = "`+strings.Repeat("g", 32)+`"`)), "", []string{"SWD410"}},
	{"an ivt of a function", images(rootfs(`encrypted = true`, `ivt = "$swupdate_get_IV(a)"`)), "", nil},
	{"the same ivt for the same artifact", images(rootfs(`encrypted = true`, withIV), rootfs(`encrypted = true`, withIV)), "", nil},
	{"another cipher", images(rootfs(`encrypted = "aes-cbc-256"`)), "newest", []string{"SWD413"}},
	{"streaming with a hook", software(luaScript, list("images", rootfs(streamed, `hook = "check"`))), "", nil},
	{"streaming to nowhere", images(typed("swuforward", `filename = "a.swu"`, streamed, properties(`url = [ "http://10.0.0.2:8080" ]`))), "", nil},
	{"streaming false", software(list("scripts", script("a.lua", "lua", `installed-directly = false`))), "", nil},
	{"hamming, streamed", images(typed("flash-hamming1", `filename = "a"`, `device = "mtd0"`, streamed)), "", []string{"SWD261", "SWD423"}},
	{"hamming, compressed for nothing", images(typed("flash-hamming1", `filename = "a"`, `device = "mtd0"`, `compressed = false`)), "", []string{"SWD403"}},
	{"archive into a mount point", images(typed("archive", `filename = "a.tar"`, `path = "/mnt"`)), "", nil},
	{"archive of a variable", images(typed("archive", `filename = "a.tar"`, `path = "/a"`, properties(`create-destination = "@@C@@"`))), "", nil},

	// Variables.
	{"an empty name", software(list("bootenv", `{ name = ""; value = "1"; }`)), "", []string{"SWD601"}},
	{"unsetting", software(list("bootenv", `{ name = "a"; }`, `{ name = "b"; value = ""; }`)), "", nil},
	{"the same in vars and bootenv", software(list("bootenv", `{ name = "a"; value = "1"; }`), list("vars", `{ name = "a"; value = "1"; }`)), "2023.12", nil},
	{"uboot below bootenv", software(list("bootenv", `{ name = "a"; value = "1"; }`), "board = "+group(list("uboot", `{ name = "b"; value = "1"; }`))), "", []string{"SWD603", "SWD604"}},
	{"vars of an old client", software(list("images", rootfs()), list("vars", `{ name = "a"; value = "1"; }`)), "debian-12", []string{"SWD701"}},

	// Releases.
	{"size of an old client", images(rootfs(`size = 5`)), "debian-12", nil},
	{"everything new, newest", software(`update-type = "a"`, `reboot = "disabled"`, list("images", rootfs(`compressed = "lz4"`))), "newest", nil},
	{"copy of a release without it", software(list("scripts", typed("copy", `device = "/dev/a"`, properties(`copyfrom = "/dev/b"`, `type = "preinstall"`)))), "2022.05", []string{"SWD202"}},
	{"the old name of copy", software(list("scripts", typed("rawcopy", `device = "/dev/a"`, properties(`copyfrom = "/dev/b"`, `type = "preinstall"`)))), "2022.05", nil},
}

func TestCases(t *testing.T) {
	names := map[string]bool{}
	for _, test := range cases {
		if names[test.name] {
			t.Errorf("%s: a second time", test.name)
		}
		names[test.name] = true
		target, ok := swupdate.LookupProfile(test.target)
		if !ok && test.target != "" {
			t.Errorf("%s: no profile %s", test.name, test.target)
		}
		findings := Check(Subject{Doc: parse(t, test.text), Draft: true}, target)
		var got []string
		for _, f := range findings {
			got = append(got, f.Rule)
		}
		slices.Sort(got)
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: got %v, want %v\n%s\n%s", test.name, got, test.want, lines(findings), test.text)
		}
	}
}
