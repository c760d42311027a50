package varfile_test

import (
	"strings"
	"testing"

	"github.com/fwpack/fwpack/template"
)

// bitbake is what "bitbake -e" prints, in little.
const bitbake = `NOTE: Starting bitbake server...
WARNING: Host distribution "x" has not been validated; A="not this"
#
# INCLUDE HISTORY:
#
# /build/conf/bblayers.conf includes:
#   /layers/meta/conf/layer.conf

#
# $BB_CMDLINE
#   [no history recorded]
#
#   "None"
#
# $DEPLOY_DIR [2 operations]
#   set? /layers/meta/conf/bitbake.conf:440
#     "${TMPDIR}/deploy"
#   set /layers/meta/conf/documentation.conf:137
#     [doc] "Points to the general area \"x\"."
# pre-expansion value:
#   "${TMPDIR}/deploy"
DEPLOY_DIR="/build/tmp/deploy"
#
# $IMAGE_INSTALL [2 operations]
#   set a.bb:1
#     "
#         x
#         y  "
#   append a.bb:9
#     " z"
# pre-expansion value:
#   "
#    set x:1
#     [nothing] "here"
#  x"
IMAGE_INSTALL=" \
    x \
    \"y\" \$HOME \\"z\\$ \
"
#
# $PATH
#   set b:1
#     "/bin"
export PATH="/bin:/usr/bin"
#
# $IMAGE_FSTYPES:append
#   set b:1
#     " ext4"
IMAGE_FSTYPES:append=" ext4 \
MACHINE=\"wrong\""
#
# $LD
#   set b:2
#     "x"
#   set b:2
#     [unexport] "1"
unset LD
#
# $MACHINE
#   set /build/conf/local.conf:37
#     "qemux86-64"
MACHINE="qemux86-64"
#
# $SWUPDATE_IMAGES_FSTYPES [9 operations]
#   set? /layers/x.bb:5
#     [core-image] ".ubifs"
#   set /layers/x.bb:6
#     [core-image] ".ext4.gz"
#   set? /layers/x.bb:7
#     [core-image] ".never"
#   append /layers/x.bb:8
#     [lists] ".a"
#   append /layers/x.bb:9
#     [lists] ".b"
#   append x.bbclass:3 [adder]
#     [lists] ".c"
#   prepend /layers/x.bb:10
#     [lists] ".0"
#   postdot /layers/x.bb:11
#     [lists] "!"
#   predot /layers/x.bb:12
#     [lists] "<"
#   set /layers/x.bb:12
#     [of-machine] "-${MACHINE}.ext4"
#   set /layers/x.bb:13
#     [python] "${@d.getVar('X')}"
#   set /layers/x.bb:14
#     [of-nothing] "-${NOTHING}.ext4"
#   set /layers/x.bb:15
#     [_defaultval] "x"
#   set /layers/x.bb:16
#     [a/b] "x"
#   set /layers/x.bb:17
#     [gone] "x"
#   delFlag x.bbclass:18 [remover]
#     [gone] ""
#   override[qemu]:set /layers/x.bb:19
#     [core-image] ".no"
#   set /layers/x.bb:20
#     [lines] "one
#     "two"
#     three"
#
# $SW_VERSION
#   set b:3
#     "1.0"
SW_VERSION="1.0"
# line: 3, file: /layers/meta/classes/base.bbclass
base_do_compile() {
	if true; then
		MACHINE="wrong"
	fi
	cat > x <<END
{
MACHINE="wrong"
}
MACHINE="wrong, too"
END
}

# line: 7, file: y
do_install () {
    :
}

python do_fetch () {
    x = {
    }
}

python do_unpack () {
MACHINE="wrong"
}
`

func TestBitBake(t *testing.T) {
	want := template.Vars{
		"DEPLOY_DIR":                          "/build/tmp/deploy",
		"DEPLOY_DIR[doc]":                     `Points to the general area \"x\".`,
		"IMAGE_INSTALL":                       "\n    x\n    \"y\" $HOME \\\"z\\$\n",
		"PATH":                                "/bin:/usr/bin",
		"LD[unexport]":                        "1",
		"MACHINE":                             "qemux86-64",
		"SW_VERSION":                          "1.0",
		"SWUPDATE_IMAGES_FSTYPES[core-image]": ".ext4.gz",
		"SWUPDATE_IMAGES_FSTYPES[lists]":      "<.0 .a .b.c!",
		"SWUPDATE_IMAGES_FSTYPES[of-machine]": "-qemux86-64.ext4",
		"SWUPDATE_IMAGES_FSTYPES[lines]":      "one\n\"two\"\nthree",
	}
	check(t, bitbake, want)
	check(t, strings.ReplaceAll(bitbake, "\n", "\r\n"), want)
}

