// Package swupdate is what the clients of SWUpdate know, as data: which keys,
// attributes and handlers a sw-description may use, what each of them wants,
// and since which release. Nothing here reads a description; the packages that
// check one or predict what a device does with it ask these tables.
//
// Begin with a Profile, which says what is known of a device: LookupProfile
// finds one by name, and the zero Profile is a client of the newest release of
// which nothing else is known. Profile.Handler, Profile.Compression and
// Profile.Has then answer for that device. Keys, Attributes and Handlers are
// the tables themselves.
//
// What the tables say was read in the manual of SWUpdate and its release notes
// from 2019.11 to 2026.05, and measured with clients: Debian 12's 2022.12, and
// builds of 2026.05. Where manual and clients differ, the clients are followed
// and the documentation of the entry says so.
//
// Tables are shared: what a function of this package returns must not be
// changed below its outermost slice.
package swupdate

// What fits into a client. SWUpdate copies most strings into buffers of 256
// bytes without an error: what is longer runs into the next field.
const (
	// MaxString is the most bytes that every string of a description may have.
	MaxString = 255
	// MaxFilename is the most bytes in the name of an artifact: the client puts
	// its folder for temporary files, /tmp/ at the shortest, before it.
	MaxFilename = 250
	// MaxScriptName is the same for scripts, which lie in /tmp/scripts/.
	MaxScriptName = 242
	// MaxCommand is the most bytes in the command line of a script: its path,
	// the phase, its data, and the blanks between them.
	MaxCommand = 255
	// MaxPath is the most bytes in path for handlers that write files.
	MaxPath = 254
	// MaxAtomicPath is MaxPath with the property atomic-install, which puts
	// ".tmp" behind the path.
	MaxAtomicPath = 250
	// MaxArtifact is the most bytes in an artifact: its size has eight hex
	// digits in the archive.
	MaxArtifact = 1<<32 - 1
	// MaxSwaps is how many pairs ubiswap and gptswap take.
	MaxSwaps = 16
	// MaxHybridPartitions is how many partitions of a GPT diskpart also writes
	// into a hybrid MBR (dostype).
	MaxHybridPartitions = 3
	// MaxJSONInt is the largest integer that a description in JSON can hold:
	// every release clamps to it.
	MaxJSONInt = 1<<31 - 1
)
