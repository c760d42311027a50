package profile

import (
	"fmt"
	"strconv"
	"testing"
)

func FuzzParseSize(f *testing.F) {
	for _, seed := range []string{"0", "384K", "1 KiB", "2MiB", "0x60000", "0x10K", "0X7fffffff", "2147483648", "2048M", "-1", "0x0x1", " 1", "1_0", "K"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if size, err := ParseSize(text); err == nil {
			for _, spelled := range []string{strconv.Itoa(size), fmt.Sprintf("%#x", size)} {
				if again, err := ParseSize(spelled); err != nil || again != size || size < 0 {
					t.Errorf("%q is %d, %q is %d, %v", text, size, spelled, again, err)
				}
			}
		}
		if address, err := ParseAddress(text); err == nil {
			if again, err := ParseAddress(fmt.Sprintf("%#x", address)); err != nil || again != address {
				t.Errorf("%q is %#x, that is %#x, %v", text, address, again, err)
			}
		}
	})
}
