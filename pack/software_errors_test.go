package pack

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/internal/diag"
)

// problemsOf loads and plans a declared project and returns its problems, one a
// line, with places counted from the first line of rest.
func problemsOf(t *testing.T, rest string) string {
	t.Helper()
	dir := declaredProject(t, rest)
	loaded, err := Load(filepath.Join(dir, "fwpack.toml"), Inputs{})
	if loaded != nil {
		_, err = loaded.Plan(Selection{})
	}
	if err == nil {
		return ""
	}
	var list diag.List
	if !errors.As(err, &list) {
		t.Fatalf("not a list: %v", err)
	}
	var lines []string
	for _, d := range list {
		line := fmt.Sprintf("%d:%d: %s", d.Pos.Line-strings.Count(declare(""), "\n"), d.Pos.Col, d.Msg)
		if d.Hint != "" {
			line += " (" + d.Hint + ")"
		}
		lines = append(lines, line)
	}
	return strings.ReplaceAll(strings.Join(lines, "\n"), dir+string(filepath.Separator), "")
}

// wrong is a mistake in a declaration and what is said of it.
type wrong struct{ name, rest, want string }

func checkWrong(t *testing.T, tests []wrong) {
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := problemsOf(t, test.rest); got != strings.TrimSpace(test.want) {
				t.Errorf("got\n%s\nwant\n%s", got, strings.TrimSpace(test.want))
			}
		})
	}
}

const imageHead = "[bundle.software]\n[[bundle.software.images]]\n"

func TestSoftwareWrong(t *testing.T) {
	checkWrong(t, []wrong{
		{"neither", "", `-2:3: description is missing (name a template with description, or declare it in [bundle.software])`},
		{"both", "description = 'x.in'\nsoftware = {}\n", `
1:15: description stands beside [bundle.software]: one of the two is allowed
1:15: bundle "gw": description: open x.in: no such file or directory`},
		{"no table", "software = 7\n", `1:12: software is an integer, and must be a table`},
		{"format", "[bundle.software]\nformat = 'yaml'\n", `2:10: format: format "yaml" is unknown: libconfig and json are allowed`},
		{"unknown key", "[bundle.software]\nhardware-compatibilty = ['1']\n", `2:1: unknown key hardware-compatibilty (did you mean hardware-compatibility?)`},
		{"marker", "[bundle.software]\nbootloader-transaction-marker = true\n", `2:1: unknown key bootloader-transaction-marker (did you mean bootloader_transaction_marker?)`},
		{"script", "[bundle.software]\nembedded-script = 'hooks.lua'\n", `2:1: embedded-script is no key of [bundle.software] (write embedded-script = "FILE" into its [[bundle]])`},
		{"types", "[bundle.software]\nversion = 2\nhardware-compatibility = '1.0'\nbootloader_state_marker = 'true'\nreboot = 1\ndescription = 1979-05-27\n", `
2:11: version is an integer, and must be a string
3:26: hardware-compatibility is a string, and must be an array of strings
4:27: bootloader_state_marker is a string, and must be a boolean
5:10: reboot is an integer, and must be a string or a boolean
6:15: description is a date, and must be a string`},
		{"values", "[bundle.software]\nversion = ''\nhardware-compatibility = []\nreboot = 'yes'\noutput = \"a\\u0000b\"\nupdate-type = '@@NOPE@@'\n", `
2:11: version is empty
3:26: hardware-compatibility is empty
4:10: reboot is "yes": true, false, "enabled" and "disabled" are allowed
5:10: output: string has a NUL byte at offset 1
6:15: undefined variable "NOPE"`},
		{"element", "[bundle.software]\nhardware-compatibility = ['1', 2, '', \"\\u0000\"]\n", `
2:32: hardware-compatibility holds an integer, and only strings are allowed
2:35: an element of hardware-compatibility is empty
2:39: hardware-compatibility: string has a NUL byte at offset 0`},
		{"no sections", "[bundle.software]\nimages = 'rootfs'\nfiles = ['app', {}]\nbootenv = 3\nscripts = { a = 'b' }\n", `
2:10: images is a string, and must be an array of tables [[images]]
3:9: files is an array, and must be an array of tables [[files]]
4:11: bootenv is an integer, and must be an array of tables [[bootenv]]
5:11: scripts is a table, and must be an array of tables [[scripts]]`},
	})
}

