package main

import (
	"encoding"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fwpack/fwpack/mcuboot/profile"
	"github.com/fwpack/fwpack/pack"
	"github.com/fwpack/fwpack/pack/cache"
	"github.com/fwpack/fwpack/pack/deltafile"
	"github.com/fwpack/fwpack/pack/imagebuild"
	"github.com/fwpack/fwpack/pack/imagefile"
	"github.com/fwpack/fwpack/pack/inspect"
	"github.com/fwpack/fwpack/pack/payload"
	"github.com/fwpack/fwpack/pack/swufile"
	"github.com/fwpack/fwpack/sign/keygen"
	"github.com/fwpack/fwpack/template/swdesc/predict"
	"github.com/fwpack/fwpack/template/swdesc/swupdate"
	"github.com/fwpack/fwpack/zck/forecast"
)

// jsonObjects are the objects in what --json prints, by their headings in
// docs/json.md.
var jsonObjects = []struct {
	heading string
	object  any
}{
	{"inspection", inspect.Inspection{}}, {"signer", inspect.Signer{}},
	{"bundle", inspect.Bundle{}}, {"entry", inspect.BundleEntry{}}, {"content", inspect.Content{}}, {"installation", inspect.Installation{}},
	{"description", inspect.Description{}}, {"scope", inspect.Scope{}}, {"section", inspect.Section{}}, {"listed entry", inspect.Entry{}},
	{"envelope", swufile.Envelope{}}, {"signature", inspect.Signature{}},
	{"image", imagefile.Inspection{}}, {"header", imagefile.Header{}}, {"digest", imagefile.Digest{}}, {"image signature", imagefile.Signature{}},
	{"named key", imagefile.NamedKey{}}, {"encryption", imagefile.Encryption{}}, {"tlv", imagefile.TLV{}}, {"dependency", imagefile.Dependency{}},
	{"boot record", imagefile.BootRecord{}}, {"trailer", imagefile.Trailer{}}, {"region", imagefile.Region{}},
	{"zchunk file", inspect.Zchunk{}}, {"rdiff file", deltafile.Summary{}}, {"patch", deltafile.PatchSummary{}}, {"rdiff signature", deltafile.SignatureSummary{}},
	{"item", keygen.Item{}}, {"certificate", keygen.Certificate{}}, {"aes key", inspect.AESKey{}},
	{"package", inspect.DFU{}}, {"package file", inspect.DFUFile{}}, {"compressed file", inspect.Compressed{}}, {"firmware", inspect.Firmware{}},

	{"report", pack.Report{}}, {"tool", pack.Tool{}}, {"identity", pack.Identity{}}, {"output", pack.Output{}}, {"clear description", pack.Content{}},
	{"sealed description", pack.Sealed{}}, {"output signature", pack.Signature{}}, {"output signer", pack.Signer{}}, {"payload", pack.PackedPayload{}},
	{"download", pack.Download{}}, {"reported image", pack.ReportedImage{}}, {"setting", profile.Setting{}}, {"reported fit", pack.ReportedFit{}}, {"reported fill", pack.ReportedFill{}},

	{"build plan", pack.Plan{}}, {"planned payload", pack.PlannedPayload{}}, {"compression", payload.Compress{}}, {"delta", pack.Delta{}},
	{"planned bundle", pack.PlannedBundle{}}, {"planned entry", pack.PlannedEntry{}}, {"cipher", pack.Cipher{}}, {"planned image", pack.PlannedImage{}},
	{"image output", imagebuild.Output{}}, {"planned package", pack.PlannedDFU{}},

	{"check report", pack.CheckReport{}}, {"finding", pack.Finding{}}, {"counts", pack.Counts{}},

	{"device plan", plannedBundle{}}, {"refusal", predict.Refusal{}}, {"source", predict.Source{}}, {"step", predict.Step{}}, {"skip", predict.Skip{}},
	{"variable", predict.Variable{}}, {"space", predict.Space{}}, {"unpacked size", predict.Size{}}, {"note", predict.Note{}},
	{"planned download", plannedDownload{}}, {"forecast", forecast.Forecast{}}, {"forecast base", forecast.Result{}}, {"forecast download", forecast.Download{}},
	{"forecast patch", forecast.Patch{}}, {"costs", forecast.Costs{}}, {"cost", forecast.Cost{}}, {"forecast file", forecast.File{}},

	{"bundle verification", swufile.Verification{}}, {"verified signer", swufile.Signer{}}, {"verified step", swufile.Step{}}, {"verified payload", swufile.PayloadInfo{}},
	{"image verification", imagefile.Verification{}}, {"rule", imagefile.RuleResult{}}, {"not checked", imagefile.NotChecked{}}, {"key", imagefile.Key{}},
	{"fit", imagefile.Fit{}}, {"fit part", imagefile.FitPart{}},
	{"extracted file", swufile.Extracted{}}, {"extracted part", imagefile.Extracted{}},

	{"signed bundle", pack.SignReport{}}, {"named signer", pack.NamedSigner{}}, {"unchanged payload", pack.Unchanged{}},
	{"signed image", imagefile.SignReport{}}, {"unchanged body", imagefile.Unchanged{}},

	{"key file", shownFile{}}, {"shown aes key", shownAES{}}, {"key finding", keygen.Finding{}},

	{"cache usage", cache.Usage{}},

	{"zck header", zckHeaderJSON{}}, {"zck chunk", zckChunkJSON{}},
}

