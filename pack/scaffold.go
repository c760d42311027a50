package pack

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/fwpack/fwpack/sign"
)

// developmentName is the subject of generated certificates: whoever inspects a
// bundle sees at once that it is none to ship.
const developmentName = "THROW-AWAY development key (do not ship)"

const keysReadme = `# Throw-away keys

Made by fwpack init to get you started. Nobody guards them: replace them before
anything that they sign or encrypt leaves your desk.

release.pem   private key, ECDSA P-256
release.crt   its certificate: give this one to the device (swupdate -k)
device.aes    AES-256 key and IV, in the form of swupdate -K
`

// Scaffold writes the project in the root of from, and fresh throw-away keys
// for it, into the folder dir. It overwrites nothing: if one of its files
// exists, it writes none. It returns the paths it wrote.
func Scaffold(dir string, from fs.FS, rand io.Reader) ([]string, error) {
	files, err := scaffoldFiles(from, rand)
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		path := filepath.Join(dir, f.name)
		if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("%s exists already: nothing is overwritten", path)
		}
	}
	var written []string
	for _, f := range files {
		path := filepath.Join(dir, f.name)
		if err := f.write(path); err != nil {
			return written, err
		}
		written = append(written, path)
	}
	return written, nil
}

// newFile is a file that Scaffold will write.
type newFile struct {
	name string // slash-separated, below the folder
	data []byte
	mode fs.FileMode
}

func scaffoldFiles(from fs.FS, rand io.Reader) ([]newFile, error) {
	key, certificate, err := sign.NewDevelopmentKey(developmentName, rand)
	if err != nil {
		return nil, err
	}
	secret := make([]byte, 32+16) // an AES-256 key and an IV
	if _, err := io.ReadFull(rand, secret); err != nil {
		return nil, err
	}
	files := []newFile{
		{"keys/README.md", []byte(keysReadme), 0o644},
		{"keys/release.pem", key, 0o600},
		{"keys/release.crt", certificate, 0o644},
		{"keys/device.aes", []byte(hex.EncodeToString(secret[:32]) + " " + hex.EncodeToString(secret[32:]) + "\n"), 0o600},
	}
	err = fs.WalkDir(from, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := fs.ReadFile(from, name)
		files = append(files, newFile{name, data, projectMode(name)})
		return err
	})
	return files, err
}

// projectMode gives scripts the bit that lets a person try them.
func projectMode(name string) fs.FileMode {
	if filepath.Ext(name) == ".sh" {
		return 0o755
	}
	return 0o644
}

func (f newFile) write(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, f.mode)
	if err != nil {
		return err
	}
	_, err = file.Write(f.data)
	return errors.Join(err, file.Close())
}
