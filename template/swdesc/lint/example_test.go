package lint_test

import (
	"fmt"

	"github.com/fwpack/fwpack/template/swdesc"
	"github.com/fwpack/fwpack/template/swdesc/lint"
	"github.com/fwpack/fwpack/template/swdesc/swupdate"
)

func ExampleCheck() {
	doc, err := swdesc.Parse([]byte(`software = {
	version = "1.0";
	hardware-compatibility = [ "1.0" ];
	images = (
		{ filename = "rootfs.ext4"; type = "raw"; device = "/dev/mmcblk0p2"; compressed = "gzip"; }
	);
};
`))
	if err != nil {
		panic(err)
	}
	for _, f := range lint.Check(lint.Subject{Doc: doc, Draft: true}, swupdate.Debian12()) {
		fmt.Printf("%s: %s at %s: %s\nhint: %s\n", f.Severity, f.Rule, f.Path, f.Msg, f.Hint)
	}
	// Output:
	// error: SWD401 at software.images[0].compressed: compressed is "gzip"
	// hint: gzip is called zlib here
}

func ExampleLookup() {
	rule, _ := lint.Lookup("unknown-compression")
	fmt.Println(rule.ID, rule.Severity)
	fmt.Println(rule.Why)
	// Output:
	// SWD401 error
	// The client refuses the whole description for a compression that it does not know, "gzip" and "" included.
}
