package predict_test

import "strings"

// scenario is a description that a client is asked about, and its answer. The
// answers are those of Debian 12's client; TestConformancePredict asks it again.
//
// In texts $DIR stands for the folder that is installed to, and $SHA(name) for
// the digest of a member of the archive.
type scenario struct {
	name        string
	description string            // what stands inside software
	bare        string            // the whole description instead
	json        bool              // it is JSON
	before      map[string]string // files in $DIR before the update

	hardware string // BOARD:REVISION; board:1.0 where empty
	selected string // SET,MODE
	versions string // groups of the list versions in swupdate.cfg
	limit    string // -N VERSION, -R VERSION or --max-version VERSION

	refused   string // what the client's log has; "" where it accepts
	installed string // files in $DIR that are new or changed, sorted
	ran       string // script and phase of each script that ran, in order

	lint   string // rules that find why it is refused, or done otherwise than is written
	device bool   // the refusal depends on the device, not on the description
}

// member names and contents. Scripts write down that they ran.
var members = []struct{ name, data string }{
	{"a", "AAA\n"},
	{"b", "BBB\n"},
	{"s.sh", "#!/bin/sh\necho s.sh $1 >> $DIR/ran\n"},
	{"t.sh", "#!/bin/sh\necho t.sh $1 >> $DIR/ran\n"},
	{"two words.sh", "#!/bin/sh\necho blank $1 >> $DIR/ran\n"},
}

const (
	hc      = `hardware-compatibility = ["1.0"]; `
	head    = `version = "1.0"; ` + hc
	wrong   = `1111111111111111111111111111111111111111111111111111111111111111`
	hasC    = `{ name = "c"; version = "1.2"; }`
	nothing = "Found nothing to install"
)

// file is an entry that installs member n as $DIR/n.
func file(n string, more ...string) string {
	return `{ filename = "` + n + `"; sha256 = "$SHA(` + n + `)"; path = "$DIR/` + n + `"; ` + strings.Join(more, " ") + ` }`
}

// raw is an entry that writes member a to $DIR/disk.
func raw(more ...string) string {
	return `{ filename = "a"; sha256 = "$SHA(a)"; type = "raw"; device = "$DIR/disk"; ` + strings.Join(more, " ") + ` }`
}

// script is an entry that runs member n.
func script(n, handler string, more ...string) string {
	return `{ filename = "` + n + `"; sha256 = "$SHA(` + n + `)"; type = "` + handler + `"; ` + strings.Join(more, " ") + ` }`
}

func files(entries ...string) string   { return section("files", entries) }
func images(entries ...string) string  { return section("images", entries) }
func scripts(entries ...string) string { return section("scripts", entries) }
func parts(entries ...string) string   { return section("partitions", entries) }
func bootenv(entries ...string) string { return section("bootenv", entries) }

func section(name string, entries []string) string {
	return name + " = ( " + strings.Join(entries, ", ") + " ); "
}

// group is a setting that holds settings.
func group(name string, settings ...string) string {
	return name + " = { " + strings.Join(settings, " ") + " }; "
}

// link is a group that leads elsewhere.
func link(ref string) string { return `{ ref = "` + ref + `"; }` }

// unique is a partition whose handler does nothing but look.
const unique = `{ type = "uniqueuuid"; device = "none"; properties = { fs-uuid = ["ffffffff-1111-2222-3333-444444444444"]; }; }`

const (
	stream    = `installed-directly = true;`
	asRaw     = `type = "rawfile";`
	different = `install-if-different = true;`
	higher    = `install-if-higher = true;`
)

func disk() map[string]string { return map[string]string{"disk": "........"} }

// scenarios is the table.
func scenarios() []scenario {
	var all []scenario
	for _, part := range [][]scenario{
		commonScenarios(), hardwareScenarios(), placeScenarios(), linkScenarios(), chainScenarios(), shapeScenarios(),
		attributeScenarios(), handlerScenarios(), digestScenarios(), needScenarios(), conditionScenarios(), limitScenarios(),
		streamScenarios(), orderScenarios(), scriptScenarios(), partitionScenarios(), variableScenarios(), jsonScenarios(),
	} {
		all = append(all, part...)
	}
	return all
}

func commonScenarios() []scenario {
	return []scenario{
		{name: "one file", description: head + files(file("a")), installed: "a"},
		{name: "no version", lint: "SWD010", description: hc + files(file("a")), refused: "Missing version in configuration file"},
		{name: "version is a number", lint: "SWD020", description: "version = 1; " + hc + files(file("a")), installed: "a"},
		{name: "version in the selection", description: hc + group("s", group("m", `version = "7";`)) + files(file("a")), selected: "s,m", installed: "a"},
		{name: "root of another name", lint: "SWD001", bare: "soft = { " + head + files(file("a")) + "};\n", refused: "Missing version in configuration file"},
		{name: "nothing to install", lint: "SWD003", description: head, refused: nothing},
		{name: "vars alone", lint: "SWD003 SWD701", description: head + section("vars", []string{`{ name = "x"; value = "y"; }`}), refused: nothing},
		{name: "bootenv alone", description: head + bootenv(`{ name = "x"; value = "y"; }`)},
		{name: "uboot alone", description: head + section("uboot", []string{`{ name = "x"; value = "y"; }`})},
		{name: "partitions alone", description: head + parts(unique)},
		{name: "a script alone", description: head + scripts(script("s.sh", "shellscript")), ran: "s.sh preinst, s.sh postinst"},
		{name: "unknown keys", description: head + `colour = "blue"; imges = 3; ` + files(file("a", "colour = 1;")), installed: "a"},
	}
}

