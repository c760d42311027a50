package diff

import (
	"os"
	"reflect"
	"strings"
	"testing"
)

// Every field of the JSON is in docs/diff.md.
func TestDocumented(t *testing.T) {
	text, err := os.ReadFile("../../docs/diff.md")
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	var walk func(reflect.Type)
	walk = func(typ reflect.Type) {
		switch typ.Kind() {
		case reflect.Pointer, reflect.Slice:
			walk(typ.Elem())
			return
		case reflect.Struct:
		default:
			return
		}
		for field := range typ.Fields() {
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			if field.Anonymous || name == "" {
				continue // of a forecast, which docs/zck.md describes
			}
			if count++; !strings.Contains(string(text), "`"+name+"`") {
				t.Errorf("docs/diff.md has no `%s` of %s", name, typ)
			}
			walk(field.Type)
		}
	}
	walk(reflect.TypeFor[Difference]())
	if count < 40 {
		t.Errorf("%d fields", count)
	}
}
