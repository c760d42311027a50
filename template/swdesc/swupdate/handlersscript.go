package swupdate

// scriptHandlers run code of the update.
var scriptHandlers = []Handler{
	{Name: "shellscript", Since: Oldest(), Sections: Scripts, Home: Scripts, Data: NeedsData, Calls: CallPreinst | CallPostinst | CallPostfailure,
		Doc: "runs a script, once with preinst and once with postinst before its data"},
	{Name: "preinstall", Since: Oldest(), Sections: Scripts, Home: Scripts, Data: NeedsData, Calls: CallPreinst,
		Doc: "runs a script before the installation"},
	{Name: "postinstall", Since: Oldest(), Sections: Scripts, Home: Scripts, Data: NeedsData, Calls: CallPostinst,
		Doc: "runs a script after the installation"},
	{Name: "lua", Since: Oldest(), Sections: Scripts, Home: Scripts, Data: NeedsData, Calls: CallPreinst | CallPostinst | CallPostfailure,
		Properties: []Property{
			{Name: "global-state", Types: TypeString, Form: FormSwitch, Default: "false", Since: Release{2024, 5}, Doc: "run in the state that embedded-script was loaded into"},
			{Name: "postfailure", Types: TypeString, Default: "postfailure", Since: Release{2024, 5}, Doc: "function to call after a failure"},
			{Name: "postinstall", Types: TypeString, Default: "postinst", Since: Release{2024, 5}, Doc: "function to call after the installation"},
			{Name: "preinstall", Types: TypeString, Default: "preinst", Since: Release{2024, 5}, Doc: "function to call before the installation"},
		},
		Doc: "runs the functions of a Lua script"},
}

// otherHandlers are the rest.
var otherHandlers = []Handler{
	{Name: "copy", Aliases: []string{"rawcopy"}, AliasSince: Oldest(), Since: Release{2022, 12}, Sections: Scripts, Home: Scripts,
		Calls: CallPreinst | CallPostinst, OffsetAllowed: true, Chain: "chain",
		Needs: []Need{need("device", "path", "mtdname"), {AnyOf: []string{"path"}, Property: "create-destination"}},
		Properties: []Property{
			{Name: "chain", Types: TypeString, Default: "raw", Since: Release{2022, 12}, Doc: "handler that writes the copy"},
			{Name: "copyfrom", Required: true, Types: TypeString, Since: Oldest(), Doc: "file, folder or device to copy; since 2025.12 also \"mtd:NAME\""},
			createDestination,
			{Name: "offset", Types: TypeString, Form: FormSize, Default: "0", Since: Oldest(), Doc: "where in the destination to begin"},
			{Name: "recursive", Types: TypeString, Form: FormSwitch, Default: "false", Since: Release{2023, 5}, Doc: "copy a folder and all below it"},
			{Name: "size", Types: TypeString, Form: FormSize, Since: Oldest(), Doc: "bytes to copy"},
			{Name: "type", Types: TypeString, Values: []string{"preinstall", "postinstall"}, Since: Oldest(), Doc: "when to copy; without it the copy is made twice"},
		},
		Doc: "copies from one place of the device to another"},
	{Name: "readback", Since: Release{2020, 4}, Sections: Scripts, Home: Scripts, Calls: CallPostinst,
		Needs: []Need{need("device")},
		Properties: []Property{
			{Name: "offset", Types: TypeString, Form: FormNumber, Default: "0", Since: Release{2020, 4}, Doc: "first byte to read"},
			{Name: "sha256", Required: true, Types: TypeString, Form: FormHex, Since: Release{2020, 4}, Doc: "digest that must come out"},
			{Name: "size", Types: TypeString, Form: FormNumber, Default: "the device's", Since: Release{2020, 4}, Doc: "bytes to read, below 4 GiB"},
		},
		Doc: "reads what was written and compares its digest"},
	{Name: "executor", Since: Release{2024, 12}, Sections: Payloads, Home: Images, Data: NeedsData, Streamable: true,
		Properties: []Property{
			{Name: "cmd", Required: true, Types: TypeString, Since: Release{2024, 12}, Doc: "path of a program on the device"},
			{Name: "parms", Types: TypeString, Since: Release{2024, 12}, Doc: "its arguments (not in the manual)"},
		},
		Doc: "hands the artifact to a program of the device on its standard input"},
	{Name: "ucfw", Since: Oldest(), Sections: Payloads, Home: Images, Data: NeedsData, Streamable: true,
		Needs: []Need{need("device")},
		Properties: []Property{
			{Name: "debug", Types: TypeString, Form: FormSwitch, Default: "false", Since: Oldest(), Doc: "log the protocol"},
			{Name: "prog", Required: true, Types: TypeString, Since: Oldest(), Doc: "\"gpiochip:line:activelow\" of the line that selects programming"},
			{Name: "reset", Required: true, Types: TypeString, Since: Oldest(), Doc: "\"gpiochip:line:activelow\" of the line that resets"},
			{Name: "timeout", Types: TypeString, Form: FormNumber, Since: Oldest(), Doc: "how long to wait for an answer"},
		},
		Doc: "programs a microcontroller on the UART that device names"},
	{Name: "remote", Since: Oldest(), Sections: Payloads, Home: Images, Data: NeedsData, Streamable: true,
		Needs: []Need{need("data")},
		Doc:   "hands the artifact to a process that listens on the socket data names"},
	{Name: "swuforward", Since: Oldest(), Sections: Payloads, Home: Images, Data: NeedsData, Streamable: true, Refuses: []string{"encrypted"},
		Properties: []Property{
			{Name: "parser-function", Types: TypeString, Since: Release{2024, 5}, Doc: "Lua function that reads the answers of the other devices"},
			{Name: "url", Required: true, Types: TypeString | TypeStrings, Since: Oldest(), Doc: "other devices that run SWUpdate"},
		},
		Doc: "sends an update, which the artifact is, to other devices"},
}

