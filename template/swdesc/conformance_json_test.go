package swdesc_test

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/internal/reftool"
	"github.com/fwpack/fwpack/template/swdesc"
)

// jsoncScript prints what json-c, the library inside Debian's SWUpdate, makes of
// each file: false where it refuses it, else its values. Strings are printed in
// hexadecimal, as they need not be UTF-8.
const jsoncScript = `
import ctypes, json, sys
lib = ctypes.CDLL("libjson-c.so.5")
class Iter(ctypes.Structure):
    _fields_ = [("opaque", ctypes.c_void_p)]
def function(name, result, *args):
    f = getattr(lib, name)
    f.restype, f.argtypes = result, args
    return f
obj, it = ctypes.c_void_p, ctypes.POINTER(Iter)
parse = function("json_tokener_parse_verbose", obj, ctypes.c_char_p, ctypes.POINTER(ctypes.c_int))
kind = function("json_object_get_type", ctypes.c_int, obj)
boolean = function("json_object_get_boolean", ctypes.c_int, obj)
integer = function("json_object_get_int64", ctypes.c_int64, obj)
double = function("json_object_get_double", ctypes.c_double, obj)
text = function("json_object_get_string", ctypes.c_void_p, obj)
size = function("json_object_get_string_len", ctypes.c_int, obj)
length = function("json_object_array_length", ctypes.c_size_t, obj)
element = function("json_object_array_get_idx", obj, obj, ctypes.c_size_t)
begin = function("json_object_iter_begin", Iter, obj)
end = function("json_object_iter_end", Iter, obj)
equal = function("json_object_iter_equal", ctypes.c_int, it, it)
name = function("json_object_iter_peek_name", ctypes.c_char_p, it)
value = function("json_object_iter_peek_value", obj, it)
step = function("json_object_iter_next", None, it)
def members(o):
    at, last = begin(o), end(o)
    while not equal(at, last):
        yield [name(at).hex(), plain(value(at))]
        step(at)
def plain(o):
    k = kind(o)
    if k == 0: return None
    if k == 1: return bool(boolean(o))
    if k == 2: return {"float": double(o)}
    if k == 3: return {"int": str(integer(o))}
    if k == 4: return {"settings": list(members(o))}
    if k == 5: return [plain(element(o, i)) for i in range(length(o))]
    return {"string": ctypes.string_at(text(o), size(o)).hex()}
def read(path):
    with open(path, "rb") as f:
        o = parse(f.read(), ctypes.byref(ctypes.c_int()))
    return plain(o) if o else False
print(json.dumps([read(path) for path in sys.argv[1:]]))
`

// TestConformanceJSONC puts every JSON document of the tests, edited and converted
// ones to json-c: it reads the same values from what is accepted. Of what is
// refused it reads the cases that are marked as lenient.
func TestConformanceJSONC(t *testing.T) {
	needPython(t, `import ctypes; ctypes.CDLL("libjson-c.so.5")`)
	var files [][]byte
	var want []string
	expect := func(doc *swdesc.Document) {
		files = append(files, doc.Bytes())
		want = append(want, marshal(t, jsoncValue(doc.Root)))
	}
	for _, tt := range jsonAccepted {
		doc := parseJSON(t, tt.src)
		expect(doc)
		fillAll(doc)
		expect(doc)
	}
	for _, src := range conformanceSources(t) {
		out, _, err := swdesc.Convert(parse(t, src), swdesc.JSON)
		if err != nil {
			t.Fatal(err)
		}
		expect(parseJSON(t, string(out)))
	}
	answers := ask[any](t, jsoncScript, files)
	for i, answer := range answers {
		if got := marshal(t, answer); got != want[i] {
			t.Errorf("json-c reads\n%s\nwant\n%s\nfrom\n%s", got, want[i], files[i])
		}
	}
}

func TestConformanceJSONCRefused(t *testing.T) {
	needPython(t, `import ctypes; ctypes.CDLL("libjson-c.so.5")`)
	var files [][]byte
	for _, tt := range jsonRefused {
		files = append(files, []byte(tt.src))
	}
	for i, got := range ask[bool](t, jsoncReads(), files) {
		if got != jsonRefused[i].lenient {
			t.Errorf("%q: json-c reads it: %v, want %v", files[i], got, jsonRefused[i].lenient)
		}
	}
}

// jsoncReads is the script that says only whether json-c reads a file.
func jsoncReads() string {
	return strings.Replace(jsoncScript, "plain(o) if o else False", "bool(o)", 1)
}

