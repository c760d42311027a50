package request

import (
	"fmt"
	"reflect"
	"strings"
)

// Differences tells in which members r, which came back, is not what it should
// be, one line each. What was compared with a previous release counts only where
// want has that, too.
func (r *Request) Differences(want *Request) []string {
	got := *r
	if want.About.Previous == "" {
		got.About.Previous, got.About.Changes = "", nil
	}
	var found []string
	compare("", reflect.ValueOf(got), reflect.ValueOf(*want), &found)
	return found
}

// compare goes down to single members.
func compare(path string, got, want reflect.Value, found *[]string) {
	switch {
	case got.Kind() == reflect.Struct:
		for i := range got.NumField() {
			name, _, _ := strings.Cut(got.Type().Field(i).Tag.Get("json"), ",")
			compare(strings.TrimPrefix(path+"."+name, "."), got.Field(i), want.Field(i), found)
		}
	case got.Kind() == reflect.Slice && got.Type().Elem().Kind() != reflect.Uint8:
		if got.Len() != want.Len() {
			*found = append(*found, fmt.Sprintf("%s: has %d elements, want %d", path, got.Len(), want.Len()))
			return
		}
		for i := range got.Len() {
			compare(fmt.Sprintf("%s[%d]", path, i), got.Index(i), want.Index(i), found)
		}
	case !reflect.DeepEqual(got.Interface(), want.Interface()):
		*found = append(*found, fmt.Sprintf("%s: says %s, want %s", path, show(got), show(want)))
	}
}

// maxShown is as much of a member as tells it from another one on a line.
const maxShown = 80

func show(v reflect.Value) string {
	text := fmt.Sprint(v.Interface())
	if v.Kind() == reflect.Slice {
		text = base64Of(v.Bytes())
	}
	if len(text) > maxShown {
		text = text[:maxShown] + "..."
	}
	if v.Kind() == reflect.String || v.Kind() == reflect.Slice {
		return fmt.Sprintf("%q", text)
	}
	return text
}
