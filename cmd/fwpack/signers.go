package main

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/fwpack/fwpack/internal/diag"
	"github.com/fwpack/fwpack/pack"
	"github.com/fwpack/fwpack/sign"
)

// signerOptions are the flags that say who signs.
type signerOptions struct {
	project  string
	bundle   string
	vars     []string
	varFiles []string
	refs     []string
	certs    []string
	publics  []string
	required int
	scheme   string
	digest   string
	purpose  string
	pss      bool
	pass     passphraseOptions
}

func (o *signerOptions) addFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringArrayVarP(&o.refs, "key", "k", nil, "sign with `KEY`: a PEM file, plugin:NAME:REFERENCE or a pkcs11: URI; with -f, the name of a key of the project; may be repeated")
	f.StringArrayVar(&o.certs, "cert", nil, "the certificate of a --key, in the same order, with intermediates behind it in the PEM `file`; those beyond are of signers elsewhere")
	f.StringArrayVar(&o.publics, "public", nil, "the public key of a --key, or of a signer elsewhere, for the schemes without certificates: a PEM `file`")
	f.IntVar(&o.required, "require", 0, "how `many` of the signers must sign (default all)")
	f.StringVar(&o.scheme, "scheme", "", "`scheme`: cms, rsa-pkcs1v15 or rsa-pss (default cms, where there are certificates)")
	f.StringVar(&o.digest, "digest", "", "`digest` of a CMS: sha256, sha384 or sha512 (default sha256)")
	f.StringVar(&o.purpose, "purpose", "", "what the certificates must be for: emailProtection or codeSigning (default emailProtection)")
	f.BoolVar(&o.pss, "pss", false, "sign a CMS by RSASSA-PSS")
	f.StringVarP(&o.project, "file", "f", "", "take the keys of the project `file`: those of --key, or of the bundle")
	f.StringVar(&o.bundle, "bundle", "", "with -f, the bundle whose signers are meant: its `name` (default the only one)")
	f.StringArrayVar(&o.vars, "var", nil, "with -f, set a variable: `NAME=VALUE`; may be repeated")
	f.StringArrayVar(&o.varFiles, "vars", nil, "with -f, set variables from a `file`; may be repeated")
	o.pass.addFlags(cmd, "", "the keys")
}

// signers is how many there are, as far as the command line says.
func (o signerOptions) signers() int {
	if o.project != "" {
		return 1
	}
	return max(len(o.refs), len(o.certs), len(o.publics))
}

func (o signerOptions) check() error {
	own := o.scheme != "" || o.digest != "" || o.purpose != "" || o.pss || len(o.certs)+len(o.publics) > 0
	switch {
	case o.required < 0:
		return usageError{fmt.Sprintf("--require %d: 1 or more are allowed", o.required)}
	case o.project == "" && (o.bundle != "" || len(o.vars)+len(o.varFiles) > 0):
		return usageError{"--bundle, --var and --vars are for a project: -f is missing"}
	case o.project != "" && own:
		return usageError{"-f names keys with all that belongs to them: --cert, --public, --scheme, --digest, --purpose and --pss stand there"}
	case o.bundle != "" && len(o.refs) > 0:
		return usageError{"--bundle and --key: one of the two is allowed"}
	case len(o.certs) > 0 && len(o.publics) > 0:
		return usageError{"--cert and --public: one of the two is allowed"}
	case len(o.refs) > 0 && len(o.certs) > 0 && len(o.certs) < len(o.refs):
		return usageError{fmt.Sprintf("%d keys and %d certificates: each --key wants its --cert", len(o.refs), len(o.certs))}
	}
	return o.pass.check()
}

// keys returns the signers and how many of them must sign; 0 is all.
func (o signerOptions) keys(s surroundings) ([]*pack.Key, int, error) {
	if o.project != "" {
		return o.projectKeys(s)
	}
	var keys []*pack.Key
	for i := range o.signers() {
		key, err := o.key(i)
		if err != nil {
			return nil, 0, err
		}
		keys = append(keys, key)
	}
	return keys, o.required, nil
}