func TestBitBakePieces(t *testing.T) {
	const head = "#\n# $A\n#   set x:1\n#     \"1\"\n"
	tests := []struct {
		name, in string
		want     template.Vars
	}{
		{"bitbake-getvar", "NOTE: Starting bitbake server...\n" + head + "A=\"1\"\n", template.Vars{"A": "1"}},
		{"no line end", head + `A="1"`, template.Vars{"A": "1"}},
		{"value ends in a backslash", head + "A=\"1\\\"\nB=\"2\"", template.Vars{"A": "1\\", "B": "2"}},
		{"value of backslashes", head + `A="\\\\n"`, template.Vars{"A": `\\\\n`}},
		{"value with line ends alone", head + "A=\" \\\n \\\n\"", template.Vars{"A": "\n\n"}},
		{"value is not closed", head + "A=\"1 \\\nB=\"2\"", template.Vars{"A": "1\nB=\"2"}},
		{"file ends in a value", head + "A=\"1 \\\n", template.Vars{}},
		{"line is cut off", head + "A=\"1\nB=\"2\"", template.Vars{"B": "2"}},
		{"a value twice", head + "A=\"1\"\nA=\"2\"", template.Vars{"A": "2"}},
		{"function of the shell", head + "f() {\n  x\n}\nexport -f f\nA=\"1\"", template.Vars{"A": "1"}},
		{"exported function", head + "f() {\n  x\n}\nexport -f f\n\nA=\"1\"", template.Vars{"A": "1"}},
		{"function before a comment", head + "f() {\n}\n# line: 1\nA=\"1\"", template.Vars{"A": "1"}},
		{"function is not closed", head + "f() {\nA=\"1\"", template.Vars{}},
		{"value with a function in it", head + `A="f() {"`, template.Vars{"A": "f() {"}},
		{"only history", "#\n# $A\n#   set x:1\n#     [f] \"1\"", template.Vars{"A[f]": "1"}},
		{"detail is missing", "#\n# $A\n#   set x:1\n#   set x:2\n#     [f] \"1\"\n#   set x:3", template.Vars{"A[f]": "1"}},
		{"flag is not one", head + "#   set x:2\n#     [f \"1\"\n#   set x:2\n#     [g]\nA=\"1\"", template.Vars{"A": "1"}},
		{"flag with an open brace", head + "#   set x:2\n#     [f] \"${A\"\nA=\"1\"", template.Vars{"A": "1"}},
		{"flag of a flag", head + "#   set x:2\n#     [f] \"1\"\n#   set x:2\n#     [g] \"${A[f]}\"\n", template.Vars{"A[f]": "1"}},
		{"immediate", head + "#   immediate x:2\n#     [f] \"1\"\n", template.Vars{"A[f]": "1"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { check(t, tt.in, tt.want) })
	}
}

// emit writes a variable as BitBake's emit_var does.
func emit(name, value string) string {
	value = strings.ReplaceAll(value, `"`, `\"`)
	value = strings.ReplaceAll(value, "\n", " \\\n")
	value = strings.ReplaceAll(value, "$", `\$`)
	return name + `="` + value + "\"\n"
}

// Every value that BitBake can write is read back, but for carriage returns.
func FuzzBitBakeValue(f *testing.F) {
	for _, value := range []string{"", "x", "\n", "a\n b \n", `"`, `\`, `\"`, `\\`, `a \`, "a \\\n", `$`, `\$`, `\\$"`, `${A}`, `="`, `B="2"`} {
		f.Add(value)
	}
	f.Fuzz(func(t *testing.T, value string) {
		if strings.Contains(value, "\r") {
			return
		}
		in := "#\n# $A\n#   set x:1\n#     \"x\"\n" + emit("A", value) + emit("B", "2")
		check(t, in, template.Vars{"A": value, "B": "2"})
	})
}
