package swupdate

// need is a need of one of some attributes in every entry.
func need(anyOf ...string) Need { return Need{AnyOf: anyOf} }

var (
	createDestination = Property{Name: "create-destination", Types: TypeString, Form: FormSwitch, Default: "false", Since: Oldest(),
		Doc: "make the folders of path where they are missing"}
	noLock = Property{Name: "nolock", Types: TypeString, Form: FormSwitch, Default: "false", Since: Release{2021, 11},
		Doc: "do not lock the disk while its table is written"}
	noInUse = Property{Name: "noinuse", Types: TypeString, Form: FormSwitch, Default: "false", Since: Release{2021, 11},
		Doc: "write the table although partitions of the disk are in use"}
	alwaysRemove = Property{Name: "always-remove", Types: TypeString, Form: FormSwitch, Default: "false", Since: Release{2020, 11},
		Doc: "remove and make the volume anew even where it has the right size"}
	swapPairs = Property{Name: "swap-", Numbered: true, Required: true, Types: TypeStrings, Count: 2, Since: Oldest(),
		Doc: "two names to be swapped; at most 16 pairs, counted from 0 without a gap"}
)

// plainHandlers write images and files to block devices and file systems.
var plainHandlers = []Handler{
	{Name: "raw", Since: Oldest(), Sections: Payloads, Home: Images, Data: NeedsData, Streamable: true, OffsetAllowed: true,
		Needs: []Need{need("device")},
		Doc:   "writes an image into a block device, or a file that exists"},
	{Name: "rawfile", Since: Oldest(), Sections: Payloads, Home: Files, Data: NeedsData, Streamable: true,
		Needs: []Need{need("path")},
		Properties: []Property{createDestination,
			{Name: "atomic-install", Types: TypeString, Form: FormSwitch, Default: "false", Since: Release{2022, 5},
				Doc: "write beside path and rename"}},
		Doc: "writes a file; with device and filesystem into that file system"},
	{Name: "archive", Aliases: []string{"tar"}, Since: Oldest(), Sections: Payloads, Home: Payloads, Data: NeedsData, Streamable: true,
		Needs: []Need{need("path")}, Properties: []Property{createDestination},
		Doc: "unpacks an archive that libarchive reads into a folder, which must exist without create-destination"},
	{Name: "bootloader", Aliases: []string{"uboot"}, Since: Oldest(), Sections: Payloads, Home: Images, Data: NeedsData, Streamable: true,
		Properties: []Property{
			{Name: "nooverride", Types: TypeString, Form: FormSwitch, Default: "false", Since: Release{2022, 12},
				Doc: "let variables of bootenv win over those of the file"}},
		Doc: "sets the bootloader's variables from lines name=value"},
	{Name: "dummy", Since: Oldest(), Sections: Entries, Home: Entries, Data: NeedsData, Streamable: true, Calls: CallPreinst | CallPostinst | CallPostfailure,
		Doc: "throws the artifact away"},
}

