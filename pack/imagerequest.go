package pack

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/fwpack/fwpack/mcuboot"
	"github.com/fwpack/fwpack/pack/imagefile"
	"github.com/fwpack/fwpack/sign"
	"github.com/fwpack/fwpack/sign/request"
)

// newImageRequest asks a key that is elsewhere to sign an image. About names the
// file that waits for the signature; in is what its header says.
func newImageRequest(key sign.Key, r *mcuboot.Request, in mcuboot.Header, about request.About, name string) (*request.Request, error) {
	about.Summary = []string{"version " + in.Version.String(), fmt.Sprintf("flags %s", in.Flags), fmt.Sprintf("firmware of %d bytes", in.ImageSize)}
	what := request.Image{Hash: r.Hash, Digest: r.Digest}
	if r.Pure() {
		what.Whole = r.Payload
	}
	return request.NewImage(key, what, about, name)
}

// ImageRequest writes down what a finished image is to be signed with. The file is
// the image, of the given content; name is that of the request.
func ImageRequest(key *Key, opened *OpenedKey, job *imagefile.Resigning, file string, content Content, name string) (*request.Request, error) {
	about := request.About{File: filepath.Base(file), Size: content.Size, SHA256: content.SHA256}
	return newImageRequest(sign.Key{Name: key.Name, Signer: opened.Signer}, job.ToBeSigned(), job.Header(), about, name)
}

// AttachImage puts a signature that was made elsewhere on an image: as it came, or
// in one of the forms that signatures are sent in.
func AttachImage(ctx context.Context, job *imagefile.Resigning, signature Attachment, out string) (*imagefile.SignReport, error) {
	forms, err := sign.Forms(signature.Data)
	for _, form := range forms {
		report, sealErr := job.Seal(ctx, form, out)
		if sealErr == nil {
			return report, nil
		}
		err = sealErr
	}
	return nil, fmt.Errorf("%s: %w", signature.Name, err)
}