func marshal(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// jsoncValue is the form in which jsoncScript prints values. Integers beyond 64
// bits are integers to json-c, the nearest that fit.
func jsoncValue(v swdesc.Value) any {
	switch v := v.(type) {
	case *swdesc.Group:
		pairs := []any{}
		for _, s := range v.Settings() {
			pairs = append(pairs, []any{hex.EncodeToString([]byte(s.Name())), jsoncValue(s.Value())})
		}
		return map[string]any{"settings": pairs}
	case *swdesc.Int:
		return map[string]any{"int": fmt.Sprint(v.Value())}
	case *swdesc.Float:
		if n, err := strconv.ParseInt(v.Raw(), 10, 64); err != nil && n != 0 {
			return map[string]any{"int": fmt.Sprint(n)}
		}
		return map[string]any{"float": v.Value()}
	case *swdesc.Bool:
		return v.Value()
	case *swdesc.String:
		return map[string]any{"string": hex.EncodeToString([]byte(v.Value()))}
	case interface{ Values() []swdesc.Value }:
		out := []any{}
		for _, item := range v.Values() {
			out = append(out, jsoncValue(item))
		}
		return out
	}
	return nil
}

// TestConformanceJSONTool has python3 -m json.tool read what Convert and Print
// write, from the examples of the tests and, where it is there, from the corpus.
func TestConformanceJSONTool(t *testing.T) {
	needPython(t, "import json.tool")
	dir := t.TempDir()
	for i, src := range conformanceSources(t) {
		doc := parse(t, src)
		out, _, err := swdesc.Convert(doc, swdesc.JSON)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, fmt.Sprint(i))
		if err := os.WriteFile(path, out, 0o644); err != nil {
			t.Fatal(err)
		}
		tidy, err := exec.Command(python, "-m", "json.tool", path).Output()
		if err != nil {
			t.Fatalf("json.tool refuses it: %v\n%s", err, out)
		}
		if again := parseJSON(t, string(tidy)); !swdesc.Equal(again.Root, doc.Root) {
			t.Errorf("json.tool makes\n%s\nof\n%s", tidy, out)
		}
	}
}

// libconfigValuesScript prints what libconfig itself makes of each file, in the
// form of libconfScript, or false. The offsets are those of libconfig 1.5's
// public struct config_setting_t: name, type, format; root follows no other field.
const libconfigValuesScript = `
import ctypes, json, sys
lib = ctypes.CDLL("libconfig.so.9")
def function(name, result, *args):
    f = getattr(lib, name)
    f.restype, f.argtypes = result, args
    return f
p = ctypes.c_void_p
element = function("config_setting_get_elem", p, p, ctypes.c_uint)
length = function("config_setting_length", ctypes.c_int, p)
integer = function("config_setting_get_int64", ctypes.c_int64, p)
double = function("config_setting_get_float", ctypes.c_double, p)
boolean = function("config_setting_get_bool", ctypes.c_int, p)
text = function("config_setting_get_string", ctypes.c_char_p, p)
name = lambda s: ctypes.c_char_p.from_address(s).value
kind = lambda s: ctypes.c_short.from_address(s + ctypes.sizeof(p)).value
def plain(s):
    k = kind(s)
    if k == 1: return {"settings": [[name(element(s, i)).decode(), plain(element(s, i))] for i in range(length(s))]}
    if k in (2, 3): return {"int": str(integer(s))}
    if k == 4: return double(s)
    if k == 5: return text(s).hex()
    if k == 6: return bool(boolean(s))
    return [plain(element(s, i)) for i in range(length(s))]
def read(path):
    config = ctypes.create_string_buffer(512)
    lib.config_init(config)
    if not lib.config_read_file(config, path.encode()):
        return False
    return plain(p.from_buffer(config).value)
print(json.dumps([read(path) for path in sys.argv[1:]]))
`

// TestConformanceLibconfigValues compares every value that libconfig reads from
// what is accepted, and from what Convert makes of JSON.
func TestConformanceLibconfigValues(t *testing.T) {
	needPython(t, `import ctypes; ctypes.CDLL("libconfig.so.9")`)
	var files [][]byte
	var want []string
	expect := func(doc *swdesc.Document) {
		files = append(files, doc.Bytes())
		want = append(want, marshal(t, libconfigValue(doc.Root)))
	}
	for _, tt := range accepted {
		expect(parse(t, tt.src))
	}
	for _, src := range conformanceSources(t) {
		expect(parse(t, src))
	}
	for _, tt := range append(jsonAccepted, struct{ src, value string }{src: bothJSON}) {
		if out, _, err := swdesc.Convert(parseJSON(t, tt.src), swdesc.Libconfig); err == nil {
			expect(parse(t, string(out)))
		}
	}
	for i, answer := range ask[any](t, libconfigValuesScript, files) {
		if got := marshal(t, answer); got != want[i] {
			t.Errorf("libconfig reads\n%s\nwant\n%s\nfrom\n%s", got, want[i], files[i])
		}
	}
}

