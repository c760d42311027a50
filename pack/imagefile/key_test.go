package imagefile

import (
	"crypto"
	"encoding/base64"
	"encoding/hex"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/mcuboot"
)

// The forms of a key to decrypt with.
func TestReadDecryptionKey(t *testing.T) {
	short, long := mcuboot.KEK(firmwareOf(16)), mcuboot.KEK(firmwareOf(32))
	for name, test := range map[string]struct {
		data []byte
		want crypto.PrivateKey
	}{
		"base64":         {[]byte(base64.StdEncoding.EncodeToString(short) + "\n"), short},
		"base64, long":   {[]byte(base64.StdEncoding.EncodeToString(long)), long},
		"digits":         {[]byte(hex.EncodeToString(short)), short},
		"digits, long":   {[]byte(hex.EncodeToString(long) + "\n"), long},
		"digits and IV":  {[]byte(hex.EncodeToString(short) + " " + strings.Repeat("00", 16)), short},
		"bytes":          {short, short},
		"bytes, long":    {long, long},
		"another size":   {firmwareOf(24), nil},
		"nothing":        {nil, nil},
		"something else": {[]byte("-----BEGIN"), nil},
	} {
		path := filepath.Join(t.TempDir(), "key")
		if err := os.WriteFile(path, test.data, 0o600); err != nil {
			t.Fatal(err)
		}
		key, err := ReadDecryptionKey(path, nil)
		if (err == nil) != (test.want != nil) || err == nil && !reflect.DeepEqual(key, test.want) {
			t.Errorf("%s: %v, %v", name, key, err)
		}
		if err != nil && !strings.HasPrefix(err.Error(), path+": ") {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, name := range []string{"rsa2048", "ec-p256", "ec-p256.sec1"} {
		if key, err := ReadDecryptionKey(keyFile(name), nil); err != nil || key == nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err := ReadDecryptionKey(keyFile("none"), nil)
	wantError(t, err, "none.pem")
}