// headings are the same by type.
func headings() map[reflect.Type]string {
	byType := map[reflect.Type]string{}
	for _, o := range jsonObjects {
		byType[reflect.TypeOf(o.object)] = o.heading
	}
	return byType
}

// jsonField is a field as encoding/json writes it.
type jsonField struct {
	name, kind string
	optional   bool // may be absent
	field      reflect.StructField
}

// fieldsOf lists the fields of an object, those of embedded ones where they stand.
func fieldsOf(t reflect.Type) []jsonField {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	var fields []jsonField
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous && name == "":
			fields = append(fields, fieldsOf(f.Type)...)
			continue
		case name == "-" || !f.IsExported():
			continue
		case name == "":
			name = f.Name
		}
		fields = append(fields, jsonField{name, kindOf(f.Type), strings.Contains(options, "omitempty"), f})
	}
	return fields
}

// kindOf says in the words of the document what a value is.
func kindOf(t reflect.Type) string {
	text, marshaler := reflect.TypeFor[encoding.TextMarshaler](), reflect.TypeFor[json.Marshaler]()
	switch {
	case t == reflect.TypeFor[time.Time]():
		return "time"
	case t == reflect.TypeFor[swupdate.Answer]():
		return "boolean or null"
	case t.Kind() == reflect.Pointer:
		return kindOf(t.Elem())
	case t.Implements(text) || reflect.PointerTo(t).Implements(text) && !t.Implements(marshaler):
		return "string"
	}
	switch t.Kind() {
	case reflect.Struct:
		if heading, ok := headings()[t]; ok {
			return fmt.Sprintf("[%s](#%s)", heading, strings.ReplaceAll(heading, " ", "-"))
		}
		return "NOT DOCUMENTED " + t.String()
	case reflect.Slice, reflect.Array:
		return "array of " + kindOf(t.Elem())
	case reflect.Map:
		return "object of " + kindOf(t.Elem())
	case reflect.Bool:
		return "boolean"
	case reflect.String:
		return "string"
	}
	return "number"
}

// row is what the document begins a field's line with.
func (f jsonField) row() string {
	kind := f.kind
	if f.optional {
		kind += ", may be absent"
	}
	return fmt.Sprintf("| `%s` | %s |", f.name, kind)
}

// documentedRows are the begins of the lines in the tables of docs/json.md, by
// heading.
func documentedRows(t *testing.T) map[string][]string {
	t.Helper()
	text, err := os.ReadFile("../../docs/json.md")
	if err != nil {
		t.Fatal(err)
	}
	rows, heading := map[string][]string{}, ""
	for line := range strings.Lines(string(text)) {
		if after, ok := strings.CutPrefix(line, "### "); ok {
			heading = strings.TrimSpace(after)
			rows[heading] = nil
		}
		if cells := strings.SplitN(line, "|", 4); len(cells) == 4 && strings.HasPrefix(line, "| `") && heading != "" {
			rows[heading] = append(rows[heading], "|"+cells[1]+"|"+cells[2]+"|")
		}
	}
	return rows
}

// The form of JSON is a promise: docs/json.md has every field of every object, and
// nothing else. Where this fails, a field has changed: that is a new schema, unless
// it is a new one.
func TestJSONDocs(t *testing.T) {
	rows := documentedRows(t)
	for _, o := range jsonObjects {
		var want []string
		for _, f := range fieldsOf(reflect.TypeOf(o.object)) {
			want = append(want, f.row())
			if strings.Contains(f.kind, "NOT DOCUMENTED") {
				t.Errorf("%s: %s", o.heading, f.kind)
			}
		}
		got, ok := rows[o.heading]
		if !ok || !slices.Equal(got, want) {
			t.Errorf("docs/json.md, %s:\n%s\nwant\n%s", o.heading, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		delete(rows, o.heading)
	}
	for heading := range rows {
		t.Errorf("docs/json.md describes %q, which nothing prints", heading)
	}
}