func hardwareScenarios() []scenario {
	compatible := func(list string) string {
		return `version = "1.0"; hardware-compatibility = ` + list + `; ` + files(file("a"))
	}
	const other = "SW not compatible with hardware"
	return []scenario{
		{name: "no hardware-compatibility", lint: "SWD011", description: `version = "1.0"; ` + files(file("a")), refused: "HW compatibility not found"},
		{name: "another revision", description: compatible(`["1.0"]`), hardware: "board:2.0", refused: other, device: true},
		{name: "second revision", description: compatible(`["1.0", "2.0"]`), hardware: "board:2.0", installed: "a"},
		{name: "revisions in a list", description: compatible(`("1.0")`), installed: "a"},
		{name: "revisions in a group", lint: "SWD020", description: compatible(`{ x = "1.0"; }`), installed: "a"},
		{name: "revision is a bare string", lint: "SWD020", description: compatible(`"1.0"`), refused: other},
		{name: "revision is an integer", lint: "SWD020", description: compatible(`[1]`), hardware: "board:1", refused: other},
		{name: "expression", description: compatible(`["#RE:^1\\.[0-9]$"]`), hardware: "board:1.7", installed: "a"},
		{name: "expression without anchors", description: compatible(`["#RE:1"]`), hardware: "board:21x", installed: "a"},
		{name: "expression that does not match", description: compatible(`["#RE:^1$"]`), hardware: "board:21x", refused: other, device: true},
		{name: "expression of Perl", lint: "SWD013", description: compatible(`["#RE:\\d"]`), hardware: "board:1", refused: other},
		{name: "broken expression", lint: "SWD013", description: compatible(`["#RE:("]`), hardware: "board:(", refused: "SW not compatible"},
		{name: "broken expression beside a match", lint: "SWD013", description: compatible(`["#RE:(", "1.0"]`), installed: "a"},
		{name: "revisions of the board", description: `version = "1.0"; hardware-compatibility = ["9.0"]; ` + group("board", hc) + files(file("a")), installed: "a"},
		{name: "other revisions of the board", description: head + group("board", `hardware-compatibility = ["9.0"];`) + files(file("a")), refused: other, device: true},
		{name: "no revisions of the board", lint: "SWD012", description: head + group("board", `hardware-compatibility = [ ];`) + files(file("a")), refused: other},
	}
}

func placeScenarios() []scenario {
	return []scenario{
		{name: "board and selection first", description: head + group("board", group("s", group("m", files(file("a"))))) + group("s", group("m", files(file("b")))),
			selected: "s,m", installed: "a"},
		{name: "selection before board", description: head + group("board", files(file("a"))) + group("s", group("m", files(file("b")))), selected: "s,m", installed: "b"},
		{name: "board before software", description: head + group("board", files(file("a"))) + files(file("b")), installed: "a"},
		{name: "each key for itself", description: head + group("board", images(file("a", asRaw))) + files(file("b")), installed: "a b"},
		{name: "no such selection", description: head + files(file("a")), selected: "x,y", installed: "a"},
		{name: "blank in the selection", description: head + group("s", group("m", files(file("a")))) + files(file("b")), selected: "s, m", installed: "b"},
		{name: "other selection", description: head + group("s", group("m", files(file("a"))), group("n", files(file("b")))), selected: "s,n", installed: "b"},
		{name: "nothing without a selection", description: head + group("s", group("m", files(file("a")))), refused: nothing, device: true},
		{name: "empty section of the selection", lint: "SWD007", description: head + group("s", group("m", files())) + files(file("b")), selected: "s,m", refused: nothing},
		{name: "string for a section of the selection", lint: "SWD021", description: head + group("s", group("m", `files = "x";`)) + files(file("b")), selected: "s,m", refused: nothing},
		{name: "dots in the board's name", description: head + group("my", group("board", files(file("a")))), hardware: "my.board:1.0", installed: "a"},
	}
}

func linkScenarios() []scenario {
	list := `l = ( ` + file("a") + ` ); `
	mode := func(ref string) string { return group("s", "m = "+link(ref)+";") }
	return []scenario{
		{name: "mode is a link", description: head + group("x", files(file("a"))) + mode("#./../x"), selected: "s,m", installed: "a"},
		{name: "mode is a link beside it", description: head + group("s", group("x", files(file("a"))), "m = "+link("#./x")+";"), selected: "s,m", installed: "a"},
		{name: "link begins with dots", description: head + group("x", files(file("a"))) + mode("#../x"), selected: "s,m", installed: "a"},
		{name: "link hides its neighbours", description: head + group("x", files(file("a"))) + group("s", group("m", `ref = "#./../x";`, files(file("b")))), selected: "s,m", installed: "a"},
		{name: "board is a link", description: head + group("x", files(file("a"))) + "board = " + link("#./x") + "; ", installed: "a"},
		{name: "set is a link", lint: "SWD056", description: head + group("x", group("m", files(file("a")))) + "s = " + link("#./x") + "; ", selected: "s,m", refused: nothing},
		{name: "path through a link", lint: "SWD056 SWD050", description: head + group("x", group("c", files(file("a")))) + "y = " + link("#./x") + "; files = " + link("#./y/c/files") + "; ", refused: nothing},
		{name: "section is a link", description: head + list + "files = " + link("#./l") + "; ", installed: "a"},
		{name: "version is a link", description: `version = ` + link("#./v") + `; v = "1.0"; ` + hc + files(file("a")), installed: "a"},
		{name: "version links nowhere", lint: "SWD050", description: `version = ` + link("#./v") + `; ` + hc + files(file("a")), refused: "Missing version in configuration file"},
		{name: "element is a link", description: head + list + "files = ( " + link("#./l") + " ); ", installed: "a"},
		{name: "element links to one entry", lint: "SWD053", description: head + "one = " + file("a") + "; " + files(link("#./one"), file("b")), installed: "b"},
		{name: "element links to a group of entries", lint: "SWD101 SWD204 SWD053", description: head + "some = { x = " + file("a") + "; }; " + files(link("#./some"), file("b")), installed: "a b"},
		{name: "element links nowhere", lint: "SWD050", description: head + files(link("#./nowhere"), file("b")), installed: "b"},
		{name: "the only element links nowhere", lint: "SWD050", description: head + files(link("#./nowhere")), refused: nothing},
		{name: "element links to a string", lint: "SWD053", description: head + `x = "s"; ` + files(link("#./x"), file("b")), installed: "b"},
		{name: "element of an element", description: head + list + "k = ( " + link("#./l") + " ); files = ( " + link("#./k") + ", " + file("b") + " ); ", installed: "a b"},
		{name: "link in an entry hides it", description: head + list + files(`{ ref = "#./l"; filename = "b"; sha256 = "$SHA(b)"; path = "$DIR/b"; }`), installed: "a"},
		{name: "link is no link", lint: "SWD052", description: head + files(`{ ref = "x"; filename = "a"; sha256 = "$SHA(a)"; path = "$DIR/a"; }`), refused: nothing},
		{name: "link is a number", lint: "SWD020", description: head + files(file("a", "ref = 5;")), installed: "a"},
		{name: "section links nowhere", lint: "SWD050", description: head + "files = " + link("#./l") + "; ", refused: nothing},
		{name: "selection links nowhere", lint: "SWD050", description: head + mode("#./nowhere") + files(file("b")), selected: "s,m", installed: "b"},
		{name: "links in a circle", lint: "SWD051", description: head + "files = " + link("#./f") + "; f = " + link("#./files") + "; ", refused: nothing},
		{name: "absolute link", description: head + list + "files = " + link("#software/l") + "; ", installed: "a"},
		{name: "absolute link without software", lint: "SWD050", description: head + list + "files = " + link("#/l") + "; ", refused: nothing},
		{name: "link out of the file", lint: "SWD052", description: head + list + "files = " + link("#./../../software/l") + "; ", refused: nothing},
		{name: "attribute is a link", lint: "SWD050", description: head + `p = "$DIR/a"; ` + files(`{ filename = "a"; sha256 = "$SHA(a)"; path = `+link("#./p")+`; }`), refused: "Missing path attribute"},
	}
}

