package pack

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/fwpack/fwpack/internal/diag"
	"github.com/fwpack/fwpack/mcuboot"
	"github.com/fwpack/fwpack/mcuboot/profile"
	"github.com/fwpack/fwpack/pack/imgtool"
)

// arguments are options of `imgtool sign`, translated.
type arguments struct {
	image, bootloader []profile.Setting
	tlvs              []mcuboot.TLV
	from              string // where they stand
}

// option is one of imgtool 2.4 that has a meaning for an image of a project. What
// the others say, an [[image]] says by its keys and outputs.
type option struct {
	names string // with a blank between
	flag  bool   // takes no value
	take  func(a *arguments, value string) error
}

// optionTable has all of them but --custom-tlv, which alone takes two values.
var optionTable = []option{
	{"--version -v", false, forImage("version", parsedBy(mcuboot.ParseVersion))},
	{"--header-size -H", false, forImage("header-size", integer)},
	{"--pad-header", true, forImage("pad-header", yes)},
	{"--rom-fixed -F", false, forImage("rom-fixed", address)},
	{"--load-addr -L", false, forImage("load-address", address)},
	{"--non-bootable", true, forImage("non-bootable", yes)},
	{"--endian -e", false, forImage("endian", parsedBy(imgtool.ParseByteOrder))},
	{"--security-counter -s", false, forImage("security-counter", counter)},
	{"--boot-record", false, forImage("boot-record", same)},
	{"--vid", false, forImage("vendor-id", same)},
	{"--cid", false, forImage("class-id", same)},
	{"--dependencies -d", false, forImage("dependencies", parsedBy(mcuboot.ParseDependencies))},
	{"--public-key-format", false, forImage("key-tlv", oneOf(map[string]string{"hash": "keyhash", "full": "pubkey"}))},
	{"--pad-sig", true, forImage("pad-signature", yes)},
	{"--pure", true, forImage("pure", yes)},
	{"--sha", false, forImage("hash", oneOf(map[string]string{"auto": "", "256": "sha256", "384": "sha384", "512": "sha512"}))},
	{"--hmac-sha", false, forImage("hmac", oneOf(map[string]string{"auto": "", "256": "sha256", "512": "sha512"}))},
	{"--encrypt-keylen", false, forImage("aes-key-size", oneOf(map[string]string{"128": "128", "256": "256"}))},
	{"--compression", false, forImage("compress", oneOf(compressions))},
	{"--slot-size -S", false, forBootloader("slot-size", integer)},
	{"--align", false, forBootloader("write-size", same)},
	{"--max-align", false, forBootloader("max-align", same)},
	{"--max-sectors -M", false, forBootloader("max-sectors", same)},
	{"--erased-val -R", false, forBootloader("erased-value", same)},
	{"--save-enctlv", true, forBootloader("save-enctlv", yes)},
	{"--overwrite-only", true, forBootloader("mode", func(string) (string, error) { return mcuboot.OverwriteOnly.String(), nil })},
}

// forImage takes an option for a setting of the image. The last one of several
// counts; what is translated to nothing is the default, which no setting says.
func forImage(key string, translate func(string) (string, error)) func(*arguments, string) error {
	return func(a *arguments, text string) error { return a.put(&a.image, key, text, translate) }
}

func forBootloader(key string, translate func(string) (string, error)) func(*arguments, string) error {
	return func(a *arguments, text string) error { return a.put(&a.bootloader, key, text, translate) }
}

func (a *arguments) put(list *[]profile.Setting, key, text string, translate func(string) (string, error)) error {
	value, err := translate(text)
	*list = slices.DeleteFunc(*list, func(s profile.Setting) bool { return s.Key == key })
	if value != "" || text == "" {
		*list = append(*list, profile.Setting{Key: key, Value: value, From: a.from})
	}
	return err
}

func yes(string) (string, error)       { return "true", nil }
func same(text string) (string, error) { return text, nil }

// integer reads a literal of Python, as imgtool has them.
func integer(text string) (string, error) {
	n, err := imgtool.ParseInteger(text)
	return strconv.FormatInt(n, 10), err
}

func address(text string) (string, error) {
	n, err := imgtool.ParseUint32(text)
	return fmt.Sprintf("%#x", n), err
}

func counter(text string) (string, error) {
	n, auto, err := imgtool.ParseSecurityCounter(text)
	if auto {
		return "auto", err
	}
	return strconv.FormatUint(uint64(n), 10), err
}

// parsedBy passes on what parse takes.
func parsedBy[T any](parse func(string) (T, error)) func(string) (string, error) {
	return func(text string) (string, error) {
		_, err := parse(text)
		return text, err
	}
}

func oneOf(values map[string]string) func(string) (string, error) {
	return func(text string) (string, error) {
		value, ok := values[text]
		if !ok {
			return "", fmt.Errorf("%q: want one of %s", text, joinNames(slices.Collect(maps.Keys(values))))
		}
		return value, nil
	}
}