// flashHandlers work on MTD and UBI.
var flashHandlers = []Handler{
	{Name: "flash", Since: Oldest(), Sections: Payloads, Home: Payloads, Data: NeedsData, Streamable: true, OffsetAllowed: true,
		Needs: []Need{need("device", "mtdname")},
		Properties: []Property{
			{Name: "noecc", Types: TypeString, Form: FormSwitch, Default: "false", Since: Release{2026, 5}, Doc: "write to NAND without correction codes"},
			{Name: "oob", Types: TypeString, Form: FormSwitch, Default: "false", Since: Oldest(), Doc: "the artifact holds the out of band data of NAND"},
		},
		Doc: "erases and writes an MTD partition"},
	{Name: "flash-hamming1", Since: Oldest(), Sections: Payloads, Home: Payloads, Data: NeedsData,
		Needs: []Need{need("device", "mtdname")}, Ignores: []string{"compressed", "encrypted", "sha256", "installed-directly"},
		Doc: "writes NAND with the 1-bit Hamming code of OMAP's boot ROM"},
	{Name: "ubivol", Since: Oldest(), Sections: Payloads, Home: Images, Data: NeedsData, Streamable: true, NeedsSize: true,
		Needs: []Need{need("volume"), {AnyOf: []string{"device"}, Property: "auto-resize"}},
		Properties: []Property{alwaysRemove,
			{Name: "auto-resize", Types: TypeString, Form: FormSwitch, Default: "false", Since: Oldest(), Doc: "make the volume as large as the image"},
			{Name: "replaces", Types: TypeString, Since: Oldest(), Doc: "volume to take the place of, by an atomic rename"},
		},
		Doc: "writes a UBI volume"},
	{Name: "ubipartition", Since: Oldest(), Sections: Partitions, Home: Partitions,
		Needs: []Need{need("name"), need("device"), need("size")}, Properties: []Property{alwaysRemove},
		Doc: "makes, resizes or deletes the UBI volume called name"},
	{Name: "ubiswap", Since: Oldest(), Sections: Scripts, Home: Scripts, Calls: CallPostinst, Properties: []Property{swapPairs},
		Doc: "swaps the names of UBI volumes in one step"},
	{Name: "ssblswitch", Since: Oldest(), Sections: Scripts, Home: Scripts, Calls: CallPostinst,
		Properties: []Property{
			{Name: "device", Required: true, Types: TypeStrings, Count: 2, Since: Oldest(), Doc: "MTD partitions of the two administrations"},
			{Name: "imageoffs", Required: true, Types: TypeStrings, Count: 2, Form: FormSize, Since: Oldest(), Doc: "where the two bootloaders begin (imageoffset in the manual's table)"},
			{Name: "imagesize", Required: true, Types: TypeStrings, Count: 2, Form: FormSize, Since: Oldest(), Doc: "bytes of the two bootloaders"},
			{Name: "offset", Required: true, Types: TypeStrings, Count: 2, Form: FormSize, Since: Oldest(), Doc: "where the two administrations begin"},
		},
		Doc: "switches between two second stage bootloaders in flash"},
}

// deltaHandlers make the new state from the old one.
var deltaHandlers = []Handler{
	{Name: "delta", Since: Release{2021, 11}, Sections: Payloads, Home: Payloads, Data: NeedsData, Chain: "chain", Refuses: []string{"installed-directly"},
		Properties: []Property{
			{Name: "chain", Required: true, Types: TypeString, Since: Release{2021, 11}, Doc: "handler that installs what the delta makes; not delta itself"},
			{Name: "debug-chunks", Types: TypeString, Since: Release{2021, 11}, Doc: "log every chunk; read where zckloglevel is set only"},
			{Name: "max-ranges", Types: TypeString, Form: FormNumber, Default: "10, and 150 before 2026.05", Since: Release{2021, 11}, Doc: "ranges in one request to the server"},
			{Name: "source", Required: true, Types: TypeString, Since: Release{2021, 11}, Doc: "file or device with the old state"},
			{Name: "source-size", Types: TypeString, Since: Release{2021, 11}, Doc: "bytes of source to look at, or \"detect\" for those of its file system"},
			{Name: "url", Required: true, Types: TypeString, Since: Release{2021, 11}, Doc: "where the whole zchunk file is; \"dynamic\", since 2026.05: the server of the update says it"},
			{Name: "zckfile", Types: TypeString, Since: Release{2026, 5}, Doc: "name of the zchunk file where url is \"dynamic\""},
			{Name: "zckloglevel", Types: TypeString, Values: []string{"none", "error", "warn", "info", "debug"}, Default: "debug", Since: Release{2021, 11}, Doc: "how much of zchunk to log"},
		},
		Doc: "downloads what is missing from a zchunk file, whose header is the artifact"},
	{Name: "rdiff_image", Since: Oldest(), Sections: Payloads, Home: Images, Data: NeedsData, Streamable: true, Refuses: []string{"offset"},
		Needs: []Need{need("device")},
		Properties: []Property{
			{Name: "rdiffbase", Required: true, Types: TypeString | TypeStrings, Since: Oldest(), Doc: "file or device with the old state"}},
		Doc: "writes a device from an old state and a delta of librsync"},
	{Name: "rdiff_file", Since: Oldest(), Sections: Payloads, Home: Files, Data: NeedsData, Streamable: true,
		Needs: []Need{need("path")}, Properties: []Property{createDestination},
		Doc: "changes a file by a delta of librsync"},
}
