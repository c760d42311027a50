package swupdate

// TrueProperty tells whether a property that is a switch is on: for "true" and
// "TRUE", and nothing else.
func TrueProperty(s string) bool { return s == "true" || s == "TRUE" }

// DefaultHandler returns the handler of an entry without type; "" where the
// client refuses such an entry.
func DefaultHandler(section Section, hasVolume, hasDevice bool) string {
	switch {
	case section == Files:
		return "rawfile"
	case section == Scripts:
		return "lua"
	case section == Partitions:
		return "ubipartition"
	case section == Images && hasVolume:
		return "ubivol"
	case section == Images && hasDevice:
		return "raw"
	}
	return ""
}