// chainScenarios are at both sides of the bounds of links.
func chainScenarios() []scenario {
	chain := func(n int, target string) string {
		var b strings.Builder
		for i := 1; i < n; i++ {
			b.WriteString("l" + letter(i) + " = " + link("#./l"+letter(i+1)) + "; ")
		}
		return b.String() + "l" + letter(n) + " = " + target + "; "
	}
	deep := func(n int) string {
		open, path := "", ""
		for i := range n {
			open += "n" + letter(i) + " = { "
			path += "/n" + letter(i)
		}
		return open + "l = ( " + file("a") + " ); " + strings.Repeat("}; ", n) + "files = " + link("#."+path+"/l") + "; "
	}
	entry := "( " + file("a") + " )"
	return []scenario{
		{name: "eight links", description: head + "files = " + link("#./lb") + "; " + chain(8, entry), installed: "a"},
		{name: "nine links", lint: "SWD051", description: head + "files = " + link("#./lb") + "; " + chain(9, entry), refused: nothing},
		{name: "nine links from an element", description: head + files(link("#./lb"), file("b")) + chain(9, entry), installed: "a b"},
		{name: "ten links from an element", lint: "SWD051", description: head + files(link("#./lb"), file("b")) + chain(10, entry), installed: "b"},
		{name: "nineteen names", description: head + deep(17), installed: "a"},
		{name: "twenty names", lint: "SWD052", description: head + deep(18), refused: nothing},
	}
}

func letter(i int) string { return string(rune('a' + i)) }

func shapeScenarios() []scenario {
	return []scenario{
		{name: "section is one entry", lint: "SWD021", description: head + "files = " + file("a") + "; ", refused: nothing},
		{name: "section is a group of entries", lint: "SWD021", description: head + "files = { x = " + file("a") + "; y = " + file("b") + "; }; ", installed: "a b"},
		{name: "list in a list", lint: "SWD022", description: head + "files = ( ( " + file("a") + " ) ); ", refused: nothing},
		{name: "file without filename", lint: "SWD101", description: head + files(`{ path = "$DIR/x"; }`, file("b")), installed: "b"},
		{name: "image without filename", lint: "SWD101", description: head + images(`{ type = "raw"; device = "$DIR/x"; }`) + files(file("b")), installed: "b"},
		{name: "filename is a number", lint: "SWD110 SWD020", description: head + files(`{ filename = 1; path = "$DIR/x"; }`, file("b")), installed: "b"},
		{name: "the only file has no filename", lint: "SWD101", description: head + files(`{ path = "$DIR/x"; }`), refused: nothing},
		{name: "empty filename", lint: "SWD101", description: head + files(`{ filename = ""; path = "$DIR/x"; }`), refused: "Hash not set for  Type rawfile"},
		{name: "empty filename with digest", lint: "SWD101", description: head + files(`{ filename = ""; path = "$DIR/x"; sha256 = "`+wrong+`"; }`), refused: "Installation failed !", installed: "x"},
	}
}

