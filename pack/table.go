package pack

import (
	"cmp"
	"errors"
	"maps"
	"slices"

	"github.com/BurntSushi/toml"

	"github.com/fwpack/fwpack/internal/diag"
	"github.com/fwpack/fwpack/internal/tomlpos"
	"github.com/fwpack/fwpack/template"
)

// document is a project file while it is being read: values as TOML gave them,
// the place of each, and the problems found so far.
type document struct {
	places   map[string]tomlpos.Place
	lines    *diag.Lines
	vars     template.Vars
	problems diag.List
}

// parseDocument reads the TOML syntax of src. The error carries the position.
func parseDocument(file string, src []byte) (*document, *table, error) {
	var values map[string]any
	if _, err := toml.Decode(string(src), &values); err != nil {
		return nil, nil, syntaxError(file, err)
	}
	doc := &document{places: tomlpos.Scan(src), lines: diag.NewLines(file, src)}
	return doc, &table{doc: doc, values: values}, nil
}

func syntaxError(file string, err error) error {
	var parse toml.ParseError
	if !errors.As(err, &parse) {
		return diag.Diagnostic{Pos: diag.Pos{File: file}, Msg: err.Error()}
	}
	return diag.Diagnostic{
		Pos: diag.Pos{File: file, Line: parse.Position.Line, Col: parse.Position.Col},
		Msg: "toml: " + parse.Message,
	}
}

// expand replaces the variables in s, which stands at pos.
func (d *document) expand(s string, pos diag.Pos) string {
	expanded, problems := template.ExpandString(s, d.vars)
	for _, p := range problems {
		d.problems.AddHint(pos, p.Hint, "%s", p.Msg)
	}
	return expanded
}

// filled expands s, which stands at pos, and reports it where nothing is left.
func (d *document) filled(what, s string, pos diag.Pos) string {
	before := len(d.problems)
	expanded := d.expand(s, pos)
	if expanded == "" && len(d.problems) == before {
		d.problems.Addf(pos, "%s is empty", what)
	}
	return expanded
}

// table reads one TOML table key by key. A getter returns the zero value where
// the key is absent or wrong, and notes what is wrong; rest then reports the
// keys nobody asked for. So one pass finds every problem.
type table struct {
	doc    *document
	path   string
	values map[string]any
	asked  []string
}

// pos is the place of the value of key, or of the table where it has none.
func (t *table) pos(key string) diag.Pos {
	return t.doc.lines.Pos(t.place(key).Value)
}

// keyPos is the place of the name of key, or of the table where it has none.
func (t *table) keyPos(key string) diag.Pos {
	return t.doc.lines.Pos(t.place(key).Key)
}

// place is where key and its value stand, or the table where it has none.
func (t *table) place(key string) tomlpos.Place {
	return t.doc.place(tomlpos.Join(t.path, key), t.path)
}

// here is the place of the table itself.
func (t *table) here() diag.Pos {
	return t.doc.pos(t.path, "")
}

// offset is where the table begins, in bytes.
func (t *table) offset() int {
	return t.doc.place(t.path, "").Value
}

func (d *document) place(path, fallback string) tomlpos.Place {
	place, ok := d.places[path]
	if !ok {
		place = d.places[fallback]
	}
	return place
}

func (d *document) pos(path, fallback string) diag.Pos {
	return d.lines.Pos(d.place(path, fallback).Value)
}

func (t *table) errorf(key, format string, args ...any) {
	t.doc.problems.Addf(t.pos(key), format, args...)
}

// lookup fetches key and remembers that it is known.
func (t *table) lookup(key string) (any, bool) {
	t.asked = append(t.asked, key)
	value, ok := t.values[key]
	return value, ok
}

func (t *table) has(key string) bool {
	_, ok := t.values[key]
	return ok
}

// string reads a string and expands the variables in it. No key has a use for an
// empty one, which often comes from a variable that somebody forgot to fill.
func (t *table) string(key string) string {
	value, ok := t.lookup(key)
	if !ok {
		return ""
	}
	s, ok := value.(string)
	if !ok {
		t.wrongType(key, value, "a string")
		return ""
	}
	return t.doc.filled(key, s, t.pos(key))
}

// required reads a string that must be there.
func (t *table) required(key string) string {
	if !t.has(key) {
		t.doc.problems.Addf(t.here(), "%s is missing", key)
	}
	return t.string(key)
}

// text reads a string into a closed type that lists its choices.
func (t *table) text(key string, into interface{ UnmarshalText([]byte) error }) {
	s := t.string(key)
	if _, isString := t.values[key].(string); !isString {
		return
	}
	if err := into.UnmarshalText([]byte(s)); err != nil {
		t.errorf(key, "%s: %v", key, err)
	}
}

