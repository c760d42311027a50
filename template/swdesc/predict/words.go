package predict

import "fmt"

// lackWords is what Debian 12's client says first where a handler lacks an
// attribute or a property; "" where that is nothing, or not known.
func lackWords(e *entry, handler, thing string) string {
	switch handler {
	case "delta":
		return deltaWords(e)
	case "flash", "flash-hamming1":
		return "Wrong MTD device in description: "
	case "ssblswitch":
		return fmt.Sprintf("Cannot get %s from sw-description", thing)
	}
	switch handler + " " + thing {
	case "rawfile path", "rdiff_file path", "archive path":
		return "Missing path attribute"
	case "gptpart device", "gptswap device":
		return "Partition handler without setting the device"
	case "gptpart volume":
		return "Can't find partition "
	case "rdiff_image device", "rdiff_image rdiffbase":
		return rdiffWords(e)
	case "diskformat fstype":
		return fstypeWords(e)
	case "diskpart labeltype":
		return "Just GPT or DOS partition table are supported"
	case "uniqueuuid fs-uuid":
		return "Check for uuids runs, but not uuid given !"
	case "readback device":
		return "Failed to open "
	case "readback sha256":
		return "Invalid hash"
	case "ubiswap swap-":
		return "No UBI volume provided"
	case "swuforward url":
		return "SWU to be forwarded, but not remote URLs found "
	}
	return ""
}

func deltaWords(e *entry) string {
	return fmt.Sprintf("Wrong Attributes in sw-description: url=%s source=%s, handler=%s",
		orNull(e.property("url")), orNull(e.property("source")), orNull(e.property("chain")))
}

// rdiffWords: the base is looked for before the device.
func rdiffWords(e *entry) string {
	if e.property("rdiffbase") != "" {
		return " cannot be opened for writing"
	}
	return "Property 'rdiffbase' is missing in sw-description."
}

func fstypeWords(e *entry) string {
	if fstype := e.property("fstype"); fstype != "" {
		return fstype + " file system type not supported."
	}
	return `diskpart handler requires setting "fstype" attribute`
}

// orNull is how the client prints what is missing.
func orNull(s string) string {
	if s == "" {
		return "(null)"
	}
	return s
}

// refusedWords is what the client says of an attribute that a handler does not
// work with.
func refusedWords(handler, attribute string) string {
	switch handler + " " + attribute {
	case "delta installed-directly":
		return "Do not set installed-directly with delta, the header cannot be streamed"
	case "rdiff_image offset":
		return "Option 'seek' is not supported for rdiff."
	case "swuforward encrypted":
		return "SWU to be forwarded cannot be encrypted"
	}
	return ""
}