func attributeScenarios() []scenario {
	return []scenario{
		{name: "unknown compression", lint: "SWD401", description: head + files(file("a", `compressed = "gzip";`)), refused: "compressed argument: 'gzip' unknown"},
		{name: "compression of a later release", lint: "SWD402", description: head + files(file("a", `compressed = "xz";`)), refused: "compressed argument: 'xz' unknown"},
		{name: "empty compression", lint: "SWD401", description: head + files(file("a", `compressed = "";`)), refused: "compressed argument: '' unknown"},
		{name: "the last fault first", lint: "SWD401", description: head + files(file("a", `compressed = "one";`), file("b", `compressed = "two";`)), refused: "compressed argument: 'two' unknown"},
		{name: "fault in images beside good files", lint: "SWD401", description: head + images(file("a", asRaw, `compressed = "gzip";`)) + files(file("b")), refused: "compressed argument: 'gzip' unknown"},
		{name: "files are read before images", lint: "SWD401", description: head + images(file("a", asRaw, `compressed = "i";`)) + files(file("b", `compressed = "f";`)), refused: "compressed argument: 'f' unknown"},
		{name: "images are read before scripts", lint: "SWD401", description: head + images(file("a", asRaw, `compressed = "i";`)) + scripts(script("s.sh", "shellscript", `compressed = "s";`)), refused: "compressed argument: 'i' unknown"},
		{name: "not compressed", description: head + files(file("a", "compressed = false;")), installed: "a"},
		{name: "compression is an array", lint: "SWD020", description: head + files(file("a", `compressed = ["zlib"];`)), installed: "a"},
		{name: "name of a cipher", lint: "SWD413", description: head + files(file("a", `encrypted = "aes-cbc";`)), installed: "a"},
		{name: "string for a boolean", lint: "SWD020", description: head + files(file("a", `installed-directly = "true";`), file("b")), installed: "a b"},
		{name: "offset is no number", lint: "SWD120", description: head + images(raw(`offset = "x";`)), before: disk(), refused: "offset argument: ustrtoull failed"},
		{name: "empty offset", description: head + images(raw(`offset = "";`)), before: disk(), installed: "disk"},
		{name: "offset", description: head + images(raw(`offset = "2";`)), before: disk(), installed: "disk"},
		{name: "size of another artifact", description: head + images(raw("size = 99;")), before: disk(), installed: "disk"},
		{name: "properties are no switch", lint: "SWD023", description: head + files(`{ filename = "a"; sha256 = "$SHA(a)"; path = "$DIR/a"; properties = { create-destination = true; }; }`), installed: "a"},
	}
}

func handlerScenarios() []scenario {
	const nope = "feature 'nope' required for 'a' in sw-description is absent!"
	return []scenario{
		{name: "unknown handler", lint: "SWD201", description: head + files(file("a", `type = "nope";`)), refused: nope},
		{name: "unknown handler elsewhere", lint: "SWD201", description: head + files(file("b"), file("a", `type = "nope";`)), refused: nope},
		{name: "handler of a later release", lint: "SWD210 SWD202", description: head + images(file("a", `type = "executor";`)), refused: "feature 'executor' required for 'a' in sw-description is absent!"},
		{name: "handler not compiled in", lint: "SWD210 SWD202", description: head + files(file("b")) + scripts(`{ type = "copy"; device = "x"; }`), refused: "feature 'copy' required for '' in sw-description is absent!"},
		{name: "raw among scripts", lint: "SWD203", description: head + files(file("b")) + scripts(script("s.sh", "raw")), refused: "feature 'raw' is not allowed for 'scripts' in sw-description is absent!"},
		{name: "script among files", lint: "SWD203", description: head + files(file("b"), script("s.sh", "shellscript")), refused: "feature 'shellscript' is not allowed for 'images / files' in sw-description is absent!"},
		{name: "raw among partitions", lint: "SWD110 SWD203", description: head + files(file("b")) + parts(`{ type = "raw"; device = "x"; }`), refused: "feature 'raw' is not allowed for 'partitions' in sw-description is absent!"},
		{name: "scripts are checked first", lint: "SWD201", description: head + images(file("a", `type = "nope";`)) + scripts(script("s.sh", "none")), refused: "feature 'none' required for 's.sh' in sw-description is absent!"},
		{name: "images are checked before partitions", lint: "SWD201", description: head + images(file("a", `type = "nope";`)) + parts(`{ type = "none"; device = "x"; }`), refused: nope},
		{name: "rawfile among images", description: head + images(file("a", asRaw)), installed: "a"},
		{name: "raw among files", description: head + files(raw()), before: disk(), installed: "disk"},
		{name: "image with device and no type", description: head + images(`{ filename = "a"; sha256 = "$SHA(a)"; device = "$DIR/disk"; }`), before: disk(), installed: "disk"},
		{name: "image with path and no type", lint: "SWD104", description: head + images(file("a")), refused: "feature '' required for 'a' in sw-description is absent!"},
		{name: "empty type", description: head + files(file("a", `type = "";`)), installed: "a"},
		{name: "type is a number", lint: "SWD020", description: head + files(file("a", "type = 3;")), installed: "a"},
		{name: "dummy", description: head + images(file("a", `type = "dummy";`))},
		{name: "file in bootenv", lint: "SWD601", description: head + files(file("a")) + bootenv(`{ filename = "b"; }`), refused: "feature '' required for 'b' in sw-description is absent!"},
	}
}

func digestScenarios() []scenario {
	entry := func(sum string) string { return `{ filename = "a"; path = "$DIR/a"; sha256 = "` + sum + `"; }` }
	const unset = "Hash not set for a Type rawfile"
	return []scenario{
		{name: "no digest", lint: "SWD110", description: head + files(`{ filename = "a"; path = "$DIR/a"; }`), refused: unset},
		{name: "short digest", lint: "SWD111", description: head + files(entry("1234")), refused: unset},
		{name: "long digest", lint: "SWD111", description: head + files(entry(wrong+"11")), refused: unset},
		{name: "digest is not hex", lint: "SWD111", description: head + files(entry(strings.Repeat("z", 64))), refused: unset},
		{name: "digest of zeros", lint: "SWD306", description: head + files(entry(strings.Repeat("0", 64))), refused: unset},
		{name: "script without digest", lint: "SWD110", description: head + files(file("a")) + scripts(`{ filename = "s.sh"; type = "shellscript"; }`), refused: "Hash not set for s.sh Type shellscript"},
		{name: "no digest of images first", lint: "SWD110", description: head + images(`{ filename = "b"; type = "rawfile"; path = "$DIR/b"; }`) + files(`{ filename = "a"; path = "$DIR/a"; }`), refused: "Hash not set for b Type rawfile"},
		{name: "handler before digest", lint: "SWD110 SWD201", description: head + files(`{ filename = "a"; path = "$DIR/a"; }`, file("b", `type = "nope";`)), refused: "feature 'nope' required for 'b' in sw-description is absent!"},
		{name: "wrong digest", lint: "SWD306", description: head + files(file("b"), entry(wrong)), refused: "HASH mismatch : " + wrong},
		{name: "wrong digest of a streamed file", lint: "SWD306", description: head + files(`{ filename = "a"; path = "$DIR/a"; sha256 = "`+wrong+`"; `+stream+` }`, file("b")), refused: "HASH mismatch : " + wrong, installed: "a"},
		{name: "wrong digest in one of two", lint: "SWD306 SWD112", description: head + files(file("b"), `{ filename = "a"; path = "$DIR/x"; sha256 = "`+wrong+`"; }`, file("a")), refused: "HASH mismatch : " + wrong, installed: "b x"},
		{name: "no digest for what takes no data", description: head + files(file("a")) + scripts(`{ type = "readback"; device = "$DIR/disk"; properties = { sha256 = "$SHA(a)"; size = "4"; }; }`), before: map[string]string{"disk": "AAA\n"}, installed: "a"},
		{name: "not in the archive", lint: "SWD305", description: head + files(file("b"), `{ filename = "z"; path = "$DIR/z"; sha256 = "`+wrong+`"; }`), refused: "Required image file z missing...aborting !"},
		{name: "other spelling in the archive", lint: "SWD102 SWD305", description: head + files(`{ filename = "./a"; path = "$DIR/a"; sha256 = "$SHA(a)"; }`), refused: "Required image file ./a missing...aborting !"},
	}
}

