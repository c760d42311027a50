package pack

import (
	"context"
	"crypto"
	"errors"
	"fmt"

	"github.com/fwpack/fwpack/internal/diag"
)

// OpenedKey is a key that signs something else than bundles.
type OpenedKey struct {
	Signer crypto.Signer // with the public half only, where the key is elsewhere
	ring   *keyring
}

// OpenKey opens one key in the way of a build: the file of a private key, or a
// signing program. Of opt it uses Env, Passphrase, Programs and Release. The
// caller closes it.
func OpenKey(ctx context.Context, key *Key, opt Options) (*OpenedKey, error) {
	opened := &OpenedKey{ring: &keyring{}}
	if err := opened.open(ctx, key, opt); err != nil {
		problem := diag.Diagnostic{Pos: key.Pos, Msg: fmt.Sprintf("key %q: %v", key.Name, err), Hint: hintOf(err)}
		return nil, errors.Join(problem, opened.Close())
	}
	return opened, nil
}

func (o *OpenedKey) open(ctx context.Context, key *Key, opt Options) error {
	switch {
	case key.Encrypts():
		return errors.New("it encrypts, and does not sign")
	case len(key.Command) > 0:
		return errors.New("a command makes whole signatures, and those of bundles only")
	}
	signer, err := o.ring.openSigner(ctx, key, opt)
	if err != nil {
		return err
	}
	o.Signer = signer.Signer
	if opt.Release {
		return checkRelease(signer)
	}
	return nil
}

// Close ends the signing program, if there is one. Its error says that it did not
// end well: then nothing that it has signed may be used.
func (o *OpenedKey) Close() error { return o.ring.close() }
