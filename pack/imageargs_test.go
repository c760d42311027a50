package pack

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/mcuboot"
	"github.com/fwpack/fwpack/mcuboot/profile"
)

// Text is split as CMake 3.25 does: separate_arguments(x UNIX_COMMAND "...").
func TestSplitArguments(t *testing.T) {
	for text, want := range map[string][]string{
		"":                          nil,
		" \t\n":                     nil,
		"a b":                       {"a", "b"},
		"  a\tb  ":                  {"a", "b"},
		`--d "(1, 1.2.3+0)"`:        {"--d", "(1, 1.2.3+0)"},
		`'a "b" c' d`:               {`a "b" c`, "d"},
		`a\ b \" \n \\`:             {"a b", `"`, "n", `\`},
		`"a\"b" 'a\'b'`:             {`a"b`, "a'b"},
		`a""b '' ""`:                {"ab", "", ""},
		`x="y z"w`:                  {"x=y zw"},
		`"open and on`:              {"open and on"},
		`trailing\`:                 {"trailing"},
		"a\vb\fc\rd":                {"a", "b", "c", "d"},
		"no\u00a0blank ä":           {"no\u00a0blank", "ä"},
		`--custom-tlv 0xa0 "0x0 1"`: {"--custom-tlv", "0xa0", "0x0 1"},
	} {
		if got := splitArguments(text); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// shown are settings, one a word.
func (a arguments) shown() string {
	var words []string
	for _, s := range slices.Concat(a.image, a.bootloader) {
		words = append(words, s.Key+"="+s.Value)
	}
	for _, tlv := range a.tlvs {
		words = append(words, fmt.Sprintf("%#x=%x", uint16(tlv.Type), tlv.Value))
	}
	return strings.Join(words, " ")
}

// Every option becomes a setting, in each of the ways in which it can be written.
func TestParseArguments(t *testing.T) {
	for text, want := range map[string]string{
		"--version 1.2.3+4":                    "version=1.2.3+4",
		"-v1.2":                                "version=1.2",
		"--header-size 0x200":                  "header-size=512",
		"-H 0o1000":                            "header-size=512",
		"--pad-header":                         "pad-header=true",
		"--rom-fixed 0x8000":                   "rom-fixed=0x8000",
		"-F 32768":                             "rom-fixed=0x8000",
		"--load-addr=0x20000000":               "load-address=0x20000000",
		"-L0x20000000":                         "load-address=0x20000000",
		"--non-bootable":                       "non-bootable=true",
		"--endian big":                         "endian=big",
		"-e little":                            "endian=little",
		"--security-counter auto":              "security-counter=auto",
		"-s 0x10":                              "security-counter=16",
		"-s7":                                  "security-counter=7",
		"--boot-record SPE":                    "boot-record=SPE",
		"--boot-record ''":                     "boot-record=",
		"--vid example.com --cid 'board a'":    "vendor-id=example.com class-id=board a",
		`--dependencies "(1, 1.2.3+0)"`:        "dependencies=(1, 1.2.3+0)",
		"-d (1,1.2.3+0),(2,0.1)":               "dependencies=(1,1.2.3+0),(2,0.1)",
		"--public-key-format full":             "key-tlv=pubkey",
		"--public-key-format=hash":             "key-tlv=keyhash",
		"--pad-sig --pure":                     "pad-signature=true pure=true",
		"--sha 512 --hmac-sha 256":             "hash=sha512 hmac=sha256",
		"--sha 512 --sha auto --hmac-sha auto": "",
		"--encrypt-keylen 256":                 "aes-key-size=256",
		"--compression lzma2armthumb":          "compress=lzma2-arm-thumb",
		"--compression lzma2":                  "compress=lzma2",
		"--compression disabled":               "compress=none",
		"-S 0x60000":                           "slot-size=393216",
		"--slot-size 4096":                     "slot-size=4096",
		"--align 8 --max-align 32":             "write-size=8 max-align=32",
		"--max-sectors 256":                    "max-sectors=256",
		"-M 1":                                 "max-sectors=1",
		"--erased-val 0":                       "erased-value=0",
		"-R 0xff":                              "erased-value=0xff",
		"--save-enctlv --overwrite-only":       "save-enctlv=true mode=overwrite-only",
		"--custom-tlv 0xa0 0x0102ff --custom-tlv 171 hi": "0xa0=0102ff 0xab=6869",
		"--custom-tlv=0xa0 x --pure":                     "pure=true 0xa0=78",
		"--align 4 --align 8":                            "write-size=8",
	} {
		a, problems := parseArguments(text, "here")
		if got := a.shown(); got != want || len(problems) > 0 {
			t.Errorf("%s: %s, %v, want %s", text, got, problems, want)
		}
		for _, s := range slices.Concat(a.image, a.bootloader) {
			if s.From != "here" {
				t.Errorf("%s: %s is from %q", text, s.Key, s.From)
			}
		}
	}
}

// What has no translation, or a wrong value, is named, and what stands beside it
// counts nevertheless.
func TestParseArgumentsRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"--confirm":                              "--confirm is no option that an image takes over (outputs of [[image]] says that: leave it out of CONFIG_MCUBOOT_EXTRA_IMGTOOL_ARGS)",
		"-k key.pem":                             "-k is no option that an image takes over (sign of [[image]] says that: leave it out of CONFIG_MCUBOOT_EXTRA_IMGTOOL_ARGS)|key.pem is no option that an image takes over ()",
		"--aling 8":                              "--aling is no option that an image takes over (did you mean --align?)|8 is no option that an image takes over ()",
		"stray":                                  "stray is no option that an image takes over ()",
		"-":                                      "- is no option that an image takes over ()",
		"--pure=yes":                             "--pure takes no value",
		"--custom-tlv 0x50 x":                    "--custom-tlv 0x50: want 0xa0 to 0xfffe",
		"--custom-tlv 0xa0 x --custom-tlv 160 y": "--custom-tlv 160: there are two",
		"--sha 1":                                `--sha: "1": want one of 256, 384, 512, auto`,
		"--dependencies x":                       `--dependencies: dependencies "x": at "x": want (IMAGE,VERSION), one or more with commas between`,
	} {
		a, problems := parseArguments(text+" --max-sectors 5", "here")
		var got []string
		for _, err := range problems {
			line := err.Error()
			if _, ok := err.(unknownOption); ok {
				line += " (" + hintOf(err) + ")"
			}
			got = append(got, line)
		}
		if line := strings.Join(got, "|"); line != want {
			t.Errorf("%s:\n%s, want\n%s", text, line, want)
		}
		if value, ok := find(a.bootloader, "max-sectors"); !ok || value.Value != "5" {
			t.Errorf("%s: max-sectors is %q", text, value.Value)
		}
	}
	for _, text := range []string{"--align", "--custom-tlv 0xa0", "--custom-tlv=0xa0", "--custom-tlv"} {
		if _, problems := parseArguments(text, "here"); len(problems) != 1 {
			t.Errorf("%s at the end: %v", text, problems)
		}
	}
	for _, text := range []string{"-H x", "-s 5000000000", "-F -1", "-S x", "-v x", "-e x", "--public-key-format x", "--compression x", "--custom-tlv x y", "--custom-tlv 0xa0 0x1"} {
		if _, problems := parseArguments(text, "here"); len(problems) != 1 || !strings.HasPrefix(problems[0].Error(), strings.Fields(text)[0]) {
			t.Errorf("%s: %v", text, problems)
		}
	}
}

// Whatever text there is, it comes to an end, and what comes out is settings that
// exist.
func FuzzParseArguments(f *testing.F) {
	for _, text := range []string{"", `--dependencies "(1, 1.2.3+0)"`, "--custom-tlv 0xa0 0x01 -s auto", `\`, `"`, "-", "--", "--=", "-s", "--custom-tlv", "--custom-tlv a", "--align=8 -M5 x"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		a, _ := parseArguments(text, "here")
		for _, s := range a.bootloader {
			if !slices.Contains(profile.Keys(), s.Key) {
				t.Errorf("%q: %q is no setting of a bootloader", text, s.Key)
			}
		}
		for _, tlv := range a.tlvs {
			if tlv.Type < mcuboot.MinCustomTLV || tlv.Type > mcuboot.MaxCustomTLV {
				t.Errorf("%q: TLV %#x %s", text, tlv.Type, hex.EncodeToString(tlv.Value))
			}
		}
	})
}