// dockerName is the property that dockerScript gives its handlers.
var dockerName = Property{Name: "name", Required: true, Types: TypeString, Since: Release{2023, 12}, Doc: "what to work on"}

// dockerScript is a command to the Docker daemon that goes by a name.
func dockerScript(name string, since Release, doc string) Handler {
	return Handler{Name: name, Since: since, Sections: Scripts, Home: Scripts, Calls: CallPostinst, Properties: []Property{dockerName}, Doc: doc}
}

// dockerCreate is a command to the Docker daemon whose settings, in JSON, are
// the artifact.
func dockerCreate(name string, since Release, doc string) Handler {
	h := dockerScript(name, since, doc)
	h.Data, h.Properties = NeedsData, []Property{{Name: "name", Types: TypeString, Since: since, Doc: "how to call it"}}
	return h
}

// dockerHandlers talk to the Docker daemon of the device.
var dockerHandlers = []Handler{
	{Name: "docker_imageload", Since: Release{2023, 12}, Sections: Payloads, Home: Images, Data: NeedsData, Streamable: true, NeedsSize: true,
		Doc: "loads an image into Docker"},
	dockerScript("docker_imagedelete", Release{2023, 12}, "deletes an image"),
	dockerScript("docker_imageprune", Release{2023, 12}, "deletes unused images; name must be there, against the manual"),
	dockerCreate("docker_containercreate", Release{2023, 12}, "makes a container"),
	dockerScript("docker_containerdelete", Release{2023, 12}, "deletes a container"),
	dockerScript("docker_containerstart", Release{2023, 12}, "starts a container"),
	dockerStop(),
	dockerCreate("docker_networkcreate", Release{2024, 5}, "makes a network"),
	dockerScript("docker_networkdelete", Release{2024, 5}, "deletes a network"),
	dockerCreate("docker_volumecreate", Release{2024, 5}, "makes a volume"),
	dockerScript("docker_volumedelete", Release{2024, 5}, "deletes a volume"),
}

// dockerStop is in the manual only.
func dockerStop() Handler {
	h := dockerScript("docker_containerstop", Release{2023, 12}, "would stop a container")
	h.Unusable = "no release registers it, although the manual describes it"
	return h
}