// key is the signer with the number i.
func (o signerOptions) key(i int) (*pack.Key, error) {
	key := &pack.Key{Scheme: sign.SchemeCMS, PSS: o.pss, Elsewhere: i >= len(o.refs)}
	if err := o.words(key); err != nil {
		return nil, err
	}
	if i < len(o.publics) {
		key.Public, key.Name = o.publics[i], o.publics[i]
	}
	if i < len(o.certs) {
		key.Certificate, key.Name = o.certs[i], o.certs[i]
	}
	if key.Elsewhere {
		return key, o.fits(key)
	}
	if err := refer(key, o.refs[i]); err != nil {
		return nil, err
	}
	return key, o.fits(key)
}

// refer makes key the one that a --key names.
func refer(key *pack.Key, reference string) error {
	program, err := pack.ParseKeyReference(reference)
	if err != nil {
		return usageError{"--key: " + err.Error()}
	}
	key.Name, key.Program = reference, program
	if program == nil {
		key.PrivateKey = reference
	}
	return nil
}

// words reads the flags that are one of a few words.
func (o signerOptions) words(key *pack.Key) error {
	for _, word := range []struct {
		flag string
		text string
		into interface{ UnmarshalText([]byte) error }
	}{{"--scheme", o.scheme, &key.Scheme}, {"--digest", o.digest, &key.Digest}, {"--purpose", o.purpose, &key.Purpose}} {
		if word.text == "" {
			continue
		}
		if err := word.into.UnmarshalText([]byte(word.text)); err != nil {
			return usageError{fmt.Sprintf("%s: %v", word.flag, err)}
		}
	}
	return nil
}

// fits wants what goes with the scheme.
func (o signerOptions) fits(key *pack.Key) error {
	switch cms := key.Scheme == sign.SchemeCMS; {
	case cms && key.Certificate == "":
		return usageError{"scheme cms puts the certificate into the signature: --cert is missing; or is it --scheme rsa-pkcs1v15 or rsa-pss?"}
	case !cms && key.Certificate != "":
		return usageError{fmt.Sprintf("scheme %s has no place for a certificate: --public names the key", key.Scheme)}
	case !cms && key.Program != nil && key.Public == "":
		return usageError{fmt.Sprintf("key %q: --public is missing: it tells whether the program signs with the key that is meant", key.Name)}
	}
	return nil
}

// projectKeys takes the keys of a project: those that are named, or the signers
// of a bundle.
func (o signerOptions) projectKeys(s surroundings) ([]*pack.Key, int, error) {
	project, err := pack.Load(o.project, pack.Inputs{Vars: o.vars, VarFiles: o.varFiles, Env: s.env})
	if err != nil {
		return nil, 0, err
	}
	names, required := o.refs, 0
	if len(names) == 0 {
		bundle, err := o.findBundle(project)
		if err != nil {
			return nil, 0, err
		}
		names, required = bundle.Sign, bundle.Require
	}
	if o.required > 0 {
		required = o.required
	}
	var keys []*pack.Key
	for _, name := range names {
		key := project.Keys[name]
		if key == nil || key.Encrypts() {
			return nil, 0, usageError{fmt.Sprintf("%s: there is no key %q to sign with", o.project, name)}
		}
		keys = append(keys, key)
	}
	return keys, required, nil
}

func (o signerOptions) findBundle(project *pack.Project) (*pack.Bundle, error) {
	var names []string
	for _, b := range project.Bundles {
		if b.Name == o.bundle || o.bundle == "" && len(project.Bundles) == 1 {
			if len(b.Sign) == 0 {
				return nil, usageError{fmt.Sprintf("%s: bundle %q has no signers: --key names some", o.project, b.Name)}
			}
			return b, nil
		}
		names = append(names, b.Name)
	}
	if o.bundle == "" {
		return nil, usageError{fmt.Sprintf("%s: has several bundles: want --bundle with one of %q, or --key", o.project, names)}
	}
	return nil, hintedError{fmt.Sprintf("%s: there is no bundle %q", o.project, o.bundle), diag.DidYouMean(o.bundle, names)}
}

// elsewhere leaves the private halves where they are, as far as the public ones
// are known without.
func elsewhere(keys []*pack.Key) []*pack.Key {
	keys = slices.Clone(keys)
	for i, key := range keys {
		if key.Certificate == "" && key.Public == "" {
			continue
		}
		public := *key
		public.Elsewhere = true
		keys[i] = &public
	}
	return keys
}