// needScenarios are handlers that lack something.
func needScenarios() []scenario {
	bare := func(handler string, more ...string) string {
		return images(file("b", asRaw), `{ filename = "a"; sha256 = "$SHA(a)"; type = "`+handler+`"; `+strings.Join(more, " ")+` }`)
	}
	post := func(entry string) string { return files(file("a")) + scripts(entry) }
	return []scenario{
		{name: "rawfile without path", lint: "SWD204", description: head + bare("rawfile"), refused: "Missing path attribute", installed: "b"},
		{name: "archive without path", lint: "SWD204", description: head + bare("archive"), refused: "Missing path attribute", installed: "b"},
		{name: "raw without device", lint: "SWD204", description: head + bare("raw"), refused: "Installation failed !", installed: "b"},
		{name: "gptpart without device", lint: "SWD204", description: head + bare("gptpart"), refused: "Partition handler without setting the device", installed: "b"},
		{name: "flash without device", lint: "SWD204", description: head + bare("flash"), refused: "Wrong MTD device in description: ", installed: "b"},
		{name: "rdiff_image without base", lint: "SWD204 SWD210", description: head + bare("rdiff_image"), refused: "Property 'rdiffbase' is missing in sw-description.", installed: "b"},
		{name: "rdiff_image without device", lint: "SWD204", description: head + bare("rdiff_image", `properties = { rdiffbase = "$DIR/disk"; };`), before: disk(), refused: " cannot be opened for writing", installed: "b"},
		{name: "rdiff_file without path", lint: "SWD204", description: head + bare("rdiff_file"), refused: "Missing path attribute", installed: "b"},
		{name: "swuforward without url", lint: "SWD210", description: head + bare("swuforward"), refused: "SWU to be forwarded, but not remote URLs found ", installed: "b"},
		{name: "delta without properties", lint: "SWD210", description: head + bare("delta", `device = "$DIR/disk";`), refused: "Wrong Attributes in sw-description: url=(null) source=(null), handler=(null)", installed: "b"},
		{name: "readback without digest", lint: "SWD210", description: head + post(`{ type = "readback"; device = "$DIR/disk"; }`), refused: "Invalid hash", installed: "a"},
		{name: "ubiswap without pairs", lint: "SWD210", description: head + post(`{ type = "ubiswap"; }`), refused: "No UBI volume provided", installed: "a"},
		{name: "gptswap without device", lint: "SWD204 SWD210", description: head + post(`{ type = "gptswap"; }`), refused: "Partition handler without setting the device", installed: "a"},
		{name: "ssblswitch without properties", lint: "SWD210", description: head + post(`{ type = "ssblswitch"; }`), refused: "Cannot get device from sw-description", installed: "a"},
		{name: "ssblswitch without offset", lint: "SWD210", description: head + post(`{ type = "ssblswitch"; properties = { device = ["a", "b"]; imageoffs = ["1", "2"]; imagesize = ["1", "2"]; }; }`), refused: "Cannot get offset from sw-description", installed: "a"},
		{name: "readback without device", lint: "SWD204", description: head + post(`{ type = "readback"; properties = { sha256 = "`+wrong+`"; }; }`), refused: "Failed to open ", installed: "a"},
		{name: "gptswap of one partition", lint: "SWD215", description: head + post(`{ type = "gptswap"; device = "$DIR/disk"; properties = { swap-0 = ["a"]; }; }`), before: map[string]string{"disk": strings.Repeat("\x00", 1<<20)}, installed: "a"},
		{name: "gptpart without volume", lint: "SWD204", description: head + images(file("b", asRaw), `{ filename = "a"; sha256 = "$SHA(a)"; type = "gptpart"; device = "$DIR/disk"; }`), before: map[string]string{"disk": strings.Repeat("\x00", 1<<20)}, refused: "Can't find partition ", installed: "b"},
		{name: "swuforward of an encrypted update", lint: "SWD260", description: head + bare("swuforward", `encrypted = true; properties = { url = "http://127.0.0.1:1"; };`), refused: "SWU to be forwarded cannot be encrypted", installed: "b"},
		{name: "diskpart with another labeltype", lint: "SWD210 SWD214", description: head + parts(`{ type = "diskpart"; device = "$DIR/disk"; properties = { labeltype = "bsd"; }; }`) + files(file("a")), refused: "Just GPT or DOS partition table are supported"},
		{name: "diskformat without fstype", lint: "SWD210", description: head + parts(`{ type = "diskformat"; device = "$DIR/disk"; }`) + files(file("a")), refused: `diskpart handler requires setting "fstype" attribute`},
		{name: "diskpart without labeltype", lint: "SWD210", description: head + parts(`{ type = "diskpart"; device = "$DIR/disk"; }`) + files(file("a")), refused: "Just GPT or DOS partition table are supported"},
		{name: "uniqueuuid without uuid", lint: "SWD210", description: head + parts(`{ type = "uniqueuuid"; device = "none"; }`) + files(file("a")), refused: "Check for uuids runs, but not uuid given !"},
		{name: "path of 255 bytes", lint: "SWD030", description: head + files(`{ filename = "a"; sha256 = "$SHA(a)"; path = "/`+strings.Repeat("n", 255)+`"; }`), refused: "Path too long: "},
	}
}

