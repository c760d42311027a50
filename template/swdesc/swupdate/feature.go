package swupdate

// Feature is something that clients learnt in a release that the tables know.
// Handlers, properties, attributes, keys and compressions carry their release
// with them; features are the rest.
type Feature uint8

// The features, in the order of their releases.
const (
	FeatureFreeSpaceCheck Feature = iota
	FeatureVersionsInConfig
	FeatureMaxVersion
	FeatureNumericOffset
	FeatureTransformedDeltaHeader
	FeatureJSONStringOffset
	FeatureGPG
	FeatureReliableExitStatus
	FeaturePostfailure
	FeatureLastDeltaChunk
	FeatureScriptedHandlers
	FeatureSizeCheck
	FeatureConditionalPartitions
	FeatureTypeMismatchWarnings
	FeatureJSONSingleObject
	FeatureBoundaryCase
	FeatureEncryptedName
	FeatureEnvelopedDescription
	FeatureVerifierChoice
	FeatureIVLengthCheck
	FeatureCopyFromMTD
	FeatureFilenameCheck
	FeatureDynamicURL
	FeatureRuntimePSS
	FeatureFewDeltaRanges
)

// features are the names, releases and meanings, in the order of the constants.
var features = [...]struct {
	name  string
	since Release
	doc   string
}{
	{"free-space-check", Release{2021, 4}, "the free space is checked before an artifact is stored"},
	{"versions-in-config", Release{2021, 4}, "the installed versions can stand in swupdate.cfg"},
	{"max-version", Release{2021, 4}, "a client can refuse versions above one (--max-version)"},
	{"numeric-offset", Release{2022, 12}, "offset may be an integer; before, an integer counts as 0"},
	{"transformed-delta-header", Release{2023, 5}, "the header of a delta may be compressed and encrypted"},
	{"json-string-offset", Release{2023, 12}, "in JSON an offset may be text; 2022.12 and 2023.05 write at a wrong place"},
	{"gpg", Release{2023, 12}, "signatures may be those of GnuPG"},
	{"reliable-exit-status", Release{2023, 12}, "swupdate -i ends with the status of the update"},
	{"postfailure", Release{2024, 5}, "scripts run after a failed update, too"},
	{"last-delta-chunk", Release{2024, 5}, "the last chunk of a delta's source is used; before, it is always downloaded"},
	{"scripted-handlers", Release{2024, 5}, "embedded-script can register handlers"},
	{"size-check", Release{2024, 12}, "the size of an artifact is compared with its attribute"},
	{"conditional-partitions", Release{2024, 12}, "install-if attributes and hooks can skip partitions"},
	{"type-mismatch-warnings", Release{2024, 12}, "a value of a wrong type is warned of; before, integers count as booleans"},
	{"json-single-object", Release{2024, 12}, "in JSON a section may be one object; before, the client can crash"},
	{"boundary-case", Release{2025, 5}, "servers of deltas may have capitals in a multipart boundary"},
	{"encrypted-name", Release{2025, 12}, "encrypted may be the name of a cipher; before, the ciphertext is installed"},
	{"enveloped-description", Release{2025, 12}, "the description can be encrypted for the certificates of devices"},
	{"verifier-choice", Release{2025, 12}, "a client can have several verifiers"},
	{"iv-length-check", Release{2025, 12}, "an ivt of a wrong length is passed over; before, it decrypts to garbage"},
	{"copy-from-mtd", Release{2025, 12}, "copyfrom may be \"mtd:NAME\""},
	{"filename-check", Release{2026, 5}, "names of artifacts that begin with / or hold ../ are refused"},
	{"dynamic-url", Release{2026, 5}, "the server of the update can say where a delta's file is"},
	{"runtime-pss", Release{2026, 5}, "RSA-PSS can be chosen when the client is started"},
	{"few-delta-ranges", Release{2026, 5}, "one request of a delta asks for 10 ranges, not 150"},
}

// Features returns all features, those of the oldest release first.
func Features() []Feature {
	all := make([]Feature, len(features))
	for i := range all {
		all[i] = Feature(i)
	}
	return all
}

// String is the name of f, in kebab-case.
func (f Feature) String() string { return features[f].name }

// Since returns the first release that has f.
func (f Feature) Since() Release { return features[f].since }

// Doc says in one line what f is.
func (f Feature) Doc() string { return features[f].doc }
