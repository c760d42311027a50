package plugin

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"errors"
	"fmt"

	"github.com/fwpack/fwpack/sign"
)

// Result is one thing that Test looked at.
type Result struct {
	// Name is what was looked at: "describe", "sign rsa-pss sha256".
	Name string
	// OK says that the program does what the protocol demands.
	OK bool
	// Detail is one line: what was found.
	Detail string
}

// Test checks a signing program with a key of its own: fwpack-sign-NAME with
// reference. It makes up to nine signatures of constant messages. A program may
// refuse algorithms and hashes, as key services do, as long as one is left.
//
// The program conforms where every Result is OK. Where its description cannot be
// used, that is the only Result.
func Test(ctx context.Context, name, reference string, opt Options) []Result {
	k, err := Open(ctx, name, reference, opt)
	if err != nil {
		return []Result{result("describe", "", err)}
	}
	t := tester{program: k.program, key: k}
	t.add("describe", t.what(), nil)
	t.add("describe again", "the same", t.again(describeRequest{Reference: reference}))
	t.add("unknown fields", "ignored", t.again(futureRequest{describeRequest{Reference: reference}, true}))
	t.add("wrong reference", "refused", t.wrongReference())
	t.add("unknown verb", fmt.Sprintf("status %d", StatusUnknownVerb), t.unknownVerb())
	t.add("garbage", "refused", t.refuses([]byte("this is not a request\n")))
	t.add("unknown algorithm", "refused", t.unknownAlgorithm())
	t.signEach()
	return t.results
}

// futureRequest has a field that version 1 does not know.
type futureRequest struct {
	describeRequest
	Future bool `json:"future"`
}

// tester collects the results.
type tester struct {
	program program
	key     *Key
	results []Result
}

func result(name, detail string, err error) Result {
	if err != nil {
		return Result{name, false, err.Error()}
	}
	return Result{name, true, detail}
}

func (t *tester) add(name, detail string, err error) {
	t.results = append(t.results, result(name, detail, err))
}

// what describes the key that is tested.
func (t *tester) what() string {
	return fmt.Sprintf("%s, %d certificates", identify(t.key.public), len(t.key.chain))
}

// again wants the description that Open got.
func (t *tester) again(request any) error {
	if t.program.opt.SkipDescribe {
		return nil
	}
	d, err := t.program.describe(request)
	if err != nil {
		return err
	}
	same := samePublicKey(d.public, t.key.public) && len(d.certificates) == len(t.key.chain) && d.wantsMessage == t.key.wantMessage
	for i := 0; same && i < len(d.certificates); i++ {
		same = bytes.Equal(d.certificates[i].Raw, t.key.chain[i].Raw)
	}
	if !same {
		return errors.New("another description than before")
	}
	return nil
}

// wrongReference wants a key that does not exist to be refused.
func (t *tester) wrongReference() error {
	p := t.program
	p.reference = "fwpack-no-such-key"
	_, err := p.describe(describeRequest{Reference: p.reference})
	return wantRefusal(err, fmt.Sprintf("describes a key for the reference %q", p.reference))
}

func (t *tester) unknownVerb() error {
	_, err := t.program.ask("fwpack-test-v0", nil)
	var status *statusError
	if errors.As(err, &status) && status.status == StatusUnknownVerb {
		return nil
	}
	if err == nil {
		return fmt.Errorf("status 0: want %d", StatusUnknownVerb)
	}
	return fmt.Errorf("want status %d: %w", StatusUnknownVerb, err)
}

// refuses wants sign-v1 to end with an error.
func (t *tester) refuses(line []byte) error {
	_, err := t.program.ask(VerbSign, line)
	return wantRefusal(err, fmt.Sprintf("status 0 for %q", line))
}

func (t *tester) unknownAlgorithm() error {
	line, err := encode(signRequest{Reference: t.program.reference, Algorithm: "rot13", Hash: "sha256", Digest: "00"})
	if err != nil {
		return err
	}
	return t.refuses(line)
}

// wantRefusal wants err to be a status, which is how a program refuses; it may
// not hang, nor be killed.
func wantRefusal(err error, otherwise string) error {
	switch {
	case err == nil:
		return errors.New(otherwise)
	case refused(err):
		return nil
	}
	return err
}

func refused(err error) bool {
	var status *statusError
	return errors.As(err, &status) && status.status > 0
}

// trial is a signature that fits the key.
type trial struct {
	name    string
	options crypto.SignerOpts
}

// trials are the signatures that a key of pub's kind can make.
func trials(pub crypto.PublicKey) []trial {
	var all []trial
	for _, h := range hashes() {
		switch pub.(type) {
		case *rsa.PublicKey:
			all = append(all, trial{algorithmRSA + " " + h.name, h.hash},
				trial{algorithmPSS + " " + h.name, &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: h.hash}})
		case *ecdsa.PublicKey:
			all = append(all, trial{algorithmECDSA + " " + h.name, h.hash})
		}
	}
	if _, ok := pub.(ed25519.PublicKey); ok {
		all = append(all, trial{algorithmEd25519, crypto.Hash(0)})
	}
	return all
}

// signEach makes a signature of every kind, each in a session of its own as a
// refusal ends one, and several of one kind in one.
func (t *tester) signEach() {
	var works *trial
	for _, one := range trials(t.key.public) {
		err := t.sign(one, 1)
		switch {
		case err == nil:
			works = &one
			t.add("sign "+one.name, "verified", nil)
		case refused(err):
			t.add("sign "+one.name, "not offered: "+err.Error(), nil)
		default:
			t.add("sign "+one.name, "", err)
		}
	}
	if works == nil {
		t.add("sign", "", fmt.Errorf("no algorithm of %s makes a signature that is right", sign.Describe(t.key.public)))
		return
	}
	t.add("several signatures in one session", "verified", t.sign(*works, 3))
}

// sign makes n signatures of a kind in one session.
func (t *tester) sign(one trial, n int) error {
	k := &Key{program: t.key.program, public: t.key.public, wantMessage: t.key.wantMessage}
	for i := range n {
		message := fmt.Appendf(nil, "fwpack tests a signing program: %d", i)
		if _, err := k.SignMessage(nil, message, one.options); err != nil {
			return err
		}
	}
	return k.Close()
}