func conditionScenarios() []scenario {
	versioned := func(version string, more ...string) string {
		return file("a", append(more, `name = "c"; version = "`+version+`";`)...)
	}
	both := func(e string) string { return head + files(file("b"), e) }
	return []scenario{
		{name: "the same version", description: both(versioned("1.2", different)), versions: hasC, installed: "b"},
		{name: "the same version, longer", description: both(versioned("1.2.0", different)), versions: hasC, installed: "b"},
		{name: "another version", description: both(versioned("1.1", different)), versions: hasC, installed: "a b"},
		{name: "a higher version", description: both(versioned("1.10", higher)), versions: hasC, installed: "a b"},
		{name: "no higher version", description: both(versioned("1.2", higher)), versions: hasC, installed: "b"},
		{name: "a lower version", description: both(versioned("1.1", higher)), versions: hasC, installed: "b"},
		{name: "a candidate of the same version", description: both(versioned("1.2.0-rc1", different)), versions: hasC, installed: "a b"},
		{name: "a candidate is lower", description: both(versioned("1.2-rc1", higher)), versions: hasC, installed: "b"},
		{name: "both conditions", description: both(versioned("1.1", different, higher)), versions: hasC, installed: "b"},
		{name: "text for a version", description: both(file("a", higher, `name = "t"; version = "boo";`)), versions: `{ name = "t"; version = "foo"; }`, installed: "b"},
		{name: "another component", description: both(file("a", different, `name = "x"; version = "1.2";`)), versions: hasC, installed: "a b"},
		{name: "condition without version", description: both(file("a", different, `name = "c";`)), versions: hasC, installed: "a b"},
		{name: "condition without name", description: both(file("a", different, `version = "1.2";`)), versions: hasC, installed: "a b"},
		{name: "condition is a string", lint: "SWD020", description: both(versioned("1.2", `install-if-different = "true";`)), versions: hasC, installed: "a b"},
		{name: "condition is a number", lint: "SWD020", description: both(versioned("1.2", "install-if-different = 1;")), versions: hasC, installed: "b"},
		{name: "all is installed", description: head + files(versioned("1.2", different)), versions: hasC, refused: nothing, device: true},
		{name: "all is installed but a variable", description: head + files(versioned("1.2", different)) + bootenv(`{ name = "x"; value = "y"; }`), versions: hasC},
		{name: "a script is installed", description: head + files(file("b")) + scripts(script("s.sh", "shellscript", different, `name = "c"; version = "1.2";`)), versions: hasC, installed: "b"},
		{name: "partitions have no condition", lint: "SWD210 SWD702", description: head + parts(`{ type = "uniqueuuid"; device = "x"; name = "c"; version = "1.2"; install-if-different = true; }`) + files(file("b")), versions: hasC, refused: "Check for uuids runs, but not uuid given !"},
		{name: "unknown handler is skipped", lint: "SWD201", description: both(versioned("1.2", different, `type = "nope";`)), versions: hasC, installed: "b"},
		{name: "missing artifact is skipped", lint: "SWD110 SWD305", description: both(`{ filename = "z"; path = "$DIR/z"; name = "c"; version = "1.2"; install-if-different = true; }`), versions: hasC, installed: "b"},
		{name: "unknown compression is not skipped", lint: "SWD401", description: both(versioned("1.2", different, `compressed = "gzip";`)), versions: hasC, refused: "compressed argument: 'gzip' unknown"},
	}
}

func limitScenarios() []scenario {
	of := func(version string) string { return `version = "` + version + `"; ` + hc + files(file("a")) }
	return []scenario{
		{name: "downgrade", description: of("1.0"), limit: "-N 1.1", refused: "No downgrading allowed: new version 1.0 <= installed 1.1", device: true},
		{name: "no downgrade", description: of("1.0"), limit: "-N 1.0", installed: "a"},
		{name: "reinstallation", description: of("1.0"), limit: "-R 1.0", refused: "No reinstalling allowed: new version 1.0 == installed 1.0", device: true},
		{name: "reinstallation in other words", description: of("1.0.0"), limit: "-R 1.0", installed: "a"},
		{name: "above the maximum", description: of("1.1"), limit: "--max-version 1.0", refused: "Max version set: new version 1.1 >= max allowed 1.0", device: true},
		{name: "text above the maximum", description: of("abc"), limit: "--max-version 1.0", refused: "Max version set: new version abc >= max allowed 1.0", device: true},
		{name: "the maximum", description: of("1.0"), limit: "--max-version 1.0", installed: "a"},
	}
}

