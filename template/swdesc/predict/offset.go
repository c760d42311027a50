package predict

import (
	"fmt"

	"github.com/fwpack/fwpack/template/swdesc"
	"github.com/fwpack/fwpack/template/swdesc/swupdate"
)

// readOffset reads where a handler begins to write: a number since 2022.12, or
// text with a unit.
func (c *client) readOffset(e *entry) *Refusal {
	switch v := value(e.group, "offset").(type) {
	case *swdesc.Int:
		if c.device.Profile.Has(swupdate.FeatureNumericOffset) {
			e.seek = c.integer(e.group, "offset")
		} else if v.Value() != 0 {
			e.notes = append(e.notes, "offset is a number, which this client takes for 0")
		}
	case *swdesc.String:
		return c.readOffsetText(e, v.Value())
	}
	return nil
}

func (c *client) readOffsetText(e *entry, text string) *Refusal {
	if text == "" {
		return nil
	}
	if c.json() && c.has(2022, 12) && !c.device.Profile.Has(swupdate.FeatureJSONStringOffset) {
		e.seek = littleEndian(text)
		e.notes = append(e.notes, fmt.Sprintf("offset %q is a string in JSON, whose bytes this client takes for a number", clip(text)))
		return nil
	}
	seek, ok, exact := swupdate.ParseOffset(text, c.release)
	if !ok {
		return c.refuse(e, StageRead, "offset argument: ustrtoull failed",
			fmt.Sprintf("the offset %q is no number, and one such entry refuses the whole description", clip(text)))
	}
	if e.seek = seek; !exact {
		e.notes = append(e.notes, fmt.Sprintf("offset %q is read as %d", clip(text), seek))
	}
	return nil
}

// littleEndian reads the first bytes of a text as the number that they are in
// the memory of a common processor.
func littleEndian(text string) (n int64) {
	for i := 0; i < len(text) && i < 8; i++ {
		n |= int64(text[i]) << (8 * i)
	}
	return n
}