func TestEntryWrong(t *testing.T) {
	checkWrong(t, []wrong{
		{"no file", imageHead + "type = 'raw'\n", `2:3: artifact is missing: a device passes over an entry of images without one`},
		{"both", imageHead + "artifact = 'app'\nfilename = 'app'\n", `4:1: filename stands beside artifact: one of the two is allowed`},
		{"artifact", imageHead + "artifact = 'rootfz'\n", `3:12: artifact "rootfz" is not declared (did you mean rootfs?)`},
		{"filename", imageHead + "filename = 'besides.txt'\n", `3:12: filename "besides.txt" is neither an artifact of the project nor a file beside the project file`},
		{"slash", imageHead + "filename = 'a/beside.txt'\n", `3:12: filename: entry name "a/beside.txt" contains a slash`},
		{"filled in", imageHead + "artifact = 'app'\nsha256 = '0'\nivt = '0'\nencrypted = true\naes-key = '0'\nref = '#./x'\n", `
4:1: sha256 is filled in: leave it out
5:1: ivt is filled in, and drawn anew for each build: leave it out
6:1: encrypted is filled in where the artifact has encrypt = "KEY": leave it out
7:1: aes-key is a secret that everybody reads who gets the bundle: the devices have it (swupdate -K)
8:1: ref is written by fwpack itself where sections are equal`},
		{"unknown", imageHead + "artifact = 'app'\ndevise = '/dev/x'\nsomething = 1\n", `
4:1: unknown key devise (did you mean device?)
5:1: unknown key something (known here: artifact, compressed, data, device, filename, filesystem, hook, install-if-different, install-if-higher, installed-directly, mtdname, name, offset, path, postinstall, preinstall, preserve-attributes, properties, size, type, version, volume)`},
		{"types", imageHead + "artifact = 'app'\ntype = 1\ninstalled-directly = 'true'\noffset = true\nsize = '1K'\nproperties = 'x'\n", `
4:8: type is an integer, and must be a string
5:22: installed-directly is a string, and must be a boolean
6:10: offset is a boolean, and must be a string or an integer
7:8: size is a string, and must be an integer
8:14: properties is a string, and must be a table`},
		{"compressed", imageHead + "artifact = 'packed'\ncompressed = 'zstd'\n", `4:14: compressed is for files that are compressed already; for artifact "packed" it is filled in: leave it out`},
		{"compressed bool", imageHead + "artifact = 'app'\ncompressed = true\n", `4:14: compressed is a boolean, and must be a string`},
		{"not compressed", imageHead + "artifact = 'app'\ncompressed = 'zlib'\n", `4:14: compressed is "zlib", but app.bin is not (let fwpack compress it: compress = "zlib" in its [[artifact]])`},
		{"properties", imageHead + "artifact = 'app'\n[bundle.software.images.properties]\nnumber = 1\nbool = true\nnested = { a = { b = 'c' } }\nmixed = ['a', 1]\n\"a.b\" = 'c'\n", `
5:10: number is an integer, and must be a string or an array of strings: a device passes over anything else
6:8: bool is a boolean, and must be a string or an array of strings: a device passes over anything else
7:16: nested is a table, and must be a string or an array of strings: a device passes over anything else
8:15: mixed holds an integer, and only strings are allowed
9:1: properties: "a.b" cannot name a setting: names begin with a letter or "*" and go on with letters, digits, "-", "_" and "*"`},
		{"script without file", "[bundle.software]\n[[bundle.software.scripts]]\ntype = 'shellscript'\n", `2:3: artifact is missing: handler shellscript needs one`},
		{"script without type", "[bundle.software]\n[[bundle.software.scripts]]\ndata = 'x'\n", `2:3: artifact is missing: without a type the script is run as Lua`},
		{"script by board", "[bundle.software]\n[[bundle.software.scripts]]\ntype = { b1 = 'gptswap', b2 = 'lua' }\n", `2:3: artifact is missing: handler lua needs one`},
		{"partition", "[bundle.software]\n[[bundle.software.partitions]]\nartifact = 'app'\nfilename = 'app'\ntype = 'diskpart'\n", `
3:1: unknown key artifact (known here: compressed, data, device, filesystem, hook, install-if-different, install-if-higher, mtdname, name, path, postinstall, preinstall, properties, size, type, version, volume)
4:1: unknown key filename (known here: compressed, data, device, filesystem, hook, install-if-different, install-if-higher, mtdname, name, path, postinstall, preinstall, properties, size, type, version, volume)`},
		{"variable", "[bundle.software]\n[[bundle.software.bootenv]]\nvalue = 1\nnam = 'x'\n", `
2:3: name is missing: what variable is it?
3:9: value is an integer, and must be a string
4:1: unknown key nam (did you mean name?)`},
		{"variables", "[bundle.software.bootenv]\n\"stable,copy1\" = { a = 'b' }\nb = 1\n\"\" = 'x'\nc = { b1 = 2 }\n", `
2:1: "stable,copy1" cannot be the name of a variable (a value by selector is written as bootenv = { NAME = { "stable,copy1" = ... } })
3:5: b is an integer, and must be a string
4:1: the name of a variable is empty
5:12: c is an integer, and must be a string`},
		{"two names", imageHead + "artifact = 'app'\n[[bundle.software.files]]\nfilename = 'app.bin'\n", `5:12: filename "app.bin" is the file of artifact "app" and of artifact "packed": use the artifact's name`},
	})
}