func streamScenarios() []scenario {
	const several = "sw-description: stream to several handlers unsupported"
	as := func(path string, more ...string) string {
		return `{ filename = "a"; sha256 = "$SHA(a)"; type = "rawfile"; path = "$DIR/` + path + `"; ` + strings.Join(more, " ") + ` }`
	}
	return []scenario{
		{name: "streamed", description: head + files(file("a", stream), file("b")), installed: "a b"},
		{name: "streamed before others are checked", lint: "SWD306", description: head + files(file("a", stream), `{ filename = "b"; path = "$DIR/b"; sha256 = "`+wrong+`"; }`), refused: "HASH mismatch : " + wrong, installed: "a"},
		{name: "streamed before others are missed", lint: "SWD305", description: head + files(file("a", stream), `{ filename = "z"; path = "$DIR/z"; sha256 = "`+wrong+`"; }`), refused: "Required image file z missing...aborting !", installed: "a"},
		{name: "streamed twice", lint: "SWD140", description: head + files(as("x", stream), as("y", stream)), refused: several},
		{name: "streamed, then copied", lint: "SWD140", description: head + files(as("x", stream), as("y")), refused: several},
		{name: "copied, then streamed", lint: "SWD140", description: head + files(as("x"), as("y", stream)), refused: "Installation failed !", installed: "y"},
		{name: "streamed to images, copied to files", lint: "SWD140", description: head + images(as("x", stream)) + files(as("y")), refused: several},
		{name: "copied to images, streamed to files", lint: "SWD140", description: head + images(as("x")) + files(as("y", stream)), refused: "Installation failed !", installed: "y"},
		{name: "copied to both", description: head + images(as("x")) + files(as("y")), installed: "x y"},
		{name: "copied twice", description: head + files(as("x"), as("y")), installed: "x y"},
		{name: "streamed script", lint: "SWD424", description: head + files(file("a")) + scripts(script("s.sh", "shellscript", stream)), refused: "Error streaming s.sh"},
		{name: "streamed without path", lint: "SWD204", description: head + files(`{ filename = "a"; sha256 = "$SHA(a)"; `+stream+` }`, file("b")), refused: "Missing path attribute"},
		{name: "streamed delta", lint: "SWD210 SWD260", description: head + files(file("b"), `{ filename = "a"; sha256 = "$SHA(a)"; type = "delta"; device = "$DIR/disk"; `+stream+` }`), refused: "Do not set installed-directly with delta, the header cannot be streamed"},
		{name: "streamed behind a faulty partition", lint: "SWD210", description: head + parts(`{ type = "uniqueuuid"; device = "none"; }`) + files(file("a", stream)), refused: "Check for uuids runs, but not uuid given !"},
		{name: "number for a boolean streams", lint: "SWD020 SWD305", description: head + files(file("a", "installed-directly = 1;"), `{ filename = "z"; path = "$DIR/z"; sha256 = "`+wrong+`"; }`), refused: "Required image file z missing...aborting !", installed: "a"},
	}
}

func orderScenarios() []scenario {
	fault := `{ filename = "b"; sha256 = "$SHA(b)"; type = "rawfile"; }`
	return []scenario{
		{name: "images before files", lint: "SWD204", description: head + files(fault) + images(file("a", asRaw)), refused: "Missing path attribute", installed: "a"},
		{name: "files after images", lint: "SWD204", description: head + files(file("a")) + images(fault), refused: "Missing path attribute"},
		{name: "in the order of the text", lint: "SWD204", description: head + files(file("a"), fault), refused: "Missing path attribute", installed: "a"},
		{name: "partitions before all", lint: "SWD210", description: head + files(file("a")) + parts(`{ type = "uniqueuuid"; device = "none"; }`), refused: "Check for uuids runs, but not uuid given !"},
		{name: "scripts before partitions", lint: "SWD210", description: head + files(file("a")) + parts(`{ type = "uniqueuuid"; device = "none"; }`) + scripts(script("s.sh", "shellscript")), refused: "Check for uuids runs, but not uuid given !", ran: "s.sh preinst"},
	}
}

func scriptScenarios() []scenario {
	with := func(list ...string) string { return head + files(file("a")) + scripts(list...) }
	return []scenario{
		{name: "shellscript", description: with(script("s.sh", "shellscript")), installed: "a", ran: "s.sh preinst, s.sh postinst"},
		{name: "two shellscripts", description: with(script("t.sh", "shellscript"), script("s.sh", "shellscript")), installed: "a", ran: "t.sh preinst, s.sh preinst, t.sh postinst, s.sh postinst"},
		{name: "preinstall and postinstall", description: with(script("s.sh", "postinstall"), script("t.sh", "preinstall")), installed: "a", ran: "t.sh, s.sh"},
		{name: "one script twice", description: with(script("s.sh", "preinstall"), script("s.sh", "postinstall")), installed: "a", ran: "s.sh, s.sh"},
		{name: "script without filename", lint: "SWD101", description: with(`{ type = "shellscript"; }`), refused: "Hash not set for  Type shellscript"},
		{name: "script not in the archive", lint: "SWD305", description: with(`{ filename = "z.sh"; type = "shellscript"; sha256 = "` + wrong + `"; }`), refused: "Required script z.sh not found in image"},
		{name: "no script where none is needed", lint: "SWD110 SWD210 SWD305", description: with(`{ filename = "z"; type = "readback"; device = "$DIR/disk"; }`), refused: "Required script z not found in image"},
		{name: "script is a file as well", lint: "SWD141", description: head + files(`{ filename = "s.sh"; sha256 = "$SHA(s.sh)"; path = "$DIR/x"; }`) + scripts(script("s.sh", "shellscript")), refused: "Required script s.sh not found in image"},
		{name: "blank in the name of a script", lint: "SWD130", description: with(script("two words.sh", "shellscript")), refused: "execute preinstall scripts failed"},
		{name: "dummy script", description: with(script("s.sh", "dummy")), installed: "a"},
		{name: "wrong digest of a script", lint: "SWD306", description: with(`{ filename = "s.sh"; type = "shellscript"; sha256 = "` + wrong + `"; }`), refused: "HASH mismatch : " + wrong},
	}
}