// parseArguments translates the text of CONFIG_MCUBOOT_EXTRA_IMGTOOL_ARGS, which
// stands at from. What it cannot translate is a problem each.
func parseArguments(text, from string) (arguments, []error) {
	a := arguments{from: from}
	var problems []error
	for list := splitArguments(text); len(list) > 0; {
		used, err := a.takeFirst(list)
		if err != nil {
			problems = append(problems, err)
		}
		list = list[used:]
	}
	return a, problems
}

// takeFirst takes the option that the list begins with, and tells how many words
// it has.
func (a *arguments) takeFirst(list []string) (used int, err error) {
	name, value, attached := cutOption(list[0])
	if name == "--custom-tlv" {
		return a.takeTLV(list, value, attached)
	}
	o, known := findOption(name)
	switch {
	case !known:
		return 1, noOption(name)
	case o.flag && attached:
		return 1, fmt.Errorf("%s takes no value", name)
	case o.flag:
		used = 1
	case attached:
		used = 1
	case len(list) < 2:
		return 1, fmt.Errorf("%s has no value", name)
	default:
		value, used = list[1], 2
	}
	if err := o.take(a, value); err != nil {
		return used, fmt.Errorf("%s: %w", name, err)
	}
	return used, nil
}

// takeTLV takes a tag, which may be attached to the option, and a value.
func (a *arguments) takeTLV(list []string, tag string, attached bool) (used int, err error) {
	values := list[1:]
	if attached {
		values = append([]string{tag}, values...)
	}
	if len(values) < 2 {
		return len(list), errors.New("--custom-tlv has not both a tag and a value")
	}
	used = len(list) - len(values) + 2
	tlv, err := imgtool.ParseCustomTLV(values[0], values[1])
	switch {
	case err != nil:
		return used, fmt.Errorf("--custom-tlv: %w", err)
	case tlv.Type < mcuboot.MinCustomTLV || tlv.Type > mcuboot.MaxCustomTLV:
		return used, fmt.Errorf("--custom-tlv %s: want %#x to %#x", values[0], uint16(mcuboot.MinCustomTLV), uint16(mcuboot.MaxCustomTLV))
	case hasTLV(a.tlvs, tlv.Type):
		return used, fmt.Errorf("--custom-tlv %s: there are two", values[0])
	}
	a.tlvs = append(a.tlvs, tlv)
	return used, nil
}

// cutOption takes a word apart in the ways of imgtool's command line: --name=value,
// and -nvalue.
func cutOption(word string) (name, value string, attached bool) {
	if strings.HasPrefix(word, "--") || len(word) < 2 || word[0] != '-' {
		return strings.Cut(word, "=")
	}
	return word[:2], word[2:], len(word) > 2
}

func findOption(name string) (option, bool) {
	i := slices.IndexFunc(optionTable, func(o option) bool { return slices.Contains(strings.Fields(o.names), name) })
	if i < 0 {
		return option{}, false
	}
	return optionTable[i], true
}

// noOption says where a project says what an option would, or what could have been
// meant.
func noOption(name string) error {
	says := map[string]string{
		"--pad": "outputs", "--test": "outputs", "--confirm": "outputs", "--hex-addr": "outputs", "-x": "outputs",
		"--key": "sign", "-k": "sign", "--encrypt": "encrypt", "-E": "encrypt", "--clear": "outputs", "-c": "outputs",
		"--custom-tlv-file": "[[image.tlv]]",
	}
	known := []string{"--custom-tlv"}
	for _, o := range optionTable {
		known = append(known, strings.Fields(o.names)[0])
	}
	hint := diag.DidYouMean(name, known)
	if key := says[name]; key != "" {
		hint = key + " of [[image]] says that: leave it out of CONFIG_MCUBOOT_EXTRA_IMGTOOL_ARGS"
	}
	return unknownOption{name, hint}
}

// unknownOption is an option, or another word, that has no translation.
type unknownOption struct{ name, hint string }

func (e unknownOption) Error() string {
	return fmt.Sprintf("%s is no option that an image takes over", e.name)
}

// Hint says what to write instead.
func (e unknownOption) Hint() string { return e.hint }

// splitArguments splits a text as CMake's separate_arguments(... UNIX_COMMAND) does:
// at blanks outside of quotes, of either kind; behind a backslash anything is a
// character like others, between quotes, too. (kwsysSystem_Parse_CommandForUnix in
// Source/kwsys/System.c of CMake.)
func splitArguments(text string) []string {
	var list []string
	var word strings.Builder
	var quote rune
	inside, escaped := false, false
	for _, r := range text {
		switch {
		case escaped:
			escaped, inside = false, true
			word.WriteRune(r)
		case r == '\\':
			escaped = true
		case quote == 0 && (r == '"' || r == '\''):
			quote, inside = r, true
		case quote != 0 && r == quote:
			quote = 0
		case quote == 0 && strings.ContainsRune(" \t\n\v\f\r", r):
			if inside {
				list = append(list, word.String())
				word.Reset()
			}
			inside = false
		default:
			inside = true
			word.WriteRune(r)
		}
	}
	if inside {
		list = append(list, word.String())
	}
	return list
}