func TestSelectorWrong(t *testing.T) {
	device := func(table string) string { return imageHead + "artifact = 'app'\ndevice = " + table + "\n" }
	checkWrong(t, []wrong{
		{"none", device("{}"), `4:10: device has a table without a value for any device`},
		{"blank", device("{ 'stable, copy1' = 'a' }"), `4:12: device: selector "stable, copy1": " copy1" has a blank in it, which a device takes for a part of the name`},
		{"no mode", device("{ 'stable,' = 'a' }"), `4:12: device: selector "stable,": a part of it is empty: "SET,MODE", "BOARD" and "BOARD:SET,MODE" are allowed`},
		{"no set", device("{ ',copy1' = 'a' }"), `4:12: device: selector ",copy1": a part of it is empty: "SET,MODE", "BOARD" and "BOARD:SET,MODE" are allowed`},
		{"empty", device("{ '' = 'a' }"), `4:12: device: selector "": a part of it is empty: "SET,MODE", "BOARD" and "BOARD:SET,MODE" are allowed`},
		{"empty board", device("{ ':stable,copy1' = 'a' }"), `4:12: device: selector ":stable,copy1": a part of it is empty: "SET,MODE", "BOARD" and "BOARD:SET,MODE" are allowed`},
		{"board alone", device("{ 'b1:' = 'a' }"), `4:12: device: selector "b1:" names no mode behind the board: "SET,MODE", "BOARD" and "BOARD:SET,MODE" are allowed`},
		{"board and set", device("{ 'b1:stable' = 'a' }"), `4:12: device: selector "b1:stable" names no mode behind the board: "SET,MODE", "BOARD" and "BOARD:SET,MODE" are allowed`},
		{"three", device("{ 'a,b,c' = 'a' }"), `4:12: device: selector "a,b,c": "b,c" cannot name a setting: names begin with a letter or "*" and go on with letters, digits, "-", "_" and "*"`},
		{"dot", device("{ 'my.board' = 'a' }"), `4:12: device: selector "my.board": "my.board" cannot name a setting: names begin with a letter or "*" and go on with letters, digits, "-", "_" and "*"`},
		{"reserved", device("{ 'stable,images' = 'a' }"), `4:12: device: selector "stable,images": "images" is a key of software and cannot name a board, a set or a mode`},
		{"ref", device("{ ref = 'a' }"), `4:12: device: selector "ref": "ref" is a key of software and cannot name a board, a set or a mode`},
		{"kinds", device("{ b1 = 'a', 'stable,copy1' = 'b' }"), `4:22: "stable,copy1" names a slot, but "b1" before it a board: the selectors of one table are of one kind`},
		{"twice", device("{ b1 = 'a', '@@MACHINE@@' = 'b' }"), `4:22: "b1" has a value already`},
		{"undefined", device("{ '@@NOPE@@' = 'b' }"), `4:12: undefined variable "NOPE"`},
		{"value", device("{ b1 = 7, b2 = '' }"), `
4:17: device is an integer, and must be a string
4:25: device is empty`},
		{"contradiction", device("{ 'stable,copy1' = 'a' }") + "name = { 'stable,copy2' = 'b' }\n", `2:3: no device gets this entry of images: its tables have no selector in common`},
		{"left out", device("{ b1 = 'a', b2 = 'b', b3 = 'c' }") + "name = { b1 = 'b', b2 = 'b' }\n", `4:32: device for "b3" is never used: another table of the entry has no value for it`},
		{"key", "[bundle.software]\nversion = { 'a b' = '1' }\n", `2:13: version: selector "a b": "a b" has a blank in it, which a device takes for a part of the name`},
	})
}

func TestExtraWrong(t *testing.T) {
	const software = "[bundle.software]\n[[bundle.software.files]]\nartifact = 'app'\npath = '/x'\n"
	checkWrong(t, []wrong{
		{"type", "extra = 'app'\n" + software, `1:9: extra is a string, and must be an array of strings`},
		{"unknown", "extra = ['setup', 'nowhere.txt', '']\n" + software, `
1:10: extra: "setup" is neither an artifact of the project nor a file: stat setup: no such file or directory
1:19: extra: "nowhere.txt" is neither an artifact of the project nor a file: stat nowhere.txt: no such file or directory
1:34: an element of extra is empty`},
		{"clash", "extra = ['app', 'beside.txt', './beside.txt']\n" + software, `
1:10: extra: "app" is in the bundle already
1:31: extra: "beside.txt" is in the bundle already`},
		{"reserved", "extra = ['sw-description']\n" + software, `1:10: extra: artifact name "sw-description" is reserved`},
		{"folder", "extra = ['.']\n" + software, `1:10: extra: entry name "." is a folder`},
	})
}
