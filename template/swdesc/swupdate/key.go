package swupdate

import "slices"

// Key is a setting of software itself, or of one of the groups below it that a
// board or a selection names: each key is looked for in all of them. A group
// of any other name is a board, a selection or the target of a link.
type Key struct {
	Name  string
	Types Type        // what the newest release takes; see TypesIn
	Later []TypeSince // those of Types that older clients pass over
	Since Release
	// Section is what the key lists; 0 where it is no section.
	Section Section
	// Required: the client refuses a description without it.
	// hardware-compatibility is required by clients that check the hardware only.
	Required bool
	Max      int    // bytes of the text, or of each one in an array, that fit; 0: no limit
	Default  string // what the client does without it
	Instead  string // the key to use in its place, where this one is deprecated
	Doc      string // one line
}

// TypesIn returns what a client of release r takes as the value.
func (k Key) TypesIn(r Release) Type { return typesIn(k.Types, k.Later, r) }

// Keys returns the keys, sorted by name. None of their names may be that of a
// board or a selection.
func Keys() []Key { return slices.Clone(keys) }

// LookupKey finds a key by its name.
func LookupKey(name string) (Key, bool) {
	for _, k := range keys {
		if k.Name == name {
			return k, true
		}
	}
	return Key{}, false
}

// keys is the table, sorted by name.
var keys = []Key{
	{Name: "bootenv", Types: TypeGroups, Since: Oldest(), Section: Bootenv,
		Doc: "variables of the bootloader, set after everything else"},
	{Name: "bootloader_state_marker", Types: TypeBool, Since: Release{2021, 4}, Default: "true",
		Doc: "tell the bootloader in ustate whether the update succeeded"},
	{Name: "bootloader_transaction_marker", Types: TypeBool, Since: Oldest(), Default: "true",
		Doc: "tell the bootloader in recovery_status that an update is going on"},
	{Name: "description", Types: TypeString, Since: Oldest(), Max: MaxString,
		Doc: "text for people, passed on to the server"},
	{Name: "embedded-script", Types: TypeString, Since: Oldest(),
		Doc: "Lua source, loaded before anything else is read"},
	{Name: "files", Types: TypeGroups, Since: Oldest(), Section: Files,
		Doc: "files to install, after the images"},
	{Name: "hardware-compatibility", Types: TypeStrings, Since: Oldest(), Max: MaxString,
		Doc: "revisions of the board that the update is for; \"#RE:\" begins a regular expression"},
	{Name: "images", Types: TypeGroups, Since: Oldest(), Section: Images,
		Doc: "images to install"},
	{Name: "namespace-for-vars", Types: TypeString, Since: Release{2023, 12}, Max: MaxString, Default: "the client's own",
		Doc: "namespace of libubootenv that vars are set in"},
	{Name: "output", Types: TypeString, Since: Oldest(), Max: MaxString,
		Doc: "file that the update is kept in, where the client runs with -o"},
	{Name: "partitions", Types: TypeGroups, Since: Oldest(), Section: Partitions,
		Doc: "partitions to make, before anything is written to them"},
	{Name: "reboot", Types: TypeBool | TypeString, Later: []TypeSince{{TypeString, Release{2025, 12}}}, Since: Release{2023, 12}, Default: "true",
		Doc: "whether the device should reboot after the update; as text \"enabled\" or \"disabled\""},
	{Name: "scripts", Types: TypeGroups, Since: Oldest(), Section: Scripts,
		Doc: "scripts to run before and after the installation"},
	{Name: "uboot", Types: TypeGroups, Since: Oldest(), Section: Bootenv, Instead: "bootenv",
		Doc: "old name of bootenv, read where no bootenv is found"},
	{Name: "update-type", Types: TypeString, Since: Release{2025, 12}, Max: MaxString, Default: "default",
		Doc: "one of the kinds of updates that the client's configuration names"},
	{Name: "vars", Types: TypeGroups, Since: Release{2023, 12}, Section: Vars,
		Doc: "variables that are not the bootloader's, set before bootenv"},
	{Name: "version", Types: TypeString, Since: Oldest(), Required: true, Max: MaxString,
		Doc: "version of the whole update"},
}