// libconfigValue is the form in which libconfigValuesScript prints values: of an
// integer without its L, libconfig 1.5 keeps the low 32 bits.
func libconfigValue(v swdesc.Value) any {
	switch v := v.(type) {
	case *swdesc.Group:
		pairs := []any{}
		for _, s := range v.Settings() {
			pairs = append(pairs, []any{s.Name(), libconfigValue(s.Value())})
		}
		return map[string]any{"settings": pairs}
	case *swdesc.Int:
		if v.Overflows() {
			return map[string]any{"int": fmt.Sprint(int32(v.Value()))}
		}
		return map[string]any{"int": fmt.Sprint(v.Value())}
	case *swdesc.Float:
		return v.Value()
	case *swdesc.Bool:
		return v.Value()
	case *swdesc.String:
		return hex.EncodeToString([]byte(v.Value()))
	case interface{ Values() []swdesc.Value }:
		out := []any{}
		for _, item := range v.Values() {
			out = append(out, libconfigValue(item))
		}
		return out
	}
	return nil
}

// Texts with slips in them, of either language: what we accept the client accepts; what it
// accepts and we refuse is one of the things we refuse on purpose.
func TestConformanceSlips(t *testing.T) {
	needPython(t, `import ctypes; ctypes.CDLL("libconfig.so.9"); ctypes.CDLL("libjson-c.so.5")`)
	reftool.Need(t, python)
	for _, tt := range []struct {
		format swdesc.Format
		script string
		source []struct{ src, value string }
		words  []string
		reason []string // parts of the messages of what the client reads and we refuse
	}{
		{swdesc.Libconfig, libconfigScript, accepted, libconfigWords(),
			[]string{"NUL", "does not fit 64 bits", "is not a number", "comment is not closed", "string is not closed", "nested more than"}},
		{swdesc.JSON, jsoncReads(), jsonAccepted, jsonWords(),
			[]string{"duplicate setting", "comma behind", "expected the end of the file", "is not a number", "comment in a JSON", "numbers are decimal", `found "TRUE"`,
				`found "'"`, "control byte", "half a surrogate", "is not closed", `expected "{"`, "NUL byte"}},
	} {
		files := mutated(tt.source, tt.words, 1500)
		good := 0
		for i, read := range ask[bool](t, tt.script, files) {
			_, err := swdesc.ParseAs(files[i], tt.format)
			switch {
			case err == nil && !read:
				t.Errorf("%v: %q is accepted, and the client refuses it", tt.format, files[i])
			case err == nil:
				good++
			case read && !containsAny(flat(err), tt.reason):
				t.Errorf("%v: %q is refused, and the client reads it: %v", tt.format, files[i], err)
			}
		}
		if good < 100 {
			t.Errorf("%v: only %d of %d texts are accepted: they prove little", tt.format, good, len(files))
		}
	}
}

func containsAny(s string, parts []string) bool {
	for _, part := range parts {
		if strings.Contains(s, part) {
			return true
		}
	}
	return false
}

func libconfigWords() []string {
	return strings.Split("a|b|*|a-1|a_|_|true|FALSE|1|-5|+5|010|0x1F|0X|0b1|5L|5LL|5l|0x1L|3000000000|1.|.5|1e3|1.e3|.|-|+|1e|\"x\"|\"\"|\"\\x41\\q\\\\\"|\"|'|=|=|=|=|:|;|;|,|,|{|}|(|)|[|]|/* c */|// d\n|# e\n|/*|#|//| | |\n|\t|\f|\v|é|@|@@X@@|$|%|!", "|")
}

func jsonWords() []string {
	return strings.Split(`"a"|"b"|"\u0061"|""|:|:|:|:|,|,|,|{|{|}|}|[|]|1|-1|0|-0|01|1.|1.5|.5|1e3|1e|1E+2|9223372036854775808|true|false|null|TRUE|"x"|"\n\/\u20AC"|"\ud83d\ude00"|"\ud83d"|"\x41"|"\u12"|"|'|// c`+"\n|/* c */|#| | |\n|\t|\f|\v|é|a|L|\"\t\"|\"\n\"|\"\xff\"|-|+", "|")
}

// mutated are n texts made of the given ones: each has a word put in the place of
// up to two bytes. They are the same ones always.
func mutated(sources []struct{ src, value string }, words []string, n int) [][]byte {
	state := uint32(1)
	next := func(n int) int {
		state = state*1664525 + 1013904223
		return int(state>>8) % n
	}
	texts := make([][]byte, n)
	for i := range texts {
		src := sources[next(len(sources))].src
		at := next(len(src) + 1)
		end := min(len(src), at+next(3))
		texts[i] = []byte(src[:at] + words[next(len(words))] + src[end:])
	}
	return texts
}
