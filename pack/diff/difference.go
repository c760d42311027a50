package diff

import "cmp"

// Kind is what two files that are compared are.
type Kind string

// The kinds.
const (
	KindBundle      Kind = "swu"
	KindDescription Kind = "sw-description"
	KindImage       Kind = "mcuboot"
	KindZchunk      Kind = "zck"  // a zchunk file, or the header of one
	KindData        Kind = "data" // anything else
)

// String is the kind in words.
func (k Kind) String() string {
	switch k {
	case KindBundle:
		return "SWUpdate bundle"
	case KindDescription:
		return "sw-description"
	case KindImage:
		return "MCUboot image"
	case KindZchunk:
		return "zchunk file"
	}
	return "plain data"
}

// Mark is what became of something on the way from the old file to the new one.
type Mark string

// The marks.
const (
	Added   Mark = "added"
	Removed Mark = "removed"
	Changed Mark = "changed"
)

// Difference is what is different between two files.
type Difference struct {
	Kind Kind `json:"kind"`
	Old  File `json:"old"`
	New  File `json:"new"`
	// Different is set where something is that means something: details alone, which
	// each build makes anew, such as an IV, are none.
	Different bool `json:"different"`

	Description *Description `json:"description,omitempty"` // of bundles and descriptions
	Signature   []Change     `json:"signature,omitempty"`   // of bundles
	Archive     []Change     `json:"archive,omitempty"`     // of bundles
	Payloads    []Payload    `json:"payloads,omitempty"`    // of bundles: those that are not the same, in the order of the new one
	Content     *Content     `json:"content,omitempty"`     // of the other kinds, where the bytes are not the same

	Notes []string `json:"notes,omitempty"` // what could not be compared, and why
}

// File is one of the two files.
type File struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"` // in bytes
	SHA256 string `json:"sha256"`
}

// Change is one thing that is different.
type Change struct {
	Mark Mark   `json:"change"`
	Name string `json:"name"`          // of a setting: its path
	Old  string `json:"old,omitempty"` // what it was, in the syntax of libconfig where it is a setting
	New  string `json:"new,omitempty"`
	// Detail is set for what follows from something else that is told, and for what
	// each build makes anew.
	Detail bool `json:"detail,omitempty"`
}

// Content is what is different between two pieces of content, such as payloads as a
// device ends up with them. What is known depends on what they are.
type Content struct {
	Blocks   *Blocks       `json:"blocks,omitempty"`   // of all bytes; nil where they are too many
	Image    *Image        `json:"image,omitempty"`    // of MCUboot images
	Zchunk   *Zchunk       `json:"zchunk,omitempty"`   // of zchunk files and headers
	Download *Download     `json:"download,omitempty"` // if the new one were delivered as a zchunk delta
	Files    []ChangedFile `json:"files,omitempty"`    // of two files with file systems: the most bytes first
	Notes    []string      `json:"notes,omitempty"`
}

// change compares two values; nothing is known of one that is "".
func change(name, was, is string) (Change, bool) {
	switch {
	case was == is:
		return Change{}, false
	case was == "":
		return Change{Mark: Added, Name: name, New: is}, true
	case is == "":
		return Change{Mark: Removed, Name: name, Old: was}, true
	}
	return Change{Mark: Changed, Name: name, Old: was, New: is}, true
}

// matter tells whether one of the changes is more than a detail.
func matter(changes []Change) bool {
	for _, c := range changes {
		if !c.Detail {
			return true
		}
	}
	return false
}

// order sorts changes by their names.
func order(a, b Change) int { return cmp.Compare(a.Name, b.Name) }
