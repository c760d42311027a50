package diff

import (
	"cmp"
	"slices"
)

// Payload is a payload of a bundle that is not the same. Payloads belong together by
// the entries that name them, and by their own names.
type Payload struct {
	Mark Mark    `json:"change"`
	Name string  `json:"name"`
	Was  string  `json:"was,omitempty"` // the name it had, where it had another
	Old  *Stored `json:"old,omitempty"`
	New  *Stored `json:"new,omitempty"`
	// Repacked is set where a device ends up with the same content: only how it is
	// packed is different.
	Repacked bool     `json:"repacked,omitempty"`
	Detail   bool     `json:"detail,omitempty"` // of a repacked one: encrypted anew, and nothing else
	Content  *Content `json:"content,omitempty"`
	Notes    []string `json:"notes,omitempty"`

	pair payloadPair
}

// Stored is a payload as it lies in a bundle, and what a device ends up with.
type Stored struct {
	Size       int64  `json:"size"` // in bytes
	SHA256     string `json:"sha256"`
	Compressed string `json:"compressed,omitempty"` // "zstd" and the like
	Encrypted  bool   `json:"encrypted,omitempty"`
	Unnamed    bool   `json:"unnamed,omitempty"` // no entry names it: a device passes over it

	// Of the content; absent where the payload could not be opened, and Problem says why.
	FinalSize   int64  `json:"final_size"`
	FinalSHA256 string `json:"final_sha256,omitempty"`
	Problem     string `json:"problem,omitempty"`
}

// payload is one of the payloads of a bundle.
type payload struct {
	name string
	at   int // its place in the archive
	Stored
	content *content // nil where it could not be opened
	puffed  bool     // and this is why
}

// payloadPair is a payload with what it was, nil where there is nothing.
type payloadPair struct{ old, new *payload }

// pairPayloads finds out which payloads belong together: those of the same name, then
// those whose entries belong together, then those whose names differ in their version
// only. They come in the order of the new bundle, and behind them what is gone.
func pairPayloads(old, new []*payload, renamed map[string]string, versions [2]string) []payloadPair {
	name := func(p *payload) string { return p.name }
	partners, gone := pairUp(old, new, []pass[*payload]{
		{name, name},
		{name, func(p *payload) string { return renamed[p.name] }},
		{func(p *payload) string { return pattern(p.name, versions[0]) }, func(p *payload) string { return pattern(p.name, versions[1]) }},
	})
	var pairs []payloadPair
	for i, at := range partners {
		p := payloadPair{new: new[i]}
		if at >= 0 {
			p.old = old[at]
		}
		pairs = append(pairs, p)
	}
	for _, at := range gone {
		pairs = append(pairs, payloadPair{old: old[at]})
	}
	return pairs
}

// difference compares the two, and is false where they are the same.
func (p payloadPair) difference() (Payload, bool) {
	switch {
	case p.old == nil:
		return Payload{Mark: Added, Name: p.new.name, New: &p.new.Stored}, true
	case p.new == nil:
		return Payload{Mark: Removed, Name: p.old.name, Old: &p.old.Stored}, true
	}
	d := Payload{Mark: Changed, Name: p.new.name, Old: &p.old.Stored, New: &p.new.Stored, pair: p}
	if p.old.name != p.new.name {
		d.Was = p.old.name
	}
	was, is := p.old.Stored, p.new.Stored
	switch {
	case was == is:
		return d, d.Was != ""
	case was.SHA256 == is.SHA256: // described otherwise
	case was.FinalSHA256 != "" && was.FinalSHA256 == is.FinalSHA256:
		d.Repacked = true
		d.Detail = d.Was == "" && encryptedAnew(was, is)
	case p.old.content != nil && p.new.content != nil:
		d.Content = compareContents(p.old.content, p.new.content)
	case p.old.puffed || p.new.puffed:
		d.Notes = append(d.Notes, errPuffed.Error())
	default:
		d.Notes = append(d.Notes, "what is stored is another, and the content was not compared")
	}
	return d, true
}

// encryptedAnew tells whether the same bytes were encrypted with another IV.
func encryptedAnew(was, is Stored) bool {
	was.SHA256 = is.SHA256
	return was == is && was.Encrypted
}

// matters tells whether more than a detail is different.
func (p *Payload) matters() bool {
	return !p.Detail && (p.Content == nil || p.Content.matters())
}

// reorderedPayloads compares the order of the payloads that both archives have.
func reorderedPayloads(pairs []payloadPair) (Change, bool) {
	both := slices.DeleteFunc(slices.Clone(pairs), func(p payloadPair) bool { return p.old == nil || p.new == nil })
	byOld := func(a, b payloadPair) int { return cmp.Compare(a.old.at, b.old.at) }
	if slices.IsSortedFunc(both, byOld) {
		return Change{}, false
	}
	is := list(both, func(p payloadPair) string { return p.new.name })
	slices.SortFunc(both, byOld)
	was := list(both, func(p payloadPair) string { return p.old.name })
	return Change{Mark: Changed, Name: "order of payloads", Old: was, New: is}, true
}

// payloads compares the payloads of two bundles.
func (d *Difference) payloads(pairs []payloadPair) {
	for _, p := range pairs {
		if payload, different := p.difference(); different {
			d.Payloads = append(d.Payloads, payload)
			d.Different = d.Different || payload.matters()
		}
	}
	if c, moved := reorderedPayloads(pairs); moved {
		d.Archive = append(d.Archive, c)
	}
}