// int reads an integer; 0 where there is none.
func (t *table) int(key string) int {
	value, ok := t.lookup(key)
	if !ok {
		return 0
	}
	n, ok := value.(int64)
	if !ok || int64(int(n)) != n {
		t.wrongType(key, value, "an integer")
		return 0
	}
	return int(n)
}

// strings reads an array of strings and expands the variables in each.
func (t *table) strings(key string) []string {
	value, ok := t.lookup(key)
	if !ok {
		return nil
	}
	elements, ok := value.([]any)
	if !ok {
		t.wrongType(key, value, "an array of strings")
		return nil
	}
	list := make([]string, len(elements))
	for i, element := range elements {
		s, ok := element.(string)
		if !ok {
			t.doc.problems.Addf(t.elementPos(key, i), "%s holds %s, and only strings are allowed", key, typeName(element))
			continue
		}
		list[i] = t.doc.filled("an element of "+key, s, t.elementPos(key, i))
	}
	return list
}

// elementPos is the place of one element of the array at key.
func (t *table) elementPos(key string, i int) diag.Pos {
	return t.doc.lines.Pos(t.elementPlace(key, i).Value)
}

func (t *table) elementPlace(key string, i int) tomlpos.Place {
	path := tomlpos.Join(t.path, key)
	return t.doc.place(tomlpos.Index(path, i), path)
}

// table reads a sub-table, nil where there is none.
func (t *table) table(key string) *table {
	value, ok := t.lookup(key)
	if !ok {
		return nil
	}
	values, ok := value.(map[string]any)
	if !ok {
		t.wrongType(key, value, "a table")
		return nil
	}
	return &table{doc: t.doc, path: tomlpos.Join(t.path, key), values: values}
}

// tables reads an array of tables such as [[artifact]], or [ { ... } ].
func (t *table) tables(key string) []*table {
	value, ok := t.lookup(key)
	if !ok {
		return nil
	}
	elements, ok := tablesIn(value)
	if !ok {
		t.wrongType(key, value, "an array of tables [["+key+"]]")
		return nil
	}
	list := make([]*table, len(elements))
	for i, values := range elements {
		list[i] = &table{doc: t.doc, path: tomlpos.Index(tomlpos.Join(t.path, key), i), values: values}
	}
	return list
}

// tablesIn returns the elements of an array that holds tables alone, in either
// of the two forms in which TOML has it.
func tablesIn(value any) ([]map[string]any, bool) {
	if tables, ok := value.([]map[string]any); ok {
		return tables, true
	}
	elements, ok := value.([]any)
	var tables []map[string]any
	for _, element := range elements {
		values, isTable := element.(map[string]any)
		ok = ok && isTable
		tables = append(tables, values)
	}
	return tables, ok
}

// keys lists the keys of the table in the order in which they are written.
func (t *table) keys() []string {
	offset := func(key string) int { return t.doc.places[tomlpos.Join(t.path, key)].Key }
	return slices.SortedFunc(maps.Keys(t.values), func(a, b string) int {
		return cmp.Or(cmp.Compare(offset(a), offset(b)), cmp.Compare(a, b))
	})
}

// rest reports every key that no getter asked for.
func (t *table) rest() {
	for _, key := range t.keys() {
		if slices.Contains(t.asked, key) {
			continue
		}
		pos := t.doc.lines.Pos(t.doc.places[tomlpos.Join(t.path, key)].Key)
		hint := diag.DidYouMean(key, t.asked)
		if hint == "" {
			hint = "known here: " + joinNames(t.asked)
		}
		t.doc.problems.AddHint(pos, hint, "unknown key %s", key)
	}
}

func (t *table) wrongType(key string, value any, want string) {
	t.errorf(key, "%s is %s, and must be %s", key, typeName(value), want)
}

// typeName says in words what TOML type a decoded value has.
func typeName(value any) string {
	switch value.(type) {
	case string:
		return "a string"
	case int64:
		return "an integer"
	case float64:
		return "a float"
	case bool:
		return "a boolean"
	case map[string]any:
		return "a table"
	case []any, []map[string]any:
		return "an array"
	}
	return "a date"
}

// bool reads a boolean; false where there is none.
func (t *table) bool(key string) bool {
	value, ok := t.lookup(key)
	b, isBool := value.(bool)
	if ok && !isBool {
		t.wrongType(key, value, "true or false")
	}
	return b
}

// knows adds keys to those that rest takes for known.
func (t *table) knows(keys ...string) {
	t.asked = append(t.asked, keys...)
}

// raw reads a string as it is written, placeholders and all.
func (t *table) raw(key string) string {
	value, ok := t.lookup(key)
	if s, isString := value.(string); isString {
		return s
	}
	if ok {
		t.wrongType(key, value, "a string")
	}
	return ""
}
