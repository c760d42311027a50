package predict

import "fmt"

// lackWords is what Debian 12's client says where a handler lacks something; ""
// where that is nothing, or not known.
func lackWords(e *entry, handler string) string {
	switch handler {
	case "rawfile", "rdiff_file", "archive":
		return "Missing path attribute"
	case "gptpart", "gptswap":
		return "Partition handler without setting the device"
	case "rdiff_image":
		return "Property 'rdiffbase' is missing in sw-description."
	case "flash", "flash-hamming1":
		return "Wrong MTD device in description: "
	case "diskformat":
		return `diskpart handler requires setting "fstype" attribute`
	case "diskpart":
		return "Just GPT or DOS partition table are supported"
	case "uniqueuuid":
		return "Check for uuids runs, but not uuid given !"
	case "readback":
		return "Invalid hash"
	case "ubiswap":
		return "No UBI volume provided"
	case "ssblswitch":
		return "Cannot get device from sw-description"
	case "swuforward":
		return "SWU to be forwarded, but not remote URLs found "
	case "delta":
		return fmt.Sprintf("Wrong Attributes in sw-description: url=%s source=%s, handler=%s",
			orNull(e.property("url")), orNull(e.property("source")), orNull(e.property("chain")))
	}
	return ""
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
	switch {
	case handler == "delta" && attribute == "installed-directly":
		return "Do not set installed-directly with delta, the header cannot be streamed"
	case handler == "rdiff_image" && attribute == "offset":
		return "Option 'seek' is not supported for rdiff."
	}
	return ""
}
