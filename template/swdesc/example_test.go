package swdesc_test

import (
	"errors"
	"fmt"

	"github.com/fwpack/fwpack/template/swdesc"
)

func Example() {
	src := `software = {
    version = "1.0";
    images: (
        {
            filename = "rootfs.ext4"; # the root file system
            device : "/dev/mmcblk0p2";
        }
    );
}
`
	doc, err := swdesc.Parse([]byte(src))
	if err != nil {
		fmt.Println(err)
		return
	}
	for group := range doc.Groups() {
		name, ok, err := group.GetString("filename")
		if err != nil || !ok {
			continue
		}
		fmt.Println(group.Path(), "needs", name)
		if err := group.SetString("sha256", "9f86d081884c7d65"); err != nil {
			fmt.Println(err)
		}
	}
	fmt.Printf("%s", doc.Bytes())
	// Output:
	// software.images[0] needs rootfs.ext4
	// software = {
	//     version = "1.0";
	//     images: (
	//         {
	//             filename = "rootfs.ext4"; # the root file system
	//             sha256 = "9f86d081884c7d65";
	//             device : "/dev/mmcblk0p2";
	//         }
	//     );
	// }
}

func ExampleSyntaxErrors() {
	_, err := swdesc.Parse([]byte("a = raw;\nb = [1, 2,];\n"))
	var list swdesc.SyntaxErrors
	if errors.As(err, &list) {
		for _, e := range list {
			fmt.Printf("at byte %d: %s; %s\n", e.Offset, e.Msg, e.Hint)
		}
	}
	// Output:
	// at byte 4: expected a value, found "raw"; strings stand in double quotes
	// at byte 18: comma behind the last value of the array; libconfig before 1.7 refuses it
}

func ExampleGroup_EnsureGroup() {
	doc, err := swdesc.Parse([]byte("filename = \"a\";\n"))
	if err != nil {
		fmt.Println(err)
		return
	}
	properties, err := doc.Root.EnsureGroup("properties")
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := properties.SetString("decompressed-size", "4096"); err != nil {
		fmt.Println(err)
	}
	fmt.Printf("%s", doc.Bytes())
	// Output:
	// filename = "a";
	// properties = {
	// 	decompressed-size = "4096";
	// };
}
