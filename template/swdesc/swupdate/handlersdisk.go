package swupdate

// diskHandlers work on partitioned disks.
var diskHandlers = []Handler{
	{Name: "gptpart", Since: Release{2022, 12}, Sections: Payloads, Home: Images, Data: NeedsData, Streamable: true, OffsetAllowed: true,
		Needs: []Need{need("device"), need("volume")}, Properties: []Property{noInUse, noLock},
		Doc: "writes an image into the partition called volume of a GPT"},
	{Name: "diskpart", Since: Release{2020, 4}, Sections: Partitions, Home: Partitions,
		Needs: []Need{need("device")},
		Properties: []Property{
			{Name: "labeltype", Required: true, Types: TypeString, Values: []string{"gpt", "dos"}, Since: Release{2020, 4}, Doc: "kind of the partition table"},
			noInUse, noLock,
			{Name: "partition-", Numbered: true, First: 1, Required: true, Types: TypeStrings, Since: Release{2020, 4},
				Doc: "settings of one partition, \"key=value\" each; see PartitionSettings"},
		},
		Doc: "writes a partition table, and file systems on request"},
	{Name: "diskformat", Since: Release{2021, 11}, Sections: Partitions, Home: Partitions,
		Needs: []Need{need("device")},
		Properties: []Property{
			{Name: "force", Types: TypeString, Form: FormSwitch, Default: "false", Since: Release{2021, 11}, Doc: "format although there is a file system of this kind already"},
			{Name: "fslabel", Types: TypeString, Since: Release{2024, 12}, Doc: "label of the file system"},
			{Name: "fstype", Required: true, Types: TypeString, Values: FileSystems(), Since: Release{2021, 11}, Doc: "file system to make"},
		},
		Doc: "makes a file system"},
	{Name: "uniqueuuid", Since: Release{2020, 11}, Sections: Partitions, Home: Partitions,
		Needs: []Need{need("device")},
		Properties: []Property{
			{Name: "fs-uuid", Required: true, Types: TypeStrings, Since: Release{2020, 11}, Doc: "UUIDs that no file system of the device may have yet"}},
		Doc: "refuses the update where a file system has one of the UUIDs; device may be any text, but must be there"},
	{Name: "btrfs", Since: Release{2023, 5}, Sections: Partitions, Home: Partitions,
		Needs: []Need{need("device")},
		Properties: []Property{
			{Name: "command", Required: true, Types: TypeString, Values: []string{"create", "delete"}, Since: Release{2023, 5}, Doc: "what to do with the subvolume"},
			createDestination,
			{Name: "mount", Types: TypeString, Form: FormSwitch, Default: "false", Since: Release{2023, 5}, Doc: "mount device first; path is relative to it then"},
			{Name: "path", Required: true, Types: TypeString, Since: Release{2023, 5}, Doc: "the subvolume"},
		},
		Doc: "makes or deletes a subvolume of btrfs"},
	{Name: "btrfs-receive", Since: Release{2024, 12}, Sections: Payloads, Home: Images, Data: NeedsData, Streamable: true,
		Needs: []Need{{AnyOf: []string{"device"}, Property: "mount"}},
		Properties: []Property{
			{Name: "btrfs-cmd", Types: TypeString, Default: "btrfs", Since: Release{2024, 12}, Doc: "the program btrfs"},
			{Name: "mount", Types: TypeString, Form: FormSwitch, Default: "false", Since: Release{2024, 12}, Doc: "mount device first (tomount in the manual)"},
			{Name: "path", Required: true, Types: TypeString, Since: Release{2024, 12}, Doc: "folder that the subvolume is received in"},
		},
		Doc: "hands the artifact to btrfs receive"},
}

// diskScripts switch between copies on a disk.
var diskScripts = []Handler{
	{Name: "gptswap", Since: Release{2022, 12}, Sections: Scripts, Home: Scripts, Calls: CallPostinst,
		Needs: []Need{need("device")}, Properties: []Property{noInUse, noLock, swapPairs},
		Doc: "swaps the names of partitions of a GPT"},
	{Name: "toggleboot", Since: Release{2022, 5}, Sections: Scripts, Home: Scripts, Calls: CallPostinst,
		Needs: []Need{need("device")},
		Properties: []Property{
			{Name: "partition", Required: true, Types: TypeString, Values: []string{"1", "2", "3", "4"}, Since: Release{2022, 5}, Doc: "partition to be made the active one"}},
		Doc: "makes a primary partition of a DOS table the active one"},
	{Name: "emmc_boot", Since: Release{2024, 12}, Sections: Scripts, Home: Scripts, Calls: CallPostinst,
		Needs: []Need{need("device")},
		Doc:   "boots from the boot partition of an eMMC that device names, /dev/mmcblkNboot0 or boot1"},
	{Name: "emmc_boot_toggle", Since: Release{2024, 5}, Sections: Scripts, Home: Scripts, Calls: CallPostinst,
		Needs: []Need{need("device")},
		Doc:   "boots from the other boot partition of the eMMC /dev/mmcblkN"},
}

// FileSystems returns what diskpart and diskformat can make, where the client
// has the support for it compiled in.
func FileSystems() []string { return []string{"vfat", "ext2", "ext3", "ext4", "btrfs"} }

// PartitionSetting is a key in one of diskpart's properties partition-N.
type PartitionSetting struct {
	Key   string
	Label string // labeltype that it is for, "gpt" or "dos"; "" for both
	Since Release
	Doc   string // one line
}

// PartitionSettings returns the keys that diskpart reads, sorted. Each string
// is "key=value" without blanks around the sign; other keys are passed over.
func PartitionSettings() []PartitionSetting {
	return []PartitionSetting{
		{Key: "dostype", Label: "gpt", Since: Release{2021, 11}, Doc: "type, in hex, of the partition in a hybrid MBR as well; at most three"},
		{Key: "flag", Label: "dos", Since: Release{2020, 4}, Doc: "\"boot\": the active partition; at most one"},
		{Key: "force", Since: Release{2020, 4}, Doc: "\"true\": make the file system although there is one already"},
		{Key: "fslabel", Since: Release{2024, 12}, Doc: "label of the file system"},
		{Key: "fstype", Since: Release{2020, 4}, Doc: "file system to make, see FileSystems"},
		{Key: "name", Since: Release{2020, 4}, Doc: "name of the partition"},
		{Key: "partuuid", Label: "gpt", Since: Release{2021, 11}, Doc: "UUID of the partition, 36 bytes"},
		{Key: "size", Since: Release{2020, 4}, Doc: "bytes, K, M and G allowed; without it what is left"},
		{Key: "start", Since: Release{2020, 4}, Doc: "first sector, or bytes with K, M and G"},
		{Key: "type", Since: Release{2020, 4}, Doc: "type: a UUID in a GPT, hex digits in a DOS table"},
	}
}
