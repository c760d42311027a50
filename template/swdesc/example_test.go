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

func ExampleConvert() {
	doc, err := swdesc.ParseAny([]byte(`# two slots
software = {
    version = "1.0";
    images: ( { filename = "rootfs.ext4"; size = 0x100; } );
};
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	text, losses, err := swdesc.Convert(doc, swdesc.JSON)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, l := range losses {
		line, col := doc.Position(l.Offset)
		fmt.Printf("%d:%d: %s %s\n", line, col, l.Path, l.Msg)
	}
	fmt.Printf("%s", text)
	// Output:
	// 1:1:  a comment is dropped
	// 4:50: software.images[0].size 0x100 is written as 256
	// {
	//   "software": {
	//     "version": "1.0",
	//     "images": [
	//       {
	//         "filename": "rootfs.ext4",
	//         "size": 256
	//       }
	//     ]
	//   }
	// }
}

func ExampleGroup_Remove() {
	doc, err := swdesc.ParseAny([]byte("{\n  \"filename\": \"f\",\n  \"sha256\": \"\"\n}\n"))
	if err != nil {
		fmt.Println(err)
		return
	}
	doc.Root.Remove("sha256")
	fmt.Printf("%s", doc.Bytes())
	// Output:
	// {
	//   "filename": "f"
	// }
}