func partitionScenarios() []scenario {
	const broken = `{ type = "uniqueuuid"; properties = { fs-uuid = ["x"]; }; }`
	const failing = `{ type = "uniqueuuid"; device = "none"; }`
	const message = "Check for uuids runs, but not uuid given !"
	with := func(list ...string) string { return head + parts(list...) + files(file("a")) }
	return []scenario{
		{name: "partition", description: with(unique), installed: "a"},
		{name: "partition without device", lint: "SWD150", description: with(broken), installed: "a"},
		{name: "faulty partition drops those before it", lint: "SWD210 SWD150", description: with(failing, broken), installed: "a"},
		{name: "faulty partition keeps those behind it", lint: "SWD150 SWD210", description: with(broken, failing), refused: message},
		{name: "partition without name", lint: "SWD150", description: with(`{ type = "ubipartition"; device = "mtd0"; size = 1; }`), installed: "a"},
		{name: "partition with unknown compression", lint: "SWD210 SWD401", description: with(failing, `{ type = "uniqueuuid"; device = "x"; compressed = "gzip"; }`), installed: "a"},
		{name: "partition with a filename", description: with(strings.Replace(unique, "{", `{ filename = "b";`, 1)), installed: "a"},
		{name: "partition with a filename that is missing", lint: "SWD305", description: with(strings.Replace(unique, "{", `{ filename = "z";`, 1)), refused: "Installation failed !"},
		{name: "unknown type of partition", lint: "SWD201", description: with(`{ type = "nope"; device = "x"; }`), refused: "feature 'nope' required for '' in sw-description is absent!"},
		{name: "dummy partition without digest", lint: "SWD110", description: with(`{ type = "dummy"; device = "x"; }`), refused: "Hash not set for  Type dummy"},
		{name: "only a broken partition", lint: "SWD150", description: head + parts(broken), refused: nothing},
	}
}

func variableScenarios() []scenario {
	variable := `{ name = "x"; value = "y"; }`
	return []scenario{
		{name: "variable without name", lint: "SWD601", description: head + bootenv(`{ value = "y"; }`, variable) + files(file("a")), installed: "a"},
		{name: "only a variable without name", lint: "SWD601", description: head + bootenv(`{ value = "y"; }`), refused: nothing},
		{name: "variable without value", description: head + bootenv(`{ name = "x"; }`)},
		{name: "variable twice", description: head + bootenv(variable, `{ name = "x"; value = "z"; }`)},
		{name: "variables behind a link", description: head + "l = ( " + variable + " ); " + bootenv(link("#./l"))},
		{name: "variables are strings", lint: "SWD022", description: head + bootenv(`"x"`), refused: nothing},
	}
}

func jsonScenarios() []scenario {
	const start = `{"software": {"version": "1.0", "hardware-compatibility": ["1.0"], `
	entry := func(n string, more ...string) string {
		return `{"filename": "` + n + `", "sha256": "$SHA(` + n + `)", "path": "$DIR/` + n + `"` + strings.Join(more, "") + `}`
	}
	list := func(entries ...string) string { return `"files": [` + strings.Join(entries, ", ") + `]` }
	all := []scenario{
		{name: "json", bare: start + list(entry("a")) + "}}\n", installed: "a"},
		{name: "json: section is a link", bare: start + `"l": [` + entry("a") + `], "files": {"ref": "#./l"}}}`, installed: "a"},
		{name: "json: element is a link", bare: start + `"l": [` + entry("a") + `], "files": [{"ref": "#./l"}]}}`, installed: "a"},
		{name: "json: element links nowhere", lint: "SWD050", bare: start + `"files": [{"ref": "#./l"}, ` + entry("b") + `]}}`, installed: "b"},
		{name: "json: mode is a link", bare: start + `"x": {` + list(entry("a")) + `}, "s": {"m": {"ref": "#./../x"}}}}`, selected: "s,m", installed: "a"},
		{name: "json: dots in the board's name", bare: start + `"my.board": {` + list(entry("a")) + `}}}`, hardware: "my.board:1.0", installed: "a"},
		{name: "json: version is null", lint: "SWD020", bare: `{"software": {"version": null, "hardware-compatibility": ["1.0"], ` + list(entry("a")) + "}}", refused: "Missing version in configuration file"},
		{name: "json: version is a number", lint: "SWD020", bare: `{"software": {"version": 1, "hardware-compatibility": ["1.0"], ` + list(entry("a")) + "}}", installed: "a"},
		{name: "json: no hardware-compatibility", lint: "SWD011", bare: `{"software": {"version": "1.0", ` + list(entry("a")) + "}}", refused: "HW compatibility not found"},
		{name: "json: revision is an integer", lint: "SWD020", bare: `{"software": {"version": "1.0", "hardware-compatibility": [1], ` + list(entry("a")) + "}}", hardware: "board:1", refused: "SW not compatible with hardware"},
		{name: "json: section is null", lint: "SWD021", bare: start + `"files": null}}`, refused: nothing},
		{name: "json: section of the selection is null", lint: "SWD021", bare: start + `"s": {"m": {"files": null}}, ` + list(entry("b")) + `}}`, selected: "s,m", installed: "b"},
		{name: "json: section of the selection is empty", lint: "SWD007", bare: start + `"s": {"m": {"files": []}}, ` + list(entry("b")) + `}}`, selected: "s,m", refused: nothing},
		{name: "json: entries are strings", lint: "SWD021", bare: start + `"files": ["a"]}}`, refused: nothing},
		{name: "json: unknown compression", lint: "SWD401", bare: start + list(entry("a", `, "compressed": "gzip"`)) + `}}`, refused: "compressed argument: 'gzip' unknown"},
		{name: "json: compression is null", lint: "SWD020", bare: start + list(entry("a", `, "compressed": null`)) + `}}`, installed: "a"},
		{name: "json: string for a boolean", lint: "SWD020", bare: start + list(entry("a", `, "name": "c", "version": "1.2", "install-if-different": "true"`), entry("b")) + `}}`, versions: hasC, installed: "b"},
		{name: "json: offset is a string", lint: "SWD041", bare: start + `"images": [{"filename": "a", "sha256": "$SHA(a)", "type": "raw", "device": "$DIR/disk", "offset": "2"}]}}`, before: disk(), installed: "disk"},
	}
	for i := range all {
		all[i].json = true
	}
	return all
}
